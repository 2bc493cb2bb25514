// ZIP files by libzip: read from memory, written from files. Evidence bundles and imports travel as such,
// and a workbook is one inside. What is in a file that somebody sent is looked at by whoever asks for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/result.h"

struct zip;

namespace fundtrail::api {

// The bytes outlive it. One thread.
class ZipReader {
 public:
  explicit ZipReader(std::string_view bytes);
  bool good() const { return zip_ != nullptr; }  // else it is no ZIP file

  struct Entry {
    std::string name;        // as it stands there
    std::uint64_t size = 0;  // as is said there
    bool file = true;        // neither a folder nor a link or the like
    bool folder = false;
  };
  std::uint64_t count() const;
  // Nothing: damaged.
  std::optional<Entry> entry(std::uint64_t number) const;
  std::optional<std::uint64_t> find(const std::string& name) const;

  // Unpacks a piece at a time until `take` answers false.
  using Take = std::function<bool(std::string_view piece)>;
  enum class Outcome : std::uint8_t { whole, stopped, damaged };
  Outcome read(std::uint64_t number, const Take& take) const;

 private:
  struct Discard {
    void operator()(zip* opened) const;
  };
  std::unique_ptr<zip, Discard> zip_;
};

struct ZipFile {
  std::filesystem::path file;
  std::string name;  // in the archive
};
// Asks `cancelled` between pieces; then Fault::unavailable. Faults: io.
Status write_zip(const std::filesystem::path& to, const std::vector<ZipFile>& files,
                 const std::function<bool()>& cancelled);

}  // namespace fundtrail::api
