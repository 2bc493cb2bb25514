// The makers of the reports and what they share. Private to reports/.
#pragma once

#include <string>
#include <vector>

#include "ledger/core/region_tree.h"
#include "reports/name_book.h"
#include "reports/reports.h"

namespace fundtrail::reports {

Result<Report> make_trial_balance(const View& view, const Request& request);
Result<Report> make_fund_flow(const View& view, const Request& request);
Result<Report> make_provider_statement(const View& view, const Request& request);
Result<Report> make_vouchers(const View& view, const Request& request);
Result<Report> make_applications(const View& view, const Request& request);
Result<Report> make_duties(const View& view, const Request& request);

// The days that a report counts.
struct Period {
  Date from;
  Date as_of;  // as printed
  Date last;   // nothing after it is counted; later than as_of only when the request names no day
  bool everything = false;  // the request names no day, or none before the latest
};
// Errors: invalid_argument when `from` is after `as_of`.
Result<Period> period_of(const View& view, const Request& request);

// First day that a ledger can hold.
Date first_date();
Date last_date();

// A report with its head filled in: names, period, the head of the chain.
Report report_head(const View& view, const Request& request, const Period& period);

// Labels of the fund view's accounts and of document kinds.
Label label_of(FundAccount account);
Label label_of_kind(std::size_t kind);

// The registered fund that a request means. Errors: not_found, invalid_argument (none named and
// more or less than one registered).
Result<FundId> fund_of(const NameBook& names, const Request& request);
// Names the fund among the report's parameters, if the request has one. Errors: those of fund_of().
Status name_fund(const NameBook& names, const Request& request, Report& report);

// Names the region among the report's parameters, if the request has one. Errors: not_found, when neither
// it nor one that lies in it is registered.
Status name_region(const NameBook& names, const Request& request, Report& report);
inline bool in_region(const Request& request, std::string_view code) {
  return !request.region || lies_in(code, *request.region);
}

inline const Words& total_words() {
  static const Words words{"合计", "Total"};
  return words;
}

}  // namespace fundtrail::reports
