// A filter by something that the ledger does not know is a slip of the pen, and an empty answer to it would be
// read as "nothing was paid". What is registered under its own id is therefore asked for first.
#pragma once

#include "api/http/problem.h"
#include "ledger/core/ids.h"
#include "ledger/ledger.h"

namespace fundtrail::api {

std::optional<Problem> refuse_unknown_fund(const View& view, const std::optional<FundId>& fund);
std::optional<Problem> refuse_unknown_provider(const View& view, const std::optional<ProviderId>& provider);
// It is known when one that lies in it is.
std::optional<Problem> refuse_unknown_region(const View& view, const std::optional<RegionCode>& region);

}  // namespace fundtrail::api
