// Folders as ZIP files (api/zip.h), which every office machine opens: evidence bundles out, import folders
// in. Functions may run in several threads at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "ledger/core/result.h"

namespace fundtrail::api {

// Everything below `folder`, under the folder's own name, in the order of names. Asks `cancelled`
// between pieces; then Fault::unavailable. Faults: io.
Status zip_folder(const std::filesystem::path& folder, const std::filesystem::path& file,
                  const std::function<bool()>& cancelled);

// Unpacks regular files into `folder`, which exists. Names are "a.csv" or "policies/a.json", in one
// common folder or in none; any other name, one that occurs twice, more than 1,000 files or more than `most`
// bytes is Fault::invalid_argument with the reason, as is a file that is no ZIP. Faults: io.
Status unzip(std::string_view bytes, const std::filesystem::path& folder, std::uint64_t most);

}  // namespace fundtrail::api
