// The work that is measured: a county of synthetic elders, one fund with enough money, vouchers of
// 100.00 yuan issued month by month and redeemed by the providers of their towns. Goes through the
// public interface of the ledger only. Deterministic: the same options give the same commands.
//
// What makes it neither easier nor harder than a real year:
//   - a town has up to 5,000 elders and one provider; a provider redeems its town's vouchers of a
//     month in random order, so a document of 1,000 lines touches many issued documents;
//   - every line names the person served (who must be the holder), the worker, hours and item;
//   - idempotency ids are random, as UUIDs are.
//
// Not thread-safe. Commands that it made may be submitted from any threads.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "ledger/ledger.h"

namespace fundtrail::api::bench {

struct WorkloadOptions {
  std::uint32_t elders = 20'000;
  std::uint64_t seed = 20'080'401;
  chain::Suite suite = chain::Suite::sha256_ed25519;
};

class Workload {
 public:
  explicit Workload(const WorkloadOptions& options) : options_(options), random_(options.seed) {}

  LedgerOpeningRequest opening() const;
  // Fund, policy, towns, providers, the money and its allotment; then every elder, with an identity
  // for the vault. Errors: those of Ledger::submit; invalid_argument when something was refused.
  Status prepare(Ledger& ledger);
  // One voucher for every elder and month, until `vouchers` or more are outstanding.
  Status issue(Ledger& ledger, std::size_t vouchers);

  std::size_t outstanding() const;
  // Redemptions of `lines` outstanding vouchers in documents of `per_document` (the last of a town
  // may be smaller). Fewer when there are not as many.
  std::vector<Command> redemptions(std::size_t lines, std::size_t per_document);

 private:
  struct Outstanding {
    std::uint32_t elder = 0;
    std::uint32_t serial = 0;
    std::int32_t month = 0;  // ordinal
  };
  struct Town {
    RegionCode region;
    ProviderId provider;
    std::uint32_t first_elder = 0;
    std::uint32_t elders = 0;
    std::vector<Outstanding> outstanding;  // redeemed from `redeemed` on
    std::size_t redeemed = 0;
    std::size_t left() const { return outstanding.size() - redeemed; }
  };

  Status prepare_money(Ledger& ledger);
  Status prepare_elders(Ledger& ledger);
  Command redemption(Town& town, std::size_t lines);
  Command command(Role role, Date date, Document document);
  std::uint64_t random();

  WorkloadOptions options_;
  std::uint64_t random_;
  std::vector<Town> towns_;
  std::vector<Pseudonym> elders_;
  Month next_month_ = Month::of(*Date::from_ymd(2008, 4, 1));
  std::uint32_t next_serial_ = 1;
  std::size_t next_town_ = 0;
};

// A synthetic, valid identity number (GB 11643) of somebody over 60 in 2008; different for every
// number below ten million.
std::string synthetic_id_number(std::uint32_t number);
// A synthetic, valid 统一社会信用代码 (GB 32100) of a private non-enterprise unit.
std::string synthetic_uscc(std::uint32_t number);

// Submits all and expects every command and every line to be recorded.
Status submit_all(Ledger& ledger, std::vector<Command> commands, BatchMode mode);

}  // namespace fundtrail::api::bench
