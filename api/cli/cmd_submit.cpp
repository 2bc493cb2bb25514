// fundtrail submit: records commands that are given as JSON (docs/API.md has their shape).
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/cli/command.h"
#include "api/cli/input.h"
#include "api/cli/sign.h"
#include "api/derived_ids.h"
#include "api/json_fault.h"
#include "ledger/chain/document_codec.h"
#include "ledger/core/personal_number.h"
#include "ledger/core/wording.h"
#include "ledger/rules/decide.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"办理业务：提交一条命令或一组命令（JSON）",
                        "record a command or an array of commands (JSON)"};
constexpr Message kFileHelp{"JSON 文件；- 为标准输入（默认）", "JSON file; - is standard input (default)"};
constexpr Message kActorHelp{"经办人编号", "id of the person who acts"};
constexpr Message kRoleHelp{
    "经办人角色：registrar preparer reviewer approver cashier provider inspector administrator",
    "role: registrar preparer reviewer approver cashier provider inspector administrator"};
constexpr Message kIdHelp{"命令编号（命令中没有 id 时使用，仅限一条命令）",
                          "command id, when the one command has none"};
constexpr Message kAtomicHelp{"全部入账或全部不入账（默认）", "all or nothing (default)"};
constexpr Message kLineHelp{"逐条逐行：能入账的入账，其余逐一说明",
                            "each command and each line on its own; refused ones are reported"};

constexpr Message kSignHelp{"用此密钥文件签名每条命令（fundtrail key new 所生成）",
                            "sign each command with this key file (made by fundtrail key new)"};
constexpr Message kKeyHelp{"密钥的登记编号（与 --sign 同用）", "the registered id of that key; goes with --sign"};
constexpr Message kStatementHelp{"只显示每条命令待签名的内容，不入账（供 openssl 或硬件密钥签名）",
                                 "only show what is to be signed of each command and record nothing: "
                                 "for openssl or a hardware key"};

constexpr Message kNotAfterHelp{"签名的命令最迟在此日入账（YYYY-MM-DD，默认当日）",
                                "last day on which what is signed may be recorded (YYYY-MM-DD; default: "
                                "today)"};

constexpr Message kDerivedHelp{"接受导入、批量核定等由系统自编的编号（补录已丢失的记录时用）",
                               "take ids that imports and runs made themselves: to record again what was lost"};

struct SubmitOptions {
  std::string file = "-", actor, role, id, sign, key, not_after;
  bool atomic = false, line_by_line = false, statement = false, derived_ids = false;
};

struct Unread {
  std::size_t place;  // among all commands
  Rejection reason;
};
struct Decoded {
  std::vector<Command> commands;
  std::vector<Unread> unread;  // in order
};

// In the order of the commands; the first that cannot be read ends it, unless each stands on its own.
Result<Decoded, Rejection> decode(const std::vector<std::string>& texts, const chain::CommandDefaults& defaults,
                                  bool line_by_line, bool derived_ids) {
  Decoded decoded;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto in_batch = [&](Rejection reason) {
      if (texts.size() > 1) {
        reason.field.insert(0, "[" + std::to_string(i) + "]" + (reason.field.empty() ? "" : "."));
      }
      return reason;
    };
    auto command = chain::decode_command(texts[i], defaults);
    std::optional<Rejection> reason;
    if (!command) reason = in_batch(command.error());
    else if (command->id.empty()) reason = in_batch({.reason = Reason::missing_field, .field = "id", .subject = "id"});
    else if (auto derived = refuse_derived(command->id); derived && !derived_ids) reason = in_batch(std::move(*derived));
    if (reason && (!line_by_line || texts.size() == 1)) return std::move(*reason);
    if (reason) {
      decoded.unread.push_back({i, std::move(*reason)});
      continue;
    }
    if (line_by_line && rules::can_leave_lines_out(command->document)) command->mode = LineMode::line_by_line;
    decoded.commands.push_back(std::move(*command));
  }
  return decoded;
}

constexpr Message kBeneficiary{"　　受益人 {0}", "    beneficiary {0}"};

// Whom the commands register, by their ids: what follows names the pseudonym.
using Registered = std::map<std::string, std::string>;
Registered registered_by(const Vault& vault, const std::vector<Command>& commands) {
  Registered people;
  if (vault.locked()) return people;
  for (const auto& command : commands) {
    if (command.identity) people.emplace(command.id.str(), vault.pseudonym_of(command.identity->id_number).str());
  }
  return people;
}

nlohmann::ordered_json refused_lines(const std::vector<Rejection>& lines) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& line : lines) list.push_back(to_json(line));
  return list;
}

nlohmann::ordered_json answer_json(const Answer& answer, const Registered& people) {
  if (const auto* receipt = std::get_if<Receipt>(&answer)) {
    nlohmann::ordered_json json{{"command", receipt->command.str()}, {"recorded", true},
                                {"repeated", receipt->repeated},     {"index", receipt->index},
                                {"leaf", chain::to_hex(receipt->leaf)}, {"time", receipt->time.str()}};
    if (const auto one = people.find(receipt->command.str()); one != people.end()) json["beneficiary"] = one->second;
    json["refused_lines"] = refused_lines(receipt->refused_lines);
    return json;
  }
  const auto& refusal = std::get<Refusal>(answer);
  return {{"command", refusal.command.str()},
          {"recorded", false},
          {"reason", to_json(refusal.reason)},
          {"refused_lines", refused_lines(refusal.refused_lines)}};
}

void print_lines(const Context& context, const std::vector<Rejection>& lines) {
  for (const auto& line : lines) {
    context.print(say::kRefusedLine, place_of(line, context.language), info(line.reason).code,
                  context.language == Language::zh ? line.zh() : line.en());
  }
}

void print_answer(const Context& context, const Answer& answer, const Registered& people) {
  if (const auto* receipt = std::get_if<Receipt>(&answer)) {
    context.print(receipt->repeated ? say::kRepeated : say::kRecorded, receipt->index,
                  receipt->command.str(), chain::to_hex(receipt->leaf));
    if (const auto one = people.find(receipt->command.str()); one != people.end()) {
      context.print(kBeneficiary, one->second);
    }
    return print_lines(context, receipt->refused_lines);
  }
  const auto& refusal = std::get<Refusal>(answer);
  context.print(say::kRefused, refusal.command.str() + " " + std::string(info(refusal.reason.reason).code),
                place_of(refusal.reason, context.language) +
                    (context.language == Language::zh ? refusal.reason.zh() : refusal.reason.en()));
  print_lines(context, refusal.refused_lines);
}

// Its place names the command, which may have no id.
void print_unread(const Context& context, const Rejection& reason) {
  context.print(say::kRefused, info(reason.reason).code,
                place_of(reason, context.language) + (context.language == Language::zh ? reason.zh() : reason.en()));
}

Result<chain::CommandDefaults> defaults_from(const Context& context, const SubmitOptions& options) {
  chain::CommandDefaults defaults;
  defaults.time = context.now();
  const auto actor = ActorId::parse(options.actor);
  const auto role = parse_name<Role>(options.role);
  const auto id = CommandId::parse(options.id);
  const auto bad = [](std::string_view option, const std::string& value, std::string_view zh, std::string_view en) {
    return Error{Fault::invalid_argument, in_both(say::kBadOption.in(Language::zh, option, value, zh),
                                                  say::kBadOption.in(Language::en, option, value, en))};
  };
  constexpr std::string_view kId = "[A-Za-z0-9._-]{1,64}";
  if (!actor) return bad("--actor", options.actor, kId, kId);
  if (!role) return bad("--role", options.role, kRoleHelp.zh, kRoleHelp.en);
  if (!options.id.empty() && !id) return bad("--id", options.id, kId, kId);
  // It stays in the chain for ever. Whose number an actor's id is, the book of users asks once.
  if (id && holds_personal_number(id->str())) {
    return bad("--id", "***", in_words(token(Form::no_identity), true), in_words(token(Form::no_identity), false));
  }
  defaults.actor = {*actor, *role};
  if (id) defaults.id = *id;
  return defaults;
}

Exit show_statements(const Context& context, const Ledger& ledger,
                     const std::vector<Command>& commands, Date not_after) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& command : commands) {
    const auto statement = statement_of(ledger, command, not_after);
    if (!statement) return context.fail(statement.error());
    context.print(*statement);
    list.push_back({{"command", command.id.str()}, {"statement", *statement}});
  }
  context.print_json({{"statements", list}});
  return Exit::fine;
}

Status sign(const SubmitOptions& options, const Ledger& ledger, Date not_after,
            std::vector<Command>& commands) {
  const auto key = KeyId::parse(options.key);
  if (!key) {
    return Error{Fault::invalid_argument, say::kBadOption.in_both("--key", options.key, "[A-Za-z0-9._-]{1,64}")};
  }
  return sign_all(ledger, options.sign, *key, not_after, commands);
}

Exit run(const Context& context, const SubmitOptions& options) {
  const auto defaults = defaults_from(context, options);
  if (!defaults) throw CLI::ValidationError(defaults.error().message);
  const auto text = read_input(options.file);
  if (!text) return context.fail(text.error());
  std::string_view json = *text;
  if (json.starts_with("\xEF\xBB\xBF")) json.remove_prefix(3);  // of Windows editors
  const auto texts = chain::split_commands(json);
  if (!texts) {
    const auto fault = find_json_fault(json);
    if (!fault) return context.fail(texts.error());
    return context.fail(Exit::refused, info(Reason::malformed_command).code,
                        Said{say::kJsonFault.in(Language::zh, fault->zh()), say::kJsonFault.in(Language::en, fault->en())});
  }
  auto decoded = decode(*texts, *defaults, options.line_by_line, options.derived_ids);
  if (!decoded) return context.fail(decoded.error());
  auto& commands = decoded->commands;
  const auto& unread = decoded->unread;
  if (options.statement && !unread.empty()) return context.fail(unread.front().reason);
  if (!options.id.empty() && texts->size() > 1) {
    return context.fail(Exit::usage, CliCode::usage, say::kUsage, std::string(both(kIdHelp)));
  }
  const auto not_after = options.not_after.empty() ? context.now().date()
                                                   : Date::parse(options.not_after);
  if (!not_after) {
    return context.fail(Exit::usage, CliCode::usage, say::kBadOption, "--not-after", options.not_after,
                        "YYYY-MM-DD");
  }
  Exit exit = Exit::fine;
  const auto ledger = options.statement ? context.open_ledger(exit) : context.open_ledger_to_record(exit);
  if (!ledger) return exit;
  if (texts->empty()) context.print(say::kNothingSubmitted);
  if (options.statement) return show_statements(context, *ledger, commands, *not_after);
  if (!options.sign.empty()) {
    const auto is_signed = sign(options, *ledger, *not_after, commands);
    if (!is_signed.ok()) return context.fail(is_signed.error());
  }
  const auto people = registered_by(ledger->vault(), commands);
  auto answers = ledger->submit(
      std::move(commands), options.line_by_line ? BatchMode::independent : BatchMode::atomic);
  if (!answers) return context.fail(answers.error());

  // A refused batch has one answer: that of the command that was refused.
  const bool refused = !options.line_by_line && !answers->empty() &&
                       std::holds_alternative<Refusal>(answers->front());
  if (refused) answers->resize(1);
  auto list = nlohmann::ordered_json::array();
  auto next_unread = unread.cbegin();
  const auto tell_unread = [&] {
    for (; next_unread != unread.cend() && next_unread->place == list.size(); ++next_unread) {
      print_unread(context, next_unread->reason);
      list.push_back({{"command", nullptr}, {"recorded", false}, {"reason", to_json(next_unread->reason)},
                      {"refused_lines", nlohmann::ordered_json::array()}});
      exit = Exit::refused;
    }
  };
  for (const auto& answer : *answers) {
    tell_unread();
    print_answer(context, answer, people);
    list.push_back(answer_json(answer, people));
    const auto* receipt = std::get_if<Receipt>(&answer);
    if (receipt == nullptr || !receipt->refused_lines.empty()) exit = Exit::refused;
  }
  tell_unread();
  context.print_json({{"answers", list}});
  return exit;
}

}  // namespace

void add_submit_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<SubmitOptions>();
  auto* command = add_command(app, context, "submit", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("file", options->file, both(kFileHelp));
  command->add_option("--actor", options->actor, both(kActorHelp))->required();
  command->add_option("--role", options->role, both(kRoleHelp))->required();
  command->add_option("--id", options->id, both(kIdHelp));
  auto* atomic = command->add_flag("--atomic", options->atomic, both(kAtomicHelp));
  command->add_flag("--line-by-line", options->line_by_line, both(kLineHelp))->excludes(atomic);
  auto* sign = command->add_option("--sign", options->sign, both(kSignHelp));
  auto* key = command->add_option("--key", options->key, both(kKeyHelp))->needs(sign);
  sign->needs(key);
  command->add_option("--not-after", options->not_after, both(kNotAfterHelp));
  command->add_flag("--derived-ids", options->derived_ids, both(kDerivedHelp));
  command->add_flag("--statement", options->statement, both(kStatementHelp))->excludes(sign);
  add_setting(*command, context, Setting::clock_tolerance_seconds);
}

}  // namespace fundtrail::api::cli
