#include "api/run/request.h"

#include <algorithm>
#include <map>
#include <set>

#include "ledger/core/work_calendar.h"
#include "ledger/planning/snapshot_state.h"
#include "ledger/rules/entitlement.h"
#include "ledger/rules/policy_force.h"
#include "ledger/rules/rows.h"

namespace fundtrail::api::run {
namespace {

using cli::Language;
using cli::Message;

constexpr Message kNoPolicy{"账套里没有政策“{0}”。", "The ledger has no policy \"{0}\"."};
constexpr Message kNoProgramme{"{0} 没有生效的政策有项目“{1}”。",
                               "No policy in force on {0} has a programme \"{1}\"."};
constexpr Message kNotOfPolicy{"政策 {0} 没有项目“{1}”。", "The policy {0} has no programme \"{1}\"."};
constexpr Message kManyPolicies{"项目“{0}”在几项政策里都有（{1}），请用 {2} 指明（名称@版本）。",
                                "Several policies have the programme \"{0}\" ({1}); name one with {2} (NAME@VERSION)."};
constexpr Message kOtherVersion{"{0} 的服务券按当月第一日生效的 {1} 发放，不按 {2}：请省略 {3}，或指明 {1}。",
                                "The vouchers of {0} follow {1}, in force on the month's first day, not {2}: leave {3} "
                                "out, or name {1}."};
constexpr Message kGrant{"项目“{0}”是项目补助，凭发票逐笔结算，不成批核定。",
                         "The programme \"{0}\" pays grants, which are settled one by one against invoices and are not run."};
constexpr Message kPoints{"项目“{0}”是服务积分，逐笔记录，不成批核定。",
                          "The programme \"{0}\" counts service points, which are journalled one by one and are not run."};
constexpr Message kOtherCycle{"项目“{0}”{1}核定一次，期间应写作 {2}。",
                              "The programme \"{0}\" is calculated {1}; write the period as {2}."};
constexpr Message kNotBegun{"期间 {0} 在业务日期 {1} 尚未开始；须核定的，请用 {2} 指明该期间内或之后的日期。",
                            "The period {0} has not begun on the business date {1}; name a day in it or after it with {2}."};
constexpr Message kFunds{"请用 {2}（层级=资金）指明各级由哪项资金承担。层级：{0}；已对该项目下达指标的资金：{1}。",
                         "Name the fund that bears each share with {2} (LEVEL=FUND). Levels: {0}; funds allotted to the programme: {1}."};
constexpr Message kOneLevel{"资金“{0}”不能同时承担“{1}”和“{2}”的份额：请为每级指明各自的资金。",
                            "The fund \"{0}\" cannot bear the shares of both \"{1}\" and \"{2}\": name a fund of its own for each level."};
constexpr Message kPayee{"请用 {1} 指明代发机构（已登记的服务机构）。此前的代发机构：{0}。",
                         "Name the paying agent (a registered provider) with {1}. Agents so far: {0}."};
constexpr Message kRegion{"请用 {1} 指明由哪个区划的指标支付。已下达指标的区划：{0}。",
                          "Name the region whose allotment pays with {1}. Regions with an allotment: {0}."};
constexpr Message kNotUsed{"项目“{1}”的核定不用 {0}（给出的是“{2}”）：{3}",
                           "{0} (\"{2}\") does not go with the programme \"{1}\": {3}"};
constexpr Message kPaysNobody{"服务券发给受益人，不向机构支付。", "vouchers are issued to people, and nobody is paid by that."};
constexpr Message kPaysPeople{"只有机构本身享受的项目才由指定的区划支付，其余按受益人所在区划核定。",
                              "it is for programmes of which providers are the beneficiaries; the others are run for all "
                              "regions, each for those who live there."};
constexpr Message kNoVouchers{"只有服务券才有券号系列。", "it is of the numbers of vouchers."};
constexpr Message kNoProvider{"账套里没有服务机构“{0}”。", "The ledger has no provider \"{0}\"."};
constexpr Message kNoFund{"账套里没有资金“{0}”。", "The ledger has no fund \"{0}\"."};
constexpr Message kUnknownRegion{"账套里没有区划“{0}”。", "The ledger has no region \"{0}\"."};
constexpr Message kNone{"无", "none"};

struct CycleWords {
  Message often;
  std::string_view example;
};
CycleWords words_of(Cycle cycle) {
  switch (cycle) {
    case Cycle::quarter: return {{"每季度", "quarterly"}, "2025Q2"};
    case Cycle::year: return {{"每年", "yearly"}, "2025"};
    case Cycle::month: return {{"每月", "monthly"}, "2025-05"};
    case Cycle::once: return {{"只", "once"}, "2025-05"};
  }
  return {};
}

template <class... Args>
Question ask(std::string_view member, const Message& message, const Args&... args) {
  return {message.in(Language::zh, args...), message.in(Language::en, args...), false, member};
}
Question unknown(Question question) {
  question.unknown = true;
  return question;
}

template <class Range>
std::string joined(const Range& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// What the resolution works with, filled in one after the other; each step answers a question or
// nothing.
class Resolution {
 public:
  Resolution(const View& view, const RunWords& words) : view_(view), state_(view.raw()), words_(words) {}

  std::optional<Question> resolve(Timestamp now) {
    run_.time = now;
    for (const auto step : {&Resolution::plain_words, &Resolution::policy, &Resolution::period,
                            &Resolution::series, &Resolution::funds, &Resolution::payee, &Resolution::region}) {
      if (auto question = (this->*step)()) return question;
    }
    return std::nullopt;
  }
  planning::Run take() { return std::move(run_); }

 private:
  // What somebody who gives the word calls it: a member of a job, or an argument or option of the command line.
  std::string called(std::string_view member) const {
    if (words_.of_job) return std::string(member);
    if (member == "programme") return "PROGRAMME";
    if (member == "period") return "PERIOD";
    return "--" + std::string(member == "funds" ? "fund" : member);
  }

  std::optional<Question> plain_words() {
    constexpr const char* kId = "[A-Za-z0-9._-]{1,64}";
    const auto programme = ProgrammeId::parse(words_.programme);
    if (!programme) return ask("programme", cli::say::kBadOption, called("programme"), words_.programme, kId);
    run_.programme = *programme;
    const auto actor = ActorId::parse(words_.actor);
    if (!actor) return ask("actor", cli::say::kBadOption, called("actor"), words_.actor, kId);
    run_.actor = {*actor, Role::preparer};
    run_.date = run_.time.date();
    if (!words_.date.empty()) {
      const auto date = Date::parse(words_.date);
      if (!date) return ask("date", cli::say::kBadOption, called("date"), words_.date, "YYYY-MM-DD");
      run_.date = *date;
    }
    const auto period = parse_period(words_.period);
    if (!period) return ask("period", cli::say::kBadOption, called("period"), words_.period, "2025-05 | 2025Q2 | 2025");
    run_.from = period->from;
    run_.months = period->months;
    return std::nullopt;
  }

  std::optional<Question> series() {
    const auto& series = words_.series;
    const bool good = series.size() <= 16 && std::all_of(series.begin(), series.end(), [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
    if (!good) return ask("series", cli::say::kBadOption, called("series"), series, "[A-Z0-9]{1,16}");
    if (!series.empty() && programme_.instrument != Instrument::voucher) return not_used("series", series, kNoVouchers);
    run_.series = series;
    return std::nullopt;
  }

  // What is said must count: whoever names a region must not be given the money of all.
  Question not_used(std::string_view member, const std::string& word, const Message& why) const {
    const auto option = called(member);
    const auto& programme = run_.programme.str();
    return {kNotUsed.in(Language::zh, option, programme, word, why.zh),
            kNotUsed.in(Language::en, option, programme, word, why.en), false, member};
  }

  std::optional<Question> policy() {
    if (auto question = some_version()) return question;
    // Vouchers follow the version of their month, whatever the day of the run: here that of the first month whose version
    // has the programme.
    if (programme_.instrument != Instrument::voucher) return std::nullopt;
    std::optional<Policy> first;
    for (Month month = run_.from; month <= run_.last(); month = month.plus(1)) {
      const auto version = rules::version_of_month(state_, run_.policy, month);
      if (!version) continue;
      Policy policy = rules::decode_policy(*state_.find(rules::policy_key(*version)));
      if (policy.programme(run_.programme) == nullptr) {  // it was added later in the period, or dropped
        if (!first) first = std::move(policy);
        continue;
      }
      if (*version == run_.policy) return std::nullopt;
      if (!words_.policy.empty()) {
        return ask("policy", kOtherVersion, month.str(), version->str(), words_.policy, called("policy"));
      }
      return use(std::move(policy));
    }
    return first ? use(std::move(*first)) : std::nullopt;
  }

  std::optional<Question> some_version() {
    if (!words_.policy.empty()) {
      const auto ref = PolicyRef::parse(words_.policy);
      if (!ref) return ask("policy", cli::say::kBadOption, called("policy"), words_.policy, "NAME@VERSION");
      const std::string* row = state_.find(rules::policy_key(*ref));
      if (row == nullptr) return unknown(ask("policy", kNoPolicy, words_.policy));
      return use(rules::decode_policy(*row));
    }
    // Of each policy the newest version that has begun; those that give something before those that expired.
    std::map<PolicyName, Policy> found;
    for (const auto& [key, row] : planning::rows_under(view_.raw(), "P")) {
      Policy policy = rules::decode_policy(row);
      if (run_.date < policy.in_force_from || !policy.programme(run_.programme)) continue;
      const auto known = found.find(policy.name);
      if (known != found.end() && policy.version < known->second.version) continue;
      found.insert_or_assign(policy.name, std::move(policy));
    }
    const auto expired = [&](const auto& known) {
      const Policy& policy = known.second;
      if (policy.programme(run_.programme)->instrument == Instrument::voucher) {
        return !rules::version_of_month(state_, policy.ref(), run_.from);
      }
      return !policy.in_force_on(run_.date);
    };
    if (!std::all_of(found.begin(), found.end(), expired)) std::erase_if(found, expired);
    if (found.empty()) return unknown(ask("programme", kNoProgramme, run_.date.str(), run_.programme.str()));
    if (found.size() > 1) {
      std::vector<std::string> refs;
      for (const auto& [name, policy] : found) refs.push_back(policy.ref().str());
      return ask("policy", kManyPolicies, run_.programme.str(), joined(refs), called("policy"));
    }
    return use(std::move(found.begin()->second));
  }

  std::optional<Question> use(Policy policy) {
    run_.policy = policy.ref();
    const Programme* programme = policy.programme(run_.programme);
    if (programme == nullptr) {
      return unknown(ask("programme", kNotOfPolicy, run_.policy.str(), run_.programme.str()));
    }
    if (!planning::is_run(programme->instrument)) {
      return ask("programme", programme->instrument == Instrument::points ? kPoints : kGrant, run_.programme.str());
    }
    programme_ = *programme;
    return std::nullopt;
  }

  std::optional<Question> period() {
    if (!entitlement()) return std::nullopt;
    const Cycle cycle = programme_.entitlement->cycle;
    if (months_in(cycle) == run_.months) {
      if (run_.from.first_day() <= run_.date) return std::nullopt;
      return ask("date", kNotBegun, words_.period, run_.date.str(), called("date"));
    }
    const auto cycle_words = words_of(cycle);
    return Question{kOtherCycle.in(Language::zh, run_.programme.str(), cycle_words.often.zh, cycle_words.example),
                    kOtherCycle.in(Language::en, run_.programme.str(), cycle_words.often.en, cycle_words.example),
                    false, "period"};
  }

  // The levels that bear a share somewhere. Regions that no rule covers have one of their own: nobody
  // but whoever runs it can say which fund bears it all, so it may be named and need not be.
  struct Levels {
    std::vector<Code> needed;
    std::optional<Code> uncovered;

    bool need(const Code& level) const {
      return std::find(needed.begin(), needed.end(), level) != needed.end();
    }
  };
  Levels levels() const {
    const Code all = *Code::parse("all");
    Levels levels;
    const auto add = [&](const Code& level) {
      if (!levels.need(level)) levels.needed.push_back(level);
    };
    const auto add_all = [&](const Programme& programme) {
      const auto* rules = programme.entitlement ? &items(programme.entitlement->cost_shares) : nullptr;
      if (!rules || rules->empty()) return add(all);
      for (const auto& rule : *rules) {
        for (const auto& part : rule.parts) add(part.level);
      }
      if (rules->back().regions) levels.uncovered = all;
    };
    add_all(programme_);
    // What other versions of the policy shared otherwise is calculated with as well.
    const planning::SnapshotState state(view_.raw());
    const rules::PolicyVersions versions(state, run_.policy);
    for (const auto& version : versions.all()) {
      if (const Programme* other = version.programme(run_.programme)) add_all(*other);
    }
    return levels;
  }

  std::optional<Question> funds() {
    const auto known = this->levels();
    const auto& levels = known.needed;
    const auto allotted = funds_allotted();
    std::map<Code, FundId> named;
    for (const auto& word : words_.funds) {
      const auto equals = word.find('=');
      const auto level = equals == word.npos ? std::optional(levels.front()) : Code::parse(word.substr(0, equals));
      const auto fund = FundId::parse(equals == word.npos ? word : word.substr(equals + 1));
      const bool of_policy = level && (known.need(*level) || level == known.uncovered);
      if (!fund || !of_policy || (equals == word.npos && levels.size() > 1)) {
        return ask_for_funds(levels, allotted);
      }
      if (state_.find(rules::fund_key(*fund)) == nullptr) return unknown(ask("funds", kNoFund, fund->str()));
      named.insert_or_assign(*level, *fund);
    }
    if (named.empty() && levels.size() == 1 && allotted.size() == 1) {
      named.emplace(levels.front(), *FundId::parse(*allotted.begin()));
    }
    for (const auto& level : levels) {
      const auto fund = named.find(level);
      if (fund == named.end()) return ask_for_funds(levels, allotted);
      for (const auto& other : run_.funds) {
        const bool shared = level.str() != "all" && other.level.str() != "all";
        if (shared && other.fund == fund->second) {
          return ask("funds", kOneLevel, fund->second.str(), other.level.str(), level.str());
        }
      }
      run_.funds.push_back({fund->second, level});
    }
    if (!known.uncovered || known.need(*known.uncovered)) return std::nullopt;
    const auto fund = named.find(*known.uncovered);
    if (fund != named.end()) run_.funds.push_back({fund->second, fund->first});
    return std::nullopt;
  }

  Question ask_for_funds(const std::vector<Code>& levels, const std::set<std::string>& funds) const {
    std::vector<std::string> names;
    for (const auto& level : levels) names.push_back(level.str());
    return Question{
        kFunds.in(Language::zh, joined(names), funds.empty() ? std::string(kNone.zh) : joined(funds), called("funds")),
        kFunds.in(Language::en, joined(names), funds.empty() ? std::string(kNone.en) : joined(funds), called("funds")),
        false, "funds"};
  }

  // The funds that were ever allotted to the programme.
  std::set<std::string> funds_allotted() const {
    std::set<std::string> funds;
    const std::string end = '\0' + run_.programme.str();
    for (const auto& [key, row] : planning::rows_under(view_.raw(), "Y")) {
      if (key.ends_with(end)) funds.insert(key.substr(1, key.size() - 1 - end.size()));
    }
    return funds;
  }

  // A part of the dimensions of the programme's balances that are not zero, in some accounts.
  template <class Part>
  std::set<std::string> parts_of_balances(std::initializer_list<FundAccount> accounts, Part part) {
    std::set<std::string> parts;
    const auto read = view_.balances([&](FundAccount account, const Dimensions& at, const Money&) {
      if (at.programme != run_.programme) return;
      if (std::find(accounts.begin(), accounts.end(), account) == accounts.end()) return;
      parts.insert(part(at));
    });
    if (!read.ok()) throw rules::StateUnreadable{read.error()};
    parts.erase("");
    return parts;
  }

  bool entitlement() const {
    return programme_.instrument != Instrument::voucher && programme_.entitlement.has_value();
  }
  bool paid_as(PayeeKind kind) const {
    return entitlement() && programme_.entitlement->payee == kind;
  }

  template <class Id, class Found>
  std::optional<Question> take_one(std::string_view member, const std::string& word, const char* form, const Found& found,
                                   const Message& question, std::optional<Id>& to) {
    if (!word.empty()) {
      to = Id::parse(word);
      if (!to) return ask(member, cli::say::kBadOption, called(member), word, form);
      return std::nullopt;
    }
    const std::set<std::string> known = found();
    if (known.size() == 1) {
      to = Id::parse(*known.begin());
      return std::nullopt;
    }
    return Question{question.in(Language::zh, known.empty() ? std::string(kNone.zh) : joined(known), called(member)),
                    question.in(Language::en, known.empty() ? std::string(kNone.en) : joined(known), called(member)),
                    false, member};
  }

  std::optional<Question> payee() {
    using A = FundAccount;
    if (words_.payee.empty() && !paid_as(PayeeKind::paying_agent)) return std::nullopt;
    if (!entitlement()) return not_used("payee", words_.payee, kPaysNobody);
    auto question = take_one("payee", words_.payee, "[A-Za-z0-9._-]{1,64}", [&] {
      return parts_of_balances({A::accrued, A::payable, A::paid}, [](const Dimensions& at) { return at.counterparty; });
    }, kPayee, run_.payee);
    if (question || state_.find(rules::provider_key(*run_.payee)) != nullptr) return question;
    return unknown(ask("payee", kNoProvider, run_.payee->str()));
  }
  std::optional<Question> region() {
    if (!paid_as(PayeeKind::claimant)) {
      return words_.region.empty() ? std::nullopt : std::optional(not_used("region", words_.region, kPaysPeople));
    }
    auto question = take_one("region", words_.region, "[0-9]{6}, [0-9]{9}, [0-9]{12}", [&] {
      return parts_of_balances({FundAccount::allotted}, [](const Dimensions& at) { return at.region.str(); });
    }, kRegion, run_.region);
    if (question || state_.find(rules::region_key(*run_.region)) != nullptr) return question;
    return unknown(ask("region", kUnknownRegion, run_.region->str()));
  }

  const View& view_;
  planning::SnapshotState state_;
  const RunWords& words_;
  Programme programme_;
  planning::Run run_;
};

std::optional<unsigned> digits(std::string_view text) {
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

}  // namespace

std::optional<Period> parse_period(std::string_view text) {
  if (text.size() == 7 && text[4] == '-') {
    const auto month = Month::parse(text);
    if (!month) return std::nullopt;
    return Period{*month, 1};
  }
  const auto year = text.size() >= 4 ? digits(text.substr(0, 4)) : std::nullopt;
  const bool quarter = text.size() == 6 && text[4] == 'Q' && text[5] >= '1' && text[5] <= '4';
  if (!year || (text.size() != 4 && !quarter)) return std::nullopt;
  const unsigned first = quarter ? static_cast<unsigned>(text[5] - '1') * 3 + 1 : 1;
  const auto day = Date::from_ymd(static_cast<int>(*year), first, 1);
  if (!day) return std::nullopt;
  return Period{Month::of(*day), quarter ? 3 : 12};
}

Result<std::variant<planning::Run, Question>> resolve(const View& view, const RunWords& words,
                                                      Timestamp now) {
  try {
    Resolution resolution(view, words);
    if (auto question = resolution.resolve(now)) {
      return std::variant<planning::Run, Question>(std::move(*question));
    }
    return std::variant<planning::Run, Question>(resolution.take());
  } catch (const rules::StateUnreadable& unreadable) {
    return unreadable.error;
  }
}

}  // namespace fundtrail::api::run
