#include "api/access_log/search.h"

#include <charconv>

#include "api/access_log/files.h"

namespace fundtrail::api {
namespace {

// The value of a member, read in place. Within a string of a canonical line a quotation mark has a
// backslash before it, so the member's name cannot stand there in this form.
std::string_view value_of(std::string_view line, std::string_view name, char end) {
  const auto at = line.find(name);
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + name.size());
  return line.substr(0, line.find(end));
}

std::uint64_t number_of(std::string_view line) {
  const auto text = value_of(line, "\"n\":", ',');
  std::uint64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

bool fits(const AccessFilter& filter, std::string_view line) {
  if (!filter.actor.empty() && value_of(line, "\"actor\":\"", '"') != filter.actor) return false;
  if (filter.from || filter.to) {
    const auto date = value_of(line, "\"time\":\"", '"').substr(0, 10);  // ISO dates sort as text
    if (filter.from && date < filter.from->str()) return false;
    if (filter.to && date > filter.to->str()) return false;
  }
  return filter.text.empty() || line.find(filter.text) != std::string_view::npos;
}

// Records of a day are in its month's file, or behind it after a clock was set back; in an earlier file
// only if the clock of then was ahead, which a month of grace covers.
bool is_before(const std::string& file, const AccessFilter& filter) {
  if (!filter.from) return false;
  const auto month = [](std::string_view text) {
    int year = 0;
    int number = 0;
    std::from_chars(text.data(), text.data() + 4, year);
    std::from_chars(text.data() + 5, text.data() + 7, number);
    return year * 12 + number;
  };
  return month(file) + 1 < month(filter.from->str());
}

}  // namespace

Result<AccessSearch> search_access_log(const std::filesystem::path& directory, const AccessFilter& filter,
                                       std::uint64_t most, const VisitRecord& visit) {
  const auto files = access_log_files(directory);
  if (!files.ok()) return files.error();
  AccessSearch result{.next = filter.after};
  std::uint64_t looked = 0;
  bool stopped = false;
  for (const auto& file : *files) {
    if (is_before(file.filename().string(), filter)) continue;
    const auto read = read_lines(file, [&](std::uint64_t, std::string_view line) {
      const auto n = number_of(line);
      if (n < filter.after) return true;
      if (looked == most) {
        stopped = true;
        return false;
      }
      ++looked;
      result.next = n + 1;
      if (fits(filter, line) && !visit(n, line)) stopped = true;
      return !stopped;
    });
    if (!read.ok()) return read.error();
    if (stopped) return result;
  }
  result.ended = true;
  return result;
}

}  // namespace fundtrail::api
