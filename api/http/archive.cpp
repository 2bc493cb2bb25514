#include "api/http/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <vector>

namespace fundtrail::api {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBuffer = 128 << 10;
constexpr std::size_t kMaxFiles = 1000;
constexpr std::size_t kMaxName = 100;  // bytes

template <int (*free)(archive*)>
struct Free {
  void operator()(archive* a) const { free(a); }
};
using Writer = std::unique_ptr<archive, Free<archive_write_free>>;
using Reader = std::unique_ptr<archive, Free<archive_read_free>>;
struct FreeEntry {
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};

Error fault_of(archive* a) {
  const char* why = archive_error_string(a);
  return {Fault::io, std::string("zip: ") + (why ? why : "failed")};
}

Status add(archive* to, const fs::path& file, const std::string& name,
           const std::function<bool()>& cancelled) {
  std::error_code failed;
  const auto size = fs::file_size(file, failed);
  if (failed) return Error{Fault::io, "zip: " + failed.message()};
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  if (archive_write_header(to, entry.get()) != ARCHIVE_OK) return fault_of(to);
  std::ifstream in(file, std::ios::binary);
  std::vector<char> buffer(kBuffer);
  while (in.read(buffer.data(), std::streamsize(buffer.size())), in.gcount() > 0) {
    if (cancelled()) return Error{Fault::unavailable, "the work was cancelled"};
    if (archive_write_data(to, buffer.data(), std::size_t(in.gcount())) < 0) return fault_of(to);
  }
  if (in.bad() || archive_write_finish_entry(to) != ARCHIVE_OK) return fault_of(to);
  return success();
}

bool is_plain(std::string_view part) {
  return !part.empty() && part.front() != '.' && part.size() <= kMaxName &&
         std::all_of(part.begin(), part.end(), [](unsigned char c) {
           return (c < 128 && std::isalnum(c)) || c == '.' || c == '_' || c == '-';
         });
}

// The parts of a name; empty when it is not one of ours.
std::vector<std::string> parts_of(std::string_view name) {
  std::vector<std::string> parts;
  while (!name.empty()) {
    const auto end = name.find('/');
    const auto part = name.substr(0, end);
    if (!is_plain(part)) return {};
    parts.emplace_back(part);
    name = end == std::string_view::npos ? std::string_view() : name.substr(end + 1);
  }
  if (parts.size() > 3) return {};
  return parts;
}

Error not_ours(const std::string& why) { return {Fault::invalid_argument, why}; }

Status save(archive* from, const fs::path& file, std::uint64_t& left) {
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  std::vector<char> buffer(kBuffer);
  for (;;) {
    const auto got = archive_read_data(from, buffer.data(), buffer.size());
    if (got < 0) return not_ours("an archive that can be read");
    if (got == 0) break;
    if (std::uint64_t(got) > left) return not_ours("fewer bytes, unpacked");
    left -= std::uint64_t(got);
    out.write(buffer.data(), got);
  }
  out.close();
  if (!out) return Error{Fault::io, "an unpacked file cannot be written"};
  return success();
}

}  // namespace

Status zip_folder(const fs::path& folder, const fs::path& file,
                  const std::function<bool()>& cancelled) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (at->is_regular_file()) files.push_back(at->path());
  }
  if (failed) return Error{Fault::io, "zip: " + failed.message()};
  std::sort(files.begin(), files.end());
  const Writer writer(archive_write_new());
  if (archive_write_set_format_zip(writer.get()) != ARCHIVE_OK ||
      archive_write_open_filename(writer.get(), file.c_str()) != ARCHIVE_OK) {
    return fault_of(writer.get());
  }
  const auto base = folder.parent_path();
  for (const auto& path : files) {
    auto added = add(writer.get(), path, fs::relative(path, base).generic_string(), cancelled);
    if (!added) return added;
  }
  if (archive_write_close(writer.get()) != ARCHIVE_OK) return fault_of(writer.get());
  return success();
}

Status unzip(std::string_view bytes, const fs::path& folder, std::uint64_t most) {
  const Reader reader(archive_read_new());
  archive_read_support_format_zip_seekable(reader.get());
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    return not_ours("a ZIP file");
  }
  std::size_t files = 0;
  std::string common;
  archive_entry* entry = nullptr;
  for (;;) {
    const int read = archive_read_next_header(reader.get(), &entry);
    if (read == ARCHIVE_EOF) break;
    if (read != ARCHIVE_OK) return not_ours("a ZIP file");
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    const char* name = archive_entry_pathname(entry);
    auto parts = name ? parts_of(name) : std::vector<std::string>();
    if (parts.empty() || archive_entry_filetype(entry) != AE_IFREG || ++files > kMaxFiles) {
      return not_ours("up to 1,000 files with names such as elders.csv or policies/p.json");
    }
    // A folder around everything is how most programs pack one.
    const bool inside = parts.size() > 1 && parts.front() != "policies";
    if (files == 1) common = inside ? parts.front() : "";
    if (inside != !common.empty() || (inside && parts.front() != common)) {
      return not_ours("all files in one folder");
    }
    if (inside) parts.erase(parts.begin());
    if (parts.size() == 2 && parts.front() != "policies") return not_ours("no folder but policies");
    if (parts.size() > 2) return not_ours("no folder but policies");
    fs::path path = folder;
    for (const auto& part : parts) path /= part;
    if (auto saved = save(reader.get(), path, most); !saved) return saved;
  }
  if (files == 0) return not_ours("a ZIP file with the files of an import");
  return success();
}

}  // namespace fundtrail::api
