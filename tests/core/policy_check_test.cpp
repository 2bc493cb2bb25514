// Every fault of a policy with its path: a good policy file, changed in one place, has exactly the
// faults that stand beside the change. And the published schema says what Policy::fields says.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "ledger/chain/document_codec.h"
#include "ledger/chain/policy_reader.h"
#include "ledger/core/wording.h"

using namespace fundtrail;
using nlohmann::json;

namespace {

std::string text_of(const std::string& file) {
  std::ifstream in(std::string(SOURCE_DIR) + "/" + file);
  REQUIRE(in.good());
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

json scheme(const std::string& name) {
  return json::parse(text_of("fixtures/schemes/" + name + ".json"));
}

// "path code" of every fault.
std::set<std::string> faults_of(const json& policy) {
  std::set<std::string> found;
  for (const auto& fault : chain::read_policy(policy.dump()).findings.faults) {
    found.insert(fault.field + " " + std::string(info(fault.reason).code));
  }
  return found;
}

struct Change {
  std::string scheme;
  std::string pointer;  // RFC 6901; with a '-' in front: removed
  std::string value;    // JSON
  std::set<std::string> faults;
};

const std::string kHome = "homecare-district", kVoucher = "beijing-2010", kBeds = "zhongxiang",
                  kBill = "national-2026", kPilot = "yizhou-2021", kExpired = "yanan-2020",
                  kOld = "yueqing-2015";
const std::string kTerms = "/programmes/0/entitlement";

const std::vector<Change>& changes() {
  static const std::vector<Change> list = {
      // Shape.
      {kHome, "-/title", "", {"title missing-field"}},
      {kHome, "/nonsense", "1", {"nonsense unknown-field"}},
      {kHome, "/version", "\"1\"", {"version malformed-field"}},
      {kHome, "/programmes/1/entitlement/tariff/0/amount", "\"15\"",
       {"programmes[1].entitlement.tariff[0].amount malformed-field"}},
      {kHome, "/programmes/0/instrument", "\"money\"", {"programmes[0].instrument malformed-field"}},
      {kHome, "/in_force_from", "\"2025-02-30\"", {"in_force_from malformed-field"}},
      // Force.
      {kHome, "/version", "0", {"version invalid-value"}},
      {kExpired, "/in_force_to", "\"2020-01-01\"", {"in_force_to invalid-period"}},
      {kExpired, "-/in_force_to", "", {"transition invalid-value"}},
      {kExpired, "/transition/serves_until", "\"2021-12-31\"", {"transition.serves_until invalid-value"}},
      // Who.
      {kHome, "/eligibility/max_age", "151", {"eligibility.max_age invalid-value"}},
      {kHome, "/eligibility/max_age", "59", {"eligibility.max_age invalid-value"}},
      {kHome, "/eligibility/categories", R"(["sanwu","dibao","dibian","dibao"])",
       {"eligibility.categories[3] invalid-value"}},
      {kHome, "/definitions/0/any_of", "[]", {"definitions[0].any_of invalid-value"}},
      {kHome, "/definitions/0/any_of/0", "\"lives_alone\"", {"definitions[0].any_of[0] invalid-value"}},
      // Programmes and instruments.
      {kExpired, "/programmes", "[]", {"programmes invalid-value"}},
      {kBeds, "/programmes/1/id", "\"longevity\"", {"programmes[1].id invalid-value"}},
      {kExpired, "-/voucher", "", {"voucher missing-field"}},
      {kHome, "-/programmes/0/entitlement", "", {"programmes[0].entitlement missing-field"}},
      {kPilot, "/programmes/1/instrument", "\"allowance\"", {"programmes[1].entitlement missing-field"}},
      {kBeds, "/programmes/0/instrument", "\"points\"", {"programmes[0].entitlement invalid-value"}},
      {kHome, kTerms + "/tariff", "[]", {"programmes[0].entitlement.tariff invalid-value"}},
      {kHome, "-" + kTerms + "/tariff/0/per_day", "", {"programmes[0].entitlement.tariff[0].per_day missing-field"}},
      {kHome, kTerms + "/tariff/0/per_day", "\"24.01\"", {"programmes[0].entitlement.tariff[0].per_day invalid-value"}},
      {kHome, kTerms + "/tariff/0/amount", "\"0.00\"", {"programmes[0].entitlement.tariff[0].amount amount-not-positive"}},
      {kHome, kTerms + "/tariff/0/percent", "50", {"programmes[0].entitlement.tariff[0].percent invalid-value"}},
      {kHome, kTerms + "/payee", "\"claimant\"", {"programmes[0].entitlement.payee invalid-value"}},
      {kHome, "/programmes/1/entitlement/payee", "\"serving_provider\"", {"programmes[1].entitlement.payee invalid-value"}},
      {kHome, kTerms + "/payee", "\"serving_provider\"", {"programmes[0].entitlement.payee invalid-value"}},
      {kBill, "-" + kTerms + "/tariff/0/percent", "", {"programmes[0].entitlement.tariff[0].percent missing-field"}},
      {kBill, kTerms + "/tariff/0/percent", "101", {"programmes[0].entitlement.tariff[0].percent invalid-value"}},
      {kBill, "-" + kTerms + "/tariff/1/cap", "", {"programmes[0].entitlement.tariff[1].cap missing-field"}},
      {kBill, kTerms + "/tariff/1/amount", "\"1.00\"", {"programmes[0].entitlement.tariff[1].amount invalid-value"}},
      {kBeds, "-/programmes/1/entitlement/assessment", "", {"programmes[1].entitlement.assessment missing-field"}},
      {kBeds, "/programmes/1/entitlement/payee", "\"paying_agent\"", {"programmes[1].entitlement.payee invalid-value"}},
      {kBeds, "/programmes/1/entitlement/basis", "\"delivered\"", {"programmes[1].entitlement.basis invalid-value"}},
      {kBeds, "/programmes/1/entitlement/tariff/0/age_from", "80", {"programmes[1].entitlement.tariff[0].age_from invalid-value"}},
      {kBeds, "/programmes/1/entitlement/tariff/0/rating", "\"a\"", {}},
      {kOld, kTerms + "/tariff/0/rating", "\"a\"", {"programmes[0].entitlement.tariff[0].rating invalid-value"}},
      {kBeds, "/programmes/3/entitlement/rates", "\"same_day\"", {"programmes[3].entitlement.rates invalid-value"}},
      {kVoucher, kTerms + "/rates", "\"same_day\"", {"programmes[0].entitlement.rates invalid-value"}},
      {kOld, kTerms + "/rates", "\"same_month\"", {"programmes[0].entitlement.rates malformed-field"}},
      {kHome, kTerms + "/cost_shares/0/remainder", "\"county\"", {"programmes[0].entitlement.cost_shares[0].remainder invalid-value"}},
      {kHome, kTerms + "/cost_shares/0/remainder", "\"street\"", {}},
      // A gap that nobody owns up to.
      {kOld, "-" + kTerms + "/tariff/0/nothing_after", "", {"programmes[0].entitlement.tariff[0].age_to invalid-value"}},
      {kOld, kTerms + "/tariff/0/nothing_after", "false", {"programmes[0].entitlement.tariff[0].age_to invalid-value"}},
      {kOld, kTerms + "/assessment", "\"rating\"", {"programmes[0].entitlement.assessment invalid-value"}},
      {kOld, kTerms + "/basis", "\"delivered\"", {"programmes[0].entitlement.basis invalid-value"}},
      {kOld, "/programmes/1/entitlement/max_total", "\"0.00\"", {"programmes[1].entitlement.max_total amount-not-positive"}},
      {kVoucher, kTerms + "/tariff", R"([{"id":"a","title":"t","amount":"1.00"}])", {"programmes[0].entitlement.tariff invalid-value"}},
      // What an instrument has no use for.
      {kVoucher, kTerms + "/items", R"(["meals"])", {"programmes[0].entitlement.items invalid-value"}},
      {kVoucher, kTerms + "/max_total", "\"1.00\"", {"programmes[0].entitlement.max_total invalid-value"}},
      {kVoucher, kTerms + "/cost_shares", R"([{"parts":[{"level":"a","weight":1}]}])",
       {"programmes[0].entitlement.cost_shares invalid-value"}},
      {kVoucher, kTerms + "/assessment", "\"beds\"", {"programmes[0].entitlement.assessment invalid-value"}},
      {kVoucher, kTerms + "/planned_count", "5", {"programmes[0].entitlement.planned_count invalid-value"}},
      {kOld, kTerms + "/worker_certificates", R"(["health"])", {"programmes[0].entitlement.worker_certificates invalid-value"}},
      {kOld, kTerms + "/planned_count", "5", {"programmes[0].entitlement.planned_count invalid-value"}},
      {kBeds, "/programmes/1/entitlement/planned_count", "5", {"programmes[1].entitlement.planned_count invalid-value"}},
      {kBeds, "/programmes/1/entitlement/items", R"(["x"])", {"programmes[1].entitlement.items invalid-value"}},
      {kBeds, "/programmes/1/entitlement/exclusive_group", "\"g\"", {"programmes[1].entitlement.exclusive_group invalid-value"}},
      {kBeds, "/programmes/1/entitlement/tariff/0/conditions", R"(["x"])", {"programmes[1].entitlement.tariff[0].conditions invalid-value"}},
      {kBeds, "/programmes/1/entitlement/tariff/0/regions", R"(["42"])", {"programmes[1].entitlement.tariff[0].regions invalid-value"}},
      {kBeds, "/programmes/3/entitlement/cycle", "\"year\"", {"programmes[3].entitlement.cycle invalid-value"}},
      {kBill, kTerms + "/basis", "\"approved_then_delivered\"", {"programmes[0].entitlement.basis invalid-value"}},
      {kBill, kTerms + "/tariff/0/per_month", "\"30.00\"", {"programmes[0].entitlement.tariff[0].per_month invalid-value"}},
      {kHome, kTerms + "/tariff/0/per_month", "\"744.01\"", {"programmes[0].entitlement.tariff[0].per_month invalid-value"}},
      {kOld, kTerms + "/start", "\"next_day\"", {"programmes[0].entitlement.start invalid-value"}},
      {kOld, kTerms + "/tariff/0/regions", R"(["33","x"])", {"programmes[0].entitlement.tariff[0].regions[1] invalid-value"}},
      {kPilot, "/approval", R"({"effective":"same_day","programmes":["facilities"],"steps":[{"id":"a","kind":"approval","title":"t"}]})",
       {"approval.programmes[0] invalid-value"}},
      // Bands.
      {kOld, kTerms + "/tariff", R"([{"id":"a","title":"t","amount":"1.00","conditions":["x"]},
                                     {"id":"b","title":"t","amount":"1.00","conditions":["y","x"]}])",
       {"programmes[0].entitlement.tariff[1].id invalid-value"}},
      {kOld, kTerms + "/tariff", R"([{"id":"a","title":"t","amount":"1.00","regions":["330382"]},
                                     {"id":"b","title":"t","amount":"1.00","regions":["330382001"]}])",
       {"programmes[0].entitlement.tariff[1].id invalid-value"}},
      {kOld, kTerms + "/tariff/0/age_to", "89", {"programmes[0].entitlement.tariff[0].age_to invalid-value"}},
      {kBeds, kTerms + "/tariff/1/id", "\"80-89\"", {"programmes[0].entitlement.tariff[1].id invalid-value"}},
      {kBeds, kTerms + "/tariff/0", R"({"id":"all","title":"all"})",
       {"programmes[0].entitlement.tariff[1].id invalid-value", "programmes[0].entitlement.tariff[2].id invalid-value"}},
      {kBeds, "/eligibility/min_age", "90", {"programmes[0].entitlement.tariff[0].id invalid-value"}},
      {kBeds, "/eligibility/max_age", "99", {"programmes[0].entitlement.tariff[2].id invalid-value"}},
      {kBeds, kTerms + "/tariff/0/from", "\"2021-01-01\"", {"programmes[0].entitlement.tariff[0].id invalid-value"}},
      {kBeds, kTerms + "/tariff/0/to", "\"2015-12-31\"", {"programmes[0].entitlement.tariff[0].id invalid-value"}},
      {kHome, "/eligibility/care_levels", R"(["disabled"])",
       {"programmes[0].entitlement.tariff[0].id invalid-value", "programmes[1].entitlement.tariff[0].id invalid-value"}},
      // Shares.
      {kHome, kTerms + "/cost_shares/0/parts", "[]", {"programmes[0].entitlement.cost_shares[0].parts invalid-value"}},
      {kHome, kTerms + "/cost_shares/0/parts/1/level", "\"district\"", {"programmes[0].entitlement.cost_shares[0].parts[1].level invalid-value"}},
      {kHome, kTerms + "/cost_shares/0/parts", R"([{"level":"a","weight":0}])", {"programmes[0].entitlement.cost_shares[0].parts invalid-value"}},
      {kHome, kTerms + "/cost_shares/1", R"({"parts":[{"level":"a","weight":1}]})", {"programmes[0].entitlement.cost_shares[1].regions invalid-value"}},
      {kBill, kTerms + "/cost_shares/1/regions/0", "\"3204\"", {"programmes[0].entitlement.cost_shares[1].regions[0] invalid-value"}},
      {kBill, kTerms + "/cost_shares/1/regions/0", "\"x\"", {"programmes[0].entitlement.cost_shares[1].regions[0] invalid-value"}},
      // Vouchers.
      {kVoucher, "/voucher/face", "\"0.00\"", {"voucher.face amount-not-positive"}},
      {kVoucher, "/voucher/max_per_month", "256", {"voucher.max_per_month invalid-value"}},
      {kVoucher, "/voucher/max_per_month", "3", {"voucher.denominations[0] invalid-value"}},
      {kVoucher, "/voucher/validity_months", "0", {"voucher.validity_months invalid-value"}},
      {kVoucher, "/voucher/denominations", R"(["5.00","2.00"])",
       {"voucher.denominations[1] invalid-value"}},
      {kVoucher, "/voucher/denominations", R"(["20.00","50.00"])", {"voucher.denominations[1] invalid-value"}},
      {kVoucher, "/voucher/denominations", R"(["10.00","30.00"])", {"voucher.denominations[1] invalid-value"}},
      {kVoucher, "/voucher/replaced_after_working_days", "0", {"voucher.replaced_after_working_days invalid-value"}},
      {kVoucher, "/voucher/batches/0/valid_to", "\"2014-06-29\"", {"voucher.batches[0].valid_to invalid-value"}},
      {kVoucher, "/voucher/batches/0/last", "\"2013-12\"", {"voucher.batches[0].last invalid-period"}},
      // Approval.
      {kHome, "/approval/steps", "[]", {"approval.steps invalid-value"}},
      {kHome, "/approval/steps/0/id", "\"bureau_approval\"", {"approval.steps[3].id invalid-value"}},
      {kHome, "/approval/steps/3/kind", "\"review\"", {"approval.steps[3].kind invalid-value"}},
      {kHome, "/approval/steps/0/kind", "\"approval\"", {"approval.steps[0].kind invalid-value"}},
      {kHome, "-/approval/steps/1/min_days", "", {"approval.steps[1].min_days missing-field"}},
      {kHome, "/approval/steps/2/min_days", "3", {"approval.steps[2].min_days invalid-value"}},
      {kHome, "/approval/steps/2/working_days", "0", {"approval.steps[2].working_days invalid-value"}},
      {kHome, "/approval/programmes", R"(["meals"])", {"approval.programmes[0] unknown-programme"}},
      {kHome, "/approval/documents/0/category", "\"rich\"", {"approval.documents[0].category invalid-value"}},
      {kHome, "/approval/documents/1/category", "\"sanwu\"", {"approval.documents[1].category invalid-value"}},
      {kHome, "/approval/documents/0/documents", "[]", {"approval.documents[0].documents invalid-value"}},
      // Calendar.
      {kHome, "/calendar/holidays", R"(["2025-01-02","2025-01-01"])", {"calendar.holidays[1] invalid-value"}},
      {kHome, "/calendar/holidays", R"(["2026-01-01"])", {"calendar.holidays[0] invalid-value"}},
      {kHome, "/calendar/workdays", R"(["2025-01-27"])", {"calendar.workdays[0] invalid-value"}},
      {kHome, "/calendar/workdays", R"(["2025-02-01"])", {"calendar.workdays[0] invalid-value"}},
      // Duties, targets, the rest.
      {kHome, "-/duties/0/every", "", {"duties[0].every missing-field"}},
      {kHome, "/duties/0/count", "2", {"duties[0].count invalid-value"}},
      {kHome, "/duties/0/region_digits", "8", {"duties[0].region_digits invalid-value"}},
      {kHome, "-/duties/3/count", "", {"duties[3].count missing-field"}},
      {kHome, "/duties/3/window_days", "30", {"duties[3].window_days invalid-value"}},
      {kHome, "/duties/3/region_digits", "6", {"duties[3].region_digits invalid-value"}},
      {kHome, "/duties/1/id", "\"spot_check\"", {"duties[1].id invalid-value"}},
      {kExpired, "/performance/filing_days", "0", {"performance.filing_days invalid-value"}},
      {kExpired, "/performance/targets/1/id", "\"urban\"", {"performance.targets[1].id invalid-value"}},
      {kHome, "/counterpart/ratio_percent", "0", {"counterpart.ratio_percent invalid-value"}},
      {kHome, "/banned_economic_codes/1", "\"301\"", {"banned_economic_codes[1] invalid-value"}},
      {kHome, "/settings/1/id", "\"HC-03.items\"", {"settings[1].id invalid-value"}},
  };
  return list;
}

}  // namespace

TEST_CASE("each fault of a policy is named by its path") {
  for (const auto& change : changes()) {
    json policy = scheme(change.scheme);
    const bool remove = change.pointer[0] == '-';
    const json::json_pointer at(change.pointer.substr(remove ? 1 : 0));
    if (remove) {
      policy.at(at.parent_pointer()).erase(at.back());
    } else {
      policy[at] = json::parse(change.value);
    }
    INFO(change.scheme << " " << change.pointer << " " << change.value);
    CHECK(faults_of(policy) == change.faults);
  }
}

TEST_CASE("all faults are told at once, those of fields and those of meaning") {
  json policy = scheme(kHome);
  policy.erase("title");
  policy["nonsense"] = true;
  policy["duties"][0].erase("every");
  policy["programmes"][0]["entitlement"]["tariff"][0]["amount"] = 15;
  policy["calendar"]["workdays"] = {"2025-01-27"};
  CHECK(faults_of(policy) ==
        std::set<std::string>{"title missing-field", "nonsense unknown-field",
                              "duties[0].every missing-field",
                              "programmes[0].entitlement.tariff[0].amount malformed-field",
                              "calendar.workdays[0] invalid-value"});
}

TEST_CASE("a day that cannot be read hides what rests on it, and nothing else of a programme") {
  json policy = scheme(kBeds);
  policy["in_force_from"] = "2016/01/01";
  policy["programmes"][1]["entitlement"]["cycle"] = "quarterly";
  auto& tariff = policy["programmes"][0]["entitlement"]["tariff"];
  tariff[1]["age_from"] = 91;
  CHECK(faults_of(policy) == std::set<std::string>{"in_force_from malformed-field",
                                                   "programmes[1].entitlement.cycle malformed-field",
                                                   "programmes[0].entitlement.tariff[0].age_to invalid-value"});
  tariff[1]["age_from"] = 90;
  tariff[0]["to"] = "2017-12-31";  // a rate that nothing follows, which the policy's own end could explain
  CHECK(faults_of(policy) == std::set<std::string>{"in_force_from malformed-field",
                                                   "programmes[1].entitlement.cycle malformed-field"});
}

TEST_CASE("the words of every fault are there in both languages") {
  const auto foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  for (const auto& change : changes()) {
    json policy = scheme(change.scheme);
    const bool remove = change.pointer[0] == '-';
    const json::json_pointer at(change.pointer.substr(remove ? 1 : 0));
    if (remove) policy.at(at.parent_pointer()).erase(at.back());
    else policy[at] = json::parse(change.value);
    const auto findings = chain::read_policy(policy.dump()).findings;
    for (const auto& fault : findings.faults) {
      const std::string en = fault.en(), zh = fault.zh();
      INFO(en << " / " << zh);
      CHECK(en.find("policy.") == std::string::npos);
      CHECK(zh.find("policy.") == std::string::npos);
      CHECK(std::any_of(zh.begin(), zh.end(), foreign));
      CHECK(std::none_of(en.begin(), en.end(), foreign));
    }
    for (const auto& warning : findings.warnings) CHECK(warning.en().find("policy.") != 0);
  }
}

TEST_CASE("a policy larger than people write is refused unread, and no more is told than is read") {
  const auto numbered = [](const char* word, std::size_t count) {
    json list = json::array();
    for (std::size_t i = 0; i < count; ++i) list.push_back(word + std::to_string(i));
    return list;
  };
  json policy = scheme(kVoucher);
  policy["eligibility"]["categories"] = numbered("category-", kMaxPolicyItems + 1);
  CHECK(faults_of(policy) == std::set<std::string>{" invalid-value"});
  CHECK(policy_too_large(*chain::read_policy(policy.dump()).policy, "doc.policy.")->field == "doc.policy");
  policy["eligibility"]["categories"] = numbered("category-", kMaxPolicyItems - 100);
  const auto many = chain::read_policy(policy.dump()).findings;
  CHECK(many.faults.empty());
  CHECK(many.warnings.size() <= kMaxPolicyFindings);
  // Of lists within lists the sum counts.
  policy = scheme(kHome);
  auto& bands = policy["programmes"][0]["entitlement"]["tariff"];
  bands[0]["categories"] = numbered("c", 60);
  while (bands.size() < 100) bands.push_back(bands[0]);
  CHECK(faults_of(policy) == std::set<std::string>{" invalid-value"});
  // What is no policy has as many faults as somebody reads.
  policy = scheme(kVoucher);
  policy["programmes"] = json(std::vector<int>(10'000, 0));
  for (int i = 0; i < 10'000; ++i) policy["x" + std::to_string(i)] = 0;
  CHECK(chain::read_policy(policy.dump()).findings.faults.size() == kMaxPolicyFindings);
  const auto reason = [](const std::string& text) { return chain::read_policy(text).findings.faults.front().detail; };
  CHECK(reason(std::string(kMaxPolicyBytes + 1, ' ')) == token(Form::json_size));
  CHECK(reason(std::string(5000, '[') + std::string(5000, ']')) == token(Form::json_depth));
  CHECK(reason("[]") == token(Form::json_not_object));
}

TEST_CASE("what nobody has to change but somebody should know is a warning") {
  std::set<std::string> tokens;
  for (const auto* name : {"homecare-district", "beijing-2010", "zhongxiang", "national-2026",
                           "yizhou-2021", "yanan-2020", "yueqing-2015", "wujin-2008"}) {
    const auto read = chain::read_policy(scheme(name).dump());
    INFO(name);
    CHECK(read.findings.faults.empty());
    for (const auto& warning : read.findings.warnings) tokens.insert(warning.token);
  }
  CHECK(tokens == std::set<std::string>{"policy.amount_absent", "policy.attachment_missing",
                                        "policy.calendar_absent", "policy.calendar_ends_early",
                                        "policy.group_of_one", "policy.no_catch_all"});
  json policy = scheme("zhongxiang");
  policy["programmes"][0]["entitlement"]["tariff"][0]["age_to"] = 90;
  bool overlap = false;
  for (const auto& warning : chain::read_policy(policy.dump()).findings.warnings) {
    overlap = overlap || warning.token == "policy.bands_overlap";
  }
  CHECK(overlap);
}

TEST_CASE("gaps between bands are faults unless the band says so; what decides nothing is a warning") {
  const auto gaps = [](const std::string& name, const std::string& pointer, const std::string& value) {
    json policy = scheme(name);
    policy[json::json_pointer(pointer)] = json::parse(value);
    std::set<std::string> found;
    for (const auto& fault : chain::read_policy(policy.dump()).findings.faults) {
      found.insert(fault.field + " " + fault.detail + " " + fault.subject);
      CHECK(fault.zh().find("nothing_after") != std::string::npos);
    }
    // Said: nothing is at fault.
    for (auto& programme : policy["programmes"]) {
      if (!programme.contains("entitlement")) continue;
      for (auto& band : programme["entitlement"]["tariff"]) {
        if (band.contains("age_to") || band.contains("to")) band["nothing_after"] = true;
      }
    }
    CHECK(chain::read_policy(policy.dump()).findings.faults.empty());
    return found;
  };
  const auto warned = [](const std::string& name, const std::string& pointer, const std::string& value) {
    json policy = scheme(name);
    policy[json::json_pointer(pointer)] = json::parse(value);
    const auto read = chain::read_policy(policy.dump());
    INFO(name << " " << pointer << " " << value);
    CHECK(read.findings.faults.empty());
    std::set<std::string> found;
    const auto before = chain::read_policy(scheme(name).dump()).findings.warnings;
    for (const auto& warning : read.findings.warnings) {
      const bool known = std::any_of(before.begin(), before.end(), [&](const auto& b) {
        return b.field == warning.field && b.token == warning.token && b.subject == warning.subject;
      });
      if (!known) found.insert(warning.field + " " + warning.token + " " + warning.subject);
      CHECK(warning.zh().find("policy.") == std::string::npos);
    }
    return found;
  };
  using Found = std::set<std::string>;
  const std::string at = "programmes[0].entitlement.";
  // 80-89 and 91-99: somebody of 90 falls between them. 100 and older are there.
  CHECK(gaps(kBeds, kTerms + "/tariff/1/age_from", "91") ==
        Found{at + "tariff[0].age_to policy.age_gap 80-89, 90, 91"});
  // Whoever grows older than the last band falls out of the tariff, unless nobody does.
  CHECK(gaps(kOld, kTerms + "/tariff", R"([{"id":"a","title":"t","amount":"1.00","age_from":80,"age_to":99}])") ==
        Found{at + "tariff[0].age_to policy.age_end a, 100"});
  CHECK(gaps(kOld, kTerms + "/tariff", R"([{"id":"a","title":"t","amount":"1.00","age_from":80,"age_to":150}])").empty());
  // A band of another category closes no gap; one for everybody does.
  const std::string first = R"({"id":"a","title":"t","amount":"1.00","age_to":89,"categories":["x"]})";
  const std::string other = R"({"id":"b","title":"t","amount":"1.00","age_from":90,"categories":["y"]})";
  const std::string all = R"({"id":"c","title":"t","amount":"1.00","age_from":90})";
  CHECK(gaps(kOld, kTerms + "/tariff", "[" + first + "," + other + "]") ==
        Found{at + "tariff[0].age_to policy.age_end a, 90"});
  CHECK(gaps(kOld, kTerms + "/tariff", "[" + first + "," + all + "]").empty());
  // Nor does one for some, by fact or region; the narrower before the wider is no fault.
  CHECK(warned(kOld, kTerms + "/tariff",
               R"([{"id":"a","title":"t","amount":"1.00","conditions":["x"]},{"id":"b","title":"t","amount":"1.00"}])").empty());
  CHECK(warned(kOld, kTerms + "/tariff",
               R"([{"id":"a","title":"t","amount":"1.00","regions":["330382001"]},{"id":"b","title":"t","amount":"1.00","regions":["330382"]}])").empty());
  CHECK(warned(kOld, kTerms + "/tariff",
               R"([{"id":"a","title":"t","amount":"1.00","age_to":89,"nothing_after":true},{"id":"b","title":"t","amount":"1.00","age_from":90}])") ==
        Found{at + "tariff[0].nothing_after policy.something_after a"});
  // Rates: a day without one, and one that follows at once.
  const auto rates = [&](const std::string& from) {
    return gaps(kOld, kTerms + "/tariff",
                  R"([{"id":"a","title":"t","amount":"1.00","to":"2015-06-15"},{"id":"b","title":"t","amount":"2.00","from":")" + from + "\"}]");
  };
  CHECK(rates("2015-06-16").empty());
  CHECK(rates("2015-06-17") == Found{at + "tariff[0].to policy.date_gap a, 2015-06-16, 2015-06-17"});

  CHECK(warned(kOld, kTerms + "/cycle", "\"once\"") == Found{at + "cycle policy.once_of_persons once"});
  CHECK(warned(kOld, "/programmes/1/entitlement/tariff/0/age_from", "8") ==
        Found{"programmes[1].entitlement.tariff[0].age_from policy.age_below_min 8, 60"});
  CHECK(warned(kVoucher, kTerms + "/payee", "\"paying_agent\"") == Found{at + "payee policy.field_unused paying_agent"});
  CHECK(warned(kVoucher, "/voucher/denominations", R"(["1.00","100.00"])") ==
        Found{"voucher.denominations[1] policy.denomination_is_face 100.00"});
  CHECK(warned(kVoucher, kTerms + "/exclusive_group", "\"other\"") ==
        Found{at + "exclusive_group policy.group_of_one other",
              "programmes[1].entitlement.exclusive_group policy.group_of_one voucher"});
  CHECK(warned(kOld, kTerms + "/payee", "\"assigned_provider\"") ==
        Found{at + "payee policy.assigned_by_approval assigned_provider"});
  CHECK(warned(kBeds, "/programmes/3/entitlement/start", "\"next_month\"") ==
        Found{"programmes[3].entitlement.start policy.field_unused next_month"});
  CHECK(warned(kVoucher, kTerms + "/proration", "\"days\"") == Found{at + "proration policy.field_unused days"});
  CHECK(warned(kBeds, "/programmes/1/entitlement/stop", "\"month_before\"").empty());
  const auto beds = [&](const std::string& cycle, const std::string& proration) {
    return warned(kBeds, "/programmes/1/entitlement",
                  R"({"assessment":"verified_beds","basis":"approved","cycle":")" + cycle + R"(","payee":"claimant","proration":")" +
                      proration + R"(","start":"same_month","stop":"month_before","tariff":[{"id":"v","title":"t","amount":"1.00"}]})");
  };
  const Found unused{"programmes[1].entitlement.stop policy.field_unused month_before"};
  CHECK(beds("year", "months").empty());
  CHECK(beds("year", "days") == unused);
  CHECK(beds("once", "months") == unused);
  CHECK(warned(kHome, "/definitions/1", R"({"id":"poor","title":"t","any_of":["x"]})") ==
        Found{"definitions[1].id policy.definition_unused poor"});
  CHECK(warned(kOld, "/calendar", R"({"from":"2015-01-01","to":"2015-12-31","holidays":[],"workdays":[]})") ==
        Found{"calendar policy.calendar_unused calendar"});
  CHECK(warned(kOld, "/counterpart", R"({"required":false,"ratio_percent":50})") ==
        Found{"counterpart.ratio_percent policy.ratio_not_required 50"});
}

namespace {

json changed(const std::string& name, const std::string& pointer, const std::string& value) {
  json policy = scheme(name);
  const bool remove = pointer[0] == '-';
  const json::json_pointer at(pointer.substr(remove ? 1 : 0));
  if (remove) policy.at(at.parent_pointer()).erase(at.back());
  else policy[at] = json::parse(value);
  return policy;
}

// Every sentence, those of faults before those of warnings.
std::vector<std::string> said_of(const json& policy, bool chinese, bool warnings) {
  std::vector<std::string> said;
  const auto findings = chain::read_policy(policy.dump()).findings;
  for (const auto& fault : findings.faults) said.push_back(chinese ? fault.zh() : fault.en());
  if (!warnings) return said;
  for (const auto& warning : findings.warnings) said.push_back(chinese ? warning.zh() : warning.en());
  return said;
}

}  // namespace

TEST_CASE("a fault can be mended from its sentence alone") {
  struct Case {
    std::string scheme, pointer, value;
    std::vector<std::string> en, zh;  // all faults
  };
  const std::string tariff = kTerms + "/tariff";
  const std::vector<Case> cases = {
      {kBeds, tariff + "/1/age_from", "91",
       {"Band \"80-89\": nobody is served from age 90 (the next band starts at 91); where that is meant, the band says nothing_after: true."},
       {"“80-89”档：自 90 周岁起没有适用的档（下一档自 91 周岁起）；确是如此的，该档写明 nothing_after: true。"}},
      {kOld, tariff, R"([{"id":"a","title":"t","amount":"1.00","age_to":99}])",
       {"Band \"a\": nobody is served from age 100 on; where that is meant, the band says nothing_after: true."},
       {"“a”档：自 100 周岁起没有适用的档；确是如此的，该档写明 nothing_after: true。"}},
      {kOld, tariff, R"([{"id":"a","title":"t","amount":"1.00","to":"2015-05-14"},{"id":"b","title":"t","amount":"1.00","from":"2015-05-16"}])",
       {"Band \"a\": no rate on 2015-05-15 (the next one starts on 2015-05-16); where that is meant, the band says nothing_after: true."},
       {"“a”档：2015-05-15 没有标准（下一个自 2015-05-16 起）；确是如此的，该档写明 nothing_after: true。"}},
      {kOld, tariff, R"([{"id":"a","title":"t","amount":"1.00","to":"2015-05-14"}])",
       {"Band \"a\": no rate from 2015-05-15 on; where that is meant, the band says nothing_after: true."},
       {"“a”档：自 2015-05-15 起没有标准；确是如此的，该档写明 nothing_after: true。"}},
      // Why a band can never apply; what only follows from it is not said beside it.
      {kBeds, tariff + "/0/to", "\"2015-12-31\"",
       {"Band \"80-89\" can never apply: it ended on 2015-12-31, before in_force_from; leave it out."},
       {"“80-89”档永远不会适用：它止于 2015-12-31，早于政策生效（in_force_from），应删去。"}},
      {kBeds, tariff + "/0/from", "\"2021-01-01\"",
       {"Band \"80-89\" can never apply: it begins on 2021-01-01, after in_force_to."},
       {"“80-89”档永远不会适用：它始于 2021-01-01，晚于政策失效（in_force_to）。"}},
      {kBeds, "/eligibility/min_age", "90",
       {"Band \"80-89\" can never apply: the eligibility lets in nobody below min_age 90."},
       {"“80-89”档永远不会适用：对象条件（eligibility）的最低年龄 min_age 为 90。"}},
      {kBeds, "/eligibility/max_age", "99",
       {"Band \"100\" can never apply: the eligibility lets in nobody above max_age 99."},
       {"“100”档永远不会适用：对象条件（eligibility）的最高年龄 max_age 为 99。"}},
      {kHome, tariff + "/0/care_levels", R"(["half_disabeld","half"])",
       {"Band \"half\" can never apply: its care_levels are not among eligibility.care_levels: half_disabeld, half."},
       {"“half”档永远不会适用：其 care_levels 不在 eligibility.care_levels 之内：half_disabeld, half。"}},
      {kOld, tariff, R"([{"id":"a","title":"t","amount":"1.00"},{"id":"b","title":"t","amount":"1.00","regions":["33"]}])",
       {"Band \"b\" can never apply: \"a\" before it takes everybody whom it fits; the narrower band stands first."},
       {"“b”档永远不会适用：前面的“a”档已包含其全部对象；较窄的档应写在前面。"}},
      {kHome, tariff + "/0/care_levels", "[]", {"\"[]\" is not acceptable: at least one."}, {"“[]”不可接受：至少一项。"}},
      {kBeds, tariff + "/0/age_to", "70", {"age_to (70) must be at least age_from (80)."}, {"age_to（70）不得小于 age_from（80）。"}},
      {kHome, "/eligibility/max_age", "59", {"max_age (59) must be at least min_age (60)."}, {"max_age（59）不得小于 min_age（60）。"}},
      {kBill, tariff + "/0/percent", "130", {"\"130\" is not acceptable: it must be 1 to 100."}, {"“130”不可接受：须为 1 至 100。"}},
      {kHome, tariff + "/0/per_day", "\"24.01\"",
       {"\"24.01\" is not acceptable: it must be 0.01 to 24.00."}, {"“24.01”不可接受：须为 0.01 至 24.00。"}},
      {kHome, "/version", "0", {"\"0\" is not acceptable: it must be 1 to 4294967295."}, {"“0”不可接受：须为 1 至 4294967295。"}},
      {kHome, "/calendar/holidays", R"(["2026-01-01"])",
       {"\"2026-01-01\" is not acceptable: it must be 2024-01-01 to 2025-12-31."}, {"“2026-01-01”不可接受：须为 2024-01-01 至 2025-12-31。"}},
      {kHome, "/duties/0/region_digits", "8",
       {"\"8\" is not acceptable: it must be one of 6, 9, 12."}, {"“8”不可接受：须为 6、9、12 之一。"}},
      {kOld, kTerms + "/start", "\"next_day\"",
       {"\"next_day\" is not acceptable: it must be one of same_day, same_month, next_month, next_quarter."},
       {"“next_day”不可接受：须为 same_day、same_month、next_month、next_quarter 之一。"}},
      {kVoucher, "/voucher/batches/0/valid_to", "\"2014-06-29\"",
       {"\"2014-06-29\" is not acceptable: not before 2014-06-30."}, {"“2014-06-29”不可接受：不得早于 2014-06-30。"}},
      // Fields.
      {kHome, "/titel", "1", {"The field \"titel\" is unknown here; did you mean \"title\"?"}, {"此处没有字段“titel”，是否应为“title”？"}},
      {kHome, "/in_force_form", "1", {"The field \"in_force_form\" is unknown here; did you mean \"in_force_from\"?"},
       {"此处没有字段“in_force_form”，是否应为“in_force_from”？"}},
      {kHome, "/nonsense", "1", {"The field \"nonsense\" is unknown here."}, {"此处没有字段“nonsense”。"}},
      {kHome, "-" + tariff + "/0/per_day", "",
       {"The field \"per_day\" or \"per_month\" is missing."}, {"缺少字段“per_day”或“per_month”。"}},
      {kHome, tariff + "/0/amount", "30", {"The value \"30\" is malformed; expected: \"30.00\" in quotation marks."},
       {"字段值“30”格式不对，应为：加引号的“30.00”。"}},
      {kHome, tariff + "/0/per_day", "1.5", {"The value \"1.5\" is malformed; expected: \"1.50\" in quotation marks."},
       {"字段值“1.5”格式不对，应为：加引号的“1.50”。"}},
      {kHome, "/version", "\"1\"", {"The value \"1\" is malformed; expected: 1 without quotation marks."},
       {"字段值“1”格式不对，应为：不加引号的 1。"}},
      {kHome, "/version", "1.5",
       {"The value \"1.5\" is malformed; expected: an integer without quotation marks, point or exponent, in the range of the field."},
       {"字段值“1.5”格式不对，应为：整数（不加引号，不含小数点和指数），且在该字段的范围内。"}},
      {kHome, "/death_day_payable", "\"true\"", {"The value \"true\" is malformed; expected: true without quotation marks."},
       {"字段值“true”格式不对，应为：不加引号的 true。"}},
      {kHome, "/in_force_to", "null",
       {"The value \"null\" is malformed; expected: a value; leave the field out where there is none."},
       {"字段值“null”格式不对，应为：一个值；没有就不写该字段。"}},
      {kHome, "/title", "5", {"The value \"5\" is malformed; expected: text in quotation marks."},
       {"字段值“5”格式不对，应为：加引号的文字。"}},
  };
  for (const auto& one : cases) {
    INFO(one.scheme << " " << one.pointer << " " << one.value);
    const json policy = changed(one.scheme, one.pointer, one.value);
    CHECK(said_of(policy, false, false) == one.en);
    CHECK(said_of(policy, true, false) == one.zh);
  }
  // A gap between two rates is no rate that starts late.
  const std::string gap = R"([{"id":"a","title":"t","amount":"1.00","to":"2015-05-14"},{"id":"b","title":"t","amount":"1.00","from":"2015-05-16"}])";
  for (const auto& warning : chain::read_policy(changed(kOld, tariff, gap).dump()).findings.warnings) {
    CHECK(warning.token != "policy.starts_late");
  }
  // A field that stands twice is no unknown one.
  std::string twice = scheme(kHome).dump();
  twice.insert(1, "\"version\":1,");
  const auto faults = chain::read_policy(twice).findings.faults;
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].en() == "The field \"version\" is repeated.");
  CHECK(faults[0].zh() == "字段“version”重复。");
  CHECK(chain::read_policy("[]").findings.faults[0].en() == "The policy cannot be read: it is not a JSON object.");
  CHECK(chain::read_policy("[]").findings.faults[0].zh() == "政策无法读取：应为一个 JSON 对象。");
}

TEST_CASE("whoever is let in and gets nothing is pointed out, and weights that nearly are percentages") {
  struct Case {
    std::string scheme, pointer, value;
    std::vector<std::string> en, zh;  // what is said beyond what the scheme gives rise to anyway
  };
  const std::string tariff = kTerms + "/tariff";
  const auto hours = [](const std::string& fits) { return R"({"id":")" + std::to_string(fits.size()) + R"(","title":"t","per_day":"1.00","amount":"1.00")" + fits + "}"; };
  const std::vector<Case> cases = {
      {kOld, tariff, R"([{"id":"a","title":"t","amount":"1.00","from":"2015-05-16"}])",
       {"Band \"a\": no rate before 2015-05-16; from in_force_from (2015-01-01) until then its people get nothing"},
       {"“a”档：2015-05-16 以前没有标准，自政策生效（in_force_from 2015-01-01）至此不给付"}},
      {kBeds, kTerms + "/eligibility", R"({"categories":[],"min_age":70})",
       {"Band \"80-89\" begins at age 80: those it is for get nothing from 70 to 79, whom the eligibility lets in"},
       {"“80-89”档自 80 周岁起：其对象中 70 至 79 周岁、对象条件也放入的人没有给付"}},
      {kHome, tariff, "[" + hours(R"(,"care_levels":["disabled"])") + "]",
       {"No band for \"half_disabled\": these people, whom the eligibility lets in, get nothing"},
       {"没有适用于“half_disabled”的档：对象条件放入的这些人没有给付"}},
      {kHome, tariff, "[" + hours(R"(,"care_levels":["disabled"])") + "," + hours(R"(,"categories":["sanwu","dibao"])") + "]",
       {"No band for the category \"dibian\" at the care level \"half_disabled\": these people, whom the eligibility lets in, get nothing"},
       {"没有适用于类别“dibian”、失能等级“half_disabled”的档：对象条件放入的这些人没有给付"}},
      {kHome, kTerms + "/cost_shares/0/parts", R"([{"level":"a","weight":50},{"level":"b","weight":30},{"level":"c","weight":30}])",
       {"The weights add up to 110, not 100: each bears its part of 110; where percentages are meant, check them"},
       {"权重之和为 110，不是 100：各占 110 分之几；若为百分比，请核对"}},
      {kHome, kTerms + "/cost_shares/0/parts", R"([{"level":"a","weight":60},{"level":"b","weight":40}])", {}, {}},
  };
  for (const auto& one : cases) {
    INFO(one.pointer << " " << one.value);
    const json policy = changed(one.scheme, one.pointer, one.value);
    CHECK(said_of(policy, false, false).empty());
    for (const bool chinese : {false, true}) {
      const auto before = said_of(scheme(one.scheme), chinese, true);
      std::vector<std::string> more;
      for (const auto& sentence : said_of(policy, chinese, true)) {
        const bool overlap = sentence.find("两档") == 0 || sentence.find("both bands") == 0;
        if (!overlap && std::find(before.begin(), before.end(), sentence) == before.end()) more.push_back(sentence);
      }
      CHECK(more == (chinese ? one.zh : one.en));
    }
  }
}

TEST_CASE("[WJ-08] the missing annexes and unknown amounts of Wujin are recorded as such") {
  const auto read = chain::read_policy(scheme("wujin-2008").dump());
  REQUIRE(read.policy);
  CHECK(std::count_if(read.policy->attachments.begin(), read.policy->attachments.end(),
                      [](const auto& a) { return !a.present; }) == 3);
  CHECK_FALSE(read.policy->programme(*ProgrammeId::parse("bed_subsidy"))->entitlement->tariff[0].amount);
}

// --- the schema ----------------------------------------------------------------------------------

namespace {

// The shape of a type as fields() tells it, in the words of the schema.
struct Shape {
  std::set<std::string> all, required;
  std::map<std::string, json> types;

  template <class T>
  void operator()(std::string_view key, T&) {
    const std::string name(key);
    all.insert(name);
    if constexpr (chain_optional<T>()) {
      types[name] = type_of<typename T::value_type>();
    } else {
      required.insert(name);
      types[name] = type_of<T>();
    }
  }
  template <class T>
  static constexpr bool chain_optional() {
    return requires(T t) { t.has_value(); typename T::value_type; };
  }
  template <class T>
  static json type_of() {
    if constexpr (requires { Names<T>::list; }) {
      json names = json::array();
      for (const auto name : Names<T>::list) names.push_back(std::string(name));
      return {{"enum", names}};
    } else if constexpr (requires(T t) { t.push_back(t.front()); t.reserve(1); } &&
                         !std::is_same_v<T, std::string>) {
      return {{"list", type_of<typename T::value_type>()}};
    } else if constexpr (std::is_same_v<T, bool>) {
      return "boolean";
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      return "integer";
    } else if constexpr (requires(T t, Shape s) { T::fields(t, s); }) {
      return shape_of<T>();
    } else {
      return "string";
    }
  }
  template <class T>
  static json shape_of() {
    Shape shape;
    T value;
    T::fields(value, shape);
    json result;
    for (const auto& name : shape.all) {
      result["fields"][name] = shape.types[name];
    }
    result["required"] = shape.required;
    return result;
  }
};

// The same from the schema.
json shape_in(const json& schema, const json& node) {
  if (node.contains("$ref")) {
    return shape_in(schema, schema["$defs"][node["$ref"].get<std::string>().substr(8)]);
  }
  if (node.contains("oneOf")) {
    json names = json::array();
    for (const auto& item : node["oneOf"]) names.push_back(item["const"]);
    return {{"enum", names}};
  }
  if (node.contains("enum")) return "integer";
  if (node["type"] == "array") return {{"list", shape_in(schema, node["items"])}};
  if (node["type"] != "object") return node["type"];
  json result;
  for (const auto& [name, property] : node["properties"].items()) {
    result["fields"][name] = shape_in(schema, property);
  }
  const auto required = node["required"].get<std::set<std::string>>();
  result["required"] = required;
  CHECK(node["additionalProperties"] == false);
  return result;
}

}  // namespace

TEST_CASE("the published schema has the fields, the required ones and the names that the code has") {
  const json schema = json::parse(text_of("docs/policy.schema.json"));
  CHECK(shape_in(schema, schema) == Shape::shape_of<Policy>());
}

TEST_CASE("targets stand in the policies with their figures (WJ-06, YZ-07 to YZ-10, YA-03)") {
  const auto target = [](const std::string& name, const std::string& id) -> std::string {
    const auto read = chain::read_policy(scheme(name).dump());
    REQUIRE(read.policy);
    for (const auto& item : items(read.policy->performance->targets)) {
      if (item.id.str() == id) return item.value.str();
    }
    return "none";
  };
  CHECK(target("wujin-2008", "beds_share") == "2.20");
  CHECK(target("yizhou-2021", "centres") == "5.00");    // 4 in 2021 and 1 in 2022
  CHECK(target("yizhou-2021", "stations") == "12.00");  // 6 and 6
  CHECK(target("yizhou-2021", "reach") == "25000.00");
  for (const auto& [id, value] : std::map<std::string, std::string>{
           {"doctor-2021", "80.00"}, {"nurses-2021", "80.00"}, {"staff-2021", "60.00"},
           {"doctor-2022", "100.00"}, {"nurses-2022", "100.00"}, {"staff-2022", "100.00"},
           {"satisfaction", "80.00"}, {"kitchens", "3.00"}, {"smart", "5.00"}, {"leaders", "1.00"}}) {
    CHECK(target("yizhou-2021", id) == value);
  }
  for (const auto& [id, value] : std::map<std::string, std::string>{
           {"urban", "100.00"}, {"rural", "80.00"}, {"private", "50.00"}, {"medical", "90.00"},
           {"land", "0.10"}, {"barrier_free", "100.00"}}) {
    CHECK(target("yanan-2020", id) == value);
  }
}

TEST_CASE("codes that are nearly the same are pointed out, the rarer one") {
  const auto pairs = [](const std::vector<std::string>& codes) {
    json policy = scheme("yueqing-2015");
    auto& tariff = policy["programmes"][0]["entitlement"]["tariff"];
    const json band = tariff[0];
    tariff = json::array();
    for (std::size_t i = 0; i < codes.size(); ++i) {
      json one = band;
      one["id"] = "b" + std::to_string(i);
      one["care_levels"] = json::array({codes[i]});
      one["age_from"] = 1;
      one["age_to"] = 150;
      one.erase("nothing_after");
      tariff.push_back(one);
    }
    std::set<std::string> found;
    for (const auto& warning : chain::read_policy(policy.dump()).findings.warnings) {
      if (warning.token == "policy.codes_alike") found.insert(warning.subject);
    }
    return found;
  };
  using Found = std::set<std::string>;
  CHECK(pairs({"moderate", "moderte", "moderate"}) == Found{"moderte, moderate"});  // a letter less
  CHECK(pairs({"moderate", "modarate"}) == Found{"modarate, moderate"});            // another one
  CHECK(pairs({"moderate", "modreate"}) == Found{"moderate, modreate"});            // two exchanged
  CHECK(pairs({"half_disabled", "Half-disabled"}) == Found{"Half-disabled, half_disabled"});
  CHECK(pairs({"half_disabled", "disabled", "severe"}).empty());
  CHECK(pairs({"level_1", "level_2", "level_10"}).empty());  // numbered
  CHECK(pairs({"grade_a", "grade_b"}).empty());
  CHECK(pairs({"low", "law"}).empty());  // too short to say
}

TEST_CASE("a percentage is a whole number, and 0.4 is told what 40 means") {
  json policy = scheme("national-2026");
  policy["programmes"][0]["entitlement"]["tariff"][0]["percent"] = 0.4;
  const auto faults = chain::read_policy(policy.dump()).findings.faults;
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].en().find("40 means 40 %") != std::string::npos);
}
