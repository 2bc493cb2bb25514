// START HERE for planning: what a whole programme would record for a period, worked out from a
// picture of the ledger and changing nothing. The amounts are those of ledger/rules/entitlement.h,
// which decide() asks too; what stands here is whom to ask about, what to compare with, and how lines
// become documents.
//
//   auto plan = planning::plan_run(*view, ledger.vault(), run, progress);
//   ... show it ...
//   for (auto& document : plan->documents) ... submit document.command
//
// A plan brings what was calculated up to what is due, for this period and all before it. So a run
// that is repeated plans nothing, and one that was cut off plans what is left.
//
// Thread-safety: free functions, any thread; they use all cores.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/core/entry.h"
#include "ledger/core/rejection.h"
#include "ledger/core/result.h"
#include "ledger/ledger.h"
#include "ledger/vault.h"

namespace fundtrail::planning {

// One programme and one period, with everything that the documents say beside their lines.
struct Run {
  PolicyRef policy;
  ProgrammeId programme;
  Month from;                        // first month of the period
  int months = 1;                    // of the period
  std::vector<ShareFund> funds;      // one for each level that shares the cost; one of "all" otherwise
  std::optional<ProviderId> payee;   // the agent, where the programme is paid through one
  std::optional<RegionCode> region;  // of what providers are entitled to themselves
  std::string series;                // of vouchers; empty: of the programme and the month
  Actor actor;
  Date date;
  Timestamp time;

  Month last() const { return from.plus(months - 1); }
};

struct Sum {
  std::uint64_t documents = 0;
  std::uint64_t lines = 0;
  Money amount;
  Money earlier;  // of `amount`, for periods before this one
  void add(const Sum& other);
};

// What somebody gets in this period, compared with the one before.
struct Comparison {
  struct Part {
    std::uint64_t subjects = 0;
    Money before;
    Money now;
  };
  Month before;       // first month of the period before
  bool once = false;  // given once: compared with what was given so far instead
  Part joined, left, changed, unchanged;

  // Nobody gets anything now, or got anything before.
  bool nobody() const {
    return joined.subjects + left.subjects + changed.subjects + unchanged.subjects == 0;
  }

  void count(const Money& before, const Money& now);
  void add(const Comparison& other);
};

// Somebody for whom nothing, or less than a whole period, is planned although they have to do with the
// programme: entitled or granted, applied and not decided yet, or given something in the period before.
struct Exception {
  std::string subject;  // a pseudonym or a provider; empty: the run as a whole
  RegionCode region;
  Month period;
  Rejection why;
};
inline constexpr std::size_t kMaxListed = 1000;  // exceptions of one reason that are kept; all are counted
struct Exceptions {
  std::vector<Exception> listed;
  std::map<Reason, std::uint64_t> counts;

  void add(Exception exception);
  void add(Exceptions&& other);
};

// Awards beyond the number that the policy plans (planned_count): nothing is refused, somebody decides.
struct BeyondPlan {
  std::uint64_t planned = 0;
  std::uint64_t before = 0;              // given already
  std::vector<std::string> subjects;     // of this run, that are too many, in the order of its documents
};

// What becomes of what was calculated too much.
enum class Treatment : std::uint8_t {
  offset,   // taken off what the payee gets in the same document
  lowered,  // taken off an earlier calculation that is in no settlement yet
  recover,  // was paid: left to be recovered
  unpaid,   // stands in a settlement that is not paid: once that is returned, a run takes it off
};

// Too much was calculated earlier, as after a death that was reported late.
struct Recovery {
  std::string subject;
  RegionCode region;
  ProviderId payee;
  Month period;
  Money amount;                                      // positive
  std::vector<std::pair<ShareFund, Money>> shares;   // of it, by the fund that bore it
  Treatment treatment = Treatment::recover;
  std::optional<Month> given = {};  // for which it was last given, where that is once, whatever the period
};

// The allotment of a region does not suffice: its documents are not to be submitted.
struct Shortfall {
  FundId fund;
  RegionCode region;
  Money needed;
  Money allotted;
  Money by() const { return needed - allotted; }
};

struct PlannedDocument {
  Command command;  // complete but for its id
  RegionCode region;
  ProviderId payee;  // of a calculation or its reduction
  Sum sum;
  bool covered = true;  // the allotment of its region suffices
  std::optional<Rejection> refusal = {};  // what the rules say to it: it counts in no sum of the plan
};

struct Plan {
  std::vector<PlannedDocument> documents;
  Sum all;
  std::map<RegionCode, Sum> by_region;
  std::map<ProviderId, Sum> by_payee;                  // none of vouchers
  std::map<std::pair<Code, FundId>, Money> by_share;   // by level and fund
  std::uint64_t subjects = 0;  // people or providers that were looked at
  // What other levels bear of lines that are lowered: it can be calculated only when that is recorded.
  Money follows;
  Exceptions exceptions;
  std::map<Reason, std::uint64_t> outside;  // those whom the programme is not for: counted, not named
  std::optional<BeyondPlan> beyond_plan;
  bool not_over = false;  // what was delivered is paid, and more may be until the period's last day
  std::vector<Recovery> recoveries;
  std::vector<Shortfall> shortfalls;
  Comparison comparison;
};

// What has been looked at, of how much.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Precondition: the policy and the programme are known, and of a form that is run (is_run()).
// Errors: those of the store and the vault; invalid_argument when the policy cannot be computed with.
Result<Plan> plan_run(const View& view, const Vault& vault, const Run& run,
                      const Progress& progress);
bool is_run(Instrument instrument);

// Settlements of what is in none yet: one a payee, in the order of payees. Of redemptions those until
// the end of the period, of calculations all of the programme.
Result<Plan> plan_settlements(const View& view, const Run& run);

// The id of a planned command: derived from programme, period and content, so that the same
// document has the same id. One that was recorded before, and is due once more, gets another.
inline constexpr std::string_view kRunIds = "run-";  // what they begin with
Result<CommandId> command_id(const View& view, const Run& run, const Command& command);

}  // namespace fundtrail::planning
