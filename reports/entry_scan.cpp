#include "reports/entry_scan.h"

#include <algorithm>

#include "ledger/chain/document_codec.h"

namespace fundtrail::reports {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::object;

// Entries of a stretch: enough that beginning to read costs little, few enough that all cores have
// some, even of a small ledger.
constexpr std::uint64_t kShortest = 1024, kLongest = 8192, kStretches = 64;

Error unreadable(std::uint64_t index, std::string_view what) {
  return {Fault::unreadable, "entry " + std::to_string(index) + ": " + std::string(what)};
}

GlancedPosting glanced(const chain::Cell& cell, std::uint32_t place, Side side, Money amount) {
  return {cell.account,        side,       std::move(amount), cell.at.fund.str(), cell.at.programme.str(),
          cell.at.region.str(), cell.at.counterparty, place};
}

}  // namespace

std::optional<std::size_t> kind_of_line(std::string_view bytes) {
  static constexpr std::string_view kMember = ",\"kind\":\"";
  for (auto at = bytes.find(kMember); at != std::string_view::npos;) {
    const auto name = bytes.substr(at + kMember.size());
    const auto end = name.find('"');
    for (std::size_t i = 0; i < kKinds; ++i) {
      if (kKindNames[i] == name.substr(0, end)) return i;
    }
    at = bytes.find(kMember, at + kMember.size());
  }
  return std::nullopt;
}

Kinds all_kinds() {
  Kinds kinds;
  kinds.fill(true);
  return kinds;
}

Stretches::Stretches(std::uint64_t size)
    : size_(size), length_(std::clamp(size / kStretches, kShortest, kLongest)) {}

std::optional<Stretch> Stretches::next() {
  if (next_ == size_) return std::nullopt;
  const std::uint64_t from = next_;
  next_ = std::min(size_, next_ + length_);
  return Stretch{from, next_};
}

Result<bool> EntryReader::read(const Kinds& kinds, std::uint64_t index, std::string_view bytes,
                               Glance& glance) {
  glance.postings.clear();
  glance.index = index;
  if (scanner_.scan(bytes, scanned_)) {
    if (!kinds[scanned_.kind]) return false;
    glance.kind = scanned_.kind;
    glance.date = scanned_.date;
    glance.document = scanned_.document;
    for (const auto& posting : scanned_.postings) {
      glance.postings.push_back(glanced(scanner_.cells()[posting.cell], posting.cell, posting.side,
                                        Money::of_fen(posting.fen)));
    }
    return true;
  }
  // Spelled with escapes, or not what an entry is.
  const auto kind = kind_of_line(bytes);
  if (!kind) return unreadable(index, "names no known kind");
  if (!kinds[*kind]) return false;
  if (auto status = decode(index, bytes, glance); !status.ok()) return status.error();
  return true;
}

Status EntryReader::decode(std::uint64_t index, std::string_view bytes, Glance& glance) {
  auto entry = chain::decode_entry(bytes);
  if (!entry.ok()) return unreadable(index, entry.error().message);
  decoded_ = std::move(entry).value();
  document_ = chain::encode_document(decoded_.document);
  glance.kind = decoded_.document.index();
  glance.date = decoded_.date;
  glance.document = document_;
  std::vector<std::uint32_t> places;  // a new one may move the others
  for (const auto& p : decoded_.postings) places.push_back(scanner_.cell(p.account, p.at));
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto& p = decoded_.postings[i];
    glance.postings.push_back(glanced(scanner_.cells()[places[i]], places[i], p.side, p.amount));
  }
  return success();
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
