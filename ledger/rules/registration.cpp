// Opening the ledger, and registering funds, regions, providers and designated accounts.
#include <algorithm>

#include "ledger/chain/digest.h"
#include "ledger/chain/document_codec.h"
#include "ledger/rules/families.h"

namespace fundtrail::rules {
namespace {

constexpr std::size_t kMinAccountDigits = 6, kMaxAccountDigits = 32;

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void check_bank(Context& c, const BankAccount& bank) {
  const std::size_t size = bank.number.size();
  if (size < kMinAccountDigits || size > kMaxAccountDigits || !is_digits(bank.number)) {
    // The number itself is not repeated: a person may hold the account.
    c.no.add(Reason::invalid_value, "doc.bank.number", "number", "6-32 digits");
  }
}

ProviderRow::Period period_of(const ProviderContract& contract) {
  return {contract.from, contract.to, contract.number.str()};
}

void check_contract(Context& c, const ProviderContract& contract) {
  if (contract.to < contract.from) {
    c.no.add(Reason::invalid_period, "doc.contract.to", contract.from.str(), contract.to.str());
  }
}

}  // namespace

void check(Context& c, const LedgerOpening& d) {
  if (c.ledger) c.no.add(Reason::already_open, "", c.ledger->region.str());
  if (!chain::suite_from_name(d.suite).ok()) {
    c.no.add(Reason::invalid_value, "doc.suite", d.suite, "sha256-ed25519 | sm3-sm2");
  }
}
void record(Overlay& state, const Entry&, const LedgerOpening& d) {
  LedgerRow row;
  row.region = d.region;
  state.put(kLedgerKey, row.encode());
}

void check(Context& c, const FundRegistration& d) {
  c.refuse_registered(fund_key(d.fund), "doc.fund", d.fund.str());
  if (d.fiscal_year < 1900 || d.fiscal_year > 2999) {
    c.no.add(Reason::invalid_value, "doc.fiscal_year", std::to_string(d.fiscal_year), "1900-2999");
  }
  if (d.functional_code.empty() || d.functional_code.size() > 16 || !is_digits(d.functional_code)) {
    c.no.add(Reason::invalid_value, "doc.functional_code", d.functional_code, "1-16 digits");
  }
}
void record(Overlay& state, const Entry& entry, const FundRegistration& d) {
  state.put(fund_key(d.fund), chain::encode_document(entry.document));
}

void check(Context& c, const RegionRegistration& d) {
  c.refuse_registered(region_key(d.region), "doc.region", d.region.str());
  if (d.parent) c.need_region(*d.parent, "doc.parent");
}
void record(Overlay& state, const Entry& entry, const RegionRegistration& d) {
  state.put(region_key(d.region), chain::encode_document(entry.document));
}

void check(Context& c, const ProviderRegistration& d) {
  c.refuse_registered(provider_key(d.provider), "doc.provider", d.provider.str());
  // One institution under two ids could be paid twice for one invoice.
  c.refuse_registered(uscc_key(d.uscc), "doc.uscc", d.uscc);
  if (!is_valid_uscc(d.uscc)) c.no.add(Reason::invalid_uscc, "doc.uscc", d.uscc);
  check_contract(c, d.contract);
  check_bank(c, d.bank);
}
void record(Overlay& state, const Entry&, const ProviderRegistration& d) {
  state.put(provider_key(d.provider), ProviderRow{{period_of(d.contract)}, d}.encode());
  state.put(uscc_key(d.uscc), d.provider.str());
}

void check(Context& c, const ProviderAmendment& d) {
  c.need_provider(d.provider);
  if (!d.bank && !d.contract) c.no.add(Reason::missing_field, "doc.contract", "bank | contract");
  if (d.contract) check_contract(c, *d.contract);
  if (d.bank) check_bank(c, *d.bank);
}
void record(Overlay& state, const Entry&, const ProviderAmendment& d) {
  std::string& bytes = state.edit(provider_key(d.provider));
  auto row = ProviderRow::decode(bytes);
  if (d.bank) row.provider.bank = *d.bank;
  if (d.contract) {
    row.provider.contract = *d.contract;
    const auto same = std::find_if(
        row.contracts.begin(), row.contracts.end(),
        [&](const auto& period) { return period.number == d.contract->number.str(); });
    if (same == row.contracts.end()) {
      row.contracts.push_back(period_of(*d.contract));
    } else {
      *same = period_of(*d.contract);
    }
  }
  bytes = row.encode();
}

void check(Context& c, const DesignatedAccountRegistration& d) {
  c.refuse_registered(account_key(d.account), "doc.account", d.account.str());
  if (d.approval_no.empty()) c.no.add(Reason::approval_missing, "doc.approval_no");
  check_bank(c, d.bank);
}
void record(Overlay& state, const Entry& entry, const DesignatedAccountRegistration& d) {
  state.put(account_key(d.account), chain::encode_document(entry.document));
}

}  // namespace fundtrail::rules
