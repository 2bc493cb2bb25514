// A provider's upload of redeemed vouchers: the hot path. Each line is judged on its own.
#include <algorithm>

#include "ledger/rules/families.h"
#include "ledger/rules/person.h"
#include "ledger/rules/voucher_blocks.h"
#include "ledger/rules/voucher_list.h"

namespace fundtrail::rules {
namespace {

const Quantity kHoursOfADay(2400);

class RedemptionLines {
 public:
  RedemptionLines(Context& c, const Redemption& d, const std::string* provider)
      : c_(c), d_(d), blocks_(c.state), uses_(c.state) {
    if (provider) contracts_ = contracts_of(*provider);
  }

  void check_line(std::size_t at) {
    const RedeemedVoucher& line = d_.lines[at];
    Findings no;
    const auto found = blocks_.find(line.voucher);
    if (found.seen_before) refuse_duplicate(no, d_.lines, at);
    if (c_.command.date < line.service_date) {
      no.add(Reason::date_in_future, "service_date", line.service_date.str(),
             c_.command.date.str());
    }
    check_hours(no, line);
    check_contract(no, line);
    IssueUse* use = nullptr;
    if (found.status != VoucherStatus::none) {
      use = &uses_.use(found.issue);
      check_validity(no, line, use->row);
      check_person(no, line, found.holder, use->row);
    }
    check_outstanding(c_, no, line.voucher, found);
    if (!no.none()) {
      c_.refuse_line(at, no.first()->field, *no.first());
    } else {
      ++use->vouchers;
    }
  }

  void post() {
    for (const auto& [at, amount] : uses_.amounts()) {
      Dimensions accrued_at = at;
      accrued_at.counterparty = d_.provider.str();
      move(c_.postings, amount, FundAccount::accrued, accrued_at, FundAccount::committed, at);
    }
  }

 private:
  void check_hours(Findings& no, const RedeemedVoucher& line) {
    if (Quantity() < line.hours && line.hours <= kHoursOfADay) return;
    no.add(Reason::invalid_value, "hours", line.hours.str(), "0.01-" + kHoursOfADay.str());
  }

  void check_contract(Findings& no, const RedeemedVoucher& line) {
    const auto covers = [&](const ProviderRow::Period& period) {
      return period.covers(line.service_date);
    };
    if (contracts_.empty() || std::any_of(contracts_.begin(), contracts_.end(), covers)) return;
    no.add(Reason::contract_not_valid, "service_date", d_.provider.str(),
           line.service_date.str());
  }

  void check_validity(Findings& no, const RedeemedVoucher& line, const IssueRow& terms) {
    // Nobody was served for a voucher that did not exist yet.
    const Date from = std::max(terms.valid_from, terms.issued_on);
    if (line.service_date < from) {
      no.add(Reason::voucher_not_yet_valid, "service_date", line.voucher.str(), from.str());
    }
    if (terms.valid_to < line.service_date) {
      no.add(Reason::voucher_past_validity, "service_date", line.voucher.str(),
             terms.valid_to.str());
    }
  }

  void check_person(Findings& no, const RedeemedVoucher& line, Pseudonym holder,
                    const IssueRow& terms) {
    if (line.beneficiary && *line.beneficiary != holder) {
      no.add(Reason::holder_mismatch, "beneficiary", line.voucher.str());
    }
    const std::string* row = c_.state.find(beneficiary_key(holder));
    FT_CHECK(row != nullptr);  // whoever holds a voucher was registered
    const BeneficiaryView person(*row);
    if (line.service_date < person.entitled_from()) {
      no.add(Reason::not_yet_entitled, "service_date", holder.str(),
             person.entitled_from().str());
    }
    if (const auto away = absence_on(c_.state, person, holder, line.service_date)) {
      no.add(Reason::entitlement_ended, "service_date", holder.str(), away->ended_on.str());
    }
    const auto end = person.end_reason();
    if (!end) return;
    const bool day_of_death_unpaid = *end == EndReason::death && !terms.death_day_payable &&
                                     line.service_date == person.ended_on();
    if (person.ended_on() < line.service_date || day_of_death_unpaid) {
      no.add(Reason::entitlement_ended, "service_date", holder.str(), person.ended_on().str());
    }
  }

  Context& c_;
  const Redemption& d_;
  VoucherBlocks blocks_;
  IssueUses uses_;
  std::vector<ProviderRow::Period> contracts_;
};

}  // namespace

void check(Context& c, const Redemption& d) {
  RedemptionLines lines(c, d, c.need_own_provider(d.provider));
  for (std::size_t i = 0; i < d.lines.size(); ++i) lines.check_line(i);
  lines.post();
}

void record(Overlay& state, const Entry& entry, const Redemption& d) {
  VoucherWriter writer(state);
  VoucherPacker vouchers(d.lines.size());
  for (const auto& line : d.lines) {
    writer.change(line.voucher, VoucherStatus::redeemed, false);
    vouchers.add(line.voucher);
  }
  writer.finish(VoucherStatus::outstanding, VoucherStatus::redeemed);

  RedemptionRow row;
  row.vouchers = vouchers.take();
  row.date = row.lowered = entry.date;
  row.provider = d.provider;
  for (const auto& posting : entry.postings) {
    if (posting.account != FundAccount::accrued) continue;
    Dimensions at = posting.at;
    at.counterparty.clear();
    row.groups.push_back({std::move(at), posting.amount});
  }
  state.put(redemption_key(entry.index), row.encode());
}

}  // namespace fundtrail::rules
