// A plan promises what the rules accept: each document is put to decide() as the writer would put it.
#include "ledger/engine/ages.h"
#include "ledger/planning/planners.h"
#include "ledger/planning/snapshot_state.h"
#include "ledger/rules/decide.h"

namespace fundtrail::planning {
namespace {

// Its lines were computed by the rules a moment ago: one stands for all of them, and the document's own
// words (date, funds, region, payee) are what is asked about.
Command with_one_line(const Command& command) {
  Command asked = command;
  if (auto* d = std::get_if<EntitlementCalculation>(&asked.document); d && d->lines.size() > 1) {
    d->lines.resize(1);
  }
  return asked;
}

}  // namespace

void judge_documents(const View& view, const Vault& vault, Plan& plan) {
  SnapshotState state(view.raw());
  const auto sealed_of = [&](const Pseudonym& person) {
    return view.raw().get(store::Table::vault, person.str());
  };
  for (auto& document : plan.documents) {
    // Vouchers were judged when it was asked who may have them.
    if (std::holds_alternative<VoucherIssue>(document.command.document)) continue;
    Command asked = with_one_line(document.command);
    make_room_for_births(state, asked);
    if (const auto found = find_births(vault, sealed_of, asked); !found.ok()) {
      throw rules::StateUnreadable{found.error()};
    }
    const auto decision = rules::decide(state, asked);
    const auto* refused = std::get_if<rules::Refused>(&decision);
    // Whether there is enough money is asked about all documents of a region together, what the limit of the
    // programme leaves about all of them.
    if (refused != nullptr && refused->reason.reason != Reason::insufficient_balance &&
        refused->reason.reason != Reason::programme_limit) {
      document.refusal = refused->reason;
    }
    state.forget();
  }
}

}  // namespace fundtrail::planning
