#include "api/identity/identity.h"

#include <openssl/crypto.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/identity/manage.h"
#include "api/identity/password.h"

namespace fundtrail::api {
namespace {

constexpr std::int64_t kWriteUses = 60;  // seconds between two times

std::string identity_of(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return "none";
  return std::to_string(info.st_ino) + "." + std::to_string(info.st_size) + "." +
         std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// One of those that compute at the same time.
class Place {
 public:
  Place(std::atomic<int>& taken, std::size_t places)
      : taken_(taken), free_(std::size_t(taken.fetch_add(1)) < places) {}
  ~Place() { --taken_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  explicit operator bool() const { return free_; }

 private:
  std::atomic<int>& taken_;
  const bool free_;
};

// As whom the ledger knows the user does not depend on the role: a provider's user has no other one.
Denied denied(Denial why, const User& user) {
  const auto actor = user.acting(user.holds(Role::provider) ? Role::provider : Role::inspector);
  return {why, Caller{.actor = actor, .user = user.id.str()}};
}

}  // namespace

Identity::Identity(std::filesystem::path file, LedgerId ledger, IdentityOptions options)
    : file_(std::move(file)),
      ledger_(std::move(ledger)),
      options_(std::move(options)),
      sessions_(options_.sessions),
      attempts_(options_.attempts) {}

Result<std::unique_ptr<Identity>> Identity::open(const std::filesystem::path& file,
                                                 const LedgerId& ledger,
                                                 IdentityOptions options) {
  if (auto status = take_over_tokens(file); !status) return status.error();
  std::unique_ptr<Identity> identity(new Identity(file, ledger, std::move(options)));
  if (auto status = identity->reload(); !status) return status.error();
  return identity;
}

Status Identity::reload() {
  std::lock_guard lock(reading_);
  return read();
}

void Identity::watch(Watch watch, const BookFacts& known) {
  std::lock_guard lock(reading_);
  watch_ = std::move(watch);
  const auto now = std::exchange(facts_, known);
  tell(now, false);
}

void Identity::tell(BookFacts facts, bool here) {
  const auto found = changes(facts_, facts);
  facts_ = std::move(facts);
  if (!found.empty() && watch_) watch_(found, here, facts_);
}

Status Identity::read() {
  const auto seen = identity_of(file_);
  auto read = UserBook::load(file_);
  // A book that is no good is read again when it changes, one that could not be read at all at once.
  if (read || read.error().fault != Fault::io) seen_ = seen;
  if (!read) return read.error();
  if (const auto before = book()) {
    (*read)->remember(*before);
    for (const auto& user : before->users()) {
      const User* after = (*read)->find(user.id.str());
      if (after && (after->unlocks != user.unlocks || after->password != user.password)) {
        attempts_.forget(user.id.str());
      }
    }
  }
  tell(facts_of((*read)->users()), false);
  std::atomic_store(&book_, std::move(*read));
  return success();
}

Result<std::optional<UserRefusal>> Identity::change(const Alteration& how) {
  std::lock_guard lock(reading_);
  BookFacts before, after;  // under the file's lock: what others wrote meanwhile is told as theirs
  auto done = alter(file_, [&](std::vector<User>& users) {
    before = facts_of(users);
    auto refusal = how(users);
    if (!refusal) after = facts_of(users);
    return refusal;
  });
  if (!done || *done) return done;
  tell(std::move(before), false);
  tell(std::move(after), true);
  if (auto status = read(); !status) return status.error();
  return done;
}

Status Identity::tick() {
  bool changed = false;
  {
    std::lock_guard lock(reading_);
    changed = identity_of(file_) != seen_;
  }
  if (changed) {
    if (auto status = reload(); !status) return status;
  }
  tell_closed();
  if (auto status = write_lock_outs(); !status) return status;
  if (now() - wrote_ < kWriteUses) return success();
  return flush();
}

// Of users only: what is nobody's name may be a password in the wrong field.
void Identity::tell_closed() {
  std::vector<BookChange> told;
  const auto known = book();
  for (const auto& [name, closed] : attempts_.newly_closed()) {
    if (known->find(name)) told.push_back(lock_out_at(name, closed.address, closed.until));
  }
  std::lock_guard lock(reading_);
  if (!told.empty() && watch_) watch_(told, true, facts_);
}

Status Identity::write_lock_outs() {
  std::lock_guard lock(locking_);
  const auto locked = attempts_.newly_locked();
  if (locked.empty()) return success();
  auto done = change([&](std::vector<User>& users) {
    for (const auto& [name, until] : locked) {
      if (User* user = find_user(users, name)) user->locked_until = until;
    }
    return std::optional<UserRefusal>();
  });
  return done ? success() : Status(done.error());
}

Status Identity::let_in(const std::string& name, const std::string& address) {
  std::lock_guard lock(locking_);
  attempts_.succeeded(name, address);
  const auto known = book();
  if (const User* user = known->find(name); !user || user->locked_until == 0) return success();
  auto done = change([&](std::vector<User>& users) {
    if (User* user = find_user(users, name)) user->locked_until = 0;
    return std::optional<UserRefusal>();
  });
  return done ? success() : Status(done.error());
}

Status Identity::flush() {
  wrote_ = now();
  const auto known = book();
  if (!known->has_news()) return success();
  auto done = change([&](std::vector<User>& users) {
    for (auto& user : users) {
      const User* seen = known->find(user.id.str());
      if (!seen) continue;
      for (auto& token : user.tokens) {
        for (std::size_t i = 0; i < known->token_count(); ++i) {
          const auto& holder = known->holder(i);
          if (holder.token->digest == token.digest) {
            token.last_used = std::max(token.last_used, known->used(i));
          }
        }
      }
    }
    return std::optional<UserRefusal>();
  });
  if (!done) return done.error();
  return success();
}

// --- the door --------------------------------------------------------------------------------------

bool Identity::may_enter(const User* user) const {
  return user != nullptr && user->in_service(ledger_);
}

std::variant<Caller, Denied> Identity::admit(const Presented& what) {
  if (!what.bearer.empty()) return admit_token(what);
  if (!what.session.empty()) return admit_session(what);
  if (!what.certificate.empty()) return admit_certificate(what);
  return Denial::unauthenticated;
}

std::variant<Caller, Denied> Identity::enter(const User& user, std::optional<Role> role,
                                             Means means, std::string credential,
                                             std::uint32_t per_second) {
  if (!role) return denied(user.roles.size() > 1 ? Denial::role_needed : Denial::role_not_held, user);
  if (!user.holds(*role)) return denied(Denial::role_not_held, user);
  if (!rates_.take(user.id.str(), per_second, per_second == 0 ? 0 : steady_ns())) {
    return denied(Denial::too_many_requests, user);
  }
  return Caller{user.acting(*role), user.id.str(), means, user.regions, std::move(credential), user.generation};
}

bool Identity::may_still_act(const Caller& caller) const {
  const auto book = this->book();
  const User* user = book->find(caller.user);
  if (!may_enter(user) || !user->holds(caller.actor.role) || user->regions != caller.regions) return false;
  switch (caller.means) {
    case Means::session: return user->generation == caller.generation;
    case Means::certificate:
      return std::any_of(user->certificates.begin(), user->certificates.end(),
                         [&](const auto& each) { return each.starts_with(caller.credential); });
    case Means::bearer:
      return std::any_of(user->tokens.begin(), user->tokens.end(), [&, now = now()](const Token& token) {
        return token.id == caller.credential && token.live(now);
      });
  }
  return false;
}

std::variant<Caller, Denied> Identity::admit_token(const Presented& what) {
  const auto book = this->book();
  const auto holder = book->by_token(what.bearer);
  const auto now = this->now();
  if (!holder || !holder->token->live(now) || !may_enter(holder->user)) {
    return Denial::unauthenticated;
  }
  const Token& token = *holder->token;
  if (!what.role.empty() && what.role != name_of(token.role)) return denied(Denial::role_not_held, *holder->user);
  book->use(holder->number, now);
  const auto usual = token.role == Role::provider ? options_.provider_per_second : 0;
  return enter(*holder->user, token.role, Means::bearer, token.id,
               token.per_second != 0 ? token.per_second : usual);
}

std::variant<Caller, Denied> Identity::admit_session(const Presented& what) {
  const auto session = sessions_.find(what.session, now());
  const auto book = this->book();
  const User* user = session ? book->find(session->user) : nullptr;
  if (!may_enter(user) || user->generation != session->generation) {
    return Denial::unauthenticated;
  }
  if (what.changes && (what.cross_site || !same(what.csrf, session->csrf))) {
    return denied(Denial::cross_site, *user);
  }
  if (user->must_change && !what.before_change) return denied(Denial::password_change_required, *user);
  auto role = std::optional(session->role);
  if (!what.role.empty()) {
    role = parse_name<Role>(what.role);
    if (!role) return denied(Denial::role_not_held, *user);
  }
  return enter(*user, role, Means::session, {}, options_.session_per_second);
}

std::variant<Caller, Denied> Identity::admit_certificate(const Presented& what) {
  const auto book = this->book();
  const User* user = book->by_certificate(what.certificate);
  if (!may_enter(user)) return Denial::unauthenticated;
  std::optional<Role> role;
  if (!what.role.empty()) {
    role = parse_name<Role>(what.role);
    if (!role) return denied(Denial::role_not_held, *user);
  } else if (user->roles.size() == 1) {
    role = user->roles.front();
  }
  return enter(*user, role, Means::certificate, std::string(what.certificate.substr(0, 16)),
               role == Role::provider ? options_.provider_per_second : 0);
}

// --- signing in ------------------------------------------------------------------------------------

SignIn Identity::open_session(const User& user, std::optional<Role> role) {
  if (!role) role = user.roles.front();
  if (!user.holds(*role)) return UserRefusal{UserNo::role_not_held, std::string(name_of(*role))};
  auto opened = sessions_.open(user.id.str(), *role, user.generation, now());
  if (!opened) return opened.error();
  return SignedIn{std::move(opened->token), std::move(opened->session)};
}

SignIn Identity::sign_in(const std::string& name, const std::string& password,
                         std::optional<Role> role, const std::string& address) {
  const Place place(signing_in_, options_.sign_ins_at_once);
  if (!place) return SignInWait{1};
  if (const auto wait = attempts_.begin(name, address, now()); wait > 0) return SignInWait{wait};
  // The same work for every name, and only then a look at who it was. A lock that only the book knows,
  // from before a restart, is not told either: there is none for names of nobody.
  const auto before = book();
  const User* user = before->find(name);
  const bool right = is_password(user ? std::string_view(user->password) : std::string_view(),
                                 password.substr(0, kMaxPassword + 1));
  if (!right || !may_enter(user) || user->roles.empty() || user->locked_until > now()) {
    attempts_.failed(name, address, now());
    return SignInFailed{};
  }
  if (auto status = let_in(name, address); !status) return status.error();
  if (is_outdated(user->password)) {
    auto hash = hash_password(password);
    if (!hash) return hash.error();
    auto done = change([&](std::vector<User>& users) {
      if (User* one = find_user(users, name); one && one->password == user->password) {
        one->password = *hash;
      }
      return std::optional<UserRefusal>();
    });
    if (!done) return done.error();
  }
  return open_session(*user, role);
}

std::optional<SignIn> Identity::confirm(const Caller& caller, const std::string& password, const std::string& address,
                                        std::string& shown) {
  const Place place(signing_in_, options_.sign_ins_at_once);
  if (!place) return SignInWait{1};
  if (const auto wait = attempts_.begin(caller.user, address, now()); wait > 0) {
    return SignInWait{wait};
  }
  const auto before = book();
  const User* user = before->find(caller.user);
  if (!user || !is_password(user->password, password.substr(0, kMaxPassword + 1)) || user->locked_until > now()) {
    attempts_.failed(caller.user, address, now());
    return UserRefusal{UserNo::password_wrong};
  }
  if (auto status = let_in(caller.user, address); !status) return status.error();
  shown = user->password;
  return std::nullopt;
}

std::optional<SignIn> Identity::confirm(const Caller& caller, const std::string& password,
                                        const std::string& address) {
  std::string shown;
  return confirm(caller, password, address, shown);
}

SignIn Identity::change_password(const Caller& caller, const std::string& present,
                                 const std::string& wanted, const std::string& address) {
  std::string shown;
  if (auto refused = confirm(caller, present, address, shown)) return *refused;
  if (auto refusal = judge_password(wanted, caller.user)) return *refusal;
  if (wanted == present) return UserRefusal{UserNo::password_not_new};
  auto hash = hash_password(wanted);
  if (!hash) return hash.error();
  auto done = change([&](std::vector<User>& users) {
    return set_own_password(users, caller.user, shown, *hash, now());
  });
  if (!done) return done.error();
  if (*done) return **done;
  sessions_.close_all(caller.user);
  const auto after = book();
  const User* user = after->find(caller.user);
  if (!may_enter(user)) return SignInFailed{};
  return open_session(*user, user->holds(caller.actor.role) ? std::optional(caller.actor.role)
                                                            : std::nullopt);
}

std::optional<Session> Identity::session(std::string_view token) {
  return sessions_.find(token, now());
}

std::int64_t Identity::session_ends(const Session& session) const {
  return session.opened + options_.sessions.absolute;
}

Result<std::optional<UserRefusal>> Identity::sign_out_everywhere(const std::string& user) {
  sessions_.close_all(user);
  return change([&](std::vector<User>& users) { return end_sessions(users, user, now()); });
}

}  // namespace fundtrail::api
