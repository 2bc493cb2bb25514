// A directory with a book of users, and a clock that stands still until it is moved.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "api/identity/identity.h"
#include "api/identity/manage.h"
#include "api/identity/password.h"

namespace fundtrail {
template <>
struct Names<api::Denial> {
  static constexpr std::string_view list[] = {"unauthenticated", "cross_site", "role_needed",
                                              "role_not_held", "password_change_required",
                                              "too_many_requests"};
};
}  // namespace fundtrail

namespace fundtrail::api {

struct Place {
  Place() {
    std::string name = (std::filesystem::temp_directory_path() / "fundtrail-id-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    directory = name;
    file = directory / "users.json";
  }
  ~Place() { std::filesystem::remove_all(directory); }
  std::string text() const {
    std::ifstream in(file);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  void write(const std::string& name, const std::string& bytes, mode_t mode = 0600) const {
    std::ofstream(directory / name) << bytes;
    std::filesystem::permissions(directory / name, std::filesystem::perms(mode));
  }
  // "done", or the code of the refusal.
  std::string change(const Alteration& how) const {
    const auto done = alter(file, how);
    REQUIRE(done.ok());
    return done.value() ? std::string(info((*done)->no).code) : "done";
  }
  std::string add(const std::string& id, std::vector<Role> roles, const std::string& hash = {}) const {
    return change([&](std::vector<User>& users) {
      NewUser fresh;
      fresh.id = ActorId::parse(id).value();
      fresh.roles = roles;
      fresh.password = hash;
      return add_user(users, fresh, nullptr, now);
    });
  }
  // A token of the user, as text.
  std::string token(const std::string& id, Role role, std::int64_t expires = 0,
                    std::uint32_t per_second = 0) const {
    auto minted = mint_token().value();
    minted.token.role = role;
    minted.token.created = now;
    minted.token.expires = expires;
    minted.token.per_second = per_second;
    REQUIRE(change([&](std::vector<User>& users) {
              return issue_token(users, id, minted.token, nullptr);
            }) == "done");
    return minted.text;
  }
  std::unique_ptr<Identity> open(IdentityOptions options = {}) {
    options.seconds = [this] { return now; };
    return Identity::open(file, LedgerId::parse("l1").value(), options).value();
  }

  std::filesystem::path directory, file;
  std::int64_t now = 1'700'000'000;
};

// Somebody who was let in with a session, as the book has them.
inline Caller caller_of(const std::vector<User>& users, const std::string& id, Role role) {
  Caller caller{.actor = {*ActorId::parse(id), role}, .user = id, .means = Means::session};
  for (const auto& user : users) {
    if (user.id.str() == id) caller.generation = user.generation;
  }
  return caller;
}

// The caller as "user/role", or the name of the denial.
inline std::string said(const std::variant<Caller, Denied>& answer) {
  if (const auto* denied = std::get_if<Denied>(&answer)) return std::string(name_of(denied->why));
  const auto& caller = std::get<Caller>(answer);
  return caller.actor.id.str() + "/" + std::string(name_of(caller.actor.role));
}

}  // namespace fundtrail::api
