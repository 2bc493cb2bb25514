// 资金来龙去脉: one fund, by region and programme. What flowed through every stage, where the money
// is now, and the postings behind every figure.
#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/flow_stage.h"
#include "reports/making.h"

namespace fundtrail::reports {
namespace {

using Entries = std::vector<std::uint64_t>;

struct Figure {
  Money amount;
  Entries behind;
  void append(const Figure& more, bool trace) {
    amount += more.amount;
    if (trace) behind.insert(behind.end(), more.behind.begin(), more.behind.end());
  }
  void add(const Money& more, std::uint64_t entry, bool trace) {
    amount += more;
    if (trace && (behind.empty() || behind.back() != entry)) behind.push_back(entry);
  }
};

// One line of the tables: a region and a programme, either of which may be empty.
struct Place {
  std::string region;
  std::string programme;
  friend auto operator<=>(const Place&, const Place&) = default;
};
struct PlaceLess {
  using is_transparent = void;
  using Views = std::pair<std::string_view, std::string_view>;
  static Views views(const Place& p) { return {p.region, p.programme}; }
  static const Views& views(const Views& v) { return v; }
  template <class A, class B>
  bool operator()(const A& a, const B& b) const { return views(a) < views(b); }
};

struct Line {
  std::array<Figure, kFlowStages> flow;
  std::array<Figure, kFundAccounts> state;
};

// A posting as it is listed.
struct Listed {
  std::uint64_t entry;
  Date date;
  std::uint8_t kind;
  FundAccount account;
  Side side;
  std::optional<FlowStage> stage;
  Money amount;
  const Place* place;
  std::uint32_t counterparty;  // number of the name
};

// Everything that one pass over the entries finds.
class Flow {
 public:
  Flow(const FundId& fund, const Request& request, const Period& period)
      : fund_(fund.str()), region_(request.region),
        period_(period), flows_from_(request.from.value_or(first_date())),
        trace_(request.entries) {}

  Status read(const View& view) {
    std::atomic<bool> trace(trace_);  // until the listing has grown too long
    return scan_entries<Flow>(
        view, all_kinds(), View::Lines::without, [&] { return Flow(*this, trace.load()); },
        [](Flow& part, const Glance& entry) {
          if (entry.date <= part.period_.last) part.take(entry);
          return success();
        },
        [&](Flow part) {
          append(std::move(part));
          trace = trace_;
          return success();
        });
  }

  const std::map<Place, Line, PlaceLess>& lines() const { return lines_; }
  const std::vector<Listed>& listed() const { return listed_; }
  const std::string& counterparty(std::uint32_t number) const { return counterparties_[number]; }
  // False when a listing was asked for but would have grown too long.
  bool listing_complete() const { return !overflow_; }
  // The earliest business date of the fund's postings, or that of an empty period.
  Date first() const { return first_.value_or(period_.as_of); }

 private:
  // Of the same questions, with nothing read yet.
  Flow(const Flow& other, bool trace)
      : fund_(other.fund_), region_(other.region_), period_(other.period_),
        flows_from_(other.flows_from_), trace_(trace) {}

  // What follows this in the chain.
  void append(Flow part) {
    if (part.first_) first_ = std::min(first_.value_or(*part.first_), *part.first_);
    std::map<const Place*, const Place*> places;
    for (auto& [place, line] : part.lines_) {
      auto& [mine, sums] = at({place.region, place.programme});
      places[&place] = &mine;
      for (std::size_t i = 0; i < kFlowStages; ++i) sums.flow[i].append(line.flow[i], trace_);
      for (std::size_t i = 0; i < kFundAccounts; ++i) sums.state[i].append(line.state[i], trace_);
    }
    if (part.overflow_ || (trace_ && listed_.size() + part.listed_.size() > kMaxListed)) overflow();
    if (!trace_) return;
    for (auto& listed : part.listed_) {
      listed.place = places.at(listed.place);
      listed.counterparty = number_of(part.counterparties_[listed.counterparty]);
      listed_.push_back(std::move(listed));
    }
  }

  void overflow() {
    overflow_ = true;
    trace_ = false;
    listed_ = {};
  }

  std::uint32_t number_of(std::string_view counterparty) {
    const auto [found, added] = numbers_.try_emplace(std::string(counterparty),
                                                     std::uint32_t(counterparties_.size()));
    if (added) counterparties_.push_back(found->first);
    return found->second;
  }

  void take(const Glance& entry) {
    if (entry.postings.empty()) return;
    const StageReader stages(entry.postings);
    for (const auto& posting : entry.postings) {
      if (posting.fund != fund_ || (region_ && !lies_in(posting.region, *region_))) continue;
      first_ = std::min(first_.value_or(entry.date), entry.date);
      auto& [place, line] = at({posting.region, posting.programme});
      line.state[std::size_t(posting.account)].add(posting.effect(), entry.index, trace_);
      auto staged = stages.stage_of(posting);
      if (staged && entry.date < flows_from_) staged.reset();
      if (staged) line.flow[std::size_t(staged->stage)].add(staged->amount, entry.index, trace_);
      if (trace_) list(entry, posting, staged, place);
    }
  }

  std::pair<const Place, Line>& at(const PlaceLess::Views& key) {
    if (latest_ && PlaceLess::views(latest_->first) == key) return *latest_;
    auto found = lines_.find(key);
    if (found == lines_.end()) {
      found = lines_.try_emplace({std::string(key.first), std::string(key.second)}).first;
    }
    latest_ = &*found;
    return *latest_;
  }

  void list(const Glance& entry, const GlancedPosting& posting,
            const std::optional<Staged>& staged, const Place& place) {
    if (listed_.size() == kMaxListed) return overflow();
    listed_.push_back({entry.index, entry.date, std::uint8_t(entry.kind), posting.account,
                       posting.side,
                       staged ? std::optional(staged->stage) : std::nullopt, posting.amount, &place,
                       number_of(posting.counterparty)});
  }

  // What a person can still page through and a report can hold in memory.
  static constexpr std::size_t kMaxListed = 200'000;

  std::string fund_;
  std::optional<RegionCode> region_;
  Period period_;
  Date flows_from_;
  bool trace_;
  std::optional<Date> first_;
  bool overflow_ = false;
  std::map<Place, Line, PlaceLess> lines_;
  std::pair<const Place, Line>* latest_ = nullptr;
  std::vector<Listed> listed_;
  std::map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> counterparties_;
};

template <std::size_t N>
void append_figures(const std::array<const Figure*, N>& figures, Row& row, bool traced) {
  for (const Figure* figure : figures) {
    if (traced && !figure->behind.empty()) row.behind[row.cells.size()] = figure->behind;
    row.cells.emplace_back(figure->amount);
  }
}

Row place_row(const Place& place, const NameBook& names) {
  return {{names.label(NameOf::region, place.region),
           names.label(NameOf::programme, place.programme)}};
}

const std::vector<Column> kPlaceColumns = {{"region", {"区划", "Region"}},
                                           {"programme", {"项目", "Programme"}}};

// The totals of a table: one a programme when there are several, then one of everything.
template <class RowOf>
void add_totals(const Flow& flow, const NameBook& names, const RowOf& row_of, Section& section) {
  std::map<std::string, Line> programmes;
  Line all;
  for (const auto& [place, line] : flow.lines()) {
    for (Line* sum : {&programmes[place.programme], &all}) {
      for (std::size_t i = 0; i < kFlowStages; ++i) sum->flow[i].amount += line.flow[i].amount;
      for (std::size_t i = 0; i < kFundAccounts; ++i) sum->state[i].amount += line.state[i].amount;
    }
  }
  if (programmes.size() > 1) {
    for (const auto& [programme, line] : programmes) {
      Row row{{Label{"subtotal", {"小计", "Subtotal"}}, names.label(NameOf::programme, programme)}};
      row_of(line, row);
      section.totals.push_back(std::move(row));
    }
  }
  Row row{{Label{"total", total_words()}, {}}};
  row_of(all, row);
  section.totals.push_back(std::move(row));
}

Section flow_section(const Flow& flow, const NameBook& names) {
  Section section{"flow", {"资金流经", "What flowed through"}, kPlaceColumns, {}, {}};
  for (std::size_t i = 0; i < kFlowStages; ++i) {
    const auto stage = FlowStage(i);
    section.columns.push_back(
        {std::string(name_of(stage)), words_of(stage), ColumnType::money, true});
  }
  const auto row_of = [&](const Line& line, Row& row) {
    std::array<const Figure*, kFlowStages> figures;
    std::transform(line.flow.begin(), line.flow.end(), figures.begin(),
                   [](const Figure& figure) { return &figure; });
    append_figures(figures, row, flow.listing_complete());
  };
  for (const auto& [place, line] : flow.lines()) {
    section.rows.push_back(place_row(place, names));
    row_of(line, section.rows.back());
  }
  add_totals(flow, names, row_of, section);
  return section;
}

Money sum_of_states(const Line& line) {
  Money sum;
  for (const auto& about : fund_accounts()) {
    if (is_state(about.account)) sum += line.state[std::size_t(about.account)].amount;
  }
  return sum;
}

// Every state in its order, the sum of them, and what is only promised.
Section state_section(const Flow& flow, const NameBook& names) {
  Section section{"where_now", {"资金现状", "Where the money is now"}, kPlaceColumns, {}, {}};
  for (const auto& about : fund_accounts()) {
    if (!is_state(about.account)) continue;
    section.columns.push_back({std::string(name_of(about.account)), label_of(about.account).words,
                               ColumnType::money, true});
  }
  section.columns.push_back({"states", {"各状态合计", "All states"}, ColumnType::money});
  section.columns.push_back({"pledged", {"配套承诺未到（备查）", "Pledged, not received (memo)"},
                             ColumnType::money, true});
  const auto row_of = [&](const Line& line, Row& row) {
    const bool traced = flow.listing_complete();
    for (const auto& about : fund_accounts()) {
      if (!is_state(about.account)) continue;
      append_figures(std::array{&line.state[std::size_t(about.account)]}, row, traced);
    }
    row.cells.emplace_back(sum_of_states(line));
    append_figures(std::array{&line.state[std::size_t(FundAccount::pledged)]}, row, traced);
  };
  for (const auto& [place, line] : flow.lines()) {
    section.rows.push_back(place_row(place, names));
    row_of(line, section.rows.back());
  }
  add_totals(flow, names, row_of, section);
  return section;
}

Section listing(const Flow& flow, const NameBook& names) {
  Section section{"entries", {"明细：数字背后的记录", "Entries behind the figures"}, {}, {}, {}};
  section.columns = {{"entry", {"记录号", "Entry"}, ColumnType::entry},
                     {"date", {"日期", "Date"}, ColumnType::date},
                     {"kind", {"单据", "Document"}},
                     {"region", {"区划", "Region"}},
                     {"programme", {"项目", "Programme"}},
                     {"counterparty", {"往来单位", "Counterparty"}, ColumnType::text, true},
                     {"account", {"科目", "Account"}},
                     {"debit", {"借方", "Debit"}, ColumnType::money},
                     {"credit", {"贷方", "Credit"}, ColumnType::money},
                     {"stage", {"计入", "Counted in"}}};
  section.rows.reserve(flow.listed().size());
  for (const auto& item : flow.listed()) {
    Row row{{item.entry, item.date, label_of_kind(item.kind),
             names.label(NameOf::region, item.place->region),
             names.label(NameOf::programme, item.place->programme)}};
    const auto& counterparty = flow.counterparty(item.counterparty);
    if (counterparty.empty()) row.cells.emplace_back();
    else row.cells.emplace_back(names.counterparty(counterparty));
    row.cells.emplace_back(label_of(item.account));
    row.cells.emplace_back(item.side == Side::debit ? Cell(item.amount) : Cell());
    row.cells.emplace_back(item.side == Side::credit ? Cell(item.amount) : Cell());
    if (item.stage) {
      row.cells.emplace_back(Label{std::string(name_of(*item.stage)), words_of(*item.stage)});
    } else {
      row.cells.emplace_back();
    }
    section.rows.push_back(std::move(row));
  }
  section.notes.push_back({"“计入”为上表“资金流经”的栏目，贷方计入“下达”“核销”“结算”的从该栏扣减；"
                           "按科目筛选，借方减贷方即“资金现状”的余额。",
                           "\"Counted in\" names the column of the first table, where credits counted in Allotted, "
                           "Accrued and Settled are taken off; filtered by account, debits less credits give the "
                           "balances of the second."});
  return section;
}

// What the turnover rows, kept beside the entries, say of every state.
Result<Money> states_by_turnovers(const View& view, const FundId& fund, const Request& request,
                                  const Period& period) {
  Money sum;
  const auto seen = view.turnovers(
      first_date(), period.last,
      [&](Date, FundAccount account, const Dimensions& at, const store::Turnover& turnover) {
        if (at.fund != fund || !in_region(request, at.region.str())) return;
        if (is_state(account)) sum += turnover.debit - turnover.credit;
      });
  if (!seen.ok()) return seen.error();
  return sum;
}

Status add_checks(const View& view, const FundId& fund, const Request& request,
                  const Period& period, const Flow& flow, Report& report) {
  Money states, sources, cash, spent;
  for (const auto& [place, line] : flow.lines()) {
    states += sum_of_states(line);
    sources += line.state[std::size_t(FundAccount::source)].amount;
    for (const auto& about : fund_accounts()) {
      if (!is_state(about.account)) continue;
      (holds_cash(about.account) ? cash : spent) += line.state[std::size_t(about.account)].amount;
    }
  }
  // A single region also spends what the district allotted to it: its states are not its sources.
  if (!request.region) {
    report.checks.push_back({"states_equal_sources",
                             {"各状态余额合计 = 资金来源", "Sum of all states = sum of sources"},
                             states, sources});
    report.checks.push_back(
        {"cash_equals_cash_states",
         {"账户应有现金（来源 - 已出账户）= 账户内各状态余额合计",
          "Cash that must be in the account (sources - gone out) = sum of the states in the account"},
         sources - spent, cash});
  }
  const auto turnovers = states_by_turnovers(view, fund, request, period);
  if (!turnovers.ok()) return turnovers.error();
  report.checks.push_back({"entries_equal_turnovers",
                           {"逐笔记录合计 = 账上余额", "Sum of the entries = balances on the books"},
                           states, turnovers.value()});
  return success();
}

}  // namespace

Result<Report> make_fund_flow(const View& view, const Request& request) {
  const auto names = NameBook::read(view);
  if (!names.ok()) return names.error();
  const auto fund = fund_of(names.value(), request);
  if (!fund.ok()) return fund.error();
  const auto period = period_of(view, request);
  if (!period.ok()) return period.error();
  Flow flow(fund.value(), request, period.value());
  const auto read = flow.read(view);
  if (!read.ok()) return read.error();

  Report report = report_head(view, request, period.value());
  if (!request.from) report.from = flow.first();
  report.parameters.push_back(
      {"fund", {"资金", "Fund"}, names.value().label(NameOf::fund, fund.value().str())});
  if (auto named = name_region(names.value(), request, report); !named.ok()) return named.error();
  report.sections.push_back(flow_section(flow, names.value()));
  report.sections.push_back(state_section(flow, names.value()));
  if (request.entries && flow.listing_complete()) {
    report.sections.push_back(listing(flow, names.value()));
  } else if (request.entries) {
    report.notes.push_back({"记录过多，明细未列出：请按区划查询。",
                            "Too many entries to list them: ask for one region."});
  }
  const auto checked =
      add_checks(view, fund.value(), request, period.value(), flow, report);
  if (!checked.ok()) return checked.error();
  return report;
}

}  // namespace fundtrail::reports
