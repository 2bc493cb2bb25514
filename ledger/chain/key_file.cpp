#include "ledger/chain/key_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"

namespace fundtrail::chain {
namespace {

constexpr off_t max_key_file = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// False with errno set.
bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t size = ::write(fd, content.data(), content.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

void SecretText::wipe() {
  OPENSSL_cleanse(text_.data(), text_.size());
}

Result<SecretText> read_secret_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return Error{Fault::not_found, in_both("没有密钥文件“" + path.string() + "”。", "there is no key file " + path.string())};
    return file_error(Doing::open, path, errno);
  }
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return file_error(Doing::examine, path, errno);
  if (!S_ISREG(facts.st_mode) || facts.st_size > max_key_file) {
    return Error{Fault::invalid_argument, in_both("“" + path.string() + "”不是密钥文件。", path.string() + " is not a key file")};
  }
  if ((facts.st_mode & 0027) != 0) {
    return Error{Fault::invalid_argument,
                 in_both("密钥文件 " + path.string() + " 可被他人读取或写入：请改为仅属主可读写（chmod 600）。",
                         "the key file " + path.string() + " may be read or written by others; give it mode 0600")};
  }
  std::string text(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t size = ::read(file.get(), text.data() + done, text.size() - done);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return file_error(Doing::read, path, errno);
    if (size == 0) break;
    done += static_cast<std::size_t>(size);
  }
  text.resize(done);
  return SecretText(std::move(text));
}

namespace {

// `install` puts the finished temporary file under its name; 0 or -1 with errno set, as the system's
// calls do.
template <class Install>
Status write_secret_file(const std::filesystem::path& path, std::string_view content,
                         Install install) {
  std::string temporary = path.string() + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
  if (file.get() < 0) return file_error(Doing::make, path, errno);
  int code = 0;
  if (!write_all(file.get(), content) || ::fsync(file.get()) != 0 ||
      install(temporary.c_str(), path.c_str()) != 0) {
    code = errno;
  }
  ::unlink(temporary.c_str());
  if (code == EEXIST) {
    return Error{Fault::invalid_argument,
                 in_both("“" + path.string() + "”已存在，不予替换。", path.string() + " exists and is not replaced")};
  }
  if (code != 0) return file_error(Doing::write, path, code);
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return file_error(Doing::sync, folder, errno);
  return success();
}

}  // namespace

Status create_secret_file(const std::filesystem::path& path, std::string_view content) {
  return write_secret_file(path, content, ::link);  // unlike rename, never replaces
}

Status replace_secret_file(const std::filesystem::path& path, std::string_view content) {
  return write_secret_file(path, content, ::rename);
}

}  // namespace fundtrail::chain
