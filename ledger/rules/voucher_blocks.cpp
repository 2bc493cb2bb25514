#include "ledger/rules/voucher_blocks.h"

#include "ledger/core/check.h"
#include "ledger/rules/packing.h"

namespace fundtrail::rules {
namespace {

VoucherStatus status_in(char slot) {
  return static_cast<VoucherStatus>(static_cast<unsigned char>(slot) & ~kWasRedeemed);
}

}  // namespace

IssueUse& IssueUses::use(std::uint64_t index) {
  if (last_ && last_->index == index) return *last_;
  auto found = uses_.find(index);
  if (found == uses_.end()) {
    const std::string* row = state_.find(issue_key(index));
    FT_CHECK(row != nullptr);  // every voucher belongs to an issue entry
    found = uses_.emplace(index, IssueUse{index, IssueRow::decode(*row)}).first;
  }
  last_ = &found->second;
  return *last_;
}

std::map<Dimensions, Money> IssueUses::amounts() const {
  std::map<Dimensions, Money> amounts;
  for (const auto& [index, use] : uses_) {
    if (use.vouchers > 0) amounts[use.row.at] += use.amount();
  }
  return amounts;
}

VoucherBlocks::Block& VoucherBlocks::block_of(const Key& key) {
  if (last_ && last_key_ == key) return *last_;
  auto [found, made] = blocks_.try_emplace(key);
  if (made) {
    const std::string series(key.series);
    found->second.status = state_.find(status_key(series, key.block));
    found->second.holders = state_.find(holders_key(series, key.block));
  }
  last_key_ = key;
  last_ = &found->second;
  return *last_;
}

VoucherBlocks::Found VoucherBlocks::find(const VoucherNumber& number) {
  Block& block = block_of({number.series(), number.serial() / kBlock});
  const std::uint32_t slot = number.serial() % kBlock;
  Found found;
  std::uint64_t& seen = block.seen[slot / 64];
  const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
  found.seen_before = (seen & bit) != 0;
  seen |= bit;
  if (!block.status || slot >= block.status->size()) return found;
  found.status = status_in((*block.status)[slot]);
  found.was_redeemed = (static_cast<unsigned char>((*block.status)[slot]) & kWasRedeemed) != 0;
  if (found.status == VoucherStatus::none) return found;
  FT_CHECK(block.holders && block.holders->size() >= (slot + 1) * kHolderBytes);
  const char* at = block.holders->data() + slot * kHolderBytes;
  found.holder = Pseudonym(get_big_endian(at, 8));
  found.issue = get_big_endian(at + 8, 8);
  return found;
}

std::string& VoucherWriter::status_of(const VoucherNumber& number) {
  const std::uint32_t block = number.serial() / kBlock;
  if (!status_ || block != block_ || series_ != number.series()) {
    series_ = number.series();
    block_ = block;
    status_ = &state_.edit(status_key(series_, block));
    holders_ = nullptr;
    holders_read_ = nullptr;
  }
  return *status_;
}

std::string& VoucherWriter::holders_of(const VoucherNumber& number) {
  status_of(number);
  if (!holders_) holders_ = &state_.edit(holders_key(series_, block_));
  return *holders_;
}

void VoucherWriter::issue(const VoucherNumber& number, Pseudonym holder, std::uint64_t index) {
  const std::uint32_t slot = number.serial() % kBlock;
  std::string& holders = holders_of(number);
  std::string& status = *status_;
  if (status.size() <= slot) status.resize(slot + 1, '\0');
  FT_CHECK(static_cast<VoucherStatus>(status[slot]) == VoucherStatus::none);
  status[slot] = static_cast<char>(VoucherStatus::outstanding);
  if (holders.size() < status.size() * kHolderBytes) {
    holders.resize(status.size() * kHolderBytes, '\0');
  }
  set_big_endian(holders.data() + slot * kHolderBytes, holder.value(), 8);
  set_big_endian(holders.data() + slot * kHolderBytes + 8, index, 8);
}

VoucherCount count_of(const IssueRow& row) {
  if (!row.unit) return {row.at.programme.str(), 1};
  const Money::Fen units = row.face.fen() / row.unit->fen();
  return {voucher_count_id(row.at.programme, *row.unit), static_cast<unsigned>(units)};
}

char& VoucherWriter::status_at(const VoucherNumber& number, VoucherStatus expected) {
  const std::uint32_t slot = number.serial() % kBlock;
  std::string& status = status_of(number);
  FT_CHECK(slot < status.size());
  FT_CHECK(status_in(status[slot]) == expected);
  return status[slot];
}

std::pair<Pseudonym, IssueUse*> VoucherWriter::count(const VoucherNumber& number) {
  const std::uint32_t slot = number.serial() % kBlock;
  if (!holders_read_) holders_read_ = state_.find(holders_key(series_, block_));
  FT_CHECK(holders_read_ && holders_read_->size() >= (slot + 1) * kHolderBytes);
  const char* at = holders_read_->data() + slot * kHolderBytes;
  IssueUse& use = uses_.use(get_big_endian(at + 8, 8));
  ++use.vouchers;
  return {Pseudonym(get_big_endian(at, 8)), &use};
}

void VoucherWriter::change(const VoucherNumber& number, VoucherStatus to, bool frees_month,
                           std::optional<Date> lost_on) {
  status_at(number, VoucherStatus::outstanding) = static_cast<char>(to);
  const auto [holder, use] = count(number);
  if (!frees_month) return;
  const VoucherCount counted = count_of(use->row);
  BeneficiaryView::free_vouchers(state_.edit(beneficiary_key(holder)), counted.id, use->row.month,
                                 counted.units);
  if (lost_on && use->row.replaced_after > 0) {
    const std::string key = lost_key(holder, use->row.at.programme, use->row.month);
    const std::string* before = state_.find(key);  // of several, the one that was lost last
    if (!before || Unpacker(*before).date() < *lost_on) note_day(key, *lost_on);
  }
}

void VoucherWriter::reopen(const VoucherNumber& number, Date on) {
  status_at(number, VoucherStatus::redeemed) =
      static_cast<char>(static_cast<unsigned>(VoucherStatus::outstanding) | kWasRedeemed);
  count(number);
  note_day(withdrawn_key(number), on);
}

void VoucherWriter::note_day(const std::string& key, Date day) {
  std::string& row = state_.edit(key);
  row.resize(4, '\0');
  set_big_endian(row.data(), static_cast<std::uint32_t>(day.days()), 4);
}

void VoucherWriter::finish(VoucherStatus from, VoucherStatus to) {
  struct Sum {
    std::uint64_t vouchers = 0;
    Money amount;
  };
  std::map<FundId, Sum> funds;
  for (const auto& [index, use] : uses_.all()) {
    funds[use.row.at.fund].vouchers += use.vouchers;
    funds[use.row.at.fund].amount += use.amount();
  }
  for (const auto& [fund, sum] : funds) {
    count_vouchers(state_, fund, from, to, sum.vouchers, sum.amount);
    check_vouchers(state_, fund);
  }
}

void check_outstanding(const Context& c, Findings& line, const VoucherNumber& voucher,
                       const VoucherBlocks::Found& found) {
  const auto refuse = [&](Reason reason) { line.add(reason, "voucher", voucher.str()); };
  switch (found.status) {
    case VoucherStatus::outstanding: break;
    case VoucherStatus::none: return refuse(Reason::unknown_voucher);
    case VoucherStatus::redeemed: return refuse(Reason::voucher_already_redeemed);
    case VoucherStatus::returned: return refuse(Reason::voucher_returned);
    case VoucherStatus::voided: return refuse(Reason::voucher_voided);
    case VoucherStatus::expired: return refuse(Reason::voucher_expired);
  }
  if (!found.was_redeemed) return;
  // On the days before it was still redeemed.
  const std::string* row = c.state.find(withdrawn_key(voucher));
  FT_CHECK(row != nullptr);
  const Date withdrawn = Unpacker(*row).date();
  if (c.command.date < withdrawn) {
    line.add(Reason::date_too_early, "voucher", c.command.date.str(), withdrawn.str());
  }
}

}  // namespace fundtrail::rules
