// Birth dates come from the vault and from nowhere else.
#include "ledger/engine/ages.h"

#include <map>

#include "tests/engine/scene.h"

using namespace fundtrail;
using namespace fundtrail::test;

namespace {

struct NoState : rules::StateSource {
  const std::string* find(std::string_view) const override { return nullptr; }
};

// A vault of two people, born on 1 October 1930.
struct People {
  TemporaryDirectory home;
  std::unique_ptr<Vault> vault;
  std::map<Pseudonym, std::string> records;
  int asked = 0;

  People() {
    require_ok(Vault::create_key(home.path() / "key"));
    vault = std::make_unique<Vault>(take(Vault::open(home.path() / "key", "sha256-ed25519")));
    for (int i = 0; i < 2; ++i) {
      auto sealed = take(vault->seal(identity(elder_id(i), "老人\",\"id_number\":\"")));
      records[sealed.pseudonym] = sealed.record;
    }
  }
  SealedOf sealed_of() {
    return [this](const Pseudonym& person) -> Result<std::optional<std::string>> {
      ++asked;
      const auto it = records.find(person);
      return it == records.end() ? std::optional<std::string>() : it->second;
    };
  }
  Pseudonym person(int i) const { return vault->pseudonym_of(elder_id(i)); }
};

const Date kBirth = *Date::parse("1930-10-01");

}  // namespace

TEST_CASE("a calculation has one birth date a line; strangers and providers have none") {
  People people;
  EntitlementCalculation d;
  for (int i = 0; i < 4; ++i) d.lines.emplace_back();
  d.lines[0].beneficiary = people.person(1);
  d.lines[2].beneficiary = Pseudonym(77);
  d.lines[3].beneficiary = people.person(0);
  Command c = command("c", Role::preparer, d);
  c.policy = kPolicy;  // of terms that this state does not know, so ages may be needed
  c.births = {kDay, kDay};  // what a caller of the library left there
  make_room_for_births(NoState(), c);
  REQUIRE(c.births == std::vector<std::optional<Date>>(4));
  require_ok(find_births(*people.vault, people.sealed_of(), c));
  REQUIRE(c.births == std::vector<std::optional<Date>>{kBirth, {}, {}, kBirth});
  people.asked = 0;  // only what is missing is asked for again
  require_ok(find_births(*people.vault, people.sealed_of(), c));
  REQUIRE(people.asked == 1);
}

TEST_CASE("what lowers a calculation has one birth date a line: it takes only what is not due") {
  People people;
  CalculationReduction d;
  for (int i = 0; i < 2; ++i) d.lines.emplace_back();
  d.lines[1].beneficiary = people.person(1);
  Command c = command("c", Role::preparer, d);
  c.policy = kPolicy;
  make_room_for_births(NoState(), c);  // the calculation may come with the commands before it
  require_ok(find_births(*people.vault, people.sealed_of(), c));
  REQUIRE(c.births == std::vector<std::optional<Date>>{{}, kBirth});
}

TEST_CASE("a recovery has the birth date of whom it was calculated for: what is still due is not recovered") {
  People people;
  RecoveryDecision d;
  Command c = command("c", Role::preparer, d);
  c.policy = kPolicy;
  make_room_for_births(NoState(), c);
  REQUIRE(c.births.empty());  // of nobody
  d.entitlement = RecoveredEntitlement{people.person(0), *Code::parse("all"), Month::of(kDay)};
  for (const bool named : {true, false}) {  // or the policy of the allotment
    Command of_person = command("c", Role::preparer, d);
    if (named) of_person.policy = kPolicy;
    make_room_for_births(NoState(), of_person);
    require_ok(find_births(*people.vault, people.sealed_of(), of_person));
    REQUIRE(of_person.births == std::vector<std::optional<Date>>{kBirth});
  }
  d.entitlement->beneficiary.reset();
  Command of_provider = command("c", Role::preparer, d);
  make_room_for_births(NoState(), of_provider);
  REQUIRE(of_provider.births.empty());
}

TEST_CASE("an application has one birth date, other documents none") {
  People people;
  EntitlementApplication d;
  d.beneficiary = people.person(0);
  Command c = command("c", Role::preparer, d);
  make_room_for_births(NoState(), c);
  require_ok(find_births(*people.vault, people.sealed_of(), c));
  REQUIRE(c.births == std::vector<std::optional<Date>>{kBirth});

  Command other = fund_registration();
  other.births = {kDay};
  make_room_for_births(NoState(), other);
  REQUIRE(other.births.empty());
}

TEST_CASE("a vault record that was changed is a fault, not an unknown age") {
  People people;
  EntitlementApplication d;
  d.beneficiary = people.person(0);
  people.records[d.beneficiary].back() ^= 1;
  Command c = command("c", Role::preparer, d);
  make_room_for_births(NoState(), c);
  const auto found = find_births(*people.vault, people.sealed_of(), c);
  REQUIRE(found.error().fault == Fault::tampered);
  REQUIRE(found.error().message.find("1930") == std::string::npos);
}

TEST_CASE("the birth date in an identity number, and none in a number that is not valid") {
  People people;
  const auto sealed = take(people.vault->seal(identity("320412193001011235", "张三")));
  REQUIRE(take(people.vault->birth_date(sealed.pseudonym, sealed.record)) == std::nullopt);
  for (const auto& [person, record] : people.records) {
    REQUIRE(take(people.vault->birth_date(person, record)) == kBirth);
  }
  REQUIRE(people.vault->birth_date(Pseudonym(1), sealed.record).error().fault == Fault::tampered);
}

namespace {

// A policy that takes applications from a given age on.
Command policy_from_age(const std::string& name, std::uint64_t min_age) {
  Command c = policy_registration();
  c.id = *CommandId::parse(name);
  auto& policy = std::get<PolicyRegistration>(c.document).policy;
  policy.name = *PolicyName::parse(name);
  policy.eligibility.min_age = min_age;
  ApprovalStepTerms approval;
  approval.id = *Code::parse("bureau");
  approval.kind = StepKind::approval;
  approval.title = *Text::parse("审批");
  policy.approval.emplace().steps = {approval};
  return c;
}

Command application(const Ledger& ledger, const std::string& id, const std::string& policy, int elder) {
  EntitlementApplication d;
  d.application = *ApplicationId::parse(id);
  d.beneficiary = ledger.vault().pseudonym_of(elder_id(elder));
  d.category = *Code::parse("dibao");
  d.programme = *ProgrammeId::parse("services");
  Command c = command(id, Role::preparer, d);
  c.policy = *PolicyRef::parse(policy + "@1");
  c.births = {*Date::parse("1900-01-01")};  // a caller of the library cannot make anybody older
  return c;
}

}  // namespace

TEST_CASE("an application is judged by the age in the vault, and the age stands nowhere") {
  TemporaryDirectory home;
  auto ledger = scene(home.path() / "ledger", 1);
  record(*ledger, policy_from_age("from-77", 77));
  record(*ledger, policy_from_age("from-78", 78));
  const auto young = refused(*ledger, application(*ledger, "a1", "from-78", 0));
  REQUIRE(young.reason == Reason::under_age);
  REQUIRE(young.subject == "78");  // what is asked for, not how old somebody is
  REQUIRE((young.zh() + young.en()).find("1930") == std::string::npos);
  const auto index = record(*ledger, application(*ledger, "a2", "from-77", 0)).index;
  const auto entry = take(ledger->view()->entry(index));
  REQUIRE(entry.bytes.find("birth") == std::string::npos);
  REQUIRE(entry.bytes.find("1930") == std::string::npos);
  REQUIRE(entry.bytes.find("1900") == std::string::npos);
  check_chain(*ledger->view());
}

TEST_CASE("somebody who was registered in the same batch has an age") {
  TemporaryDirectory home;
  auto ledger = scene(home.path() / "ledger", 0);
  record(*ledger, policy_from_age("from-77", 77));
  std::vector<Command> batch = {elder_registration("elder", identity(elder_id(5), "老人")),
                                application(*ledger, "a1", "from-77", 5)};
  for (const auto& answer : take(ledger->submit(std::move(batch), BatchMode::atomic))) {
    REQUIRE(std::holds_alternative<Receipt>(answer));
  }
}

TEST_CASE("nobody knows the age of a person whose identity was erased") {
  TemporaryDirectory home;
  Pseudonym person;
  {
    auto ledger = scene(home.path() / "ledger", 1);
    record(*ledger, policy_from_age("from-77", 77));
    person = ledger->vault().pseudonym_of(elder_id(0));
    record(*ledger, ended(person));
    record(*ledger, erasure(person));
    // At once, and after it is opened again.
    REQUIRE(refused(*ledger, application(*ledger, "a0", "from-77", 0)).subject == "77");
  }
  auto ledger = take(Ledger::open(home.path() / "ledger", {}));
  const auto no = refused(*ledger, application(*ledger, "a1", "from-77", 0));
  REQUIRE(no.reason == Reason::under_age);
  REQUIRE(no.subject == "77");
}

TEST_CASE("vouchers of a programme with an age limit are issued by the age in the vault") {
  TemporaryDirectory home;
  auto ledger = scene(home.path() / "ledger", 1);  // born in 1930
  Command registration = policy_registration();
  registration.id = *CommandId::parse("aged");
  auto& policy = std::get<PolicyRegistration>(registration.document).policy;
  policy.name = *PolicyName::parse("aged");
  policy.programmes.clear();
  const auto programme_from = [](int age) {
    return *ProgrammeId::parse("from-" + std::to_string(age));
  };
  for (const int age : {77, 78}) {
    Programme programme;
    programme.id = programme_from(age);
    programme.name = programme.purpose = *Text::parse("x");
    programme.entitlement.emplace().eligibility.emplace().min_age = std::uint64_t(age);
    policy.programmes.push_back(programme);
  }
  record(*ledger, registration);
  const auto vouchers = [&](int age) {
    Command c = issue(*ledger, 0, age, 1);
    std::get<VoucherIssue>(c.document).programme = programme_from(age);
    c.policy = *PolicyRef::parse("aged@1");
    c.births = {*Date::parse("1900-01-01")};  // a caller of the library makes nobody older
    return c;
  };
  REQUIRE(refused(*ledger, vouchers(78)).reason == Reason::under_age);
  // Old enough; what is missing is the money.
  REQUIRE(refused(*ledger, vouchers(77)).reason == Reason::insufficient_balance);
}
