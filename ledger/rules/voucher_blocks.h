// Vouchers in the state: blocks of 256, found once per block and read from memory after that, so
// that a line of a document costs no lookup of its own as long as its neighbours have the same
// block. Read also by api/http/vouchers.cpp; written by ledger/rules alone.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ledger/rules/context.h"
#include "ledger/rules/rows.h"

namespace fundtrail::rules {

// The terms of one issue entry and how many vouchers of it one document takes up.
struct IssueUse {
  std::uint64_t index = 0;
  IssueRow row;
  std::uint64_t vouchers = 0;
  Money amount() const { return row.face * static_cast<std::int64_t>(vouchers); }
};

// Issue rows, decoded once. Not thread-safe; pointers stay valid while it lives.
class IssueUses {
 public:
  explicit IssueUses(const StateSource& state) : state_(state) {}
  IssueUse& use(std::uint64_t index);
  // The amounts by fund, programme and region, in the order of those.
  std::map<Dimensions, Money> amounts() const;
  const std::unordered_map<std::uint64_t, IssueUse>& all() const { return uses_; }

 private:
  const StateSource& state_;
  std::unordered_map<std::uint64_t, IssueUse> uses_;
  IssueUse* last_ = nullptr;
};

// Reads blocks; the state must not be written meanwhile.
class VoucherBlocks {
 public:
  explicit VoucherBlocks(const StateSource& state) : state_(state) {}

  struct Found {
    VoucherStatus status = VoucherStatus::none;
    Pseudonym holder;
    std::uint64_t issue = 0;  // entry index; with any status but none
    bool seen_before = false;  // find() was asked for this voucher already
    bool was_redeemed = false;  // and is outstanding again
  };
  Found find(const VoucherNumber& number);

 private:
  struct Key {
    std::string_view series;  // of the document's line: lives as long as the command
    std::uint32_t block;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string_view>()(key.series) ^ (key.block * 0x9E3779B97F4A7C15u);
    }
  };
  struct Block {
    const std::string* status = nullptr;
    const std::string* holders = nullptr;
    std::array<std::uint64_t, kBlock / 64> seen{};
  };
  Block& block_of(const Key& key);

  const StateSource& state_;
  std::unordered_map<Key, Block, Hash> blocks_;
  Key last_key_{{}, UINT32_MAX};
  Block* last_ = nullptr;
};

// Writes what becomes of vouchers.
class VoucherWriter {
 public:
  explicit VoucherWriter(Overlay& state) : state_(state), uses_(state) {}
  void issue(const VoucherNumber& number, Pseudonym holder, std::uint64_t index);
  // Of an outstanding voucher. The holder's month is free for a new voucher afterwards when `frees_month`; from when, where the
  // policy lets a loss wait, `lost_on` says.
  void change(const VoucherNumber& number, VoucherStatus to, bool frees_month,
              std::optional<Date> lost_on = {});
  // A redeemed voucher is outstanding again, from that day on.
  void reopen(const VoucherNumber& number, Date on);
  // Writes the counts of all that were changed, from that status to that.
  void finish(VoucherStatus from, VoucherStatus to);

 private:
  std::string& status_of(const VoucherNumber& number);
  std::string& holders_of(const VoucherNumber& number);
  void note_day(const std::string& key, Date day);
  char& status_at(const VoucherNumber& number, VoucherStatus expected);
  // Whose it is, and the terms of its issue, which count one more; of the number that was found last.
  std::pair<Pseudonym, IssueUse*> count(const VoucherNumber& number);

  Overlay& state_;
  IssueUses uses_;
  std::string series_;
  std::uint32_t block_ = UINT32_MAX;
  std::string* status_ = nullptr;
  std::string* holders_ = nullptr;             // copied up for writing by an issue only
  const std::string* holders_read_ = nullptr;  // a change of status reads it where it lies
};

// What the month of a voucher is counted in, and how many of them the voucher is.
struct VoucherCount {
  std::string id;
  unsigned units = 1;
};
VoucherCount count_of(const IssueRow& row);

// Refuses a line unless its voucher is outstanding on the day of the command. Adds to `line`.
void check_outstanding(const Context& c, Findings& line, const VoucherNumber& voucher,
                       const VoucherBlocks::Found& found);

// duplicate_line, with the first of the two lines.
template <class Lines>
void refuse_duplicate(Findings& line, const Lines& lines, std::size_t at) {
  std::size_t first = 0;
  while (!(lines[first].voucher == lines[at].voucher)) ++first;
  line.add(Reason::duplicate_line, "voucher", lines[at].voucher.str(), std::to_string(first));
}

}  // namespace fundtrail::rules
