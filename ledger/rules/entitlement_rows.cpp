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
// source (1) and fen (8); what was touched last stands first.
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

SourceAmount CalculatedRow::Item::at(std::size_t i) const {
  const char* amount = amounts.data() + i * kAmountBytes;
  return {static_cast<unsigned char>(amount[0]),
          static_cast<std::int64_t>(get_big_endian(amount + 1, 8))};
}

void CalculatedRow::add(std::string& row, Month period, const ProviderId& payee, bool final_basis,
                        const std::vector<SourceAmount>& amounts) {
  CalculatedRow reader(row);
  Item item;
  std::vector<SourceAmount> sums = amounts;
  std::size_t from = row.size(), to = row.size();
  for (std::size_t at = 0; reader.next(item); at = reader.at_) {
    if (item.period != period || item.payee != payee.str()) continue;
    from = at;
    to = reader.at_;
    final_basis = final_basis || item.final_basis;
    for (std::size_t i = 0; i < item.size(); ++i) {
      const auto before = item.at(i);
      const auto same = std::find_if(sums.begin(), sums.end(),
                                     [&](const auto& sum) { return sum.source == before.source; });
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
  FT_CHECK(sums.size() <= ProgrammeRow::kMaxSources);
  put_big_endian(bytes, sums.size(), 1);
  for (const auto& sum : sums) {
    put_big_endian(bytes, sum.source, 1);
    put_fen(bytes, sum.fen);
  }
  row.replace(from, to - from, bytes);
}

// --- m -------------------------------------------------------------------------------------------

std::string programme_key(const ProgrammeId& programme) { return key_of('m', programme.str()); }

std::string ProgrammeRow::encode() const {
  Packer p;
  p.money(total).u64(subjects).u32(static_cast<std::uint32_t>(sources.size()));
  for (const auto& source : sources) p.text(source.level.str());
  for (const auto& source : sources) p.text(source.fund.str()).money(source.total);
  return p.take();
}

ProgrammeRow ProgrammeRow::find(const StateSource& state, const ProgrammeId& programme) {
  ProgrammeRow row;
  const std::string* bytes = state.find(programme_key(programme));
  if (!bytes || bytes->empty()) return row;
  Unpacker u(*bytes);
  row.total = u.money();
  row.subjects = u.u64();
  for (std::uint32_t n = u.u32(); n > 0; --n) {
    row.sources.push_back({u.id<Code>(), {}, {}});
  }
  if (u.rest().empty()) return row;  // from before funds were kept
  for (auto& source : row.sources) {
    source.fund = u.id<FundId>();
    source.total = u.money();
  }
  u.end();
  return row;
}

// --- r -------------------------------------------------------------------------------------------

// An item: person (8), period (4), source (1), fen (8).
constexpr std::size_t kBroughtBytes = 21, kBroughtFenAt = 13;

std::string brought_key(std::uint64_t calculation) {
  return std::string(key_of('r', calculation));
}

bool BroughtRow::next(Item& item) {
  if (row_.empty()) return false;
  const auto bytes = take(row_, kBroughtBytes);
  item.person = Pseudonym(get_big_endian(bytes.data(), 8));
  item.period =
      Month::from_ordinal(static_cast<std::int32_t>(get_big_endian(bytes.data() + 8, 4)));
  item.amount = {static_cast<unsigned char>(bytes[12]),
                 static_cast<std::int64_t>(get_big_endian(bytes.data() + kBroughtFenAt, 8))};
  return true;
}

void BroughtRow::append(std::string& row, const Item& item) {
  put_big_endian(row, item.person.value(), 8);
  put_big_endian(row, static_cast<std::uint32_t>(item.period.ordinal()), 4);
  put_big_endian(row, item.amount.source, 1);
  put_fen(row, item.amount.fen);
}

void BroughtRow::set_fen(std::string& row, std::size_t place, std::int64_t fen) {
  const std::size_t at = place * kBroughtBytes + kBroughtFenAt;
  part(row, at, 8);
  set_big_endian(row.data() + at, static_cast<std::uint64_t>(fen), 8);
}

// --- h -------------------------------------------------------------------------------------------

void delivered_key(std::string& key, Pseudonym person, const ProgrammeId& programme, Month month) {
  key.assign(1, 'h');
  put_big_endian(key, person.value(), 8);
  key.append(programme.str()).push_back('\0');
  put_big_endian(key, static_cast<std::uint32_t>(month.ordinal()), 4);
}

// A service: day (1), with a bit more where a bill's number follows at the end, hours (4), bill and
// insurance (8 each), ids with their sizes, the number with its size (2).
constexpr unsigned kNumbered = 0x80;

void append(std::string& row, const Delivered& service) {
  put_big_endian(row, service.day | (service.bill_no.empty() ? 0 : kNumbered), 1);
  put_big_endian(row, static_cast<std::uint64_t>(service.hours), 4);
  put_fen(row, service.bill);
  put_fen(row, service.insurance);
  for (const auto text : {service.provider, service.item, service.worker}) {
    put_short_text(row, text);
  }
  if (service.bill_no.empty()) return;
  FT_CHECK(service.bill_no.size() <= 0xFFFF);
  put_big_endian(row, service.bill_no.size(), 2);
  row += service.bill_no;
}

bool DeliveredRow::next(Delivered& service) {
  if (row_.empty()) return false;
  const auto first = static_cast<unsigned>(get_big_endian(take(row_, 1).data(), 1));
  service.day = first & ~kNumbered;
  service.hours = static_cast<std::int64_t>(get_big_endian(take(row_, 4).data(), 4));
  service.bill = take_fen(row_);
  service.insurance = take_fen(row_);
  service.provider = take_short_text(row_);
  service.item = take_short_text(row_);
  service.worker = take_short_text(row_);
  service.bill_no = {};
  if ((first & kNumbered) != 0) {
    const auto size = get_big_endian(take(row_, 2).data(), 2);
    service.bill_no = take(row_, static_cast<std::size_t>(size));
  }
  return true;
}

bool remove(std::string& row, const Delivered& service) {
  DeliveredRow rows(row);
  Delivered other;
  for (std::size_t at = 0; rows.next(other);) {
    const std::size_t end = row.size() - rows.rest().size();
    if (other.is_same(service)) {
      row.erase(at, end - at);
      return true;
    }
    at = end;
  }
  return false;
}

std::string BillRow::encode() const {
  Packer p;
  p.text(programme.str()).u64(person.value()).u32(services);
  if (!policy) return p.take();
  p.text(policy->str());
  for (const auto& w : withdrawn) p.month(w.month).u64(static_cast<std::uint64_t>(w.fen));
  return p.take();
}

BillRow BillRow::decode(std::string_view row) {
  BillRow bill;
  if (row.empty()) return bill;
  Unpacker u(row);
  bill.programme = u.id<ProgrammeId>();
  bill.person = Pseudonym(u.u64());
  bill.services = u.u32();
  if (u.rest().empty()) return bill;
  bill.policy = PolicyRef::parse(u.text());
  if (!bill.policy) Unpacker::damaged();
  while (!u.rest().empty()) {
    const Month month = u.month();
    bill.withdrawn.push_back({month, static_cast<std::int64_t>(u.u64())});
  }
  return bill;
}

std::optional<std::string> bill_key(Pseudonym person, const Delivered& service, Month month) {
  if (service.bill_no.empty() && service.bill == 0) return std::nullopt;
  std::string key = key_of('t', service.provider, {});
  if (!service.bill_no.empty()) return key += service.bill_no;
  // No number holds a zero byte.
  key.push_back('\0');
  put_big_endian(key, person.value(), 8);
  put_big_endian(key, static_cast<std::uint32_t>(month.ordinal()), 4);
  put_big_endian(key, service.day, 1);
  put_short_text(key, service.item);
  put_short_text(key, service.worker);
  return key;
}

// --- c, d ----------------------------------------------------------------------------------------

std::string cutover_key(const ProgrammeId& programme) { return key_of('d', programme.str()); }

void person_cutover_key(std::string& key, Pseudonym person, const ProgrammeId& programme) {
  key.assign(1, 'c');
  put_big_endian(key, person.value(), 8);
  key.append(programme.str());
}

std::string CutoverRow::encode() const {
  return Packer()
      .u8(paid_through ? 1 : 0)
      .date(paid_through.value_or(Date()))
      .u8(of_persons ? 1 : 0)
      .take();
}

CutoverRow CutoverRow::find(const StateSource& state, const ProgrammeId& programme) {
  CutoverRow row;
  const std::string* bytes = state.find(cutover_key(programme));
  if (!bytes) return row;
  Unpacker u(*bytes);
  const bool all = u.u8() != 0;
  const Date through = u.date();
  if (all) row.paid_through = through;
  row.of_persons = u.u8() != 0;
  u.end();
  return row;
}

std::string encode_cutover(Date paid_through) { return Packer().date(paid_through).take(); }
Date decode_cutover(std::string_view row) {
  Unpacker u(row);
  const Date date = u.date();
  u.end();
  return date;
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
