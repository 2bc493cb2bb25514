// Strong types for the names that things have in a ledger. Two different kinds of id never mix by
// accident, and an id that exists is well-formed.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fundtrail {

// 1 to 64 characters of [A-Za-z0-9._-], not beginning with '.' or '-'. ASCII only: ids appear in
// URLs, file names and keys; the names that people read are Text.
bool is_well_formed_id(std::string_view text);

template <class Tag>
class Id {
 public:
  Id() = default;
  static std::optional<Id> parse(std::string_view text) {
    if (!is_well_formed_id(text)) return std::nullopt;
    return Id(std::string(text));
  }
  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  explicit Id(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

using LedgerId = Id<struct LedgerTag>;
using FundId = Id<struct FundTag>;
using ProgrammeId = Id<struct ProgrammeTag>;
using PolicyName = Id<struct PolicyTag>;
using ProviderId = Id<struct ProviderTag>;
using DesignatedAccountId = Id<struct DesignatedAccountTag>;
using SettlementId = Id<struct SettlementTag>;
using DisbursementId = Id<struct DisbursementTag>;
using RecoveryId = Id<struct RecoveryTag>;
using ActorId = Id<struct ActorTag>;
using CommandId = Id<struct CommandTag>;
using KeyId = Id<struct KeyTag>;  // of a person's own signing key
using Code = Id<struct CodeTag>;  // a code of somebody else's list: service item, worker, category

// An administrative division: 6 digits (GB/T 2260), 9 (street or town) or 12 (village). Keyed on
// the code and never on the name: two different 海州区 exist.
class RegionCode {
 public:
  RegionCode() = default;
  static std::optional<RegionCode> parse(std::string_view text);
  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend auto operator<=>(const RegionCode&, const RegionCode&) = default;

 private:
  std::string value_;
};

// Who a beneficiary is inside the ledger: 16 lower-case hex digits, a keyed digest of the identity
// number (ledger/vault). Equal people have equal pseudonyms; nobody without the key can go back.
class Pseudonym {
 public:
  Pseudonym() = default;
  explicit Pseudonym(std::uint64_t value) : value_(value) {}
  static std::optional<Pseudonym> parse(std::string_view text);
  std::string str() const;
  std::uint64_t value() const { return value_; }
  friend auto operator<=>(const Pseudonym&, const Pseudonym&) = default;

 private:
  std::uint64_t value_ = 0;
};

// The number printed on a service voucher: "SERIES-NNNNNNNN", a series of 1 to 16 characters of
// [A-Z0-9] and a serial of exactly 8 digits, from 1. Serials of one document are consecutive, as
// printed vouchers are; that is what lets the state keep vouchers in blocks.
class VoucherNumber {
 public:
  static constexpr std::uint32_t kMaxSerial = 99'999'999;
  VoucherNumber() = default;
  VoucherNumber(std::string series, std::uint32_t serial)
      : series_(std::move(series)), serial_(serial) {}
  static std::optional<VoucherNumber> parse(std::string_view text);
  std::string str() const;
  const std::string& series() const { return series_; }
  std::uint32_t serial() const { return serial_; }
  friend auto operator<=>(const VoucherNumber&, const VoucherNumber&) = default;

 private:
  std::string series_;
  std::uint32_t serial_ = 0;
};

// Text that people wrote: well-formed UTF-8 without control characters and without the invisible
// ones that make two texts look alike or turn their order round (zero width, bidirectional
// controls), 1 to 500 bytes, no blank (U+0020, U+3000) at either end. NFC is checked where bytes enter the chain (ledger/chain/canonical.h).
class Text {
 public:
  static constexpr std::size_t kMaxBytes = 500;
  Text() = default;
  static std::optional<Text> parse(std::string_view text);
  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend auto operator<=>(const Text&, const Text&) = default;

 private:
  std::string value_;
};

// The bank's number of a transaction, as it stands on the statement: 1 to 64 printable ASCII
// characters, no blank at either end.
class Reference {
 public:
  static constexpr std::size_t kMaxBytes = 64;
  Reference() = default;
  static std::optional<Reference> parse(std::string_view text);
  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend auto operator<=>(const Reference&, const Reference&) = default;

 private:
  std::string value_;
};

// 统一社会信用代码, GB 32100-2015: 18 characters, check character by weights 3^i mod 31.
bool is_valid_uscc(std::string_view text);

// 公民身份号码, GB 11643-1999: 18 characters, a real birth date, check character mod 11-2.
// What is wrong, for a message that helps; none when the number is valid.
enum class IdNumberFault { none, length, characters, birth_date, check_digit };
IdNumberFault check_id_number(std::string_view text);

}  // namespace fundtrail
