// Who may call: bearer tokens and what they stand for. The token file holds SHA-256 digests of
// tokens and never a token, so that reading the file opens nothing:
//
//   {"tokens": [{"digest": "<64 hex>", "actor": "zhang.li", "role": "preparer"}, ...]}
//
// The file must be readable by its owner alone (0600). A token of role `provider` acts for the
// provider whose id is its actor; "provider" may say so again and must then be the same.
//
// Thread-safety: TokenBook is immutable after load(); share it freely.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/chain/digest.h"
#include "ledger/core/entry.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

class TokenBook {
 public:
  // Faults: not_found, io, unreadable (names the entry, from 0), invalid_argument when others than
  // the owner may read or write the file.
  static Result<std::shared_ptr<const TokenBook>> load(const std::filesystem::path& file);

  // The actor of a token, or nullptr. Takes the same time for any wrong token of one length.
  const Actor* find(std::string_view token) const;
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    chain::Hash digest;
    Actor actor;
  };
  std::vector<Entry> entries_;
};

// Makes a token, adds its digest to the file (made with mode 0600 when there is none, replaced as a
// whole otherwise) and returns the token: it exists nowhere else. Faults: as load(), io.
Result<std::string> add_token(const std::filesystem::path& file, const Actor& actor);

}  // namespace fundtrail::api
