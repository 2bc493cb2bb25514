#include "api/http/archive.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <vector>

#include "api/zip.h"
#include "ledger/core/fault_words.h"

namespace fundtrail::api {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 1000;
constexpr std::size_t kMaxName = 100;  // bytes

bool is_plain(std::string_view part) {
  return !part.empty() && part.front() != '.' && part.size() <= kMaxName &&
         std::all_of(part.begin(), part.end(), [](unsigned char c) {
           return (c < 128 && std::isalnum(c)) || c == '.' || c == '_' || c == '-';
         });
}

// The parts of a name; empty when it is not one of ours. Some programs separate them by backslashes.
std::vector<std::string> parts_of(std::string_view name) {
  std::vector<std::string> parts;
  while (!name.empty()) {
    const auto end = name.find_first_of("/\\");
    const auto part = name.substr(0, end);
    if (!is_plain(part)) return {};
    parts.emplace_back(part);
    name = end == std::string_view::npos ? std::string_view() : name.substr(end + 1);
  }
  if (parts.size() > 3) return {};
  return parts;
}

Error not_ours(const std::string& why) { return {Fault::invalid_argument, why}; }

Status save(const ZipReader& from, std::uint64_t number, const fs::path& file, std::uint64_t& left) {
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  // People's numbers may stand in it, and nothing of them yet.
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write, failed);
  const auto outcome = from.read(number, [&](std::string_view piece) {
    if (piece.size() > left) return false;
    left -= piece.size();
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    return true;
  });
  if (outcome == ZipReader::Outcome::damaged) return not_ours("an archive that can be read");
  if (outcome == ZipReader::Outcome::stopped) return not_ours("files of at most 512 MiB together, unpacked");
  out.close();
  if (!out) return Error{Fault::io, "an unpacked file cannot be written"};
  return success();
}

}  // namespace

Status zip_folder(const fs::path& folder, const fs::path& file,
                  const std::function<bool()>& cancelled) {
  std::vector<ZipFile> files;
  std::error_code failed;
  const auto base = folder.parent_path();
  for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (!at->is_regular_file()) continue;
    files.push_back({at->path(), fs::relative(at->path(), base).generic_string()});
  }
  if (failed) return file_error(Doing::list, folder, failed.value());
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.file < b.file; });
  return write_zip(file, files, cancelled);
}

Status unzip(std::string_view bytes, const fs::path& folder, std::uint64_t most) {
  const ZipReader reader(bytes);
  if (!reader.good()) return not_ours("a ZIP file");
  std::set<fs::path> paths;
  std::string common;
  for (std::uint64_t number = 0; number < reader.count(); ++number) {
    const auto entry = reader.entry(number);
    if (!entry) return not_ours("a ZIP file");
    if (entry->folder) continue;
    auto parts = parts_of(entry->name);
    if (parts.empty() || !entry->file || paths.size() == kMaxFiles) {
      return not_ours("up to 1,000 files with names such as elders.csv or policies/p.json");
    }
    // A folder around everything is how most programs pack one.
    const bool inside = parts.size() > 1 && parts.front() != "policies";
    if (paths.empty()) common = inside ? parts.front() : "";
    if (inside != !common.empty() || (inside && parts.front() != common)) {
      return not_ours("all files in one folder");
    }
    if (inside) parts.erase(parts.begin());
    if (parts.size() > 2 || (parts.size() == 2 && parts.front() != "policies")) {
      return not_ours("no folder but policies");
    }
    fs::path path = folder;
    for (const auto& part : parts) path /= part;
    // Programs differ in which of the two they show, and so people would in what was imported.
    if (!paths.insert(path).second) return not_ours("each name once");
    if (auto saved = save(reader, number, path, most); !saved) return saved;
  }
  if (paths.empty()) return not_ours("a ZIP file with the files of an import");
  return success();
}

}  // namespace fundtrail::api
