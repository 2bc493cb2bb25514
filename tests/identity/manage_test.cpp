// What administrators may do with users, of one ledger and of several that share a book; machines; whose tokens end.
#include <functional>
#include <tuple>

#include "tests/identity/support.h"

namespace fundtrail::api {
namespace {

const auto kRegistrar = std::vector{Role::registrar};
const auto kAdministrator = std::vector{Role::administrator};

// Two ledgers with one book: an administrator of both, two of the first, one of the second, and people.
struct Shared : Place {
  Shared() {
    for (const auto& [id, roles, ledgers] : std::vector<std::tuple<const char*, std::vector<Role>, std::vector<const char*>>>{
             {"boss", kAdministrator, {}}, {"adm.a", kAdministrator, {"a"}}, {"adm.b", kAdministrator, {"b"}},
             {"in.a", kRegistrar, {"a"}}, {"in.b", kRegistrar, {"b"}}, {"in.both", kRegistrar, {"a", "b"}}, {"in.all", kRegistrar, {}}}) {
      NewUser fresh{.id = *ActorId::parse(id), .roles = roles};
      for (const char* ledger : ledgers) fresh.ledgers.push_back(*LedgerId::parse(ledger));
      REQUIRE(change([&, &fresh = fresh](auto& users) { return add_user(users, fresh, nullptr, now); }) == "done");
    }
  }
  // What becomes of it when the administrator asks.
  std::string ask(const std::string& by, const std::function<std::optional<UserRefusal>(std::vector<User>&, By)>& how) {
    return change([&](auto& users) {
      const auto caller = caller_of(users, by, Role::administrator);
      return how(users, &caller);
    });
  }
  std::string ask(const std::string& by, const char* id, const UserChange& wanted) {
    return ask(by, [&](auto& users, By caller) { return change_user(users, id, wanted, caller, now); });
  }
  std::string add(const std::string& by, NewUser fresh) {
    return ask(by, [&](auto& users, By caller) { return add_user(users, fresh, caller, now); });
  }
};

}  // namespace

TEST_CASE("an administrator looks after the users of their own ledgers and of no others") {
  Shared book;
  const std::string print(64, 'a');
  REQUIRE(book.change([&](auto& users) { return add_certificate(users, "in.b", print, nullptr); }) == "done");
  const auto token = book.token("in.b", Role::registrar);
  const auto id = UserBook::load(book.file).value()->by_token(token)->token->id;
  for (const char* other : {"boss", "adm.b", "in.b", "in.both", "in.all"}) {
    INFO(other);
    const auto refused = [&](const auto& how) { return book.ask("adm.a", how) == "unknown-user"; };
    CHECK(book.ask("adm.a", other, {.name = "n"}) == "unknown-user");
    CHECK(refused([&](auto& users, By by) { return set_first_password(users, other, "h", by, 1); }));
    CHECK(refused([&](auto& users, By by) { return unlock_user(users, other, by); }));
    CHECK(refused([&](auto& users, By by) { return add_certificate(users, other, std::string(64, 'b'), by); }));
    CHECK(refused([&](auto& users, By by) { return remove_certificate(users, other, print, by); }));
    CHECK(refused([&](auto& users, By by) { return issue_token(users, other, {.role = Role::registrar}, by); }));
  }
  CHECK(book.ask("adm.a", [&](auto& users, By by) { return revoke_token(users, id, by, 1); }) == "unknown-token");
  CHECK(book.ask("adm.a", [&](auto& users, By by) { return rotate_token(users, id, {}, by, 1, 2); }) == "unknown-token");
  CHECK(book.ask("adm.b", [&](auto& users, By by) { return revoke_token(users, id, by, 1); }) == "done");
  // Nor are users moved or made beyond them, nor is it told whose a certificate is.
  const auto a = *LedgerId::parse("a"), b = *LedgerId::parse("b");
  CHECK(book.ask("adm.a", "in.a", {.ledgers = std::vector{a, b}}) == "beyond-own-ledgers");
  CHECK(book.ask("adm.a", "in.a", {.ledgers = std::vector<LedgerId>{}}) == "beyond-own-ledgers");
  CHECK(book.ask("adm.a", "in.a", {.roles = kAdministrator}) == "done");
  CHECK(book.add("adm.a", {.id = *ActorId::parse("new"), .roles = kRegistrar}) == "beyond-own-ledgers");
  CHECK(book.add("adm.a", {.id = *ActorId::parse("new"), .roles = kRegistrar, .ledgers = {b}}) == "beyond-own-ledgers");
  CHECK(book.add("adm.a", {.id = *ActorId::parse("new"), .roles = kRegistrar, .ledgers = {a}, .machine = true}) == "done");
  const auto taken = alter(book.file, [&](auto& users) {
    const auto by = caller_of(users, "adm.a", Role::administrator);
    return add_certificate(users, "new", print, &by);
  });
  CHECK((taken.ok() && *taken && (*taken)->no == UserNo::certificate_taken));
  CHECK(taken.value()->en().find("in.b") == std::string::npos);
  // Who is limited to regions looks after nobody.
  CHECK(book.ask("boss", "adm.a", {.regions = std::vector{*RegionCode::parse("320412")}}) == "done");
  CHECK(book.ask("adm.a", "new", {.name = "n"}) == "unknown-user");
  // And whoever is none any more, or whose session is over, changes nothing with it.
  CHECK(book.change([&](auto& users) {
          const auto by = caller_of(users, "boss", Role::administrator);
          REQUIRE(!end_sessions(users, "boss", 1));
          return change_user(users, "in.all", {.name = "n"}, &by, 1);
        }) == "unknown-user");
}

TEST_CASE("of each ledger an administrator is left") {
  Shared book;
  const auto disable = [&](const char* id) {
    return book.change([&](auto& users) { return change_user(users, id, {.disabled = true}, nullptr, 1); });
  };
  CHECK(disable("adm.a") == "done");
  CHECK(disable("boss") == "last-administrator");  // of "a", and of ledgers that nobody is named for
  REQUIRE(book.change([&](auto& users) { return change_user(users, "in.all", {.roles = kAdministrator}, nullptr, 1); }) == "done");
  CHECK(disable("boss") == "done");
  const auto only_b = UserChange{.ledgers = std::vector{*LedgerId::parse("b")}};
  CHECK(book.change([&](auto& users) { return change_user(users, "in.all", only_b, nullptr, 1); }) == "last-administrator");
}

TEST_CASE("an administrator makes tokens and certificates for marked machines, and for nobody else") {
  Shared book;
  const auto issue = [&](const char* id, Role role = Role::registrar) {
    const auto minted = mint_token().value();
    auto token = minted.token;
    token.role = role;
    token.created = book.now;
    token.expires = book.now + 100;
    const auto done = book.ask("boss", [&](auto& users, By by) { return issue_token(users, id, token, by); });
    return std::pair(done, token.id);
  };
  const auto rotate = [&](const std::string& id) {
    const auto minted = mint_token().value();
    return book.ask("boss", [&](auto& users, By by) { return rotate_token(users, id, minted.token, by, book.now, book.now); });
  };
  const auto certify = [&](const char* id, char digit) {
    return book.ask("boss", [&](auto& users, By by) { return add_certificate(users, id, std::string(64, digit), by); });
  };
  // Somebody without a password, as `token new` makes them, is no machine for it.
  const auto made = book.token("in.a", Role::registrar);
  const auto theirs = UserBook::load(book.file).value()->by_token(made)->token->id;
  CHECK(issue("in.a").first == "not-a-machine");
  CHECK(rotate(theirs) == "not-a-machine");
  CHECK(certify("in.a", 'a') == "not-a-machine");
  CHECK(certify("boss", 'a') == "not-a-machine");
  CHECK(issue("boss", Role::administrator).first == "done");
  CHECK(book.add("boss", {.id = *ActorId::parse("m"), .roles = kRegistrar, .password = "h", .machine = true}) == "machine-password");
  CHECK(book.add("boss", {.id = *ActorId::parse("m"), .roles = kRegistrar, .machine = true}) == "done");
  const auto [done, id] = issue("m");
  CHECK(done == "done");
  CHECK(rotate(id) == "done");
  CHECK(certify("m", 'a') == "done");
  for (const auto& user : UserBook::load(book.file).value()->users()) {
    if (user.id.str() != "m") continue;
    for (const auto& token : user.tokens) CHECK(token.made_by == "boss");
  }
  CHECK(book.ask("boss", [&](auto& users, By by) { return set_first_password(users, "m", "h", by, 1); }) == "machine-password");
  // The host marks those of older books, unless they are people.
  const auto mark = [&](const char* user) {
    return book.change([&](auto& users) { return change_user(users, user, {.machine = true}, nullptr, 1); });
  };
  REQUIRE(book.change([&](auto& users) { return set_first_password(users, "in.both", "h", nullptr, 1); }) == "done");
  CHECK(mark("in.both") == "machine-password");
  CHECK(mark("in.a") == "done");
  CHECK(issue("in.a").first == "done");
}

TEST_CASE("a first password, and the end of all sessions, end the tokens that were made in them") {
  for (const bool everywhere : {false, true}) {
    Place place;
    REQUIRE(place.add("li", kRegistrar) == "done");
    const auto at_host = place.token("li", Role::registrar);
    const auto made = mint_token().value(), rotated = mint_token().value();
    REQUIRE(place.change([&](auto& users) {
              const auto by = caller_of(users, "li", Role::registrar);
              auto token = made.token;
              token.role = Role::registrar;
              return issue_token(users, "li", token, &by);
            }) == "done");
    REQUIRE(place.change([&](auto& users) {  // by itself, as whoever has found it may
              auto by = caller_of(users, "li", Role::registrar);
              by.means = Means::bearer;
              return rotate_token(users, made.token.id, rotated.token, &by, place.now, place.now + 100);
            }) == "done");
    const auto live = [&](const std::string& token) {
      return UserBook::load(place.file).value()->by_token(token)->token->live(place.now);
    };
    CHECK((live(at_host) && live(made.text) && live(rotated.text)));
    REQUIRE(place.change([&](auto& users) {
              return everywhere ? end_sessions(users, "li", place.now) : set_first_password(users, "li", "h", nullptr, place.now);
            }) == "done");
    CHECK((live(at_host) && !live(made.text) && !live(rotated.text)));
  }
}

}  // namespace fundtrail::api
