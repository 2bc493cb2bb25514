// A picture of the ledger for work that may be called off: it counts the entries that are read, and
// once the work is cancelled every read fails, which whoever reads reports like any other fault of the
// store. So nothing that can read a ledger needs to know of jobs.
//
// Thread-safety: as View and Snapshot promise.
#pragma once

#include <functional>
#include <memory>

#include "ledger/ledger.h"

namespace fundtrail::api {

class WatchedSnapshot final : public store::Snapshot {
 public:
  WatchedSnapshot(const store::Snapshot& below, std::function<bool()> cancelled)
      : below_(below), cancelled_(std::move(cancelled)) {}

  Result<std::optional<std::string>> get(store::Table table, std::string_view key) const override {
    if (cancelled_()) return called_off();
    return below_.get(table, key);
  }
  Status scan(store::Table table, std::string_view from, std::string_view to,
              const Visit& visit) const override {
    bool off = cancelled_();
    if (off) return called_off();
    auto status = below_.scan(table, from, to, [&](std::string_view key, std::string_view value) {
      off = cancelled_();
      return !off && visit(key, value);
    });
    return off ? Status(called_off()) : status;
  }

  static Error called_off() { return {Fault::unavailable, "the work was cancelled"}; }

 private:
  const store::Snapshot& below_;
  const std::function<bool()> cancelled_;
};

class WatchedView final : public View {
 public:
  // Calls `progress` with the entries that were scanned.
  WatchedView(std::unique_ptr<View> below, std::function<bool()> cancelled,
              std::function<void(std::uint64_t done, std::uint64_t total)> progress)
      : below_(std::move(below)), raw_(below_->raw(), cancelled), cancelled_(std::move(cancelled)),
        progress_(std::move(progress)) {}

  const LedgerId& id() const override { return below_->id(); }
  chain::Suite suite() const override { return below_->suite(); }
  std::uint64_t size() const override { return below_->size(); }
  chain::Hash root() const override { return below_->root(); }
  Result<StoredEntry> entry(std::uint64_t index) const override {
    if (cancelled_()) return WatchedSnapshot::called_off();
    return below_->entry(index);
  }
  Result<Entry> decoded(std::uint64_t index) const override {
    if (cancelled_()) return WatchedSnapshot::called_off();
    return below_->decoded(index);
  }
  Status scan(std::uint64_t from, std::uint64_t to, Lines lines,
              const Visit& visit) const override {
    bool off = false;
    auto status = below_->scan(
        from, to, lines,
        [&](std::uint64_t index, std::string_view bytes, std::string_view of_lines) {
          constexpr std::uint64_t kOften = 64;
          if (index % kOften == 0) {
            off = cancelled_();
            progress_(index, below_->size());
          }
          return !off && visit(index, bytes, of_lines);
        });
    return off ? Status(WatchedSnapshot::called_off()) : status;
  }
  Result<std::optional<std::uint64_t>> find_command(const CommandId& id) const override {
    return below_->find_command(id);
  }
  Status balances(const VisitBalance& visit) const override { return below_->balances(visit); }
  Status turnovers(Date from, Date to, const VisitTurnover& visit) const override {
    return below_->turnovers(from, to, visit);
  }
  Result<std::vector<chain::Hash>> inclusion_proof(std::uint64_t index,
                                                   std::uint64_t size) const override {
    return below_->inclusion_proof(index, size);
  }
  Result<std::vector<chain::Hash>> consistency_proof(std::uint64_t old_size,
                                                     std::uint64_t new_size) const override {
    return below_->consistency_proof(old_size, new_size);
  }
  Result<chain::Hash> root_at(std::uint64_t size) const override { return below_->root_at(size); }
  Result<std::vector<chain::Hash>> line_proof(std::uint64_t index,
                                              std::uint64_t line) const override {
    return below_->line_proof(index, line);
  }
  Result<std::vector<std::string>> checkpoints() const override { return below_->checkpoints(); }
  const store::Snapshot& raw() const override { return raw_; }

 private:
  std::unique_ptr<View> below_;
  WatchedSnapshot raw_;
  const std::function<bool()> cancelled_;
  const std::function<void(std::uint64_t, std::uint64_t)> progress_;
};

}  // namespace fundtrail::api
