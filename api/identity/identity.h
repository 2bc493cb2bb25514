// START HERE for who may come in. A user (user.h) has roles and scopes and stands in the book
// (user_book.h), one file beside the ledger. Somebody shows who they are by
//
//   a token           Authorization: Bearer ft_...   machines, and people with curl
//   a session         a cookie, after signing in     the console (sessions.h, password.h, limits.h)
//   a certificate     of the TLS connection          machines
//
// and the door (api/http/door.cpp) asks Identity::admit() for the Caller (caller.h) that everything
// behind it sees. What may be done to users: manage.h, the same for the command line and for HTTP.
//
// Thread-safety: all functions may be called from any thread. admit() takes microseconds; what
// computes a password or writes the book takes long and belongs on a worker.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>

#include "api/identity/book_facts.h"
#include "api/identity/caller.h"
#include "api/identity/limits.h"
#include "api/identity/sessions.h"
#include "api/identity/user_book.h"

namespace fundtrail::api {

struct IdentityOptions {
  SessionLimits sessions = {};
  AttemptLimits attempts = {};
  std::uint32_t session_per_second = 50;    // requests of somebody who signed in
  std::uint32_t provider_per_second = 200;  // of a provider's tokens; those of the house are not held up
  std::size_t sign_ins_at_once = 8;         // more wait outside
  std::function<std::int64_t()> seconds = system_seconds;  // the clock; tests bring their own
};

// What a request shows, as the door found it in its head.
struct Presented {
  // The first of these that is not empty counts.
  std::string_view bearer = {};
  std::string_view session = {};
  std::string_view certificate = {};
  std::string_view role = {};  // in which to act; empty: the token's, the session's, the only one
  std::string_view csrf = {};  // of the header
  bool changes = false;       // anything but reading
  bool cross_site = false;    // a browser says, or leaves open, that another site sends it
  bool before_change = false;  // what somebody may do who must first change the password
};

enum class Denial : std::uint8_t {
  unauthenticated, cross_site, role_needed, role_not_held, password_change_required,
  too_many_requests,
};

// Why somebody is not let in, and who it is where that was shown all the same; in which role is not settled then.
struct Denied {
  Denied(Denial denial) : why(denial) {}
  Denied(Denial denial, Caller caller) : why(denial), who(std::move(caller)) {}
  Denial why;
  std::optional<Caller> who = {};
};

struct SignedIn {
  std::string token;  // for the cookie
  Session session;
};
// The wrong name, the wrong password, no password, disabled: all the same.
struct SignInFailed {};
// Too many failures: seconds to wait.
struct SignInWait {
  std::int64_t seconds = 0;
};
using SignIn = std::variant<SignedIn, SignInFailed, SignInWait, UserRefusal, Error>;

class Identity {
 public:
  // Reads the book; takes over a tokens.json that lies beside it. Faults: those of UserBook::load().
  static Result<std::unique_ptr<Identity>> open(const std::filesystem::path& file,
                                                const LedgerId& ledger, IdentityOptions options);

  std::variant<Caller, Denied> admit(const Presented& what);
  // Whether somebody who was let in then may still act in that role, by the same token, certificate or generation of
  // sessions: for work that goes on after the request that asked for it. A session that has timed out meanwhile, or
  // was left by its own user, is no objection.
  bool may_still_act(const Caller& caller) const;
  // Whether there is such a user, not disabled, who has to do with this ledger.
  bool may_enter(const User* user) const;

  // The role is the first of the user's when none is named. Long: on a worker.
  SignIn sign_in(const std::string& user, const std::string& password,
                 std::optional<Role> role, const std::string& address);
  // Whether the caller knows their own password, asked like a sign-in; nothing: they do. A session alone, which may
  // have been found, does not bring what outlives it. Long: on a worker.
  std::optional<SignIn> confirm(const Caller& caller, const std::string& password, const std::string& address);
  // Ends every session of the user and opens this one anew. Long: on a worker.
  SignIn change_password(const Caller& caller, const std::string& present,
                         const std::string& wanted, const std::string& address);
  // Nothing when it is over.
  std::optional<Session> session(std::string_view token);
  std::int64_t session_ends(const Session& session) const;
  void sign_out(std::string_view token) { sessions_.close(token); }
  Result<std::optional<UserRefusal>> sign_out_everywhere(const std::string& user);

  // From where the user cannot sign in now; of this process alone.
  std::vector<Attempts::Closed> closed_addresses(const std::string& user) { return attempts_.closed(user, now()); }

  std::shared_ptr<const UserBook> book() const { return std::atomic_load(&book_); }
  // alter(), and what was altered counts at once.
  Result<std::optional<UserRefusal>> change(const Alteration& how);
  // Who is told of every change of the book, in their order and before the change counts: `here`, in the thread
  // that called change() or signed in; else somebody else wrote the file. `facts`: of the book now. Told at
  // once of what is not as `known`. Called once, before the first request; must be quick and not call back.
  using Watch = std::function<void(const std::vector<BookChange>&, bool here, const BookFacts& facts)>;
  void watch(Watch watch, const BookFacts& known);
  // Once a second: takes in what others wrote into the file, writes down who was locked out and, once a
  // minute, when tokens were used. Faults: those of the file; the book stays as it was.
  Status tick();
  // Reads the file now.
  Status reload();
  // At the end: nothing that is known is lost.
  Status flush();
  std::int64_t now() const { return options_.seconds(); }

 private:
  Identity(std::filesystem::path file, LedgerId ledger, IdentityOptions options);
  std::variant<Caller, Denied> admit_token(const Presented& what);
  std::variant<Caller, Denied> admit_session(const Presented& what);
  std::variant<Caller, Denied> admit_certificate(const Presented& what);
  std::variant<Caller, Denied> enter(const User& user, std::optional<Role> role, Means means,
                                     std::string credential, std::uint32_t per_second);
  SignIn open_session(const User& user, std::optional<Role> role);
  // The same; `shown`: what the book keeps of the password.
  std::optional<SignIn> confirm(const Caller& caller, const std::string& password, const std::string& address,
                                std::string& shown);
  Status read();  // of who holds reading_
  void tell(BookFacts facts, bool here);
  Status write_lock_outs();
  void tell_closed();
  // It was the right password: no lock-out is left, in memory or in the book.
  Status let_in(const std::string& user, const std::string& address);

  const std::filesystem::path file_;
  const LedgerId ledger_;
  const IdentityOptions options_;
  Sessions sessions_;
  Attempts attempts_;
  Rates rates_;
  std::atomic<int> signing_in_{0};
  std::shared_ptr<const UserBook> book_;
  std::mutex locking_;       // a lock-out is written down, or taken back, by one at a time
  std::mutex reading_;       // one reads the file at a time
  std::string seen_;         // the file as read last: inode, size, time
  BookFacts facts_;          // as told last
  Watch watch_;
  std::int64_t wrote_ = 0;   // when uses were written down last
};

}  // namespace fundtrail::api
