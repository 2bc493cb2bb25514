#include "ledger/rules/voucher_list.h"

#include "ledger/rules/packing.h"

namespace fundtrail::rules {

void VoucherPacker::add(const VoucherNumber& number) {
  if (count_ == 0 || series_ != number.series()) {
    series_ = number.series();
    packed_ += Packer().text(series_).take();
    count_at_ = packed_.size();
    count_ = 0;
    put_big_endian(packed_, 0, 4);
  }
  set_big_endian(packed_.data() + count_at_, ++count_, 4);
  put_big_endian(packed_, number.serial(), 4);
}

std::vector<VoucherNumber> unpack_vouchers(std::string_view packed) {
  std::vector<VoucherNumber> numbers;
  Unpacker u(packed);
  while (!u.rest().empty()) {
    const std::string series(u.text());
    for (std::uint32_t n = u.u32(); n > 0; --n) numbers.emplace_back(series, u.u32());
  }
  return numbers;
}

}  // namespace fundtrail::rules
