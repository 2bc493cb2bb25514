#include "ledger/core/policy_codes.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

#include "ledger/core/policy_findings.h"

namespace fundtrail {
namespace {

class Codes {
 public:
  void add(const char* kind, const Code& code, const std::string& field) {
    auto& use = found_[{kind, code.str()}];
    if (use.places++ == 0) use = {kind, code.str(), 1, field};
  }
  void add(const char* kind, const std::vector<Code>& codes, const std::string& field) {
    for (std::size_t i = 0; i < codes.size(); ++i) {
      add(kind, codes[i], policy_findings::Finder::element(field, i));
    }
  }
  void add(const Eligibility& rule, const std::string& at) {
    add("category", rule.categories, at + "categories");
    add("care_level", items(rule.care_levels), at + "care_levels");
    add("condition", items(rule.conditions), at + "conditions");
  }
  std::vector<CodeUse> take() {
    std::vector<CodeUse> uses;
    uses.reserve(found_.size());
    for (auto& [name, use] : found_) uses.push_back(std::move(use));
    return uses;
  }

 private:
  std::map<std::pair<std::string_view, std::string>, CodeUse> found_;  // by kind, which is a literal, and code
};

void add_terms(Codes& codes, const EntitlementTerms& terms, const std::string& at) {
  using policy_findings::Finder;
  if (terms.eligibility) codes.add(*terms.eligibility, at + "eligibility.");
  if (terms.assessment) codes.add("assessment", *terms.assessment, at + "assessment");
  if (terms.exclusive_group) codes.add("group", *terms.exclusive_group, at + "exclusive_group");
  codes.add("item", items(terms.items), at + "items");
  codes.add("certificate", items(terms.worker_certificates), at + "worker_certificates");
  for (std::size_t i = 0; i < terms.tariff.size(); ++i) {
    const TariffBand& band = terms.tariff[i];
    const std::string of = at + Finder::element("tariff", i) + ".";
    codes.add("category", items(band.categories), of + "categories");
    codes.add("care_level", items(band.care_levels), of + "care_levels");
    codes.add("condition", items(band.conditions), of + "conditions");
    if (band.rating) codes.add("rating", *band.rating, of + "rating");
  }
  for (std::size_t i = 0; i < items(terms.cost_shares).size(); ++i) {
    const ShareRule& rule = (*terms.cost_shares)[i];
    const std::string of = at + Finder::element("cost_shares", i) + ".";
    for (std::size_t k = 0; k < rule.parts.size(); ++k) {
      codes.add("level", rule.parts[k].level, of + Finder::element("parts", k) + ".level");
    }
  }
}

// Without what hands write now so, now so.
std::string plain(const std::string& code) {
  std::string text;
  for (const unsigned char c : code) {
    if (std::isalnum(c)) text += static_cast<char>(std::tolower(c));
  }
  return text;
}

// One letter more, another, or two exchanged. What differs by a digit is numbered, what differs by
// its last letter may be (grade_a, grade_b).
bool one_slip(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (a.size() < 4 || b.size() - a.size() > 1) return false;
  const auto at = static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (a.size() < b.size()) return !digit(b[at]) && a.substr(at) == b.substr(at + 1);
  if (digit(a[at]) || digit(b[at])) return false;
  if (at + 1 < a.size() && a.substr(at + 1) == b.substr(at + 1)) return true;
  return at + 1 < a.size() && a[at] == b[at + 1] && a[at + 1] == b[at] &&
         a.substr(at + 2) == b.substr(at + 2);
}

}  // namespace

std::vector<CodeUse> codes_of(const Policy& policy) {
  using policy_findings::Finder;
  Codes codes;
  codes.add(policy.eligibility, "eligibility.");
  for (std::size_t i = 0; i < items(policy.definitions).size(); ++i) {
    const Definition& definition = (*policy.definitions)[i];
    const std::string at = Finder::element("definitions", i) + ".";
    codes.add("condition", definition.id, at + "id");
    codes.add("condition", definition.any_of, at + "any_of");
  }
  for (std::size_t i = 0; i < policy.programmes.size(); ++i) {
    const auto& terms = policy.programmes[i].entitlement;
    if (terms) add_terms(codes, *terms, Finder::element("programmes", i) + ".entitlement.");
  }
  if (policy.approval) {
    const auto& papers = items(policy.approval->documents);
    for (std::size_t i = 0; i < papers.size(); ++i) {
      const std::string at = "approval." + Finder::element("documents", i) + ".";
      codes.add("category", papers[i].category, at + "category");
      codes.add("paper", papers[i].documents, at + "documents");
    }
  }
  return codes.take();
}

std::vector<std::pair<CodeUse, CodeUse>> alike(const std::vector<CodeUse>& codes) {
  std::vector<std::pair<CodeUse, CodeUse>> pairs;
  std::vector<std::string> plains;
  for (const auto& use : codes) plains.push_back(plain(use.code));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    for (std::size_t k = i + 1; k < codes.size() && codes[k].kind == codes[i].kind; ++k) {
      if (plains[i] != plains[k] && !one_slip(codes[i].code, codes[k].code)) continue;
      const bool rarer = codes[k].places < codes[i].places;
      pairs.emplace_back(codes[rarer ? k : i], codes[rarer ? i : k]);
      if (pairs.size() == kMaxPolicyFindings) return pairs;
    }
  }
  return pairs;
}

}  // namespace fundtrail
