// A command that decodes can be written and decodes to the same again; a refusal can be told.
#include "ledger/chain/canonical.h"
#include "ledger/chain/document_codec.h"
#include "tests/fuzz/target.h"

using namespace fundtrail;

FUZZ_TARGET(command) {
  chain::CommandDefaults defaults;
  defaults.actor = {*ActorId::parse("a"), Role::preparer};
  defaults.id = *CommandId::parse("c");
  defaults.time = *Timestamp::parse("2008-04-10T09:00:00+08:00");
  const auto texts = chain::split_commands(bytes);
  if (!texts.ok()) {
    fuzz::must(!texts.error().en().empty() && !texts.error().zh().empty(), "a refusal has words");
    return;
  }
  for (const auto& text : *texts) {
    const auto command = chain::decode_command(text, defaults);
    if (!command.ok()) {
      const Rejection& no = command.error();
      fuzz::must(!no.en().empty() && !no.zh().empty(), "a refusal has words");
      // (A field may be called "" by whoever sent it.)
      fuzz::must(no.reason == Reason::malformed_command || no.reason == Reason::unknown_field ||
                     !no.field.empty(), "a refusal names its field");
      continue;
    }
    const std::string written = chain::encode_command(*command);
    fuzz::must(chain::check_canonical(written).ok(), "a decoded command is written canonically");
    if (std::holds_alternative<BeneficiaryRegistration>(command->document)) continue;
    const auto again = chain::decode_command(written, defaults);
    fuzz::must(again.ok() && chain::encode_command(*again) == written,
               "a written command decodes to the same");
  }
}
