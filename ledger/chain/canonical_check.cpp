// The checking half of canonical JSON: a recursive descent over the raw bytes that accepts exactly
// one spelling. It builds nothing, so that reading cannot repair what it reads.
#include <unicode/normalizer2.h>

#include <cstring>

#include "ledger/chain/canonical.h"
#include "ledger/chain/utf8.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::chain {
namespace {

// NFC by ICU, for bytes that are known to be well-formed.
bool is_nfc_by_icu(std::string_view utf8) {
  UErrorCode fault = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(fault);
  FT_CHECK(U_SUCCESS(fault));  // its data are compiled into the library
  const bool normal = nfc->isNormalizedUTF8(
      icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())), fault);
  FT_CHECK(U_SUCCESS(fault));
  return normal;
}

struct TextFacts {
  bool well_formed = true;
  bool noncharacter = false;
  bool plainly_nfc = true;
};

TextFacts examine(std::string_view utf8) {
  TextFacts facts;
  const char* const end = utf8.data() + utf8.size();
  for (const char* p = utf8.data(); p != end;) {
    const std::int32_t code = decode_utf8(p, end);
    if (code == malformed) {
      facts.well_formed = false;
      return facts;
    }
    facts.noncharacter |= is_noncharacter(code);
    facts.plainly_nfc &= is_plainly_nfc(code);
  }
  return facts;
}

// Moves over whole words of plain characters: ASCII that is neither a control character nor ends a
// string or begins an escape. What is left over is looked at byte by byte.
const char* behind_plain(const char* p, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  // The highest bit of each byte that is 0 (or stands above such a byte: it is only a first glance).
  const auto zeros = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighs; };
  while (end - p >= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    const std::uint64_t controls = (word - kOnes * 0x20) & ~word & kHighs;
    if (((word & kHighs) | controls | zeros(word ^ kOnes * '"') | zeros(word ^ kOnes * '\\')) != 0) {
      break;
    }
    p += 8;
  }
  return p;
}

// Each parse function stands at the first byte of what it reads and leaves p_ behind it, or
// remembers the first fault and returns false.
class Checker {
  struct Why {
    const char* zh;
    const char* en;
  };

 public:
  explicit Checker(std::string_view line)
      : begin_(line.data()), p_(line.data()), end_(line.data() + line.size()) {}

  bool line() {
    if (at_end()) return fail({"空行", "the line is empty"});
    if (*p_ != '{') return fail({"不是对象", "the line is not an object"});
    if (!object(1)) return false;
    return at_end() || fail({"对象之后还有内容", "something follows the object"});
  }

  std::string message() const {
    const std::string place = std::to_string(offset_);
    return in_both("不是规范的 JSON（字节 " + place + "：" + reason_.zh + "）",
                   "not canonical JSON: byte " + place + ": " + reason_.en);
  }

 private:
  bool at_end() const { return p_ == end_; }
  bool at(char c) const { return p_ != end_ && *p_ == c; }
  bool fail(Why reason) { return fail_at(p_, reason); }
  bool fail_at(const char* place, Why reason) {
    offset_ = static_cast<std::size_t>(place - begin_);
    reason_ = reason;
    return false;
  }

  // For places where only structure may stand.
  bool fail_structure(Why expected) {
    if (at_end()) return fail({"未写完即结束", "the line ends too early"});
    if (*p_ == ' ' || *p_ == '\t' || *p_ == '\n' || *p_ == '\r') {
      return fail({"字符串之外有空白字符", "white space outside a string"});
    }
    return fail(expected);
  }

  bool value(unsigned depth) {
    if (at_end()) return fail({"未写完即结束", "the line ends too early"});
    switch (*p_) {
      case '{':
        return object(depth + 1);
      case '[':
        return array(depth + 1);
      case '"':
        return string();
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return fail({"不允许 null", "null is not allowed"});
      default:
        return integer();
    }
  }

  bool object(unsigned depth) {
    if (depth > max_depth) return fail({"嵌套超过 32 层", "more than 32 levels deep"});
    ++p_;
    if (at('}')) return ++p_, true;
    std::string_view previous;  // keys are never empty, so every first key is greater
    for (;;) {
      if (!key(previous)) return false;
      if (!at(':')) return fail_structure({"键后缺少冒号", "a colon is missing after the key"});
      ++p_;
      if (!value(depth)) return false;
      if (at('}')) return ++p_, true;
      if (!at(',')) return fail_structure({"此处应为逗号或对象结尾", "neither a comma nor the end of the object"});
      ++p_;
    }
  }

  bool array(unsigned depth) {
    if (depth > max_depth) return fail({"嵌套超过 32 层", "more than 32 levels deep"});
    ++p_;
    if (at(']')) return ++p_, true;
    for (;;) {
      if (!value(depth)) return false;
      if (at(']')) return ++p_, true;
      if (!at(',')) return fail_structure({"此处应为逗号或数组结尾", "neither a comma nor the end of the array"});
      ++p_;
    }
  }

  bool key(std::string_view& previous) {
    if (!at('"')) return fail_structure({"缺少键", "a key is missing"});
    const char* const start = ++p_;
    for (; !at('"'); ++p_) {
      if (at_end()) return fail({"未写完即结束", "the line ends too early"});
      if (*p_ < 0x20 || *p_ > 0x7E) {
        return fail({"键中有可打印 ASCII 字符以外的字节", "a key holds a byte that is not printable ASCII"});
      }
      if (*p_ == '\\') return fail({"键中有转义", "a key holds an escape"});
    }
    const std::string_view key(start, static_cast<std::size_t>(p_ - start));
    if (key.empty()) return fail({"键为空", "a key is empty"});
    if (key == previous) return fail_at(start, {"键重复", "the key stands twice"});
    if (key < previous) return fail_at(start, {"键未按升序排列", "the keys are not in ascending order"});
    previous = key;
    ++p_;
    return true;
  }

  bool literal(std::string_view text) {
    if (static_cast<std::size_t>(end_ - p_) < text.size() ||
        std::memcmp(p_, text.data(), text.size()) != 0) {
      return fail({"不是值", "not a value"});
    }
    p_ += text.size();
    return true;
  }

  bool integer() {
    const char* const start = p_;
    const bool negative = at('-');
    if (negative) ++p_;
    const char* const digits = p_;
    std::int64_t number = 0;
    for (; p_ != end_ && *p_ >= '0' && *p_ <= '9'; ++p_) {
      if (number <= max_integer) number = number * 10 + (*p_ - '0');
    }
    if (p_ == digits) {
      return negative ? fail({"缺少数字", "a digit is missing"}) : fail_structure({"不是值", "not a value"});
    }
    if (*digits == '0' && p_ - digits > 1) return fail_at(start, {"数字以 0 开头", "the number has a leading zero"});
    if (negative && number == 0) return fail_at(start, {"不允许负零", "minus zero is not allowed"});
    if (at('.') || at('e') || at('E')) return fail({"不允许小数或指数", "fractions and exponents are not allowed"});
    if (number > max_integer) return fail_at(start, {"数字不小于 2^53", "the number is not below 2^53"});
    return true;
  }

  bool string() {
    ++p_;
    // What an escape stands for neither combines with what follows nor is changed by NFC, so the
    // pieces between escapes can be judged one by one.
    const char* piece = p_;
    bool plainly_nfc = true;
    for (;;) {
      p_ = behind_plain(p_, end_);
      if (at_end()) return fail({"字符串未写完即结束", "the line ends inside a string"});
      const auto byte = static_cast<unsigned char>(*p_);
      if (byte == '"' || byte == '\\') {
        if (!plainly_nfc && !is_nfc_by_icu({piece, static_cast<std::size_t>(p_ - piece)})) {
          return fail_at(piece, {"自此处起的字符串不是 NFC 形式", "a string that begins or goes on here is not NFC"});
        }
        if (byte == '"') return ++p_, true;
        if (!escape()) return false;
        piece = p_;
        plainly_nfc = true;
      } else if (byte < 0x20) {
        return fail({"控制字符未转义", "a control character is not escaped"});
      } else if (byte < 0x80) {
        ++p_;
      } else {
        const char* const start = p_;
        const std::int32_t code = decode_utf8(p_, end_);
        if (code == malformed) return fail({"不是 UTF-8", "malformed UTF-8"});
        if (is_noncharacter(code)) return fail_at(start, {"含非字符码位", "a noncharacter"});
        plainly_nfc &= is_plainly_nfc(code);
      }
    }
  }

  // Accepts an escape only where and how the writer must use one.
  bool escape() {
    const char* const start = p_++;
    if (at_end()) return fail({"字符串未写完即结束", "the line ends inside a string"});
    switch (*p_) {
      case '"':
      case '\\':
      case 'b':
      case 't':
      case 'n':
      case 'f':
      case 'r':
        ++p_;
        return true;
      case 'u':
        break;
      default:
        return fail_at(start, {"转义写法不规范", "an escape that is not canonical"});
    }
    if (end_ - p_ < 5) return fail({"字符串未写完即结束", "the line ends inside a string"});
    const char high = p_[3];
    const char low = p_[4];
    const bool lower_hex = (low >= '0' && low <= '9') || (low >= 'a' && low <= 'f');
    const bool control = p_[1] == '0' && p_[2] == '0' && (high == '0' || high == '1') && lower_hex;
    const bool has_short_form = high == '0' && std::strchr("89acd", low) != nullptr;
    if (!control || has_short_form) return fail_at(start, {"转义写法不规范", "an escape that is not canonical"});
    p_ += 5;
    return true;
  }

  const char* const begin_;
  const char* p_;
  const char* const end_;
  std::size_t offset_ = 0;
  Why reason_{"", ""};
};

}  // namespace

Status check_canonical(std::string_view line) {
  Checker checker(line);
  if (!checker.line()) return Error{Fault::unreadable, checker.message()};
  return success();
}

bool is_nfc(std::string_view utf8) {
  const TextFacts facts = examine(utf8);
  return facts.well_formed && (facts.plainly_nfc || is_nfc_by_icu(utf8));
}

bool is_text(std::string_view utf8) {
  const TextFacts facts = examine(utf8);
  return facts.well_formed && !facts.noncharacter && (facts.plainly_nfc || is_nfc_by_icu(utf8));
}

}  // namespace fundtrail::chain
