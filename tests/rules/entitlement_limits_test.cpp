// Where an entitlement must not reach: after a death, after an amendment that ends it, before its
// policy, beyond a contract; and how little a strange reference may cost.
#include <catch2/catch.hpp>
#include <stdexcept>

#include "ledger/core/documents.h"
#include "tests/rules/scheme_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

// The district's home care for everybody who is registered, or for those who are granted it.
Json home_care(bool approval = false) {
  Json policy = scheme("homecare-district");
  if (!approval) policy.erase("approval");
  policy["eligibility"]["min_age"] = 0;
  return policy;
}
Json& terms_of(Json& policy) { return policy["programmes"][0]["entitlement"]; }

Elder disabled() {
  Elder elder;
  elder.care_level = "disabled";
  elder.facts = {"household_register", "children_incapable"};
  elder.region = "320412001";
  return elder;
}

void amend(Scheme& scene, const std::string& on, const BeneficiaryAmendment& what) {
  Overlay overlay(scene.state);
  BeneficiaryAmendment d = what;
  d.beneficiary = Elder().id;
  record_facts(overlay, day(on), d);
  scene.state.take(overlay);
}

std::string due(const Scheme& scene, const Elder& elder, const std::string& period = "2025-04",
                bool final_basis = false) {
  return scene.ask("homecare", elder, period, "p1", final_basis).due.amount.str();
}

// Refuses to be read more often than a question is worth.
class ImpatientState : public StateSource {
 public:
  const std::string* find(std::string_view) const override {
    if (++reads > 100) throw std::runtime_error("too many reads");
    return nullptr;
  }
  mutable int reads = 0;
};

}  // namespace

TEST_CASE("what is delivered after a death is not paid, whenever the death was reported") {
  Json policy = home_care();
  terms_of(policy)["stop"] = "same_month";
  policy["death_day_payable"] = GENERATE(true, false);
  Elder elder = disabled();
  elder.ended_on = "2025-05-10";
  SECTION("hours") {
    terms_of(policy)["basis"] = "delivered";
    Scheme scene(policy);
    scene.add(elder, "homecare");
    scene.deliver(elder.id, "homecare", "p1", "2025-05-09", "2.00");
    CHECK(due(scene, elder) == "30.00");
    scene.deliver(elder.id, "homecare", "p1", "2025-05-20", "2.00");
    CHECK(due(scene, elder) == "30.00");
    scene.deliver(elder.id, "homecare", "p1", "2025-05-10", "2.00");
    CHECK(due(scene, elder) == (policy["death_day_payable"] ? "60.00" : "30.00"));
  }
  SECTION("bills") {
    policy["programmes"][0]["instrument"] = "bill_share";
    terms_of(policy)["payee"] = "serving_provider";
    for (auto& band : terms_of(policy)["tariff"]) {
      band.erase("amount");
      band.erase("per_day");
      band["percent"] = 50;
    }
    Scheme scene(policy);
    scene.add(elder, "homecare");
    scene.deliver(elder.id, "homecare", "p1", "2025-05-09", "1.00", "100.00");
    scene.deliver(elder.id, "homecare", "p1", "2025-05-20", "1.00", "1000.00");
    CHECK(due(scene, elder) == "50.00");
    scene.deliver(elder.id, "homecare", "p1", "2025-05-10", "1.00", "10.00");
    CHECK(due(scene, elder) == (policy["death_day_payable"] ? "55.00" : "50.00"));
  }
}

TEST_CASE("a version that nobody registered costs one look, whatever its number") {
  ImpatientState state;
  const PolicyVersions versions(state, *PolicyRef::parse("x@4294967295"));
  CHECK(versions.empty());
  CHECK(state.reads == 1);
}

TEST_CASE("what is amended after a grant counts from its day; the payee of the grant stays") {
  Elder elder = disabled();
  elder.granted = "2025-01-01";
  elder.provider = "p1";
  Scheme scene(home_care(true));
  scene.add(elder, "homecare");
  REQUIRE(due(scene, elder) == "2730.00");
  BeneficiaryAmendment change;
  SECTION("a move to an institution") {
    change.channel = Channel::institution;
    amend(scene, "2025-05-01", change);
    CHECK(due(scene, elder) == "900.00");
    CHECK(scene.ask("homecare", elder, "2025-07").why->reason == Reason::condition_not_met);
  }
  SECTION("no longer alone") {
    change.facts = {code("household_register")};
    amend(scene, "2025-05-01", change);
    CHECK(due(scene, elder) == "900.00");
  }
  SECTION("another category") {
    change.category = code("well_off");
    amend(scene, "2025-05-01", change);
    CHECK(due(scene, elder) == "900.00");
  }
  SECTION("another care level: another rate") {
    change.care_level = code("half_disabled");
    amend(scene, "2025-05-01", change);
    CHECK(due(scene, elder) == "2272.50");  // 30 days of 30.00, 61 of 22.50
    CHECK(scene.ask("homecare", elder, "2025-04", "p2").due.amount.is_zero());
  }
  SECTION("what the amendment does not say is still as it was granted") {
    change.category = code("sanwu");
    amend(scene, "2025-05-01", change);
    CHECK(due(scene, elder) == "2730.00");
  }
  SECTION("what was recorded before the grant was known to it") {
    change.channel = Channel::institution;
    amend(scene, "2024-12-01", change);
    CHECK(due(scene, elder) == "2730.00");
  }
}

TEST_CASE("what is amended after a grant never brings more than was approved") {
  Elder elder = disabled();
  elder.care_level = "half_disabled";
  elder.granted = "2025-01-01";
  elder.provider = "p1";
  BeneficiaryAmendment change;
  change.care_level = code("disabled");
  SECTION("a higher care level waits for another approval") {
    Scheme scene(home_care(true));
    scene.add(elder, "homecare");
    amend(scene, "2025-05-01", change);
    const auto asked = scene.ask("homecare", elder, "2025-04");
    CHECK(asked.due.amount.str() == "2047.50");
    REQUIRE(asked.why);  // so a run names it
    CHECK(asked.why->reason == Reason::more_than_approved);
    CHECK(asked.why->detail == "2025-05-01");
    Overlay overlay(scene.state);
    Grant next = grants_of(scene.state, elder.id).front();
    next.application = *ApplicationId::parse("next");
    next.care_level = code("disabled");
    next.from = day("2025-06-01");
    next.applied_on = day("2025-05-20");
    add_grant(overlay, elder.id, next);
    scene.state.take(overlay);
    CHECK(due(scene, elder) == "2272.50");  // 61 days of 22.50, 30 of 30.00
  }
  SECTION("one that is dated before the application counts for nothing, and a run names the person") {
    Scheme scene(home_care(true));
    scene.add(elder, "homecare");
    amend(scene, "2024-12-01", change);
    const auto asked = scene.ask("homecare", elder, "2025-04");
    CHECK(asked.due.amount.str() == "2047.50");
    CHECK(!asked.why);  // it is no reason of what is due
    REQUIRE(asked.noted);
    CHECK(asked.noted->reason == Reason::more_than_approved);
    CHECK(asked.noted->detail == "2024-12-01");
    SECTION("by the day of the one that gives more, whatever was recorded besides") {
      BeneficiaryAmendment other;
      other.category = code("sanwu");
      amend(scene, "2024-12-05", other);
      CHECK(scene.ask("homecare", elder, "2025-04").noted->detail == "2024-12-01");
      amend(scene, "2025-02-01", other);
      CHECK(scene.ask("homecare", elder, "2025-04").noted->detail == "2024-12-01");
    }
    SECTION("until the level that was approved is recorded anew") {
      change.care_level = code("half_disabled");
      amend(scene, "2025-02-01", change);
      CHECK(!scene.ask("homecare", elder, "2025-04").noted);
    }
    SECTION("not where it would give nothing") {
      BeneficiaryAmendment other;
      other.category = code("well_off");
      amend(scene, "2024-12-02", other);
      CHECK(!scene.ask("homecare", elder, "2025-04").noted);
    }
  }
  SECTION("where nothing was delivered, that is no reason why nothing is due") {
    Json policy = home_care(true);
    terms_of(policy)["basis"] = "delivered";
    Scheme scene(policy);
    scene.add(elder, "homecare");
    amend(scene, "2024-12-01", change);
    const auto asked = scene.ask("homecare", elder, "2025-04");
    CHECK(asked.due.amount.is_zero());
    CHECK(!asked.why);
    CHECK(asked.noted);
  }
  SECTION("down, and no higher than it was") {
    Scheme scene(home_care(true));
    elder.care_level = "disabled";
    scene.add(elder, "homecare");
    BeneficiaryAmendment down;
    down.care_level = code("half_disabled");
    amend(scene, "2025-05-01", down);
    amend(scene, "2025-06-01", change);
    CHECK(due(scene, elder) == "2497.50");  // 30 and 30 days of 30.00, 31 of 22.50
  }
  SECTION("without an approval what is registered counts") {
    Scheme scene(home_care(false));
    elder.granted = elder.provider = "";
    scene.add(elder, "homecare");
    amend(scene, "2025-05-01", change);
    CHECK(due(scene, elder) == "2505.00");  // 30 days of 22.50, 61 of 30.00
  }
}

TEST_CASE("what gives more: in any limit that follows, whichever way it is said") {
  struct Row {
    Json approved, amended;
    bool more;
  };
  const auto hours = [](const char* amount, const char* per_day, const char* per_month) {
    Json band{{"amount", amount}};
    if (*per_day) band["per_day"] = per_day;
    if (*per_month) band["per_month"] = per_month;
    return band;
  };
  const auto bills = [](int percent, const char* cap) {
    Json band{{"percent", percent}};
    if (*cap) band["cap"] = cap;
    return band;
  };
  for (const auto& [approved, amended, more] : std::vector<Row>{
           {hours("15.00", "", "60.00"), hours("15.00", "1.00", ""), false},
           {hours("15.00", "", "30.00"), hours("15.00", "1.00", ""), true},
           {hours("15.00", "2.00", "60.00"), hours("15.00", "1.50", ""), false},
           {hours("15.00", "2.00", ""), hours("15.00", "1.50", "60.00"), false},
           {hours("15.00", "1.00", ""), hours("15.00", "", "60.00"), true},
           {hours("15.00", "1.00", "20.00"), hours("15.00", "1.00", ""), true},
           {hours("15.00", "1.00", ""), hours("15.01", "1.00", ""), true},
           {hours("15.00", "1.00", ""), hours("10.00", "1.50", ""), true},
           {hours("15.00", "1.00", ""), hours("15.00", "1.00", ""), false},
           {bills(50, "300.00"), bills(40, ""), true},
           {bills(50, "300.00"), bills(40, "300.01"), true},
           {bills(50, "300.00"), bills(51, "300.00"), true},
           {bills(50, "300.00"), bills(50, "300.00"), false},
           {bills(50, ""), bills(40, "800.00"), false}}) {
    INFO(approved.dump() << " " << amended.dump());
    Json policy = home_care(true);
    if (approved.contains("percent")) {
      policy["programmes"][0]["instrument"] = "bill_share";
      terms_of(policy)["payee"] = "serving_provider";
    }
    Json full{{"id", "full"}, {"title", "t"}, {"care_levels", Json::array({"disabled"})}};
    Json half{{"id", "half"}, {"title", "t"}, {"care_levels", Json::array({"half_disabled"})}};
    full.update(approved);
    half.update(amended);
    terms_of(policy)["tariff"] = Json::array({full, half});
    Elder elder = disabled();
    elder.granted = "2025-01-01";
    elder.provider = "p1";
    Scheme scene(policy);
    scene.add(elder, "homecare");
    BeneficiaryAmendment change;
    change.care_level = code("half_disabled");
    amend(scene, "2025-05-01", change);
    const auto asked = scene.ask("homecare", elder, "2025-04");
    CHECK(asked.why.has_value() == more);
    if (asked.why) CHECK(asked.why->reason == Reason::more_than_approved);
  }
}

TEST_CASE("an amendment down to a limit of another kind counts from its day") {
  Json policy = home_care(true);
  auto& tariff = terms_of(policy)["tariff"];
  tariff[0].erase("per_day");  // half: one hour a day; full: 60 a month
  tariff[1].erase("per_day");
  tariff[0]["per_day"] = "1.00";
  tariff[1]["per_month"] = "60.00";
  Elder elder = disabled();
  elder.granted = "2025-01-01";
  elder.provider = "p1";
  Scheme scene(policy);
  scene.add(elder, "homecare");
  BeneficiaryAmendment change;
  change.care_level = code("half_disabled");
  amend(scene, "2025-05-01", change);
  CHECK(due(scene, elder) == "1815.00");  // 60, 31 and 30 hours
}

TEST_CASE("levels with new codes take new applications: an amendment alone brings nothing, and says why") {
  Json policy = home_care(true);
  Elder elder = disabled();
  elder.granted = "2025-01-01";
  elder.provider = "p1";
  Scheme scene(policy);
  scene.add(elder, "homecare");
  policy["version"] = 2;
  policy["in_force_from"] = "2025-07-01";
  policy["eligibility"]["care_levels"] = Json::array({"level_3"});
  Json band = terms_of(policy)["tariff"][1];
  band["care_levels"] = Json::array({"level_3"});
  terms_of(policy)["tariff"] = Json::array({band});
  scene.add(policy);
  BeneficiaryAmendment change;
  change.care_level = code("level_3");
  amend(scene, "2025-07-01", change);
  const auto asked = scene.ask("homecare", elder, "2025-07");
  CHECK(asked.due.amount.is_zero());
  REQUIRE(asked.why);
  CHECK(asked.why->reason == Reason::more_than_approved);
}

TEST_CASE("a grant that is withdrawn before it began takes nobody's place") {
  Elder elder = disabled();
  elder.granted = "2025-01-01";
  elder.provider = "p1";
  Scheme scene(home_care(true));
  scene.add(elder, "homecare");
  Overlay overlay(scene.state);
  Grant next = grants_of(scene.state, elder.id).front();
  next.application = *ApplicationId::parse("next");
  next.from = day("2025-05-01");
  next.provider = *ProviderId::parse("p2");
  add_grant(overlay, elder.id, next);
  CHECK(grants_of(overlay, elder.id).front().to == day("2025-04-30"));
  withdraw_grant(overlay, elder.id, next.application, day("2025-04-25"));
  CHECK(!grants_of(overlay, elder.id).front().to);
  scene.state.take(overlay);
  CHECK(due(scene, elder) == "2730.00");
}

TEST_CASE("a level that a later version renames still bears what it bore") {
  Json policy = home_care();
  Scheme scene(policy);
  scene.add(disabled(), "homecare");
  policy["version"] = 2;
  policy["in_force_from"] = "2025-07-01";
  terms_of(policy)["cost_shares"][0]["parts"][1]["level"] = "town";
  scene.add(policy);
  CHECK(shares(scene.ask("homecare", disabled(), "2025-07")) == "1656.00 + 1104.00 + 0.00");
  const auto earlier = scene.ask("homecare", disabled(), "2025-04");
  CHECK(!earlier.unknown);
  CHECK(shares(earlier) == "1638.00 + 0.00 + 1092.00");
}

TEST_CASE("a provider is paid for approved hours on days under contract only") {
  Elder elder = disabled();
  elder.granted = "2025-01-01";
  elder.provider = "p1";
  Scheme scene(home_care(true));
  scene.add(elder, "homecare");
  scene.contracts("p1", {{"2024-01-01", "2025-04-02"}});
  const auto asked = scene.ask("homecare", elder, "2025-04");
  CHECK(asked.due.amount.str() == "60.00");
  REQUIRE(asked.why);
  CHECK(asked.why->reason == Reason::contract_not_valid);
  scene.contracts("p1", {{"2024-01-01", "2025-04-02"}, {"2025-06-30", "2026-12-31"}});
  CHECK(due(scene, elder) == "90.00");
  scene.contracts("p1", {{"2024-01-01", "2025-04-02"}, {"2025-06-30", "2026-12-31"}, {"2025-04-03", "2025-06-29"}});
  CHECK(due(scene, elder) == "2730.00");  // without a gap
}

TEST_CASE("two schemes that exclude each other share a quarter by days, where both are granted") {
  Json policy = home_care(true);
  Elder elder = disabled();
  Scheme scene(policy);
  const std::string rule = GENERATE("same_day", "same_month");
  for (auto& programme : policy["programmes"]) programme["entitlement"]["stop"] = rule;
  scene.add(policy);
  scene.add(elder, "homecare");
  Overlay overlay(scene.state);
  Grant home;
  home.application = *ApplicationId::parse("first");
  home.policy = scene.ref();
  home.programme = *ProgrammeId::parse("homecare");
  home.from = home.applied_on = day("2025-01-01");
  home.category = code("dibao");
  home.care_level = code("disabled");
  home.facts = {code("household_register"), code("children_incapable")};
  home.provider = *ProviderId::parse("p1");
  home.exclusive_group = code("homecare");
  add_grant(overlay, elder.id, home);
  withdraw_grant(overlay, elder.id, home.application, day("2025-05-10"));
  Grant institution = home;
  institution.application = *ApplicationId::parse("next");
  institution.programme = *ProgrammeId::parse("institution");
  institution.channel = Channel::institution;
  institution.from = institution.applied_on = day("2025-05-11");
  add_grant(overlay, elder.id, institution);
  mark_group(overlay, subject_of(elder.id), code("homecare"), home.programme, month("2025-04"), 3,
             true);
  scene.state.take(overlay);
  const bool days = rule == "same_day";
  CHECK(due(scene, elder) == (days ? "1200.00" : "1830.00"));
  CHECK(scene.ask("institution", elder, "2025-04").due.amount.str() ==
        (days ? "1530.00" : "900.00"));
}
