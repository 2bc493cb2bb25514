// Who is let in, by which means, as whom, for how long, and how often.
#include <thread>

#include "tests/identity/support.h"

namespace fundtrail::api {
namespace {

// Computed once: they take a tenth of a second each.
const std::string& hash_of_right() {
  static const std::string hash = hash_password("Right-Horse-7").value();
  return hash;
}
constexpr char kRight[] = "Right-Horse-7";

std::string outcome(const SignIn& answer) {
  if (std::holds_alternative<SignedIn>(answer)) return "in";
  if (std::holds_alternative<SignInFailed>(answer)) return "failed";
  if (const auto* wait = std::get_if<SignInWait>(&answer)) return "wait " + std::to_string(wait->seconds);
  if (const auto* refusal = std::get_if<UserRefusal>(&answer)) return std::string(info(refusal->no).code);
  return "fault";
}

// A book with one user who has a password of their own.
struct House : Place {
  House() {
    REQUIRE(add("wang", {Role::preparer, Role::registrar}, hash_of_right()) == "done");
    REQUIRE(change([&](auto& users) {
              return set_own_password(users, "wang", hash_of_right(), hash_of_right(), now);
            }) == "done");
  }
  SignedIn sign_in(Identity& identity, std::optional<Role> role = std::nullopt) {
    auto answer = identity.sign_in("wang", kRight, role, "10.0.0.1");
    REQUIRE(outcome(answer) == "in");
    return std::get<SignedIn>(answer);
  }
};

}  // namespace

TEST_CASE("a token acts in its role until it ends") {
  Place place;
  REQUIRE(place.add("w", {Role::preparer, Role::registrar}) == "done");
  const auto forever = place.token("w", Role::preparer);
  const auto short_lived = place.token("w", Role::registrar, place.now + 100);
  auto identity = place.open();
  CHECK(said(identity->admit({.bearer = forever})) == "w/preparer");
  CHECK(said(identity->admit({.bearer = forever, .role = "preparer"})) == "w/preparer");
  CHECK(said(identity->admit({.bearer = forever, .role = "registrar"})) == "role_not_held");
  CHECK(said(identity->admit({.bearer = short_lived})) == "w/registrar");
  place.now += 100;
  CHECK(said(identity->admit({.bearer = short_lived})) == "unauthenticated");
  CHECK(said(identity->admit({.bearer = "ft_x"})) == "unauthenticated");
  CHECK(said(identity->admit({})) == "unauthenticated");
  // A role that is taken away takes its tokens along; disabling takes all.
  const auto alter_w = [&](UserChange wanted) {
    const auto done = identity->change([&](auto& users) { return change_user(users, "w", wanted, nullptr, place.now); });
    REQUIRE((done.ok() && !*done));
  };
  alter_w({.roles = std::vector{Role::registrar}});
  CHECK(said(identity->admit({.bearer = forever})) == "role_not_held");
  alter_w({.roles = std::vector{Role::preparer}, .ledgers = std::vector{*LedgerId::parse("l2")}});
  CHECK(said(identity->admit({.bearer = forever})) == "unauthenticated");  // of another ledger
  alter_w({.ledgers = std::vector{*LedgerId::parse("l2"), *LedgerId::parse("l1")}});
  CHECK(said(identity->admit({.bearer = forever})) == "w/preparer");
  alter_w({.disabled = true});
  CHECK(said(identity->admit({.bearer = forever})) == "unauthenticated");
  alter_w({.disabled = false});  // nobody knows any more where it lies
  CHECK(said(identity->admit({.bearer = forever})) == "unauthenticated");
}

TEST_CASE("a provider's user acts for its provider") {
  Place place;
  REQUIRE(place.change([&](auto& users) {
            NewUser fresh;
            fresh.id = *ActorId::parse("p-01.zhang");
            fresh.roles = {Role::provider};
            fresh.provider = ProviderId::parse("p-01");
            return add_user(users, fresh, nullptr, 1);
          }) == "done");
  const auto token = place.token("p-01.zhang", Role::provider);
  const auto caller = std::get<Caller>(place.open()->admit({.bearer = token}));
  CHECK(caller.actor.id.str() == "p-01");
  CHECK(caller.user == "p-01.zhang");
}

TEST_CASE("a certificate acts in the only role, or the one that is named") {
  Place place;
  REQUIRE(place.add("one", {Role::inspector}) == "done");
  REQUIRE(place.add("two", {Role::preparer, Role::registrar}) == "done");
  const std::string first(64, 'a'), second(64, 'b');
  const auto certify = [&](const char* id, const std::string& what) {
    return place.change([&](auto& users) { return add_certificate(users, id, what, nullptr); });
  };
  CHECK(certify("one", first) == "done");
  CHECK(certify("two", first) == "certificate-taken");
  CHECK(certify("two", second) == "done");
  auto identity = place.open();
  CHECK(said(identity->admit({.certificate = first})) == "one/inspector");
  CHECK(said(identity->admit({.certificate = second})) == "role_needed");
  CHECK(said(identity->admit({.certificate = second, .role = "registrar"})) == "two/registrar");
  CHECK(said(identity->admit({.certificate = second, .role = "approver"})) == "role_not_held");
  CHECK(said(identity->admit({.certificate = std::string(64, 'c')})) == "unauthenticated");
  // A token that is sent counts before the certificate, also when it is wrong.
  CHECK(said(identity->admit({.bearer = "ft_x", .certificate = first})) == "unauthenticated");
}

TEST_CASE("a session: idle, absolute, its role, and what changes something") {
  House house;
  auto identity = house.open();
  const auto in = house.sign_in(*identity);
  const auto& csrf = in.session.csrf;
  CHECK(said(identity->admit({.session = in.token})) == "wang/preparer");
  CHECK(said(identity->admit({.session = in.token, .role = "registrar"})) == "wang/registrar");
  CHECK(said(identity->admit({.session = in.token, .role = "approver"})) == "role_not_held");
  CHECK(said(identity->admit({.session = in.token, .role = "x"})) == "role_not_held");
  Presented write{.session = in.token, .csrf = csrf, .changes = true};
  CHECK(said(identity->admit(write)) == "wang/preparer");
  write.cross_site = true;
  CHECK(said(identity->admit(write)) == "cross_site");
  for (const std::string& wrong : {std::string(), csrf + "0", csrf.substr(1), in.token}) {
    CHECK(said(identity->admit({.session = in.token, .csrf = wrong, .changes = true})) == "cross_site");
  }
  const auto limits = SessionLimits();
  for (std::int64_t slept = 0; slept + limits.idle - 1 < limits.absolute; slept += limits.idle - 1) {
    CHECK(said(identity->admit({.session = in.token})) == "wang/preparer");
    house.now += limits.idle - 1;
  }
  house.now += limits.idle;
  CHECK(said(identity->admit({.session = in.token})) == "unauthenticated");
  const auto idle = house.sign_in(*identity, Role::registrar);
  CHECK(said(identity->admit({.session = idle.token})) == "wang/registrar");
  house.now += limits.idle;
  CHECK(said(identity->admit({.session = idle.token})) == "unauthenticated");
  CHECK(outcome(identity->sign_in("wang", kRight, Role::approver, "a")) == "role-not-held");
}

TEST_CASE("sessions end by signing out, everywhere, by another password, by disabling") {
  House house;
  auto identity = house.open();
  const auto good = [&](const SignedIn& in) {
    return said(identity->admit({.session = in.token})) == "wang/preparer";
  };
  const auto first = house.sign_in(*identity), second = house.sign_in(*identity);
  identity->sign_out(first.token);
  CHECK((!good(first) && good(second)));
  const auto third = house.sign_in(*identity);
  REQUIRE(identity->sign_out_everywhere("wang").ok());
  CHECK((!good(second) && !good(third)));

  const auto fourth = house.sign_in(*identity);
  const Caller caller = std::get<Caller>(identity->admit({.session = fourth.token}));
  const auto change = [&](const char* present, const char* wanted) {
    return identity->change_password(caller, present, wanted, "a");
  };
  CHECK(outcome(change("wrong", "Other-Horse-8")) == "password-wrong");
  CHECK(outcome(change(kRight, kRight)) == "password-not-new");
  CHECK(outcome(change(kRight, "short")) == "password-too-short");
  CHECK(good(fourth));
  const auto renewed = change(kRight, "Other-Horse-8");
  REQUIRE(outcome(renewed) == "in");
  CHECK(!good(fourth));
  CHECK(good(std::get<SignedIn>(renewed)));
  CHECK(outcome(identity->sign_in("wang", kRight, std::nullopt, "a")) == "failed");

  // What another program writes into the file counts at the next tick.
  REQUIRE(house.change([&](auto& users) {
            return change_user(users, "wang", {.disabled = true}, nullptr, house.now);
          }) == "done");
  CHECK(good(std::get<SignedIn>(renewed)));
  REQUIRE(identity->tick().ok());
  CHECK(!good(std::get<SignedIn>(renewed)));
}

TEST_CASE("what was let in goes on while its token, certificate or generation of sessions does") {
  House house;
  const auto token = house.token("wang", Role::preparer, house.now + 100);
  const auto other = house.token("wang", Role::preparer, house.now + 200);
  const std::string print(64, 'a');
  REQUIRE(house.change([&](auto& users) { return add_certificate(users, "wang", print, nullptr); }) == "done");
  auto identity = house.open();
  const auto let_in = [&](const Presented& what) { return std::get<Caller>(identity->admit(what)); };
  const auto change = [&](const Alteration& how) {
    const auto done = identity->change(how);
    REQUIRE((done.ok() && !*done));
  };
  const auto rotate = [&](const std::string& old, std::int64_t overlap) {
    const auto minted = mint_token().value();
    const auto id = identity->book()->by_token(old)->token->id;
    change([&](auto& users) { return rotate_token(users, id, minted.token, nullptr, house.now, house.now + overlap); });
    return minted.text;
  };

  const auto first = let_in({.bearer = token});
  CHECK(identity->may_still_act(first));
  const auto next = rotate(token, 10);
  CHECK(identity->may_still_act(first));  // both are good
  house.now += 10;
  CHECK(!identity->may_still_act(first));
  const auto second = let_in({.bearer = next});
  const auto third = let_in({.bearer = rotate(next, 50)});
  CHECK(identity->may_still_act(second));
  change([&](auto& users) { return revoke_token(users, second.credential, nullptr, house.now); });
  CHECK(!identity->may_still_act(second));
  CHECK(!identity->may_still_act(third));
  const auto last = let_in({.bearer = other});
  house.now += 190;
  CHECK(!identity->may_still_act(last));  // expired

  const auto machine = let_in({.certificate = print, .role = "preparer"});
  CHECK(identity->may_still_act(machine));
  change([&](auto& users) { return remove_certificate(users, "wang", print, nullptr); });
  CHECK(!identity->may_still_act(machine));

  const auto in = house.sign_in(*identity);
  const auto person = let_in({.session = in.token});
  identity->sign_out(in.token);  // it is what their owner leaves to be done
  house.now += SessionLimits().absolute;
  CHECK(identity->may_still_act(person));
  REQUIRE(identity->sign_out_everywhere("wang").ok());
  CHECK(!identity->may_still_act(person));
}

TEST_CASE("a token is asked for with the password, and its failures count like those of a sign-in") {
  House house;
  auto identity = house.open();
  const auto in = house.sign_in(*identity);
  const auto caller = std::get<Caller>(identity->admit({.session = in.token}));
  const auto confirm = [&](const char* password) {
    const auto refused = identity->confirm(caller, password, "10.0.0.1");
    return refused ? outcome(*refused) : "confirmed";
  };
  CHECK(confirm(kRight) == "confirmed");
  for (int i = 0; i < 5; ++i) CHECK(confirm("wrong") == "password-wrong");
  CHECK(confirm(kRight) == "wait 900");
  CHECK(outcome(identity->sign_in("wang", kRight, std::nullopt, "10.0.0.1")) == "wait 900");
}

TEST_CASE("a first password is changed before anything else") {
  House house;
  REQUIRE(house.change([&](auto& users) {
            return set_first_password(users, "wang", hash_of_right(), nullptr, house.now);
          }) == "done");
  auto identity = house.open();
  const auto in = house.sign_in(*identity);
  CHECK(said(identity->admit({.session = in.token})) == "password_change_required");
  CHECK(said(identity->admit({.session = in.token, .before_change = true})) == "wang/preparer");
}

TEST_CASE("five failures close a name to their address, a name of nobody like any other") {
  House house;
  auto identity = house.open();
  const auto attempt = [&](const char* name, const char* password, const char* address = "10.0.0.1") {
    return outcome(identity->sign_in(name, password, std::nullopt, address));
  };
  for (const char* name : {"wang", "nobody"}) {
    for (int i = 0; i < 5; ++i) CHECK(attempt(name, "wrong") == "failed");
    CHECK(attempt(name, kRight) == "wait 900");
  }
  // And to nobody else: guessing keeps no administrator out.
  CHECK(attempt("wang", kRight, "10.0.0.2") == "in");
  CHECK(attempt("wang", kRight) == "wait 900");
  // Unlocked by somebody, with another program: the running server knows it.
  REQUIRE(house.change([](auto& users) { return unlock_user(users, "wang", nullptr); }) == "done");
  REQUIRE(identity->tick().ok());
  CHECK(attempt("wang", kRight) == "in");
}

TEST_CASE("a name that is locked for all addresses stands in the book") {
  House house;
  const auto open = [&] { return house.open({.attempts = {.by_pair = 2, .by_name = 3}}); };
  auto identity = open();
  const auto attempt = [&](const char* password, const char* address) {
    return outcome(identity->sign_in("wang", password, std::nullopt, address));
  };
  const auto locked_until = [&] { return UserBook::load(house.file).value()->find("wang")->locked_until; };
  for (const char* address : {"a", "a", "b"}) CHECK(attempt("wrong", address) == "failed");
  CHECK(attempt(kRight, "c") == "wait 900");
  // The lock outlives the server, and is not told apart from a wrong password then.
  REQUIRE(identity->tick().ok());
  CHECK(locked_until() == house.now + 900);
  identity = open();
  CHECK(attempt(kRight, "c") == "failed");
  house.now += 900;
  CHECK(attempt(kRight, "c") == "in");
  CHECK(locked_until() == 0);
  // Unlocked by somebody.
  for (const char* address : {"a", "a", "b"}) attempt("wrong", address);
  REQUIRE(identity->tick().ok());
  CHECK(attempt(kRight, "c") == "wait 900");
  REQUIRE(house.change([](auto& users) { return unlock_user(users, "wang", nullptr); }) == "done");
  REQUIRE(identity->tick().ok());
  CHECK(attempt(kRight, "c") == "in");
}

TEST_CASE("a right password leaves no lock behind, whenever the book is written meanwhile") {
  House house;
  // A tick beside every moment of an attempt that would be the last one.
  auto identity = house.open({.attempts = {.by_pair = 9, .by_name = 2}});
  for (int round = 0; round < 4; ++round) {
    CHECK(outcome(identity->sign_in("wang", "wrong", std::nullopt, "a")) == "failed");
    std::atomic<bool> ended{false};
    std::thread ticking([&] {
      while (!ended) (void)identity->tick();
    });
    CHECK(outcome(identity->sign_in("wang", kRight, std::nullopt, "a")) == "in");
    ended = true;
    ticking.join();
    REQUIRE(identity->tick().ok());
    CHECK(UserBook::load(house.file).value()->find("wang")->locked_until == 0);
  }
}

TEST_CASE("attempts: many at once are counted before they are known") {
  Attempts attempts(
      AttemptLimits{.window = 10, .lock = 20, .by_pair = 3, .by_name = 99, .by_address = 5, .kept = 4});
  CHECK(attempts.begin("a", "x", 0) == 0);
  CHECK(attempts.begin("a", "x", 0) == 0);
  attempts.succeeded("a", "x");  // starts anew
  for (int i = 0; i < 3; ++i) CHECK(attempts.begin("a", "y", 1) == 0);
  CHECK(attempts.begin("a", "y", 1) == 20);
  CHECK(attempts.begin("a", "y", 20) == 1);
  CHECK(attempts.begin("a", "z", 20) == 0);
  CHECK(attempts.begin("a", "y", 21) == 0);
  // By address, over many names.
  for (const char* name : {"b", "c", "d", "e"}) attempts.begin(name, "w", 30);
  CHECK(attempts.begin("f", "w", 30) == 0);
  CHECK(attempts.begin("g", "w", 30) == 20);
  CHECK(attempts.begin("g", "v", 30) == 0);
  // Failures further apart than the window do not add up.
  Attempts slow(AttemptLimits{.window = 10, .lock = 20, .by_pair = 2, .by_name = 2, .by_address = 99, .kept = 9});
  for (std::int64_t now = 0; now < 100; now += 10) CHECK(slow.begin("a", "x", now) == 0);
}

TEST_CASE("attempts: what is still looked at locks nothing for good") {
  Attempts attempts(AttemptLimits{.by_pair = 9, .by_name = 2});
  attempts.begin("a", "x", 0);
  attempts.failed("a", "x", 0);
  CHECK(attempts.begin("a", "x", 0) == 0);
  CHECK(attempts.begin("a", "x", 0) > 0);
  CHECK(attempts.newly_locked().empty());  // the last one may be the right one
  attempts.failed("a", "x", 0);
  attempts.failed("a", "x", 0);
  CHECK(attempts.newly_locked().size() == 1);
  CHECK(attempts.newly_locked().empty());
}

TEST_CASE("attempts: a name that is closed to one address is told once") {
  Attempts attempts(AttemptLimits{.lock = 20, .by_pair = 2, .by_name = 9});
  const auto fail = [&](const char* address) {
    if (attempts.begin("a", address, 0) == 0) attempts.failed("a", address, 0);
  };
  fail("x");
  CHECK(attempts.newly_closed().empty());
  for (int i = 0; i < 3; ++i) fail("x");
  const auto told = attempts.newly_closed();
  REQUIRE(told.size() == 1);
  CHECK(told[0].first == "a");
  CHECK(told[0].second.address == "x");
  CHECK(told[0].second.until == 20);
  CHECK(attempts.newly_closed().empty());
  CHECK(attempts.newly_locked().empty());
}

TEST_CASE("an IPv6 subscriber is one address, and an IPv4 address is itself in both notations") {
  CHECK(network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(network_of("2001:db8:1:2::1") == "2001:db8:1:2::/64");
  CHECK(network_of("2001:db8:1:3::1") == "2001:db8:1:3::/64");
  CHECK(network_of("fe80::1%eth0") == "fe80::/64");
  CHECK(network_of("::ffff:10.0.0.1") == "10.0.0.1");
  CHECK(network_of("10.0.0.1") == "10.0.0.1");
  Attempts attempts(AttemptLimits{.by_pair = 1});
  CHECK(attempts.begin("a", "2001:db8::1", 0) == 0);
  CHECK(attempts.begin("a", "2001:db8::2", 0) > 0);
  CHECK(attempts.begin("a", "2001:db8:0:1::2", 0) == 0);
}

TEST_CASE("requests of one user are limited, of another not") {
  Rates rates;
  const std::int64_t second = 1'000'000'000;
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += rates.take("a", 10, second);
  CHECK(taken == 20);
  CHECK(rates.take("b", 10, second));
  CHECK(!rates.take("a", 10, second + second / 20));
  CHECK(rates.take("a", 10, second + second / 10));
  for (int i = 0; i < 1000; ++i) CHECK(rates.take("c", 0, 0));

  Place place;
  REQUIRE(place.add("p-01", {Role::provider}) == "done");
  REQUIRE(place.add("w", {Role::preparer}) == "done");
  const auto theirs = place.token("p-01", Role::provider), ours = place.token("w", Role::preparer);
  const auto slow = place.token("w", Role::preparer, 0, 1);
  auto identity = place.open({.provider_per_second = 2});
  std::string last_theirs, last_ours, last_slow;
  for (int i = 0; i < 10; ++i) {
    last_theirs = said(identity->admit({.bearer = theirs}));
    last_ours = said(identity->admit({.bearer = ours}));
  }
  CHECK(last_theirs == "too_many_requests");
  CHECK(last_ours == "w/preparer");
  for (int i = 0; i < 4; ++i) last_slow = said(identity->admit({.bearer = slow}));
  CHECK(last_slow == "too_many_requests");
}

TEST_CASE("when a token was used last is written down, and no change of the file is lost for it") {
  Place place;
  REQUIRE(place.add("w", {Role::preparer}) == "done");
  const auto token = place.token("w", Role::preparer);
  auto identity = place.open();
  place.now += 300;
  CHECK(said(identity->admit({.bearer = token})) == "w/preparer");
  REQUIRE(place.add("v", {Role::reviewer}) == "done");
  REQUIRE(identity->tick().ok());
  CHECK(UserBook::load(place.file).value()->by_token(token)->token->last_used == place.now);
  CHECK(UserBook::load(place.file).value()->find("v") != nullptr);
  CHECK(identity->book()->find("v") != nullptr);
}

TEST_CASE("a damaged book is not taken in, and the one before goes on") {
  Place place;
  REQUIRE(place.add("w", {Role::preparer}) == "done");
  const auto token = place.token("w", Role::preparer);
  auto identity = place.open();
  place.write("users.json", "{");
  CHECK(identity->tick().error().fault == Fault::unreadable);
  CHECK(said(identity->admit({.bearer = token})) == "w/preparer");
}

TEST_CASE("regions are hierarchical") {
  const Caller caller{.actor = {}, .user = "a", .regions = {*RegionCode::parse("320412100")}};
  CHECK(caller.covers(*RegionCode::parse("320412100")));
  CHECK(caller.covers(*RegionCode::parse("320412100200")));
  CHECK(!caller.covers(*RegionCode::parse("320412")));
  CHECK(!caller.covers(*RegionCode::parse("320412101")));
  CHECK(Caller{.actor = {}, .user = "b"}.covers(*RegionCode::parse("110000")));
}

}  // namespace fundtrail::api
