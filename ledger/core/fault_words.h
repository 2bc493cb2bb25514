// A fault (Error) in the words of people. What was said in both languages (ledger/core/bilingual.h) stays as it
// is; of what the machinery says in English only, Chinese readers get a sentence on the kind of fault, with that
// behind it. A full disk says what to do, whoever met it.
//
// Pure functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "ledger/core/result.h"

namespace fundtrail {

std::string chinese_of(const Error& error);
std::string english_of(const Error& error);
// Both, as one text (ledger/core/bilingual.h).
std::string in_both(const Error& error);

// What was being done with a file or directory.
enum class Doing : std::uint8_t {
  examine, list, find, open, read, read_link, make, write, sync, protect, lock, copy, copy_to, move, rename, rename_to,
  replace, take_over, remove,
};
// "cannot read X: reason"; `code`: errno, 0 where it tells nothing. Fault: io.
Error file_error(Doing doing, const std::filesystem::path& path, int code);

// Why the operating system refused, in Chinese, with what to do where that is plain; strerror() else.
std::string chinese_reason(int code);

}  // namespace fundtrail
