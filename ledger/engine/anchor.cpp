#include "ledger/engine/anchor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace fundtrail {
namespace {

constexpr std::string_view kMagic = "FTANCHR1";
constexpr std::size_t kChecked = 96;
constexpr std::size_t kSlot = kChecked + 32;
constexpr off_t kSlotDistance = 4096;

void put_u64(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}

std::uint64_t get_u64(std::string_view bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

chain::Hash get_hash(std::string_view bytes) {
  chain::Hash hash;
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

chain::Hash checksum(std::string_view bytes) {
  return chain::Hasher(chain::Suite::sha256_ed25519).digest(bytes);
}

Error io_error(const char* doing) {
  return {Fault::io, std::string("anchor: ") + doing + ": " + std::strerror(errno)};
}

struct Slots {
  std::uint64_t sequence = 0;
  std::optional<AnchoredHead> head;
};

Result<Slots> read_slots(int file) {
  Slots newest;
  bool empty = true, newer_format = false;
  for (off_t i = 0; i < 2; ++i) {
    char buffer[kSlot];
    const ssize_t n = ::pread(file, buffer, kSlot, i * kSlotDistance);
    if (n < 0) return io_error("read");
    if (n == 0) continue;
    const std::string_view slot(buffer, static_cast<std::size_t>(n));
    if (slot.find_first_not_of('\0') == std::string_view::npos) continue;  // never written
    empty = false;
    if (slot.size() != kSlot) continue;
    if (chain::bytes_of(checksum(slot.substr(0, kChecked))) != slot.substr(kChecked)) continue;
    if (slot.substr(0, kMagic.size()) != kMagic) {
      newer_format = true;
      continue;
    }
    const std::uint64_t sequence = get_u64(slot.substr(8));
    if (newest.head && sequence <= newest.sequence) continue;
    newest.sequence = sequence;
    newest.head =
        AnchoredHead{get_u64(slot.substr(16)), get_hash(slot.substr(24)), get_hash(slot.substr(56))};
  }
  if (newer_format) return Error{Fault::unknown_version, "anchor: of an unknown format"};
  if (!newest.head && !empty) {
    return Error{Fault::unreadable, "anchor: both copies of the head are damaged"};
  }
  return newest;
}

}  // namespace

Result<std::optional<AnchoredHead>> read_anchor(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) return std::optional<AnchoredHead>();
    return io_error("open");
  }
  auto slots = read_slots(file);
  ::close(file);
  if (!slots.ok()) return slots.error();
  return slots->head;
}

Result<Anchor> Anchor::open(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return io_error("open");
  Anchor anchor(file);
  const auto slots = read_slots(file);
  if (!slots.ok()) return slots.error();
  anchor.sequence_ = slots->sequence;
  anchor.head_ = slots->head;
  return anchor;
}

Anchor::Anchor(Anchor&& other) noexcept
    : file_(std::exchange(other.file_, -1)), sequence_(other.sequence_), head_(other.head_) {}

Anchor& Anchor::operator=(Anchor&& other) noexcept {
  std::swap(file_, other.file_);
  sequence_ = other.sequence_;
  head_ = other.head_;
  return *this;
}

Anchor::~Anchor() {
  if (file_ >= 0) ::close(file_);
}

Status Anchor::write(const AnchoredHead& head) {
  std::string slot(kMagic);
  put_u64(slot, sequence_ + 1);
  put_u64(slot, head.size);
  slot += chain::bytes_of(head.last_leaf);
  slot += chain::bytes_of(head.root);
  slot.append(8, '\0');
  FT_CHECK(slot.size() == kChecked);
  slot += chain::bytes_of(checksum(slot));
  const off_t offset = static_cast<off_t>((sequence_ + 1) % 2) * kSlotDistance;
  const ssize_t n = ::pwrite(file_, slot.data(), slot.size(), offset);
  if (n != static_cast<ssize_t>(slot.size())) return io_error("write");
  if (::fdatasync(file_) != 0) return io_error("sync");
  ++sequence_;
  head_ = head;
  return success();
}

}  // namespace fundtrail
