// What jobs do (api/http/jobs.h): each function answers the work for one kind. The service outlives
// every job; what else they need they keep.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "api/access_log/record.h"
#include "api/http/jobs.h"
#include "api/run/request.h"
#include "audit/bundle.h"
#include "audit/indicators.h"

namespace fundtrail::api {

class Service;

struct RunAsked {
  run::RunWords words;
  Actor actor;
  bool dry_run = true;
  bool settle = false;
  bool settle_only = false;  // nothing is calculated or issued, so there is no picture
  bool lines = false;  // the result is who would get what, a line each; of a trial only
  std::optional<std::string> head;  // If-Match: only from this head (head_tag())
};

struct ImportAsked {
  std::string archive;  // a ZIP file's bytes
  Actor actor;
  bool dry_run = true;
  bool past = false;
  std::optional<std::string> encoding;
  AccessRecord asker;  // refusal_record(): for what it tells of people, and the refusals whose people are not told
};

JobWork verify_work(Service& service, bool state);
// `heads`: signed notes that the caller has kept.
JobWork access_log_work(Service& service, std::vector<std::string> heads);
JobWork audit_work(Service& service, std::vector<audit::RuleId> rules);
JobWork export_work(Service& service, audit::BundleSelection selection);
JobWork run_work(Service& service, RunAsked asked);
JobWork import_work(Service& service, ImportAsked asked);

// A question of a run, as a problem.
Problem problem_of(const run::Question& question);

}  // namespace fundtrail::api
