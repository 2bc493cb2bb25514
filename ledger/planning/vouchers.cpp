// Vouchers for everybody who is entitled to them and does not hold them yet.
#include <algorithm>

#include "ledger/core/in_order.h"
#include "ledger/engine/ages.h"
#include "ledger/planning/concern.h"
#include "ledger/planning/people.h"
#include "ledger/planning/planners.h"
#include "ledger/rules/decide.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/person.h"
#include "ledger/rules/policy_force.h"
#include "ledger/rules/voucher_blocks.h"
#include "ledger/rules/voucher_terms.h"

namespace fundtrail::planning {
namespace {

// A month and a region: what one document is about. A person stands once for each voucher.
using Holders = std::map<std::pair<Month, RegionCode>, std::vector<Pseudonym>>;

// What the vouchers of somebody are worth: of the period before, and of this one.
struct Holding {
  Pseudonym id;
  Money before;
  Money now;
};

// Which version the vouchers of a month follow. Where none does, the run's own, under which they are refused.
struct MonthTerms {
  PolicyRef policy;
  VoucherTerms voucher;
};
using TermsOfMonths = std::map<Month, MonthTerms>;  // of the run and of the period before it

struct Part {
  Holders lacking;
  std::vector<Holding> holdings;  // of everybody, ascending
};

// Who holds fewer vouchers than the terms give, whether they are entitled or not.
Part lacking_in(SnapshotState& state, const KeyRange& range, const TermsOfMonths& terms, const Run& run) {
  Part part;
  for (const Person& person : people_in(state, range)) {
    const rules::BeneficiaryView row(*state.find(rules::beneficiary_key(person.id)));
    Holding& holding = part.holdings.emplace_back(Holding{person.id, {}, {}});
    const auto held_in = [&](Month month) {
      return row.issued_in(run.programme, terms.at(month).voucher.face, month);
    };
    const auto history = rules::facts_of(state, person.id);
    for (Month month = run.from; month <= run.last(); month = month.plus(1)) {
      holding.before += held_in(month.plus(-run.months));
      Money held = held_in(month);
      holding.now += held;
      const auto& of = terms.at(month).voucher;
      const Money limit = of.face * static_cast<std::int64_t>(of.max_per_month);
      // Where the rules look for whoever is to have the month's vouchers.
      const auto& region =
          rules::facts_on(history, std::max(month.first_day(), person.entitled_from)).region;
      for (; held + of.face <= limit; held += of.face) part.lacking[{month, region}].push_back(person.id);
    }
  }
  return part;
}

VoucherIssue document_of(const Run& run, const VoucherTerms& terms,
                         const std::pair<Month, RegionCode>& at) {
  VoucherIssue d;
  d.fund = run.funds.at(0).fund;
  d.month = at.first;
  d.programme = run.programme;
  d.region = at.second;
  d.valid_from = at.first.first_day();
  d.valid_to = rules::last_valid_day(at.first, terms);
  return d;
}

// Numbers of a month, one after the other, from the first that is free.
class Series {
 public:
  Series(const store::Snapshot& snapshot, const Run& run, Month month) : name_(run.series) {
    if (name_.empty()) name_ = series_of(run.programme, month);
    const auto blocks = rows_under(snapshot, std::string("V") + name_ + '\0');
    if (blocks.empty()) return;
    // The last block's last slot that is taken; its number stands in the key.
    const auto& [key, status] = blocks.back();
    std::uint32_t block = 0;
    for (std::size_t i = key.size() - 4; i < key.size(); ++i) {
      block = block << 8 | static_cast<unsigned char>(key[i]);
    }
    auto taken = static_cast<std::uint32_t>(status.size());
    while (taken > 0 && status[taken - 1] == static_cast<char>(rules::VoucherStatus::none)) --taken;
    next_ = block * rules::kBlock + taken;
  }
  VoucherNumber take() { return VoucherNumber(name_, next_++); }
  VoucherNumber at(std::uint32_t offset) const { return VoucherNumber(name_, next_ + offset); }
  bool has(std::size_t numbers) const { return next_ + numbers <= VoucherNumber::kMaxSerial; }

 private:
  std::string name_;
  std::uint32_t next_ = 1;
};

// A document that is only asked about.
struct Trial {
  std::pair<Month, RegionCode> at;
  std::vector<Pseudonym> people;
};
struct Judged {
  Trial trial;
  std::optional<rules::Refused> refused;
};

// Of the version of the month, which a newer one may have replaced by the day of the run.
Command issue_of(const Run& run, const MonthTerms& terms, VoucherIssue d) {
  Command command = command_of(run, std::move(d));
  command.policy = terms.policy;
  return command;
}

// Throws rules::StateUnreadable with the vault's errors.
Judged judge(const rules::StateSource& state, const SealedOf& sealed_of, const Vault& vault,
             const Run& run, const MonthTerms& terms, const Series& series, Trial trial) {
  VoucherIssue d = document_of(run, terms.voucher, trial.at);
  for (std::size_t i = 0; i < trial.people.size(); ++i) {
    d.lines.push_back({trial.people[i], terms.voucher.face, series.at(static_cast<std::uint32_t>(i))});
  }
  Command command = issue_of(run, terms, std::move(d));
  make_room_for_births(state, command);
  if (const auto found = find_births(vault, sealed_of, command); !found.ok()) {
    throw rules::StateUnreadable{found.error()};
  }
  auto decision = rules::decide(state, command);
  auto* refused = std::get_if<rules::Refused>(&decision);
  // Whether there is enough money is asked about all documents of a region together.
  if (refused != nullptr && refused->reason.reason != Reason::insufficient_balance) {
    return {std::move(trial), std::move(*refused)};
  }
  return {std::move(trial), std::nullopt};
}

// Leaves those whom the rules let have a voucher. Of the others those are exceptions whom `concerned`
// knows; a person stands once, however many vouchers are refused.
template <class Concerned>
std::vector<Pseudonym> entitled(Judged&& judged, const Concerned& concerned, Plan& plan) {
  auto people = std::move(judged.trial.people);
  if (!judged.refused) return people;
  const auto& [month, region] = judged.trial.at;
  const auto& refused = *judged.refused;
  if (!refused.reason.line) {
    plan.exceptions.add({{}, region, month, refused.reason});
    if (refused.refused_lines.empty()) return {};
  }
  std::vector<bool> out(people.size());
  for (const auto& line : refused.refused_lines) {
    const std::size_t at = *line.line;
    out[at] = true;
    if (at > 0 && out[at - 1] && people[at] == people[at - 1]) continue;
    if (concerned(people[at], line.reason)) {
      plan.exceptions.add({people[at].str(), region, month,
                           {line.reason, "beneficiary", line.subject, line.detail, {}}});
    } else {
      ++plan.outside[line.reason];
    }
  }
  if (!refused.reason.line) return {};
  std::size_t i = 0;
  std::erase_if(people, [&](const Pseudonym&) { return out[i++]; });
  return people;
}

TermsOfMonths terms_of_months(const View& view, const Policy& policy, const Run& run) {
  const SnapshotState state(view.raw());
  TermsOfMonths terms;
  for (Month month = run.from.plus(-run.months); month <= run.last(); month = month.plus(1)) {
    MonthTerms& of = terms[month] = {policy.ref(), *policy.voucher};
    const auto ref = rules::version_of_month(state, policy.ref(), month);
    if (!ref || *ref == policy.ref()) continue;
    const Policy version = rules::decode_policy(*state.find(rules::policy_key(*ref)));
    const Programme* programme = version.programme(run.programme);
    if (programme && programme->instrument == Instrument::voucher) of = {*ref, version.voucher.value()};
  }
  return terms;
}

class VoucherPlanner {
 public:
  VoucherPlanner(const View& view, const Vault& vault, TermsOfMonths terms, const Run& run,
                 const Progress& progress)
      : view_(view), vault_(vault), terms_(std::move(terms)), run_(run), progress_(progress) {
    for (Month month = run.from; month <= run.last(); month = month.plus(1)) {
      series_.emplace(month, Series(view.raw(), run, month));
    }
  }

  Plan plan() {
    const Holders lacking = find_lacking();
    Holders holders = judge_all(lacking);
    leave_out_late(holders);
    leave_out_returned(holders);
    for (const auto& [at, people] : holders) issue(at, people);
    for (const auto& holding : holdings_) plan_.comparison.count(holding.before, holding.now);
    plan_.subjects = holdings_.size();
    return std::move(plan_);
  }

 private:
  Holders find_lacking() {
    PerThread<SnapshotState> states([&](std::size_t) { return SnapshotState(view_.raw()); });
    Holders lacking;
    std::uint64_t next = 0, done = 0;
    InOrder<std::uint64_t, Part> order;
    order.take = [&]() { return next == kRanges ? std::nullopt : std::optional(next++); };
    order.work = [&](std::size_t thread, std::uint64_t number) {
      SnapshotState& state = states.of(thread);
      auto part = lacking_in(state, range_of(number), terms_, run_);
      state.forget();
      return part;
    };
    order.fold = [&](Part part) {
      holdings_.insert(holdings_.end(), part.holdings.begin(), part.holdings.end());
      for (auto& [at, people] : part.lacking) {
        auto& all = lacking[at];
        all.insert(all.end(), people.begin(), people.end());
      }
      progress_(++done, kRanges);
      return true;
    };
    order.run();
    return lacking;
  }

  Holders judge_all(const Holders& lacking) {
    PerThread<SnapshotState> states([&](std::size_t) { return SnapshotState(view_.raw()); });
    const Concern concern(view_.raw(), run_);
    SnapshotState state(view_.raw());
    const auto concerned = [&](Pseudonym person, Reason why) {
      if (holding_of(person).before.is_positive()) return true;
      const bool left_out = concern.left_out(state, person, why, [] { return true; });
      state.forget();
      return left_out;
    };
    Holders holders;
    auto group = lacking.begin();
    std::size_t at = 0;
    InOrder<Trial, Judged> order;
    order.take = [&]() -> std::optional<Trial> {
      if (group == lacking.end()) return std::nullopt;
      const auto& people = group->second;
      const std::size_t end = std::min(at + kMaxLines, people.size());
      Trial trial{group->first, {people.begin() + std::ptrdiff_t(at), people.begin() + std::ptrdiff_t(end)}};
      at = end;
      if (at == people.size()) {
        ++group;
        at = 0;
      }
      return trial;
    };
    order.work = [&](std::size_t thread, Trial trial) {
      SnapshotState& state = states.of(thread);
      const Series& series = series_.at(trial.at.first);
      const auto sealed_of = [&](const Pseudonym& person) {
        return view_.raw().get(store::Table::vault, person.str());
      };
      auto judged = judge(state, sealed_of, vault_, run_, terms_.at(trial.at.first), series, std::move(trial));
      state.forget();
      return judged;
    };
    order.fold = [&](Judged judged) {
      const auto at = judged.trial.at;
      const auto people = entitled(std::move(judged), concerned, plan_);
      auto& all = holders[at];
      all.insert(all.end(), people.begin(), people.end());
      return true;
    };
    order.run();
    return holders;
  }

  // On its last day a voucher may be issued by hand; by the hundred nobody could use them any more.
  void leave_out_late(Holders& holders) {
    for (auto& [at, people] : holders) {
      const Date last = rules::last_valid_day(at.first, terms_.at(at.first).voucher);
      if (people.empty() || run_.date < last) continue;
      const std::string window = at.first.plus(-1).first_day().str() + ".." + (last + -1).str();
      plan_.exceptions.add({{}, at.second, at.first, {Reason::invalid_value, "date", run_.date.str(), window, {}}});
      people.clear();
    }
  }

  // What somebody gave back for a month that is past is not pressed on them again: it may be issued by hand.
  void leave_out_returned(Holders& holders) {
    std::map<std::pair<Month, Pseudonym>, std::optional<VoucherNumber>> returned;
    for (const auto& [at, people] : holders) {
      if (run_.date <= at.first.last_day()) continue;
      for (const auto& person : people) returned.emplace(std::pair(at.first, person), std::nullopt);
    }
    if (returned.empty()) return;
    find_returned(returned);
    for (auto& [at, people] : holders) {
      std::optional<Pseudonym> told;
      std::erase_if(people, [&](const Pseudonym& person) {
        const auto found = returned.find({at.first, person});
        if (found == returned.end() || !found->second) return false;
        if (told != person) {
          plan_.exceptions.add({person.str(), at.second, at.first,
                                {Reason::voucher_returned, "beneficiary", found->second->str(), {}, {}}});
        }
        told = person;
        return true;
      });
    }
  }

  // Of those who are asked about, a voucher of the month that came back. Throws rules::StateUnreadable.
  void find_returned(std::map<std::pair<Month, Pseudonym>, std::optional<VoucherNumber>>& returned) {
    std::vector<std::uint64_t> issues;
    each_row_under(view_.raw(), "I", [&](std::string_view key, std::string_view row) {
      const auto issue = rules::IssueRow::decode(row);
      const auto first = returned.lower_bound({issue.month, Pseudonym()});
      if (issue.at.programme != run_.programme || first == returned.end() || first->first.first != issue.month) return;
      issues.push_back(rules::get_big_endian(key.data() + 1, 8));
    });
    SnapshotState state(view_.raw());
    for (const auto index : issues) {
      const auto entry = view_.decoded(index);
      if (!entry.ok()) throw rules::StateUnreadable{entry.error()};
      const auto& issue = std::get<VoucherIssue>(entry->document);
      rules::VoucherBlocks blocks(state);
      for (const auto& line : issue.lines) {
        const auto asked = returned.find({issue.month, line.beneficiary});
        if (asked == returned.end()) continue;
        if (blocks.find(line.voucher).status == rules::VoucherStatus::returned) asked->second = line.voucher;
      }
      state.forget();
    }
  }

  void issue(const std::pair<Month, RegionCode>& at, const std::vector<Pseudonym>& people) {
    Series& series = series_.at(at.first);
    if (!series.has(people.size())) {
      plan_.exceptions.add({{}, at.second, at.first,
                            {Reason::serial_taken, "series", series.at(0).str(), {}, {}}});
      return;
    }
    for (std::size_t from = 0; from < people.size(); from += kMaxLines) {
      const MonthTerms& terms = terms_.at(at.first);
      const Money& face = terms.voucher.face;
      VoucherIssue d = document_of(run_, terms.voucher, at);
      for (std::size_t i = from; i < std::min(from + kMaxLines, people.size()); ++i) {
        holding_of(people[i]).now += face;
        d.lines.push_back({people[i], face, series.take()});
      }
      PlannedDocument planned;
      planned.region = at.second;
      planned.sum.documents = 1;
      planned.sum.lines = d.lines.size();
      planned.sum.amount = face * static_cast<std::int64_t>(d.lines.size());
      planned.command = issue_of(run_, terms, std::move(d));
      plan_.documents.push_back(std::move(planned));
    }
  }

  Holding& holding_of(Pseudonym id) {
    return *std::lower_bound(holdings_.begin(), holdings_.end(), id,
                             [](const Holding& h, Pseudonym wanted) { return h.id < wanted; });
  }

  const View& view_;
  const Vault& vault_;
  const TermsOfMonths terms_;
  const Run& run_;
  const Progress& progress_;
  std::map<Month, Series> series_;
  std::vector<Holding> holdings_;  // ascending
  Plan plan_;
};

}  // namespace

std::string series_of(const ProgrammeId& programme, Month month) {
  constexpr std::size_t kSeries = 16;
  std::string digits;
  for (const char c : month.str()) {
    if (c != '-') digits += c;
  }
  std::string name;
  for (const char c : programme.str()) {
    if (name.size() + digits.size() == kSeries) break;
    if (c >= 'a' && c <= 'z') name += static_cast<char>(c - 'a' + 'A');
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) name += c;
  }
  return name + digits;
}

Result<Plan> plan_vouchers(const View& view, const Vault& vault, const Policy& policy,
                           const Run& run, const Progress& progress) {
  if (!policy.voucher) return Error{Fault::invalid_argument, run.policy.str()};
  return VoucherPlanner(view, vault, terms_of_months(view, policy, run), run, progress).plan();
}

}  // namespace fundtrail::planning
