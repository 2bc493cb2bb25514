#include "tests/model/reference.h"

#include "ledger/chain/document_codec.h"
#include "tests/model/judge.h"

namespace fundtrail::model {

std::string describe(const Verdict& verdict) {
  std::string text = verdict.refused ? "refused: " + std::string(info(*verdict.refused).code)
                                     : "entry " + std::to_string(verdict.index);
  if (verdict.repeated) text += ", repeated";
  for (const auto& [line, reason] : verdict.lines) {
    text += ", line " + std::to_string(line) + " " + std::string(info(reason).code);
  }
  return text;
}

NaiveLedger::NaiveLedger(const LedgerOpeningRequest& opening)
    : region(opening.region.str()), first(Month::of(opening.date)),
      last_time(opening.time.unix_seconds()) {}

std::vector<Verdict> NaiveLedger::submit(
    const std::vector<Command>& commands, BatchMode mode,
    const std::function<Pseudonym(const std::string&)>& pseudonym_of) {
  const NaiveLedger before = *this;
  std::vector<Verdict> verdicts;
  for (const auto& command : commands) {
    verdicts.push_back(submit_one(command, pseudonym_of));
    if (mode == BatchMode::atomic && verdicts.back().refused) {
      const Verdict refusal = verdicts.back();
      *this = before;
      return std::vector<Verdict>(commands.size(), refusal);
    }
  }
  return verdicts;
}

Verdict NaiveLedger::submit_one(
    Command command, const std::function<Pseudonym(const std::string&)>& pseudonym_of) {
  auto* registration = std::get_if<BeneficiaryRegistration>(&command.document);
  if (registration && !command.identity) return {Reason::missing_field, {}, 0, false};
  if (!registration && command.identity) return {Reason::unknown_field, {}, 0, false};
  if (registration) {
    registration->beneficiary = pseudonym_of(command.identity->id_number);
    registration->commitment = std::string(64, '0');
  }
  command.time = Timestamp(std::max(command.time.unix_seconds(), last_time),
                           command.time.offset_minutes());
  std::string content = command.actor.id.str() + " " + std::string(name_of(command.actor.role)) +
                        " " + chain::encode_command(command);
  const std::string who =
      command.identity ? command.identity->name + command.identity->id_number : "";
  // Whom the vault no longer knows it cannot tell from anybody else of the same number.
  const bool forgotten = registration && erased.contains(registration->beneficiary);

  Judge judge(*this, command);
  const auto reason = judge.reason();
  if (const auto known = contents.find(command.id.str()); known != contents.end()) {
    if (known->second == content && (forgotten || identities.at(command.id.str()) == who)) {
      Verdict again = answers.at(command.id.str());
      again.repeated = true;
      return again;
    }
    if (!reason || Reason::command_id_reused < *reason) {
      return {Reason::command_id_reused, {}, 0, false};
    }
    return {reason, judge.refused_lines(), 0, false};
  }
  if (reason) return {reason, judge.refused_lines(), 0, false};
  const Verdict verdict{std::nullopt, judge.refused_lines(), size, false};
  judge.record();
  contents[command.id.str()] = content;
  identities[command.id.str()] = who;
  answers[command.id.str()] = verdict;
  last_time = command.time.unix_seconds();
  ++size;
  return verdict;
}

Fen NaiveLedger::balance(FundAccount account, const std::string& at) const {
  Fen sum = 0;
  for (const auto& move : moves) {
    if (move.account != account || move.at != at) continue;
    sum += (move.side == Side::debit) == is_debit_account(account) ? move.amount : -move.amount;
  }
  return sum;
}

BalanceOf NaiveLedger::balances() const {
  BalanceOf result;
  for (const auto& m : moves) {
    result[{m.account, m.at}] +=
        (m.side == Side::debit) == is_debit_account(m.account) ? m.amount : -m.amount;
  }
  std::erase_if(result, [](const auto& row) { return row.second == 0; });
  return result;
}

TurnoverOf NaiveLedger::turnovers() const {
  TurnoverOf result;
  for (const auto& m : moves) {
    auto& [debit, credit] = result[{m.date, m.account, m.at}];
    (m.side == Side::debit ? debit : credit) += m.amount;
  }
  std::erase_if(result, [](const auto& row) { return row.second == std::pair<Fen, Fen>(); });
  return result;
}

}  // namespace fundtrail::model
