// A load generator: one thread that keeps many connections busy, each with one request at a time, as
// so many clients would. A library client takes a thread a connection and more processor time for a
// request than the server it is to measure, on the same cores; so the bytes of the requests are made
// beforehand, and of the answers, which are our own server's, only status and length are read.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ledger/core/result.h"

namespace fundtrail::api::bench {

struct LoadResult {
  double seconds = 0;                // from the first byte sent to the last one received
  double processor_seconds = 0;      // of this thread
  std::vector<double> milliseconds;  // of each request, in the order of the answers
};

// The bytes of a POST of JSON.
std::string post_bytes(const std::string& path, const std::string& token, const std::string& key,
                       const std::string& body);

// Sends every request once over so many connections to the loopback, each its next one as soon as it
// has its answer. io: a connection ended or stood still for 30 s, or an answer was not 201.
Result<LoadResult> send_all(int port, const std::vector<std::string>& requests,
                            std::size_t connections);

}  // namespace fundtrail::api::bench
