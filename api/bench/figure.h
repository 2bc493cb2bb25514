// A figure: what was measured, how often, and its spread. Figures of one run make a report, which
// is one aligned table for people and one JSON value for programs.
//
// Not thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/cli/messages.h"

namespace fundtrail::api::bench {

struct Figure {
  std::string name;      // stable, for programs: "in_process.lines_1000"
  cli::Message label;    // for people
  std::string unit;      // "lines/s", "ms", "B/line", ...
  std::vector<double> samples;
  std::string detail = {};  // behind the label: a name that has no language
  std::string against = {};  // of another program's figure: the name of ours that does the same
  cli::Message note = {};    // why there are no samples

  // Precondition of all three: there are samples.
  double min() const;
  double median() const;  // of an even number: the mean of the middle two
  double max() const;
};

struct Section {
  cli::Message title;
  std::vector<Figure> figures;
};

// The p-th percentile (0 < p <= 100) by nearest rank. Precondition: not empty.
double percentile(std::vector<double> values, double p);

// How many times as fast the first is as the second, by their medians; times (units of seconds) the
// other way round than rates. Nothing without samples.
std::optional<double> times_as_fast(const Figure& ours, const Figure& other);

// One line a figure: label, unit, min, median, max, number of repetitions and, for another program's,
// how many times as fast ours is.
std::string table(const std::vector<Section>& sections, cli::Language language);
nlohmann::ordered_json to_json(const std::vector<Section>& sections);

}  // namespace fundtrail::api::bench
