#include "api/bench/figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ledger/core/check.h"

namespace fundtrail::api::bench {
namespace {

constexpr cli::Message kUnit{"单位", "unit"}, kMin{"最小", "min"}, kMedian{"中位", "median"},
    kMax{"最大", "max"}, kRepetitions{"次数", "runs"}, kRatio{"本程序为其倍数", "ours is times"};

// Columns that a terminal gives a text: two for each character of Chinese, one for any other.
std::size_t width(std::string_view text) {
  std::size_t columns = 0;
  for (const unsigned char c : text) {
    if ((c & 0xC0) == 0x80) continue;
    columns += c >= 0xE2 ? 2 : 1;
  }
  return columns;
}

std::string padded(std::string_view text, std::size_t columns, bool right) {
  const std::string blanks(columns > width(text) ? columns - width(text) : 0, ' ');
  return right ? blanks + std::string(text) : std::string(text) + blanks;
}

// Three or four significant digits: what the spread of such figures allows.
std::string shown(double value) {
  if (value >= 1'000) {
    std::string text = fmt::format("{:.0f}", value);
    for (auto at = std::ptrdiff_t(text.size()) - 3; at > 0; at -= 3) text.insert(at, ",");
    return text;
  }
  return fmt::format("{:.{}f}", value, value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

using Row = std::vector<std::string>;

bool is_time(std::string_view unit) { return unit == "ms" || unit == "s" || unit.starts_with("µs"); }

// The ratio to the figure of ours that another program's names, if it was measured in this run.
std::optional<double> ratio(const std::vector<Section>& sections, const Figure& other) {
  if (other.against.empty()) return std::nullopt;
  for (const auto& section : sections) {
    for (const auto& figure : section.figures) {
      if (figure.name == other.against) return times_as_fast(figure, other);
    }
  }
  return std::nullopt;
}

Row row_of(const std::vector<Section>& sections, const Figure& figure, cli::Language language) {
  Row row = {"  " + figure.label.in(language) + (figure.detail.empty() ? "" : " " + figure.detail),
             figure.unit};
  if (figure.samples.empty()) {
    row.insert(row.end(), {"", figure.note.in(language), "", "0", ""});
    return row;
  }
  const auto times = ratio(sections, figure);
  row.insert(row.end(), {shown(figure.min()), shown(figure.median()), shown(figure.max()),
                         std::to_string(figure.samples.size()), times ? shown(*times) : ""});
  return row;
}

}  // namespace

double percentile(std::vector<double> values, double p) {
  FT_CHECK(!values.empty() && p > 0 && p <= 100);
  const auto rank = std::size_t(std::ceil(p / 100 * double(values.size()))) - 1;
  std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(rank), values.end());
  return values[rank];
}

double Figure::min() const { return *std::min_element(samples.begin(), samples.end()); }
double Figure::max() const { return *std::max_element(samples.begin(), samples.end()); }
double Figure::median() const {
  FT_CHECK(!samples.empty());
  auto sorted = samples;
  std::sort(sorted.begin(), sorted.end());
  const auto middle = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

std::string table(const std::vector<Section>& sections, cli::Language language) {
  std::vector<Row> rows;
  for (const auto& section : sections) {
    const bool compared = std::any_of(section.figures.begin(), section.figures.end(),
                                      [](const auto& one) { return !one.against.empty(); });
    rows.push_back({section.title.in(language), kUnit.in(language), kMin.in(language),
                    kMedian.in(language), kMax.in(language), kRepetitions.in(language),
                    compared ? kRatio.in(language) : ""});
    for (const auto& figure : section.figures) {
      rows.push_back(row_of(sections, figure, language));
    }
  }
  std::vector<std::size_t> columns(7, 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) columns[i] = std::max(columns[i], width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    if (!text.empty() && !row[0].starts_with("  ")) text += '\n';
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += "  ";
      text += padded(row[i], columns[i], i > 1);
    }
    text += '\n';
  }
  return text;
}

std::optional<double> times_as_fast(const Figure& ours, const Figure& other) {
  if (ours.samples.empty() || other.samples.empty()) return std::nullopt;
  const double a = ours.median();
  const double b = other.median();
  if (a <= 0 || b <= 0) return std::nullopt;
  return is_time(other.unit) ? b / a : a / b;
}

nlohmann::ordered_json to_json(const std::vector<Section>& sections) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& section : sections) {
    for (const auto& figure : section.figures) {
      nlohmann::ordered_json one = {{"name", figure.name},
                                    {"label", {{"zh", figure.label.zh}, {"en", figure.label.en}}},
                                    {"unit", figure.unit}};
      if (figure.samples.empty()) {
        one["note"] = {{"zh", figure.note.zh}, {"en", figure.note.en}};
      } else {
        one["min"] = figure.min();
        one["median"] = figure.median();
        one["max"] = figure.max();
      }
      one["samples"] = figure.samples;
      if (!figure.against.empty()) one["against"] = figure.against;
      if (const auto times = ratio(sections, figure)) one["ours_times_as_fast"] = *times;
      list.push_back(std::move(one));
    }
  }
  return list;
}

}  // namespace fundtrail::api::bench
