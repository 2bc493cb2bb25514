// The binary row of a beneficiary: read and changed where it lies.
#include <charconv>

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
  const auto before = static_cast<unsigned char>(row[1]);
  row[1] = static_cast<char>((before & kAway) | (1 + static_cast<unsigned>(d.reason)));
  set_big_endian(row.data() + 6, static_cast<std::uint32_t>(d.ended_on.days()), 4);
}

void BeneficiaryView::reinstate(std::string& row, bool returned) {
  const auto before = static_cast<unsigned char>(row[1]);
  row[1] = static_cast<char>((before & kAway) | (returned ? kAway : 0));
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
  const unsigned end = static_cast<unsigned char>(row_[1]) & ~kAway;
  if (end == 0) return std::nullopt;
  return static_cast<EndReason>(end - 1);
}

Date BeneficiaryView::date_at(std::size_t at) const {
  return Date::from_days(static_cast<std::int32_t>(get_big_endian(row_.data() + at, 4)));
}

// Layout of one count: size of its id, id, first month (4 bytes), number of months (2), counts.
std::optional<BeneficiaryView::Counts> BeneficiaryView::next(std::size_t& at) const {
  if (at >= row_.size()) return std::nullopt;
  const std::size_t id_at = at + 1, numbers_at = id_at + size_at(at);
  if (numbers_at + 6 > row_.size()) Unpacker::damaged();
  const std::size_t months = get_big_endian(row_.data() + numbers_at + 4, 2);
  at = numbers_at + 6 + months;
  if (at > row_.size()) Unpacker::damaged();
  const auto first = static_cast<std::int32_t>(get_big_endian(row_.data() + numbers_at, 4));
  return Counts{numbers_at + 6, Month::from_ordinal(first), months,
                row_.substr(id_at, numbers_at - id_at)};
}

std::optional<BeneficiaryView::Counts> BeneficiaryView::find(std::string_view counted) const {
  for (std::size_t at = programmes_at(); const auto counts = next(at);) {
    if (counts->id == counted) return counts;
  }
  return std::nullopt;
}

unsigned BeneficiaryView::count_of(const Counts& counts, Month month) const {
  const auto at = month.ordinal() - counts.first.ordinal();
  if (at < 0 || static_cast<std::size_t>(at) >= counts.months) return 0;
  return static_cast<unsigned char>(row_[counts.at + static_cast<std::size_t>(at)]);
}

unsigned BeneficiaryView::vouchers_in(std::string_view counted, Month month) const {
  const auto counts = find(counted);
  return counts ? count_of(*counts, month) : 0;
}

Money BeneficiaryView::issued_in(const ProgrammeId& programme, const Money& face,
                                 Month month) const {
  const std::string& id = programme.str();
  Money sum;
  for (std::size_t at = programmes_at(); const auto counts = next(at);) {
    if (counts->id.substr(0, id.size()) != id) continue;
    const std::string_view unit = counts->id.substr(id.size());
    if (unit.empty()) {
      sum += face * count_of(*counts, month);
    } else if (unit[0] == '#') {
      std::int64_t fen = 0;
      std::from_chars(unit.data() + 1, unit.data() + unit.size(), fen);
      sum += Money::of_fen(fen) * count_of(*counts, month);
    }
  }
  return sum;
}

// The count of a month, made when there was none.
char& BeneficiaryView::count(std::string& row, std::string_view counted, Month month) {
  auto counts = BeneficiaryView(row).find(counted);
  if (!counts) {
    row += Packer().u8(static_cast<unsigned>(counted.size())).take();
    row += counted;
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

void BeneficiaryView::add_vouchers(std::string& row, std::string_view counted, Month month,
                                   unsigned n) {
  char& vouchers = count(row, counted, month);
  const unsigned after = static_cast<unsigned char>(vouchers) + n;
  FT_CHECK(after <= 255);
  vouchers = static_cast<char>(after);
}

void BeneficiaryView::free_vouchers(std::string& row, std::string_view counted, Month month,
                                    unsigned n) {
  char& vouchers = count(row, counted, month);
  FT_CHECK(static_cast<unsigned char>(vouchers) >= n);
  vouchers = static_cast<char>(static_cast<unsigned char>(vouchers) - n);
}

}  // namespace fundtrail::rules
