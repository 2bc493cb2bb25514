// Tokens that are replaced and revoked.
#include "tests/identity/support.h"

namespace fundtrail::api {

TEST_CASE("rotation: both tokens are good for a while, then the new one") {
  Place place;
  REQUIRE(place.add("w", {Role::preparer}) == "done");
  const auto old = place.token("w", Role::preparer, place.now + 1000, 7);
  auto identity = place.open();
  const auto id = identity->book()->by_token(old)->token->id;
  auto minted = mint_token().value();
  REQUIRE(place.add("somebody.else", {Role::preparer}) == "done");
  const auto rotate = [&](const char* owner) {
    const auto done = identity->change([&](auto& users) {
      const auto by = caller_of(users, owner, Role::preparer);
      return rotate_token(users, id, minted.token, &by, place.now, place.now + 50);
    });
    REQUIRE(done.ok());
    return *done ? std::string(info((*done)->no).code) : "done";
  };
  place.now += 100;
  CHECK(rotate("somebody.else") == "unknown-token");
  CHECK(rotate("w") == "done");
  CHECK(said(identity->admit({.bearer = old})) == "w/preparer");
  CHECK(said(identity->admit({.bearer = minted.text})) == "w/preparer");
  const auto fresh = *identity->book()->by_token(minted.text)->token;
  CHECK(fresh.expires == place.now + 1000);  // as long as the old one was made for
  CHECK(fresh.per_second == 7);
  // A second time: somebody has it who should not. It is refused while the old one is still good.
  minted = mint_token().value();
  CHECK(rotate("w") == "token-ended");
  CHECK(said(identity->admit({.bearer = minted.text})) == "unauthenticated");
  CHECK(said(identity->admit({.bearer = old})) == "w/preparer");
  place.now += 50;
  CHECK(said(identity->admit({.bearer = old})) == "unauthenticated");
  CHECK(rotate("w") == "token-ended");
}

TEST_CASE("revoking a token ends all that rotations made of it, and no other") {
  Place place;
  REQUIRE(place.add("w", {Role::preparer}) == "done");
  std::vector<std::string> chain = {place.token("w", Role::preparer)};
  const auto other = place.token("w", Role::preparer);
  auto identity = place.open();
  const auto id = [&](const std::string& token) { return identity->book()->by_token(token)->token->id; };
  for (int i = 0; i < 3; ++i) {
    const auto minted = mint_token().value();
    const auto done = identity->change([&](auto& users) {
      return rotate_token(users, id(chain.back()), minted.token, nullptr, place.now, place.now + 50);
    });
    REQUIRE((done.ok() && !*done));
    chain.push_back(minted.text);
  }
  for (const auto& token : chain) CHECK(said(identity->admit({.bearer = token})) == "w/preparer");
  const auto done = identity->change([&](auto& users) { return revoke_token(users, id(chain[0]), nullptr, place.now); });
  REQUIRE((done.ok() && !*done));
  for (const auto& token : chain) CHECK(said(identity->admit({.bearer = token})) == "unauthenticated");
  CHECK(said(identity->admit({.bearer = other})) == "w/preparer");
  // A circle, which only a hand could write, is gone round once.
  std::vector<User> users(1);
  for (const char* name : {"a", "b"}) {
    users[0].tokens.emplace_back();
    users[0].tokens.back().id = name;
    users[0].tokens.back().replaced_by = *name == 'a' ? "b" : "a";
  }
  CHECK(!revoke_token(users, "a", nullptr, 7));
  CHECK(users[0].tokens[1].revoked == 7);
}

TEST_CASE("no rotation makes a token that lives for more than a year") {
  Place place;
  REQUIRE(place.add("w", {Role::preparer}) == "done");
  constexpr std::int64_t kYear = 366 * 86400;
  const auto rotated = [&](std::int64_t life) {  // of a token that an older program made
    const auto old = place.token("w", Role::preparer, life == 0 ? 0 : place.now + life);
    const auto minted = mint_token().value();
    const auto id = UserBook::load(place.file).value()->by_token(old)->token->id;
    REQUIRE(place.change([&](auto& users) {
              return rotate_token(users, id, minted.token, nullptr, place.now, place.now + 50);
            }) == "done");
    return UserBook::load(place.file).value()->by_token(minted.text)->token->expires - place.now;
  };
  CHECK(rotated(100) == 100);
  CHECK(rotated(kYear) == kYear);
  CHECK(rotated(10 * kYear) == kYear);
  CHECK(rotated(0) == kYear);
}

}  // namespace fundtrail::api
