#include "audit/integrity/examine.h"

#include <simdjson.h>

#include <algorithm>
#include <span>
#include <tuple>

#include "ledger/chain/canonical.h"
#include "ledger/chain/document_codec.h"
#include "ledger/chain/merkle.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"

namespace fundtrail::audit {
namespace {

Finding finding(Flaw flaw, std::uint64_t entry, std::string detail = {}) {
  Finding f{flaw, entry};
  f.detail = std::move(detail);
  return f;
}
std::unique_ptr<Finding> kept(std::optional<Finding> finding) {
  return finding ? std::make_unique<Finding>(std::move(*finding)) : nullptr;
}

// The place in the chain that an entry of malformed content claims: whether it was altered or written
// so is for its neighbours to say.
void read_place(std::string_view line, Examined& e) {
  simdjson::dom::parser parser;
  simdjson::dom::element object;
  std::uint64_t version = 0;
  std::string_view prev;
  Finding fault{Flaw::unreadable};
  if (parser.parse(line.data(), line.size()).get(object) != simdjson::SUCCESS ||
      object["v"].get(version) != simdjson::SUCCESS) {
    fault.detail = in_both("没有格式版本", "there is no format version");
  } else if (version != kFormatVersion) {
    fault.flaw = Flaw::unknown_version;
  } else if (object["index"].get(e.index) != simdjson::SUCCESS ||
             object["prev"].get(prev) != simdjson::SUCCESS || !chain::hash_from_hex(prev)) {
    fault.detail = in_both("index 或 prev 格式不对", "index or prev is malformed");
  } else {
    e.prev = *chain::hash_from_hex(prev);
    return;
  }
  e.fault = std::make_unique<Finding>(std::move(fault));
}

bool is_memorandum(FundAccount account) {
  const auto account_class = info(account).account_class;
  return account_class == AccountClass::memorandum_debit ||
         account_class == AccountClass::memorandum_credit;
}

// A decoded entry in the form of a scanned one.
chain::ScannedEntry as_scanned(const Entry& entry, const chain::Hash& prev,
                               chain::EntryScanner& scanner) {
  chain::ScannedEntry s;
  s.index = entry.index;
  s.prev = prev;
  s.date = entry.date;
  s.time = entry.time.unix_seconds();
  s.ledger = entry.ledger.str();
  s.actor = entry.actor.id.str();
  s.has_lines = entry.lines.has_value();
  if (entry.lines) s.line_count = entry.lines->count;
  for (const auto& posting : entry.postings) {
    s.postings.push_back({scanner.cell(posting.account, posting.at), posting.side,
                          posting.amount.fen().convert_to<std::int64_t>()});
  }
  return s;
}

}  // namespace

Examination Examiner::begin() {
  Examination out;
  out.examiner = number_;
  actor_numbers_.clear();
  return out;
}

void Examiner::end(Examination& out) {
  const auto& cells = scanner_.cells();
  out.new_cells.assign(cells.begin() + static_cast<std::ptrdiff_t>(known_cells_), cells.end());
  known_cells_ = cells.size();
}

void Examiner::entry(std::uint64_t key, std::string_view bytes, bool cut, Examination& out) {
  Examined& record = out.records.emplace_back();
  record.key = key;
  record.bytes = bytes.size() + 1;
  record.leaf = hasher_.leaf(bytes);
  if (cut) {
    record.fault = std::make_unique<Finding>(Finding{Flaw::truncated});
  } else if (scanner_.scan(bytes, scanned_)) {
    if (scanned_.has_lines) record.lines_root = scanned_.lines_root;
    place(scanned_, record, out);
    if (is_governance(scanned_.kind)) {
      if (const auto entry = chain::decode_entry(bytes); entry.ok()) {  // the scanner accepted it
        record.governance = governance_of(hasher_, genesis_, *entry);
      }
    }
  } else if (const auto canonical = chain::check_canonical(bytes); !canonical.ok()) {
    record.fault = std::make_unique<Finding>(Finding{Flaw::unreadable});
    record.fault->detail = canonical.error().message;
  } else {
    decode(bytes, record, out);
  }
}

// What the scanner did not accept: content that is malformed, or only spelled with escapes.
void Examiner::decode(std::string_view bytes, Examined& record, Examination& out) {
  const auto entry = chain::decode_entry(bytes);
  if (!entry.ok()) {
    read_place(bytes, record);
    if (!record.fault) {
      record.content = kept(finding(Flaw::unreadable, record.index, in_both(entry.error())));
    }
    return;
  }
  const auto prev = chain::hash_from_hex(entry->prev);
  if (!prev) {
    record.fault = std::make_unique<Finding>(Finding{Flaw::unreadable});
    record.fault->detail = in_both("prev 不是摘要", "prev is not a hash");
    return;
  }
  if (entry->lines) record.lines_root = chain::hash_from_hex(entry->lines->root);
  place(as_scanned(*entry, *prev, scanner_), record, out);
  record.governance = governance_of(hasher_, genesis_, *entry);
}

void Examiner::place(const chain::ScannedEntry& entry, Examined& record, Examination& out) {
  record.index = entry.index;
  record.prev = entry.prev;
  record.decoded = true;
  record.has_lines = entry.has_lines;
  record.line_count = entry.line_count;
  record.time = entry.time;
  record.date = entry.date;
  record.ledger = ledger_number(entry.ledger, out);
  record.actor = actor_number(entry.actor, out);
  record.first_posting = static_cast<std::uint32_t>(out.postings.size());
  record.posting_count = static_cast<std::uint32_t>(entry.postings.size());
  out.postings.insert(out.postings.end(), entry.postings.begin(), entry.postings.end());
  check_balance(record, out);
}

std::uint32_t Examiner::ledger_number(std::string_view ledger, Examination& out) {
  for (std::size_t i = out.ledgers.size(); i-- > 0;) {
    if (out.ledgers[i].str() == ledger) return static_cast<std::uint32_t>(i);
  }
  out.ledgers.push_back(*LedgerId::parse(ledger));
  return static_cast<std::uint32_t>(out.ledgers.size() - 1);
}

std::uint32_t Examiner::actor_number(std::string_view actor, Examination& out) {
  actor_.assign(actor);
  const auto [known, added] =
      actor_numbers_.try_emplace(actor_, static_cast<std::uint32_t>(out.actors.size()));
  if (added) out.actors.push_back(actor_);
  return known->second;
}

// Debits less credits of each fund, money and promises apart. A document touches few funds.
void Examiner::check_balance(Examined& record, const Examination& out) {
  struct Sum {
    std::string_view fund;
    bool memorandum;
    Money difference;
  };
  const std::span postings(out.postings.data() + record.first_posting, record.posting_count);
  const auto cell = [&](const chain::ScannedPosting& p) -> const chain::Cell& {
    return scanner_.cells()[p.cell];
  };
  // The usual document: two postings of one fund and amount.
  if (postings.size() == 2 && postings[0].side != postings[1].side &&
      postings[0].fen == postings[1].fen &&
      cell(postings[0]).at.fund == cell(postings[1]).at.fund &&
      is_memorandum(cell(postings[0]).account) == is_memorandum(cell(postings[1]).account)) {
    return;
  }
  std::vector<Sum> sums;
  for (const auto& posting : postings) {
    const auto& fund = cell(posting).at.fund.str();
    const bool memorandum = is_memorandum(cell(posting).account);
    auto sum = std::find_if(sums.begin(), sums.end(), [&](const Sum& s) {
      return s.fund == fund && s.memorandum == memorandum;
    });
    if (sum == sums.end()) sum = sums.insert(sum, Sum{fund, memorandum, {}});
    const auto amount = Money::of_fen(posting.fen);
    sum->difference += posting.side == Side::debit ? amount : -amount;
  }
  const Sum* first = nullptr;  // by fund, money before promises
  for (const auto& sum : sums) {
    if (sum.difference.is_zero()) continue;
    if (!first || std::tie(sum.fund, sum.memorandum) < std::tie(first->fund, first->memorandum)) {
      first = &sum;
    }
  }
  if (!first) return;
  const std::string difference = first->difference.str();
  record.unbalanced = kept(finding(Flaw::unbalanced, record.index,
                                   in_both("借方减贷方为 " + difference,
                                           "debits exceed credits by " + difference)));
}

void Examiner::lines(Examined& record, std::optional<std::string_view> block) {
  if (block) record.bytes += block->size();
  if (record.decoded) record.content = kept(check_lines(record, block));
}

std::optional<Finding> Examiner::check_lines(const Examined& record,
                                             std::optional<std::string_view> block) {
  if (!record.has_lines) {
    if (block) return finding(Flaw::lines_inserted, record.index);
    return std::nullopt;
  }
  if (!block) return finding(Flaw::lines_missing, record.index, in_both("一行也没有", "none of them is there"));
  leaves_.clear();
  std::optional<std::uint64_t> bad_line;
  std::string_view rest = *block;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) break;
    const auto line = rest.substr(0, end);
    if (!bad_line && !line_checker_.accepts(line)) bad_line = leaves_.size();
    leaves_.push_back(hasher_.leaf(line));
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty() || leaves_.size() < record.line_count) {
    const std::string there = std::to_string(leaves_.size()), all = std::to_string(record.line_count);
    return finding(Flaw::lines_missing, record.index,
                   in_both("应有 " + all + " 行，现有 " + there + " 行", there + " of " + all));
  }
  if (leaves_.size() > record.line_count) return finding(Flaw::lines_inserted, record.index);
  if (record.lines_root != chain::root_of(hasher_, leaves_)) {
    return finding(Flaw::lines_altered, record.index);
  }
  if (bad_line) {
    auto bad = finding(Flaw::unreadable, record.index, in_both("有一行不是规范的 JSON", "a line is not canonical"));
    bad.line = bad_line;
    return bad;
  }
  return std::nullopt;
}

}  // namespace fundtrail::audit
