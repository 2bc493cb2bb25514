// The redemption of api/bench/workload.h as SQLite would have it: WAL, synchronous=FULL, prepared
// statements, one connection (SQLite has one writer). Prints {"single": [...], "batch": [...]}, lines
// a second of each run. Built and run by script/bench only.
//
//   fundtrail_peer_sqlite FILE RUNS SECONDS
#include <openssl/evp.h>
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr char kSchema[] = R"(
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma cache_size = -262144;
  create table beneficiary (id integer primary key, town int, entitled_from text, entitled_to text);
  create table provider (id integer primary key, town int, contract_from text, contract_to text);
  create table voucher (no integer primary key, beneficiary int, face int, open int, redeemed_by int);
  create table balance (id integer primary key, fen int not null check (fen >= 0));
  create table head (one integer primary key, n int, hash blob);
  create table entry (n integer primary key, content text, hash blob);
  with recursive i(n) as (select 0 union all select n + 1 from i where n < 19999)
    insert into beneficiary select n, n % 4, '2008-01-01', '2999-12-31' from i;
  with recursive i(n) as (select 0 union all select n + 1 from i where n < 3)
    insert into provider select n, n, '2008-01-01', '2999-12-31' from i;
  with recursive i(n) as (select 0 union all select n + 1 from i where n < 7)
    insert into balance select n, iif(n < 4, 1000000000000, 0) from i;
  insert into head values (1, 0, x'00');
)";

class Database {
 public:
  explicit Database(const char* file) {
    if (sqlite3_open(file, &handle_) != SQLITE_OK) fail();
  }
  ~Database() {
    for (auto* one : statements_) sqlite3_finalize(one);
    sqlite3_close(handle_);
  }
  void run(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) !=
        SQLITE_OK) {
      fail();
    }
    statements_.push_back(made);
    return made;
  }
  void expect_row(sqlite3_stmt* one) {
    if (sqlite3_step(one) != SQLITE_ROW) fail();
  }
  void finish(sqlite3_stmt* one) {
    if (sqlite3_step(one) != SQLITE_DONE || sqlite3_reset(one) != SQLITE_OK) fail();
  }
  int changes() const { return sqlite3_changes(handle_); }

 private:
  [[noreturn]] void fail() { throw std::runtime_error(sqlite3_errmsg(handle_)); }
  sqlite3* handle_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

class Redemptions {
 public:
  explicit Redemptions(Database& db) : db_(db) {
    hash_.fill(0);
    context_ = EVP_MD_CTX_new();
    digest_ = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  }
  ~Redemptions() {
    EVP_MD_free(digest_);
    EVP_MD_CTX_free(context_);
  }

  void issue(long count) {
    char sql[400];
    std::snprintf(sql, sizeof sql,
                  "with recursive i(n) as (select %ld union all select n + 1 from i where n < %ld) "
                  "insert into voucher select n, n %% 20000, 10000, 1, null from i",
                  issued_, issued_ + count - 1);
    db_.run(sql);
    issued_ += count;
  }
  long left() const { return issued_ - redeemed_; }

  void redeem(int count) {
    db_.finish(begin_);
    for (int i = 0; i < count; ++i) redeem_one();
    db_.finish(commit_);
  }

 private:
  // In an order that jumps about: within 100,000 they are permuted.
  long next_voucher() {
    const long n = redeemed_++;
    return n / 100'000 * 100'000 + n % 100'000 * 7'919 % 100'000;
  }
  void redeem_one() {
    const long voucher = next_voucher();
    sqlite3_bind_int64(open_, 1, voucher);
    db_.expect_row(open_);  // still open
    const auto beneficiary = sqlite3_column_int64(open_, 0);
    const auto face = sqlite3_column_int64(open_, 1);
    db_.finish(open_);
    sqlite3_bind_int64(entitled_, 1, beneficiary);
    db_.expect_row(entitled_);
    const int town = sqlite3_column_int(entitled_, 0);
    db_.finish(entitled_);
    sqlite3_bind_int(contract_, 1, town);
    db_.expect_row(contract_);
    db_.finish(contract_);
    sqlite3_bind_int(close_, 1, town);
    sqlite3_bind_int64(close_, 2, voucher);
    db_.finish(close_);
    move(town, -face);
    move(town + 4, face);
    chain(voucher, beneficiary, town, face);
  }
  void move(int balance, long fen) {
    sqlite3_bind_int64(move_, 1, fen);
    sqlite3_bind_int(move_, 2, balance);
    db_.finish(move_);
  }
  void chain(long voucher, long beneficiary, int town, long face) {
    char content[300];
    const int size = std::snprintf(
        content, sizeof content,
        R"({"beneficiary":"%ld","date":"2008-05-20","hours":"1.50","item":"zhuyu","provider":"%d",)"
        R"("amount":"%ld","voucher":"%ld","worker":"w-01"})",
        beneficiary, town, face, voucher);
    EVP_DigestInit_ex2(context_, digest_, nullptr);
    EVP_DigestUpdate(context_, hash_.data(), hash_.size());
    EVP_DigestUpdate(context_, content, std::size_t(size));
    EVP_DigestFinal_ex(context_, hash_.data(), nullptr);
    ++n_;
    sqlite3_bind_int64(entry_, 1, n_);
    sqlite3_bind_text(entry_, 2, content, size, SQLITE_STATIC);
    sqlite3_bind_blob(entry_, 3, hash_.data(), int(hash_.size()), SQLITE_STATIC);
    db_.finish(entry_);
    sqlite3_bind_int64(head_, 1, n_);
    sqlite3_bind_blob(head_, 2, hash_.data(), int(hash_.size()), SQLITE_STATIC);
    db_.finish(head_);
  }

  Database& db_;
  EVP_MD_CTX* context_;
  EVP_MD* digest_;
  std::array<unsigned char, 32> hash_;
  long n_ = 0, issued_ = 0, redeemed_ = 0;
  sqlite3_stmt* begin_ = db_.prepare("begin immediate");
  sqlite3_stmt* commit_ = db_.prepare("commit");
  sqlite3_stmt* open_ =
      db_.prepare("select beneficiary, face from voucher where no = ?1 and open = 1");
  sqlite3_stmt* entitled_ = db_.prepare(
      "select town from beneficiary where id = ?1 and '2008-05-20' between entitled_from and "
      "entitled_to");
  sqlite3_stmt* contract_ = db_.prepare(
      "select 1 from provider where id = ?1 and '2008-05-20' between contract_from and contract_to");
  sqlite3_stmt* close_ =
      db_.prepare("update voucher set open = 0, redeemed_by = ?1 where no = ?2 and open = 1");
  sqlite3_stmt* move_ = db_.prepare("update balance set fen = fen + ?1 where id = ?2");
  sqlite3_stmt* entry_ = db_.prepare("insert into entry values (?1, ?2, ?3)");
  sqlite3_stmt* head_ = db_.prepare("update head set n = ?1, hash = ?2");
};

// Lines a second of `runs` runs, after one that warms up (when there are several).
std::vector<double> measure(Redemptions& work, int lines, int runs, double seconds) {
  const int warm_ups = runs > 1 ? 1 : 0;
  using Clock = std::chrono::steady_clock;
  std::vector<double> samples;
  for (int run = 0; run < warm_ups + runs; ++run) {
    long done = 0;
    std::chrono::duration<double> taken{};
    while (taken.count() < seconds) {
      if (work.left() < lines) work.issue(100'000);  // not counted
      const auto begin = Clock::now();
      work.redeem(lines);
      taken += Clock::now() - begin;
      done += lines;
    }
    if (run >= warm_ups) samples.push_back(double(done) / taken.count());
  }
  return samples;
}

void print(const char* name, const std::vector<double>& samples) {
  std::printf("\"%s\": [", name);
  for (std::size_t i = 0; i < samples.size(); ++i) std::printf("%s%.1f", i ? ", " : "", samples[i]);
  std::printf("]");
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  try {
    Database db(arguments[1]);
    db.run(kSchema);
    Redemptions work(db);
    const int runs = std::atoi(arguments[2]);
    const double seconds = std::atof(arguments[3]);
    std::printf("{");
    print("single", measure(work, 1, runs, seconds));
    std::printf(", ");
    print("batch", measure(work, 1'000, runs, seconds));
    std::printf("}\n");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  return 0;
}
