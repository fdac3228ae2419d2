#pragma once

#include "protocol/modes.hpp"
#include "protocol/names.hpp"
#include "protocol/text.hpp"

#include <array>

namespace troupe::protocol::test {

/// Modes of all types, as a server may know them.
inline constexpr std::array mode_syntax = {
    ModeSyntax{'b', ModeType::list, [](std::string_view mask) { return !check_mask(mask); }},
    ModeSyntax{'k', ModeType::always, [](std::string_view key) { return !check_key(key); }},
    ModeSyntax{'l', ModeType::when_set,
               [](std::string_view limit) { return to_number(limit).value_or(0) > 0; }},
    ModeSyntax{'i', ModeType::flag},
    ModeSyntax{'m', ModeType::flag},
    ModeSyntax{'n', ModeType::flag},
    ModeSyntax{'t', ModeType::flag},
    ModeSyntax{'o', ModeType::rank},
    ModeSyntax{'v', ModeType::rank},
};

}  // namespace troupe::protocol::test
