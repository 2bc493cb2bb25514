#include "api/access_log/files.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "ledger/core/bilingual.h"

namespace fundtrail::api {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSuffix = ".jsonl";
constexpr std::size_t kPiece = 1 << 20;

bool is_month_file(const std::string& name) {
  return name.size() == 7 + kSuffix.size() && name.ends_with(kSuffix) && name[4] == '-' &&
         std::all_of(name.begin(), name.begin() + 7, [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
}

}  // namespace

fs::path access_log_of(const fs::path& ledger) { return ledger / "access-log"; }

fs::path access_seal_of(const fs::path& log) {
  return (log.has_filename() ? log : log.parent_path()).parent_path() / "ACCESS-LOG";
}

Result<std::vector<fs::path>> access_log_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator at(directory, failed), end; !failed && at != end; at.increment(failed)) {
    if (is_month_file(at->path().filename().string())) files.push_back(at->path());
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    return file_error(Doing::read, directory, failed.value());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::uint64_t> read_lines(const fs::path& file, const VisitLine& visit) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return file_error(Doing::read, file, errno);
  std::string held;
  std::uint64_t number = 0;
  for (;;) {
    const std::size_t old = held.size();
    held.resize(old + kPiece);
    in.read(held.data() + old, kPiece);
    held.resize(old + static_cast<std::size_t>(in.gcount()));
    std::size_t begin = 0;
    for (std::size_t end; (end = held.find('\n', begin)) != std::string::npos; begin = end + 1) {
      if (!visit(number++, std::string_view(held).substr(begin, end - begin))) return 0;
    }
    held.erase(0, begin);
    if (in.bad()) return file_error(Doing::read, file, 0);
    if (in.eof()) return held.size();
  }
}

Result<bool> has_whole_line(const fs::path& file) {
  bool whole = false;
  const auto read = read_lines(file, [&](std::uint64_t, std::string_view) {
    whole = true;
    return false;
  });
  if (!read.ok()) return read.error();
  return whole;
}

std::string head_body(std::string_view key_name, const AccessHead& head) {
  return std::string(key_name) + "/access-log\n" + std::to_string(head.records) + '\n' +
         chain::to_base64(chain::bytes_of(head.last)) + '\n';
}

Result<AccessHead> read_head(std::string_view text, const chain::VerifierKey& key) {
  const auto note = chain::parse_note(text);
  if (!note.ok()) return note.error();
  if (auto known = chain::verify_note(*note, key.name, key.key); !known.ok()) return known.error();
  AccessHead head;
  std::istringstream lines(note->body);
  std::string origin, records, last;
  std::getline(lines, origin);
  std::getline(lines, records);
  std::getline(lines, last);
  std::from_chars(records.data(), records.data() + records.size(), head.records);
  const auto bytes = chain::from_base64(last);
  if (bytes && bytes->size() == head.last.size()) std::copy(bytes->begin(), bytes->end(), head.last.begin());
  if (note->body != head_body(key.name, head)) {
    return Error{Fault::unreadable, in_both("不是访问日志的签名文件。", "not the head of an access log")};
  }
  return head;
}

}  // namespace fundtrail::api
