// A View over entries that a test wrote down, without a store or rules: encoded as the ledger
// encodes them, with balances and turnovers added up naively from their postings.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "ledger/chain/document_codec.h"
#include "ledger/ledger.h"
#include "ledger/rules/rows.h"

namespace fundtrail::tests {

class FakeView : public View {
 public:
  explicit FakeView(std::string_view ledger) : id_(*LedgerId::parse(ledger)) {}

  // Appends; returns the entry's index. The postings must balance.
  std::uint64_t add(Date date, Document document, std::vector<Posting> postings = {},
                    std::string_view actor = "zhang.li", std::optional<PolicyRef> policy = {},
                    Role role = Role::preparer) {
    Entry entry;
    entry.actor = {*ActorId::parse(actor), role};
    entry.index = entries_.size();
    entry.command = *CommandId::parse("c" + std::to_string(entry.index));
    entry.content = std::string(64, 'c');
    entry.date = date;
    entry.document = std::move(document);
    entry.ledger = id_;
    entry.policy = std::move(policy);
    entry.postings = std::move(postings);
    entry.prev = std::string(64, '0');
    entry.time = *Timestamp::parse("2008-12-31T09:00:00+08:00");
    Money sum;
    for (const auto& p : entry.postings) sum += p.side == Side::debit ? p.amount : -p.amount;
    FT_CHECK(sum.is_zero());

    chain::Hasher hasher(suite());
    chain::EncodedLines lines;
    chain::encode_lines(hasher, entry.document, lines);
    if (!lines.leaves.empty()) entry.lines = lines.summary(hasher);
    StoredEntry stored{entry.index, {}, lines.block};
    chain::encode_entry(entry, stored.bytes);
    for (const auto& p : entry.postings) {
      balances_[{p.account, p.at}] += p.effect();
      auto& turnover = turnovers_[{date, p.account, p.at}];
      (p.side == Side::debit ? turnover.debit : turnover.credit) += p.amount;
    }
    entries_.push_back(std::move(stored));
    decoded_.push_back(std::move(entry));
    return entries_.size() - 1;
  }

  const std::vector<Entry>& all() const { return decoded_; }
  // For tests of the checks: the books no longer agree with the entries.
  void spoil_balance(FundAccount account, const Dimensions& at, const Money& by) {
    balances_[{account, at}] += by;
  }
  void spoil_turnover(Date date, FundAccount account, const Dimensions& at, const Money& by) {
    turnovers_[{date, account, at}].debit += by;
  }
  void spoil_bytes(std::uint64_t index, std::string bytes) {
    entries_[index].bytes = std::move(bytes);
  }

  const LedgerId& id() const override { return id_; }
  chain::Suite suite() const override { return chain::Suite::sha256_ed25519; }
  std::uint64_t size() const override { return entries_.size(); }
  chain::Hash root() const override {
    chain::Hash root;
    root.fill(0xab);
    return root;
  }
  Result<StoredEntry> entry(std::uint64_t index) const override {
    if (index >= size()) return Error{Fault::not_found, "no such entry"};
    return entries_[index];
  }
  Result<Entry> decoded(std::uint64_t index) const override {
    if (index >= size()) return Error{Fault::not_found, "no such entry"};
    return decoded_[index];
  }
  Status scan(std::uint64_t from, std::uint64_t to, Lines lines,
              const Visit& visit) const override {
    for (auto i = from; i < to; ++i) {
      const auto& e = entries_[i];
      const std::string_view block = lines == Lines::with ? e.lines : std::string_view();
      if (!visit(i, e.bytes, block)) break;
    }
    return success();
  }
  Result<std::optional<std::uint64_t>> find_command(const CommandId&) const override {
    return std::optional<std::uint64_t>();
  }
  Status balances(const VisitBalance& visit) const override {
    for (const auto& [key, balance] : balances_) visit(key.first, key.second, balance);
    return success();
  }
  Status turnovers(Date from, Date to, const VisitTurnover& visit) const override {
    for (const auto& [key, turnover] : turnovers_) {
      const auto& [date, account, at] = key;
      if (from <= date && date <= to) visit(date, account, at, turnover);
    }
    return success();
  }
  Result<std::vector<chain::Hash>> inclusion_proof(std::uint64_t, std::uint64_t) const override {
    return std::vector<chain::Hash>();
  }
  Result<std::vector<chain::Hash>> consistency_proof(std::uint64_t, std::uint64_t) const override {
    return std::vector<chain::Hash>();
  }
  Result<chain::Hash> root_at(std::uint64_t) const override { return root(); }
  Result<std::vector<chain::Hash>> line_proof(std::uint64_t, std::uint64_t) const override {
    return std::vector<chain::Hash>();
  }
  Result<std::vector<std::string>> checkpoints() const override {
    return std::vector<std::string>();
  }
  // Knows the kinds of the entries, and nothing else.
  const store::Snapshot& raw() const override {
    kinds_.rows.clear();
    for (const auto& entry : decoded_) {
      kinds_.rows[std::string(rules::entry_kinds_key(entry.index))] +=
          static_cast<char>(entry.document.index());
    }
    return kinds_;
  }

 private:
  struct KindRows final : store::Snapshot {
    std::map<std::string, std::string> rows;
    Result<std::optional<std::string>> get(store::Table, std::string_view) const override {
      return std::optional<std::string>();
    }
    Status scan(store::Table, std::string_view from, std::string_view to,
                const Visit& visit) const override {
      for (const auto& [key, value] : rows) {
        if (key >= from && (to.empty() || key < to) && !visit(key, value)) break;
      }
      return success();
    }
  };
  mutable KindRows kinds_;
  LedgerId id_;
  std::vector<StoredEntry> entries_;
  std::vector<Entry> decoded_;
  std::map<std::pair<FundAccount, Dimensions>, Money> balances_;
  std::map<std::tuple<Date, FundAccount, Dimensions>, store::Turnover> turnovers_;
};

}  // namespace fundtrail::tests
