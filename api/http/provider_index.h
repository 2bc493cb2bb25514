// Which entries concern which provider: its registration, its claims and records, what is calculated for it,
// every step of its settlements, disbursements and recoveries, and whatever else moves its money. This is what
// "concerns" means for payments, receipts, proofs and the filter of entries. Kept in memory, brought up to date from the entries
// recorded since it was last asked, so that a provider's page never scans the whole chain.
// Eight bytes an entry that concerns a provider, and eight more of a step of a settlement, disbursement or recovery.
//
// Thread-safety: all functions may be called from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/core/ids.h"
#include "ledger/core/result.h"
#include "ledger/ledger.h"

namespace fundtrail::api {

class ProviderIndex {
 public:
  // Ascending indices of the entries below view.size() that concern the provider.
  Result<std::vector<std::uint64_t>> entries_of(const View& view, const ProviderId& provider);
  // Whether an entry below view.size() concerns the provider.
  Result<bool> concerns(const View& view, const ProviderId& provider, std::uint64_t index);
  // The first of them in [from, to) among those taken in; `to` when there is none.
  std::uint64_t next_of(const ProviderId& provider, std::uint64_t from, std::uint64_t to) const;
  // Ascending indices, below view.size(), of the steps of a settlement or disbursement: its preparation and what
  // followed.
  Result<std::vector<std::uint64_t>> steps_of(const View& view, const SettlementId& settlement);
  Result<std::vector<std::uint64_t>> steps_of(const View& view, const DisbursementId& disbursement);
  // Of a recovery: the decision and what came in.
  Result<std::vector<std::uint64_t>> steps_of(const View& view, const RecoveryId& recovery);
  // Takes in everything up to the view's head (called at start, so that the first caller need not
  // wait for it).
  Status catch_up(const View& view);

 private:
  using Entries = std::vector<std::uint64_t>;
  struct Case {
    std::string provider;
    Entries steps = {};
  };
  using Cases = std::unordered_map<std::string, Case>;
  Status take(std::uint64_t index, std::string_view bytes);
  // Notes a step of the case; answers whose it is, which `provider` says at the first one.
  static const std::string& note(Cases& cases, const std::string& id, std::uint64_t index,
                                 const std::string& provider = {});
  Result<Entries> steps_in(const View& view, const Cases& cases, const std::string& id);
  void add(const std::string& provider, std::uint64_t index) {
    by_provider_[provider].push_back(index);
  }

  std::mutex catching_up_;
  mutable std::shared_mutex mutex_;
  std::uint64_t size_ = 0;  // entries taken in
  std::unordered_map<std::string, Entries> by_provider_;
  Cases settlements_;
  Cases disbursements_;
  Cases recoveries_;
};

// A view that shows scan() the given entries only; everything else as it is. Whoever adds up what
// it scans gets what the whole chain would have given, if the other entries do not matter to it.
class EntriesView final : public View {
 public:
  // Both must outlive it; `entries` ascend.
  EntriesView(const View& below, const std::vector<std::uint64_t>& entries)
      : below_(below), entries_(entries) {}
  const LedgerId& id() const override { return below_.id(); }
  chain::Suite suite() const override { return below_.suite(); }
  std::uint64_t size() const override { return below_.size(); }
  chain::Hash root() const override { return below_.root(); }
  Result<StoredEntry> entry(std::uint64_t index) const override { return below_.entry(index); }
  Result<Entry> decoded(std::uint64_t index) const override { return below_.decoded(index); }
  Status scan(std::uint64_t from, std::uint64_t to, Lines lines,
              const Visit& visit) const override;
  Result<std::optional<std::uint64_t>> find_command(const CommandId& id) const override {
    return below_.find_command(id);
  }
  Status balances(const VisitBalance& visit) const override { return below_.balances(visit); }
  Status turnovers(Date from, Date to, const VisitTurnover& visit) const override {
    return below_.turnovers(from, to, visit);
  }
  Result<std::vector<chain::Hash>> inclusion_proof(std::uint64_t index,
                                                   std::uint64_t size) const override {
    return below_.inclusion_proof(index, size);
  }
  Result<std::vector<chain::Hash>> consistency_proof(std::uint64_t old_size,
                                                     std::uint64_t new_size) const override {
    return below_.consistency_proof(old_size, new_size);
  }
  Result<chain::Hash> root_at(std::uint64_t size) const override { return below_.root_at(size); }
  Result<std::vector<chain::Hash>> line_proof(std::uint64_t index,
                                              std::uint64_t line) const override {
    return below_.line_proof(index, line);
  }
  Result<std::vector<std::string>> checkpoints() const override { return below_.checkpoints(); }
  const store::Snapshot& raw() const override { return below_.raw(); }

 private:
  const View& below_;
  const std::vector<std::uint64_t>& entries_;
};

}  // namespace fundtrail::api
