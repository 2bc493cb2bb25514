// The vault: people's identities beside the chain. The chain holds a pseudonym and a salted
// commitment; name, identity number, address and phone lie here, sealed with AES-256-GCM under a
// key of each person's own, which is wrapped by the ledger's vault key. That key is a file outside
// the database, or comes from the environment. Destroying a person's wrapped key leaves every proof
// intact.
//
// A key file is 32 random bytes; after a rotation it is text: the root, which pseudonyms hang on for
// ever, and the wrapping keys by generation (docs/FORMAT.md, "Commitments").
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
  // The bytes of a key file, wherever they came from.
  static Result<Vault> of_key(std::string_view bytes, std::string_view suite);
  // Without a key: everything but locked() fails with `why`, and pseudonym_of() and blind() must not
  // be called.
  static Result<Vault> without_key(Error why, std::string_view suite);
  // Why nothing can be sealed, opened or named by a pseudonym; nothing when the key is there.
  const std::optional<Error>& locked() const { return locked_; }

  // Rotation of the wrapping key: begin (the key file gets a new one and keeps the earlier ones; a
  // rotation that was begun is carried on instead), rewrap() every record, end (the earlier ones
  // go). The file is replaced as a whole each time, so a crash leaves one that opens everything.
  static Status begin_rotation(const std::filesystem::path& key_file);
  static Status end_rotation(const std::filesystem::path& key_file);
  // The record under the newest wrapping key, or nothing when it is under it already.
  Result<std::optional<std::string>> rewrapped(const Pseudonym& pseudonym,
                                               std::string_view record) const;
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
  std::optional<Error> locked_;
};

}  // namespace fundtrail
