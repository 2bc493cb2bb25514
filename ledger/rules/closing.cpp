// Closing a month: one after the other, and only when nothing prepared in it is left undecided.
#include "ledger/core/check.h"
#include "ledger/rules/families.h"
#include "ledger/rules/packing.h"

namespace fundtrail::rules {
namespace {

std::uint64_t drafts_in(const StateSource& state, Month month) {
  const std::string* row = state.find(drafts_key(month));
  return row ? Unpacker(*row).u64() : 0;
}

}  // namespace

void count_draft(Overlay& state, Date prepared_on, int change) {
  const Month month = Month::of(prepared_on);
  const std::uint64_t before = drafts_in(state, month);
  FT_CHECK(change > 0 || before > 0);
  state.put(drafts_key(month),
            Packer().u64(change > 0 ? before + 1 : before - 1).take());
}

void check(Context& c, const PeriodClose& d) {
  // The first close may skip months in which nothing was recorded yet, or several at once.
  const Month earliest = c.ledger->closed ? c.ledger->closed->plus(1)
                                          : c.ledger->first.value_or(Month::of(c.command.date));
  if (d.period < earliest || (c.ledger->closed && d.period != earliest)) {
    c.no.add(Reason::period_not_next, "doc.period", d.period.str(), earliest.str());
  }
  if (c.command.date < d.period.last_day()) {
    c.no.add(Reason::invalid_period, "doc.period", d.period.first_day().str(),
             d.period.last_day().str());
  }
  std::uint64_t drafts = 0;
  for (Month month = earliest; month <= d.period; month = month.plus(1)) {
    drafts += drafts_in(c.state, month);
  }
  if (drafts > 0) {
    c.no.add(Reason::drafts_open, "doc.period", d.period.str(), std::to_string(drafts));
  }
}
void record(Overlay& state, const Entry&, const PeriodClose& d) {
  auto ledger = LedgerRow::find(state);
  FT_CHECK(ledger.has_value());
  ledger->closed = d.period;
  state.put(kLedgerKey, ledger->encode());
}

}  // namespace fundtrail::rules
