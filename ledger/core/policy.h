// Policy: a scheme as data. A county's rules (who is entitled to what, which purposes are allowed,
// who shares the cost, what is banned) are a versioned document recorded in the ledger; entries
// name the version they obeyed. Points that the source document leaves open are settings with a
// chosen value, a default and a note, never silent assumptions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/core/approval_terms.h"
#include "ledger/core/date.h"
#include "ledger/core/entitlement_terms.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"
#include "ledger/core/names.h"

namespace fundtrail {

// "name@version"
struct PolicyRef {
  PolicyName name;
  std::uint32_t version = 0;
  static std::optional<PolicyRef> parse(std::string_view text);
  std::string str() const { return name.str() + "@" + std::to_string(version); }
  friend auto operator<=>(const PolicyRef&, const PolicyRef&) = default;
};

// What a programme gives. All but voucher and grant are computed from the programme's entitlement
// terms (ledger/core/entitlement_terms.h).
enum class Instrument : std::uint8_t {
  voucher,        // service vouchers, never cash
  grant,          // project money against an invoice (设施建设)
  allowance,      // money a month, by age or category (高龄津贴)
  service_hours,  // hours a day at an hourly rate (居家养老服务)
  bill_share,     // a percentage of the person's own bill up to a monthly cap (消费补贴)
  bed_subsidy,    // money a bed, verified or occupied (床位补助, 运营补助)
  award,          // money after a rating or an acceptance (以奖代补)
  points,         // a journal of service points (时间银行): never money
};
template <>
struct Names<Instrument> {
  static constexpr std::string_view list[] = {"voucher",    "grant",       "allowance", "service_hours",
                                              "bill_share", "bed_subsidy", "award",     "points"};
};

// What becomes of recovered money.
enum class RecoveryDisposition : std::uint8_t { reuse, treasury };
template <>
struct Names<RecoveryDisposition> {
  static constexpr std::string_view list[] = {"reuse", "treasury"};
};

// One purpose that the fund may be spent on.
struct Programme {
  ProgrammeId id;
  Instrument instrument = Instrument::voucher;
  Text name;
  Text purpose;  // the purpose in the words of the policy document (用途)
  std::optional<EntitlementTerms> entitlement = {};  // not with grant and points

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("entitlement", d.entitlement);
    v("id", d.id);
    v("instrument", d.instrument);
    v("name", d.name);
    v("purpose", d.purpose);
  }
};

// Vouchers of these months are valid until one day, whatever their month (per batch, 按批有效).
struct VoucherBatch {
  Month first;
  Month last;
  Date valid_to;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("first", d.first);
    v("last", d.last);
    v("valid_to", d.valid_to);
  }
};

struct VoucherTerms {
  Channel channel = Channel::home;
  Money face;                           // per person and period
  std::uint64_t max_per_month = 1;      // vouchers of one person for one month
  std::uint64_t validity_months = 1;    // last valid day: end of the month that is this many months
                                        // after the voucher's month minus one (1: month-bound)
  // Face values that may be handed out instead of one voucher of `face`; those of a person and month
  // add up to `face` times max_per_month at most. A voucher is redeemed as a whole: no change is given.
  OptionalList<Money> denominations = {};
  // After a voucher was voided as lost, its month is issued again only so many working days later.
  std::optional<std::uint64_t> replaced_after_working_days = {};
  OptionalList<VoucherBatch> batches = {};  // of months that are in none, validity_months says it
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("batches", d.batches);
    v("channel", d.channel);
    v("denominations", d.denominations);
    v("face", d.face);
    v("max_per_month", d.max_per_month);
    v("replaced_after_working_days", d.replaced_after_working_days);
    v("validity_months", d.validity_months);
  }
};

// A local promise to add money; a miss is "own plan not met", not an offence (预算法 §16).
struct CounterpartTerms {
  std::optional<std::uint64_t> ratio_percent;  // absent: the document names no ratio
  bool required = false;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("ratio_percent", d.ratio_percent);
    v("required", d.required);
  }
};

// A point that the source document leaves open (WJ-01..08 and the like).
struct PolicySetting {
  std::string default_value;
  std::string id;
  Text note_en;
  Text note_zh;
  std::string value;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("default", d.default_value);
    v("id", d.id);
    v("note_en", d.note_en);
    v("note_zh", d.note_zh);
    v("value", d.value);
  }
};

struct PolicyAttachment {
  bool present = false;
  Text title;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("present", d.present);
    v("title", d.title);
  }
};

struct Policy {
  std::optional<ApprovalTerms> approval;  // absent: registration is enough
  std::vector<PolicyAttachment> attachments;
  std::vector<Code> banned_economic_codes;
  std::optional<WorkCalendar> calendar;
  CounterpartTerms counterpart;
  bool death_day_payable = true;  // a service on the day of death is still payable (configurable)
  OptionalList<Definition> definitions;
  Text document_no;
  OptionalList<Duty> duties;
  Eligibility eligibility;  // of everybody whom the policy serves; age on the first day of entitlement
  Date in_force_from;
  std::optional<Date> in_force_to;
  Text issuer;
  PolicyName name;
  std::optional<Performance> performance;
  std::vector<Programme> programmes;
  RecoveryDisposition recovery_disposition = RecoveryDisposition::reuse;
  std::vector<PolicySetting> settings;
  Text title;
  std::optional<Transition> transition;
  std::uint64_t version = 1;  // 1, 2, ... without gaps; from its first day a version replaces the others
  std::optional<VoucherTerms> voucher;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("approval", d.approval);
    v("attachments", d.attachments);
    v("banned_economic_codes", d.banned_economic_codes);
    v("calendar", d.calendar);
    v("counterpart", d.counterpart);
    v("death_day_payable", d.death_day_payable);
    v("definitions", d.definitions);
    v("document_no", d.document_no);
    v("duties", d.duties);
    v("eligibility", d.eligibility);
    v("in_force_from", d.in_force_from);
    v("in_force_to", d.in_force_to);
    v("issuer", d.issuer);
    v("name", d.name);
    v("performance", d.performance);
    v("programmes", d.programmes);
    v("recovery_disposition", d.recovery_disposition);
    v("settings", d.settings);
    v("title", d.title);
    v("transition", d.transition);
    v("version", d.version);
    v("voucher", d.voucher);
  }

  PolicyRef ref() const { return {name, std::uint32_t(version)}; }
  bool in_force_on(Date date) const {
    return in_force_from <= date && (!in_force_to || date <= *in_force_to);
  }
  const Programme* programme(const ProgrammeId& id) const;
  // The value of a setting, or nothing when the policy has no such point.
  const std::string* setting(std::string_view id) const;
};

}  // namespace fundtrail
