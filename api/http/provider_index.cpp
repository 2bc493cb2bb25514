#include "api/http/provider_index.h"

#include <algorithm>

#include "ledger/chain/document_codec.h"

namespace fundtrail::api {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace

const std::string& ProviderIndex::note(Cases& cases, const std::string& id, std::uint64_t index,
                                       const std::string& provider) {
  auto& one = cases[id];
  if (!provider.empty()) one.provider = provider;
  one.steps.push_back(index);
  return one.provider;
}

Status ProviderIndex::take(std::uint64_t index, std::string_view bytes) {
  auto entry = chain::decode_entry(bytes);
  if (!entry) return entry.error();
  // The one provider that the document concerns; empty: none.
  const std::string provider = std::visit(
      Overloaded{
          [](const ProviderRegistration& d) { return d.provider.str(); },
          [](const ProviderAmendment& d) { return d.provider.str(); },
          [](const Redemption& d) { return d.provider.str(); },
          [](const RedemptionWithdrawal& d) { return d.provider.str(); },
          [](const ServiceRecords& d) { return d.provider.str(); },
          [](const ServiceWithdrawal& d) { return d.provider.str(); },
          [](const WorkerCertificate& d) { return d.provider.str(); },
          [](const ProviderAssessment& d) { return d.provider.str(); },
          [](const EntitlementCalculation& d) { return d.payee.str(); },
          [&](const SettlementPreparation& d) {
            return note(settlements_, d.settlement.str(), index, d.provider.str());
          },
          [&](const SettlementReview& d) { return note(settlements_, d.settlement.str(), index); },
          [&](const SettlementApproval& d) { return note(settlements_, d.settlement.str(), index); },
          [&](const SettlementReturn& d) { return note(settlements_, d.settlement.str(), index); },
          [&](const DisbursementPreparation& d) {
            return note(disbursements_, d.disbursement.str(), index, settlements_[d.settlement.str()].provider);
          },
          [&](const DisbursementApproval& d) { return note(disbursements_, d.disbursement.str(), index); },
          [&](const DisbursementPayment& d) { return note(disbursements_, d.disbursement.str(), index); },
          [&](const DisbursementBounce& d) { return note(disbursements_, d.disbursement.str(), index); },
          [&](const DisbursementCancellation& d) { return note(disbursements_, d.disbursement.str(), index); },
          [&](const RecoveryDecision& d) {
            return note(recoveries_, d.recovery.str(), index, d.provider.str());
          },
          [&](const RecoveryReceipt& d) { return note(recoveries_, d.recovery.str(), index); },
          [](const auto&) { return std::string(); }},
      entry->document);
  if (!provider.empty()) {
    add(provider, index);
  } else {
    // Any other document that moves money of a provider.
    std::vector<std::string> seen;
    for (const auto& posting : entry->postings) {
      const auto& who = posting.at.counterparty;
      if (who.empty() || posting.account == FundAccount::source) continue;
      if (std::find(seen.begin(), seen.end(), who) != seen.end()) continue;
      seen.push_back(who);
      add(who, index);
    }
  }
  return success();
}

Status ProviderIndex::catch_up(const View& view) {
  {
    std::shared_lock lock(mutex_);
    if (size_ >= view.size()) return success();
  }
  // One catches up at a time, in steps, so that readers of what is there already get through.
  std::lock_guard one(catching_up_);
  constexpr std::uint64_t kStep = 4096;
  for (;;) {
    std::uint64_t from = 0;
    {
      std::shared_lock lock(mutex_);
      from = size_;
    }
    if (from >= view.size()) return success();
    const auto to = std::min(view.size(), from + kStep);
    std::unique_lock lock(mutex_);
    Status taken = success();
    auto scanned = view.scan(from, to, View::Lines::without,
                             [&](std::uint64_t index, std::string_view bytes, std::string_view) {
                               taken = take(index, bytes);
                               if (taken.ok()) size_ = index + 1;
                               return taken.ok();
                             });
    if (!scanned) return scanned;
    if (!taken) return taken;
    if (size_ != to) return Error{Fault::truncated, "entries are missing below the head"};
  }
}

Result<std::vector<std::uint64_t>> ProviderIndex::entries_of(const View& view,
                                                             const ProviderId& provider) {
  if (auto status = catch_up(view); !status) return status.error();
  std::shared_lock lock(mutex_);
  const auto found = by_provider_.find(provider.str());
  if (found == by_provider_.end()) return std::vector<std::uint64_t>();
  const auto& all = found->second;
  return std::vector<std::uint64_t>(all.begin(),
                                    std::lower_bound(all.begin(), all.end(), view.size()));
}

Result<bool> ProviderIndex::concerns(const View& view, const ProviderId& provider,
                                     std::uint64_t index) {
  if (auto status = catch_up(view); !status) return status.error();
  std::shared_lock lock(mutex_);
  const auto found = by_provider_.find(provider.str());
  return found != by_provider_.end() &&
         std::binary_search(found->second.begin(), found->second.end(), index);
}

Result<ProviderIndex::Entries> ProviderIndex::steps_in(const View& view, const Cases& cases, const std::string& id) {
  if (auto status = catch_up(view); !status) return status.error();
  std::shared_lock lock(mutex_);
  const auto found = cases.find(id);
  if (found == cases.end()) return Entries();
  const auto& all = found->second.steps;
  return Entries(all.begin(), std::lower_bound(all.begin(), all.end(), view.size()));
}

Result<std::vector<std::uint64_t>> ProviderIndex::steps_of(const View& view, const SettlementId& settlement) {
  return steps_in(view, settlements_, settlement.str());
}

Result<std::vector<std::uint64_t>> ProviderIndex::steps_of(const View& view, const DisbursementId& disbursement) {
  return steps_in(view, disbursements_, disbursement.str());
}

Result<std::vector<std::uint64_t>> ProviderIndex::steps_of(const View& view, const RecoveryId& recovery) {
  return steps_in(view, recoveries_, recovery.str());
}

std::uint64_t ProviderIndex::next_of(const ProviderId& provider, std::uint64_t from, std::uint64_t to) const {
  std::shared_lock lock(mutex_);
  const auto found = by_provider_.find(provider.str());
  if (found == by_provider_.end()) return to;
  const auto next = std::lower_bound(found->second.begin(), found->second.end(), from);
  return next == found->second.end() ? to : std::min(*next, to);
}

Status EntriesView::scan(std::uint64_t from, std::uint64_t to, Lines lines,
                         const Visit& visit) const {
  for (auto at = std::lower_bound(entries_.begin(), entries_.end(), from);
       at != entries_.end() && *at < to; ++at) {
    auto stored = below_.entry(*at);
    if (!stored) return stored.error();
    if (!visit(*at, stored->bytes,
               lines == Lines::with ? std::string_view(stored->lines) : std::string_view())) {
      break;
    }
  }
  return success();
}

}  // namespace fundtrail::api
