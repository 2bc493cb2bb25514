#include "ledger/chain/line_checker.h"

#include <cstring>

#include "ledger/chain/canonical.h"

namespace fundtrail::chain {
namespace {

constexpr std::size_t kMaxPattern = 1024;  // longer lines are rare and always read
constexpr std::size_t kLane = 16;

// Sixteen bytes at a time, on whatever vector unit there is.
using Bytes = std::uint8_t __attribute__((vector_size(kLane)));
using Signed = std::int8_t __attribute__((vector_size(kLane)));

template <class Vector>
Vector load(const void* from) {
  Vector bytes;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

// Not zero where the line may not differ from the pattern but does, or where something else than a
// plain character stands. As signed numbers, bytes beyond ASCII are below the blank too.
Bytes faults(Bytes line, Bytes pattern, Bytes free) {
  const Signed text = (Signed)line;
  const Signed special = (text < 0x20) | (text == '"') | (text == '\\');
  return ((line ^ pattern) & ~free) | ((Bytes)special & free);
}

bool any(Bytes bytes) {
  std::uint64_t halves[2];
  std::memcpy(halves, &bytes, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

}  // namespace

bool LineChecker::accepts(std::string_view line) {
  Pattern& pattern = patterns_[line.size() % patterns_.size()];
  if (pattern.line.size() == line.size() && line.size() >= kLane && fits(pattern, line)) return true;
  if (!check_canonical(line).ok()) return false;
  if (line.size() <= kMaxPattern) learn(pattern, line);
  return true;
}

bool LineChecker::fits(const Pattern& pattern, std::string_view line) {
  Bytes found{};
  const auto compare = [&](std::size_t at) {
    found |= faults(load<Bytes>(line.data() + at), load<Bytes>(pattern.line.data() + at),
                    load<Bytes>(pattern.free.data() + at));
  };
  const std::size_t last = line.size() - kLane;
  for (std::size_t at = 0; at < last; at += kLane) compare(at);
  compare(last);  // overlaps the one before
  return !any(found);
}

// The line is canonical, so a quotation mark that no reverse solidus escapes begins or ends a string,
// and a string is a key exactly when a colon follows it.
void LineChecker::learn(Pattern& pattern, std::string_view line) {
  pattern.line = line;
  pattern.free.assign(line.size(), 0);
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] != '"') continue;
    const std::size_t begin = at + 1;
    bool plain = true;
    for (at = begin; line[at] != '"'; ++at) {
      plain &= line[at] != '\\' && static_cast<unsigned char>(line[at]) < 0x80;
      if (line[at] == '\\') ++at;
    }
    if (plain && line[at + 1] != ':') {
      std::memset(pattern.free.data() + begin, 0xFF, at - begin);
    }
  }
}

}  // namespace fundtrail::chain
