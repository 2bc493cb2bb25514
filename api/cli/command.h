// START HERE for the command line. A command is one file, api/cli/cmd_<name>.cpp, that defines
//
//   void add_<name>_command(CLI::App& app, Context& context);
//
// declared and listed in api/cli/commands.cpp. It makes its subcommand with add_command(), binds its
// options to a struct of its own that the action owns, and answers an Exit from the action:
//
//   void add_verify_command(CLI::App& app, Context& context) {
//     auto options = std::make_shared<VerifyOptions>();
//     auto* command = add_command(app, context, "verify", kHelp, [&context, options] {
//       return run(context, *options);
//     });
//     command->add_option("--from", options->from, both(kFromHelp));
//   }
//
// Options that all commands share (--ledger, --json, --lang) may stand before or after the
// subcommand and are in Context when the action runs.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "api/answers.h"
#include "api/cli/messages.h"
#include "api/identity/refusal.h"
#include "api/operations/settings.h"
#include "ledger/ledger.h"

namespace fundtrail::api::cli {

// Stable: scripts depend on them. What each stands for: docs/OPERATIONS.md, "Exit codes".
enum class Exit : int { fine, check_failed, usage, refused, io };
// In the order of Exit; the help text and the manual page say them.
inline constexpr Message kExits[] = {
    {"正常", "fine"},
    {"检查未通过", "the check failed"},
    {"用法错误", "usage error"},
    {"被拒绝、不存在或已存在", "refused, not found, or there already"},
    {"读写故障、正被使用或中断", "input or output failed, in use, or interrupted"},
};

// The codes of errors that a command finds by itself; those of faults, refusals and users are theirs
// (ledger/core/result.h, ledger/core/rejection.h, api/identity/refusal.h). Stable.
enum class CliCode : std::uint8_t {
  usage, io, not_found, exists, already_there, no_checkpoint, no_users, not_confirmed, not_loopback,
  not_release, in_memory, unavailable, clock_behind, not_owner,
};

}  // namespace fundtrail::api::cli

namespace fundtrail {
template <>
struct Names<api::cli::CliCode> {
  static constexpr std::string_view list[] = {"usage",         "io",           "not-found", "exists",
                                              "already-there", "no-checkpoint", "no-users", "not-confirmed",
                                              "not-loopback",  "not-release",  "in-memory", "unavailable",
                                              "clock-behind", "not-owner"};
};
}  // namespace fundtrail

namespace fundtrail::api::cli {

// What every command needs to know, filled from the shared options before its action runs.
struct Context {
  std::string config;             // --config; empty: none
  Settings::Flags flags;          // what the command line says of the settings
  Settings settings;              // what holds
  std::vector<Said> wrong_settings;  // only `fundtrail config` runs with any
  std::filesystem::path ledger;  // empty: not named
  LedgerOptions options;         // --keys, --accept-missing-anchor
  bool json = false;
  Language language = Language::zh;
  bool both_languages = false;  // of errors: whoever reads a service's log may read either
  std::optional<Timestamp> clock;  // --clock: stands in for the system clock in tests and demos
  Exit exit = Exit::fine;          // of the command that ran

  // --clock, or the system clock with the offset +08:00.
  Timestamp now() const;

  // Text for people, on stdout, with a line feed; nothing when --json was asked for.
  void print(std::string_view text) const;
  template <class... Args>
  void print(const Message& message, const Args&... args) const {
    print(message.in(language, args...));
  }
  // The one JSON value of a command, on stdout; nothing without --json.
  void print_json(const nlohmann::ordered_json& value) const;

  // An error: to people on stderr; with --json {"error": {"code", "zh", "en"}} on stdout.
  // Returns `exit`, so that an action can end with `return context.fail(...)`.
  template <class... Args>
  Exit fail(Exit exit, CliCode code, const Message& message, const Args&... args) const {
    return report(exit, name_of(code), message.in(Language::zh, args...), message.in(Language::en, args...));
  }
  Exit fail(Exit exit, CliCode code, const Said& said) const { return fail(exit, name_of(code), said); }
  // With a code that others have given it.
  Exit fail(Exit exit, std::string_view code, const Said& said) const { return report(exit, code, said.zh, said.en); }
  Exit fail(const Error& error) const;
  // The same where what does not fit is what is there, and no mistake of the command line: a wrong key, a target that
  // exists, a file that others may read.
  Exit refuse(const Error& error) const;
  Exit fail(const UserRefusal& refusal) const;
  Exit fail(const Rejection& rejection) const;

  // Opens the ledger that --ledger names, or says why not and sets `exit` to what the action has to
  // return. `in_use` is what to do when another program has it open ({0}: the directory). A ledger whose
  // state an older program wrote is refused: no older program opens it afterwards, and nobody expects that
  // of a report or a backup.
  std::unique_ptr<Ledger> open_ledger(Exit& exit, const Message& in_use = say::kLedgerInUse) const;
  // The same for a command that records, or tries what it would record: refused, as by the server, when the clock
  // is behind the newest entry. A time that was given (--clock) is taken as it is.
  std::unique_ptr<Ledger> open_ledger_to_record(Exit& exit) const;
  // What it says then.
  Exit fail_for_the_clock() const;
  // The same as open_ledger() for the commands whose use it is; with other options than those of the command line.
  std::unique_ptr<Ledger> open_or_upgrade_ledger(Exit& exit, LedgerOptions with) const;
  // Whether --ledger names a directory with a ledger in it; says so if not.
  // Whether a file is this user's to change: what root writes in somebody else's ledger, its server can read no more.
  bool is_not_anothers(const std::filesystem::path& file, Exit& exit) const;
  bool has_ledger(Exit& exit) const;
  // Whether the directory is there in which this one is to be made; says so if not. It is never made: a path that is
  // misspelt, or a disk that is not mounted, is not to become a directory somewhere else.
  bool has_place_for(const std::filesystem::path& target, Exit& exit) const;

 private:
  std::unique_ptr<Ledger> open_ledger_with(LedgerOptions with, const Message& in_use, Exit& exit) const;
  Exit fail_with(Exit exit, const Error& error) const;
  Exit report(Exit exit, std::string_view code, std::string_view zh, std::string_view en) const;
};

Exit exit_for(Fault fault);

// What kBadOption says, where what was expected is in words.
Said bad_option(std::string_view option, std::string_view value, const Message& expected);

// An option, or argument, that names a file to be written. "-" is refused: it would be a file of that name, and what a
// command tells goes to standard output already.
CLI::Option* add_output(CLI::App& command, const std::string& name, std::string& file, const Message& help);

// The option of a setting (api/operations/settings.h).
void add_setting(CLI::App& app, Context& context, Setting setting);
inline constexpr char kConfigCommand[] = "config";

// A subcommand with its help in both languages; `action` runs when it was chosen.
CLI::App* add_command(CLI::App& app, Context& context, const std::string& name,
                      const Message& help, std::function<Exit()> action);

// A subcommand that has subcommands, one of which must be chosen.
CLI::App* add_group(CLI::App& app, const std::string& name, const Message& help);

// "Command 2, line 4, field voucher: " for people, who count from 1; empty when it is about the whole.
std::string place_of(const Rejection& rejection, Language language);

using api::to_json;  // api/answers.h

// Every command, in the order of the help text (api/cli/commands.cpp).
void add_commands(CLI::App& app, Context& context);

// The whole program: parses, runs, returns the exit code. Never throws.
int run(int argc, const char* const* argv);

}  // namespace fundtrail::api::cli
