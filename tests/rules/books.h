// A compact in-memory ledger for tests of the rules: it runs commands written as JSON through
// decide, the entry codec and apply, and keeps the entries so that they can be replayed.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ledger/chain/document_codec.h"
#include "ledger/rules/decide.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

// Rows in a map; what a store would hold.
class MapState : public StateSource {
 public:
  const std::string* find(std::string_view key) const override {
    const auto found = rows.find(key);
    return found == rows.end() ? nullptr : &found->second;
  }
  void take(Overlay& overlay) {
    overlay.for_each_changed([&](const auto& key, const auto& value) { rows[key] = value; });
    overlay.clear();
  }
  std::map<std::string, std::string, std::less<>> rows;
};

// JSON is written with single quotes.
struct Ask {
  std::string who;   // "zhang.preparer": the part after the last dot is the role
  std::string date;
  std::string kind;
  std::string doc;
  std::string lines = {};
  std::string policy = {};
  bool line_by_line = false;
  std::string id_number = {};
  std::string time = {};  // default: 2030-01-01
  std::string birth = {};  // of the person that the document is about, as the vault knows it
  std::string signed_by = {};    // id of a key
  std::string signed_with = {};  // the public key that the signature fits
  std::string not_after = "2030-01-01";
  bool proven = true;               // the new key has signed its registration
  std::string consented_with = {};  // the public key that the consent fits
};

class Books {
 public:
  // "ok" or the code of the reason. What is accepted is recorded.
  std::string ask(const Ask& ask);
  // Decides and records a command that exists already.
  std::string run(Command command);

  const Rejection& refusal() const { return refusal_; }
  const std::vector<Rejection>& refused_lines() const { return refused_lines_; }
  std::uint64_t size() const { return entries_.size(); }
  std::uint64_t last() const { return entries_.size() - 1; }
  const std::vector<Posting>& last_postings() const { return last_postings_; }

  // "12.00"; dimensions as "fund/programme/region/counterparty".
  std::string balance(FundAccount account, const std::string& at) const;
  // Over all dimensions.
  std::string total(FundAccount account) const;
  const MapState& state() const { return state_; }

  // What an older program, which knew no such rows, would have left of the state.
  void forget_rows(char kind);

  // The state that the recorded entries alone lead to.
  MapState replay() const;

  static Command command_of(const Ask& ask);

 private:
  struct Recorded {
    std::string bytes;
    std::string lines;
  };
  void record(const Command& command, Accepted accepted);

  MapState state_;
  std::vector<Recorded> entries_;
  Rejection refusal_;
  std::vector<Rejection> refused_lines_;
  std::vector<Posting> last_postings_;
};

// A scene most tests start from: opened, with fund f1, policy wj@1 (services: vouchers of 100.00 a
// month for home elders from 60; building: grants), towns 320412001 and 320412002, account a1,
// provider p1 and p2 under contract for 2008, elders 1 to 6 (person(n)) in the first town, 7 in the
// second, 8 in an institution. With money: 10,000.00 received, 5,000.00 allotted to services and
// 2,000.00 to building in the first town.
Books opened();
Books wujin();
Books funded();

std::string policy_json(int version = 1, const std::string& extra = "");
// policy_json() with other members: of each pair the first is replaced by the second, once.
std::string changed(std::string text, const std::vector<std::pair<std::string, std::string>>& list);
std::string person(int n);  // pseudonym
// A valid synthetic identity number with that birth date (YYYYMMDD).
std::string id_number(const std::string& birth, int sequence);
std::string voucher(int serial);
// Issue of vouchers `first`.. to the persons, for a month of 2008.
Ask issue(int month, int first, const std::vector<int>& persons);
// Redemption by p1 of vouchers on a day.
Ask redeem(const std::string& date, const std::vector<int>& serials,
           const std::string& provider = "p1");
// Runs and expects "ok"; returns the entry's index.
std::uint64_t must(Books& books, const Ask& ask);

}  // namespace fundtrail::rules
