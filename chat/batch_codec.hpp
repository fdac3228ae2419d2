#pragma once

#include "chat/batch.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Writes a batch down: all numbers in little-endian order, all lists and texts behind their lengths.
std::string encode(const Batch& batch);

/// Reads what `encode` wrote. Nothing if it is anything else: cut off, too long, of another format, or with a
/// slice or an audience that is not within the batch. What is read is safe to deliver.
std::optional<Batch> decode(std::string_view bytes);

}  // namespace troupe
