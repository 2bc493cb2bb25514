// What check_canonical accepts is the one spelling: a JSON library that knows nothing of it reads the
// line and spells it the same.
#include <nlohmann/json.hpp>

#include "ledger/chain/canonical.h"
#include "tests/fuzz/target.h"

using namespace fundtrail;

namespace {

void check_strings(const nlohmann::json& value) {
  if (value.is_string()) {
    fuzz::must(chain::is_text(value.get_ref<const std::string&>()), "its strings are texts in NFC");
  }
  if (!value.is_structured()) return;
  for (const auto& child : value) {
    if (child.is_structured() || child.is_string()) check_strings(child);
  }
}

}  // namespace

FUZZ_TARGET(canonical) {
  const bool accepted = chain::check_canonical(bytes).ok();
  if (!accepted) return;
  const auto value = nlohmann::json::parse(bytes, nullptr, false);
  fuzz::must(value.is_object(), "an accepted line is a JSON object");
  fuzz::must(value.dump() == bytes, "an accepted line is spelled as it would be written");
  check_strings(value);
}
