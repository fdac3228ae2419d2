#include "net/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

namespace troupe {

std::string host_of(std::string address) {
  constexpr std::string_view mapped = "::ffff:";
  if (address.starts_with(mapped) && address.find('.') != std::string::npos)
    return address.substr(mapped.size());
  return address.starts_with(':') ? "0" + address : address;
}

std::string network_prefix(std::string_view address, unsigned ipv6_bits) {
  const auto text = host_of(std::string{address});
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::string{address};
  const auto bits = std::min(ipv6_bits, 128U);
  for (unsigned i = bits / 8; i < bytes.size(); ++i) {
    const unsigned kept = i == bits / 8 ? bits % 8 : 0;
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) & (0xFF00U >> kept));
  }
  return {bytes.data(), bytes.size()};
}

}  // namespace troupe
