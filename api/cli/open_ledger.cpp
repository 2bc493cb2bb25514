#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <utility>

#include "api/cli/command.h"
#include "api/operations/notify.h"
#include "api/operations/state.h"
#include "api/run/progress_bar.h"
#include "ledger/engine/directory.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kMakingAgain{"按分录重建状态", "making the state again from the entries"};

// A signal to end that the server holds back until it serves. Elsewhere it ends the program, which does no harm.
bool is_told_to_end() {
  sigset_t pending;
  return sigpending(&pending) == 0 &&
         (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}

// Tells a terminal, and systemd once a second: it would give up after 90 s.
class MakingAgain {
 public:
  explicit MakingAgain(const Context& context) {
    bar_.emplace(kMakingAgain.in(context.language), !context.json);
  }
  void end() { bar_.reset(); }
  void operator()(std::uint64_t done, std::uint64_t all) {
    if (!bar_) return;
    (*bar_)(done, all);
    const auto now = std::chrono::steady_clock::now();
    if (now - told_ < std::chrono::seconds(1)) return;
    told_ = now;
    const auto percent = std::to_string(all == 0 ? 100 : done * 100 / all);
    // Comparing the rows at the end tells nothing for a while: ten minutes from each word.
    notify_supervisor("EXTEND_TIMEOUT_USEC=600000000\nSTATUS=" + kMakingAgain.in(Language::en) + ": " + percent + "%");
  }

 private:
  std::optional<run::ProgressBar> bar_;
  std::chrono::steady_clock::time_point told_{};
};

}  // namespace

bool Context::has_ledger(Exit& exit) const {
  if (ledger.empty()) {
    exit = fail(Exit::usage, CliCode::usage, say::kNoLedgerNamed);
    return false;
  }
  const auto found = find_ledger(ledger);
  if (found.ok()) return true;
  exit = found.error().fault == Fault::not_found
             ? fail(Exit::refused, CliCode::not_found, say::kNoLedger, ledger.string())
             : fail(found.error());
  return false;
}

bool Context::is_not_anothers(const std::filesystem::path& file, Exit& exit) const {
  struct stat about{};
  if (::geteuid() != 0 || ::stat(file.c_str(), &about) != 0 || about.st_uid == 0) return true;
  const auto* const owner = ::getpwuid(about.st_uid);
  const std::string name = owner != nullptr ? owner->pw_name : "#" + std::to_string(about.st_uid);
  exit = fail(Exit::refused, CliCode::not_owner, say::kNotOwner, file.string(), name);
  return false;
}

bool Context::has_place_for(const std::filesystem::path& target, Exit& exit) const {
  const auto whole = std::filesystem::absolute(target).lexically_normal();
  const auto place = (whole.has_filename() ? whole : whole.parent_path()).parent_path();  // of "bundle/"
  std::error_code unknown;
  if (std::filesystem::is_directory(place, unknown)) return true;
  exit = fail(Exit::refused, CliCode::not_found, say::kNoPlace, place.string());
  return false;
}

std::unique_ptr<Ledger> Context::open_ledger(Exit& exit, const Message& in_use) const {
  LedgerOptions with = options;
  with.older_state = LedgerOptions::OlderState::refuse;
  return open_ledger_with(std::move(with), in_use, exit);
}

std::unique_ptr<Ledger> Context::open_ledger_to_record(Exit& exit) const {
  auto ledger = open_ledger(exit);
  if (!ledger || clock || !is_clock_behind(*ledger, now().unix_seconds(), limits_of(settings))) return ledger;
  exit = fail_for_the_clock();
  return nullptr;
}

Exit Context::fail_for_the_clock() const {
  const auto& said = api::info(State::clock_behind);
  return fail(Exit::io, CliCode::clock_behind, Said{std::string(said.zh), std::string(said.en)});
}

std::unique_ptr<Ledger> Context::open_or_upgrade_ledger(Exit& exit, LedgerOptions with) const {
  with.older_state = LedgerOptions::OlderState::make_again;
  return open_ledger_with(std::move(with), say::kLedgerInUse, exit);
}

std::unique_ptr<Ledger> Context::open_ledger_with(LedgerOptions with, const Message& in_use, Exit& exit) const {
  if (!has_ledger(exit) || !is_not_anothers(ledger / "ANCHOR", exit)) return nullptr;
  const auto progress = std::make_shared<MakingAgain>(*this);
  with.making_again = {[progress](std::uint64_t done, std::uint64_t all) { (*progress)(done, all); },
                       is_told_to_end};
  auto opened = Ledger::open(ledger, with);
  progress->end();
  if (opened) return std::move(*opened);
  const bool is_in_use = opened.error().fault == Fault::unavailable && !is_told_to_end();
  exit = is_in_use ? fail(Exit::io, CliCode::unavailable, in_use, ledger.string())
                   : refuse(opened.error());
  return nullptr;
}

}  // namespace fundtrail::api::cli
