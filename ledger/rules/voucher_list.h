// Voucher numbers of one document in a row of the state: for each stretch of one series its name, how many, and the
// serials, four bytes a voucher.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/core/ids.h"

namespace fundtrail::rules {

class VoucherPacker {
 public:
  explicit VoucherPacker(std::size_t numbers) { packed_.reserve(32 + 4 * numbers); }
  void add(const VoucherNumber& number);
  std::string take() { return std::move(packed_); }

 private:
  std::string packed_;
  std::string series_;        // of the stretch
  std::size_t count_at_ = 0;  // where its number stands
  std::uint32_t count_ = 0;
};
// Throws StateUnreadable.
std::vector<VoucherNumber> unpack_vouchers(std::string_view packed);

}  // namespace fundtrail::rules
