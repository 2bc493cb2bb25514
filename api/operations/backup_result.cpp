#include "api/operations/backup_result.h"

#include <nlohmann/json.hpp>

#include "api/files.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;
constexpr char kName[] = "last-backup.json";

Fault fault_of(const std::string& name_of_fault) {
  for (const auto fault : {Fault::unreadable, Fault::unknown_version, Fault::tampered, Fault::truncated,
                           Fault::not_found, Fault::unavailable, Fault::invalid_argument}) {
    if (name_of_fault == name(fault)) return fault;
  }
  return Fault::io;
}

}  // namespace

std::optional<Error> finding_of(const Backup& backup) {
  if (!backup.access_log || !backup.access_log->finding) return std::nullopt;
  const auto& finding = *backup.access_log->finding;
  return Error{Fault::tampered,
               in_both("备份“" + backup.directory.string() + "”已完成，但其中的访问日志不成立：" +
                           std::string(chinese_of(finding)),
                       "the backup " + backup.directory.string() + " was made, but the access log in it does "
                           "not hold: " + std::string(english_of(finding)))};
}

Status write_backup_result(const std::filesystem::path& ledger, const BackupResult& result) {
  Json json = {{"ended", result.ended}};
  if (!result.directory.empty()) {
    json["directory"] = result.directory;
    json["entries"] = result.entries;
    json["root"] = result.root;
  }
  if (result.error) json["error"] = {{"fault", name(result.error->fault)}, {"message", result.error->message}};
  return replace_file(ledger / kName, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<BackupResult> read_backup_result(const std::filesystem::path& ledger) {
  const auto text = read_file(ledger / kName);
  if (!text.ok()) return text.error();
  try {
    const auto json = Json::parse(*text);
    BackupResult result;
    result.ended = json.at("ended").get<std::int64_t>();
    result.directory = json.value("directory", std::string());
    result.entries = json.value("entries", std::uint64_t(0));
    result.root = json.value("root", std::string());
    if (json.contains("error")) {
      const auto& error = json["error"];
      result.error = Error{fault_of(error.at("fault").get<std::string>()), error.at("message").get<std::string>()};
    }
    return result;
  } catch (const Json::exception&) {
    return Error{Fault::unreadable, in_both("last-backup.json 不可读。", "last-backup.json cannot be read")};
  }
}

}  // namespace fundtrail::api
