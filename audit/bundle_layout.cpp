#include "audit/bundle_layout.h"

#include <fmt/format.h>

namespace fundtrail::audit::bundle {

std::string lines_of(std::uint64_t index) { return fmt::format("lines/{:08}.jsonl", index); }
std::string earlier_checkpoint(std::uint64_t size) { return fmt::format("checkpoints/{:08}", size); }
std::string entry_proof(std::uint64_t index) { return fmt::format("proofs/entry-{:08}.json", index); }
std::string line_proofs(std::uint64_t index) { return fmt::format("proofs/lines-{:08}.json", index); }
std::string consistency_proof(std::uint64_t old_size, std::uint64_t new_size) {
  return fmt::format("proofs/consistency-{:08}-{:08}.json", old_size, new_size);
}

}  // namespace fundtrail::audit::bundle
