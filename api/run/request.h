// From the words of a command line to a run: which policy, which period, which funds and payee. What
// is not said is taken from the ledger where there is one answer only; otherwise the answer is a
// question.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/cli/messages.h"
#include "ledger/planning/plan.h"

namespace fundtrail::api::run {

struct RunWords {
  std::string programme, period;
  std::string policy;              // "name@version"; of vouchers: that of their first month
  std::vector<std::string> funds;  // "LEVEL=FUND", or "FUND" where the cost is not shared
  std::string payee, region, series;
  std::string actor;
  std::string date;
  bool of_job = false;  // given as members of a job over HTTP, not as options: questions then call them so
};

// Why there is no run: a sentence in both languages.
struct Question {
  std::string zh;
  std::string en;
  bool unknown = false;  // there is no such thing, rather than too little said
  std::string_view member = {};  // of RunWords, what is to be named or corrected
};

struct Period {
  Month from;
  int months = 1;
};
// "2025-05", "2025Q2", "2025".
std::optional<Period> parse_period(std::string_view text);

// `now` is recorded, and its day is the business date unless another one is named. Errors: those of
// the View.
Result<std::variant<planning::Run, Question>> resolve(const View& view, const RunWords& words,
                                                      Timestamp now);

}  // namespace fundtrail::api::run
