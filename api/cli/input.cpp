#include "api/cli/input.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "api/files.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::api::cli {

Result<std::string> read_input(const std::string& name) {
  constexpr std::size_t kMaxBytes = 256u << 20;
  struct Close {
    void operator()(std::FILE* file) const {
      if (file != stdin) std::fclose(file);
    }
  };
  std::unique_ptr<std::FILE, Close> file(name == "-" ? stdin : std::fopen(name.c_str(), "rb"));
  if (!file && errno == ENOENT) return no_file(name);
  if (!file) return file_error(Doing::read, name, errno);
  std::string text;
  char block[1 << 16];
  std::size_t got = 0;
  while ((got = std::fread(block, 1, sizeof block, file.get())) > 0) {
    text.append(block, got);
    if (text.size() > kMaxBytes) {
      return Error{Fault::io, in_both("“" + name + "”超过 256 MiB。", name + " is larger than 256 MiB")};
    }
  }
  if (std::ferror(file.get()) != 0) return file_error(Doing::read, name, errno);
  return text;
}

Status write_output(const std::filesystem::path& file, std::string_view bytes) {
  namespace fs = std::filesystem;
  // Where standard output goes on behind something, that stays.
  if (file == "/dev/stdout") {
    return write_all(STDOUT_FILENO, bytes) ? success() : Status(file_error(Doing::write, file, errno));
  }
  std::error_code unknown;
  const auto type = fs::status(file, unknown).type();
  // A file is there as a whole, or as it was: half a list looks like one with fewer people.
  if (type == fs::file_type::regular || type == fs::file_type::not_found) {
    return replace_list(fs::weakly_canonical(file, unknown), bytes);
  }
  // Devices and pipes are written as they are.
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  const bool done = fd >= 0 && write_all(fd, bytes);
  const int code = errno;
  if (fd >= 0) ::close(fd);
  return done ? success() : Status(file_error(Doing::write, file, code));
}

}  // namespace fundtrail::api::cli
