#include "api/access_log/repeats.h"

#include <algorithm>
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

Repeats::Allowance& Repeats::allowance_of(const std::string& user, Clock::time_point now) {
  Allowance& allowance = allowances_.try_emplace(user, Allowance{kAllowance, now}).first->second;
  const std::chrono::duration<double> passed = now - allowance.at;
  allowance.left = std::min(kAllowance, allowance.left + passed.count() * kPerSecond);
  allowance.at = now;
  return allowance;
}

std::chrono::seconds Repeats::pause(const std::string& user, Clock::time_point now) {
  if (!allowances_.contains(user)) return {};
  const double left = allowance_of(user, now).left;
  if (left >= kAllowance) allowances_.erase(user);
  return std::chrono::seconds(left > 0 ? 0 : 1 + static_cast<std::int64_t>(-left / kPerSecond));
}

std::optional<AccessRecord> Repeats::add(AccessRecord record, Clock::time_point now) {
  if (now >= end_ && !counting_) {
    kinds_.clear();
    strangers_ = 0;
    end_ = now + kWindow;
  }
  const bool stranger = record.actor.empty();
  const bool asked_to_wait = !stranger && record.outcome == kAskedToWait;
  AccessRecord last = record;
  // Nobody learns anything from what strangers asked about: they make it up as they like. Nor is whoever is asked to wait
  // answered.
  if (stranger || asked_to_wait) {
    for (auto* part : {&last.person, &last.subject, &last.purpose, &last.command}) part->clear();
  }
  if (asked_to_wait) record = last;
  Allowance* own = nullptr;
  auto found = kinds_.find(kind_of(last));
  if (found == kinds_.end()) {
    // Under a name of their own: nobody makes a user wait by saying to be them.
    const std::string name = stranger && !record.user.empty() ? "?" + record.user : record.actor;
    own = name.empty() || asked_to_wait ? nullptr : &allowance_of(name, now);
    const bool beyond = own ? own->left <= 0 : stranger && strangers_ >= kStrangers;
    if (beyond && (stranger || own->left <= -kAllowance)) {
      last = {.action = last.action, .time = last.time, .actor = last.actor, .role = last.role, .address = kAnywhere,
              .user = last.user, .request = last.request, .status = last.status, .outcome = last.outcome};
      record = last;
    } else if (beyond) {
      for (auto* part : {&last.subject, &last.purpose, &last.command}) part->clear();
      last.count = 0;
      record = last;
    }
    found = kinds_.find(kind_of(last));
    if (found == kinds_.end()) {
      if (own) own->left = std::max(own->left - 1, -kAllowance);
      if (stranger && !own) ++strangers_;
      kinds_.emplace(kind_of(last), Kind{});
      return record;
    }
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
  strangers_ = 0;
  end_ = {};
  counting_ = false;
  return records;
}

}  // namespace fundtrail::api
