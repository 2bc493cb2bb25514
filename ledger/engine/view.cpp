#include "ledger/engine/view.h"

#include <utility>

#include "ledger/chain/document_codec.h"
#include "ledger/core/bilingual.h"
#include "ledger/engine/commands_table.h"
#include "ledger/engine/tree_reader.h"
#include "ledger/store/rocks_store.h"

namespace fundtrail {
namespace {

using store::Table;

Error missing_entry(std::uint64_t index) {
  return {Fault::truncated, "entry " + std::to_string(index) + " is missing in the store"};
}

Error no_entry(std::uint64_t index) {
  const auto number = std::to_string(index);
  return {Fault::not_found, in_both("没有第 " + number + " 号记录。", "there is no entry " + number)};
}

// Prefix of the turnover rows of one day.
std::string day_prefix(Date date) {
  return store::turnover_key(date, FundAccount::source, {}).substr(0, 5);
}

class StoreView final : public View {
 public:
  StoreView(std::shared_ptr<const void> keep, std::unique_ptr<store::Snapshot> snapshot,
            LedgerId id, chain::Suite suite, store::Head head)
      : keep_(std::move(keep)),
        snapshot_(std::move(snapshot)),
        id_(std::move(id)),
        tree_(*snapshot_, suite),
        head_(std::move(head)),
        root_(head_.frontier.root(tree_.hasher())) {}

  const LedgerId& id() const override { return id_; }
  chain::Suite suite() const override { return tree_.hasher().suite(); }
  std::uint64_t size() const override { return head_.size(); }
  chain::Hash root() const override { return root_; }
  const store::Snapshot& raw() const override { return *snapshot_; }

  Result<StoredEntry> entry(std::uint64_t index) const override {
    if (index >= size()) {
      return no_entry(index);
    }
    auto bytes = snapshot_->get(Table::entries, store::key_of(index));
    if (!bytes.ok()) return bytes.error();
    if (!*bytes) return missing_entry(index);
    auto lines = lines_of(index);
    if (!lines.ok()) return lines.error();
    return StoredEntry{index, std::move(**bytes), std::move(*lines)};
  }

  Result<Entry> decoded(std::uint64_t index) const override {
    const auto stored = entry(index);
    if (!stored.ok()) return stored.error();
    auto decoded = chain::decode_entry(stored->bytes);
    if (!decoded.ok()) return decoded.error();
    const auto lines = chain::decode_lines(stored->lines, decoded->document);
    if (!lines.ok()) return lines.error();
    return decoded;
  }

  Status scan(std::uint64_t from, std::uint64_t to, Lines lines,
              const Visit& visit) const override {
    to = std::min(to, size());
    if (lines == Lines::without) return scan_entries(from, to, visit).status;
    // Both tables are read in order, a stretch of entries and then its lines.
    bool stopped = false;
    while (from < to && !stopped) {
      std::vector<std::string> entries;
      std::size_t bytes = 0;
      const auto read = scan_entries(from, to, [&](std::uint64_t, std::string_view line,
                                                   std::string_view) {
        entries.emplace_back(line);
        bytes += line.size();
        return entries.size() < kStretchEntries && bytes < kStretchBytes;
      });
      if (!read.status.ok()) return read.status;
      const auto status = visit_with_lines(from, entries, visit, stopped);
      if (!status.ok()) return status;
      from += entries.size();
    }
    return success();
  }

  Result<std::optional<std::uint64_t>> find_command(const CommandId& id) const override {
    const auto row = snapshot_->get(Table::commands, id.str());
    if (!row.ok()) return row.error();
    if (!*row) return std::optional<std::uint64_t>();
    const auto index = decode_recorded_index(**row);
    if (!index.ok()) return index.error();
    return std::optional<std::uint64_t>(*index);
  }

  Status balances(const VisitBalance& visit) const override {
    return rows({store::kBalanceRow}, {store::kBalanceRow + 1},
                [&](std::string_view key, std::string_view value) -> Status {
                  const auto parsed = store::parse_balance_key(key);
                  if (!parsed.ok()) return parsed.error();
                  const auto balance = store::decode_balance(value);
                  if (!balance.ok()) return balance.error();
                  visit(parsed->account, parsed->at, *balance);
                  return success();
                });
  }

  Status turnovers(Date from, Date to, const VisitTurnover& visit) const override {
    if (to < from) return success();
    return rows(day_prefix(from), day_prefix(to + 1),
                [&](std::string_view key, std::string_view value) -> Status {
                  const auto parsed = store::parse_turnover_key(key);
                  if (!parsed.ok()) return parsed.error();
                  const auto turnover = store::decode_turnover(value);
                  if (!turnover.ok()) return turnover.error();
                  visit(parsed->date, parsed->account, parsed->at, *turnover);
                  return success();
                });
  }

  Result<std::vector<chain::Hash>> inclusion_proof(std::uint64_t index,
                                                   std::uint64_t size) const override {
    if (const auto beyond = beyond_head(size)) return *beyond;
    return chain::inclusion_proof(tree_.hasher(), index, size, tree_.source());
  }
  Result<std::vector<chain::Hash>> consistency_proof(std::uint64_t old_size,
                                                     std::uint64_t new_size) const override {
    if (const auto beyond = beyond_head(new_size)) return *beyond;
    return chain::consistency_proof(tree_.hasher(), old_size, new_size, tree_.source());
  }
  Result<chain::Hash> root_at(std::uint64_t size) const override {
    if (const auto beyond = beyond_head(size)) return *beyond;
    return chain::root_from(tree_.hasher(), size, tree_.source());
  }

  Result<std::vector<chain::Hash>> line_proof(std::uint64_t index,
                                              std::uint64_t line) const override {
    if (index >= size()) {
      return no_entry(index);
    }
    auto block = lines_of(index);
    if (!block.ok()) return block.error();
    auto& hasher = tree_.hasher();
    std::vector<chain::Hash> leaves;
    for (std::string_view rest = *block; !rest.empty();) {
      const auto end = rest.find('\n');
      if (end == std::string_view::npos) {
        return Error{Fault::truncated, "the lines of entry " + std::to_string(index) + " are cut"};
      }
      leaves.push_back(hasher.leaf(rest.substr(0, end)));
      rest.remove_prefix(end + 1);
    }
    if (line >= leaves.size()) {
      const auto of = std::to_string(index), number = std::to_string(line);
      return Error{Fault::not_found, in_both("第 " + of + " 号记录没有第 " + number + " 行明细（从 0 数起）。",
                                             "entry " + of + " has no line " + number + " (counted from 0)")};
    }
    return chain::inclusion_proof(
        hasher, line, leaves.size(),
        [&](unsigned level, std::uint64_t at) -> Result<chain::Hash> {
          return chain::root_of(hasher, std::span(leaves).subspan(at << level, 1u << level));
        });
  }

  Result<std::vector<std::string>> checkpoints() const override {
    std::vector<std::string> notes;
    const auto status = snapshot_->scan(Table::meta, store::kFirstCheckpoint, store::kBehindCheckpoints,
                                        [&](std::string_view, std::string_view note) {
                                          notes.emplace_back(note);
                                          return true;
                                        });
    if (!status.ok()) return status.error();
    return notes;
  }

 private:
  static constexpr std::size_t kStretchEntries = 256;
  static constexpr std::size_t kStretchBytes = 1u << 20;

  struct Scanned {
    Status status = success();
    bool stopped = false;
  };
  Scanned scan_entries(std::uint64_t from, std::uint64_t to, const Visit& visit) const {
    Scanned scanned;
    if (from >= to) return scanned;
    std::uint64_t expected = from;
    scanned.status = snapshot_->scan(
        Table::entries, store::key_of(from), store::key_of(to),
        [&](std::string_view key, std::string_view bytes) {
          if (key != store::key_of(expected)) return false;
          scanned.stopped = !visit(expected, bytes, {});
          ++expected;
          return !scanned.stopped;
        });
    if (scanned.status.ok() && !scanned.stopped && expected != to) {
      scanned.status = missing_entry(expected);
    }
    return scanned;
  }

  // Visits entries that were read already, each with its lines.
  Status visit_with_lines(std::uint64_t from, const std::vector<std::string>& entries,
                          const Visit& visit, bool& stopped) const {
    std::uint64_t next = from;
    const std::uint64_t to = from + entries.size();
    const auto without_lines_until = [&](std::uint64_t end) {
      for (; next < end && !stopped; ++next) stopped = !visit(next, entries[next - from], {});
    };
    const auto status = snapshot_->scan(
        Table::lines, store::key_of(from), store::key_of(to),
        [&](std::string_view key, std::string_view block) {
          const auto index = store::index_of(key);
          if (!index.ok()) return true;  // belongs to no entry
          without_lines_until(*index);
          if (stopped) return false;
          stopped = !visit(next, entries[next - from], block);
          ++next;
          return !stopped;
        });
    if (!status.ok()) return status;
    without_lines_until(to);
    return success();
  }

  std::optional<Error> beyond_head(std::uint64_t size) const {
    if (size <= this->size()) return std::nullopt;
    return Error{Fault::invalid_argument, "the tree has only " + std::to_string(this->size()) +
                                              " entries, not " + std::to_string(size)};
  }

  Result<std::string> lines_of(std::uint64_t index) const {
    auto lines = snapshot_->get(Table::lines, store::key_of(index));
    if (!lines.ok()) return lines.error();
    return std::move(*lines).value_or(std::string());
  }

  // Visits rows of the state until one of them cannot be read.
  template <class Visit>
  Status rows(const std::string& from, const std::string& to, const Visit& visit) const {
    Status outcome = success();
    const auto status = snapshot_->scan(Table::state, from, to,
                                        [&](std::string_view key, std::string_view value) {
                                          outcome = visit(key, value);
                                          return outcome.ok();
                                        });
    if (!status.ok()) return status;
    return outcome;
  }

  std::shared_ptr<const void> keep_;
  std::unique_ptr<store::Snapshot> snapshot_;
  LedgerId id_;
  mutable TreeReader tree_;
  store::Head head_;
  chain::Hash root_;
};

}  // namespace

Result<std::unique_ptr<View>> make_view(std::shared_ptr<const void> keep,
                                        std::unique_ptr<store::Snapshot> snapshot,
                                        const LedgerId& id, chain::Suite suite) {
  const auto bytes = snapshot->get(Table::meta, store::kHeadKey);
  if (!bytes.ok()) return bytes.error();
  if (!*bytes) return Error{Fault::truncated, "the store has no head"};
  auto head = store::Head::decode(**bytes);
  if (!head.ok()) return head.error();
  return std::unique_ptr<View>(std::make_unique<StoreView>(std::move(keep), std::move(snapshot), id,
                                                           suite, std::move(*head)));
}

Result<std::unique_ptr<View>> open_view(const std::filesystem::path& directory) {
  auto opened = store::RocksStore::open_read_only(directory / "db");
  if (!opened.ok()) return opened.error();
  const std::shared_ptr<store::RocksStore> store(std::move(*opened));
  auto snapshot = store->snapshot();
  const auto facts = read_facts(*snapshot);
  if (!facts.ok()) return facts.error();
  return make_view(store, std::move(snapshot), facts->id, facts->suite);
}

Result<LedgerFacts> read_facts(const store::Snapshot& snapshot) {
  const auto bytes = snapshot.get(Table::entries, store::key_of(0));
  if (!bytes.ok()) return bytes.error();
  if (!*bytes) return missing_entry(0);
  const auto entry = chain::decode_entry(**bytes);
  if (!entry.ok()) return entry.error();
  const auto* opening = std::get_if<LedgerOpening>(&entry->document);
  if (opening == nullptr) {
    return Error{Fault::unreadable, "entry 0 is not the opening of a ledger"};
  }
  const auto suite = chain::suite_from_name(opening->suite);
  if (!suite.ok()) return suite.error();
  return LedgerFacts{entry->ledger, *opening, *suite, chain::Hasher(*suite).leaf(**bytes)};
}

Result<chain::SignedLedger> signed_ledger(const View& view) {
  const auto first = view.entry(0);
  if (!first.ok()) return first.error();
  return chain::SignedLedger{view.id(), chain::Hasher(view.suite()).leaf(first->bytes)};
}

}  // namespace fundtrail
