// Whole files, durably. What goes wrong is said in both languages, with the file. Thread-safe where two do
// not write one file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ledger/core/fault_words.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

// False after a fault, of which errno tells.
bool write_all(int fd, std::string_view bytes);

// Faults: not_found, io.
Result<std::string> read_file(const std::filesystem::path& file);

// Complete and synced (0600) before it appears under its name; a crash leaves the old file or the new one. One of
// ours: FILE.new is, too, and of two at once the later wins only if they take turns: whoever calls has a lock.
Status replace_file(const std::filesystem::path& file, std::string_view bytes);
// The same of a file of somebody's, who may have others beside it, for whom the umask lets.
Status replace_list(const std::filesystem::path& file, std::string_view bytes);

// A new file with the bytes of another one, synced.
Status copy_file_synced(const std::filesystem::path& from, const std::filesystem::path& to);

// The names in a directory, or in that of a file, after one was changed.
Status sync_names(const std::filesystem::path& directory);
Status sync_names_beside(const std::filesystem::path& file);

Error no_file(const std::filesystem::path& file);

}  // namespace fundtrail::api
