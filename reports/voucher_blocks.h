// Follows every service voucher of a ledger from its issue to its end, in one byte each. Private to
// reports/.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/core/ids.h"
#include "reports/entry_scan.h"

namespace fundtrail::reports {

// What can become of a voucher; `outstanding` is what it is until then.
enum class VoucherFate : std::uint8_t { outstanding, redeemed, returned, voided, expired };
inline constexpr std::size_t kVoucherFates = 5;

struct VoucherSum {
  std::uint64_t count = 0;
  Money amount;
  void add(const Money& face) {
    ++count;
    amount += face;
  }
  void take_off(const Money& face) {
    --count;
    amount -= face;
  }
};

// The vouchers of one month and region. `became` counts events, less the redemptions that were withdrawn;
// `still_out` counts vouchers: the two meet only when no voucher ended twice or without having been issued.
struct VoucherTally {
  VoucherSum issued;
  std::array<VoucherSum, kVoucherFates> became;  // [outstanding] stays empty
  VoucherSum still_out;
};

class VoucherBlocks {
 public:
  struct Place {
    Month month;
    std::string region;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  // What a stretch of entries says of vouchers, read without knowing what stands before it.
  class Events;
  // Issues and what ends vouchers, with their lines. What is dated after the last day is not counted,
  // but its vouchers are known: a document may be dated before the issue that was recorded before it.
  // Faults: unreadable.
  static Status read(const Glance& entry, bool counted, Events& events);
  // Takes stretches in the order of the chain. Faults: tampered when a voucher ends that was never
  // issued, or a redemption is withdrawn that was none.
  Status take(Events events);

  // The tally of every place, and the programmes that issued vouchers.
  std::map<Place, VoucherTally> tallies() const;
  const std::map<std::string, std::uint64_t>& programmes() const { return programmes_; }

 private:
  // One issue document: consecutive serials of one series.
  struct Block {
    std::uint32_t first = 0;
    bool counted = true;
    Place place;
    std::vector<VoucherFate> fates;
    std::vector<Money> faces;  // one when all are the same
    const Money& face(std::size_t i) const { return faces.size() == 1 ? faces[0] : faces[i]; }
  };
  static Status read_issue(const Glance& entry, bool counted, Events& events);
  static Status read_end(const Glance& entry, VoucherFate fate, Events& events);
  void issue(const std::string& series, const std::string& programme, Block block);
  Block* find(const std::string& series, std::uint32_t serial);

  std::map<std::string, std::map<std::uint32_t, Block>> series_;
  std::map<Place, VoucherTally> tallies_;
  std::map<std::string, std::uint64_t> programmes_;
};

class VoucherBlocks::Events {
 private:
  friend class VoucherBlocks;
  struct Issue {
    std::string series;
    std::string programme;
    Block block;
  };
  struct End {  // of one voucher; with fate outstanding: of its redemption
    std::uint64_t entry = 0;
    std::uint32_t series = 0;  // number in series_
    std::uint32_t serial = 0;
    VoucherFate fate = VoucherFate::redeemed;
    std::size_t issues = 0;    // so many issues of this stretch stand before it
  };
  std::uint32_t number_of(const std::string& series) {
    for (std::size_t i = series_.size(); i-- > 0;) {
      if (series_[i] == series) return std::uint32_t(i);
    }
    series_.push_back(series);
    return std::uint32_t(series_.size() - 1);
  }
  std::vector<std::string> series_;
  std::vector<Issue> issues_;
  std::vector<End> ends_;
};

}  // namespace fundtrail::reports
