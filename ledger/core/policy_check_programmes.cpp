// The parts of the policy check that are about what is given: the terms of each instrument, cost shares. Its tariff is
// policy_check_tariff.cpp.
#include <algorithm>

#include "ledger/core/policy_findings.h"

namespace fundtrail::policy_findings {
namespace {

constexpr std::uint64_t kMaxParts = 16;

// What all instruments that are paid to a provider in its own right need.
void check_claimant(const Finder& f, const EntitlementTerms& terms) {
  if (!terms.assessment) f.missing("assessment");
  if (terms.payee != PayeeKind::claimant) {
    f.bad("payee", std::string(name_of(terms.payee)), "policy.payee_claimant");
  }
  if (terms.basis != QuantityBasis::approved) {
    f.bad("basis", std::string(name_of(terms.basis)), "policy.basis_approved");
  }
  f.absent("eligibility", terms.eligibility, "policy.provider_has_none");
  f.absent("exclusive_group", terms.exclusive_group, "policy.provider_has_none");
}

// What counts beginnings, ends and parts of months says nothing of what is given once, and of vouchers,
// whose months are whole. The fields are there in every policy; one that looks as if somebody had
// meant something by it is pointed out.
void check_timing_unused(const Finder& f, const EntitlementTerms& terms) {
  const EntitlementTerms plain;
  const auto unused = [&](const char* field, auto value, auto usual) {
    if (value != usual) f.warn(field, std::string(name_of(value)), "policy.field_unused");
  };
  unused("proration", terms.proration, plain.proration);
  unused("start", terms.start, plain.start);
  unused("stop", terms.stop, plain.stop);
}

void check_award(const Finder& f, const EntitlementTerms& terms) {
  if (terms.cycle != Cycle::once) f.bad("cycle", std::string(name_of(terms.cycle)), "policy.award_once");
  check_timing_unused(f, terms);
  f.absent("rates", terms.rates, "policy.not_of_award");
}

// The face value stands in `voucher`; of the terms only eligibility and exclusive_group are asked.
void check_voucher_programme(const Finder& f, const EntitlementTerms& terms) {
  if (!terms.tariff.empty()) f.bad("tariff", "voucher", "policy.tariff_of_voucher");
  f.absent("assessment", terms.assessment, "policy.only_assessed");
  f.absent("cost_shares", terms.cost_shares, "policy.not_of_voucher");
  f.absent("max_total", terms.max_total, "policy.not_of_voucher");
  f.absent("rates", terms.rates, "policy.not_of_voucher");
  check_timing_unused(f, terms);
  if (terms.payee != PayeeKind::serving_provider) {
    f.warn("payee", std::string(name_of(terms.payee)), "policy.field_unused");
  }
  if (terms.cycle != Cycle::month) f.warn("cycle", std::string(name_of(terms.cycle)), "policy.field_unused");
  if (terms.basis != QuantityBasis::approved) {
    f.warn("basis", std::string(name_of(terms.basis)), "policy.field_unused");
  }
}

bool is_approved(const Policy& policy, const Programme& programme) {
  if (!policy.approval) return false;
  const auto& only = policy.approval->programmes;
  return !only || std::find(only->begin(), only->end(), programme.id) != only->end();
}

void check_person_terms(const Finder& f, const Policy& policy, const Programme& programme) {
  const Instrument instrument = programme.instrument;
  const EntitlementTerms& terms = *programme.entitlement;
  f.absent("assessment", terms.assessment, "policy.only_assessed");
  if (terms.payee == PayeeKind::claimant) {
    f.bad("payee", "claimant", "policy.payee_not_claimant");
  }
  if (terms.cycle == Cycle::once) f.warn("cycle", "once", "policy.once_of_persons");
  if (instrument == Instrument::bill_share && terms.basis != QuantityBasis::delivered) {
    f.bad("basis", std::string(name_of(terms.basis)), "policy.basis_delivered");
  }
  // Whom an approval would name nobody names; service records name somebody.
  if (terms.payee == PayeeKind::assigned_provider && terms.basis != QuantityBasis::delivered &&
      !is_approved(policy, programme)) {
    f.warn("payee", "assigned_provider", "policy.assigned_by_approval");
  }
  if (instrument == Instrument::allowance && terms.basis != QuantityBasis::approved) {
    f.bad("basis", std::string(name_of(terms.basis)), "policy.basis_approved");
  }
  // Who served is known of what was delivered only: an advance would find nobody to be paid to.
  if (terms.payee == PayeeKind::serving_provider && terms.basis != QuantityBasis::delivered &&
      instrument != Instrument::bill_share) {
    f.bad("payee", "serving_provider", "policy.serving_needs_delivery");
  }
}

void check_shares(const Finder& f, const std::vector<ShareRule>& rules) {
  bool everywhere = false;
  std::vector<std::string> prefixes;
  std::set<std::string> levels;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const ShareRule& rule = rules[i];
    const Finder at = f.in("cost_shares", i);
    if (rule.parts.empty()) at.bad("parts", "[]", ">= 1");
    if (rule.parts.size() > kMaxParts) at.range("parts", rule.parts.size(), 1, kMaxParts);
    for (const auto& part : rule.parts) levels.insert(part.level.str());
    at.unique("parts", rule.parts, [](const SharePart& p) { return p.level.str(); }, "level");
    if (rule.remainder &&
        std::none_of(rule.parts.begin(), rule.parts.end(),
                     [&](const SharePart& part) { return part.level == *rule.remainder; })) {
      at.bad("remainder", rule.remainder->str(), "policy.remainder_level");
    }
    std::uint64_t sum = 0;
    for (std::size_t k = 0; k < rule.parts.size(); ++k) {
      at.range(Finder::element("parts", k) + ".weight", rule.parts[k].weight, 0, 1'000'000'000);
      sum += std::min<std::uint64_t>(rule.parts[k].weight, 1'000'000'000);
    }
    if (sum == 0 && !rule.parts.empty()) at.bad("parts", "0", "policy.weights_sum");
    // 50, 30 and 30 are allowed, and look as if somebody had meant per cent.
    if (rule.parts.size() > 1 && sum != 100 && 90 <= sum && sum <= 110) {
      at.warn("parts", std::to_string(sum), "policy.not_hundred");
    }
    if (everywhere) at.bad("regions", "cost_shares", "policy.share_never_applies");
    at.not_empty("regions", rule.regions);
    everywhere = everywhere || !rule.regions;
    for (std::size_t k = 0; k < items(rule.regions).size(); ++k) {
      const std::string& prefix = (*rule.regions)[k].str();
      const std::string field = Finder::element("regions", k);
      check_region_digits(at, field, (*rule.regions)[k]);
      const bool taken = std::any_of(prefixes.begin(), prefixes.end(), [&](const auto& earlier) {
        return prefix.compare(0, earlier.size(), earlier) == 0;
      });
      if (taken) at.bad(field, prefix, "policy.share_never_applies");
      prefixes.push_back(prefix);
    }
  }
  if (levels.size() > kMaxParts) f.range("cost_shares", levels.size(), 1, kMaxParts);
  if (!rules.empty() && !everywhere) f.warn("cost_shares", "regions", "policy.no_catch_all");
}

void check_terms(const Finder& f, const Policy& policy, const Programme& programme) {
  const EntitlementTerms& terms = *programme.entitlement;
  if (terms.eligibility) check_eligibility(f.in("eligibility"), policy, *terms.eligibility);
  f.code_list("items", terms.items);
  f.code_list("worker_certificates", terms.worker_certificates);
  f.not_empty("cost_shares", terms.cost_shares);
  check_shares(f, items(terms.cost_shares));
  if (terms.max_total) f.positive("max_total", *terms.max_total);
  if (terms.start == StartRule::next_day) {
    f.bad("start", "next_day", "same_day | same_month | next_month | next_quarter");
  }
  if (terms.planned_count) f.range("planned_count", *terms.planned_count, 1, 1'000'000'000);
  const Instrument instrument = programme.instrument;
  if (instrument != Instrument::award) {
    f.absent("planned_count", terms.planned_count, "policy.only_award");
  }
  if (instrument != Instrument::service_hours && instrument != Instrument::bill_share) {
    f.absent("items", terms.items, "policy.only_delivered");
    f.absent("worker_certificates", terms.worker_certificates, "policy.only_delivered");
  }
  switch (instrument) {
    case Instrument::voucher: return check_voucher_programme(f, terms);
    case Instrument::award: check_award(f, terms); [[fallthrough]];
    case Instrument::bed_subsidy: check_claimant(f, terms); break;
    default: check_person_terms(f, policy, programme);
  }
  // Beds end with a contract; by months there is the month in which the policy ends as well.
  const bool parted_by_months = terms.proration == Proration::months && terms.cycle != Cycle::once;
  if (instrument == Instrument::bed_subsidy && terms.stop == StopRule::month_before && !parted_by_months) {
    f.warn("stop", std::string(name_of(terms.stop)), "policy.field_unused");
  }
  check_tariff(f, policy, programme);
}

}  // namespace

void check_region_digits(const Finder& f, const std::string& field, const Code& first) {
  const std::string& digits = first.str();
  if (digits.size() > 12 || digits.find_first_not_of("0123456789") != digits.npos) {
    f.bad(field, digits, "policy.region_digits");
  }
}

void check_programme(const Finder& f, const Policy& policy, const Programme& programme) {
  const bool none = programme.instrument == Instrument::grant ||
                    programme.instrument == Instrument::points;
  if (none) return f.absent("entitlement", programme.entitlement, "policy.no_entitlement");
  if (programme.entitlement) return check_terms(f.in("entitlement"), policy, programme);
  if (programme.instrument != Instrument::voucher) f.missing("entitlement");
}

}  // namespace fundtrail::policy_findings
