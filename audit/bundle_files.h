// Writes the files of a bundle: content, digest for the manifest, sync. Private to audit/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/core/result.h"

struct evp_md_ctx_st;

namespace fundtrail::audit {

// A file of a bundle that grows.
class BundleFile {
 public:
  Status append(std::string_view content);

 private:
  friend class BundleFolder;
  struct DigestContext {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::string name_;
  std::ofstream out_;
  std::unique_ptr<evp_md_ctx_st, DigestContext> digest_;
};

// A directory that appears under its name only when it is complete.
class BundleFolder {
 public:
  // Fault::invalid_argument when `target` is there; io.
  static Result<BundleFolder> create(const std::filesystem::path& target);
  BundleFolder(BundleFolder&& other) noexcept;
  // What was not published is removed.
  ~BundleFolder();

  Status write(const std::string& name, std::string_view content);
  Result<BundleFile> open(const std::string& name);
  Status close(BundleFile& file);

  // Writes the manifest, syncs everything and renames.
  Status publish(const std::string& manifest);
  std::uint64_t files() const { return digests_.size(); }

 private:
  BundleFolder(std::filesystem::path target, std::filesystem::path place)
      : target_(std::move(target)), place_(std::move(place)) {}

  std::filesystem::path target_;
  std::filesystem::path place_;  // empty: published or moved
  std::map<std::string, std::string> digests_;
};

}  // namespace fundtrail::audit
