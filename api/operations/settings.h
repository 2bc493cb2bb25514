// What can be set, in one table: options of the command line, environment variables, the configuration
// file, its template, `fundtrail config` and the table in docs/OPERATIONS.md are all made of it, or
// compared with it by a test.
//
// A setting `log_level` is the option --log-level, the variable FUNDTRAIL_LOG_LEVEL and the line
// `log_level = "info"` of the file. The option counts more than the variable, the variable more than
// the file, the file more than the default. CLI11 could read a file too, but lets it override the
// environment; so it only reads the command line, and toml++ the file.
//
// Thread-safety: a Settings is immutable once loaded.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/cli/messages.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

enum class Setting : std::uint8_t {
  ledger, keys, vault_key_file, users, lang,
  host, port, threads, connections, idle_seconds, request_seconds, write_seconds,
  log_level, access_log_months, backups, backups_kept, clock_tolerance_seconds, disk_reserve_mb,
  tls_certificate, tls_key, tls_client_ca,
};
inline constexpr std::size_t kSettings = static_cast<std::size_t>(Setting::tls_client_ca) + 1;

enum class SettingType : std::uint8_t { text, path, integer, choice };

struct SettingInfo {
  Setting setting;
  std::string_view name;      // "log_level"
  SettingType type = SettingType::text;
  std::string_view fallback;  // the default; empty: none
  cli::Message help;
  std::int64_t least = 0, most = 0;   // of an integer
  std::string_view choices = {};      // "info | warn"
  bool everywhere = false;    // an option of every command; else of `serve` and those that it concerns

  std::string flag() const;      // "--log-level"
  std::string variable() const;  // "FUNDTRAIL_LOG_LEVEL"
  // "1 – 4096", "info | warn": what a value must be.
  std::string expected() const;
};
std::span<const SettingInfo> settings();
const SettingInfo& info(Setting setting);

// The file itself may be named by --config or by this variable.
inline constexpr char kConfigFlag[] = "--config";
inline constexpr char kConfigVariable[] = "FUNDTRAIL_CONFIG";

enum class Origin : std::uint8_t { flag, environment, file, fallback };
std::string_view name(Origin origin);

// A sentence in both languages.
struct Said {
  std::string zh, en;
  const std::string& in(cli::Language language) const {
    return language == cli::Language::zh ? zh : en;
  }
};

class Settings {
 public:
  using Flags = std::array<std::optional<std::string>, kSettings>;

  // Reads the environment and the file (none when the name is empty). Answers everything that is wrong;
  // what is right counts all the same.
  std::vector<Said> load(const Flags& flags, const std::string& file);

  const std::string& text(Setting setting) const { return at(setting).text; }
  std::int64_t number(Setting setting) const;  // of an integer; precondition: load() found no fault
  Origin origin(Setting setting) const { return at(setting).origin; }
  // "--port", "FUNDTRAIL_PORT", "/etc/fundtrail/fundtrail.toml:12"; empty for a default.
  const std::string& where(Setting setting) const { return at(setting).where; }
  const std::string& file() const { return file_; }
  // Why the file was not read, where it is not there, or cannot be.
  const std::optional<Error>& unread() const { return unread_; }

 private:
  struct Value {
    std::string text;
    Origin origin = Origin::fallback;
    std::string where;
  };
  const Value& at(Setting setting) const { return values_[static_cast<std::size_t>(setting)]; }
  void take_file(std::vector<Said>& wrong);
  void take(const SettingInfo& setting, Value value, std::vector<Said>& wrong);

  std::array<Value, kSettings> values_;
  std::string file_;
  std::optional<Error> unread_;
};

// The template of a configuration file: every setting with its explanation and default, commented out.
std::string settings_template();

}  // namespace fundtrail::api
