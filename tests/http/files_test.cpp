// Files that are replaced: there as a whole, or as they were (api/files.h).
#include "api/files.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "ledger/core/bilingual.h"
#include "tests/engine/helpers.h"

namespace fundtrail::api {
namespace {

namespace fs = std::filesystem;

// No file may become larger than this while it lives, as on a disk that is full then.
class LargestFile {
 public:
  explicit LargestFile(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit limit{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~LargestFile() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

mode_t mode_of(const fs::path& file) {
  struct stat about{};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  return about.st_mode & 0777;
}

}  // namespace

TEST_CASE("a file that cannot be written as a whole stays as it was") {
  test::TemporaryDirectory home;
  const fs::path file = home.path() / "list.csv";
  REQUIRE(replace_list(file, "before").ok());
  {
    const LargestFile limit(4096);
    const auto written = replace_list(file, std::string(10'000, 'x'));
    REQUIRE(written.error().fault == Fault::io);
    CHECK(chinese_of(written.error().message).find(file.string()) != std::string::npos);
  }
  CHECK(*read_file(file) == "before");
  CHECK(std::distance(fs::directory_iterator(home.path()), {}) == 1);
  REQUIRE(replace_list(file, std::string(10'000, 'y')).ok());
  CHECK(*read_file(file) == std::string(10'000, 'y'));
}

TEST_CASE("what is replaced can be read by whom the caller and the umask let, and goes through no link") {
  test::TemporaryDirectory home;
  const fs::path file = home.path() / "f", secret = home.path() / "secret";
  const mode_t mask = ::umask(022);
  std::ofstream(secret) << "untouched";
  // A link in the place of the temporary file leads nowhere; what lies beside a list is not ours.
  fs::create_symlink(secret, file.string() + ".new");
  CHECK(replace_list(file, "a").ok());
  CHECK(mode_of(file) == 0644);
  CHECK(fs::is_symlink(file.string() + ".new"));
  CHECK(replace_file(file, "b").ok());
  CHECK(mode_of(file) == 0600);
  CHECK(*read_file(secret) == "untouched");
  ::umask(mask);
}

}  // namespace fundtrail::api
