// The writing half of canonical JSON.
#include <charconv>
#include <cstring>

#include "ledger/chain/canonical.h"

namespace fundtrail::chain {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

// For each byte of a string: 0 when it stands for itself, the letter of its short escape, or 'u'.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> table{};
  for (int c = 0; c < 0x20; ++c) table[c] = 'u';
  table['\b'] = 'b';
  table['\t'] = 't';
  table['\n'] = 'n';
  table['\f'] = 'f';
  table['\r'] = 'r';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}
constexpr std::array<char, 256> escapes = make_escapes();

inline char escape_of(char c) {
  return escapes[static_cast<unsigned char>(c)];
}

// For each byte: 1 when it may not stand in a key.
constexpr std::array<char, 256> make_not_in_key() {
  std::array<char, 256> table{};
  for (int c = 0; c < 256; ++c) table[c] = c < 0x20 || c > 0x7E || escapes[c] != 0;
  return table;
}
constexpr std::array<char, 256> not_in_key = make_not_in_key();

// Whether the table has something to say about any byte of the text.
inline bool any(const std::array<char, 256>& table, std::string_view text) {
  char found = 0;
  for (const char c : text) found |= table[static_cast<unsigned char>(c)];
  return found != 0;
}

// Appends the text in quotation marks and `extra` bytes for the caller to set. One growth and one
// copy: three small appends would take twice as long, and this is most of what writing costs.
inline void append_quoted(std::string& out, std::string_view text, std::size_t extra) {
  const std::size_t at = out.size();
  out.append(text.size() + 2 + extra, '"');
  if (!text.empty()) std::memcpy(out.data() + at + 1, text.data(), text.size());
}

}  // namespace

inline void CanonicalWriter::before_value() {
  if (depth_ == 0) {
    FT_CHECK(!written_);  // one line, one object
    written_ = true;
    return;
  }
  Level& level = levels_[depth_];
  if (level.kind == Kind::object) {
    FT_CHECK(level.key_pending);  // inside an object every value has a key
    level.key_pending = false;
    return;
  }
  if (!level.empty) out_.push_back(',');
  level.empty = false;
}

CanonicalWriter& CanonicalWriter::open(char bracket, Kind kind) {
  FT_CHECK(depth_ < max_depth);
  FT_CHECK(depth_ > 0 || kind == Kind::object);
  before_value();
  out_.push_back(bracket);
  levels_[++depth_] = Level{kind, true, false, 0, 0};
  return *this;
}

CanonicalWriter& CanonicalWriter::close(char bracket, Kind kind) {
  FT_CHECK(depth_ > 0 && levels_[depth_].kind == kind && !levels_[depth_].key_pending);
  out_.push_back(bracket);
  --depth_;
  return *this;
}

CanonicalWriter& CanonicalWriter::key(std::string_view key) {
  FT_CHECK(depth_ > 0);
  Level& level = levels_[depth_];
  FT_CHECK(level.kind == Kind::object && !level.key_pending);
  FT_CHECK(!key.empty() && !any(not_in_key, key));
  // Keys hold nothing that is escaped, so the written bytes are the key and may be compared.
  FT_CHECK(level.empty || std::string_view(out_).substr(level.key_offset, level.key_size) < key);
  if (!level.empty) out_.push_back(',');
  append_quoted(out_, key, 1);
  out_.back() = ':';
  level.key_offset = out_.size() - key.size() - 2;
  level.key_size = key.size();
  level.empty = false;
  level.key_pending = true;
  return *this;
}

CanonicalWriter& CanonicalWriter::string(std::string_view utf8) {
  FT_CHECK(depth_ > 0);
  before_value();
  if (!any(escapes, utf8)) [[likely]] {
    append_quoted(out_, utf8, 0);
    return *this;
  }
  out_.push_back('"');
  const char* const end = utf8.data() + utf8.size();
  const char* plain = utf8.data();  // begin of what is not written yet
  for (const char* p = plain; p != end; ++p) {
    const char escape = escape_of(*p);
    if (escape == 0) [[likely]]
      continue;
    out_.append(plain, p);
    plain = p + 1;
    out_.push_back('\\');
    out_.push_back(escape);
    if (escape == 'u') {
      out_.append("00", 2);
      out_.push_back(hex_digits[*p >> 4]);
      out_.push_back(hex_digits[*p & 15]);
    }
  }
  out_.append(plain, end);
  out_.push_back('"');
  return *this;
}

CanonicalWriter& CanonicalWriter::boolean(bool value) {
  FT_CHECK(depth_ > 0);
  before_value();
  out_.append(value ? "true" : "false");
  return *this;
}

CanonicalWriter& CanonicalWriter::write_integer(std::int64_t value) {
  FT_CHECK(depth_ > 0);
  before_value();
  char digits[20];
  const auto [end, fault] = std::to_chars(digits, digits + sizeof digits, value);
  FT_CHECK(fault == std::errc{});
  out_.append(digits, end);
  return *this;
}

CanonicalWriter& CanonicalWriter::raw(std::string_view canonical) {
  FT_CHECK(!canonical.empty());
  before_value();
  out_.append(canonical);
  return *this;
}

}  // namespace fundtrail::chain
