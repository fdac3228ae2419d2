#include "db/array_literal.hpp"

#include "db/error.hpp"

#include <algorithm>

namespace troupe::db {

void ArrayLiteral::add_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    throw StoreError(StoreError::Reason::rejected, "a text with a NUL byte can't be stored");
  }
  begin_element();
  elements_ += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t special = std::min(text.find_first_of("\"\\", at), text.size());
    elements_ += text.substr(at, special - at);
    if (special < text.size()) {
      elements_ += '\\';
      elements_ += text[special];
    }
    at = special + 1;
  }
  elements_ += '"';
}

void ArrayLiteral::add_plain(std::string_view element) {
  begin_element();
  elements_ += element;
}

}  // namespace troupe::db
