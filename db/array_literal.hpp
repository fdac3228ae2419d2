#pragma once

#include <string>
#include <string_view>

namespace troupe::db {

/// Renders a PostgreSQL array as text ("Array Input and Output Syntax", section 8.15.6 of its manual).
class ArrayLiteral {
 public:
  /// Adds an element with any text in it. Throws StoreError(rejected) if that has a NUL byte, which
  /// PostgreSQL can't hold.
  void add_text(std::string_view text);

  /// Adds an element that needs no quotes: a number or a UUID.
  void add_plain(std::string_view element);

  /// The array of what was added, "{…}".
  std::string render() const { return elements_.empty() ? "{}" : elements_ + '}'; }

 private:
  void begin_element() { elements_ += elements_.empty() ? '{' : ','; }

  std::string elements_;  ///< as rendered, without the brace that closes them
};

}  // namespace troupe::db
