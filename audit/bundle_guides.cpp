#include "audit/bundle_guides.h"

#include <initializer_list>
#include <utility>

#include "audit/embedded.h"

namespace fundtrail::audit {
namespace {

std::string filled(std::string_view pattern,
                   std::initializer_list<std::pair<std::string_view, std::string>> values) {
  std::string text(pattern);
  for (const auto& [mark, value] : values) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
      text.replace(at, mark.size(), value);
      at += value.size();
    }
  }
  return text;
}

// The stock commands of a suite; `openssl` 3.0 or later for both.
struct SuiteCommands {
  std::string_view signature;
  std::string_view digest;
};
SuiteCommands commands_of(chain::Suite suite) {
  if (suite == chain::Suite::sha256_ed25519) {
    return {"openssl pkeyutl -verify -pubin -inkey keys/ledger.pub.pem -rawin -in \"$T/body\" "
            "-sigfile \"$T/signature\"",
            "sha256sum"};
  }
  return {"openssl dgst -sm3 -verify keys/ledger.pub.pem -sigopt distid:1234567812345678 "
          "-signature \"$T/signature\" \"$T/body\"",
          "openssl dgst -sm3 -r"};
}

std::string guide(std::string_view pattern, const GuideFacts& facts, std::string_view full,
                  std::string_view partial) {
  const auto commands = commands_of(facts.suite);
  return filled(pattern, {{"{KIND}", std::string(facts.partial ? partial : full)},
                          {"{LEDGER}", facts.ledger},
                          {"{KEY_NAME}", facts.key_name},
                          {"{SUITE}", chain::name(facts.suite)},
                          {"{SIZE}", std::to_string(facts.size)},
                          {"{ENTRIES}", std::to_string(facts.entries)},
                          {"{FINGERPRINT}", facts.fingerprint},
                          {"{CHECK_SIGNATURE}", std::string(commands.signature)},
                          {"{DIGEST}", std::string(commands.digest)}});
}

}  // namespace

std::string guide_zh(const GuideFacts& facts) {
  return guide(embedded::kGuideZh, facts, "检查点所覆盖的全部记录",
               "部分记录（每条附有包含证明；未列入的记录是否齐全，本包不能证明）");
}

std::string guide_en(const GuideFacts& facts) {
  return guide(embedded::kGuideEn, facts, "every entry that the checkpoint covers",
               "some of the entries, each with a proof of inclusion (that no other entry would "
               "belong here is not proven)");
}

std::string_view verifier_script() { return embedded::kVerifier; }

}  // namespace fundtrail::audit
