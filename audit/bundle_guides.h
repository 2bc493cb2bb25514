// What a bundle carries for people: its two READMEs with commands to run, and the independent
// verifier. The texts are files beside this one (verify.py, bundle_README*.md), built in. Private to
// audit/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/chain/digest.h"

namespace fundtrail::audit {

struct GuideFacts {
  std::string ledger;
  std::string key_name;
  chain::Suite suite = chain::Suite::sha256_ed25519;
  std::uint64_t size = 0;
  std::uint64_t entries = 0;
  bool partial = false;
  std::string fingerprint;
};
std::string guide_zh(const GuideFacts& facts);
std::string guide_en(const GuideFacts& facts);

std::string_view verifier_script();

}  // namespace fundtrail::audit
