#include "audit/integrity/anchor_file.h"

#include <charconv>
#include <utility>

#include "ledger/core/bilingual.h"

namespace fundtrail::audit {
namespace {

constexpr std::size_t kSlot = 4096;
constexpr std::string_view kLastLeaf = "last-leaf ";
constexpr std::string_view kCheckpoints = "checkpoints ";

std::optional<AnchorFile> decode_slot(std::string_view slot, const chain::VerifierKey& key) {
  const auto filling = slot.find_first_of('\0');
  const bool filled = filling == slot.npos || slot.find_first_not_of('\0', filling) == slot.npos;
  const auto note = chain::parse_note(slot.substr(0, filling));
  if (!filled || !note.ok() || !chain::verify_note(*note, key.name, key.key).ok()) {
    return std::nullopt;
  }
  const auto checkpoint = chain::parse_checkpoint(note->body);
  if (!checkpoint.ok() || checkpoint->origin != key.name || checkpoint->extensions.empty() ||
      checkpoint->extensions.size() > 2) {
    return std::nullopt;
  }
  const std::string_view line = checkpoint->extensions.front();
  if (!line.starts_with(kLastLeaf)) return std::nullopt;
  const auto leaf = chain::hash_from_hex(line.substr(kLastLeaf.size()));
  if (!leaf) return std::nullopt;
  AnchorFile file{checkpoint->size, *leaf, checkpoint->root};
  if (checkpoint->extensions.size() == 1) return file;
  std::string_view count = checkpoint->extensions.back();
  if (!count.starts_with(kCheckpoints)) return std::nullopt;
  count.remove_prefix(kCheckpoints.size());
  const char* const end = count.data() + count.size();
  const auto [read, error] = std::from_chars(count.data(), end, file.checkpoints);
  if (error != std::errc() || read != end) return std::nullopt;
  return file;
}

}  // namespace

Result<std::optional<AnchorFile>> decode_anchor(std::string_view bytes,
                                                const chain::VerifierKey& key) {
  std::optional<AnchorFile> newest;
  for (std::size_t at = 0; at < bytes.size() && at < 2 * kSlot; at += kSlot) {
    const auto slot = decode_slot(bytes.substr(at, kSlot), key);
    if (slot && (!newest || std::pair(slot->size, slot->checkpoints) >
                                std::pair(newest->size, newest->checkpoints))) {
      newest = slot;
    }
  }
  if (!newest && bytes.find_first_not_of('\0') != bytes.npos) {
    return Error{Fault::unreadable, in_both("ANCHOR 的两份链头都不是本账套密钥所签",
                                            "no slot of ANCHOR holds what the ledger's key signed")};
  }
  return newest;
}

}  // namespace fundtrail::audit
