// How long does a quarter of a whole programme take? Every elder gets an allowance by age: planned from
// a picture, recorded in documents of 1,000 lines, and run again. Registering the elders does not count.
#include <fmt/format.h>

#include "api/bench/bench.h"
#include "api/bench/machine.h"
#include "api/run/commit.h"
#include "ledger/planning/plan.h"

namespace fundtrail::api::bench {
namespace {

constexpr char kFund[] = "BENCH-2008";  // of the workload
constexpr std::uint32_t kTownElders = 5'000;
constexpr std::int64_t kTownYuan = 100'000'000;

template <class T>
T must(std::optional<T> value) {
  FT_CHECK(value.has_value());
  return std::move(*value);
}
Text text(std::string_view value) { return must(Text::parse(value)); }
template <class T>
T id(std::string_view value) { return must(T::parse(value)); }

const Timestamp kTime = *Timestamp::parse("2026-01-01T09:00:00+08:00");

TariffBand band(const char* name, std::optional<std::uint64_t> from, std::optional<std::uint64_t> to,
                std::int64_t fen) {
  TariffBand band;
  band.age_from = from;
  band.age_to = to;
  band.amount = Money::of_fen(fen);
  band.id = id<Code>(name);
  band.title = text(name);
  return band;
}

Policy policy() {
  Policy p;
  p.document_no = text("合成〔2025〕1号");
  p.in_force_from = must(Date::parse("2025-01-01"));
  p.issuer = text("合成区人民政府");
  p.name = id<PolicyName>("bench-allowance");
  p.title = text("性能测试用高龄津贴（合成）");
  Programme programme;
  programme.id = id<ProgrammeId>("allowance");
  programme.instrument = Instrument::allowance;
  programme.name = text("高龄津贴");
  programme.purpose = text("高龄津贴");
  EntitlementTerms terms;
  terms.cycle = Cycle::quarter;
  terms.payee = PayeeKind::paying_agent;
  terms.tariff = {band("a90", 90, {}, 20'000), band("a80", 80, 89, 10'000), band("a70", 70, 79, 5'000)};
  programme.entitlement = std::move(terms);
  p.programmes = {std::move(programme)};
  return p;
}

Command command(Role role, std::string_view name, Document document, bool obeys) {
  Command c;
  c.actor = {id<ActorId>(role == Role::registrar ? "zhou.jing" : "wang.fang"), role};
  c.id = id<CommandId>(name);
  c.date = must(Date::parse("2025-01-02"));
  c.time = kTime;
  if (obeys) c.policy = PolicyRef{id<PolicyName>("bench-allowance"), 1};
  c.document = std::move(document);
  return c;
}

Status add_programme(Ledger& ledger, std::uint32_t elders) {
  const std::uint32_t towns = (elders + kTownElders - 1) / kTownElders;
  const Money each = Money::of_fen(kTownYuan * 100);
  std::vector<Command> list = {
      command(Role::registrar, "allowance-policy", PolicyRegistration{policy()}, false)};
  FundReceipt receipt;
  receipt.account = id<DesignatedAccountId>("bench-zhuanzhang");
  receipt.amount = each * towns;
  receipt.bank_reference = id<Reference>("BENCH-0002");
  receipt.document_no = text("合成指〔2025〕1号");
  receipt.fund = id<FundId>(kFund);
  list.push_back(command(Role::preparer, "allowance-money", receipt, false));
  for (std::uint32_t i = 1; i <= towns; ++i) {
    Allotment allotment;
    allotment.amount = each;
    allotment.document_no = text("合成社〔2025〕1号");
    allotment.fund = id<FundId>(kFund);
    allotment.programme = id<ProgrammeId>("allowance");
    allotment.region = id<RegionCode>(fmt::format("320412{:03}", i));
    list.push_back(command(Role::preparer, fmt::format("allowance-{}", i), allotment, true));
  }
  return submit_all(ledger, std::move(list), BatchMode::atomic);
}

planning::Run quarter(const char* first) {
  planning::Run run;
  run.policy = {id<PolicyName>("bench-allowance"), 1};
  run.programme = id<ProgrammeId>("allowance");
  run.from = must(Month::parse(first));
  run.months = 3;
  run.funds = {{id<FundId>(kFund), id<Code>("all")}};
  run.payee = id<ProviderId>("p-001");
  run.actor = {id<ActorId>("wang.fang"), Role::preparer};
  run.date = must(Date::parse("2025-12-31"));
  run.time = kTime;
  return run;
}

// Seconds of planning and of recording, and what was recorded.
struct Taken {
  double plan = 0, record = 0;
  run::Outcome outcome;
};
Result<Taken> take(Ledger& ledger, const planning::Run& run) {
  const auto nobody = [](std::uint64_t, std::uint64_t) {};
  Taken taken;
  const Stopwatch planning;
  const auto view = ledger.view();
  auto plan = planning::plan_run(*view, ledger.vault(), run, nobody);
  if (!plan) return plan.error();
  taken.plan = planning.seconds();
  const Stopwatch recording;
  auto outcome = run::commit(ledger, *view, run, *plan);
  if (!outcome) return outcome.error();
  taken.record = recording.seconds();
  taken.outcome = std::move(*outcome);
  if (!taken.outcome.refused.empty() || taken.outcome.waiting != 0) {
    return Error{Fault::invalid_argument, "a document of the run was not recorded"};
  }
  return taken;
}

}  // namespace

Result<Section> measure_run(const Setting& setting) {
  Section section{{"批量核定：全体老人一季度的津贴（按年龄，1,000 行单据）",
                   "a run: a quarter's allowance for every elder, by age (documents of 1,000 lines)"},
                  {}};
  for (const auto elders : setting.populations) {
    setting.progress(section.title);
    auto directory = ScratchDirectory::make(setting.directory, "fundtrail-bench");
    if (!directory) return directory.error();
    auto options = setting.workload();
    options.elders = elders;
    Workload workload(options);
    auto ledger = Ledger::create(directory->path() / "ledger", workload.opening(), setting.ledger());
    if (!ledger) return ledger.error();
    if (auto done = workload.prepare(**ledger); !done) return done.error();
    if (auto done = add_programme(**ledger, elders); !done) return done.error();
    const auto add = [&](const char* name, cli::Message label, const char* unit, double value) {
      section.figures.push_back({fmt::format("run_{}.{}", elders, name), label, unit, {value}});
    };
    setting.progress({"老人已登记，开始核定", "everybody is registered; the run begins"});
    const auto first = take(**ledger, quarter("2025-01"));
    if (!first) return first.error();
    const auto again = take(**ledger, quarter("2025-01"));
    if (!again) return again.error();
    const auto next = take(**ledger, quarter("2025-04"));
    if (!next) return next.error();
    const auto third = take(**ledger, quarter("2025-07"));
    if (!third) return third.error();
    add("elders", {"老人", "elders"}, "people", elders);
    add("lines", {"　入账明细", "  lines recorded"}, "lines", double(first->outcome.lines));
    add("plan", {"　核算", "  planned"}, "s", first->plan);
    add("record", {"　入账", "  recorded"}, "s", first->record);
    add("total", {"　合计", "  in all"}, "s", first->plan + first->record);
    add("again", {"　重复运行", "  run again: nothing to record"}, "s", again->plan + again->record);
    add("next_plan", {"　下一季度：核算", "  the next quarter: planned"}, "s", next->plan);
    add("next", {"　下一季度：合计", "  the next quarter: in all"}, "s", next->plan + next->record);
    add("third_plan", {"　第三季度：核算", "  the third quarter: planned"}, "s", third->plan);
    add("third", {"　第三季度：合计", "  the third quarter: in all"}, "s", third->plan + third->record);
    add("peak", {"　内存峰值", "  peak memory"}, "MiB", double(peak_memory_bytes()) / (1 << 20));
  }
  return section;
}

}  // namespace fundtrail::api::bench
