// The binary row of a beneficiary: read and changed where it lies.
#include "ledger/core/check.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/rows.h"

namespace fundtrail::rules {

BeneficiaryView::BeneficiaryView(std::string_view row) : row_(row) {
  if (row.size() < kFixed || row.size() < counts_at()) Unpacker::damaged();
}

std::string BeneficiaryView::encode(const BeneficiaryRegistration& d) {
  std::string row = Packer()
                        .u8(static_cast<unsigned>(d.channel))
                        .u8(0)
                        .date(d.entitled_from)
                        .date(Date())
                        .month(Month())
                        .u8(static_cast<unsigned>(d.region.str().size()))
                        .u8(static_cast<unsigned>(d.category.str().size()))
                        .take();
  return row.append(d.region.str()).append(d.category.str());
}

void BeneficiaryView::end(std::string& row, const EntitlementEnd& d) {
  row[1] = static_cast<char>(1 + static_cast<int>(d.reason));
  set_big_endian(row.data() + 6, static_cast<std::uint32_t>(d.ended_on.days()), 4);
}

std::optional<EndReason> BeneficiaryView::end_reason() const {
  if (row_[1] == 0) return std::nullopt;
  return static_cast<EndReason>(row_[1] - 1);
}

Date BeneficiaryView::date_at(std::size_t at) const {
  return Date::from_days(static_cast<std::int32_t>(get_big_endian(row_.data() + at, 4)));
}

Month BeneficiaryView::first_month() const {
  return Month::from_ordinal(static_cast<std::int32_t>(get_big_endian(row_.data() + 10, 4)));
}

unsigned BeneficiaryView::vouchers_in(Month month) const {
  const auto at = month.ordinal() - first_month().ordinal();
  if (at < 0 || counts_at() + static_cast<std::size_t>(at) >= row_.size()) return 0;
  return static_cast<unsigned char>(row_[counts_at() + static_cast<std::size_t>(at)]);
}

// The count of a month, made when there was none.
char& BeneficiaryView::count(std::string& row, Month month) {
  const BeneficiaryView view(row);
  const std::size_t counts = view.counts_at();
  Month first = view.first_month();
  if (row.size() == counts || month < first) {
    if (row.size() > counts) {
      row.insert(counts, static_cast<std::size_t>(first.ordinal() - month.ordinal()), '\0');
    }
    first = month;
    set_big_endian(row.data() + 10, static_cast<std::uint32_t>(month.ordinal()), 4);
  }
  const std::size_t at = counts + static_cast<std::size_t>(month.ordinal() - first.ordinal());
  if (at >= row.size()) row.resize(at + 1, '\0');
  return row[at];
}

void BeneficiaryView::add_voucher(std::string& row, Month month) {
  char& vouchers = count(row, month);
  FT_CHECK(static_cast<unsigned char>(vouchers) < 255);
  ++vouchers;
}

void BeneficiaryView::free_voucher(std::string& row, Month month) {
  char& vouchers = count(row, month);
  FT_CHECK(vouchers != 0);
  --vouchers;
}

}  // namespace fundtrail::rules
