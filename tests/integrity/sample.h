// A small ledger made with the codec alone (no rules, no engine), so that a test can change any of it
// and know what the answer has to be.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ledger/chain/keys.h"
#include "ledger/chain/note.h"
#include "ledger/core/entry.h"
#include "ledger/store/store.h"

namespace fundtrail::integrity_test {

// Tables that anybody may write into.
struct Tables {
  std::array<std::map<std::string, std::string>, store::kTables> rows;
  std::map<std::string, std::string>& operator[](store::Table table) {
    return rows[static_cast<std::size_t>(table)];
  }
  const std::map<std::string, std::string>& operator[](store::Table table) const {
    return rows[static_cast<std::size_t>(table)];
  }
  std::string& entry(std::uint64_t index);
  std::string& lines(std::uint64_t index);
};

// Reads those tables in place; `tables` must outlive it.
std::unique_ptr<store::Snapshot> snapshot_of(const Tables& tables);

// What a signer does; anybody can do it with a key of his own.
std::string sign_checkpoint(const std::string& name, const chain::SigningKey& key,
                            std::uint64_t size, const chain::Hash& root);

class Sample {
 public:
  // Documents with lines stand at every sixth entry. At least 8 entries.
  Sample(chain::Suite suite, std::size_t entries);

  chain::Suite suite() const { return suite_; }
  const chain::SigningKey& key() const { return key_; }
  chain::VerifierKey verifier_key() const;
  std::size_t size() const { return entries_.size(); }
  Entry& entry(std::size_t index) { return entries_[index]; }

  // Chains the entries anew and writes everything that follows from them, checkpoints at `sizes`
  // included.
  Tables tables(const std::vector<std::uint64_t>& sizes);
  // The root over the first `size` of the tables' entries.
  chain::Hash root(const Tables& tables, std::uint64_t size) const;
  std::uint64_t first_with_lines() const { return 5; }

 private:
  void add(Document document, std::vector<Posting> postings);

  chain::Suite suite_;
  chain::SigningKey key_;
  std::vector<Entry> entries_;
};

// A new directory that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string slurp(const std::filesystem::path& file);
void spill(const std::filesystem::path& file, const std::string& content);

}  // namespace fundtrail::integrity_test
