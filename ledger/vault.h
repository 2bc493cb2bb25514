// The vault: people's identities beside the chain. The chain holds a pseudonym and a salted
// commitment; name, identity number, address and phone lie here, sealed with AES-256-GCM under a
// key of each person's own, which is wrapped by the ledger's vault key. That key is a file outside
// the database. Destroying a person's wrapped key leaves every proof intact.
//
// Thread-safety: const functions may be called from any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/core/entry.h"
#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail {

struct SealedIdentity {
  Pseudonym pseudonym;
  std::string commitment;  // hex; docs/FORMAT.md, "Commitments"
  std::string record;      // for the store's vault table
};

class Vault {
 public:
  // 32 random bytes in a new file, mode 0600.
  static Status create_key(const std::filesystem::path& file);
  static Result<Vault> open(const std::filesystem::path& key_file, std::string_view suite);
  Vault(Vault&&) noexcept;
  ~Vault();

  // The same identity number always has the same pseudonym in one ledger.
  Pseudonym pseudonym_of(std::string_view id_number) const;
  // A keyed digest for matching values that must not be stored ("same name, birth and address"),
  // 16 hex digits; `purpose` keeps digests of different uses apart.
  std::string blind(std::string_view purpose, std::string_view value) const;

  Result<SealedIdentity> seal(const Identity& identity) const;
  Result<Identity> unseal(const Pseudonym& pseudonym, std::string_view record) const;
  // No more than the birth date in the identity number; the rest is wiped unread. Nothing when that
  // number is not a valid one.
  Result<std::optional<Date>> birth_date(const Pseudonym& pseudonym, std::string_view record) const;
  // Whether an identity with its salt opens the commitment (for an inspector with access).
  Result<bool> matches(const Pseudonym& pseudonym, std::string_view record,
                       std::string_view commitment) const;

 private:
  struct Keys;
  explicit Vault(std::unique_ptr<Keys> keys);
  std::unique_ptr<Keys> keys_;
};

}  // namespace fundtrail
