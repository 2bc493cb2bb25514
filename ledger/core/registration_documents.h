// The documents of setting up: the ledger, its funds, providers and people. Same conventions as documents.h,
// which includes this file and holds the closed set of kinds.
#pragma once

#include <optional>
#include <string>

#include "ledger/core/accounts.h"
#include "ledger/core/date.h"
#include "ledger/core/document_fields.h"
#include "ledger/core/entitlement_changes.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"
#include "ledger/core/policy.h"

namespace fundtrail {

// Entry 0 of every ledger: what it is, how it is hashed and signed.
struct LedgerOpening {
  AccountMode account_mode = AccountMode::treasury_single_account;
  BookNature book = BookNature::auxiliary;
  Text name;
  std::string public_key;  // C2SP verifier key of the ledger's own checkpoint signature
  RegionCode region;
  std::string suite;  // "sha256-ed25519" or "sm3-sm2"; never changes

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account_mode", d.account_mode);
    v("book", d.book);
    v("name", d.name);
    v("public_key", d.public_key);
    v("region", d.region);
    v("suite", d.suite);
  }
};

struct FundRegistration {
  std::uint64_t fiscal_year = 0;
  FundId fund;
  std::string functional_code;  // 支出功能分类科目, digits
  Text name;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("fiscal_year", d.fiscal_year);
    v("functional_code", d.functional_code);
    v("fund", d.fund);
    v("name", d.name);
  }
};

struct PolicyRegistration {
  Policy policy;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("policy", d.policy);
  }
};

struct RegionRegistration {
  Text name;
  std::optional<RegionCode> parent;
  RegionCode region;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("name", d.name);
    v("parent", d.parent);
    v("region", d.region);
  }
};

struct ProviderRegistration {
  BankAccount bank;
  ProviderContract contract;
  Text name;
  ProviderId provider;
  std::string uscc;  // 统一社会信用代码

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("bank", d.bank);
    v("contract", d.contract);
    v("name", d.name);
    v("provider", d.provider);
    v("uscc", d.uscc);
  }
};

// A new contract or bank account of a provider; what is absent stays as it was.
struct ProviderAmendment {
  std::optional<BankAccount> bank;
  std::optional<ProviderContract> contract;
  ProviderId provider;
  Text reason;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("bank", d.bank);
    v("contract", d.contract);
    v("provider", d.provider);
    v("reason", d.reason);
  }
};

struct DesignatedAccountRegistration {
  DesignatedAccountId account;
  Text approval_no;  // 预算法实施条例 §52: no designated account without an approval
  BankAccount bank;
  AccountMode mode = AccountMode::treasury_single_account;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("approval_no", d.approval_no);
    v("bank", d.bank);
    v("mode", d.mode);
  }
};

// A person, as the chain knows one: a pseudonym and a salted commitment to the identity that lies
// in the vault. The identity itself travels beside the command (Command::identity), never in it.
struct BeneficiaryRegistration {
  Pseudonym beneficiary;
  Code category;
  Channel channel = Channel::home;
  std::string commitment;  // hex digest; docs/FORMAT.md, "Commitments"
  Date entitled_from;
  RegionCode region;
  std::optional<Code> care_level = {};
  OptionalList<Code> facts = {};  // that were shown to be true: "household_register", ...

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("care_level", d.care_level);
    v("category", d.category);
    v("channel", d.channel);
    v("commitment", d.commitment);
    v("entitled_from", d.entitled_from);
    v("facts", d.facts);
    v("region", d.region);
  }
};

struct EntitlementEnd {
  Pseudonym beneficiary;
  Date ended_on;  // the day of death, of moving away, of the decision
  Text evidence;
  EndReason reason = EndReason::death;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("ended_on", d.ended_on);
    v("evidence", d.evidence);
    v("reason", d.reason);
  }
};

// Takes back an end of entitlement: recorded wrongly, so that there was none, or of somebody who came
// back and is entitled again from then on. Without a reason, in older entries, it is the former.
struct EntitlementReinstatement {
  Pseudonym beneficiary;
  Text evidence;
  std::optional<Date> from = {};  // of whoever came back: the first day that counts again
  std::optional<ReinstatementReason> reason = {};

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("evidence", d.evidence);
    v("from", d.from);
    v("reason", d.reason);
  }
};

// What has changed about a beneficiary; what is absent stays as it was. It counts for vouchers
// that are issued after it was recorded, and for calculations from its business date.
struct BeneficiaryAmendment {
  Pseudonym beneficiary;
  std::optional<Code> category;
  std::optional<Channel> channel;
  Text evidence;
  std::optional<RegionCode> region;
  std::optional<Code> care_level = {};
  OptionalList<Code> facts = {};

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("care_level", d.care_level);
    v("category", d.category);
    v("channel", d.channel);
    v("evidence", d.evidence);
    v("facts", d.facts);
    v("region", d.region);
  }
};

}  // namespace fundtrail
