#include "api/cli/serve_conditions.h"

#include <cstdlib>
#include <filesystem>

#include "api/access_log/access_log.h"
#include "api/http/server.h"
#include "ledger/chain/digest.h"
#include "ledger/vault.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHalfTls{"--tls-certificate 与 --tls-key 须同时给出；--tls-client-ca 须与二者一起使用。",
                           "--tls-certificate and --tls-key go together, and --tls-client-ca with both."};
constexpr Message kFewMonths{"访问日志须保存 6 个月以上（网络安全法第二十一条）；0 为一直保存。",
                             "The access log is kept for 6 months at least (网络安全法 §21); 0 keeps it for ever."};
constexpr Message kNotLoopback{
    "不能在“{0}”上监听：不加密的 HTTP 只监听本机地址。对外服务请给出 --tls-certificate 与 --tls-key。",
    "Cannot listen on \"{0}\": plain HTTP is served on loopback addresses only. Give "
    "--tls-certificate and --tls-key to serve others."};
constexpr Message kNoVaultKey{"环境变量 FUNDTRAIL_VAULT_KEY 不是身份密钥（密钥文件各字节的十六进制）。",
                              "FUNDTRAIL_VAULT_KEY is not a vault key (the bytes of a key file in hexadecimal)."};
constexpr Message kMissing{"{0} 所指的“{1}”不存在（或尚不存在）。", "{0} names \"{1}\", which is not there (yet)."};

template <class... Args>
Said in_both_languages(const Message& message, const Args&... args) {
  return {message.in(Language::zh, args...), message.in(Language::en, args...)};
}

bool is_vault_key(const char* hex) {
  const auto bytes = chain::from_hex(hex);
  return bytes && (Vault::of_key(*bytes, "sha256-ed25519").ok() || Vault::of_key(*bytes, "sm3-sm2").ok());
}

}  // namespace

std::vector<UnmetCondition> unmet_conditions(const Settings& settings) {
  std::vector<UnmetCondition> unmet;
  const auto given = [&](Setting setting) { return !settings.text(setting).empty(); };
  if (given(Setting::tls_certificate) != given(Setting::tls_key) ||
      (given(Setting::tls_client_ca) && !given(Setting::tls_key))) {
    unmet.push_back({CliCode::usage, in_both_languages(kHalfTls)});
  }
  if (const auto& host = settings.text(Setting::host); !given(Setting::tls_key) && !is_loopback(host)) {
    unmet.push_back({CliCode::not_loopback, in_both_languages(kNotLoopback, host)});
  }
  const auto months = settings.number(Setting::access_log_months);
  if (months != 0 && months < kLeastMonths) unmet.push_back({CliCode::usage, in_both_languages(kFewMonths)});
  const char* key = std::getenv("FUNDTRAIL_VAULT_KEY");
  if (key != nullptr && *key != '\0' && !is_vault_key(key)) {
    unmet.push_back({CliCode::usage, in_both_languages(kNoVaultKey)});
  }
  return unmet;
}

std::vector<Said> missing_places(const Settings& settings) {
  std::vector<Said> missing;
  for (const auto& setting : fundtrail::api::settings()) {
    const auto& value = settings.text(setting.setting);
    std::error_code error;
    if (setting.type != SettingType::path || value.empty() || std::filesystem::exists(value, error)) continue;
    missing.push_back(in_both_languages(kMissing, setting.name, value));
  }
  return missing;
}

}  // namespace fundtrail::api::cli
