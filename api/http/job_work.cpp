#include "api/http/job_work.h"

#include <algorithm>
#include <fstream>
#include <future>
#include <map>
#include <set>

#include "api/access_log/access_log.h"
#include "api/access_log/verify.h"
#include "api/answers.h"
#include "api/files.h"
#include "api/http/archive.h"
#include "api/http/head_fields.h"
#include "api/http/lookup.h"
#include "api/http/service.h"
#include "api/http/watched_view.h"
#include "api/import/importer.h"
#include "api/run/line_list.h"
#include "api/run/picture.h"
#include "audit/integrity/verify.h"
#include "ledger/engine/state_check.h"
#include "ledger/rules/rows.h"
#include "ledger/vault.h"
#include "reports/reports.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kNotWritten[] = "the result cannot be written";
constexpr std::uint64_t kMaxUnpacked = 512u << 20;  // bytes of an import's files

JobEnding save(JobControl& control, const Json& json) {
  std::ofstream file(control.directory() / "result.json", std::ios::binary | std::ios::trunc);
  file << json.dump() << '\n';
  file.close();
  if (!file) return problem_of(Error{Fault::io, kNotWritten});
  return JobResult{"result.json", std::string(kJson)};
}

JobEnding save_lines(JobControl& control, const planning::Plan& plan) {
  std::ofstream file(control.directory() / "lines.ndjson", std::ios::binary | std::ios::trunc);
  run::write_lines(plan, file);
  file.close();
  if (!file) return problem_of(Error{Fault::io, kNotWritten});
  return JobResult{"lines.ndjson", kJsonLines};
}

std::unique_ptr<WatchedView> watch(Service& service, JobControl& control) {
  return std::make_unique<WatchedView>(
      service.ledger().view(), [&control] { return control.cancelled(); },
      [&control](std::uint64_t done, std::uint64_t total) { control.progress(done, total); });
}

// Plans and, unless it is a trial, records; fills the answer.
class RunJob {
 public:
  RunJob(Service& service, const RunAsked& asked, JobControl& control)
      : service_(service), asked_(asked), control_(control) {}

  JobEnding go() {
    const auto view = watch(service_, control_);
    if (asked_.head && *asked_.head != head_tag(*view)) {
      return problem_of(Protocol::precondition_failed, head_tag(*view), kIfMatchHeader);
    }
    auto resolved = run::resolve(*view, asked_.words, service_.now());
    if (!resolved) return problem_of(resolved.error());
    if (const auto* question = std::get_if<run::Question>(&*resolved)) return problem_of(*question);
    run_ = std::move(std::get<planning::Run>(*resolved));
    answer_["dry_run"] = asked_.dry_run;
    answer_["head"] = head_tag(*view);
    run::Outcome outcome;
    if (!asked_.settle_only) {
      if (auto ending = calculate(*view, outcome)) return std::move(*ending);
    }
    if (asked_.settle || asked_.settle_only) {
      if (auto settled = settle(outcome); !settled) return problem_of(settled.error());
    }
    add_outcome(outcome, *service_.ledger().view(), answer_);
    return save(control_, answer_);
  }

 private:
  // How the job ends, where it ends with that.
  std::optional<JobEnding> calculate(const View& view, run::Outcome& outcome) {
    const auto progress = [&](std::uint64_t done, std::uint64_t total) {
      control_.progress(done, total);
    };
    auto plan = planning::plan_run(view, service_.ledger().vault(), run_, progress);
    if (!plan) return problem_of(plan.error());
    if (asked_.lines) return save_lines(control_, *plan);
    auto picture = run::picture_of(view, run_, asked_.words.period, *plan);
    if (!picture) return problem_of(picture.error());
    answer_["picture"] = Json::parse(reports::render_json(*picture));
    if (asked_.dry_run) return std::nullopt;
    auto recorded = record(view, *plan);
    if (!recorded) return problem_of(recorded.error());
    outcome = std::move(*recorded);
    return std::nullopt;
  }

  Result<run::Outcome> record(const View& view, planning::Plan& plan) {
    auto outcome = run::commit(service_.ledger(), view, run_, plan,
                               [&](std::uint64_t done, std::uint64_t total) {
                                 control_.progress(done, total);
                                 return !control_.cancelled();
                               });
    if (outcome && control_.cancelled()) return WatchedSnapshot::called_off();
    return outcome;
  }

  Status settle(run::Outcome& outcome) {
    const auto view = watch(service_, control_);
    auto plan = planning::plan_settlements(*view, run_);
    if (!plan) return plan.error();
    answer_["settlements"] = settlements_json(*plan);
    if (asked_.dry_run) return success();
    auto settled = record(*view, *plan);
    if (!settled) return settled.error();
    keep_recorded(answer_["settlements"], *settled);
    answer_["settled"] = settled->recorded;
    for (auto& one : settled->refused) outcome.refused.push_back(std::move(one));
    return success();
  }

  Service& service_;
  const RunAsked& asked_;
  JobControl& control_;
  planning::Run run_;
  Json answer_;
};

// The second state lies beside the ledger, as large as the first one, and must not take the room that entries need.
bool is_short_of_room(Service& service) {
  const auto& operations = service.operations();
  const auto found = look(service.ledger(), service.directory(), service.now().unix_seconds(), operations.limits, false);
  return std::any_of(found.begin(), found.end(),
                     [](State state) { return state == State::disk_full || state == State::disk_low; });
}

Problem no_room_for_state() {
  Problem problem = problem_of(Protocol::unavailable);
  problem.detail_en = "The state is made a second time on the ledger's disk, where less is free than disk_reserve_mb demands.";
  problem.detail_zh = "核对须在账套所在磁盘上另建一份状态数据，而该磁盘剩余空间少于 disk_reserve_mb。";
  return problem;
}

// What somebody sent is not kept longer than it is read: files of an import hold people's data.
class Unpacked {
 public:
  explicit Unpacked(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::error_code ignored;
    std::filesystem::create_directory(folder_, ignored);
  }
  ~Unpacked() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

// The access log learns whom the refusals do not tell: each of the first, who are answered, and of a file of people the
// number of the others. Whoever tries numbers by the thousand stands in it by name, and the log stays readable.
std::set<std::string_view> note_withheld(Service& service, AccessLog& log, AccessRecord asker,
                                         const std::vector<import::Finding>& findings) {
  constexpr std::size_t kNamed = 1000;
  std::set<std::string_view> named;
  std::map<std::string, std::set<std::string_view>> others;  // by code
  for (const auto& found : findings) {
    if (found.person.empty() || named.contains(found.person)) continue;
    if (named.size() == kNamed) {
      others[found.code].insert(found.person);
      continue;
    }
    named.insert(found.person);
    AccessRecord record = asker;
    record.time = service.now();
    record.outcome = found.code;
    record.person = found.person;
    log.note(std::move(record));
  }
  for (const auto& [code, people] : others) {
    AccessRecord record = asker;
    record.time = service.now();
    record.outcome = code;
    record.count = people.size();
    log.note(std::move(record));
  }
  return named;
}

// Keeps some records and waits for the disk.
bool keep_all(AccessLog& log, std::vector<AccessRecord>& records) {
  // Held by what waits for it, too: an exception must not leave that with nothing.
  const auto kept = std::make_shared<std::vector<std::promise<bool>>>(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    log.record(std::move(records[i]), [kept, i](bool durable) { (*kept)[i].set_value(durable); });
  }
  records.clear();
  bool all = true;
  for (auto& one : *kept) all = one.get_future().get() && all;
  return all;
}

// Rows that were tried and not recorded tell of everybody whom they name by number what a lookup tells, and more: also
// those that pass. So each stands in the access log, and the result is not given before. Of whoever is not registered
// only the number is told: their pseudonyms lead to nobody. False: the records cannot be kept.
Result<bool> keep_people(Service& service, const AccessRecord& asker, import::ImportReport& report) {
  constexpr std::size_t kAtOnce = 256;
  AccessLog* const log = service.access_log();
  if (log == nullptr) return true;
  const auto told = note_withheld(service, *log, asker, report.findings);
  if (report.adopted) return true;  // the entries tell it
  const auto view = service.ledger().view();
  std::vector<AccessRecord> records;
  AccessRecord others = asker;
  const auto add = [&](AccessRecord record) {
    record.action = AccessAction::read;
    record.time = service.now();
    records.push_back(std::move(record));
    return records.size() < kAtOnce || keep_all(*log, records);
  };
  auto& people = report.people;
  std::sort(people.begin(), people.end());
  people.erase(std::unique(people.begin(), people.end()), people.end());
  for (const auto& person : people) {
    const auto row = view->raw().get(store::Table::state, rules::beneficiary_key(person));
    if (!row) return row.error();
    if (!*row) {
      ++others.count;
    } else if (!told.contains(person.str())) {
      AccessRecord record = asker;
      record.person = person.str();
      if (!add(std::move(record))) return false;
    }
  }
  if (others.count != 0 && !add(std::move(others))) return false;
  return keep_all(*log, records);
}

}  // namespace

Problem problem_of(const run::Question& question) {
  Problem problem = problem_of(Protocol::incomplete_request);
  problem.detail_en = question.en;
  problem.detail_zh = question.zh;
  problem.field = question.member;
  return problem;
}

JobWork verify_work(Service& service, bool state) {
  return [&service, state](JobControl& control) -> JobEnding {
    audit::VerifyOptions options;
    options.progress = [&](std::uint64_t done, std::uint64_t all) { control.progress(done, all); };
    options.cancelled = [&] { return control.cancelled(); };
    const auto report = audit::verify_ledger(service.directory(), options);
    if (!report) return problem_of(report.error());
    Json json = to_json(*report);
    if (!state || !report->fine()) return save(control, json);  // of entries that do not hold there is no state
    StateCheckOptions replay;
    replay.scratch = control.directory();
    bool no_room = false;
    const auto ends = [&] { return control.cancelled() || (no_room = no_room || is_short_of_room(service)); };
    replay.watch = {options.progress, ends};
    if (is_short_of_room(service)) return no_room_for_state();
    const auto replayed = check_state(*service.ledger().view(), replay);
    if (no_room) return no_room_for_state();
    if (!replayed.ok()) return problem_of(replayed.error());
    json["ok"] = replayed->fine();
    json["state"] = to_json(*replayed);
    return save(control, json);
  };
}

JobWork access_log_work(Service& service, std::vector<std::string> heads) {
  return [&service, heads = std::move(heads)](JobControl& control) -> JobEnding {
    const AccessLog* const log = service.access_log();
    if (log == nullptr) return problem_of(Protocol::not_found, "access log");
    AccessVerifyOptions options;
    options.key = service.ledger().verifier_key();
    options.heads = heads;
    options.heads_from = "heads";
    options.cancelled = [&control] { return control.cancelled(); };
    if (auto seal = read_file(access_seal_of(log->directory())); seal.ok()) options.heads.push_back(std::move(*seal));
    const auto report = verify_access_log(log->directory(), options);
    return report.ok() ? save(control, to_json(*report)) : JobEnding(problem_of(report.error()));
  };
}

JobWork audit_work(Service& service, std::vector<audit::RuleId> rules) {
  return [&service, rules = std::move(rules)](JobControl& control) -> JobEnding {
    const auto view = watch(service, control);
    audit::IndicatorOptions options;
    options.rules = rules;
    const auto found = audit::find_indicators(*view, options);
    if (!found) return problem_of(found.error());
    return save(control, indicators_json(*view, rules.empty() ? audit::kRules : rules.size(), *found));
  };
}

JobWork export_work(Service& service, audit::BundleSelection selection) {
  return [&service, selection](JobControl& control) -> JobEnding {
    if (auto note = service.checkpoint(); !note) return problem_of(note.error());
    const auto view = watch(service, control);
    const auto folder = control.directory() / (service.id().str() + "-bundle");
    const auto written = audit::write_bundle(view->raw(), folder, selection);
    if (!written) return problem_of(written.error());
    control.progress(written->entries, written->size);
    auto zipped = zip_folder(folder, control.directory() / "bundle.zip",
                             [&] { return control.cancelled(); });
    if (!zipped) return problem_of(zipped.error());
    return JobResult{"bundle.zip", "application/zip"};
  };
}

JobWork run_work(Service& service, RunAsked asked) {
  return [&service, asked = std::move(asked)](JobControl& control) {
    return RunJob(service, asked, control).go();
  };
}

JobWork import_work(Service& service, ImportAsked asked) {
  return [&service, asked = std::move(asked)](JobControl& control) -> JobEnding {
    if (service.ledger().vault().locked()) return problem_of(Protocol::vault_key_missing);
    const Unpacked unpacked(control.directory() / "files");
    if (auto done = unzip(asked.archive, unpacked.folder(), kMaxUnpacked); !done) {
      return problem_of(done.error());
    }
    import::ImportRequest request = {unpacked.folder(), asked.dry_run,  asked.past, service.now(),
                                     asked.actor.id,    asked.actor.id, {},         {}};
    if (asked.encoding) {
      request.encoding =
          *asked.encoding == "utf-8" ? import::Encoding::utf8 : import::Encoding::gb18030;
    }
    request.progress = [&](std::uint64_t done, std::uint64_t all) { control.progress(done, all); };
    request.cancelled = [&] { return control.cancelled(); };
    if (!asked.past) request.only = asked.actor;
    request.remove_files = true;
    request.people = import::Telling::withheld;
    request.by_number = may_look_up(asked.actor.role);
    auto report = import::import_folder(service.ledger(), request);
    if (!report) return problem_of(report.error());
    AccessRecord asker = asked.asker;
    asker.subject = "job " + control.directory().filename().string();
    const auto kept = keep_people(service, asker, *report);
    if (!kept) return problem_of(kept.error());
    if (!*kept) return problem_of(Protocol::unavailable);
    return save(control, to_json(*report, request));
  };
}

}  // namespace fundtrail::api
