// What tests of entitlements start from: a state that knows policies, people and what was delivered to
// them, put there without documents; and the schemes and worked cases under fixtures/.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/rules/entitlement.h"
#include "tests/rules/books.h"

namespace fundtrail::rules {

using Json = nlohmann::ordered_json;

// The policy in fixtures/schemes/<name>.json.
Json scheme(const std::string& name);
Policy policy_of(const Json& json);

// The row of a case in fixtures/worked-cases.csv, cell by cell: case, inputs, formula, expected, note.
std::vector<std::string> worked_row(const std::string& name);
std::vector<std::vector<std::string>> worked_rows();

Date day(const std::string& text);
Month month(const std::string& text);
Money yuan(const std::string& text);
Code code(const std::string& text);

struct Elder {
  Pseudonym id{1};
  std::string entitled_from = "2000-01-01";
  std::string ended_on = {};  // of death
  std::string category = "dibao";
  std::string care_level = {};
  Channel channel = Channel::home;
  std::vector<std::string> facts = {};
  std::string region = "330382001";
  std::string birth = {};
  // An approved application, when `granted` names its first day.
  std::string granted = {};
  std::string granted_to = {};  // its last day, when it was withdrawn
  std::string provider = {};
  // Moved away on the one day and entitled again from the other.
  std::string away_on = {};
  std::string back_on = {};
};

class Scheme {
 public:
  explicit Scheme(const Json& policy) { add(policy); }
  void add(const Json& policy);
  void add(const Elder& elder, const std::string& programme);
  void deliver(Pseudonym person, const std::string& programme, const std::string& provider,
               const std::string& date, const std::string& hours, const std::string& bill = "0.00",
               const std::string& insurance = "0.00");
  void paid_before(const std::string& programme, const std::string& through);
  // One fund bore all of it.
  void calculated(const std::string& programme, const std::string& provider, const std::string& period,
                  const std::string& amount);
  void assess(const std::string& provider, const std::string& kind, const std::string& effective,
              const std::string& value, const std::string& rating = {});
  // All of a provider's contracts: first and last days.
  void contracts(const std::string& provider, const std::vector<std::pair<std::string, std::string>>& days);
  Assessment ask(const std::string& programme, const Elder& elder, const std::string& period,
                 const std::string& payee = "p1", bool final_basis = false) const;
  // Of a provider in its own right.
  Assessment ask_provider(const std::string& programme, const std::string& provider, const std::string& period,
                          const std::string& as_of) const;
  const PolicyRef& ref() const { return ref_; }
  MapState state;

 private:
  PolicyRef ref_;
};

// "1228.50 + 819.00"
std::string shares(const Assessment& assessment);

}  // namespace fundtrail::rules
