// What the parts of the policy check share. Private to ledger/core/policy_check*.cpp.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ledger/core/policy_check.h"

namespace fundtrail::policy_findings {

inline constexpr std::uint64_t kMaxAge = 150;
inline constexpr std::uint64_t kMaxVouchersAMonth = 255;  // the count of a month is one byte
inline constexpr std::uint64_t kMaxValidityMonths = 120;
inline constexpr std::uint64_t kMaxDays = 3660;

class Finder {
 public:
  Finder(PolicyFindings& found, std::string at) : found_(found), at_(std::move(at)) {}

  // A finder for what stands under a field, and under an element of a list.
  Finder in(const std::string& field) const { return Finder(found_, at_ + field + "."); }
  Finder in(const std::string& list, std::size_t i) const {
    return Finder(found_, at_ + element(list, i) + ".");
  }
  static std::string element(const std::string& list, std::size_t i) {
    return list + "[" + std::to_string(i) + "]";
  }

  void fault(Reason reason, const std::string& field, std::string subject,
             std::string detail = {}) const {
    if (found_.faults.size() >= kMaxPolicyFindings) return;
    found_.faults.push_back({reason, at_ + field, std::move(subject), std::move(detail), {}});
  }
  // `token`: of ledger/core/wording.h, or a limit (limit_in_words() there).
  void bad(const std::string& field, std::string subject, std::string token) const {
    fault(Reason::invalid_value, field, std::move(subject), std::move(token));
  }
  void missing(const std::string& field) const { fault(Reason::missing_field, field, field); }
  void warn(const std::string& field, std::string subject, std::string token) const {
    if (found_.warnings.size() >= kMaxPolicyFindings) return;
    found_.warnings.push_back({at_ + field, std::move(subject), std::move(token)});
  }

  void range(const std::string& field, std::uint64_t value, std::uint64_t low,
             std::uint64_t high) const {
    if (value < low || value > high) {
      bad(field, std::to_string(value), std::to_string(low) + "-" + std::to_string(high));
    }
  }
  void positive(const std::string& field, const Money& amount) const {
    if (!amount.is_positive()) fault(Reason::amount_not_positive, field, amount.str());
  }
  // A field that means nothing here.
  template <class T>
  void absent(const std::string& field, const std::optional<T>& value, const char* token) const {
    if (value) bad(field, field, token);
  }
  // Each only once; `text` gives what must differ.
  template <class List, class Text>
  void unique(const std::string& field, const List& list, const Text& text,
              const std::string& member = {}) const {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string value = text(list[i]);
      if (seen.insert(value).second) continue;
      bad(element(field, i) + (member.empty() ? "" : "." + member), value, "unique");
    }
  }
  template <class Id>
  void unique_ids(const std::string& field, const std::vector<Id>& list) const {
    unique(field, list, [](const Id& id) { return id.str(); });
  }
  // A list that may be left out says nothing when it is there and empty.
  template <class T>
  void not_empty(const std::string& field, const OptionalList<T>& list) const {
    if (list && list->empty()) bad(field, "[]", ">= 1");
  }
  template <class T>
  void code_list(const std::string& field, const OptionalList<T>& list) const {
    not_empty(field, list);
    unique_ids(field, items(list));
  }

 private:
  PolicyFindings& found_;
  std::string at_;
};

void check_eligibility(const Finder& f, const Policy& policy, const Eligibility& rule);
void check_programme(const Finder& f, const Policy& policy, const Programme& programme);
void check_tariff(const Finder& f, const Policy& policy, const Programme& programme);
void check_region_digits(const Finder& f, const std::string& field, const Code& first);
void check_approval(const Finder& f, const Policy& policy, const ApprovalTerms& terms);
void check_calendar(const Finder& f, const WorkCalendar& calendar);
void check_duties(const Finder& f, const std::vector<Duty>& duties);
void check_voucher_terms(const Finder& f, const VoucherTerms& terms);

}  // namespace fundtrail::policy_findings
