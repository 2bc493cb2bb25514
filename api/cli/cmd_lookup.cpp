// fundtrail lookup: the pseudonym of somebody whose identity number is known. The number comes from a file or standard
// input, for a command line is seen by everybody on the machine and kept in histories.
#include <future>
#include <memory>

#include "api/cli/input.h"
#include "api/cli/own_access_log.h"
#include "api/cli/users_file.h"
#include "api/http/disclosure.h"
#include "api/http/lookup.h"
#include "api/http/problem.h"
#include "ledger/core/fault_words.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"按公民身份号码查受益人假名（先记入访问日志）",
                        "find a beneficiary's pseudonym by the identity number; the access log has it first"};
constexpr Message kFileHelp{"存有该号码的文件；- 为标准输入（默认）。号码不写在命令行上",
                            "file with the number; - is standard input (default). It never stands on the command line"};
constexpr Message kActorHelp{"查询人编号", "id of the person who asks"};
constexpr Message kLookupRoleHelp{"角色：registrar 登记、reviewer 审核或 inspector 检查", "registrar, reviewer or inspector"};
constexpr Message kPurposeHelp{"查询目的（2 至 200 字，不含任何人的号码），记入访问日志",
                               "what for, in 2 to 200 characters without anybody's number; the access log keeps it"};
constexpr std::size_t kShortestNumber = 12;  // digits that may be somebody's number, mistyped
constexpr Message kNoNumber{"所给内容不是公民身份号码（18 位，校验码相符）。",
                            "What was given is no identity number (18 characters whose check digit fits)."};
constexpr Message kOnCommandLine{"号码不得写在命令行上（他人可见，且会留在历史记录中）：请由标准输入或文件给出。",
                                 "The number does not belong on the command line, where others see it and histories keep "
                                 "it: give it by standard input or in a file."};
constexpr Message kNotInService{"用户簿中没有可用本账套的用户“{0}”，或该用户已停用。",
                                "The book of users has no \"{0}\" who may use this ledger, or the user is disabled."};
constexpr Message kNobody{"没有以该号码登记的受益人。", "Nobody is registered with that number."};
constexpr Message kNotKept{"访问日志无法写入，因此不予显示：{0}", "The access log cannot be written, so nothing is shown: {0}"};

struct LookupOptions {
  std::string file = "-", actor, role, purpose;
};

// Everything but its outcome.
AccessRecord record_of(const Context& context, const Caller& caller, const LookupOptions& options) {
  AccessRecord record{.time = context.now()};
  record.actor = caller.actor.id.str();
  record.role = name_of(caller.actor.role);
  record.route = "fundtrail lookup";
  record.subject = "lookup";
  record.purpose = options.purpose;
  return record;
}

// Whether it is durable.
bool keep(AccessLog& log, AccessRecord record) {
  std::promise<bool> kept;
  auto durable = kept.get_future();
  log.record(std::move(record), [&kept](bool is) { kept.set_value(is); });
  return durable.get();
}

std::string number_in(const std::string& text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  return from == text.npos ? std::string() : text.substr(from, text.find_last_not_of(" \t\r\n") + 1 - from);
}

// As whom somebody asks, and why not. Without a book of users nobody can tell who is in service.
struct Asker {
  Caller caller;
  std::string code = {};  // empty: may ask
  Said why = {};
};
Asker asker_of(const UserBook* book, const LedgerId& ledger, Actor actor) {
  Asker asker{.caller = {.actor = actor, .user = actor.id.str()}};
  const auto refuse = [&](std::string_view code, std::string zh, std::string en) {
    asker.code = code;
    asker.why = {std::move(zh), std::move(en)};
  };
  if (book != nullptr) {
    const User* const user = book->find(actor.id.str());
    if (user == nullptr || !user->in_service(ledger)) {
      refuse(info(UserNo::unknown_user).code, kNotInService.in(Language::zh, actor.id.str()),
             kNotInService.in(Language::en, actor.id.str()));
      return asker;
    }
    if (!user->holds(actor.role)) {
      const UserRefusal refusal{UserNo::role_not_held, std::string(name_of(actor.role))};
      refuse(info(refusal.no).code, refusal.zh(), refusal.en());
      return asker;
    }
    asker.caller.regions = user->regions;
  }
  if (may_look_up(actor.role)) return asker;
  auto problem = problem_of(Protocol::forbidden, name_of(actor.role));
  refuse(problem.code, std::move(problem.detail_zh), std::move(problem.detail_en));
  return asker;
}

// The book of users; empty where there is none and none was named.
Result<std::shared_ptr<const UserBook>> book_of(const Context& context) {
  auto book = UserBook::load(users_file(context));
  const bool named = !context.settings.text(Setting::users).empty();
  if (!book && book.error().fault == Fault::not_found && !named) return std::shared_ptr<const UserBook>();
  return book;
}

Exit run(const Context& context, const LookupOptions& options) {
  const Actor actor{actor_of("--actor", options.actor), role_of(options.role)};
  if (!is_purpose(options.purpose)) {
    throw CLI::ValidationError(in_both(say::kBadOption.in(Language::zh, "--purpose", "***", kPurposeHelp.zh),
                                       say::kBadOption.in(Language::en, "--purpose", "***", kPurposeHelp.en)));
  }
  // Also one with a slip in it: no file is called so.
  const bool digits = options.file.find_first_not_of("0123456789Xx") == std::string::npos;
  if (digits && options.file.size() >= kShortestNumber) {
    return context.fail(Exit::usage, CliCode::usage, kOnCommandLine);
  }
  const auto text = read_input(options.file);
  if (!text) return context.fail(text.error());
  const auto number = number_in(*text);
  if (check_id_number(number) != IdNumberFault::none) return context.fail(Exit::usage, CliCode::usage, kNoNumber);
  Exit exit = Exit::fine;
  const auto ledger = context.open_ledger(exit);
  if (!ledger) return exit;
  if (const auto& locked = ledger->vault().locked()) return context.fail(*locked);
  const auto book = book_of(context);
  if (!book) return context.refuse(book.error());
  auto log = open_access_log(context, *ledger, 0, [&context] { return context.now(); });
  if (!log) return context.fail(log.error());
  const auto not_kept = [&] {
    const auto why = (*log)->failing().value_or(Error{});
    return context.fail(Exit::io, CliCode::io,
                        Said{kNotKept.in(Language::zh, chinese_of(why)), kNotKept.in(Language::en, english_of(why))});
  };

  const auto view = ledger->view();
  const auto asker = asker_of(book->get(), view->id(), actor);
  auto record = record_of(context, asker.caller, options);
  if (!asker.code.empty()) {
    record.action = AccessAction::refused;
    record.outcome = asker.code;
    if (!keep(**log, std::move(record))) return not_kept();
    return context.fail(Exit::refused, asker.code, asker.why);
  }
  const auto found = look_up(*view, ledger->vault(), number, asker.caller);
  if (!found) return context.fail(found.error());
  record.action = AccessAction::read;
  if (found->person) record.person = found->person->str();
  // That somebody is not registered is an answer about a person too.
  if (!found->person) record.outcome = name_of(CliCode::not_found);
  if (found->erased) record.outcome = info(Protocol::person_erased).code;
  if (!keep(**log, std::move(record))) return not_kept();
  if (!found->person) return context.fail(Exit::refused, CliCode::not_found, kNobody);
  if (found->erased) {
    const auto& erased = info(Protocol::person_erased);
    return context.fail(Exit::refused, erased.code, Said{std::string(erased.zh), std::string(erased.en)});
  }
  context.print(found->person->str());
  context.print_json({{"beneficiary", found->person->str()}});
  return Exit::fine;
}

}  // namespace

void add_lookup_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<LookupOptions>();
  auto* command = add_command(app, context, "lookup", kHelp, [&context, options] { return run(context, *options); });
  command->add_option("file", options->file, both(kFileHelp));
  command->add_option("--actor", options->actor, both(kActorHelp))->required();
  command->add_option("--role", options->role, both(kLookupRoleHelp))->required();
  command->add_option("--purpose", options->purpose, both(kPurposeHelp))->required();
}

}  // namespace fundtrail::api::cli
