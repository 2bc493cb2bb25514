// A value of a JSON body as a problem quotes it, cut where it would fill a line. Pure.
#pragma once

#include "api/quotation.h"
#include "ledger/chain/as_sent.h"

namespace fundtrail::api {

inline std::string as_sent(simdjson::dom::element value) {
  constexpr std::size_t kShown = 60;
  std::string text = chain::as_sent(value);
  if (!may_be_quoted(text)) return "***";  // as a whole: a part of somebody's number is no other number
  if (text.size() > kShown) text.resize(kShown);
  return text;
}

}  // namespace fundtrail::api
