#include "audit/integrity/anchor_file.h"

namespace fundtrail::audit {
namespace {

constexpr std::size_t kSlot = 4096;
constexpr std::string_view kLastLeaf = "last-leaf ";

std::optional<AnchorFile> decode_slot(std::string_view slot, const chain::VerifierKey& key) {
  const auto filling = slot.find_first_of('\0');
  const bool filled = filling == slot.npos || slot.find_first_not_of('\0', filling) == slot.npos;
  const auto note = chain::parse_note(slot.substr(0, filling));
  if (!filled || !note.ok() || !chain::verify_note(*note, key.name, key.key).ok()) {
    return std::nullopt;
  }
  const auto checkpoint = chain::parse_checkpoint(note->body);
  if (!checkpoint.ok() || checkpoint->origin != key.name || checkpoint->extensions.size() != 1) {
    return std::nullopt;
  }
  const std::string_view line = checkpoint->extensions.front();
  if (!line.starts_with(kLastLeaf)) return std::nullopt;
  const auto leaf = chain::hash_from_hex(line.substr(kLastLeaf.size()));
  if (!leaf) return std::nullopt;
  return AnchorFile{checkpoint->size, *leaf, checkpoint->root};
}

}  // namespace

Result<std::optional<AnchorFile>> decode_anchor(std::string_view bytes,
                                                const chain::VerifierKey& key) {
  std::optional<AnchorFile> newest;
  for (std::size_t at = 0; at < bytes.size() && at < 2 * kSlot; at += kSlot) {
    const auto slot = decode_slot(bytes.substr(at, kSlot), key);
    if (slot && (!newest || slot->size > newest->size)) newest = slot;
  }
  if (!newest && bytes.find_first_not_of('\0') != bytes.npos) {
    return Error{Fault::unreadable, "no slot of ANCHOR holds what the ledger's key signed"};
  }
  return newest;
}

}  // namespace fundtrail::audit
