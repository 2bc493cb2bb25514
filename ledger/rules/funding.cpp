#include "ledger/rules/funding.h"

#include <algorithm>

#include "ledger/chain/document_codec.h"
#include "ledger/rules/families.h"

namespace fundtrail::rules {

using enum FundAccount;

namespace {

// What stands in the counterparty of `source` for counterpart funding; the levels of government
// stand there under their own names.
constexpr std::string_view kCounterpart = "counterpart";

Dimensions of_fund(const FundId& fund) { return {fund, {}, {}, {}}; }
Dimensions of_region(const FundId& fund, const RegionCode& region) {
  return {fund, {}, region, {}};
}

}  // namespace

void validate(Context& c, const FundReceipt& d, const std::string& at, const Policy* policy,
              Date obeyed_on) {
  c.need_fund(d.fund, at + ".fund");
  c.need_account(d.account, at + ".account");
  c.need_positive(d.amount, at + ".amount");
  if (!policy || !policy->performance || !policy->performance->filing_days) return;
  // Targets are to be filed so many days after the money came; of a correction, after the day that
  // it corrects.
  const auto days = static_cast<std::int32_t>(*policy->performance->filing_days);
  const std::string due = (obeyed_on + days).str();
  if (!d.performance_due) {
    c.no.add(Reason::missing_field, at + ".performance_due", "performance_due");
  } else if (d.performance_due->str() != due) {
    c.no.add(Reason::invalid_value, at + ".performance_due", d.performance_due->str(), due);
  }
}
void post(Context& c, const FundReceipt& d) {
  Dimensions source_at = of_fund(d.fund);
  source_at.counterparty = name_of(d.source);
  move(c.postings, d.amount, available, of_fund(d.fund), source, source_at);
}

void validate(Context& c, const Allotment& d, const std::string& at, const Policy* policy, Date) {
  c.need_fund(d.fund, at + ".fund");
  c.need_region(d.region, at + ".region");
  c.need_positive(d.amount, at + ".amount");
  const Programme* programme =
      policy ? need_programme(c, *policy, d.programme, at + ".programme") : nullptr;
  if (programme && programme->instrument == Instrument::points) {
    c.no.add(Reason::points_not_money, at + ".programme", d.programme.str());
  }
}
void post(Context& c, const Allotment& d) {
  move(c.postings, d.amount, allotted, {d.fund, d.programme, d.region, {}}, available,
       d.from_counterpart ? of_region(d.fund, d.region) : of_fund(d.fund));
}

void validate(Context& c, const CounterpartPledge& d, const std::string& at, const Policy*, Date) {
  c.need_fund(d.fund, at + ".fund");
  c.need_region(d.region, at + ".region");
  c.need_positive(d.amount, at + ".amount");
}
void post_pledge(Context& c, const FundId& fund, const RegionCode& region, const Money& amount) {
  move(c.postings, amount, pledged, of_region(fund, region), pledge_source,
       of_region(fund, region));
}
void post_pledge_release(Context& c, const FundId& fund, const RegionCode& region,
                         const Money& amount) {
  move(c.postings, amount, pledge_source, of_region(fund, region), pledged,
       of_region(fund, region));
}
void post(Context& c, const CounterpartPledge& d) {
  post_pledge(c, d.fund, d.region, d.amount);
}

void validate(Context& c, const CounterpartReceipt& d, const std::string& at, const Policy*, Date) {
  c.need_fund(d.fund, at + ".fund");
  c.need_region(d.region, at + ".region");
  c.need_account(d.account, at + ".account");
  c.need_positive(d.amount, at + ".amount");
}
void post(Context& c, const CounterpartReceipt& d) {
  Dimensions source_at = of_region(d.fund, d.region);
  source_at.counterparty = kCounterpart;
  const Money promised = balance_after(c.state, c.postings, pledged, of_region(d.fund, d.region));
  move(c.postings, d.amount, available, of_region(d.fund, d.region), source, source_at);
  const Money released = std::min(d.amount, promised);
  if (!released.is_zero()) post_pledge_release(c, d.fund, d.region, released);
}

void remember_correctable(Overlay& state, const Entry& entry) {
  CorrectableRow row;
  row.date = entry.date;
  row.obeyed_on = entry.date;
  row.policy = entry.policy;
  row.kind = kind_of(entry.document);
  row.document = chain::encode_document(entry.document);
  row.postings = entry.postings;
  state.put(correctable_key(entry.index), row.encode());
}

void check(Context& c, const FundReceipt& d) {
  validate(c, d, "doc", c.policy(), c.command.date);
  post(c, d);
}
void record(Overlay& state, const Entry& entry, const FundReceipt&) {
  remember_correctable(state, entry);
}

void check(Context& c, const Allotment& d) {
  validate(c, d, "doc", c.need_policy(), c.command.date);
  post(c, d);
}
void record(Overlay& state, const Entry& entry, const Allotment& d) {
  remember_correctable(state, entry);
  if (entry.policy) state.put(purpose_key(d.fund, d.programme), entry.policy->str());
}

void check(Context& c, const CounterpartPledge& d) {
  validate(c, d, "doc", nullptr, c.command.date);
  post(c, d);
}
void record(Overlay& state, const Entry& entry, const CounterpartPledge&) {
  remember_correctable(state, entry);
}

void check(Context& c, const CounterpartReceipt& d) {
  validate(c, d, "doc", nullptr, c.command.date);
  post(c, d);
}
void record(Overlay& state, const Entry& entry, const CounterpartReceipt&) {
  remember_correctable(state, entry);
}

}  // namespace fundtrail::rules
