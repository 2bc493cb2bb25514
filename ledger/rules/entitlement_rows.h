// The rows of delivering and calculating: each key and each encoding in exactly one place. Private to
// ledger/rules; ledger/rules/entitlement.h is the way in.
//
//   c person, programme          through which day somebody was paid before this ledger
//   d programme                  the same of a whole programme
//   e subject, programme, year   what was calculated for each period of the year, through each payee,
//                                of each level's share and the fund that bore it; year 0: of a programme of cycle `once`
//   h person, programme, month   delivered services in the order in which they were recorded
//   m programme                  total of all calculations, number of subjects, what each fund bears
//   r index                      what that calculation brought each person, less what reductions of it took back
//   t provider, bill             which programme and person a bill counts for, in how many services, and
//                                what stood calculated on those that were withdrawn
//   v provider, kind             assessments by the day from which they count
//   w provider, worker           certificates
//   x subject, group, year       programmes of an exclusive group that were calculated for, by month
//
// Rows grow by appending and are changed in place: the hot ones are read once a line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/date.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"
#include "ledger/core/policy.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

// Amounts of these rows are 64 bits: no amount of the books is as large (money_limit()). Checks.
std::int64_t fen_of(const Money& amount);

// Whom something is calculated for: a person, or a provider in its own right. Never equal texts.
std::string subject_of(Pseudonym person);
std::string subject_of(const ProviderId& provider);

// --- e: what was calculated ----------------------------------------------------------------------

void calculated_key(std::string& key, std::string_view subject, const ProgrammeId& programme,
                    int year);

// The share of one level that one fund bore: known by its place in ProgrammeRow::sources.
struct SourceAmount {
  unsigned source = 0;
  std::int64_t fen = 0;
};

class CalculatedRow {
 public:
  struct Item {
    Month period;
    bool final_basis = false;
    std::string_view payee;
    std::string_view amounts;  // packed
    std::size_t size() const { return amounts.size() / kAmountBytes; }
    SourceAmount at(std::size_t i) const;
  };
  explicit CalculatedRow(std::string_view row) : row_(row) {}
  // The next item; false at the end.
  bool next(Item& item);
  // Adds to the item of the period and payee, which is made when there is none. Once final, an item
  // stays final.
  static void add(std::string& row, Month period, const ProviderId& payee, bool final_basis,
                  const std::vector<SourceAmount>& amounts);
  static constexpr std::size_t kAmountBytes = 9;

 private:
  std::string_view row_;
  std::size_t at_ = 0;
};

// --- m: totals of a programme --------------------------------------------------------------------

struct ProgrammeRow {
  // A fund that bears the share of a level. No fund: from before funds were kept, any of the level's.
  struct Source {
    Code level;
    FundId fund;
    Money total;  // of what is calculated
    bool is(const Code& l, const FundId& f) const {
      return level == l && (fund.empty() || fund == f);
    }
  };
  // Rows `e` have one byte for the place, and one for the number of amounts of an item.
  static constexpr std::size_t kMaxSources = 255;
  Money total;
  // Of a programme of cycle `once`: for how many some period and fund has a sum that is not zero. Who has nothing
  // left of what several periods brought is still counted, so nothing is decided by it.
  std::uint64_t subjects = 0;
  std::vector<Source> sources;  // append only: rows `e` name one by its place
  std::string encode() const;
  static ProgrammeRow find(const StateSource& state, const ProgrammeId& programme);
};
std::string programme_key(const ProgrammeId& programme);

// --- r: what one calculation brought --------------------------------------------------------------

// What is left of it, so that whoever lowers the calculation takes back from nobody else. Only what was
// brought up; absent of calculations from before this row was kept.
class BroughtRow {
 public:
  struct Item {
    Pseudonym person;  // 0: the payee itself
    Month period;
    SourceAmount amount;
  };
  explicit BroughtRow(std::string_view row) : row_(row) {}
  // The next item; false at the end.
  bool next(Item& item);
  static void append(std::string& row, const Item& item);
  // Of the item that stands at this place among all.
  static void set_fen(std::string& row, std::size_t place, std::int64_t fen);

 private:
  std::string_view row_;
};
std::string brought_key(std::uint64_t calculation);

// --- h: delivered services -----------------------------------------------------------------------

void delivered_key(std::string& key, Pseudonym person, const ProgrammeId& programme, Month month);

struct Delivered {
  unsigned day = 0;  // of the month
  std::int64_t hours = 0;  // hundredths
  std::int64_t bill = 0;   // fen
  std::int64_t insurance = 0;
  std::string_view provider, item, worker;
  std::string_view bill_no = {};  // folded_number(); empty: none
  // Nobody records the same service twice.
  bool is_same(const Delivered& other) const {
    return day == other.day && provider == other.provider && item == other.item &&
           worker == other.worker;
  }
};
void append(std::string& row, const Delivered& service);
class DeliveredRow {
 public:
  explicit DeliveredRow(std::string_view row) : row_(row) {}
  bool next(Delivered& service);
  std::string_view rest() const { return row_; }

 private:
  std::string_view row_;
};

// The service is gone; the order of the others stays. False: there is none.
bool remove(std::string& row, const Delivered& service);

// Whose bill it is. Spellings of one number have one key, as those of an invoice.
struct BillRow {
  // A service of the bill was withdrawn when so much stood calculated for its month (bills.h).
  struct Withdrawn {
    Month month;
    std::int64_t fen = 0;
  };
  ProgrammeId programme;
  Pseudonym person;
  std::uint32_t services = 0;  // 0: withdrawn
  std::optional<PolicyRef> policy = {};  // absent: of a row from before it was kept
  std::vector<Withdrawn> withdrawn = {};
  std::string encode() const;
  static BillRow decode(std::string_view row);
};
// Nothing: the service is of no bill. Without a number that service alone is the bill.
std::optional<std::string> bill_key(Pseudonym person, const Delivered& service, Month month);

// --- c, d: what was paid before this ledger -------------------------------------------------------

struct CutoverRow {
  std::optional<Date> paid_through;  // of everybody
  bool of_persons = false;           // somebody has a day of his own
  std::string encode() const;
  static CutoverRow find(const StateSource& state, const ProgrammeId& programme);
};
std::string cutover_key(const ProgrammeId& programme);
void person_cutover_key(std::string& key, Pseudonym person, const ProgrammeId& programme);
std::string encode_cutover(Date paid_through);
Date decode_cutover(std::string_view row);

// --- v, w: providers and those who work for them -------------------------------------------------

struct AssessmentRow {
  Date effective;
  std::optional<Quantity> value;
  std::optional<Code> rating;
};
std::string assessments_key(const ProviderId& provider, const Code& kind);
// Ascending by day; of one day only what was recorded last.
std::vector<AssessmentRow> assessments_of(const StateSource& state, const ProviderId& provider,
                                          const Code& kind);
void add_assessment(Overlay& state, const ProviderId& provider, const Code& kind,
                    const AssessmentRow& assessment);

struct CertificateRow {
  Code certificate;
  Date from;
  Date to;
};
std::vector<CertificateRow> certificates_of(const StateSource& state, const ProviderId& provider,
                                            const Code& worker);
void add_certificate(Overlay& state, const ProviderId& provider, const Code& worker,
                     const CertificateRow& certificate);

// --- x: exclusive groups -------------------------------------------------------------------------

// Another programme of the group that was calculated for the subject in one of the months, or
// nothing.
std::optional<ProgrammeId> other_of_group(const StateSource& state, std::string_view subject,
                                          const Code& group, const ProgrammeId& programme,
                                          Month first, int months);
void mark_group(Overlay& state, std::string_view subject, const Code& group,
                const ProgrammeId& programme, Month first, int months, bool calculated);

}  // namespace fundtrail::rules
