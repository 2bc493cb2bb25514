#include "tests/integrity/sample.h"

#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "ledger/chain/document_codec.h"
#include "ledger/store/layout.h"

namespace fundtrail::integrity_test {
namespace {

constexpr const char* kName = "fundtrail/sample";

template <class Id>
Id id(const char* text) {
  return *Id::parse(text);
}
Text text(const char* t) { return *Text::parse(t); }
Date date(const char* t) { return *Date::parse(t); }

Posting posting(FundAccount account, Side side, const char* amount, Dimensions at) {
  return {account, side, *Money::parse(amount), std::move(at)};
}

const Dimensions kFundOnly{id<FundId>("eldercare"), {}, {}, {}};
const Dimensions kTown{id<FundId>("eldercare"), id<ProgrammeId>("vouchers"),
                       *RegionCode::parse("320412102"), {}};
const Dimensions kProvider{id<FundId>("eldercare"), id<ProgrammeId>("vouchers"),
                           *RegionCode::parse("320412102"), "P001"};

std::vector<Posting> move(FundAccount to, const Dimensions& at, FundAccount from,
                          const Dimensions& from_at, const char* amount) {
  return {posting(to, Side::debit, amount, at), posting(from, Side::credit, amount, from_at)};
}

class TableSnapshot final : public store::Snapshot {
 public:
  explicit TableSnapshot(const Tables& tables) : tables_(tables) {}
  Result<std::optional<std::string>> get(store::Table table, std::string_view key) const override {
    const auto row = tables_[table].find(std::string(key));
    if (row == tables_[table].end()) return std::optional<std::string>();
    return std::optional<std::string>(row->second);
  }
  Status scan(store::Table table, std::string_view from, std::string_view to,
              const Visit& visit) const override {
    const auto& rows = tables_[table];
    for (auto row = rows.lower_bound(std::string(from)); row != rows.end(); ++row) {
      if (!to.empty() && row->first >= to) break;
      if (!visit(row->first, row->second)) break;
    }
    return success();
  }

 private:
  const Tables& tables_;
};

VoucherIssue issue(std::uint32_t first, std::size_t count) {
  VoucherIssue d;
  d.fund = id<FundId>("eldercare");
  d.month = *Month::parse("2008-04");
  d.programme = id<ProgrammeId>("vouchers");
  d.region = kTown.region;
  d.valid_from = date("2008-04-01");
  d.valid_to = date("2008-06-30");
  for (std::uint32_t i = 0; i < count; ++i) {
    d.lines.push_back({Pseudonym(0x1000 + i), *Money::parse("100.00"), {"WJ", first + i}});
  }
  return d;
}

Redemption redemption(std::uint32_t first, std::size_t count) {
  Redemption d;
  d.claim_no = text("核销单");
  d.provider = id<ProviderId>("P001");
  for (std::uint32_t i = 0; i < count; ++i) {
    d.lines.push_back({std::nullopt, Quantity(150), id<Code>("cleaning"), date("2008-04-15"),
                       {"WJ", first + i}, std::nullopt});
  }
  return d;
}

}  // namespace

std::string& Tables::entry(std::uint64_t index) {
  return (*this)[store::Table::entries].at(store::key_of(index));
}
std::string& Tables::lines(std::uint64_t index) {
  return (*this)[store::Table::lines].at(store::key_of(index));
}

std::unique_ptr<store::Snapshot> snapshot_of(const Tables& tables) {
  return std::make_unique<TableSnapshot>(tables);
}

std::string sign_checkpoint(const std::string& name, const chain::SigningKey& key,
                            std::uint64_t size, const chain::Hash& root) {
  const chain::Checkpoint checkpoint{name, size, root, {}};
  return chain::join_note(checkpoint.body(), {*chain::sign_note(checkpoint.body(), name, key)});
}

Sample::Sample(chain::Suite suite, std::size_t entries)
    : suite_(suite), key_(*chain::SigningKey::generate(suite)) {
  LedgerOpening opening;
  opening.name = text("武进养老服务券 台账");
  opening.public_key = chain::encode_verifier_key(kName, key_.public_key());
  opening.region = *RegionCode::parse("320412");
  opening.suite = chain::name(suite);
  add(opening, {});
  add(FundRegistration{2008, id<FundId>("eldercare"), "2081001", text("养老服务")}, {});
  FundReceipt receipt{id<DesignatedAccountId>("main"), *Money::parse("900000000.00"),
                      id<Reference>("BK1"), text("武财社〔2008〕1号"), id<FundId>("eldercare"), SourceLevel::district};
  add(receipt, move(FundAccount::available, kFundOnly, FundAccount::source,
                    {id<FundId>("eldercare"), {}, {}, "district"}, "900000000.00"));
  Allotment allotment;
  allotment.amount = *Money::parse("600000000.00");
  allotment.document_no = text("武财社〔2008〕2号");
  allotment.fund = id<FundId>("eldercare");
  allotment.programme = id<ProgrammeId>("vouchers");
  allotment.region = kTown.region;
  add(allotment,
      move(FundAccount::allotted, kTown, FundAccount::available, kFundOnly, "600000000.00"));
  for (std::uint32_t n = 0; entries_.size() < entries; ++n) {
    const auto place = entries_.size() % 6;
    if (place == 5) {
      add(issue(1 + n * 10, 7),
          move(FundAccount::committed, kTown, FundAccount::allotted, kTown, "700.00"));
    } else if (place == 0) {
      add(redemption(1 + (n - 1) * 10, 3),
          move(FundAccount::accrued, kProvider, FundAccount::committed, kTown, "300.00"));
    } else {
      add(RegionRegistration{text("测试镇\"\\"), kTown.region, *RegionCode::parse("320412103")},
          {});
    }
  }
}

void Sample::add(Document document, std::vector<Posting> postings) {
  Entry e;
  e.actor = {id<ActorId>("U01"), Role::preparer};
  e.command = *CommandId::parse("c-" + std::to_string(entries_.size()));
  e.content = std::string(64, 'a');
  e.date = date("2008-04-01") + static_cast<std::int32_t>(entries_.size() % 90);
  e.document = std::move(document);
  e.index = entries_.size();
  e.ledger = id<LedgerId>("sample");
  e.postings = std::move(postings);
  e.time = Timestamp(1'207'000'000 + static_cast<std::int64_t>(entries_.size()) * 60, 8 * 60);
  entries_.push_back(std::move(e));
}

chain::VerifierKey Sample::verifier_key() const { return {kName, key_.public_key()}; }

Tables Sample::tables(const std::vector<std::uint64_t>& sizes) {
  Tables t;
  chain::Hasher hasher(suite_);
  store::Head head;
  std::string tile;
  std::map<std::string, Money> balances;
  std::map<std::string, store::Turnover> turnovers;
  for (auto& e : entries_) {
    chain::EncodedLines lines;
    chain::encode_lines(hasher, e.document, lines);
    if (!lines.leaves.empty()) {
      e.lines = lines.summary(hasher);
      t[store::Table::lines][store::key_of(e.index)] = lines.block;
    }
    e.prev = chain::to_hex(head.last_leaf);
    std::string line;
    chain::encode_entry(e, line);
    head.last_leaf = hasher.leaf(line);
    head.last_time = e.time.unix_seconds();
    head.frontier.append(hasher, head.last_leaf,
                         [&](unsigned level, std::uint64_t index, const chain::Hash& hash) {
      if (level == 0) tile += chain::bytes_of(hash);
      if (level == 8) t[store::Table::tree][store::tile_key(index)] = std::exchange(tile, "");
      if (level != 0 && level % 8 == 0) {
        t[store::Table::tree][store::subtree_key(level, index)] = chain::bytes_of(hash);
      }
    });
    t[store::Table::entries][store::key_of(e.index)] = line;
    for (const auto& p : e.postings) {
      balances[store::balance_key(p.account, p.at)] += p.effect();
      auto& turnover = turnovers[store::turnover_key(e.date, p.account, p.at)];
      (p.side == Side::debit ? turnover.debit : turnover.credit) += p.amount;
    }
  }
  for (const auto& [key, value] : balances) {
    t[store::Table::state][key] = store::encode_balance(value);
  }
  for (const auto& [key, value] : turnovers) {
    t[store::Table::state][key] = store::encode_turnover(value);
  }
  t[store::Table::meta][std::string(store::kHeadKey)] = head.encode();
  for (const auto size : sizes) {
    t[store::Table::meta][store::checkpoint_key(size)] =
        sign_checkpoint(kName, key_, size, root(t, size));
  }
  return t;
}

chain::Hash Sample::root(const Tables& tables, std::uint64_t size) const {
  chain::Hasher hasher(suite_);
  chain::Frontier frontier;
  for (const auto& [key, line] : tables[store::Table::entries]) {
    if (frontier.size() < size) frontier.append(hasher, hasher.leaf(line));
  }
  return frontier.root(hasher);
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "fundtrail.XXXXXX").string();
  FT_CHECK(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}
TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string slurp(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}
void spill(const std::filesystem::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

}  // namespace fundtrail::integrity_test
