#include "ledger/rules/bank_lines.h"

#include <algorithm>
#include <map>

#include "ledger/chain/document_codec.h"
#include "ledger/core/check.h"
#include "ledger/rules/packing.h"

namespace fundtrail::rules {
namespace {

// The cash of a designated account, and its change on each day after the last closed month, ascending.
struct CashRow {
  Money cash;
  std::map<Date, Money> days;

  static CashRow decode(const std::string* row) {
    CashRow result;
    if (!row || row->empty()) return result;
    Unpacker u(*row);
    result.cash = u.money();
    for (std::uint32_t n = u.u32(); n > 0; --n) {
      const Date day = u.date();
      result.days[day] = u.money();
    }
    u.end();
    return result;
  }
  std::string encode() const {
    Packer p;
    p.money(cash).u32(static_cast<std::uint32_t>(days.size()));
    for (const auto& [day, change] : days) p.date(day).money(change);
    return p.take();
  }
};

std::map<DesignatedAccountId, Money> changes(const BankLines& lines) {
  std::map<DesignatedAccountId, Money> result;
  for (const auto& line : lines.made) result[line.account] += line.cash();
  for (const auto& line : lines.undone) result[line.account] -= line.cash();
  return result;
}

template <class Receipt>
BankLine received(const Receipt& d) {
  return {d.account, Direction::in, d.bank_reference, d.amount};
}

std::optional<BankLine> receipt_in(const Document& document) {
  if (const auto* d = std::get_if<FundReceipt>(&document)) return received(*d);
  if (const auto* d = std::get_if<CounterpartReceipt>(&document)) return received(*d);
  return std::nullopt;
}

void add_payment(BankLines& lines, const StateSource& state, const DisbursementId& id,
                 Direction direction, const Reference& reference) {
  const std::string* row = state.find(disbursement_key(id));
  if (!row) return;
  const auto disbursement = DisbursementRow::decode(*row);
  const std::string* settlement = state.find(settlement_key(disbursement.settlement));
  FT_CHECK(settlement != nullptr);
  lines.made.push_back({disbursement.account, direction, reference,
                        SettlementRow::decode(*settlement).total});
}

void add_correction(BankLines& lines, const StateSource& state, const Correction& d) {
  const std::string* row = state.find(correctable_key(d.corrects));
  if (!row) return;
  const auto original = CorrectableRow::decode(*row);
  const auto document = chain::decode_document(original.kind, original.document);
  FT_CHECK(document.ok());
  const auto before = receipt_in(*document);
  if (!before) return;
  std::optional<BankLine> after;
  if (d.fund_receipt) after = received(*d.fund_receipt);
  if (d.counterpart_receipt) after = received(*d.counterpart_receipt);
  if (after && d.method == CorrectionMethod::difference) after->amount += before->amount;
  lines.undone.push_back(*before);
  if (after) lines.made.push_back(*after);
}

std::string key(const BankLine& line) {
  return bank_reference_key(line.account, line.direction, line.reference);
}

}  // namespace

BankLines bank_lines(const StateSource& state, const Document& document) {
  BankLines lines;
  if (const auto receipt = receipt_in(document)) {
    lines.made.push_back(*receipt);
  } else if (const auto* recovery = std::get_if<RecoveryReceipt>(&document)) {
    lines.made.push_back(received(*recovery));
  } else if (const auto* payment = std::get_if<DisbursementPayment>(&document)) {
    add_payment(lines, state, payment->disbursement, Direction::out, payment->bank_reference);
  } else if (const auto* bounce = std::get_if<DisbursementBounce>(&document)) {
    add_payment(lines, state, bounce->disbursement, Direction::in, bounce->bank_reference);
  } else if (const auto* correction = std::get_if<Correction>(&document)) {
    add_correction(lines, state, *correction);
  }
  return lines;
}

void check_references(Context& c, const BankLines& lines) {
  for (const auto& line : lines.made) {
    const bool kept = std::any_of(lines.undone.begin(), lines.undone.end(),
                                  [&](const auto& undone) { return key(undone) == key(line); });
    const std::string* row = c.state.find(key(line));
    if (kept || !row || row->empty()) continue;
    std::string field = "doc.bank_reference";
    if (const auto* correction = std::get_if<Correction>(&c.command.document)) {
      field = std::string("doc.") +
              (correction->fund_receipt ? "fund_receipt" : "counterpart_receipt") +
              ".bank_reference";
    }
    c.no.add(Reason::duplicate_bank_reference, field, line.reference.str(), *row);
  }
}

std::optional<Rejection> check_cash(const StateSource& state, Date date, const BankLines& lines) {
  for (const auto& [account, change] : changes(lines)) {
    const auto row = CashRow::decode(state.find(cash_key(account)));
    Money at_end_of_day = row.cash + change;
    if (at_end_of_day >= money_limit()) {
      return Rejection{Reason::invalid_value, {}, at_end_of_day.str(),
                       "< " + money_limit().str(), {}};
    }
    if (!change.is_negative()) continue;
    Money lowest = at_end_of_day;
    std::string subject = account.str();
    for (auto day = row.days.rbegin(); day != row.days.rend() && date < day->first; ++day) {
      at_end_of_day -= day->second;
      if (at_end_of_day >= lowest) continue;
      lowest = at_end_of_day;
      const auto before = std::next(day);
      const Date short_on = before == row.days.rend() ? date : std::max(date, before->first);
      subject = account.str() + " " + short_on.str();
    }
    if (lowest.is_negative()) {
      return Rejection{Reason::insufficient_balance, {}, subject, (-lowest).str(), {}};
    }
  }
  return std::nullopt;
}

void record_bank_lines(Overlay& state, const Entry& entry, const BankLines& lines,
                       std::optional<Month> closed) {
  for (const auto& line : lines.undone) state.put(key(line), std::string());
  for (const auto& line : lines.made) state.put(key(line), std::to_string(entry.index));
  Money moved, posted;
  for (const auto& [account, change] : changes(lines)) {
    std::string& bytes = state.edit(cash_key(account));
    auto row = CashRow::decode(&bytes);
    row.cash += change;
    FT_CHECK(!row.cash.is_negative());
    row.days[entry.date] += change;
    std::erase_if(row.days,
                  [&](const auto& day) { return closed && Month::of(day.first) <= *closed; });
    bytes = row.encode();
    moved += change;
  }
  for (const auto& posting : entry.postings) {
    if (holds_cash(posting.account)) posted += posting.effect();
  }
  FT_CHECK(moved == posted);
}

}  // namespace fundtrail::rules
