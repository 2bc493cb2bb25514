#include "audit/bundle_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "ledger/chain/digest.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"

namespace fundtrail::audit {
namespace {

namespace fs = std::filesystem;

// Writes the whole file system's dirty pages of these files at once: syncing thousands of small files
// one by one would take minutes on a slow disk.
Status sync_everything(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = file >= 0 && ::syncfs(file) == 0;
  if (file >= 0) ::close(file);
  if (!synced) return file_error(Doing::sync, folder, errno);
  return success();
}

}  // namespace

void BundleFile::DigestContext::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Result<BundleFolder> BundleFolder::create(const fs::path& target) {
  std::error_code fault;
  const fs::path absolute = fs::absolute(target).lexically_normal();
  fs::path named = absolute.has_filename() ? absolute : absolute.parent_path();
  if (fs::exists(fs::symlink_status(named, fault))) {
    return Error{Fault::invalid_argument, in_both("“" + named.string() + "”已经存在。", named.string() + " is there already")};
  }
  std::string place = (named.parent_path() / ("." + named.filename().string() + ".XXXXXX")).string();
  if (!::mkdtemp(place.data())) return file_error(Doing::make, place, errno);
  fs::permissions(place, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec, fault);
  return BundleFolder(std::move(named), place);
}

BundleFolder::BundleFolder(BundleFolder&& other) noexcept
    : target_(std::move(other.target_)), place_(std::exchange(other.place_, {})),
      digests_(std::move(other.digests_)) {}

BundleFolder::~BundleFolder() {
  std::error_code ignored;
  if (!place_.empty()) fs::remove_all(place_, ignored);
}

Status BundleFile::append(std::string_view content) {
  errno = 0;
  out_.write(content.data(), static_cast<std::streamsize>(content.size()));
  FT_CHECK(EVP_DigestUpdate(digest_.get(), content.data(), content.size()) == 1);
  if (!out_) return file_error(Doing::write, name_, errno);
  return success();
}

Status BundleFolder::write(const std::string& name, std::string_view content) {
  auto file = open(name);
  if (!file.ok()) return file.error();
  if (auto status = file->append(content); !status.ok()) return status;
  return close(*file);
}

Result<BundleFile> BundleFolder::open(const std::string& name) {
  std::error_code fault;
  fs::create_directories((place_ / name).parent_path(), fault);
  BundleFile file;
  file.name_ = name;
  file.out_.open(place_ / name, std::ios::binary | std::ios::trunc);
  if (!file.out_) return file_error(Doing::write, name, errno);
  file.digest_.reset(EVP_MD_CTX_new());
  FT_CHECK(file.digest_ && EVP_DigestInit_ex(file.digest_.get(), EVP_sha256(), nullptr) == 1);
  return file;
}

Status BundleFolder::close(BundleFile& file) {
  errno = 0;
  file.out_.close();
  if (!file.out_) return file_error(Doing::write, file.name_, errno);
  chain::Hash digest;
  FT_CHECK(EVP_DigestFinal_ex(file.digest_.get(), digest.data(), nullptr) == 1);
  digests_[file.name_] = chain::to_hex(digest);
  return success();
}

Status BundleFolder::publish(const std::string& manifest) {
  std::string lines;
  for (const auto& [name, digest] : digests_) lines += digest + "  " + name + "\n";
  if (auto status = write(manifest, lines); !status.ok()) return status;
  if (auto status = sync_everything(place_); !status.ok()) return status;
  // rename() replaces nothing but an empty directory.
  if (::rename(place_.c_str(), target_.c_str()) != 0) return file_error(Doing::rename_to, target_, errno);
  place_.clear();
  return sync_everything(target_.parent_path());
}

}  // namespace fundtrail::audit
