// Packing: the binary form of state rows. Integers are big-endian and of fixed width, texts carry
// their length, so a row has one spelling and hot rows can be changed in place.
//
// Money is one byte telling its width, then the fen: 64 bits nearly always, decimal text beyond.
// Reading past the end throws StateUnreadable: a row that is cut short is a damaged store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/core/date.h"
#include "ledger/core/money.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

inline void set_big_endian(char* at, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i, value >>= 8) at[i] = char(value & 0xFF);
}

inline void put_big_endian(std::string& out, std::uint64_t value, int bytes) {
  char buffer[8];
  set_big_endian(buffer, value, bytes);
  out.append(buffer, static_cast<std::size_t>(bytes));
}

inline std::uint64_t get_big_endian(const char* at, int bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(at[i]);
  return value;
}

// An amount in 16 bytes, two's complement: for rows of many amounts that change with every entry.
inline constexpr std::size_t kMoneyBytes = 16;
void set_money(char* at, const Money& value);
Money get_money(const char* at);

class Packer {
 public:
  Packer& u8(unsigned value) { return integer(value, 1); }
  Packer& u32(std::uint32_t value) { return integer(value, 4); }
  Packer& u64(std::uint64_t value) { return integer(value, 8); }
  Packer& date(Date value) { return u32(static_cast<std::uint32_t>(value.days())); }
  Packer& month(Month value) { return u32(static_cast<std::uint32_t>(value.ordinal())); }
  Packer& text(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    out_ += value;
    return *this;
  }
  Packer& money(const Money& value);
  std::string take() { return std::move(out_); }

 private:
  Packer& integer(std::uint64_t value, int bytes) {
    put_big_endian(out_, value, bytes);
    return *this;
  }
  std::string out_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}
  unsigned u8() { return static_cast<unsigned>(integer(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() { return integer(8); }
  Date date() { return Date::from_days(static_cast<std::int32_t>(u32())); }
  Month month() { return Month::from_ordinal(static_cast<std::int32_t>(u32())); }
  std::string_view text() { return take(u32()); }
  // A text that was an id when it was packed; an empty one is the empty id.
  template <class Id>
  Id id() {
    const auto value = text();
    if (value.empty()) return Id();
    auto parsed = Id::parse(value);
    if (!parsed) damaged();
    return std::move(*parsed);
  }
  Money money();
  std::string_view rest() const { return bytes_; }
  // A row read to its end: what is left over would be damage.
  void end() const {
    if (!bytes_.empty()) damaged();
  }

  [[noreturn]] static void damaged();

 private:
  std::string_view take(std::size_t n) {
    if (n > bytes_.size()) damaged();
    const auto part = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return part;
  }
  std::uint64_t integer(int bytes) {
    return get_big_endian(take(static_cast<std::size_t>(bytes)).data(), bytes);
  }
  std::string_view bytes_;
};

}  // namespace fundtrail::rules
