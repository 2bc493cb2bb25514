#include "api/bench/figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ledger/core/check.h"

namespace fundtrail::api::bench {
namespace {

constexpr cli::Message kUnit{"单位", "unit"}, kMin{"最小", "min"}, kMedian{"中位", "median"},
    kMax{"最大", "max"}, kRepetitions{"次数", "runs"};

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
    rows.push_back({section.title.in(language), kUnit.in(language), kMin.in(language),
                    kMedian.in(language), kMax.in(language), kRepetitions.in(language)});
    for (const auto& figure : section.figures) {
      const auto label = "  " + figure.label.in(language) +
                         (figure.detail.empty() ? "" : " " + figure.detail);
      rows.push_back({label, figure.unit, shown(figure.min()),
                      shown(figure.median()), shown(figure.max()),
                      std::to_string(figure.samples.size())});
    }
  }
  std::vector<std::size_t> columns(6, 0);
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

nlohmann::ordered_json to_json(const std::vector<Section>& sections) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& section : sections) {
    for (const auto& figure : section.figures) {
      list.push_back({{"name", figure.name},
                      {"label", {{"zh", figure.label.zh}, {"en", figure.label.en}}},
                      {"unit", figure.unit},
                      {"min", figure.min()},
                      {"median", figure.median()},
                      {"max", figure.max()},
                      {"samples", figure.samples}});
    }
  }
  return list;
}

}  // namespace fundtrail::api::bench
