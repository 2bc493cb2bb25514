// Vouchers that come back or lapse: what was committed for them is free to be spent again.
#include "ledger/rules/families.h"
#include "ledger/rules/voucher_blocks.h"

namespace fundtrail::rules {
namespace {

// Every line names an outstanding voucher, once; `also` adds what one kind asks for beyond that.
template <class Also>
void check_release(Context& c, const std::vector<VoucherLine>& lines, Also&& also) {
  VoucherBlocks blocks(c.state);
  IssueUses uses(c.state);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const VoucherNumber& voucher = lines[i].voucher;
    Findings no;
    const auto found = blocks.find(voucher);
    if (found.seen_before) refuse_duplicate(no, lines, i);
    check_outstanding(c, no, voucher, found);
    IssueUse* use = nullptr;
    if (found.status != VoucherStatus::none) {
      use = &uses.use(found.issue);
      if (c.command.date < use->row.issued_on) {
        no.add(Reason::date_too_early, "voucher", c.command.date.str(),
               use->row.issued_on.str());
      }
      also(no, voucher, use->row);
    }
    if (!no.none()) {
      c.refuse_line(i, no.first()->field, *no.first());
    } else {
      ++use->vouchers;
    }
  }
  for (const auto& [at, amount] : uses.amounts()) {
    move(c.postings, amount, FundAccount::allotted, at, FundAccount::committed, at);
  }
}

constexpr auto kNothingMore = [](Findings&, const VoucherNumber&, const IssueRow&) {};

void change_all(Overlay& state, const std::vector<VoucherLine>& lines, VoucherStatus to,
                bool frees_month, std::optional<Date> lost_on = {}) {
  VoucherWriter writer(state);
  for (const auto& line : lines) writer.change(line.voucher, to, frees_month, lost_on);
  writer.finish(VoucherStatus::outstanding, to);
}

}  // namespace

void check(Context& c, const VoucherReturn& d) { check_release(c, d.lines, kNothingMore); }
void record(Overlay& state, const Entry&, const VoucherReturn& d) {
  change_all(state, d.lines, VoucherStatus::returned, true);
}

void check(Context& c, const VoucherVoid& d) { check_release(c, d.lines, kNothingMore); }
void record(Overlay& state, const Entry& entry, const VoucherVoid& d) {
  std::optional<Date> lost_on;
  if (d.reason == VoidReason::lost) lost_on = entry.date;
  change_all(state, d.lines, VoucherStatus::voided, true, lost_on);
}

void check(Context& c, const VoucherExpiry& d) {
  check_release(c, d.lines,
                [&](Findings& no, const VoucherNumber& voucher, const IssueRow& terms) {
                  if (c.command.date <= terms.valid_to) {
                    no.add(Reason::voucher_not_past_validity, "voucher", voucher.str(),
                           terms.valid_to.str());
                  }
                  if (d.month != terms.month) {
                    no.add(Reason::invalid_value, "voucher", d.month.str(), terms.month.str());
                  }
                });
}
void record(Overlay& state, const Entry&, const VoucherExpiry& d) {
  change_all(state, d.lines, VoucherStatus::expired, false);
}

}  // namespace fundtrail::rules
