#include "api/http/masking.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace fundtrail::api {
namespace {

// The characters, each as its bytes.
std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    all.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return all;
}

// Keeps so many at the front and the back, and nothing of a text that would keep more than half.
std::string keep(std::string_view text, std::size_t front, std::size_t back) {
  const auto all = characters(text);
  if (2 * (front + back) > all.size() + 4) front = back = 0;
  std::string shown;
  for (std::size_t i = 0; i < all.size(); ++i) {
    shown += i < front || i + back >= all.size() ? all[i] : std::string_view("*");
  }
  return shown;
}

}  // namespace

std::string mask_name(std::string_view name) {
  const auto all = characters(name);
  if (all.size() < 2) return "*";
  std::string shown(all.front());
  shown.append(all.size() - 1, '*');
  return shown;
}

std::string mask_id_number(std::string_view id_number) { return keep(id_number, 4, 4); }

std::string mask_phone(std::string_view phone) { return keep(phone, 3, 4); }

std::string mask_address(std::string_view address) {
  constexpr std::size_t kShown = 6;  // province and city
  const auto all = characters(address);
  std::string shown;
  if (all.size() > 2 * kShown) {
    for (std::size_t i = 0; i < kShown; ++i) shown += all[i];
  }
  return shown + "****";
}

}  // namespace fundtrail::api
