#include "tests/integrity/mutations.h"

#include <catch2/catch.hpp>

#include "ledger/chain/canonical.h"
#include "ledger/chain/document_codec.h"
#include "ledger/store/layout.h"

namespace fundtrail::integrity_test {

using store::Table;

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

void erase_entry(Tables& t, std::uint64_t index) {
  t[Table::entries].erase(store::key_of(index));
  t[Table::lines].erase(store::key_of(index));
}

const std::vector<Mutation> kMutations = {
    {"nothing", [](auto&, auto&) {}, "fine"},
    {"amount of a posting", [](auto& t, auto&) { replace(t.entry(12), "300.00", "900.00"); },
     "altered 12"},
    {"text of a document", [](auto& t, auto&) { replace(t.entry(9), "c-9", "c-8"); }, "altered 9"},
    {"prev of an entry",
     [](auto& t, auto&) {
       auto& e = t.entry(31);
       const auto at = e.find("\"prev\":\"") + 8;
       e[at] = e[at] == '0' ? '1' : '0';
     },
     "altered 31"},
    {"number of an entry", [](auto& t, auto&) { replace(t.entry(20), ":20,", ":27,"); },
     "altered 20"},
    {"number of the last entry", [](auto& t, auto&) { replace(t.entry(59), ":59,", ":58,"); },
     "altered 59"},
    {"the first entry", [](auto& t, auto&) { replace(t.entry(0), "c-0", "c-1"); }, "altered 0"},
    {"the public key in the first entry",
     [](auto& t, auto&) { replace(t.entry(0), "fundtrail/sample+", "fundtrail/simple+"); },
     "altered 0"},
    {"the last entry", [](auto& t, auto&) { replace(t.entry(59), "c-59", "c-58"); }, "altered 59"},
    {"the last but one", [](auto& t, auto&) { replace(t.entry(58), "c-58", "c-59"); },
     "altered 58"},
    {"prev of the last entry",
     [](auto& t, auto&) {
       auto& e = t.entry(59);
       const auto at = e.find("\"prev\":\"") + 8;
       e[at] = e[at] == '0' ? '1' : '0';
     },
     "altered 59"},
    {"two neighbours", [](auto& t, auto&) {
       replace(t.entry(40), "c-40", "c-41");
       replace(t.entry(41), "c-41", "c-42");
     }, "altered 40"},
    {"another ledger", [](auto& t, auto&) { replace(t.entry(7), "\"sample\"", "\"simple\""); },
     "altered 7"},
    {"a document that is none", [](auto& t, auto&) { replace(t.entry(2), "\"district\"", "\"destrict\""); },
     "altered 2"},
    {"no JSON", [](auto& t, auto&) { replace(t.entry(17), "{", "["); }, "unreadable 17"},
    {"white space", [](auto& t, auto&) { replace(t.entry(17), ",\"doc", ", \"doc"); },
     "unreadable 17"},
    {"empty", [](auto& t, auto&) { t.entry(17).clear(); }, "unreadable 17"},
    {"version", [](auto& t, auto&) { replace(t.entry(18), "\"v\":1}", "\"v\":2}"); },
     "unknown_version 18"},
    {"suite", [](auto& t, Sample& s) {
       replace(t.entry(0), chain::name(s.suite()), "sha3-ed25519");
     }, "unknown_version 0"},
    {"first dropped", [](auto& t, auto&) { erase_entry(t, 0); }, "missing 0"},
    {"middle dropped", [](auto& t, auto&) { erase_entry(t, 30); }, "missing 30"},
    {"three dropped", [](auto& t, auto&) {
       for (const auto i : {30, 31, 32}) erase_entry(t, i);
     }, "missing 30"},
    {"last dropped", [](auto& t, auto&) { erase_entry(t, 59); }, "truncated 59"},
    {"tail dropped", [](auto& t, auto&) {
       for (auto i = 50; i < 60; ++i) erase_entry(t, i);
     }, "truncated 50"},
    {"last but one dropped", [](auto& t, auto&) { erase_entry(t, 58); }, "missing 58"},
    {"copy at the end",
     [](auto& t, auto&) { t[Table::entries][store::key_of(60)] = t.entry(13); }, "inserted 60"},
    {"forged at the end", [](Tables& t, Sample& s) {
       auto line = t.entry(59);
       replace(line, ":59,", ":60,");
       const auto at = line.find("\"prev\":\"") + 8;
       chain::Hasher hasher(s.suite());
       line.replace(at, 64, chain::to_hex(hasher.leaf(t.entry(59))));
       t[Table::entries][store::key_of(60)] = line;
     }, "inserted 60"},
    {"copy in the middle, the rest pushed back", [](Tables& t, Sample&) {
       for (auto i = 60; i > 30; --i) {
         t[Table::entries][store::key_of(i)] = t[Table::entries][store::key_of(i - 1)];
       }
       t.entry(30) = t.entry(10);
     }, "inserted 30"},
    {"forged in the middle, the rest pushed back", [](Tables& t, Sample&) {
       for (auto i = 60; i > 30; --i) {
         t[Table::entries][store::key_of(i)] = t[Table::entries][store::key_of(i - 1)];
       }
       replace(t.entry(30), "c-30", "c-99");
     }, "inserted 30"},
    {"swapped", [](auto& t, auto&) { std::swap(t.entry(21), t.entry(44)); }, "reordered 21"},
    {"swapped neighbours", [](auto& t, auto&) { std::swap(t.entry(21), t.entry(22)); },
     "reordered 21"},
    {"moved to the end", [](Tables& t, Sample&) {
       const auto line = t.entry(21);
       erase_entry(t, 21);
       t[Table::entries][store::key_of(60)] = line;
     }, "reordered 21"},
    {"under another number", [](Tables& t, Sample&) {
       const auto line = t.entry(59);
       t[Table::entries].erase(store::key_of(59));
       t[Table::entries][store::key_of(61)] = line;
     }, "reordered 59"},
    {"a line", [](auto& t, auto&) { replace(t.lines(5), "100.00", "900.00"); }, "lines_altered 5"},
    {"a line cut", [](auto& t, auto&) {
       auto& block = t.lines(11);
       block.erase(block.rfind('\n', block.size() - 2) + 1);
     }, "lines_missing 11"},
    {"half a line cut", [](auto& t, auto&) { t.lines(11).resize(t.lines(11).size() - 9); },
     "lines_missing 11"},
    {"a line twice", [](auto& t, auto&) {
       auto& block = t.lines(11);
       block += block.substr(0, block.find('\n') + 1);
     }, "lines_inserted 11"},
    {"no lines", [](auto& t, auto&) { t[Table::lines].erase(store::key_of(12)); },
     "lines_missing 12"},
    {"lines of an entry that has none",
     [](auto& t, auto&) { t[Table::lines][store::key_of(13)] = t.lines(12); }, "lines_inserted 13"},
    {"lines of no entry",
     [](auto& t, auto&) { t[Table::lines][store::key_of(77)] = t.lines(12); }, "lines_inserted 77"},
    {"checkpoint: root", [](Tables& t, Sample& s) {
       auto& note = t[Table::meta][store::checkpoint_key(40)];
       const auto other = chain::to_base64(chain::bytes_of(s.root(t, 39)));
       note.replace(note.find("40\n") + 3, other.size(), other);
     }, "wrong_signature"},
    {"checkpoint: size", [](auto& t, auto&) {
       replace(t[Table::meta][store::checkpoint_key(40)], "\n40\n", "\n41\n");
     }, "wrong_signature"},
    {"checkpoint: signature", [](auto& t, auto&) {
       auto& note = t[Table::meta][store::checkpoint_key(40)];
       auto& c = note[note.size() - 30];
       c = c == 'A' ? 'B' : 'A';
     }, "wrong_signature"},
    {"checkpoint: another key", [](Tables& t, Sample& s) {
       const auto other = *chain::SigningKey::generate(s.suite());
       t[Table::meta][store::checkpoint_key(40)] =
           sign_checkpoint("fundtrail/sample", other, 40, s.root(t, 40));
     }, "wrong_signature"},
    {"checkpoint: of another size", [](auto& t, auto&) {
       t[Table::meta][store::checkpoint_key(40)] = t[Table::meta][store::checkpoint_key(20)];
     }, "wrong_signature"},
    {"checkpoint: signed by the key over another root", [](Tables& t, Sample& s) {
       t[Table::meta][store::checkpoint_key(40)] =
           sign_checkpoint("fundtrail/sample", s.key(), 40, s.root(t, 39));
     }, "root_mismatch 20"},
    {"a balance", [](Tables& t, Sample&) {
       auto row = t[Table::state].lower_bound(std::string(1, store::kBalanceRow));
       row->second = "1.00";
     }, "balance_not_reproducible"},
    {"a balance gone", [](Tables& t, Sample&) {
       t[Table::state].erase(t[Table::state].lower_bound(std::string(1, store::kBalanceRow)));
     }, "balance_not_reproducible"},
    {"a balance too many", [](Tables& t, Sample&) {
       t[Table::state][store::balance_key(FundAccount::paid, {*FundId::parse("eldercare"), {}, {}, {}})] = "5.00";
     }, "balance_not_reproducible"},
    {"a turnover", [](Tables& t, Sample&) {
       t[Table::state].rbegin()->second = "1.00 0.00";
     }, "balance_not_reproducible"},
    {"a turnover gone", [](Tables& t, Sample&) {
       t[Table::state].erase(std::prev(t[Table::state].end()));
     }, "balance_not_reproducible"},
    {"head: last leaf", [](auto& t, auto&) { t[Table::meta]["head"][5] ^= 1; }, "head_mismatch"},
    {"head: time", [](auto& t, auto&) { t[Table::meta]["head"][40] ^= 1; }, "head_mismatch"},
    {"head: a peak", [](auto& t, auto&) { t[Table::meta]["head"].back() ^= 1; }, "head_mismatch"},
    {"head: cut", [](auto& t, auto&) { t[Table::meta]["head"].resize(20); }, "head_mismatch"},
    {"head: gone", [](auto& t, auto&) { t[Table::meta].erase("head"); }, "head_mismatch"},
};

}  // namespace fundtrail::integrity_test
