// What documents of several families share: enumerations of fields, with their written names and
// titles, and parts of documents. Same conventions as documents.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/core/date.h"
#include "ledger/core/ids.h"
#include "ledger/core/names.h"

namespace fundtrail {

inline constexpr std::size_t kMaxLines = 1000;

// 会计法 §16: a second set of books can be an offence, so a ledger says what it is.
enum class BookNature : std::uint8_t { auxiliary, statutory };
template <>
struct Names<BookNature> {
  static constexpr std::string_view list[] = {"auxiliary", "statutory"};
};

// 国库集中支付专账核算 / 财政专户 (预算法 §56, 实施条例 §52) / 单位实有资金账户.
enum class AccountMode : std::uint8_t { treasury_single_account, fiscal_account, unit_account };
template <>
struct Names<AccountMode> {
  static constexpr std::string_view list[] = {"treasury_single_account", "fiscal_account",
                                              "unit_account"};
};

enum class SourceLevel : std::uint8_t {
  central, provincial, municipal, district, town, lottery, donation, interest,
};
template <>
struct Names<SourceLevel> {
  static constexpr std::string_view list[] = {"central", "provincial", "municipal", "district",
                                              "town", "lottery", "donation", "interest"};
};

enum class EndReason : std::uint8_t { death, moved, ineligible };
template <>
struct Names<EndReason> {
  static constexpr std::string_view list[] = {"death", "moved", "ineligible"};
};

enum class VoidReason : std::uint8_t { lost, damaged, misissued };
template <>
struct Names<VoidReason> {
  static constexpr std::string_view list[] = {"lost", "damaged", "misissued"};
};

// What a settlement pays for.
enum class SettlementBasis : std::uint8_t { redemptions, grant, entitlements };
template <>
struct Names<SettlementBasis> {
  static constexpr std::string_view list[] = {"redemptions", "grant", "entitlements"};
};

enum class PaymentMethod : std::uint8_t { transfer, cash };
template <>
struct Names<PaymentMethod> {
  static constexpr std::string_view list[] = {"transfer", "cash"};
};

// 会计基础工作规范 §51(5).
enum class CorrectionMethod : std::uint8_t {
  red_blue,         // current year: red copy, then the correct document
  difference,       // current year, only the amount was wrong: a document of the difference
  prior_year_blue,  // an earlier year: a blue correcting document; never red
};
template <>
struct Names<CorrectionMethod> {
  static constexpr std::string_view list[] = {"red_blue", "difference", "prior_year_blue"};
};

enum class Direction : std::uint8_t { in, out };
template <>
struct Names<Direction> {
  static constexpr std::string_view list[] = {"in", "out"};
};

struct BankAccount {
  Text bank;
  Text holder;
  std::string number;  // digits only, 6 to 32

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("bank", d.bank);
    v("holder", d.holder);
    v("number", d.number);
  }
  friend bool operator==(const BankAccount&, const BankAccount&) = default;
};

struct ProviderContract {
  Date from;
  Text number;
  Date to;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("from", d.from);
    v("number", d.number);
    v("to", d.to);
  }
};

}  // namespace fundtrail
