// Figures of other programs that did the same work (api/bench/peers/run.py), to stand in one table
// with ours.
#pragma once

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "api/bench/figure.h"
#include "ledger/core/result.h"

namespace fundtrail::api::bench {

struct Beside {
  std::vector<Section> sections;
  std::deque<std::string> texts;  // what the labels of the sections refer to
};

// {"sections": [{"title", "figures": [{"name", "label", "unit", "samples", "against"?, "note"?}]}]},
// titles, labels and notes with a text each for zh and en. Faults: not_found, unreadable.
Result<Beside> read_beside(const std::filesystem::path& file);

}  // namespace fundtrail::api::bench
