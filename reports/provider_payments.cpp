#include "reports/provider_payments.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "ledger/chain/document_codec.h"
#include "reports/entry_scan.h"
#include "reports/making.h"

namespace fundtrail::reports {
namespace {

// Follows one provider through the entries. Steps name a settlement or a disbursement only; those
// of other providers are passed over.
class Follower {
 public:
  explicit Follower(ProviderPayments& out) : out_(out) {}

  void take(const Entry& entry) {
    const Step step{entry.index, entry.date};
    if (std::visit([&](const auto& document) { return handle(document, entry, step); },
                   entry.document)) {
      add_postings(entry);
    }
  }

  // When all entries were seen: how far every claim has come.
  void finish() {
    for (auto& claim : out_.claims) finish(claim);
  }

 private:
  // Every handler answers whether the entry concerns the provider.
  template <class Doc>
  bool handle(const Doc&, const Entry&, const Step&) { return false; }

  bool handle(const ProviderRegistration& d, const Entry&, const Step&) {
    if (d.provider.str() != out_.provider) return false;
    out_.name = d.name.str();
    return true;
  }

  bool handle(const Redemption& d, const Entry& entry, const Step& step) {
    if (d.provider.str() != out_.provider) return false;
    ProviderClaim claim;
    claim.recorded = step;
    claim.claim_no = d.claim_no.str();
    claim.vouchers = entry.lines ? entry.lines->count : 0;
    for (const auto& posting : entry.postings) {
      if (posting.account == FundAccount::accrued) claim.amount += posting.effect();
    }
    claims_[entry.index] = out_.claims.size();
    out_.claims.push_back(std::move(claim));
    return true;
  }

  // Vouchers of a redemption that were taken back before it was settled.
  bool handle(const RedemptionWithdrawal& d, const Entry& entry, const Step& step) {
    const auto found = claims_.find(d.redemption);
    if (found == claims_.end()) return false;
    auto& claim = out_.claims[found->second];
    claim.vouchers -= entry.lines ? entry.lines->count : 0;
    lower(claim, entry, {step, {}, d.reason.str()});
    return true;
  }

  bool handle(const ServiceRecords& d, const Entry& entry, const Step& step) {
    if (d.provider.str() != out_.provider) return false;
    out_.services.push_back(
        {step, d.claim_no.str(), d.programme.str(), entry.lines ? entry.lines->count : 0});
    return true;
  }

  // What was calculated to be due through the provider: settled and paid as a claim is.
  bool handle(const EntitlementCalculation& d, const Entry& entry, const Step& step) {
    if (d.payee.str() != out_.provider) return false;
    ProviderClaim claim;
    claim.recorded = step;
    claim.claim_no = d.programme.str() + "/" + d.period.str();
    for (const auto& posting : entry.postings) {
      if (posting.account == FundAccount::accrued) claim.amount += posting.effect();
    }
    if (claim.amount.is_zero()) return true;  // nothing that could be settled
    claims_[entry.index] = out_.claims.size();
    out_.claims.push_back(std::move(claim));
    return true;
  }

  // A calculation that was lowered before it was settled.
  bool handle(const CalculationReduction& d, const Entry& entry, const Step& step) {
    const auto found = claims_.find(d.calculation);
    if (found == claims_.end()) return false;
    lower(out_.claims[found->second], entry, {step, {}, d.reason.str()});
    return true;
  }

  bool handle(const SettlementPreparation& d, const Entry&, const Step& step) {
    if (d.provider.str() != out_.provider) return false;
    ProviderSettlement settlement;
    settlement.settlement = d.settlement.str();
    settlement.basis = d.basis;
    if (d.grant) settlement.invoice_no = d.grant->invoice_no.str();
    settlement.redemptions = d.calculations ? *d.calculations : d.redemptions;
    settlement.total = d.total;
    settlement.prepared = step;
    for (const auto entry : settlement.redemptions) {
      const auto claim = claims_.find(entry);
      if (claim != claims_.end()) out_.claims[claim->second].settlement = settlement.settlement;
    }
    settlements_[settlement.settlement] = out_.settlements.size();
    out_.settlements.push_back(std::move(settlement));
    return true;
  }
  bool handle(const SettlementReview& d, const Entry&, const Step& step) {
    auto* settlement = find(d.settlement);
    if (!settlement) return false;
    settlement->reviewed = step;
    settlement->stage = PaymentStage::reviewed;
    return true;
  }
  bool handle(const SettlementApproval& d, const Entry&, const Step& step) {
    auto* settlement = find(d.settlement);
    if (!settlement) return false;
    settlement->approved = step;
    settlement->stage = PaymentStage::payable;
    return true;
  }
  bool handle(const SettlementReturn& d, const Entry&, const Step& step) {
    auto* settlement = find(d.settlement);
    if (!settlement) return false;
    settlement->returned = step;
    settlement->return_reason = d.reason.str();
    settlement->stage = PaymentStage::returned;
    return true;
  }

  bool handle(const DisbursementPreparation& d, const Entry&, const Step& step) {
    auto* settlement = find(d.settlement);
    if (!settlement) return false;
    ProviderDisbursement disbursement;
    disbursement.disbursement = d.disbursement.str();
    disbursement.settlement = d.settlement.str();
    disbursement.amount = d.amount;
    disbursement.prepared = step;
    settlement->stage = PaymentStage::paying;
    latest_[disbursement.settlement] = out_.disbursements.size();
    disbursements_[disbursement.disbursement] = out_.disbursements.size();
    out_.disbursements.push_back(std::move(disbursement));
    return true;
  }
  bool handle(const DisbursementApproval& d, const Entry&, const Step& step) {
    auto* disbursement = move_on(d.disbursement, PaymentStage::payment_approved);
    if (disbursement) disbursement->approved = step;
    return disbursement;
  }
  bool handle(const DisbursementPayment& d, const Entry&, const Step& step) {
    auto* disbursement = move_on(d.disbursement, PaymentStage::paid);
    if (!disbursement) return false;
    disbursement->paid = step;
    disbursement->bank_reference = d.bank_reference.str();
    return true;
  }
  bool handle(const DisbursementBounce& d, const Entry&, const Step& step) {
    auto* disbursement = move_on(d.disbursement, PaymentStage::bounced);
    if (!disbursement) return false;
    disbursement->bounced = step;
    disbursement->bounce_reference = d.bank_reference.str();
    disbursement->bounce_reason = d.reason.str();
    return true;
  }

  bool handle(const DisbursementCancellation& d, const Entry&, const Step& step) {
    auto* disbursement = move_on(d.disbursement, PaymentStage::cancelled);
    if (!disbursement) return false;
    disbursement->cancelled = step;
    disbursement->cancellation_reason = d.reason.str();
    return true;
  }

  bool handle(const RecoveryDecision& d, const Entry&, const Step& step) {
    if (d.provider.str() != out_.provider) return false;
    recoveries_[d.recovery.str()] = out_.recoveries.size();
    out_.recoveries.push_back({d.recovery.str(), d.reason.str(), d.amount, step, d.amount, {}});
    return true;
  }
  bool handle(const RecoveryReceipt& d, const Entry&, const Step& step) {
    const auto found = recoveries_.find(d.recovery.str());
    if (found == recoveries_.end()) return false;
    auto& recovery = out_.recoveries[found->second];
    recovery.open -= d.amount;
    recovery.receipts.push_back({step, d.amount, d.bank_reference.str()});
    return true;
  }

  static void lower(ProviderClaim& claim, const Entry& entry, ProviderClaim::Reduction reduction) {
    for (const auto& posting : entry.postings) {
      if (posting.account == FundAccount::accrued) reduction.amount -= posting.effect();
    }
    claim.amount -= reduction.amount;
    claim.reduced += reduction.amount;
    claim.reductions.push_back(std::move(reduction));
  }
  ProviderSettlement* find(const SettlementId& id) {
    const auto found = settlements_.find(id.str());
    return found == settlements_.end() ? nullptr : &out_.settlements[found->second];
  }
  ProviderDisbursement* move_on(const DisbursementId& id, PaymentStage stage) {
    const auto found = disbursements_.find(id.str());
    if (found == disbursements_.end()) return nullptr;
    auto& disbursement = out_.disbursements[found->second];
    disbursement.stage = stage;
    const auto settlement = settlements_.find(disbursement.settlement);
    if (settlement != settlements_.end()) out_.settlements[settlement->second].stage = stage;
    return &disbursement;
  }

  void add_postings(const Entry& entry) {
    for (const auto& posting : entry.postings) {
      if (posting.at.counterparty != out_.provider) continue;
      switch (posting.account) {
        case FundAccount::accrued: out_.accrued += posting.effect(); break;
        case FundAccount::payable: out_.payable += posting.effect(); break;
        case FundAccount::paid: out_.paid += posting.effect(); break;
        case FundAccount::in_recovery: out_.in_recovery += posting.effect(); break;
        default: break;
      }
    }
  }

  void finish(ProviderClaim& claim) const {
    if (claim.amount.is_zero() && !claim.reduced.is_zero()) {
      claim.stage = PaymentStage::taken_back;
      return;
    }
    if (!claim.settlement) return;
    const auto& settlement = out_.settlements[settlements_.at(*claim.settlement)];
    claim.stage = settlement.stage;
    // Neither the approval nor a payment that was given up before counts for anything any more.
    if (settlement.returned) {
      claim.reason = settlement.return_reason;
      return;
    }
    claim.settled = settlement.approved;
    const auto latest = latest_.find(*claim.settlement);
    if (latest == latest_.end()) return;
    const auto& disbursement = out_.disbursements[latest->second];
    claim.disbursement = disbursement.disbursement;
    claim.bank_reference = disbursement.bank_reference;
    claim.paid = disbursement.paid;
    if (disbursement.bounced) claim.reason = disbursement.bounce_reason;
    if (disbursement.cancelled) claim.reason = disbursement.cancellation_reason;
  }

  using Positions = std::map<std::string, std::size_t, std::less<>>;
  ProviderPayments& out_;
  std::map<std::uint64_t, std::size_t> claims_;  // by entry
  Positions settlements_, disbursements_, recoveries_;
  Positions latest_;  // settlement → its latest disbursement
};

// Kinds that may concern a provider although they do not name it.
bool is_step(std::size_t kind) {
  return (kind >= kind_index<SettlementReview>() && kind <= kind_index<DisbursementCancellation>()) ||
         kind == kind_index<RecoveryReceipt>() || kind == kind_index<CalculationReduction>();
}

}  // namespace

Result<ProviderPayments> provider_payments(const View& view, const ProviderId& provider,
                                           std::optional<Date> as_of) {
  ProviderPayments out;
  out.ledger = view.id().str();
  out.size = view.size();
  out.root = chain::to_hex(view.root());
  out.provider = provider.str();
  Date latest = first_date();
  const Date last = as_of.value_or(last_date());
  // Most entries are other providers' claims: those that do not name this one are never decoded.
  const std::string named = "\"provider\":\"" + provider.str() + "\"";
  const std::string payee = "\"payee\":\"" + provider.str() + "\"";
  bool registered = false;
  Follower follower(out);
  const ReadInto<std::vector<Entry>> read = [&](std::vector<Entry>& part, std::uint64_t,
                                                std::string_view bytes,
                                                std::string_view) -> Status {
    const auto kind = kind_of_line(bytes);
    if (!kind) return success();
    if (!is_step(*kind) && bytes.find(named) == std::string_view::npos &&
        bytes.find(payee) == std::string_view::npos) {
      return success();
    }
    auto entry = chain::decode_entry(bytes);
    if (!entry.ok()) return entry.error();
    part.push_back(std::move(entry).value());
    return success();
  };
  const auto scanned = scan_stretches<std::vector<Entry>>(
      view, View::Lines::without, [] { return std::vector<Entry>(); },
      [&](std::size_t) { return read; },
      [&](std::vector<Entry> part) {
        for (const auto& entry : part) {
          const bool registration = std::holds_alternative<ProviderRegistration>(entry.document);
          registered = registered || registration;
          // A provider is known from its registration on, whatever day is asked for.
          if (entry.date > last && !registration) continue;
          latest = std::max(latest, entry.date);
          follower.take(entry);
        }
        return success();
      });
  if (!scanned.ok()) return scanned.error();
  if (!registered) return Error{Fault::not_found, "there is no provider of that id"};
  follower.finish();
  out.as_of = as_of.value_or(latest);
  return out;
}

}  // namespace fundtrail::reports
