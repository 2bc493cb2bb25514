#include "audit/bundle_selection.h"

#include <algorithm>

namespace fundtrail::audit {

void BundleFilter::learn(const Entry& entry) {
  if (!selection_.provider) return;
  const auto& provider = *selection_.provider;
  std::visit(
      [&](const auto& d) {
        using D = std::decay_t<decltype(d)>;
        if constexpr (std::is_same_v<D, DisbursementPreparation>) {
          if (settlements_.contains(d.settlement.str())) disbursements_.insert(d.disbursement.str());
        } else if constexpr (requires { d.provider; }) {
          if (d.provider != provider) return;
          knows_provider_ = true;
          if constexpr (requires { d.settlement; }) settlements_.insert(d.settlement.str());
          if constexpr (requires { d.recovery; }) recoveries_.insert(d.recovery.str());
          if constexpr (std::is_same_v<D, Redemption>) {
            for (const auto& line : d.lines) vouchers_.insert(line.voucher);
          } else if constexpr (std::is_same_v<D, RedemptionWithdrawal>) {
            for (const auto& line : d.lines) vouchers_.erase(line.voucher);
          }
        }
      },
      entry.document);
}

bool BundleFilter::in_range(const Entry& entry) const {
  return (!selection_.from || entry.date >= *selection_.from) &&
         (!selection_.to || entry.date <= *selection_.to);
}

bool BundleFilter::of_provider(const Entry& entry) const {
  const auto& provider = *selection_.provider;
  if (entry.actor.role == Role::provider && entry.actor.id.str() == provider.str()) return true;
  const bool posted = std::any_of(entry.postings.begin(), entry.postings.end(), [&](const auto& p) {
    return p.at.counterparty == provider.str();
  });
  return posted || std::visit(
      [&](const auto& d) {
        if constexpr (requires { d.provider; }) {
          return d.provider == provider;
        } else if constexpr (std::is_same_v<std::decay_t<decltype(d)>, EntitlementCalculation>) {
          return d.payee == provider;
        } else if constexpr (requires { d.disbursement; }) {
          return disbursements_.contains(d.disbursement.str());
        } else if constexpr (requires { d.settlement; }) {
          return settlements_.contains(d.settlement.str());
        } else if constexpr (requires { d.recovery; }) {
          return recoveries_.contains(d.recovery.str());
        } else {
          return false;
        }
      },
      entry.document);
}

bool BundleFilter::whole(const Entry& entry) const {
  if (entry.index == 0) return true;  // the key and the suite stand there
  // Whoever gets a signed entry can check its signature.
  if (std::holds_alternative<ActorKeyRegistration>(entry.document) ||
      std::holds_alternative<ActorKeyEnd>(entry.document)) {
    return true;
  }
  return in_range(entry) && (!selection_.provider || of_provider(entry));
}

std::vector<std::uint64_t> BundleFilter::lines(const Entry& entry) const {
  std::vector<std::uint64_t> concerned;
  if (!selection_.provider || !in_range(entry)) return concerned;
  std::visit(
      [&](const auto& d) {
        // What another provider says of a voucher is not for this one to read, whoever redeemed it before or after.
        if constexpr (requires { d.lines.front().voucher; } && !requires { d.provider; }) {
          for (std::uint64_t i = 0; i < d.lines.size(); ++i) {
            if (vouchers_.contains(d.lines[i].voucher)) concerned.push_back(i);
          }
        }
      },
      entry.document);
  return concerned;
}

}  // namespace fundtrail::audit
