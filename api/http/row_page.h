// Registers: rows of the state of one kind, by id, a page of them or one, of those that the caller may see.
//
// A page is of the present head, which it names. Its cursor goes with the other parameters that it was asked with and
// with a ledger that is no smaller; as ids do not move, whatever was there from the first page to the last is shown
// once, as it was at its page. The cursor may name what the caller is not shown, so it is sealed for whoever sees a
// part.
//
// Any thread.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/exchange.h"
#include "api/http/parameters.h"

namespace fundtrail::api {

// Of a row: what is shown of it; nothing when it does not fit or is not the caller's. `key` is what follows the kind.
// `looked` counts what one request looks at, which is bounded: of a row that is large, or needs entries, its parts are
// added. May throw rules::StateUnreadable.
using ShowRow = std::function<std::optional<nlohmann::ordered_json>(std::string_view key, std::string_view row,
                                                                    std::size_t& looked)>;

// Whether the answer follows from the head alone, and has its tag.
enum class Tagged : bool { no, yes };

// A page of the rows of a kind under `name`.
void answer_rows(Service& service, Exchange& exchange, const httplib::Request& request, httplib::Response& response,
                 const View& view, char kind, std::string_view name, const ShowRow& show,
                 Tagged tagged = Tagged::yes);

// Of something that is not there, or not for them: who sees a part is not told which. `one`: what it is called.
Problem problem_of_hidden(const Caller& caller, std::string_view one);

// One row under "registered", or what is answered when it is not shown. `key` is empty when there can be none.
void answer_row(Exchange& exchange, const httplib::Request& request, httplib::Response& response, const View& view,
                char kind, std::string_view key, const ShowRow& show, const Problem& hidden,
                Tagged tagged = Tagged::yes);

// Of filters: none that the ledger does not know, and none that the caller sees nothing of. Whoever acts for a provider
// is not told what the ledger knows: what is none of theirs is not found.
std::optional<Problem> refuse_filters(const Exchange& exchange, const View& view,
                                      const std::optional<RegionCode>& region,
                                      const std::optional<ProviderId>& provider,
                                      const std::optional<FundId>& fund = std::nullopt);

}  // namespace fundtrail::api
