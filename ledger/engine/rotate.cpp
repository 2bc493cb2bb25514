#include "ledger/engine/rotate.h"

#include <string>
#include <utility>
#include <vector>

#include "ledger/core/bilingual.h"
#include "ledger/engine/directory.h"
#include "ledger/engine/opening.h"
#include "ledger/engine/view.h"
#include "ledger/store/layout.h"
#include "ledger/store/rocks_store.h"
#include "ledger/vault.h"

namespace fundtrail {
namespace {

using store::Table;

constexpr std::size_t kBatch = 1000;

// A writer beside nobody: commits that leave the chain as it is.
class Records {
 public:
  static Result<Records> open(store::RocksStore& store) {
    const auto epoch = store.claim();
    if (!epoch.ok()) return epoch.error();
    const auto head = store.get(Table::meta, store::kHeadKey);
    if (!head.ok()) return head.error();
    return Records(store, *epoch, head->value_or(std::string()));
  }

  store::Epoch epoch() const { return epoch_; }
  Status commit(std::vector<store::Change> changes) {
    if (changes.empty()) return success();
    const auto result = store_->commit({epoch_, head_}, head_, changes);
    if (result.outcome != store::Committed::applied) return Error{Fault::io, result.message};
    return success();
  }

 private:
  Records(store::RocksStore& store, store::Epoch epoch, std::string head)
      : store_(&store), epoch_(epoch), head_(std::move(head)) {}
  store::RocksStore* store_;
  store::Epoch epoch_;
  std::string head_;
};

// The next records behind `after` that are not under the newest key; moves `after` on.
Result<std::vector<store::Change>> next_batch(const store::RocksStore& store, const Vault& vault,
                                              std::string& after, bool& more) {
  std::vector<store::Change> changes;
  std::optional<Error> fault;
  std::size_t seen = 0;
  more = false;
  const auto scanned = store.snapshot()->scan(
      Table::vault, after, "", [&](std::string_view key, std::string_view record) {
        if (seen++ == kBatch) {
          more = true;
          return false;
        }
        after = std::string(key) + '\0';
        const auto person = Pseudonym::parse(key);
        if (!person) {
          fault = Error{Fault::unreadable, "a key in the vault is no pseudonym"};
          return false;
        }
        auto rewrapped = vault.rewrapped(*person, record);
        if (!rewrapped.ok()) {
          fault = rewrapped.error();
        } else if (*rewrapped) {
          changes.push_back({Table::vault, std::string(key), std::move(*rewrapped)});
        }
        return !fault;
      });
  if (!scanned.ok()) return scanned.error();
  if (fault) return *fault;
  return changes;
}

Result<std::uint64_t> rewrap_all(const store::RocksStore& store, Records& records,
                                 const Vault& vault) {
  std::uint64_t count = 0;
  std::string after;
  for (bool more = true; more;) {
    auto changes = next_batch(store, vault, after, more);
    if (!changes.ok()) return changes.error();
    count += changes->size();
    const auto committed = records.commit(std::move(*changes));
    if (!committed.ok()) return committed.error();
  }
  return count;
}

}  // namespace

std::filesystem::path vault_key_file(const std::filesystem::path& ledger,
                                     const LedgerOptions& options) {
  return vault_key_file(keys_directory(ledger, options), options.vault_key);
}

Result<std::uint64_t> rotate_vault_key(const std::filesystem::path& ledger,
                                       const LedgerOptions& options) {
  if (!options.vault_key.hex.empty()) {
    return Error{Fault::invalid_argument,
                 in_both("身份密钥来自环境变量 FUNDTRAIL_VAULT_KEY：请先把它存入密钥文件，轮换后再放回。",
                         "the vault key comes from FUNDTRAIL_VAULT_KEY: put it into a key file, rotate, "
                         "and put the new one back")};
  }
  const auto file = vault_key_file(ledger, options);
  const auto directory = LedgerDirectory::open(ledger);
  if (!directory.ok()) return directory.error();
  const auto looked = look(*directory, options, {});
  if (!looked.ok()) return looked.error();
  if (const auto& locked = looked->examined.vault.locked()) {
    return Error{Fault::not_found, locked->message};
  }
  const auto opened = open_looked(*directory, *looked, {});
  if (!opened.ok()) return opened.error();
  store::RocksStore& store = **opened;
  auto records = Records::open(store);
  if (!records.ok()) return records.error();
  // Copies of the store that crashes have left, and erased records, are sealed under the earlier keys.
  const auto erased = finish_erasures(store, records->epoch());
  if (!erased.ok()) return erased.error();
  directory->remove_leftovers();

  const auto begun = Vault::begin_rotation(file);
  if (!begun.ok()) return begun.error();
  const auto vault = Vault::open(file, looked->facts.opening.suite);
  if (!vault.ok()) return vault.error();
  const auto count = rewrap_all(store, *records, *vault);
  if (!count.ok()) return count.error();
  // What the earlier keys open goes from the files before those keys are forgotten: a rotation that
  // ends here has nothing left to do but that.
  const auto expunged = store.expunge(Table::vault);
  if (!expunged.ok()) return expunged.error();
  const auto ended = Vault::end_rotation(file);
  if (!ended.ok()) return ended.error();
  return *count;
}

}  // namespace fundtrail
