#include "ledger/scratch_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "ledger/core/fault_words.h"

namespace fundtrail {

namespace fs = std::filesystem;

Result<ScratchDirectory> ScratchDirectory::make(const fs::path& parent, std::string_view name) {
  std::error_code error;
  const fs::path place = parent.empty() ? fs::temp_directory_path(error) : parent;
  std::string pattern = (place / (std::string(name) + "-XXXXXX")).string();
  const int code = error ? error.value() : ::mkdtemp(pattern.data()) ? 0 : errno;
  if (code == 0) return ScratchDirectory(pattern);
  return file_error(Doing::make, pattern, code);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace fundtrail
