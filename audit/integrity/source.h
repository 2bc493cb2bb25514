// Where the integrity check gets its records: in pieces, each examined by whichever thread takes it,
// exactly as they lie, with nothing repaired and nothing skipped. Private to audit/integrity.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "audit/integrity/examine.h"
#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail::audit {

// Pieces are numbered in the order of the records. take() is called by one thread at a time;
// examine() by several at once, each with an examiner of its own.
class RecordSource {
 public:
  // What is to be examined next: a range of keys, or bytes of a file.
  struct Piece {
    std::uint64_t from = 0;
    std::uint64_t to = 0;   // a store: keys below; 0: without end
    std::string bytes;      // a file: whole lines, but for its very end
    std::optional<Error> fault;
    bool last = false;
  };
  virtual ~RecordSource() = default;
  // Nothing when an examination has come to the end.
  virtual std::optional<Piece> take() = 0;
  // Faults: io, unreadable (a damaged file, a key that is no index); records before them are judged.
  virtual Examination examine(Piece piece, Examiner& examiner) = 0;
};

class StoreSource final : public RecordSource {
 public:
  explicit StoreSource(const store::Snapshot& snapshot) : snapshot_(snapshot) {}
  std::optional<Piece> take() override;
  Examination examine(Piece piece, Examiner& examiner) override;

 private:
  struct Span;  // of rows that belong together
  void scan_entries(const Piece& piece, Examiner& examiner, Span& span, Examination& out) const;
  void scan_lines(Examiner& examiner, const Span& span, Examination& out) const;
  void learn(const Span& span, const Examination& examined);

  const store::Snapshot& snapshot_;
  std::mutex mutex_;
  std::uint64_t next_ = 0;
  std::uint64_t rows_ = 64;  // of entries in the next piece
  bool ended_ = false;
};

class BundleSource final : public RecordSource {
 public:
  explicit BundleSource(const std::filesystem::path& bundle);
  std::optional<Piece> take() override;
  Examination examine(Piece piece, Examiner& examiner) override;

 private:
  std::filesystem::path bundle_;
  std::ifstream entries_;
  std::vector<std::uint64_t> with_lines_;  // ascending
  std::string rest_;                       // of a line that goes on in the next piece
  std::uint64_t place_ = 0;
  bool ended_ = false;
};

// The whole file. Errors: not_found, io.
Result<std::string> read_file(const std::filesystem::path& path);

}  // namespace fundtrail::audit
