#include "reports/entry_scan.h"

#include <optional>
#include <string>

namespace fundtrail::reports {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::element;
using simdjson::dom::object;

Error unreadable(std::uint64_t index, std::string_view what) {
  return {Fault::unreadable, "entry " + std::to_string(index) + ": " + std::string(what)};
}

bool read_posting(object source, GlancedPosting& posting) {
  std::optional<FundAccount> account;
  std::optional<Side> side;
  std::optional<Money> amount;
  for (const auto field : source) {
    std::string_view text;
    if (field.value.get(text) != SUCCESS) return false;
    if (field.key == "account") account = parse_name<FundAccount>(text);
    else if (field.key == "amount") amount = Money::parse(text);
    else if (field.key == "side") side = parse_name<Side>(text);
    else if (field.key == "fund") posting.fund = text;
    else if (field.key == "programme") posting.programme = text;
    else if (field.key == "region") posting.region = text;
    else if (field.key == "counterparty") posting.counterparty = text;
  }
  if (!account || !side || !amount) return false;
  posting.account = *account;
  posting.side = *side;
  posting.amount = *amount;
  return true;
}

}  // namespace

std::optional<std::size_t> kind_of_line(std::string_view bytes) {
  static constexpr std::string_view kMember = ",\"kind\":\"";
  const auto at = bytes.find(kMember);
  if (at == std::string_view::npos) return std::nullopt;
  const auto name = bytes.substr(at + kMember.size());
  const auto end = name.find('"');
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (kKindNames[i] == name.substr(0, end)) return i;
  }
  return std::nullopt;
}

EntryScan::Kinds EntryScan::all_kinds() {
  Kinds kinds;
  kinds.fill(true);
  return kinds;
}

Status EntryScan::read(std::uint64_t index, std::string_view bytes, Glance& glance) {
  object entry;
  if (parser_.parse(bytes.data(), bytes.size()).get(entry) != SUCCESS) {
    return unreadable(index, "not a JSON object");
  }
  std::string_view date_text;
  simdjson::dom::array postings;
  if (entry.at_key("date").get(date_text) != SUCCESS ||
      entry.at_key("doc").get(glance.document) != SUCCESS ||
      entry.at_key("postings").get(postings) != SUCCESS) {
    return unreadable(index, "date, doc or postings are missing");
  }
  const auto date = Date::parse(date_text);
  if (!date) return unreadable(index, "not a date");
  glance.index = index;
  glance.date = *date;
  glance.postings.clear();
  for (const element item : postings) {
    object posting;
    glance.postings.emplace_back();
    if (item.get(posting) != SUCCESS || !read_posting(posting, glance.postings.back())) {
      return unreadable(index, "a posting cannot be read");
    }
  }
  return success();
}

Status EntryScan::run(const Kinds& kinds, View::Lines lines,
                      const std::function<Status(const Glance&)>& visit) {
  Glance glance;
  Status outcome = success();
  const auto scanned = view_.scan(
      0, view_.size(), lines,
      [&](std::uint64_t index, std::string_view bytes, std::string_view block) {
        const auto kind = kind_of_line(bytes);
        if (!kind) {
          outcome = unreadable(index, "names no known kind");
          return false;
        }
        if (!kinds[*kind]) return true;
        glance.kind = *kind;
        glance.lines = block;
        outcome = read(index, bytes, glance);
        if (outcome.ok()) outcome = visit(glance);
        return outcome.ok();
      });
  return scanned.ok() ? outcome : scanned;
}

Status for_each_line(std::string_view block,
                     const std::function<Status(object)>& visit) {
  thread_local simdjson::dom::parser parser;
  while (!block.empty()) {
    const auto end = block.find('\n');
    object line;
    if (end == std::string_view::npos || parser.parse(block.data(), end).get(line) != SUCCESS) {
      return Error{Fault::unreadable, "a document's line cannot be read"};
    }
    if (auto visited = visit(line); !visited.ok()) return visited;
    block.remove_prefix(end + 1);
  }
  return success();
}

}  // namespace fundtrail::reports
