// Corrections of money documents (会计基础工作规范 §51(5)): nothing is edited, a new document undoes and
// redoes. In the same year by a red copy and the right document, or by the difference when only the
// amount was wrong; an earlier year's document is undone by a blue one, with the sides exchanged and
// nothing red. A correction may be corrected in its turn.
#include <algorithm>

#include "ledger/chain/document_codec.h"
#include "ledger/core/check.h"
#include "ledger/rules/families.h"
#include "ledger/rules/funding.h"
#include "ledger/rules/policy_force.h"

namespace fundtrail::rules {
namespace {

using Correctable = std::variant<FundReceipt, Allotment, CounterpartPledge, CounterpartReceipt>;

std::vector<Correctable> corrected_documents(const Correction& d) {
  std::vector<Correctable> documents;
  if (d.fund_receipt) documents.emplace_back(*d.fund_receipt);
  if (d.allotment) documents.emplace_back(*d.allotment);
  if (d.counterpart_pledge) documents.emplace_back(*d.counterpart_pledge);
  if (d.counterpart_receipt) documents.emplace_back(*d.counterpart_receipt);
  return documents;
}

Document as_document(const Correctable& document) {
  return std::visit([](const auto& d) { return Document(d); }, document);
}

Money amount_of(const Correctable& document) {
  return std::visit([](const auto& d) { return d.amount; }, document);
}

Correctable decode_original(const CorrectableRow& row) {
  auto document = chain::decode_document(row.kind, row.document);
  FT_CHECK(document.ok());
  return std::visit(
      [](auto& d) -> Correctable {
        if constexpr (std::is_constructible_v<Correctable, decltype(std::move(d))>) {
          return std::move(d);
        } else {
          FT_CHECK(!"only money documents are kept for correction");
          std::abort();
        }
      },
      *document);
}

void check_method(Context& c, const Correction& d, const CorrectableRow& original) {
  const bool same_year = c.command.date.year() == original.date.year();
  const bool fits = (d.method == CorrectionMethod::prior_year_blue) != same_year;
  if (fits) return;
  const auto expected = same_year ? CorrectionMethod::red_blue : CorrectionMethod::prior_year_blue;
  c.no.add(Reason::wrong_correction_method, "doc.method", std::string(name_of(d.method)),
           std::string(name_of(expected)));
}

// The original document's postings undone: negative on the same sides, or on the other sides.
void undo(Context& c, const CorrectableRow& original, bool red) {
  for (Posting posting : original.postings) {
    if (red) {
      posting.amount = -posting.amount;
    } else {
      posting.side = posting.side == Side::debit ? Side::credit : Side::debit;
    }
    c.postings.push_back(std::move(posting));
  }
}

// The amount of the pledge that the original document released.
Money released_by(const CorrectableRow& original) {
  for (const auto& posting : original.postings) {
    if (posting.account == FundAccount::pledged) return posting.amount;
  }
  return Money();
}

// More counterpart money than recorded first releases more of what is still promised; less restores
// the part of the promise that was released without money behind it.
void post_difference(Context& c, const CounterpartReceipt& d, const Correctable& original,
                     const CorrectableRow& row) {
  if (!d.amount.is_negative()) return post(c, d);
  CounterpartReceipt unreleased = d;
  const Money released = released_by(row);
  const Money restored =
      released - std::min(released, amount_of(original) + unreleased.amount);
  for (Posting posting : row.postings) {
    if (posting.account != FundAccount::available && posting.account != FundAccount::source) {
      continue;
    }
    posting.amount = unreleased.amount;
    c.postings.push_back(std::move(posting));
  }
  if (!restored.is_zero()) post_pledge_release(c, d.fund, d.region, -restored);
}

template <class T>
void post_difference(Context& c, const T& d, const Correctable&, const CorrectableRow&) {
  post(c, d);
}

void check_difference(Context& c, const Correctable& difference, const CorrectableRow& row,
                      const std::string& at) {
  const Correctable original = decode_original(row);
  const Money amount = amount_of(difference);
  if (amount.is_zero()) {
    c.no.add(Reason::invalid_value, at + ".amount", amount.str(), "<> 0.00");
  }
  const Money right = amount_of(original) + amount;
  if (!right.is_positive()) c.no.add(Reason::amount_not_positive, at + ".amount", right.str());
  Correctable same = difference;
  std::visit([&](auto& d) { d.amount = amount_of(original); }, same);
  if (chain::encode_document(as_document(same)) != row.document) {
    // Something other than the amount was wrong as well.
    c.no.add(Reason::wrong_correction_method, "doc.method",
             std::string(name_of(CorrectionMethod::difference)),
             std::string(name_of(CorrectionMethod::red_blue)));
    return;
  }
  std::visit([&](const auto& d) { post_difference(c, d, original, row); }, difference);
}

// The policy that the corrected document obeys, as of the day that it corrects.
std::optional<Policy> policy_for(Context& c, const CorrectableRow& original) {
  const auto ref = c.command.policy ? c.command.policy : original.policy;
  if (!ref) return std::nullopt;
  const std::string* row = c.state.find(policy_key(*ref));
  if (!row) return std::nullopt;  // check_policy_named has said so
  Policy policy = decode_policy(*row);
  if (!served_on(policy, original.obeyed_on)) {
    c.no.add(Reason::policy_not_in_force, "policy", ref->str(), original.obeyed_on.str());
  }
  return policy;
}

std::optional<CorrectableRow> need_original(Context& c, const Correction& d) {
  const std::string index = std::to_string(d.corrects);
  const auto kind = find_entry_kind(c.state, d.corrects);
  if (!kind) {
    c.no.add(Reason::unknown_entry, "doc.corrects", index);
    return std::nullopt;
  }
  const std::string* bytes = c.state.find(correctable_key(d.corrects));
  if (!bytes) {
    c.no.add(Reason::not_correctable, "doc.corrects", index, std::string(kKindNames[*kind]));
    return std::nullopt;
  }
  auto row = CorrectableRow::decode(*bytes);
  if (row.corrected_by) {
    c.no.add(Reason::already_corrected, "doc.corrects", index, std::to_string(*row.corrected_by));
  }
  return row;
}

// What the original's postings and those of a difference come to.
std::vector<Posting> summed(const std::vector<Posting>& first, const std::vector<Posting>& second) {
  std::vector<Posting> sum = first;
  for (const auto& posting : second) {
    const auto same = std::find_if(sum.begin(), sum.end(), [&](const Posting& p) {
      return p.account == posting.account && p.side == posting.side && p.at == posting.at;
    });
    if (same == sum.end()) {
      sum.push_back(posting);
    } else {
      same->amount += posting.amount;
    }
  }
  std::erase_if(sum, [](const Posting& p) { return p.amount.is_zero(); });
  return sum;
}

// The corrected document, where the next correction finds it. What is only cancelled is gone.
void remember_corrected(Overlay& state, const Entry& entry, const Correction& d,
                        const CorrectableRow& original) {
  auto corrected = corrected_documents(d);
  if (corrected.empty()) return;
  CorrectableRow row;
  row.date = entry.date;
  row.obeyed_on = original.obeyed_on;
  row.policy = entry.policy ? entry.policy : original.policy;
  row.kind = original.kind;
  if (d.method == CorrectionMethod::difference) {
    const Money right = amount_of(decode_original(original)) + amount_of(corrected[0]);
    std::visit([&](auto& document) { document.amount = right; }, corrected[0]);
    row.postings = summed(original.postings, entry.postings);
  } else {
    // The first of the postings undo the original.
    FT_CHECK(entry.postings.size() >= original.postings.size());
    row.postings.assign(entry.postings.begin() + std::ptrdiff_t(original.postings.size()),
                        entry.postings.end());
  }
  row.document = chain::encode_document(as_document(corrected[0]));
  state.put(correctable_key(entry.index), row.encode());
}

}  // namespace

void check(Context& c, const Correction& d) {
  const auto original = need_original(c, d);
  if (!original) return;
  c.need_not_before(original->date);
  check_method(c, d, *original);
  const auto policy = policy_for(c, *original);
  const auto corrected = corrected_documents(d);
  const std::string at = "doc." + original->kind;
  if (corrected.empty() && d.method != CorrectionMethod::red_blue) {
    c.no.add(Reason::missing_field, at, original->kind);
  }
  if (corrected.size() > 1 ||
      (corrected.size() == 1 && kind_of(as_document(corrected[0])) != original->kind)) {
    return c.no.add(Reason::correction_kind_mismatch, at, original->kind);
  }
  if (d.method == CorrectionMethod::difference) {
    if (!corrected.empty()) check_difference(c, corrected[0], *original, at);
    return;
  }
  undo(c, *original, d.method == CorrectionMethod::red_blue);
  if (corrected.empty()) return;
  std::visit(
      [&](const auto& right) {
        validate(c, right, at, policy ? &*policy : nullptr, original->obeyed_on);
        post(c, right);
      },
      corrected[0]);
}

void record(Overlay& state, const Entry& entry, const Correction& d) {
  std::string& bytes = state.edit(correctable_key(d.corrects));
  auto row = CorrectableRow::decode(bytes);
  FT_CHECK(!row.corrected_by);
  row.corrected_by = entry.index;
  bytes = row.encode();
  remember_corrected(state, entry, d, row);
  const auto policy = entry.policy ? entry.policy : row.policy;
  if (d.allotment && policy) {
    state.put(purpose_key(d.allotment->fund, d.allotment->programme), policy->str());
  }
}

}  // namespace fundtrail::rules
