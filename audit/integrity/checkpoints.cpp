#include "audit/integrity/checkpoints.h"

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
  if (!note.ok()) return reject(Flaw::wrong_signature, label, note.error().message);
  const auto checkpoint = chain::parse_checkpoint(note->body);
  if (!checkpoint.ok()) return reject(Flaw::wrong_signature, label, checkpoint.error().message);
  if (const auto status = chain::verify_note(*note, key.name, key.key); !status.ok()) {
    return reject(Flaw::wrong_signature, label, status.error().message);
  }
  // A note of another ledger by the same key, or under another size than its own.
  if (checkpoint->origin != key.name || (expected_size && *expected_size != checkpoint->size)) {
    return reject(Flaw::wrong_signature, label, "a checkpoint of something else");
  }
  const auto [kept, added] = valid_.emplace(checkpoint->size, checkpoint->root);
  if (!added && kept->second != checkpoint->root) {
    reject(Flaw::root_mismatch, label, "two signed checkpoints of one size");
    fault_->checkpoint = checkpoint->size;
    fault_->entry = 0;
  }
}

}  // namespace fundtrail::audit
