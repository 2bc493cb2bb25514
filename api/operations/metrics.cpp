#include "api/operations/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <vector>

#include "api/http/routes.h"
#include "ledger/ledger.h"

namespace fundtrail::api {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr auto relaxed = std::memory_order_relaxed;
constexpr double kMicrosecond = 1e-6;

// The statuses that the server gives, ascending; what is none of them is counted under 0.
constexpr std::array<int, 22> kStatuses = {0,   200, 201, 202, 204, 206, 207, 304, 400, 401, 403,
                                           404, 405, 409, 412, 413, 414, 415, 422, 429, 500, 503};

std::size_t place_of(int status) {
  const auto at = std::lower_bound(kStatuses.begin(), kStatuses.end(), status);
  return at != kStatuses.end() && *at == status ? std::size_t(at - kStatuses.begin()) : 0;
}

class Page {
 public:
  MetricFamily& family(std::string name, std::string help, MetricType type) {
    return families_.emplace_back(
        MetricFamily{"fundtrail_" + std::move(name), std::move(help), type, {}});
  }
  void gauge(std::string name, std::string help, double value) {
    add(family(std::move(name), std::move(help), MetricType::Gauge), {}, value);
  }
  void counter(std::string name, std::string help, double value) {
    add(family(std::move(name), std::move(help), MetricType::Counter), {}, value);
  }
  static void add(MetricFamily& family, Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    family.metric.push_back(std::move(metric));
  }
  // `unit` is what one of the histogram's numbers is worth.
  template <const auto& kBounds>
  static std::uint64_t add(MetricFamily& family, Labels labels, const Histogram<kBounds>& histogram,
                           double unit) {
    ClientMetric metric;
    metric.label = std::move(labels);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i <= kBounds.size(); ++i) {
      below += histogram.count(i);
      // Divided, not multiplied: 0.1 and not 0.09999999999999999.
      const double bound = i < kBounds.size() ? double(histogram.bound(i)) / std::round(1 / unit)
                                              : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({below, bound});
    }
    metric.histogram.sample_count = below;
    metric.histogram.sample_sum = double(histogram.sum()) * unit;
    if (below != 0 || metric.label.empty()) family.metric.push_back(std::move(metric));
    return below;
  }
  std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<MetricFamily> families_;
};

void add_refusals(Page& page, const char* name, const char* help,
                  const std::array<LedgerCounters::Count, kReasons>& counts) {
  auto& family = page.family(name, help, MetricType::Counter);
  for (std::size_t i = 0; i < kReasons; ++i) {
    if (const auto n = counts[i].load(relaxed)) {
      Page::add(family, {{"reason", std::string(info(static_cast<Reason>(i)).code)}}, double(n));
    }
  }
}

void add_ledger(Page& page, const Ledger& ledger, std::int64_t now) {
  const auto& c = ledger.counters();
  const auto size = c.size.load(relaxed);
  const auto behind = [&](std::uint64_t part) { return size > part ? double(size - part) : 0.0; };
  const auto last = c.last_time.load(relaxed), unsigned_since = c.unsigned_since.load(relaxed);
  page.gauge("writable", "1 while the ledger accepts writes.", ledger.refusing() ? 0 : 1);
  page.gauge("entries", "Entries of the ledger.", double(size));
  page.counter("recorded_entries_total", "Entries recorded since the start.", double(c.entries.load(relaxed)));
  page.counter("recorded_lines_total", "Lines of documents recorded since the start.",
               double(c.lines.load(relaxed)));
  page.counter("repeated_commands_total", "Commands that had been recorded before.",
               double(c.repeated.load(relaxed)));
  add_refusals(page, "refused_commands_total", "Commands refused, by reason.", c.refused);
  add_refusals(page, "refused_lines_total", "Lines left out of recorded documents, by reason.",
               c.refused_lines);
  page.gauge("queue_length", "Submissions that wait for the writer.", double(ledger.waiting()));
  Page::add(page.family("group_commands", "Commands recorded in one synced group.", MetricType::Histogram), {},
            c.group_commands, 1);
  Page::add(page.family("commit_seconds", "Synced write of a group.", MetricType::Histogram), {},
            c.commit_us, kMicrosecond);
  Page::add(page.family("anchor_seconds", "Signing, writing and syncing the anchor.",
                        MetricType::Histogram),
            {}, c.anchor_us, kMicrosecond);
  page.gauge("anchor_lag_entries", "Entries that the anchor does not cover yet.",
             behind(c.anchored.load(relaxed)));
  page.gauge("checkpoint_lag_entries", "Entries that no signed checkpoint covers.",
             behind(c.checkpoint.load(relaxed)));
  page.gauge("checkpoint_age_seconds",
             "Since the first entry was recorded that no signed checkpoint covers; 0: none.",
             unsigned_since == 0 ? 0 : double(std::max<std::int64_t>(0, now - unsigned_since)));
  page.gauge("clock_behind_seconds", "By how much the clock is behind the newest entry.",
             double(std::max<std::int64_t>(0, last - now)));
}

// Resident memory in bytes, or nothing to say.
double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  file >> all >> resident;
  return double(resident) * double(::sysconf(_SC_PAGESIZE));
}

}  // namespace

struct ServerCounters::Requests {
  using OfRoute = std::array<Histogram<kMicroseconds>, kStatuses.size()>;
  // One a route, and one for addresses that fit none.
  std::vector<OfRoute> of{routes().size() + 1};
};

ServerCounters::ServerCounters() : requests_(std::make_unique<Requests>()) {}
ServerCounters::~ServerCounters() = default;

void ServerCounters::answered(const Route* route, int status, std::uint64_t microseconds) {
  const auto at = route ? std::size_t(route - routes().data()) : routes().size();
  requests_->of[at][place_of(status)].observe(microseconds);
}

std::string metrics_text(const Ledger& ledger, const ServerCounters& server, std::int64_t now) {
  Page page;
  add_ledger(page, ledger, now);
  auto& family = page.family("request_seconds", "Requests by route and status.", MetricType::Histogram);
  for (std::size_t route = 0; route < server.requests_->of.size(); ++route) {
    const bool known = route < routes().size();
    for (std::size_t status = 0; status < kStatuses.size(); ++status) {
      Page::add(family,
                {{"method", known ? std::string(routes()[route].method) : "-"},
                 {"route", known ? std::string(routes()[route].pattern) : "-"},
                 {"status", std::to_string(kStatuses[status])}},
                server.requests_->of[route][status], kMicrosecond);
    }
  }
  page.gauge("connections", "Connections that are open.", double(server.connections.load(relaxed)));
  page.counter("connections_total", "Connections accepted.", double(server.accepted.load(relaxed)));
  page.gauge("backup_time_seconds", "When the newest backup was verified (unix time); 0: none since the start.",
             double(server.backup_time.load(relaxed)));
  page.counter("backups_failed_total", "Backups that failed.", double(server.backups_failed.load(relaxed)));
  page.gauge("tls_certificate_expires_seconds", "When the TLS certificate ends (unix time); 0: no TLS.",
             double(server.certificate_expires.load(relaxed)));
  page.gauge("resident_memory_bytes", "Memory of the process.", resident_bytes());
  return page.text();
}

}  // namespace fundtrail::api
