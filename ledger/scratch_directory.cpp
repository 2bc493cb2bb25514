#include "ledger/scratch_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "ledger/core/bilingual.h"

namespace fundtrail {

namespace fs = std::filesystem;

Result<ScratchDirectory> ScratchDirectory::make(const fs::path& parent, std::string_view name) {
  std::error_code error;
  const fs::path place = parent.empty() ? fs::temp_directory_path(error) : parent;
  std::string pattern = (place / (std::string(name) + "-XXXXXX")).string();
  const std::string why = error ? error.message() : ::mkdtemp(pattern.data()) ? "" : std::strerror(errno);
  if (why.empty()) return ScratchDirectory(pattern);
  return Error{Fault::io, in_both("不能建立临时目录 " + pattern + "：" + why,
                                  "cannot make the temporary directory " + pattern + ": " + why)};
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace fundtrail
