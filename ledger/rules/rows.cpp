#include "ledger/rules/rows.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <cstring>

#include "ledger/chain/document_codec.h"
#include "ledger/core/check.h"
#include "ledger/rules/packing.h"

namespace fundtrail::rules {
namespace {

void pack(Packer& p, const Dimensions& at) {
  p.text(at.fund.str()).text(at.programme.str()).text(at.region.str()).text(at.counterparty);
}

Dimensions unpack_dimensions(Unpacker& u) {
  Dimensions at;
  at.fund = u.id<FundId>();
  at.programme = u.id<ProgrammeId>();
  at.region = u.id<RegionCode>();
  at.counterparty = u.text();
  return at;
}

void pack(Packer& p, const std::vector<GroupAmount>& groups) {
  p.u32(static_cast<std::uint32_t>(groups.size()));
  for (const auto& group : groups) {
    pack(p, group.at);
    p.money(group.amount);
  }
}

std::vector<GroupAmount> unpack_groups(Unpacker& u) {
  std::vector<GroupAmount> groups;
  for (std::uint32_t n = u.u32(); n > 0; --n) {
    auto at = unpack_dimensions(u);
    groups.push_back({std::move(at), u.money()});
  }
  return groups;
}

template <class T>
T decode_cold(std::string_view kind, std::string_view json) {
  auto document = chain::decode_document(kind, json);
  if (!document.ok() || !std::holds_alternative<T>(*document)) Unpacker::damaged();
  return std::get<T>(std::move(*document));
}

}  // namespace

HotKey& HotKey::text(std::string_view value) {
  FT_CHECK(size_ + value.size() < data_.size());
  std::memcpy(data_.data() + size_, value.data(), value.size());
  size_ += value.size();
  data_[size_++] = '\0';
  return *this;
}

HotKey& HotKey::integer(std::uint64_t value, int bytes) {
  FT_CHECK(size_ + static_cast<std::size_t>(bytes) <= data_.size());
  set_big_endian(data_.data() + size_, value, bytes);
  size_ += static_cast<std::size_t>(bytes);
  return *this;
}

std::string key_of(char kind, std::string_view id) {
  std::string key(1, kind);
  key += id;
  return key;
}

std::string key_of(char kind, std::string_view first, std::string_view second) {
  std::string key = key_of(kind, first);
  key += '\0';  // no id contains one
  key += second;
  return key;
}

HotKey key_of(char kind, std::uint64_t index) { return HotKey(kind).integer(index, 8); }

std::string folded_number(const Text& number) {
  UErrorCode fault = U_ZERO_ERROR;
  const icu::Normalizer2* folding = icu::Normalizer2::getNFKCCasefoldInstance(fault);
  FT_CHECK(U_SUCCESS(fault));
  const icu::UnicodeString folded =
      folding->normalize(icu::UnicodeString::fromUTF8(number.str()), fault);
  FT_CHECK(U_SUCCESS(fault));
  icu::UnicodeString plain;
  for (std::int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    if (!u_isUWhiteSpace(folded.char32At(i))) plain.append(folded.char32At(i));
  }
  std::string text;
  return plain.toUTF8String(text);
}
std::string invoice_key(const ProviderId& provider, const Text& invoice) {
  return key_of('J', provider.str(), folded_number(invoice));
}

std::string bank_reference_key(const DesignatedAccountId& account, Direction direction,
                               const Reference& reference) {
  std::string key = key_of('Q', account.str(), name_of(direction));
  key += '\0';
  for (const char c : reference.str()) key += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return key;
}

HotKey holders_key(const std::string& series, std::uint32_t block) {
  return HotKey('H').text(series).integer(block, 4);
}
HotKey status_key(const std::string& series, std::uint32_t block) {
  return HotKey('V').text(series).integer(block, 4);
}
HotKey drafts_key(Month month) {
  return HotKey('M').integer(static_cast<std::uint32_t>(month.ordinal()), 4);
}

// --- the ledger and its entries ------------------------------------------------------------------

std::string LedgerRow::encode() const {
  Packer p;
  p.text(region.str()).month(first.value_or(Month())).month(closed.value_or(Month()));
  if (signatures) p.u8(1);
  return p.take();
}

std::optional<LedgerRow> LedgerRow::find(const StateSource& state) {
  const std::string* bytes = state.find(kLedgerKey);
  if (!bytes) return std::nullopt;
  Unpacker u(*bytes);
  LedgerRow row;
  row.region = u.id<RegionCode>();
  // Month 0 lies outside the calendar (years 1900 to 2999) and stands for "none yet".
  if (const Month first = u.month(); first != Month()) row.first = first;
  if (const Month closed = u.month(); closed != Month()) row.closed = closed;
  if (!u.rest().empty()) row.signatures = u.u8() != 0;
  u.end();
  return row;
}

std::optional<std::size_t> find_entry_kind(const StateSource& state, std::uint64_t index) {
  const std::string* row = state.find(entry_kinds_key(index));
  const std::size_t at = index & 0xFF;
  if (!row || at >= row->size()) return std::nullopt;
  return static_cast<unsigned char>((*row)[at]);
}

void append_entry_kind(Overlay& state, std::uint64_t index, std::size_t kind) {
  std::string& row = state.edit(entry_kinds_key(index));
  FT_CHECK(row.size() == (index & 0xFF));  // entries come in order, without gaps
  row += static_cast<char>(kind);
}

// --- policies and providers ----------------------------------------------------------------------

std::string encode_policy(const Policy& policy) {
  // Without an end: the last day there is.
  const Date to = policy.in_force_to.value_or(*Date::from_ymd(2999, 12, 31));
  std::string row = Packer().date(policy.in_force_from).date(to).take();
  return row += chain::encode_document(PolicyRegistration{policy});
}

Policy decode_policy(std::string_view row) {
  Unpacker u(row);
  u.date();
  u.date();
  return decode_cold<PolicyRegistration>("policy_registration", u.rest()).policy;
}

bool policy_in_force(std::string_view row, Date on) {
  Unpacker u(row);
  const Date from = u.date(), to = u.date();
  return from <= on && on <= to;
}

Date policy_first_day(std::string_view row) { return Unpacker(row).date(); }

std::string ProviderRow::encode() const {
  Packer p;
  p.u32(static_cast<std::uint32_t>(contracts.size()));
  for (const auto& c : contracts) p.date(c.from).date(c.to).text(c.number);
  return p.take() += chain::encode_document(provider);
}

namespace {
std::vector<ProviderRow::Period> unpack_contracts(Unpacker& u) {
  std::vector<ProviderRow::Period> contracts;
  for (std::uint32_t n = u.u32(); n > 0; --n) {
    const Date from = u.date(), to = u.date();
    contracts.push_back({from, to, std::string(u.text())});
  }
  return contracts;
}
}  // namespace

std::vector<ProviderRow::Period> contracts_of(std::string_view provider_row) {
  Unpacker u(provider_row);
  return unpack_contracts(u);
}

ProviderRow ProviderRow::decode(std::string_view row) {
  ProviderRow result;
  Unpacker u(row);
  result.contracts = unpack_contracts(u);
  result.provider = decode_cold<ProviderRegistration>("provider_registration", u.rest());
  return result;
}

// --- vouchers ------------------------------------------------------------------------------------

std::string voucher_count_id(const ProgrammeId& programme, const Money& unit) {
  return programme.str() + "#" + unit.fen().str();
}

std::string lost_key(Pseudonym person, const ProgrammeId& programme, Month month) {
  std::string key(1, 'l');
  put_big_endian(key, person.value(), 8);
  put_big_endian(key, static_cast<std::uint32_t>(month.ordinal()), 4);
  return key += programme.str();
}

std::string withdrawn_key(const VoucherNumber& voucher) {
  std::string key(1, 's');
  key += voucher.series();
  key += '\0';
  put_big_endian(key, voucher.serial(), 4);
  return key;
}

std::string IssueRow::encode() const {
  Packer p;
  p.month(month).money(face).date(issued_on).date(valid_from).date(valid_to).u8(death_day_payable);
  pack(p, at);
  if (unit || replaced_after > 0) p.money(unit.value_or(Money())).u32(replaced_after);
  return p.take();
}

IssueRow IssueRow::decode(std::string_view row) {
  Unpacker u(row);
  IssueRow result;
  result.month = u.month();
  result.face = u.money();
  result.issued_on = u.date();
  result.valid_from = u.date();
  result.valid_to = u.date();
  result.death_day_payable = u.u8() != 0;
  result.at = unpack_dimensions(u);
  if (!u.rest().empty()) {
    if (const Money unit = u.money(); unit.is_positive()) result.unit = unit;
    result.replaced_after = u.u32();
  }
  u.end();
  return result;
}

// --- redemptions, settlements, disbursements -----------------------------------------------------

std::string RedemptionRow::encode() const {
  Packer p;
  p.date(date).date(lowered).text(provider.str()).text(settlement.str());
  pack(p, groups);
  return p.take() += vouchers;
}

RedemptionRow RedemptionRow::decode(std::string_view row) {
  Unpacker u(row);
  RedemptionRow result;
  result.date = u.date();
  result.lowered = u.date();
  result.provider = u.id<ProviderId>();
  result.settlement = u.id<SettlementId>();
  result.groups = unpack_groups(u);
  result.vouchers = u.rest();
  return result;
}

std::string SettlementRow::encode() const {
  Packer p;
  p.u8(static_cast<unsigned>(step)).text(provider.str()).date(prepared_on);
  p.date(stepped_on).text(preparer.str()).text(reviewer.str()).text(approver.str());
  p.text(cashier.str()).text(disbursement.str());
  p.money(total).text(invoice ? invoice->str() : std::string());
  p.u32(static_cast<std::uint32_t>(redemptions.size()));
  for (const auto index : redemptions) p.u64(index);
  pack(p, groups);
  return p.take();
}

SettlementRow SettlementRow::decode(std::string_view row) {
  Unpacker u(row);
  SettlementRow result;
  result.step = static_cast<SettlementStep>(u.u8());
  result.provider = u.id<ProviderId>();
  result.prepared_on = u.date();
  result.stepped_on = u.date();
  result.preparer = u.id<ActorId>();
  result.reviewer = u.id<ActorId>();
  result.approver = u.id<ActorId>();
  result.cashier = u.id<ActorId>();
  result.disbursement = u.id<DisbursementId>();
  result.total = u.money();
  result.invoice = Text::parse(u.text());
  result.redemptions.resize(u.u32());
  for (auto& index : result.redemptions) index = u.u64();
  result.groups = unpack_groups(u);
  u.end();
  return result;
}

std::optional<Date> returned_on(std::string_view row) {
  Unpacker u(row);
  if (static_cast<SettlementStep>(u.u8()) != SettlementStep::returned) return std::nullopt;
  u.text();  // provider
  u.date();  // prepared_on
  return u.date();
}

std::string DisbursementRow::encode() const {
  return Packer()
      .u8(static_cast<unsigned>(step))
      .text(settlement.str())
      .date(stepped_on)
      .text(account.str())
      .text(payee.bank.str())
      .text(payee.holder.str())
      .text(payee.number)
      .text(preparer.str())
      .text(approver.str())
      .take();
}

DisbursementRow DisbursementRow::decode(std::string_view row) {
  Unpacker u(row);
  DisbursementRow result;
  result.step = static_cast<DisbursementStep>(u.u8());
  result.settlement = u.id<SettlementId>();
  result.stepped_on = u.date();
  result.account = u.id<DesignatedAccountId>();
  result.payee.bank = u.id<Text>();
  result.payee.holder = u.id<Text>();
  result.payee.number = u.text();
  result.preparer = u.id<ActorId>();
  result.approver = u.id<ActorId>();
  u.end();
  return result;
}

// --- recovery and correction ---------------------------------------------------------------------

std::string RecoveryRow::encode() const {
  Packer p;
  p.date(decided_on).money(decided).money(received).u8(static_cast<unsigned>(disposition));
  pack(p, at);
  return p.take();
}

RecoveryRow RecoveryRow::decode(std::string_view row) {
  Unpacker u(row);
  RecoveryRow result;
  result.decided_on = u.date();
  result.decided = u.money();
  result.received = u.money();
  result.disposition = static_cast<RecoveryDisposition>(u.u8());
  result.at = unpack_dimensions(u);
  u.end();
  return result;
}

std::string CorrectableRow::encode() const {
  Packer p;
  p.date(date).date(obeyed_on).text(policy ? policy->str() : std::string());
  p.u64(corrected_by ? *corrected_by : 0).text(kind).text(document);  // entry 0 corrects nothing
  p.u32(static_cast<std::uint32_t>(postings.size()));
  for (const auto& posting : postings) {
    p.u8(static_cast<unsigned>(posting.account)).u8(static_cast<unsigned>(posting.side));
    p.money(posting.amount);
    pack(p, posting.at);
  }
  return p.take();
}

CorrectableRow CorrectableRow::decode(std::string_view row) {
  Unpacker u(row);
  CorrectableRow result;
  result.date = u.date();
  result.obeyed_on = u.date();
  result.policy = PolicyRef::parse(u.text());
  if (const auto by = u.u64(); by != 0) result.corrected_by = by;
  result.kind = u.text();
  result.document = u.text();
  for (std::uint32_t n = u.u32(); n > 0; --n) {
    Posting posting;
    posting.account = static_cast<FundAccount>(u.u8());
    posting.side = static_cast<Side>(u.u8());
    posting.amount = u.money();
    posting.at = unpack_dimensions(u);
    result.postings.push_back(std::move(posting));
  }
  u.end();
  return result;
}

// --- totals of a fund ----------------------------------------------------------------------------

// Fixed width: amounts by account, counts, amounts of vouchers.
namespace {
constexpr std::size_t kCountsAt = kFundAccounts * kMoneyBytes, kAmountsAt = kCountsAt + 6 * 8,
                      kTotalsBytes = kAmountsAt + 6 * kMoneyBytes;
}  // namespace

void FundTotals::encode(std::string& row) const {
  row.resize(kTotalsBytes);
  for (std::size_t i = 0; i < by_account.size(); ++i) {
    set_money(&row[i * kMoneyBytes], by_account[i]);
  }
  for (std::size_t i = 0; i < vouchers.size(); ++i) {
    set_big_endian(&row[kCountsAt + 8 * i], vouchers[i], 8);
    set_money(&row[kAmountsAt + kMoneyBytes * i], voucher_amounts[i]);
  }
}

FundTotals FundTotals::decode(const std::string* row) {
  FundTotals totals;
  if (!row || row->empty()) return totals;
  if (row->size() != kTotalsBytes) Unpacker::damaged();
  const char* bytes = row->data();
  for (std::size_t i = 0; i < totals.by_account.size(); ++i) {
    totals.by_account[i] = get_money(bytes + i * kMoneyBytes);
  }
  for (std::size_t i = 0; i < totals.vouchers.size(); ++i) {
    totals.vouchers[i] = get_big_endian(bytes + kCountsAt + 8 * i, 8);
    totals.voucher_amounts[i] = get_money(bytes + kAmountsAt + kMoneyBytes * i);
  }
  return totals;
}

}  // namespace fundtrail::rules
