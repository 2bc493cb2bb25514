// What the server counts, and the page that Prometheus reads: the server's own counts, those of the
// engine (ledger/counters.h) and the process's memory, in the text format of Prometheus (written by
// prometheus-cpp). Nothing in it is about a person: labels are routes, statuses and reason codes.
//
// Thread-safety: everything may be used from any thread. Counting is atomic additions; the page is made
// only when somebody reads it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "ledger/counters.h"

namespace fundtrail {
class Ledger;
}

namespace fundtrail::api {

struct Route;

class ServerCounters {
 public:
  ServerCounters();
  ~ServerCounters();

  // An answered request; `route` is nullptr when the address fits none.
  void answered(const Route* route, int status, std::uint64_t microseconds);
  std::atomic<std::uint64_t> connections{0};  // open now
  std::atomic<std::uint64_t> accepted{0};     // so far
  // Unix seconds of the newest backup that was verified, and how many failed.
  std::atomic<std::int64_t> backup_time{0};
  std::atomic<std::uint64_t> backups_failed{0};
  std::atomic<std::int64_t> certificate_expires{0};  // unix seconds; 0: no TLS

 private:
  friend std::string metrics_text(const Ledger& ledger, const ServerCounters& server,
                                  std::int64_t now);
  struct Requests;
  std::unique_ptr<Requests> requests_;
};

// `now` in unix seconds, for ages.
std::string metrics_text(const Ledger& ledger, const ServerCounters& server, std::int64_t now);

}  // namespace fundtrail::api
