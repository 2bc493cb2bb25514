// The row of an application: what was applied for, and which steps of its policy were done by whom and when.
// What a step may do stands in application.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/documents.h"
#include "ledger/rules/rows.h"

namespace fundtrail::rules {

// `proposed`: it was approved, and somebody proposed to take that back.
enum class Progress : std::uint8_t { open, rejected, approved, withdrawn, proposed };

struct DoneStep {
  ActorId actor;
  Date date;
  Date ended;  // the last day of a public notice; of other steps their date
};

struct ApplicationRow {
  Progress progress = Progress::open;
  PolicyRef policy;
  Date date;
  ActorId actor;
  std::vector<DoneStep> steps;  // in the order of the policy
  DoneStep proposal;  // while `proposed`: of a withdrawal; `ended` is the last day that would count
  EntitlementApplication application;

  bool granted() const { return progress == Progress::approved || progress == Progress::proposed; }

  std::string encode() const;
  static ApplicationRow decode(std::string_view row);
};

inline std::string application_key(const ApplicationId& id) { return key_of('a', id.str()); }

}  // namespace fundtrail::rules
