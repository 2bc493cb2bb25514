#include "api/http/row_page.h"

#include "api/http/cursor.h"
#include "api/http/known.h"
#include "api/http/region_scope.h"
#include "api/http/routes.h"
#include "api/http/sealed.h"
#include "api/http/service.h"
#include "ledger/rules/rows.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxRows = 20'000;  // that one request looks at, the parts of large ones with them

Json head_of(const View& view) {
  return {{"ledger", view.id().str()}, {"size", view.size()}, {"root", chain::to_hex(view.root())}};
}

// Where to begin: `limit` and `cursor` of the request.
struct Place {
  std::uint64_t limit = kDefaultLimit;
  std::string after;  // a key; empty: from the beginning
};
std::optional<Problem> read_place(const Service& service, const Exchange& exchange, const httplib::Request& request,
                                  const View& view, Place& out) {
  if (auto problem = read_limit(request, out.limit)) return problem;
  const auto cursor = parameter(request, "cursor");
  if (!cursor) return std::nullopt;
  const auto open = exchange.caller->sees_part() ? unsealed(*cursor) : cursor;
  auto after = open ? read_cursor(service, asked(exchange, request), view.size(), *open) : std::nullopt;
  if (!after) return problem_of(Protocol::bad_parameter, "the \"next\" of a page with the same filter", "cursor");
  out.after = std::move(*after);
  return std::nullopt;
}

}  // namespace

Problem problem_of_hidden(const Caller& caller, std::string_view one) {
  if (caller.provides()) return problem_of(Protocol::forbidden, name_of(Role::provider));
  return caller.limited() ? problem_of(Protocol::out_of_scope) : problem_of(Protocol::not_found, one);
}

void answer_rows(Service& service, Exchange& exchange, const httplib::Request& request, httplib::Response& response,
                 const View& view, char kind, std::string_view name, const ShowRow& show, Tagged tagged) {
  Place place;
  if (auto problem = read_place(service, exchange, request, view, place)) return answer(exchange, response, *problem);
  if (tagged == Tagged::yes && not_modified(exchange, request, response, view)) return;
  auto rows = Json::array();
  std::string last;
  std::size_t looked = 0;
  bool more = false;
  std::string from(1, kind);
  if (!place.after.empty()) from += place.after + '\0';
  try {
    auto scanned = view.raw().scan(store::Table::state, from, std::string(1, char(kind + 1)),
                                   [&](std::string_view key, std::string_view row) {
                                     if (looked >= kMaxRows) return !(more = true);
                                     ++looked;
                                     auto one = show(key.substr(1), row, looked);
                                     // Not before there is one more to show: a "next" for the sake of rows that
                                     // are hidden would tell of them.
                                     if (one && rows.size() == place.limit) return !(more = true);
                                     if (one) rows.push_back(std::move(*one));
                                     last = key.substr(1);
                                     return true;
                                   });
    if (!scanned) return answer(exchange, response, scanned.error());
  } catch (const rules::StateUnreadable& unreadable) {
    return answer(exchange, response, unreadable.error);
  }
  Json json = head_of(view);
  json[std::string(name)] = std::move(rows);
  if (more) {
    const auto next = spell_cursor(service, asked(exchange, request), view.size(), last);
    json["next"] = exchange.caller->sees_part() ? sealed(next) : next;
  }
  answer(response, 200, json.dump(), kJson);
}

void answer_row(Exchange& exchange, const httplib::Request& request, httplib::Response& response, const View& view,
                char kind, std::string_view key, const ShowRow& show, const Problem& hidden, Tagged tagged) {
  try {
    Result<std::optional<std::string>> row = std::optional<std::string>();
    if (!key.empty()) row = view.raw().get(store::Table::state, kind + std::string(key));
    if (!row) return answer(exchange, response, row.error());
    std::size_t looked = 0;  // of one row: not bounded
    auto shown = *row ? show(key, **row, looked) : std::nullopt;
    if (!shown) return answer(exchange, response, hidden);
    if (tagged == Tagged::yes && not_modified(exchange, request, response, view)) return;
    Json json = head_of(view);
    json["registered"] = std::move(*shown);
    answer(response, 200, json.dump(), kJson);
  } catch (const rules::StateUnreadable& unreadable) {
    answer(exchange, response, unreadable.error);
  }
}

std::optional<Problem> refuse_filters(const Exchange& exchange, const View& view,
                                      const std::optional<RegionCode>& region,
                                      const std::optional<ProviderId>& provider,
                                      const std::optional<FundId>& fund) {
  const auto& caller = *exchange.caller;
  if (caller.provides()) {
    const bool theirs = !provider || provider->str() == caller.actor.id.str();
    return theirs ? std::nullopt : std::optional(problem_of(Protocol::forbidden, name_of(Role::provider)));
  }
  if (auto problem = refuse_other_region(caller, region)) return problem;
  if (auto problem = refuse_unknown_region(view, region)) return problem;
  if (auto problem = refuse_unknown_fund(view, fund)) return problem;
  // Which providers there are is not told to whoever sees a part.
  return caller.sees_part() ? std::nullopt : refuse_unknown_provider(view, provider);
}

}  // namespace fundtrail::api
