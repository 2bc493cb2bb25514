#include "ledger/planning/plan.h"

#include <algorithm>

#include "ledger/chain/document_codec.h"
#include "ledger/planning/planners.h"
#include "ledger/planning/snapshot_state.h"
#include "ledger/rules/balances.h"
#include "ledger/rules/entitlement_rows.h"
#include "ledger/store/layout.h"

namespace fundtrail::planning {
namespace {

// What is allotted in each region suffices for its documents, or none of them is covered: the region
// is run as a whole once there is money. Whether one more region turned out not to be.
bool check_allotments(const rules::StateSource& state, const Run& run, Plan& plan) {
  std::map<std::pair<RegionCode, FundId>, Money> needed;
  for (const auto& document : plan.documents) {
    if (document.refusal || !document.covered) continue;
    for (const auto& [fund, amount] : money_needed(document.command.document)) {
      needed[{document.region, fund}] += amount;
    }
  }
  std::vector<RegionCode> short_of_money;
  for (const auto& [at, amount] : needed) {
    const auto& [region, fund] = at;
    const Money allotted = rules::balance(state, FundAccount::allotted,
                                          Dimensions{fund, run.programme, region, {}});
    if (allotted >= amount) continue;
    plan.shortfalls.push_back({fund, region, amount, allotted});
    short_of_money.push_back(region);
  }
  for (auto& document : plan.documents) {
    if (std::holds_alternative<CalculationReduction>(document.command.document)) continue;
    if (std::find(short_of_money.begin(), short_of_money.end(), document.region) != short_of_money.end()) {
      document.covered = false;
    }
  }
  return !short_of_money.empty();
}

// The limit of the whole programme: documents are recorded in their order, and each that would exceed it is
// refused. Those of a region without money are not recorded, so they take nothing of it.
void keep_within_limit(const rules::StateSource& state, const Run& run, const Money& limit, Plan& plan) {
  Money total = rules::ProgrammeRow::find(state, run.programme).total;
  for (auto& document : plan.documents) {
    if (document.refusal && document.refusal->reason == Reason::programme_limit) document.refusal.reset();
    if (document.refusal || !document.covered) continue;
    const Money over = total + document.sum.amount - limit;
    if (over.is_positive() && std::holds_alternative<EntitlementCalculation>(document.command.document)) {
      document.refusal = {Reason::programme_limit, "lines", run.programme.str(), over.str(), {}};
    } else {
      total += document.sum.amount;
    }
  }
}

// What was never paid cannot be recovered: a recovery takes it off what was paid to the payee.
void tell_unpaid(const rules::StateSource& state, const Run& run, Plan& plan) {
  std::map<Dimensions, Money> paid;  // what is left of it
  for (auto& recovery : plan.recoveries) {
    if (recovery.treatment != Treatment::recover) continue;
    for (const auto& [share, amount] : recovery.shares) {
      const Dimensions at{share.fund, run.programme, recovery.region, recovery.payee.str()};
      const auto [found, added] = paid.try_emplace(at);
      if (added) found->second = rules::balance(state, FundAccount::paid, at);
      found->second -= amount;
      if (found->second.is_negative()) recovery.treatment = Treatment::unpaid;
    }
  }
}

void add_up(Plan& plan) {
  for (const auto& document : plan.documents) {
    if (document.refusal) continue;
    plan.all.add(document.sum);
    plan.by_region[document.region].add(document.sum);
    if (const auto* d = std::get_if<EntitlementCalculation>(&document.command.document)) {
      plan.by_payee[document.payee].add(document.sum);
      std::vector<Money> shares(d->funds.size());
      for (const auto& line : d->lines) {
        for (std::size_t i = 0; i < shares.size(); ++i) shares[i] += line.shares[i];
      }
      for (std::size_t i = 0; i < shares.size(); ++i) {
        plan.by_share[{d->funds[i].level, d->funds[i].fund}] += shares[i];
      }
    } else if (const auto* less = std::get_if<CalculationReduction>(&document.command.document)) {
      plan.by_payee[document.payee].add(document.sum);
      for (const auto& line : less->lines) plan.by_share[{line.level, line.fund}] -= line.amount;
    } else if (const auto* issue = std::get_if<VoucherIssue>(&document.command.document)) {
      plan.by_share[{run_level(), issue->fund}] += document.sum.amount;
    }
  }
}

}  // namespace

void Sum::add(const Sum& other) {
  documents += other.documents;
  lines += other.lines;
  amount += other.amount;
  earlier += other.earlier;
}

void Comparison::count(const Money& earlier, const Money& now) {
  if (earlier.is_zero() && now.is_zero()) return;
  Part& part = earlier.is_zero() ? joined : now.is_zero() ? left : earlier == now ? unchanged : changed;
  ++part.subjects;
  part.before += earlier;
  part.now += now;
}

void Comparison::add(const Comparison& other) {
  const auto add = [](Part& to, const Part& from) {
    to.subjects += from.subjects;
    to.before += from.before;
    to.now += from.now;
  };
  add(joined, other.joined);
  add(left, other.left);
  add(changed, other.changed);
  add(unchanged, other.unchanged);
}

void Exceptions::add(Exception exception) {
  if (++counts[exception.why.reason] <= kMaxListed) listed.push_back(std::move(exception));
}

void Exceptions::add(Exceptions&& other) {
  std::map<Reason, std::uint64_t> before = counts;
  for (auto& exception : other.listed) {
    if (++before[exception.why.reason] <= kMaxListed) listed.push_back(std::move(exception));
  }
  for (const auto& [reason, count] : other.counts) counts[reason] += count;
}

bool is_run(Instrument instrument) {
  return instrument != Instrument::grant && instrument != Instrument::points;
}

Result<Plan> plan_run(const View& view, const Vault& vault, const Run& run,
                      const Progress& progress) {
  const auto current = store::need_current_state(view.raw());
  if (!current.ok()) return current.error();
  try {
    SnapshotState state(view.raw());
    const std::string* row = state.find(rules::policy_key(run.policy));
    const auto policy = row != nullptr ? std::optional(rules::decode_policy(*row)) : std::nullopt;
    const Programme* programme = policy ? policy->programme(run.programme) : nullptr;
    if (programme == nullptr || !is_run(programme->instrument)) {
      return Error{Fault::invalid_argument, run.programme.str()};
    }
    auto plan = programme->instrument == Instrument::voucher
                    ? plan_vouchers(view, vault, *policy, run, progress)
                    : plan_entitlements(view, vault, run, progress);
    if (!plan.ok()) return plan;
    plan->comparison.before = run.from.plus(-run.months);
    plan->comparison.once = programme->entitlement && programme->entitlement->cycle == Cycle::once;
    judge_documents(view, vault, *plan);
    tell_unpaid(state, run, *plan);
    // What the limit refuses needs no money; what is not covered leaves its room to others, which need some.
    const auto limit = programme->entitlement ? programme->entitlement->max_total : std::nullopt;
    do {
      if (limit) keep_within_limit(state, run, *limit, *plan);
    } while (check_allotments(state, run, *plan));
    add_up(*plan);
    return plan;
  } catch (const rules::StateUnreadable& unreadable) {
    return unreadable.error;
  }
}

const Code& run_level() {
  static const Code level = *Code::parse("all");
  return level;
}

std::vector<std::pair<FundId, Money>> money_needed(const Document& document) {
  std::map<FundId, Money> needed;
  if (const auto* d = std::get_if<EntitlementCalculation>(&document)) {
    for (const auto& line : d->lines) {
      for (std::size_t i = 0; i < line.shares.size(); ++i) needed[d->funds[i].fund] += line.shares[i];
    }
  } else if (const auto* issue = std::get_if<VoucherIssue>(&document)) {
    for (const auto& line : issue->lines) needed[issue->fund] += line.face;
  }
  return {needed.begin(), needed.end()};
}

Command command_of(const Run& run, Document document) {
  Command command;
  command.actor = run.actor;
  command.date = run.date;
  command.time = run.time;
  command.policy = run.policy;
  command.document = std::move(document);
  return command;
}

Result<CommandId> command_id(const View& view, const Run& run, const Command& command) {
  chain::Hasher hasher(view.suite());
  chain::EncodedLines lines;
  chain::encode_lines(hasher, command.document, lines);
  std::string content(kind_of(command.document));
  content += '\n' + chain::encode_document(command.document) + '\n' + lines.block;
  const std::string stem = std::string(kRunIds) + run.programme.str().substr(0, 24) + "-" + run.from.str() + "-" +
                           chain::to_hex(hasher.digest(content)).substr(0, 20);
  // A document that was recorded and is due once more, as after a reinstatement, is another one.
  for (int again = 1;; ++again) {
    const auto id = CommandId::parse(again == 1 ? stem : stem + "." + std::to_string(again));
    FT_CHECK(id.has_value());
    const auto recorded = view.find_command(*id);
    if (!recorded.ok()) return recorded.error();
    if (!*recorded) return *id;
  }
}

}  // namespace fundtrail::planning
