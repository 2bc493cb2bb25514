// The store and the anchor that a writer has open, against what the ledger's directory leads to now.
//
// A file that was moved, removed or replaced beneath a running writer goes on taking what is written to it, and
// every sync succeeds. Whoever opens the ledger next opens something else. So a writer asks, behind each group's
// sync and before anybody is told, whether the next opening would find what it wrote.
//
// Thread-safety: check() from any thread.
#pragma once

#include <filesystem>
#include <utility>

#include "ledger/core/result.h"
#include "ledger/engine/directory.h"

namespace fundtrail {

class LiveFiles {
 public:
  // Holds what the directory leads to, which its owner has just opened. Faults: io, not_found.
  static Result<LiveFiles> hold(const LedgerDirectory& directory);
  LiveFiles(LiveFiles&& other) noexcept;
  LiveFiles& operator=(LiveFiles&& other) noexcept;
  ~LiveFiles();

  // Three looks at names, no file is read. Fault::truncated, in both languages, when the directory leads elsewhere.
  Status check() const;

 private:
  // Held open, so that nothing else can get its number.
  struct Held {
    std::filesystem::path name;
    int file = -1;
  };
  explicit LiveFiles(std::filesystem::path store, std::filesystem::path anchor);

  Held store_, anchor_;
};

}  // namespace fundtrail
