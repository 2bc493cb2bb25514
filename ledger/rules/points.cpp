// The journal of service points: a balance a person and programme that is never negative and moves
// no money. Lines count in their order.
#include <unordered_map>

#include "ledger/core/check.h"
#include "ledger/rules/families.h"
#include "ledger/rules/packing.h"

namespace fundtrail::rules {
namespace {

std::string points_key(Pseudonym person, const ProgrammeId& programme) {
  std::string key(1, 'q');
  put_big_endian(key, person.value(), 8);
  return key += programme.str();
}

std::int64_t balance_in(const std::string* row) {
  if (!row || row->empty()) return 0;
  if (row->size() != 8) Unpacker::damaged();
  return static_cast<std::int64_t>(get_big_endian(row->data(), 8));
}

class PointsLines {
 public:
  PointsLines(Context& c, const PointsJournal& d) : c_(c), d_(d) {}

  void check_line(std::size_t at) {
    const PointsLine& line = d_.lines[at];
    Findings no;
    if (!c_.state.find(beneficiary_key(line.beneficiary))) {
      no.add(Reason::unknown_beneficiary, "beneficiary", line.beneficiary.str());
    }
    if (c_.command.date < line.date) {
      no.add(Reason::date_in_future, "date", line.date.str(), c_.command.date.str());
    }
    if (line.points == Quantity()) {
      no.add(Reason::invalid_value, "points", line.points.str(), ">= 0.01");
    }
    std::int64_t& balance = balance_of(line.beneficiary);
    const std::int64_t change = line.points.hundredths();
    if (line.direction == PointsDirection::earned) {
      balance += change;
    } else if (balance < change) {
      no.add(Reason::points_insufficient, "points", line.beneficiary.str(),
             Quantity(change - balance).str());
    } else {
      balance -= change;
    }
    if (!no.none()) c_.refuse_line(at, no.first()->field, *no.first());
  }

 private:
  std::int64_t& balance_of(Pseudonym person) {
    const auto [found, made] = balances_.try_emplace(person.value(), 0);
    if (made) found->second = balance_in(c_.state.find(points_key(person, d_.programme)));
    return found->second;
  }

  Context& c_;
  const PointsJournal& d_;
  std::unordered_map<std::uint64_t, std::int64_t> balances_;
};

}  // namespace

void check(Context& c, const PointsJournal& d) {
  if (const Policy* policy = c.need_policy()) {
    const Programme* programme = need_programme(c, *policy, d.programme, "doc.programme");
    if (programme && programme->instrument != Instrument::points) {
      c.no.add(Reason::instrument_mismatch, "doc.programme", d.programme.str());
    }
  }
  PointsLines lines(c, d);
  for (std::size_t i = 0; i < d.lines.size(); ++i) lines.check_line(i);
}

void record(Overlay& state, const Entry&, const PointsJournal& d) {
  for (const auto& line : d.lines) {
    std::string& row = state.edit(points_key(line.beneficiary, d.programme));
    const std::int64_t change = line.points.hundredths();
    const std::int64_t balance =
        balance_in(&row) + (line.direction == PointsDirection::earned ? change : -change);
    FT_CHECK(balance >= 0);
    row.resize(8);
    set_big_endian(row.data(), static_cast<std::uint64_t>(balance), 8);
  }
}

}  // namespace fundtrail::rules
