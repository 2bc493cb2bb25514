// The binary row of a beneficiary: read and changed where it lies.
#include "ledger/core/check.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/rows.h"

namespace fundtrail::rules {

BeneficiaryView::BeneficiaryView(std::string_view row) : row_(row) {
  if (row.size() < kFixed || row.size() < programmes_at()) Unpacker::damaged();
}

std::string BeneficiaryView::encode(const BeneficiaryRegistration& d) {
  std::string row = Packer()
                        .u8(static_cast<unsigned>(d.channel))
                        .u8(0)
                        .date(d.entitled_from)
                        .date(Date())
                        .u8(static_cast<unsigned>(d.region.str().size()))
                        .u8(static_cast<unsigned>(d.category.str().size()))
                        .take();
  return row.append(d.region.str()).append(d.category.str());
}

void BeneficiaryView::end(std::string& row, const EntitlementEnd& d) {
  row[1] = static_cast<char>(1 + static_cast<int>(d.reason));
  set_big_endian(row.data() + 6, static_cast<std::uint32_t>(d.ended_on.days()), 4);
}

void BeneficiaryView::reinstate(std::string& row) {
  row[1] = 0;
  set_big_endian(row.data() + 6, 0, 4);
}

void BeneficiaryView::amend(std::string& row, const BeneficiaryAmendment& d) {
  const BeneficiaryView before(row);
  const std::string region = d.region ? d.region->str() : std::string(before.region());
  const std::string category = d.category ? d.category->str() : std::string(before.category());
  std::string after = row.substr(0, kFixed);
  if (d.channel) after[0] = static_cast<char>(*d.channel);
  set_big_endian(after.data() + 10, region.size(), 1);
  set_big_endian(after.data() + 11, category.size(), 1);
  row = after + region + category + row.substr(before.programmes_at());
}

std::optional<EndReason> BeneficiaryView::end_reason() const {
  if (row_[1] == 0) return std::nullopt;
  return static_cast<EndReason>(row_[1] - 1);
}

Date BeneficiaryView::date_at(std::size_t at) const {
  return Date::from_days(static_cast<std::int32_t>(get_big_endian(row_.data() + at, 4)));
}

// Layout of one programme: size of its id, id, first month (4 bytes), number of months (2), counts.
std::optional<BeneficiaryView::Counts> BeneficiaryView::find(std::string_view programme) const {
  for (std::size_t at = programmes_at(); at < row_.size();) {
    const std::size_t id_at = at + 1, numbers_at = id_at + size_at(at);
    if (numbers_at + 6 > row_.size()) Unpacker::damaged();
    const std::size_t months = get_big_endian(row_.data() + numbers_at + 4, 2);
    at = numbers_at + 6 + months;
    if (at > row_.size()) Unpacker::damaged();
    if (row_.substr(id_at, numbers_at - id_at) != programme) continue;
    const auto first = static_cast<std::int32_t>(get_big_endian(row_.data() + numbers_at, 4));
    return Counts{numbers_at + 6, Month::from_ordinal(first), months};
  }
  return std::nullopt;
}

unsigned BeneficiaryView::vouchers_in(const ProgrammeId& programme, Month month) const {
  const auto counts = find(programme.str());
  if (!counts) return 0;
  const auto at = month.ordinal() - counts->first.ordinal();
  if (at < 0 || static_cast<std::size_t>(at) >= counts->months) return 0;
  return static_cast<unsigned char>(row_[counts->at + static_cast<std::size_t>(at)]);
}

// The count of a month, made when there was none.
char& BeneficiaryView::count(std::string& row, const ProgrammeId& programme, Month month) {
  auto counts = BeneficiaryView(row).find(programme.str());
  if (!counts) {
    const std::string& id = programme.str();
    row += Packer().u8(static_cast<unsigned>(id.size())).take();
    row += id;
    row += Packer().month(month).u8(0).u8(0).take();
    counts = Counts{row.size(), month, 0};
  }
  if (month < counts->first) {
    const auto earlier = static_cast<std::size_t>(counts->first.ordinal() - month.ordinal());
    row.insert(counts->at, earlier, '\0');
    counts->months += earlier;
    counts->first = month;
  }
  const auto at = static_cast<std::size_t>(month.ordinal() - counts->first.ordinal());
  if (at >= counts->months) {
    row.insert(counts->at + counts->months, at + 1 - counts->months, '\0');
    counts->months = at + 1;
  }
  set_big_endian(row.data() + counts->at - 6, static_cast<std::uint32_t>(counts->first.ordinal()),
                 4);
  set_big_endian(row.data() + counts->at - 2, counts->months, 2);
  return row[counts->at + at];
}

void BeneficiaryView::add_voucher(std::string& row, const ProgrammeId& programme, Month month) {
  char& vouchers = count(row, programme, month);
  FT_CHECK(static_cast<unsigned char>(vouchers) < 255);
  ++vouchers;
}

void BeneficiaryView::free_voucher(std::string& row, const ProgrammeId& programme, Month month) {
  char& vouchers = count(row, programme, month);
  FT_CHECK(vouchers != 0);
  --vouchers;
}

}  // namespace fundtrail::rules
