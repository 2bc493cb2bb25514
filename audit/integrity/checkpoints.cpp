#include "audit/integrity/checkpoints.h"

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"

namespace fundtrail::audit {

void Checkpoints::reject(Flaw flaw, const std::string& label, std::string detail) {
  if (fault_) return;
  fault_ = Finding{flaw};
  fault_->subject = label;
  fault_->detail = std::move(detail);
}

void Checkpoints::add(std::string_view text, const std::string& label,
                      const chain::VerifierKey& key, std::optional<std::uint64_t> expected_size) {
  const auto note = chain::parse_note(text);
  if (!note.ok()) return reject(Flaw::wrong_signature, label, in_both(note.error()));
  const auto checkpoint = chain::parse_checkpoint(note->body);
  if (!checkpoint.ok()) return reject(Flaw::wrong_signature, label, in_both(checkpoint.error()));
  if (const auto status = chain::verify_note(*note, key.name, key.key); !status.ok()) {
    return reject(Flaw::wrong_signature, label, in_both(status.error()));
  }
  // A note of another ledger by the same key, or under another size than its own.
  if (checkpoint->origin != key.name || (expected_size && *expected_size != checkpoint->size)) {
    return reject(Flaw::wrong_signature, label, in_both("不是此处应有的检查点", "a checkpoint of something else"));
  }
  const auto [kept, added] = valid_.emplace(checkpoint->size, checkpoint->root);
  if (!added && kept->second != checkpoint->root) {
    reject(Flaw::root_mismatch, label,
           in_both("同一条数有两个已签名而根不同的检查点", "two signed checkpoints of one size"));
    fault_->checkpoint = checkpoint->size;
    fault_->entry = 0;
  }
}

}  // namespace fundtrail::audit
