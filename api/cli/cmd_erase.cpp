// fundtrail erase: destroys what the vault knows of one person.
#include <memory>

#include "api/cli/command.h"
#include "ledger/core/wording.h"
#include "ledger/engine/erase.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"销毁一名受益人的身份资料（链上只剩假名，账目与证明不变）",
                        "destroy one beneficiary's identity record; the chain keeps the pseudonym, and "
                        "every proof holds"};
constexpr Message kWhoHelp{"受益人假名（16 位十六进制）", "the beneficiary's pseudonym (16 hex digits)"};
constexpr Message kYesHelp{"确认销毁：不能恢复", "yes, destroy it: it cannot be brought back"};
constexpr Message kConfirm{
    "将永久销毁受益人 {0} 的身份资料，不能恢复；未作任何改动。确认请加 --yes。",
    "This would destroy the identity record of beneficiary {0} for ever; nothing was changed. Add "
    "--yes to do it."};
constexpr Message kNobody{"保险库中没有受益人 {0} 的身份资料。",
                          "The vault holds no identity record of beneficiary {0}."};
constexpr Message kErased{"受益人 {0} 的身份资料已销毁。备份中的副本须另行销毁。",
                          "The identity record of beneficiary {0} is destroyed. Copies in backups must "
                          "be destroyed there."};

struct EraseOptions {
  std::string beneficiary;
  bool yes = false;
};

Exit run(const Context& context, const EraseOptions& options) {
  const auto person = Pseudonym::parse(options.beneficiary);
  if (!person) {
    return context.fail(Exit::usage, "usage", say::kBadOption, "--beneficiary",
                        masked(options.beneficiary), kWhoHelp.in(context.language));
  }
  Exit exit = Exit::fine;
  if (!context.has_ledger(exit)) return exit;
  if (!options.yes) return context.fail(Exit::usage, "not_confirmed", kConfirm, person->str());
  const auto erased = erase_person(context.ledger, *person);
  if (!erased.ok() && erased.error().fault == Fault::not_found) {
    return context.fail(Exit::refused, "not_found", kNobody, person->str());
  }
  if (!erased.ok() && erased.error().fault == Fault::unavailable) {
    return context.fail(Exit::io, name(Fault::unavailable), say::kLedgerInUse,
                        context.ledger.string());
  }
  if (!erased.ok()) return context.fail(erased.error());
  context.print(kErased, person->str());
  context.print_json({{"erased", person->str()}});
  return Exit::fine;
}

}  // namespace

void add_erase_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<EraseOptions>();
  auto* command = add_command(app, context, "erase", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("--beneficiary", options->beneficiary, both(kWhoHelp))->required();
  command->add_flag("--yes", options->yes, both(kYesHelp));
}

}  // namespace fundtrail::api::cli
