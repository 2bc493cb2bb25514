#include "api/http/framing.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/words.h"

namespace fundtrail::api {
namespace {

constexpr std::size_t kMaxLengthDigits = 15;
constexpr std::uint64_t kMaxChunk = std::uint64_t(1) << 48;  // far above any body, far below an overflow

constexpr bool is_alphanumeric(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// RFC 9110, 5.6.2: anything else in a field's name, above all a blank before the colon, could hide a length.
constexpr auto kInName = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 128; ++c) table[c] = is_alphanumeric(static_cast<unsigned char>(c));
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

std::string_view without_blanks(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool read_length(std::string_view value, BodyFraming& framing) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (error != std::errc() || end != value.data() + value.size() || value.size() > kMaxLengthDigits) return false;
  framing.length = length;
  return true;
}

// False when the line is none of RFC 9112, or says again or badly how long the body is.
bool read_field(std::string_view line, BodyFraming& framing) {
  std::size_t colon = 0;
  while (colon < line.size() && kInName[static_cast<unsigned char>(line[colon])]) ++colon;
  if (colon == 0 || colon == line.size() || line[colon] != ':') return false;
  const auto name = line.substr(0, colon);
  const auto value = line.substr(colon + 1);
  if (std::any_of(value.begin(), value.end(), is_control)) return false;
  if (equal_but_case(name, "host")) ++framing.hosts;
  const bool length = equal_but_case(name, "content-length");
  if (!length && !equal_but_case(name, "transfer-encoding")) return true;
  if (framing.length || framing.chunked) return false;
  if (length) return read_length(without_blanks(value), framing);
  return framing.chunked = equal_but_case(without_blanks(value), "chunked");
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

BodyFraming read_framing(std::string_view head) {
  BodyFraming framing;
  const auto next_line = [&head] {
    const auto end = std::min(head.find('\n'), head.size());
    auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + 1, head.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  };
  // The library reads the request's line strictly, but drops a fragment.
  framing.fragment = next_line().find('#') != std::string_view::npos;
  for (auto line = next_line(); !line.empty(); line = next_line()) {
    if (!read_field(line, framing)) return {};
  }
  framing.well_formed = true;
  return framing;
}

bool Chunks::follow(std::string_view bytes) {
  while (!bytes.empty()) {
    if (expected_ == Expected::data) {
      const auto passed = std::min<std::uint64_t>(left_, bytes.size());
      left_ -= passed;
      bytes.remove_prefix(passed);
      if (left_ == 0) expected_ = Expected::data_end;
      continue;
    }
    if (!follow(bytes.front())) return false;
    bytes.remove_prefix(1);
  }
  return true;
}

bool Chunks::follow(char c) {
  switch (expected_) {
    case Expected::size:
    case Expected::extension:
      if (++line_ > kMaxLine) return false;
      if (c == '\r' && digits_) {
        expected_ = Expected::line_feed;
      } else if (expected_ == Expected::extension) {
        return !is_control(c);
      } else if (const int digit = hex_value(c); digit >= 0) {
        digits_ = true;
        left_ = left_ * 16 + std::uint64_t(digit);
        return left_ <= kMaxChunk;
      } else {
        expected_ = Expected::extension;
        return c == ';' && digits_;
      }
      return true;
    case Expected::line_feed: return c == '\n' && begin_data();
    case Expected::data_end:
    case Expected::last_end:
      if (!returned_) return returned_ = c == '\r';
      returned_ = false;
      expected_ = expected_ == Expected::data_end ? Expected::size : Expected::end;
      return c == '\n';
    case Expected::data:
    case Expected::end: return false;
  }
  return false;
}

bool Chunks::begin_data() {
  expected_ = left_ == 0 ? Expected::last_end : Expected::data;
  line_ = 0;
  digits_ = false;
  return true;
}

}  // namespace fundtrail::api
