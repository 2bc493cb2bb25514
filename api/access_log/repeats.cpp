#include "api/access_log/repeats.h"

#include <utility>

namespace fundtrail::api {
namespace {

// Everything but when, and in which request.
std::string kind_of(const AccessRecord& record) {
  std::string key;
  for (const auto* part : {&record.actor, &record.role, &record.user, &record.address, &record.route,
                           &record.outcome, &record.person, &record.subject, &record.command,
                           &record.purpose}) {
    key += *part;
    key += '\n';
  }
  return key + std::to_string(record.status) + '/' + std::to_string(record.count);
}

}  // namespace

std::optional<AccessRecord> Repeats::add(AccessRecord record, Clock::time_point now) {
  if (now >= end_ && !counting_) {
    kinds_.clear();
    strangers_ = users_ = 0;
    end_ = now + kWindow;
  }
  const bool stranger = record.actor.empty();
  AccessRecord last = record;
  // Nobody learns anything from what strangers asked about: they make it up as they like.
  if (stranger) {
    for (auto* part : {&last.person, &last.subject, &last.purpose, &last.command}) part->clear();
  }
  auto found = kinds_.find(kind_of(last));
  auto& kinds = stranger ? strangers_ : users_;
  if (found == kinds_.end() && kinds >= (stranger ? kStrangers : kUsers)) {
    last = {.action = last.action, .time = last.time, .actor = last.actor, .role = last.role,
            .address = kAnywhere, .user = last.user, .request = last.request, .status = last.status,
            .outcome = last.outcome};
    record = last;
    found = kinds_.find(kind_of(last));
  } else if (found == kinds_.end()) {
    ++kinds;
  }
  if (found == kinds_.end()) {
    kinds_.emplace(kind_of(last), Kind{});
    return record;
  }
  found->second.last = std::move(last);
  ++found->second.repeats;
  counting_ = true;
  return std::nullopt;
}

std::vector<AccessRecord> Repeats::take() {
  std::vector<AccessRecord> records;
  for (auto& [key, kind] : kinds_) {
    if (kind.repeats == 0) continue;
    kind.last.repeats = kind.repeats;
    records.push_back(std::move(kind.last));
  }
  kinds_.clear();
  strangers_ = users_ = 0;
  end_ = {};
  counting_ = false;
  return records;
}

}  // namespace fundtrail::api
