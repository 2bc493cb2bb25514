// A temporary directory that goes, with everything in it, when its owner does.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "ledger/core/result.h"

namespace fundtrail {

class ScratchDirectory {
 public:
  // "<parent>/<name>-XXXXXX", 0700; an empty parent: where temporary files belong (TMPDIR). Fault::io.
  static Result<ScratchDirectory> make(const std::filesystem::path& parent, std::string_view name);
  ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  ~ScratchDirectory();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace fundtrail
