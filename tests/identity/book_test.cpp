// The file of the book: what it keeps, who may read it, two writers at once, an older token file.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

#include "ledger/core/bilingual.h"
#include "tests/identity/support.h"

namespace fundtrail::api {
namespace {

const auto kRegistrar = std::vector{Role::registrar};

}  // namespace

TEST_CASE("everything about a user survives the file") {
  User user;
  user.id = *ActorId::parse("wang.fang");
  user.name = "王芳\"\\";
  user.roles = {Role::preparer, Role::registrar};
  user.ledgers = {*LedgerId::parse("a")};
  user.regions = {*RegionCode::parse("320412"), *RegionCode::parse("320413100")};
  user.disabled = user.must_change = user.machine = true;
  user.created = 1;
  user.password = "$argon2id$x";
  user.password_set = 2;
  user.locked_until = 3;
  user.generation = 4;
  user.certificates = {std::string(64, 'a')};
  Token token{.id = "t1", .digest = digest_of("x"), .role = Role::preparer, .label = "导入"};
  token.replaced_by = "t2";
  token.made_by = "guan.li";
  user.unlocks = 5;
  token.created = 5, token.expires = 6, token.last_used = 7, token.revoked = 8, token.per_second = 9;
  user.tokens = {token};
  const auto read = decode_book(encode_book({user})).value();
  REQUIRE(read.size() == 1);
  CHECK(encode_book(read) == encode_book({user}));
  CHECK(read[0].tokens[0].per_second == 9);
  CHECK(read[0].tokens[0].revoked == 8);
  CHECK(read[0].regions[1].str() == "320413100");
  CHECK(read[0].tokens[0].replaced_by == "t2");
  CHECK(read[0].tokens[0].made_by == "guan.li");
  CHECK(read[0].machine);
  CHECK(read[0].generation == 4);
  CHECK(read[0].unlocks == 5);
  CHECK(read[0].name == user.name);
}

TEST_CASE("a user of an older book is no machine, and a book without machines reads as before") {
  const auto read = decode_book(R"({"v":1,"users":[{"id":"a","roles":["preparer"]}]})").value();
  CHECK(!read[0].machine);
  CHECK(encode_book(read).find("machine") == std::string::npos);
  CHECK(encode_book(read).find("made_by") == std::string::npos);
}

TEST_CASE("a book that is not one is refused, and says where") {
  const auto wrong = [](const char* text) {
    const auto read = decode_book(text);
    return read.ok() ? std::string("ok") : std::string(name(read.error().fault)) + ": " + std::string(english_of(read.error().message));
  };
  CHECK(wrong(R"({"v":1,"users":[]})") == "ok");
  CHECK(wrong("") == "unreadable: users.json: not JSON near line 1, column 1: it is empty");
  CHECK(wrong("[]") == "unreadable: users.json: it is not a JSON object");
  CHECK(wrong(R"({"users":[]})") == "unreadable: users.json: no version");
  CHECK(wrong(R"({"v":2,"users":[]})") == "unknown-version: users.json is of version 2");
  CHECK(wrong(R"({"v":1})") == "unreadable: users.json: expected \"users\": [...]");
  CHECK(wrong(R"({"v":1,"users":[1]})") == "unreadable: users.json: user 1: {} is missing or wrong");
  CHECK(wrong(R"({"v":1,"users":[{"id":"a","roles":["x"]}]})") == "unreadable: users.json: user 1: roles is missing or wrong");
  CHECK(wrong(R"({"v":1,"users":[{"id":"a b","roles":[]}]})") == "unreadable: users.json: user 1: id is missing or wrong");
  CHECK(wrong(R"({"v":1,"users":[{"id":"a","roles":["provider"]}]})") == "unreadable: users.json: user 1: provider is missing or wrong");
  CHECK(wrong(R"({"v":1,"users":[{"id":"a","roles":[]},{"id":"a","roles":[]}]})") == "unreadable: users.json: user 2: id stands twice");
  CHECK(wrong(R"({"v":1,"users":[{"id":"a","roles":[],"tokens":[{"id":"t"}]}]})") == "unreadable: users.json: user 1: tokens.digest is missing or wrong");
  CHECK(wrong(R"({"v":1,"users":[{"id":"a","roles":[],"locked_until":"soon"}]})") == "unreadable: users.json: user 1: locked_until is missing or wrong");
}

TEST_CASE("the file is its owner's alone") {
  Place place;
  CHECK(UserBook::load(place.file).error().fault == Fault::not_found);
  REQUIRE(place.add("a", kRegistrar) == "done");
  CHECK((std::filesystem::status(place.file).permissions() & std::filesystem::perms(077)) ==
        std::filesystem::perms::none);
  std::filesystem::permissions(place.file, std::filesystem::perms(0640));
  CHECK(UserBook::load(place.file).error().fault == Fault::invalid_argument);
  CHECK(alter(place.file, [](auto&) { return std::optional<UserRefusal>(); }).error().fault ==
        Fault::invalid_argument);
}

TEST_CASE("a refused change changes nothing") {
  Place place;
  REQUIRE(place.add("a", kRegistrar) == "done");
  const auto before = place.text();
  CHECK(place.change([](std::vector<User>& users) {
          users.clear();
          return std::optional(UserRefusal{UserNo::unknown_user, "b"});
        }) == "unknown-user");
  CHECK(place.text() == before);
}

TEST_CASE("two writers lose nothing") {
  Place place;
  constexpr int kEach = 25;
  std::vector<pid_t> children;
  for (const char* who : {"a", "b", "c"}) {  // processes: the lock is between these too
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      bool all = true;
      for (int i = 0; i < kEach; ++i) {
        NewUser fresh;
        fresh.id = *ActorId::parse(who + std::to_string(i));
        fresh.roles = kRegistrar;
        all = alter(place.file, [&](auto& users) { return add_user(users, fresh, nullptr, 1); }).ok() && all;
      }
      _exit(all ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = 1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(UserBook::load(place.file).value()->users().size() == 3 * kEach);
}

TEST_CASE("killed at any moment, the book is one of those that were written") {
  Place place;
  for (int round = 0; round < 20; ++round) {
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      for (int i = 0;; ++i) {
        NewUser fresh;
        fresh.id = *ActorId::parse("u" + std::to_string(round) + "." + std::to_string(i));
        fresh.roles = kRegistrar;
        if (!alter(place.file, [&](auto& users) { return add_user(users, fresh, nullptr, 1); }).ok()) _exit(1);
        if (write(pipe_ends[1], "x", 1) != 1) _exit(1);
      }
    }
    close(pipe_ends[1]);
    char one = 0;
    int acknowledged = 0;
    while (acknowledged < 1 + round % 4 && read(pipe_ends[0], &one, 1) == 1) ++acknowledged;
    kill(child, SIGKILL);
    while (read(pipe_ends[0], &one, 1) == 1) ++acknowledged;
    close(pipe_ends[0]);
    waitpid(child, nullptr, 0);
    const auto book = UserBook::load(place.file);
    REQUIRE(book.ok());
    for (int i = 0; i < acknowledged; ++i) {
      CHECK((*book)->find("u" + std::to_string(round) + "." + std::to_string(i)) != nullptr);
    }
  }
}

TEST_CASE("a token file of earlier versions is taken over, once") {
  Place place;
  const std::string old = "ft_" + std::string(64, '1'), other = "ft_" + std::string(64, '2');
  const auto entry = [](const std::string& token, const char* actor, const char* role) {
    return R"({"digest":")" + chain::to_hex(digest_of(token)) + R"(","actor":")" + actor +
           R"(","role":")" + role + "\"}";
  };
  place.write("tokens.json", R"({"tokens":[)" + entry(old, "p-01", "provider") + "," +
                                 entry(other, "wang.fang", "preparer") + "]}");
  auto identity = place.open();
  CHECK(said(identity->admit({.bearer = old})) == "p-01/provider");
  CHECK(said(identity->admit({.bearer = other})) == "wang.fang/preparer");
  CHECK(!std::filesystem::exists(place.directory / "tokens.json"));
  CHECK(std::filesystem::exists(place.directory / "tokens.json.old"));
  // Revoked, and the old file comes back, as after a crash or a careless copy: it stays revoked.
  const auto id = identity->book()->by_token(old)->token->id;
  REQUIRE(place.change([&](auto& users) { return revoke_token(users, id, nullptr, place.now); }) == "done");
  std::filesystem::rename(place.directory / "tokens.json.old", place.directory / "tokens.json");
  identity = place.open();
  CHECK(said(identity->admit({.bearer = old})) == "unauthenticated");
  CHECK(said(identity->admit({.bearer = other})) == "wang.fang/preparer");

  Place damaged;
  damaged.write("tokens.json", R"({"tokens":[{"digest":"00","actor":"a","role":"x"}]})");
  const auto refused = Identity::open(damaged.file, *LedgerId::parse("l"), {});
  REQUIRE(!refused.ok());
  CHECK(refused.error().fault == Fault::unreadable);
  CHECK(refused.error().message.find("token 1") != std::string::npos);
}

TEST_CASE("tokens are found by what they are, and by nothing near it") {
  Place place;
  REQUIRE(place.add("a", {Role::inspector}) == "done");
  const auto first = place.token("a", Role::inspector);
  const auto second = place.token("a", Role::inspector);
  CHECK(first != second);
  CHECK(first.size() == 67);
  const auto book = UserBook::load(place.file).value();
  REQUIRE(book->by_token(first));
  CHECK(book->by_token(first)->user->id.str() == "a");
  for (const auto& wrong : {std::string(), first + "0", first.substr(1), chain::to_hex(digest_of(first))}) {
    CHECK(!book->by_token(wrong));
  }
  CHECK(place.text().find(first) == std::string::npos);
}

TEST_CASE("what users may be made into") {
  Place place;
  const auto change = [&](const char* id, UserChange wanted, const std::string& by = {}) {
    return place.change([&](auto& users) {
      const auto caller = caller_of(users, by.empty() ? "nobody" : by, Role::administrator);
      return change_user(users, id, wanted, by.empty() ? nullptr : &caller, 1000);
    });
  };
  CHECK(place.add("admin", {Role::administrator}) == "done");
  CHECK(place.add("admin", {Role::administrator}) == "user-exists");
  CHECK(place.add("Admin", {Role::preparer}) == "user-exists");
  CHECK(place.add("w", {Role::preparer, Role::registrar}) == "done");
  for (const auto role : {Role::provider, Role::inspector, Role::administrator, Role::cashier}) {
    CHECK(place.add("x", {role, Role::preparer}) == "roles-do-not-fit");
  }
  CHECK(place.add("x", {}) == "roles-do-not-fit");
  CHECK(place.add("x", {Role::preparer, Role::preparer}) == "roles-do-not-fit");
  CHECK(place.add("p-01", {Role::provider}) == "done");  // acts for the provider of its own id
  CHECK(change("p-01", {.roles = std::vector{Role::inspector}}) == "done");
  CHECK(change("w", {.provider = *ProviderId::parse("p-01")}) == "provider-not-needed");
  CHECK(change("w", {.roles = std::vector{Role::provider}}) == "provider-needed");
  CHECK(change("nobody", {.name = "n"}) == "unknown-user");
  // Not to oneself, and not the last one.
  CHECK(change("admin", {.disabled = true}, "admin") == "own-account");
  CHECK(change("admin", {.roles = std::vector{Role::preparer}}, "admin") == "own-account");
  CHECK(change("admin", {.name = "管理"}, "admin") == "done");
  CHECK(change("admin", {.disabled = true}) == "last-administrator");
  CHECK(place.add("other", {Role::administrator}) == "done");
  CHECK(change("admin", {.disabled = true}, "other") == "done");
  CHECK(change("other", {.disabled = true}, "admin") == "unknown-user");  // who was disabled in the same moment
  CHECK(change("other", {.disabled = true}) == "last-administrator");
  CHECK(change("other", {.regions = std::vector{*RegionCode::parse("320412")}}) == "last-administrator");
}

}  // namespace fundtrail::api
