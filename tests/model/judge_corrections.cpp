// Corrections (会计基础工作规范 §51(5)), judged by the reference ledger.
#include <algorithm>

#include "ledger/chain/document_codec.h"
#include "tests/model/judge.h"

namespace fundtrail::model {

using enum FundAccount;

namespace {

std::vector<Document> corrected_documents(const Correction& d) {
  std::vector<Document> documents;
  if (d.fund_receipt) documents.emplace_back(*d.fund_receipt);
  if (d.allotment) documents.emplace_back(*d.allotment);
  if (d.counterpart_pledge) documents.emplace_back(*d.counterpart_pledge);
  if (d.counterpart_receipt) documents.emplace_back(*d.counterpart_receipt);
  return documents;
}

// Calls f with the document when it is one that can be corrected.
template <class F>
void with_funding(const Document& document, F&& f) {
  std::visit(
      [&](const auto& d) {
        using T = std::decay_t<decltype(d)>;
        if constexpr (std::is_same_v<T, FundReceipt> || std::is_same_v<T, Allotment> ||
                      std::is_same_v<T, CounterpartPledge> ||
                      std::is_same_v<T, CounterpartReceipt>) {
          f(d);
        }
      },
      document);
}

Fen amount_of(const Document& document) {
  Fen amount = 0;
  with_funding(document, [&](const auto& d) { amount = fen(d.amount); });
  return amount;
}

Document with_amount(Document document, Fen amount) {
  std::visit(
      [&](auto& d) {
        if constexpr (requires { d.amount; }) d.amount = Money::of_fen(amount);
      },
      document);
  return document;
}

}  // namespace

void Judge::see(const Correction& d) {
  const auto found = b_.originals.find(d.corrects);
  no_if(d.corrects >= b_.size, Reason::unknown_entry);
  no_if(d.corrects < b_.size && found == b_.originals.end(), Reason::not_correctable);
  if (found == b_.originals.end()) return;
  const Original& original = found->second;
  no_if(original.corrected, Reason::already_corrected);
  not_before(original.date);
  const bool same_year = c_.date.year() == original.date.year();
  no_if((d.method == CorrectionMethod::prior_year_blue) == same_year,
        Reason::wrong_correction_method);
  // The policy that the corrected document obeys: that of the day which it corrects.
  const auto ref = c_.policy ? c_.policy : original.policy;
  const Policy* policy = nullptr;
  if (ref && b_.policies.contains(ref->str())) policy = &b_.policies.at(ref->str());
  no_if(policy && !policy->in_force_on(original.obeyed), Reason::policy_not_in_force);

  const auto corrected = corrected_documents(d);
  no_if(corrected.empty() && d.method != CorrectionMethod::red_blue, Reason::missing_field);
  const bool fits = corrected.empty() || (corrected.size() == 1 &&
                                          corrected[0].index() == original.document.index());
  no_if(!fits, Reason::correction_kind_mismatch);
  // What the bank did is said anew.
  with_funding(original.document, [&](const auto& o) { claim_reference(o, fen(o.amount)); });
  std::swap(made_, undone_);
  if (!undone_.empty()) {
    const Fen more = d.method == CorrectionMethod::difference ? amount_of(original.document) : 0;
    // Of two documents given against the rules, the counterpart's is looked at.
    if (d.counterpart_receipt) {
      claim_reference(*d.counterpart_receipt, fen(d.counterpart_receipt->amount) + more);
    } else if (d.fund_receipt) {
      claim_reference(*d.fund_receipt, fen(d.fund_receipt->amount) + more);
    }
  }
  if (!fits) return;
  then_.push_back([this, at = d.corrects](auto) { b_.originals.at(at).corrected = true; });
  if (d.method == CorrectionMethod::difference) {
    if (!corrected.empty()) see_difference(original, corrected[0]);
    return;
  }
  // Undone: red on the same sides, or in a later year with the sides exchanged.
  for (Move m : original.moves) {
    if (d.method == CorrectionMethod::red_blue) {
      m.amount = -m.amount;
    } else {
      m.side = m.side == Side::debit ? Side::credit : Side::debit;
    }
    moves_.push_back(m);
  }
  if (corrected.empty()) return;
  const std::size_t undone = moves_.size();
  with_funding(corrected[0], [&](const auto& right) {
    validate(right, policy);
    post(right);
  });
  remember(corrected[0], original.obeyed, ref, {moves_.begin() + std::ptrdiff_t(undone), moves_.end()});
}

void Judge::see_difference(const Original& original, const Document& difference) {
  const Fen before = amount_of(original.document), more = amount_of(difference);
  no_if(more == 0, Reason::invalid_value);
  no_if(before + more <= 0, Reason::amount_not_positive);
  if (chain::encode_document(with_amount(difference, before)) !=
      chain::encode_document(original.document)) {
    return no(Reason::wrong_correction_method);  // more than the amount was wrong
  }
  const auto* receipt = std::get_if<CounterpartReceipt>(&difference);
  if (receipt && more < 0) {
    // Of the promise comes back what was released without money behind it.
    const std::string at = place(receipt->fund.str(), "", receipt->region.str(), "");
    Fen released = 0;
    for (const auto& m : original.moves) {
      if (m.account == pledged) released += m.side == Side::credit ? m.amount : -m.amount;
    }
    move(more, available, at, source, at + "counterpart");
    release(std::min(released, before + more) - released, at);
  } else {
    with_funding(difference, [&](const auto& d) { post(d); });
  }
  std::vector<Move> sum = original.moves;
  sum.insert(sum.end(), moves_.begin(), moves_.end());
  remember(with_amount(difference, before + more), original.obeyed,
           c_.policy ? c_.policy : original.policy, sum);
}

}  // namespace fundtrail::model
