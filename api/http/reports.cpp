// Statements from reports/: the book's and a provider's own.
#include "reports/reports.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
#include "api/http/known.h"
#include "api/http/parameters.h"
#include "api/http/region_scope.h"
#include "api/http/row_page.h"
#include "api/http/service.h"
#include "reports/provider_payments.h"

namespace fundtrail::api {
namespace {

constexpr std::string_view kFormats = "text, json, csv or xlsx";

// The names in `text`, separated by commas.
std::optional<std::vector<reports::Breakdown>> read_breakdown(std::string_view text) {
  std::vector<reports::Breakdown> out;
  while (!text.empty()) {
    const auto end = text.find(',');
    const auto one = parse_name<reports::Breakdown>(text.substr(0, end));
    if (!one) return std::nullopt;
    out.push_back(*one);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out;
}

std::optional<Problem> read_request(const httplib::Request& request, reports::Request& out) {
  if (auto problem = read_date(request, "as_of", out.as_of)) return problem;
  if (auto problem = read_date(request, "from", out.from)) return problem;
  if (auto problem = read_value(request, "fund", "an id", out.fund)) return problem;
  if (auto problem = read_value(request, "provider", "an id", out.provider)) return problem;
  if (auto problem = read_value(request, "region", kRegionForm, out.region)) return problem;
  if (const auto text = parameter(request, "breakdown")) {
    const auto breakdown = read_breakdown(*text);
    if (!breakdown) {
      return problem_of(Protocol::bad_parameter,
                        "fund, programme, region, counterparty, separated by commas", "breakdown");
    }
    out.breakdown = *breakdown;
  }
  if (auto problem = read_flag(request, "recompute", out.recompute)) return problem;
  return read_flag(request, "entries", out.entries);
}

// A report for somebody who is limited to regions is one that can be made for a single region, and of
// a region of theirs.
std::optional<Problem> refuse_ignored(const reports::Request& wanted) {
  const auto ignored = reports::not_honoured(wanted);
  if (!ignored) return std::nullopt;
  return problem_of(Protocol::bad_parameter, "none for this report", std::string(*ignored));
}

std::optional<Problem> limit(const Caller& caller, reports::Request& wanted) {
  if (!caller.limited()) return std::nullopt;
  if (wanted.name != "fund-flow" && wanted.name != "vouchers") {
    return problem_of(Protocol::out_of_scope, {}, "name");
  }
  if (!wanted.region && caller.regions.size() == 1) wanted.region = caller.regions.front();
  if (!wanted.region) return problem_of(Protocol::bad_parameter, "one of your regions", "region");
  if (!caller.covers(*wanted.region)) return problem_of(Protocol::out_of_scope, {}, "region");
  return std::nullopt;
}

// The newest entry's day, which reports take unless told, may be that of a region which the caller does not
// see. Nothing is dated later than it was recorded: today leaves out nothing.
void end_today(const Service& service, reports::Request& wanted) {
  const Date today = service.now().date();
  wanted.as_of = std::max(today, wanted.from.value_or(today));
}

}  // namespace

void get_reports(Service&, Exchange&, const httplib::Request&, httplib::Response& response) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& report : reports::catalogue()) {
    all.push_back({{"name", report.name},
                   {"title", {{"zh", report.title.zh}, {"en", report.title.en}}},
                   {"parameters", report.honours}});
  }
  answer(response, 200, nlohmann::ordered_json{{"reports", all}}.dump(), kJson);
}

void get_report(Service& service, Exchange& exchange, const httplib::Request& request,
                httplib::Response& response) {
  const auto& name = exchange.path[1];
  const auto catalogue = reports::catalogue();
  if (std::none_of(catalogue.begin(), catalogue.end(),
                   [&](const auto& report) { return report.name == name; })) {
    return answer(exchange, response, problem_of(Protocol::not_found, "report"));
  }
  const auto format = parse_name<reports::Format>(parameter(request, "format").value_or("json"));
  if (!format) {
    return answer(exchange, response, problem_of(Protocol::bad_parameter, kFormats, "format"));
  }
  const auto language = parse_name<reports::Language>(parameter(request, "lang").value_or("zh"));
  if (!language) {
    return answer(exchange, response, problem_of(Protocol::bad_parameter, "zh or en", "lang"));
  }
  if (name == "provider-statement" && !request.has_param("provider")) {
    return answer(exchange, response, problem_of(Protocol::bad_parameter, "an id", "provider"));
  }
  reports::Request wanted{.name = name};
  if (auto problem = read_request(request, wanted)) return answer(exchange, response, *problem);
  if (auto problem = limit(*exchange.caller, wanted)) return answer(exchange, response, *problem);
  if (auto problem = refuse_ignored(wanted)) return answer(exchange, response, *problem);
  const auto view = service.ledger().view();
  auto problem = refuse_unknown_fund(*view, wanted.fund);
  if (!problem) problem = refuse_unknown_provider(*view, wanted.provider);
  if (!problem) problem = refuse_unknown_region(*view, wanted.region);
  if (problem) return answer(exchange, response, *problem);
  if (exchange.caller->sees_part() && !wanted.as_of) {
    end_today(service, wanted);  // changes by itself: no tag
  } else if (not_modified(exchange, request, response, *view)) {
    return;
  }
  auto report = reports::make(*view, wanted);
  if (!report) return answer(exchange, response, report.error());
  auto rendered = reports::render(*report, *format, *language);
  if (!rendered) return answer(exchange, response, rendered.error());
  answer(response, 200, std::move(*rendered), reports::media_type(*format));
  if (*format == reports::Format::csv || *format == reports::Format::xlsx) {
    name_file(response, service, name, name_of(*format));
  }
}

void get_payments(Service& service, Exchange& exchange, const httplib::Request& request,
                  httplib::Response& response) {
  const auto provider = ProviderId::parse(exchange.path[1]);
  const auto& caller = *exchange.caller;
  if (caller.actor.role == Role::provider &&
      (!provider || provider->str() != caller.actor.id.str())) {
    return answer(exchange, response, problem_of(Protocol::forbidden, name_of(Role::provider)));
  }
  // To somebody limited one that is not there is as one elsewhere.
  const auto hidden = problem_of_hidden(caller, "provider");
  if (!provider) return answer(exchange, response, hidden);
  std::optional<Date> as_of;
  if (auto problem = read_date(request, "as_of", as_of)) {
    return answer(exchange, response, *problem);
  }
  const auto view = service.ledger().view();
  if (not_modified(exchange, request, response, *view)) return;
  auto entries = service.providers().entries_of(*view, *provider);
  if (!entries) return answer(exchange, response, entries.error());
  if (entries->empty()) return answer(exchange, response, hidden);
  if (caller.limited()) {
    // A settlement may span regions: a page that showed a part of it would be wrong.
    const auto shown = RegionScope(caller, *view).shows_all(*view, *entries);
    if (!shown) return answer(exchange, response, shown.error());
    if (!*shown) return answer(exchange, response, problem_of(Protocol::out_of_scope));
  }
  const EntriesView own(*view, *entries);
  auto payments = reports::provider_payments(own, *provider, as_of);
  if (!payments && payments.error().fault == Fault::not_found) return answer(exchange, response, hidden);
  if (!payments) return answer(exchange, response, payments.error());
  answer(response, 200, reports::to_json(*payments), kJson);
}

}  // namespace fundtrail::api
