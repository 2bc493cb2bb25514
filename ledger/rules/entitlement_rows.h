// The rows of delivering and calculating: each key and each encoding in exactly one place. Private to
// ledger/rules; ledger/rules/entitlement.h is the way in.
//
//   e subject, programme, year   what was calculated for each period of the year, through each payee,
//                                of each level's share; year 0: of a programme of cycle `once`
//   h person, programme, month   delivered services in the order in which they were recorded
//   m programme                  total of all calculations, number of subjects, its levels
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

// The share of one level, which is known by its place in ProgrammeRow::levels.
struct LevelAmount {
  unsigned level = 0;
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
    LevelAmount at(std::size_t i) const;
  };
  explicit CalculatedRow(std::string_view row) : row_(row) {}
  // The next item; false at the end.
  bool next(Item& item);
  // Adds to the item of the period and payee, which is made when there is none. Once final, an item
  // stays final.
  static void add(std::string& row, Month period, const ProviderId& payee, bool final_basis,
                  const std::vector<LevelAmount>& amounts);
  static constexpr std::size_t kAmountBytes = 9;

 private:
  std::string_view row_;
  std::size_t at_ = 0;
};

// --- m: totals of a programme --------------------------------------------------------------------

struct ProgrammeRow {
  Money total;
  std::uint64_t subjects = 0;  // of a programme of cycle `once`: how many were given something
  std::vector<Code> levels;    // append only: rows `e` name a level by its place
  std::string encode() const;
  static ProgrammeRow find(const StateSource& state, const ProgrammeId& programme);
};
std::string programme_key(const ProgrammeId& programme);

// --- h: delivered services -----------------------------------------------------------------------

void delivered_key(std::string& key, Pseudonym person, const ProgrammeId& programme, Month month);

struct Delivered {
  unsigned day = 0;  // of the month
  std::int64_t hours = 0;  // hundredths
  std::int64_t bill = 0;   // fen
  std::int64_t insurance = 0;
  std::string_view provider, item, worker;
};
void append(std::string& row, const Delivered& service);
class DeliveredRow {
 public:
  explicit DeliveredRow(std::string_view row) : row_(row) {}
  bool next(Delivered& service);

 private:
  std::string_view row_;
};

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
