// fundtrail checkpoint: signs the current head and prints the signed note.
#include <iostream>
#include <memory>

#include "api/cli/command.h"
#include "ledger/chain/note.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"签发检查点（C2SP 签名笔记），可打印张贴或交存他处",
                        "sign the current head as a checkpoint (C2SP signed note)"};
constexpr Message kListHelp{"只列出已签发的检查点，不签新的", "list the checkpoints kept so far; sign nothing"};

struct CheckpointOptions {
  bool list = false;
};

nlohmann::ordered_json checkpoint_json(const std::string& note) {
  nlohmann::ordered_json value;
  if (const auto parsed = chain::parse_note(note)) {
    if (const auto checkpoint = chain::parse_checkpoint(parsed->body)) {
      value = {{"origin", checkpoint->origin},
               {"size", checkpoint->size},
               {"root", chain::to_hex(checkpoint->root)}};
    }
  }
  value["note"] = note;
  return value;
}

Exit list(const Context& context, const Ledger& ledger) {
  const auto notes = ledger.view()->checkpoints();
  if (!notes) return context.fail(notes.error());
  auto all = nlohmann::ordered_json::array();
  for (const auto& note : *notes) {
    all.push_back(checkpoint_json(note));
    context.print(note);
  }
  context.print_json({{"checkpoints", all}});
  return Exit::fine;
}

Exit run(const Context& context, const CheckpointOptions& options) {
  Exit exit = Exit::fine;
  const auto ledger = context.open_or_upgrade_ledger(exit, context.options);
  if (!ledger) return exit;
  if (options.list) return list(context, *ledger);
  const auto note = ledger->checkpoint();
  if (!note) return context.fail(note.error());
  if (!context.json) std::cout << *note;  // the exact bytes: they are what is signed
  context.print_json(checkpoint_json(*note));
  return Exit::fine;
}

}  // namespace

void add_checkpoint_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<CheckpointOptions>();
  auto* command = add_command(app, context, "checkpoint", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_flag("--list", options->list, both(kListHelp));
}

}  // namespace fundtrail::api::cli
