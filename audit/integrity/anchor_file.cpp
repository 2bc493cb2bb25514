#include "audit/integrity/anchor_file.h"

#include <algorithm>

#include "audit/integrity/source.h"

namespace fundtrail::audit {
namespace {

constexpr std::size_t kSlotOffsets[] = {0, 4096};
constexpr std::string_view kMagic = "FTANCHR1";
constexpr std::size_t kSummed = 96;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes.substr(0, 8)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

Result<std::optional<AnchorFile>> read_anchor_file(const std::filesystem::path& file) {
  const auto bytes = read_file(file);
  if (!bytes.ok()) {
    if (bytes.error().fault == Fault::not_found) return std::optional<AnchorFile>();
    return bytes.error();
  }
  chain::Hasher sha256(chain::Suite::sha256_ed25519);
  std::optional<AnchorFile> newest;
  std::uint64_t newest_sequence = 0;
  for (const std::size_t offset : kSlotOffsets) {
    if (bytes->size() < offset + kSummed + sizeof(chain::Hash)) continue;
    const auto slot = std::string_view(*bytes).substr(offset);
    const chain::Hash sum = sha256.digest(slot.substr(0, kSummed));
    if (!slot.starts_with(kMagic) || slot.substr(kSummed, 32) != chain::bytes_of(sum)) continue;
    const std::uint64_t sequence = big_endian(slot.substr(8));
    if (newest && sequence < newest_sequence) continue;
    newest_sequence = sequence;
    newest = AnchorFile{big_endian(slot.substr(16)), {}};
    std::copy_n(slot.begin() + 24, 32, reinterpret_cast<char*>(newest->last_leaf.data()));
  }
  if (!newest && !bytes->empty()) return Error{Fault::unreadable, "no slot of the anchor is valid"};
  return newest;
}

}  // namespace fundtrail::audit
