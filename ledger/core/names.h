// The written names of closed enumerations: the one place where an enumerator and its spelling in
// entries, commands and answers meet. Names never change once an entry carries them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace fundtrail {

// Specialise with: static constexpr std::string_view list[] = {...}; in enumerator order, from 0.
template <class E>
struct Names;

template <class E>
constexpr std::string_view name_of(E e) {
  return Names<E>::list[static_cast<std::size_t>(e)];
}

template <class E>
constexpr std::optional<E> parse_name(std::string_view text) {
  std::size_t i = 0;
  for (const auto candidate : Names<E>::list) {
    if (candidate == text) return static_cast<E>(i);
    ++i;
  }
  return std::nullopt;
}

}  // namespace fundtrail
