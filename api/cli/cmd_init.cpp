// fundtrail init: makes a ledger.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "api/cli/command.h"
#include "ledger/core/fault_words.h"
#include "ledger/engine/directory.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"新建账套", "create a ledger"};
constexpr Message kIdHelp{"账套编号（英文、数字、. _ -）", "the ledger's id (letters, digits, . _ -)"};
constexpr Message kNameHelp{"账套名称", "the ledger's name"};
constexpr Message kRegionHelp{"区划代码", "administrative division code"};
constexpr Message kSuiteHelp{"算法：sha256-ed25519 或 sm3-sm2（国密），以后不能改",
                             "sha256-ed25519 or sm3-sm2; can never be changed"};
constexpr Message kBookHelp{"账簿性质：auxiliary 辅助账（默认）或 statutory 法定账簿",
                            "auxiliary (default) or statutory"};
constexpr Message kModeHelp{
    "账户模式：treasury_single_account 国库集中支付（默认）、fiscal_account 财政专户、"
    "unit_account 单位实有资金账户",
    "treasury_single_account (default), fiscal_account or unit_account"};
constexpr Message kActorHelp{"开账人编号", "id of the person who opens it"};
constexpr Message kDateHelp{"开账日期（默认今天）", "business date of the opening (default: today)"};

constexpr Message kNotEmpty{
    "“{0}”里已有别的文件（如“{1}”），未作任何改动。账套须有自己的目录：请用 --ledger 指明一个新的或空的目录。",
    "There are other files in \"{0}\" (such as \"{1}\"); nothing was changed. A ledger has a directory of its own: "
    "name a new or an empty one with --ledger."};

struct InitOptions {
  std::string id, name, region, actor, date;
  std::string suite = "sha256-ed25519", book = "auxiliary", mode = "treasury_single_account";
};

// Fills `target`, or names the option that is wrong.
template <class T>
void read(std::optional<T> parsed, T& target, std::string_view option, const std::string& value,
          const Message& expected) {
  if (!parsed) {
    const auto said = bad_option(option, value, expected);
    throw CLI::ValidationError(in_both(said.zh, said.en));
  }
  target = std::move(*parsed);
}

LedgerOpeningRequest request_from(const Context& context, const InitOptions& options) {
  LedgerOpeningRequest request;
  request.time = context.now();
  request.date = request.time.date();
  request.actor.role = Role::registrar;
  read(LedgerId::parse(options.id), request.id, "--id", options.id, say::kIdForm);
  read(Text::parse(options.name), request.name, "--name", options.name, say::kTextForm);
  read(RegionCode::parse(options.region), request.region, "--region", options.region, say::kRegionForm);
  read(ActorId::parse(options.actor), request.actor.id, "--actor", options.actor, say::kIdForm);
  read(parse_name<BookNature>(options.book), request.book, "--book", options.book,
       {"auxiliary | statutory", "auxiliary | statutory"});
  read(parse_name<AccountMode>(options.mode), request.account_mode, "--mode", options.mode,
       {"treasury_single_account | fiscal_account | unit_account", "treasury_single_account | fiscal_account | unit_account"});
  if (!options.date.empty()) {
    read(Date::parse(options.date), request.date, "--date", options.date, say::kDateForm);
  }
  const auto suite = chain::suite_from_name(options.suite);
  read(suite ? std::optional(*suite) : std::nullopt, request.suite, "--suite", options.suite,
       {"sha256-ed25519 | sm3-sm2", "sha256-ed25519 | sm3-sm2"});
  return request;
}

// Something in the directory that neither we nor the system have put there. What an interrupted `init` or
// `user add` leaves, hidden files of a home and the lost+found of a disk are in nobody's way.
std::string stranger_in(const std::filesystem::path& directory) {
  constexpr std::string_view kKnown[] = {"LOCK",        "creating", "keys",        "db.1",           "ANCHOR",
                                         "ledger.json", "users.json", "users.json.lock", "lost+found"};
  std::error_code error;
  std::string found;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    if (name.starts_with('.') || std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown)) continue;
    if (found.empty() || name < found) found = name;
  }
  return found;
}

Exit run(const Context& context, const InitOptions& options) {
  const auto request = request_from(context, options);
  if (context.ledger.empty()) return context.fail(Exit::usage, CliCode::usage, say::kNoLedgerNamed);
  const auto found = find_ledger(context.ledger);
  if (found.ok()) {
    return context.fail(Exit::refused, CliCode::already_there, say::kAlreadyThere,
                        context.ledger.string());
  }
  if (found.error().fault == Fault::truncated) {  // one that has lost its store
    return context.fail(Exit::refused, CliCode::already_there,
                        Said{chinese_of(found.error()), english_of(found.error())});
  }
  if (found.error().fault != Fault::not_found) return context.fail(found.error());
  if (const auto stranger = stranger_in(context.ledger); !stranger.empty()) {
    return context.fail(Exit::refused, CliCode::exists, kNotEmpty, context.ledger.string(), stranger);
  }
  auto ledger = Ledger::create(context.ledger, request, context.options);
  if (!ledger) return context.refuse(ledger.error());
  const auto view = (*ledger)->view();
  const auto& key = (*ledger)->verifier_key();
  const std::string key_text = chain::encode_verifier_key(key.name, key.key);
  context.print(say::kCreated, context.ledger.string(), request.name.str(),
                chain::name(view->suite()), key_text);
  context.print_json({{"ledger", view->id().str()},
                      {"directory", context.ledger.string()},
                      {"suite", chain::name(view->suite())},
                      {"size", view->size()},
                      {"root", chain::to_hex(view->root())},
                      {"verifier_key", key_text}});
  return Exit::fine;
}

}  // namespace

void add_init_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<InitOptions>();
  auto* command = add_command(app, context, "init", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("--id", options->id, both(kIdHelp))->required();
  command->add_option("--name", options->name, both(kNameHelp))->required();
  command->add_option("--region", options->region, both(kRegionHelp))->required();
  command->add_option("--actor", options->actor, both(kActorHelp))->required();
  command->add_option("--suite", options->suite, both(kSuiteHelp));
  command->add_option("--book", options->book, both(kBookHelp));
  command->add_option("--mode", options->mode, both(kModeHelp));
  command->add_option("--date", options->date, both(kDateHelp));
}

}  // namespace fundtrail::api::cli
