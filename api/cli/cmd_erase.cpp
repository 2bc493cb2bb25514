// fundtrail erase: destroys what the vault knows of one person and records that it did.
#include <memory>

#include "api/cli/command.h"
#include "api/derived_ids.h"
#include "ledger/core/wording.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"销毁一名受益人的身份资料，并在链上留下不含个人信息的凭证（账目与证明不变）",
                        "destroy one beneficiary's identity record and record that without personal "
                        "data; every proof holds"};
constexpr Message kWhoHelp{"受益人假名（16 位十六进制）", "the beneficiary's pseudonym (16 hex digits)"};
constexpr Message kGroundHelp{
    "法定事由（个人信息保护法 §47）：purpose_fulfilled 目的已实现、retention_expired 保存期满、"
    "consent_withdrawn 撤回同意、unlawful_processing 违法处理、ordered 依令",
    "legal ground (PIPL art. 47): purpose_fulfilled, retention_expired, consent_withdrawn, "
    "unlawful_processing or ordered"};
constexpr Message kOrderedHelp{"决定销毁的人（不能与经办人相同）",
                               "id of the person who ordered it; somebody else than --actor"};
constexpr Message kReferenceHelp{"申请或决定的编号（1 至 64 个可打印的 ASCII 字符，不得含个人信息）",
                                 "number of the request or order: 1 to 64 printable ASCII characters, without personal data"};
constexpr Message kActorHelp{"经办人编号（登记岗）", "id of the registrar who records it"};
constexpr Message kYesHelp{"确认销毁：不能恢复", "yes, destroy it: it cannot be brought back"};
constexpr Message kConfirm{
    "将永久销毁受益人 {0} 的身份资料，不能恢复；未作任何改动。确认请加 --yes。",
    "This would destroy the identity record of beneficiary {0} for ever; nothing was changed. Add "
    "--yes to do it."};
constexpr Message kErased{"受益人 {0} 的身份资料已销毁，见第 {1} 号记录。备份中的副本须另行销毁。",
                          "The identity record of beneficiary {0} is destroyed; entry {1} says so. "
                          "Copies in backups must be destroyed there."};

struct EraseOptions {
  std::string beneficiary, ground, ordered_by, reference, actor;
  bool yes = false;
};

// The command, or the option that is malformed.
Result<Command> command_from(const Context& context, const EraseOptions& options) {
  const auto bad = [](std::string_view option, const std::string& value, const Message& form) {
    return Error{Fault::invalid_argument, in_both(say::kBadOption.in(Language::zh, option, masked(value), form.zh),
                                                  say::kBadOption.in(Language::en, option, masked(value), form.en))};
  };
  constexpr Message kId{"[A-Za-z0-9._-]{1,64}", "[A-Za-z0-9._-]{1,64}"};
  const auto person = Pseudonym::parse(options.beneficiary);
  if (!person) return bad("--beneficiary", options.beneficiary, kWhoHelp);
  const auto ground = parse_name<ErasureGround>(options.ground);
  if (!ground) return bad("--ground", options.ground, kGroundHelp);
  const auto ordered_by = ActorId::parse(options.ordered_by);
  if (!ordered_by) return bad("--ordered-by", options.ordered_by, kId);
  const auto reference = Reference::parse(options.reference);
  if (!reference) return bad("--reference", options.reference, kReferenceHelp);
  const auto actor = ActorId::parse(options.actor);
  if (!actor) return bad("--actor", options.actor, kId);
  Command command;
  command.time = context.now();
  command.date = command.time.date();
  command.actor = {*actor, Role::registrar};
  // Once more on the same day, after whatever interrupted it, is the same command.
  command.id = *CommandId::parse(std::string(derived::kErasure) + person->str() + "-" + command.date.str());
  command.document = PersonErasure{*person, *ground, *ordered_by, *reference};
  return command;
}

Exit run(const Context& context, const EraseOptions& options) {
  auto command = command_from(context, options);
  if (!command) throw CLI::ValidationError(command.error().message);
  const std::string person = std::get<PersonErasure>(command->document).beneficiary.str();
  Exit exit = Exit::fine;
  if (!context.has_ledger(exit)) return exit;
  if (!options.yes) return context.fail(Exit::usage, CliCode::not_confirmed, kConfirm, person);
  const auto ledger = context.open_ledger_to_record(exit);
  if (!ledger) return exit;
  std::vector<Command> commands;
  commands.push_back(std::move(*command));
  const auto answers = ledger->submit(std::move(commands), BatchMode::atomic);
  if (!answers) return context.fail(answers.error());
  if (const auto* refusal = std::get_if<Refusal>(&answers->front())) {
    return context.fail(refusal->reason);
  }
  const auto& receipt = std::get<Receipt>(answers->front());
  context.print(kErased, person, receipt.index);
  context.print_json({{"erased", person},
                      {"index", receipt.index},
                      {"leaf", chain::to_hex(receipt.leaf)},
                      {"repeated", receipt.repeated}});
  return Exit::fine;
}

}  // namespace

void add_erase_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<EraseOptions>();
  auto* command = add_command(app, context, "erase", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("--beneficiary", options->beneficiary, both(kWhoHelp))->required();
  command->add_option("--ground", options->ground, both(kGroundHelp))->required();
  command->add_option("--ordered-by", options->ordered_by, both(kOrderedHelp))->required();
  command->add_option("--reference", options->reference, both(kReferenceHelp))->required();
  command->add_option("--actor", options->actor, both(kActorHelp))->required();
  command->add_flag("--yes", options->yes, both(kYesHelp));
  add_setting(*command, context, Setting::clock_tolerance_seconds);
}

}  // namespace fundtrail::api::cli
