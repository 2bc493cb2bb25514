#include "ledger/rules/entitlement_rows.h"

#include <algorithm>

#include "ledger/core/check.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/rows.h"

namespace fundtrail::rules {
namespace {

constexpr std::size_t kMaxIdBytes = 64;

std::size_t size_at(std::string_view row, std::size_t at) {
  if (at >= row.size()) Unpacker::damaged();
  return static_cast<unsigned char>(row[at]);
}
std::string_view part(std::string_view row, std::size_t at, std::size_t size) {
  if (at > row.size() || size > row.size() - at) Unpacker::damaged();
  return row.substr(at, size);
}
std::string_view take(std::string_view& row, std::size_t size) {
  const auto head = part(row, 0, size);
  row.remove_prefix(size);
  return head;
}
std::int64_t take_fen(std::string_view& row) {
  return static_cast<std::int64_t>(get_big_endian(take(row, 8).data(), 8));
}
std::string_view take_short_text(std::string_view& row) {
  const std::size_t size = size_at(row, 0);
  row.remove_prefix(1);
  return take(row, size);
}
void put_short_text(std::string& row, std::string_view text) {
  FT_CHECK(text.size() <= kMaxIdBytes);
  put_big_endian(row, text.size(), 1);
  row += text;
}
void put_fen(std::string& row, std::int64_t fen) {
  put_big_endian(row, static_cast<std::uint64_t>(fen), 8);
}

std::string group_key(std::string_view subject, const Code& group, int year) {
  std::string key(1, 'x');
  key.append(subject).append(group.str()).push_back('\0');
  put_big_endian(key, static_cast<std::uint64_t>(year), 2);
  return key;
}
unsigned month_bit(Month month) { return 1u << (month.ordinal() % 12); }

}  // namespace

std::int64_t fen_of(const Money& amount) {
  FT_CHECK(amount.fen() <= INT64_MAX && amount.fen() >= INT64_MIN);
  return amount.fen().convert_to<std::int64_t>();
}

std::string subject_of(Pseudonym person) {
  std::string subject(1, 'p');
  put_big_endian(subject, person.value(), 8);
  return subject;
}
std::string subject_of(const ProviderId& provider) {
  std::string subject(1, 'o');
  subject.append(provider.str()).push_back('\0');
  return subject;
}

// --- e -------------------------------------------------------------------------------------------

void calculated_key(std::string& key, std::string_view subject, const ProgrammeId& programme,
                    int year) {
  key.assign(1, 'e');
  key.append(subject).append(programme.str()).push_back('\0');
  put_big_endian(key, static_cast<std::uint64_t>(year), 2);
}

// An item: period (4), final (1), size of the payee's id (1), id, number of amounts (1), for each its
// level (1) and fen (8).
bool CalculatedRow::next(Item& item) {
  if (at_ == row_.size()) return false;
  item.period = Month::from_ordinal(
      static_cast<std::int32_t>(get_big_endian(part(row_, at_, 4).data(), 4)));
  item.final_basis = size_at(row_, at_ + 4) != 0;
  const std::size_t payee = size_at(row_, at_ + 5);
  item.payee = part(row_, at_ + 6, payee);
  const std::size_t amounts_at = at_ + 7 + payee;
  item.amounts = part(row_, amounts_at, size_at(row_, amounts_at - 1) * kAmountBytes);
  at_ = amounts_at + item.amounts.size();
  return true;
}

LevelAmount CalculatedRow::Item::at(std::size_t i) const {
  const char* amount = amounts.data() + i * kAmountBytes;
  return {static_cast<unsigned char>(amount[0]),
          static_cast<std::int64_t>(get_big_endian(amount + 1, 8))};
}

void CalculatedRow::add(std::string& row, Month period, const ProviderId& payee, bool final_basis,
                        const std::vector<LevelAmount>& amounts) {
  CalculatedRow reader(row);
  Item item;
  std::vector<LevelAmount> sums = amounts;
  std::size_t from = row.size(), to = row.size();
  for (std::size_t at = 0; reader.next(item); at = reader.at_) {
    if (item.period != period || item.payee != payee.str()) continue;
    from = at;
    to = reader.at_;
    final_basis = final_basis || item.final_basis;
    for (std::size_t i = 0; i < item.size(); ++i) {
      const auto before = item.at(i);
      const auto same = std::find_if(sums.begin(), sums.end(),
                                     [&](const auto& sum) { return sum.level == before.level; });
      if (same == sums.end()) {
        sums.push_back(before);
      } else {
        FT_CHECK(!__builtin_add_overflow(same->fen, before.fen, &same->fen));
      }
    }
    break;
  }
  std::string bytes;
  put_big_endian(bytes, static_cast<std::uint32_t>(period.ordinal()), 4);
  put_big_endian(bytes, final_basis ? 1 : 0, 1);
  put_short_text(bytes, payee.str());
  put_big_endian(bytes, sums.size(), 1);
  for (const auto& sum : sums) {
    put_big_endian(bytes, sum.level, 1);
    put_fen(bytes, sum.fen);
  }
  row.replace(from, to - from, bytes);
}

// --- m -------------------------------------------------------------------------------------------

std::string programme_key(const ProgrammeId& programme) { return key_of('m', programme.str()); }

std::string ProgrammeRow::encode() const {
  Packer p;
  p.money(total).u64(subjects).u32(static_cast<std::uint32_t>(levels.size()));
  for (const auto& level : levels) p.text(level.str());
  return p.take();
}

ProgrammeRow ProgrammeRow::find(const StateSource& state, const ProgrammeId& programme) {
  ProgrammeRow row;
  const std::string* bytes = state.find(programme_key(programme));
  if (!bytes || bytes->empty()) return row;
  Unpacker u(*bytes);
  row.total = u.money();
  row.subjects = u.u64();
  for (std::uint32_t n = u.u32(); n > 0; --n) row.levels.push_back(u.id<Code>());
  u.end();
  return row;
}

// --- h -------------------------------------------------------------------------------------------

void delivered_key(std::string& key, Pseudonym person, const ProgrammeId& programme, Month month) {
  key.assign(1, 'h');
  put_big_endian(key, person.value(), 8);
  key.append(programme.str()).push_back('\0');
  put_big_endian(key, static_cast<std::uint32_t>(month.ordinal()), 4);
}

void append(std::string& row, const Delivered& service) {
  put_big_endian(row, service.day, 1);
  put_big_endian(row, static_cast<std::uint64_t>(service.hours), 4);
  put_fen(row, service.bill);
  put_fen(row, service.insurance);
  for (const auto text : {service.provider, service.item, service.worker}) {
    put_short_text(row, text);
  }
}

bool DeliveredRow::next(Delivered& service) {
  if (row_.empty()) return false;
  service.day = static_cast<unsigned>(get_big_endian(take(row_, 1).data(), 1));
  service.hours = static_cast<std::int64_t>(get_big_endian(take(row_, 4).data(), 4));
  service.bill = take_fen(row_);
  service.insurance = take_fen(row_);
  service.provider = take_short_text(row_);
  service.item = take_short_text(row_);
  service.worker = take_short_text(row_);
  return true;
}

// --- v, w ----------------------------------------------------------------------------------------

std::string assessments_key(const ProviderId& provider, const Code& kind) {
  return key_of('v', provider.str(), kind.str());
}

std::vector<AssessmentRow> assessments_of(const StateSource& state, const ProviderId& provider,
                                          const Code& kind) {
  std::vector<AssessmentRow> result;
  const std::string* row = state.find(assessments_key(provider, kind));
  if (!row) return result;
  for (Unpacker u(*row); !u.rest().empty();) {
    AssessmentRow assessment;
    assessment.effective = u.date();
    const bool valued = u.u8() != 0;
    const auto value = static_cast<std::int64_t>(u.u64());
    if (valued) assessment.value = Quantity(value);
    if (Code rating = u.id<Code>(); !rating.empty()) assessment.rating = std::move(rating);
    const auto at = std::find_if(result.begin(), result.end(), [&](const AssessmentRow& other) {
      return assessment.effective <= other.effective;
    });
    if (at != result.end() && at->effective == assessment.effective) {
      *at = std::move(assessment);
    } else {
      result.insert(at, std::move(assessment));
    }
  }
  return result;
}

void add_assessment(Overlay& state, const ProviderId& provider, const Code& kind,
                    const AssessmentRow& assessment) {
  const std::int64_t value = assessment.value ? assessment.value->hundredths() : 0;
  state.edit(assessments_key(provider, kind)) +=
      Packer()
          .date(assessment.effective)
          .u8(assessment.value ? 1 : 0)
          .u64(static_cast<std::uint64_t>(value))
          .text(assessment.rating ? assessment.rating->str() : std::string())
          .take();
}

std::vector<CertificateRow> certificates_of(const StateSource& state, const ProviderId& provider,
                                            const Code& worker) {
  std::vector<CertificateRow> result;
  const std::string* row = state.find(key_of('w', provider.str(), worker.str()));
  if (!row) return result;
  for (Unpacker u(*row); !u.rest().empty();) {
    Code certificate = u.id<Code>();
    const Date from = u.date(), to = u.date();
    result.push_back({std::move(certificate), from, to});
  }
  return result;
}

void add_certificate(Overlay& state, const ProviderId& provider, const Code& worker,
                     const CertificateRow& certificate) {
  state.edit(key_of('w', provider.str(), worker.str())) += Packer()
                                                               .text(certificate.certificate.str())
                                                               .date(certificate.from)
                                                               .date(certificate.to)
                                                               .take();
}

// --- x -------------------------------------------------------------------------------------------

// Items: size of the programme's id (1), id, one bit a month (2). A cycle never crosses a year.
std::optional<ProgrammeId> other_of_group(const StateSource& state, std::string_view subject,
                                          const Code& group, const ProgrammeId& programme,
                                          Month first, int months) {
  const std::string* row = state.find(group_key(subject, group, first.ordinal() / 12));
  if (!row) return std::nullopt;
  unsigned wanted = 0;
  for (int i = 0; i < months; ++i) wanted |= month_bit(first.plus(i));
  std::string_view rest = *row;
  while (!rest.empty()) {
    const auto id = take_short_text(rest);
    const auto bits = static_cast<unsigned>(get_big_endian(take(rest, 2).data(), 2));
    if (id != programme.str() && (bits & wanted) != 0) return ProgrammeId::parse(id);
  }
  return std::nullopt;
}

void mark_group(Overlay& state, std::string_view subject, const Code& group,
                const ProgrammeId& programme, Month first, int months, bool calculated) {
  std::string& row = state.edit(group_key(subject, group, first.ordinal() / 12));
  unsigned mask = 0;
  for (int i = 0; i < months; ++i) mask |= month_bit(first.plus(i));
  std::size_t bits_at = 0;
  for (std::string_view rest = row; !rest.empty();) {
    const auto id = take_short_text(rest);
    if (id == programme.str()) bits_at = row.size() - rest.size();
    take(rest, 2);
  }
  if (bits_at == 0) {
    put_short_text(row, programme.str());
    bits_at = row.size();
    put_big_endian(row, 0, 2);
  }
  auto bits = static_cast<unsigned>(get_big_endian(row.data() + bits_at, 2));
  bits = calculated ? bits | mask : bits & ~mask;
  set_big_endian(row.data() + bits_at, bits, 2);
}

}  // namespace fundtrail::rules
