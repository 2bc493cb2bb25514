// A provider or a preparer takes back what was redeemed by mistake (a wrong number, a service that was not
// delivered), as long as no settlement claims it: the vouchers are outstanding again and what they accrued is
// committed. What was paid is recovered instead (recovery.cpp).
#include <algorithm>

#include "ledger/core/check.h"
#include "ledger/rules/families.h"
#include "ledger/rules/voucher_blocks.h"
#include "ledger/rules/voucher_list.h"

namespace fundtrail::rules {
namespace {

// The redemption, when it is one of the provider and in no live settlement.
std::optional<RedemptionRow> need_redemption(Context& c, const RedemptionWithdrawal& d) {
  const std::string index = std::to_string(d.redemption);
  const std::string* row = c.state.find(redemption_key(d.redemption));
  std::optional<RedemptionRow> redemption;
  if (row && find_entry_kind(c.state, d.redemption) == Document(Redemption()).index()) {
    redemption = RedemptionRow::decode(*row);
  }
  if (!redemption || redemption->provider != d.provider) {
    c.no.add(Reason::unknown_redemption, "doc.redemption", index);
    return std::nullopt;
  }
  c.need_not_before(redemption->date);
  c.need_free(redemption->settlement, Reason::already_settled, "doc.redemption", index);
  return redemption;
}

}  // namespace

void check(Context& c, const RedemptionWithdrawal& d) {
  c.need_own_provider(d.provider);
  const auto redemption = need_redemption(c, d);
  if (!redemption) return;
  auto redeemed = unpack_vouchers(redemption->vouchers);
  std::sort(redeemed.begin(), redeemed.end());
  VoucherBlocks blocks(c.state);
  IssueUses uses(c.state);
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    const VoucherNumber& voucher = d.lines[i].voucher;
    Findings no;
    const auto found = blocks.find(voucher);
    if (found.seen_before) refuse_duplicate(no, d.lines, i);
    if (found.status == VoucherStatus::none) {
      no.add(Reason::unknown_voucher, "voucher", voucher.str());
    } else if (!std::binary_search(redeemed.begin(), redeemed.end(), voucher)) {
      no.add(Reason::voucher_not_redeemed, "voucher", voucher.str(), std::to_string(d.redemption));
    }
    if (!no.none()) {
      c.refuse_line(i, no.first()->field, *no.first());
    } else {
      ++uses.use(found.issue).vouchers;
    }
  }
  for (const auto& [at, amount] : uses.amounts()) {
    Dimensions accrued_at = at;
    accrued_at.counterparty = d.provider.str();
    move(c.postings, amount, FundAccount::committed, at, FundAccount::accrued, accrued_at);
  }
}

void record(Overlay& state, const Entry& entry, const RedemptionWithdrawal& d) {
  VoucherWriter writer(state);
  std::vector<VoucherNumber> withdrawn;
  for (const auto& line : d.lines) {
    writer.reopen(line.voucher, entry.date);
    withdrawn.push_back(line.voucher);
  }
  writer.finish(VoucherStatus::redeemed, VoucherStatus::outstanding);
  std::sort(withdrawn.begin(), withdrawn.end());

  std::string& bytes = state.edit(redemption_key(d.redemption));
  auto row = RedemptionRow::decode(bytes);
  const auto redeemed = unpack_vouchers(row.vouchers);
  VoucherPacker left(redeemed.size());
  for (const auto& voucher : redeemed) {
    if (!std::binary_search(withdrawn.begin(), withdrawn.end(), voucher)) left.add(voucher);
  }
  row.vouchers = left.take();
  row.lowered = std::max(row.lowered, entry.date);
  for (const auto& posting : entry.postings) {
    if (posting.account != FundAccount::committed) continue;
    const auto group = std::find_if(row.groups.begin(), row.groups.end(),
                                    [&](const auto& g) { return g.at == posting.at; });
    FT_CHECK(group != row.groups.end());
    group->amount -= posting.amount;
    FT_CHECK(!group->amount.is_negative());
  }
  // A region of which nothing is left stays: whoever sees another one only does not see this redemption.
  bytes = row.encode();
}

}  // namespace fundtrail::rules
