// GET .../balances: the balance of every account and place in the books, now or as of a business date.
#include <map>
#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
#include "api/http/known.h"
#include "api/http/parameters.h"
#include "api/http/region_scope.h"
#include "api/http/service.h"

namespace fundtrail::api {
namespace {

struct Wanted {
  std::optional<FundAccount> account;
  std::optional<FundId> fund;
  std::optional<ProgrammeId> programme;
  std::optional<RegionCode> region;
  std::optional<ProviderId> provider;
  std::optional<Date> as_of;
  const Caller* caller = nullptr;

  // Somebody limited is shown what lies in their regions: such a balance is whole.
  bool fits(FundAccount which, const Dimensions& at) const {
    if (caller->limited() && (at.region.empty() || !caller->covers(at.region))) return false;
    return (!account || *account == which) && (!fund || *fund == at.fund) &&
           (!programme || *programme == at.programme) && (!region || lies_in(at.region, *region)) &&
           (!provider || provider->str() == at.counterparty);
  }
};

std::optional<Problem> read_wanted(const httplib::Request& request, Wanted& out) {
  if (const auto text = parameter(request, "account")) {
    out.account = parse_name<FundAccount>(*text);
    if (!out.account) {
      return problem_of(Protocol::bad_parameter, "an account of the fund view", "account");
    }
  }
  auto problem = read_value(request, "fund", kIdForm, out.fund);
  if (!problem) problem = read_value(request, "programme", kIdForm, out.programme);
  if (!problem) problem = read_value(request, "region", kRegionForm, out.region);
  if (!problem) problem = read_value(request, "provider", kIdForm, out.provider);
  if (!problem) problem = read_date(request, "as_of", out.as_of);
  return problem;
}

using Balances = std::map<std::pair<FundAccount, Dimensions>, Money>;

Status collect(const View& view, const Wanted& wanted, Balances& out) {
  if (!wanted.as_of) {
    return view.balances([&](FundAccount account, const Dimensions& at, const Money& balance) {
      if (wanted.fits(account, at)) out[{account, at}] = balance;
    });
  }
  const Date first = *Date::from_ymd(1900, 1, 1);  // where the calendar begins (ledger/core/date.h)
  return view.turnovers(first, *wanted.as_of,
                        [&](Date, FundAccount account, const Dimensions& at,
                            const store::Turnover& turnover) {
                          if (!wanted.fits(account, at)) return;
                          const Money net = turnover.debit - turnover.credit;
                          out[{account, at}] += is_debit_account(account) ? net : -net;
                        });
}

nlohmann::ordered_json to_json(FundAccount account, const Dimensions& at, const Money& balance) {
  const auto& names = info(account);
  nlohmann::ordered_json row = {{"account", name_of(account)},
                                {"title", {{"zh", names.name_zh}, {"en", names.name_en}}},
                                {"fund", at.fund.str()}};
  if (!at.programme.empty()) row["programme"] = at.programme.str();
  if (!at.region.empty()) row["region"] = at.region.str();
  if (!at.counterparty.empty()) row["counterparty"] = at.counterparty;
  row["balance"] = balance.str();
  return row;
}

}  // namespace

void get_balances(Service& service, Exchange& exchange, const httplib::Request& request,
                  httplib::Response& response) {
  Wanted wanted;
  wanted.caller = &*exchange.caller;
  if (auto problem = read_wanted(request, wanted)) return answer(exchange, response, *problem);
  if (auto problem = refuse_other_region(*exchange.caller, wanted.region)) {
    return answer(exchange, response, *problem);
  }
  const auto view = service.ledger().view();
  auto problem = refuse_unknown_region(*view, wanted.region);
  if (!problem) problem = refuse_unknown_fund(*view, wanted.fund);
  if (problem) return answer(exchange, response, *problem);
  if (not_modified(exchange, request, response, *view)) return;
  Balances balances;
  if (auto status = collect(*view, wanted, balances); !status) {
    return answer(exchange, response, status.error());
  }
  auto rows = nlohmann::ordered_json::array();
  for (const auto& [place, balance] : balances) {
    if (!balance.is_zero()) rows.push_back(to_json(place.first, place.second, balance));
  }
  nlohmann::ordered_json json = {{"ledger", service.id().str()},
                                 {"size", view->size()},
                                 {"root", chain::to_hex(view->root())}};
  if (wanted.as_of) json["as_of"] = wanted.as_of->str();
  json["balances"] = std::move(rows);
  answer(response, 200, json.dump(), kJson);
}

}  // namespace fundtrail::api
