#include "ledger/engine/anchor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"

namespace fundtrail {
namespace {

constexpr std::size_t kSlot = 4096;
constexpr std::string_view kLastLeaf = "last-leaf ";
constexpr std::string_view kCheckpoints = "checkpoints ";

std::string body_of(const std::string& origin, const AnchoredHead& head) {
  const chain::Checkpoint checkpoint{
      origin, head.size, head.root,
      {std::string(kLastLeaf) + chain::to_hex(head.last_leaf),
       std::string(kCheckpoints) + std::to_string(head.checkpoints)}};
  return checkpoint.body();
}

std::optional<std::uint64_t> count_of(std::string_view line) {
  if (!line.starts_with(kCheckpoints)) return std::nullopt;
  line.remove_prefix(kCheckpoints.size());
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), n);
  if (error != std::errc() || end != line.data() + line.size()) return std::nullopt;
  return n;
}

// Nothing when the slot is not what this key signed.
std::optional<AnchoredHead> read_slot(std::string_view slot, const chain::VerifierKey& key) {
  const auto end = slot.find('\0');
  if (end != slot.npos && slot.find_first_not_of('\0', end) != slot.npos) return std::nullopt;
  const auto note = chain::parse_note(slot.substr(0, end));
  if (!note.ok() || !chain::verify_note(*note, key.name, key.key).ok()) return std::nullopt;
  const auto checkpoint = chain::parse_checkpoint(note->body);
  if (!checkpoint.ok() || checkpoint->origin != key.name || checkpoint->extensions.empty() ||
      checkpoint->extensions.size() > 2 || !checkpoint->extensions[0].starts_with(kLastLeaf)) {
    return std::nullopt;
  }
  const auto leaf = chain::hash_from_hex(checkpoint->extensions[0].substr(kLastLeaf.size()));
  if (!leaf) return std::nullopt;
  AnchoredHead head{checkpoint->size, *leaf, checkpoint->root};
  if (checkpoint->extensions.size() == 2) {  // older ones do not count them
    const auto count = count_of(checkpoint->extensions[1]);
    if (!count) return std::nullopt;
    head.checkpoints = *count;
  }
  return head;
}

struct Slots {
  unsigned newest = 1;  // so that the first is written first
  std::optional<AnchoredHead> head;
};

Result<Slots> read_slots(int file, const chain::VerifierKey& key) {
  Slots slots;
  bool empty = true;
  for (unsigned i = 0; i < 2; ++i) {
    char buffer[kSlot];
    const ssize_t n = ::pread(file, buffer, kSlot, static_cast<off_t>(i * kSlot));
    if (n < 0) return file_error(Doing::read, "ANCHOR", errno);
    const std::string_view slot(buffer, static_cast<std::size_t>(n));
    if (slot.find_first_not_of('\0') == slot.npos) continue;  // never written
    empty = false;
    const auto head = read_slot(slot, key);
    if (!head) continue;
    if (slots.head && std::pair(head->size, head->checkpoints) <=
                          std::pair(slots.head->size, slots.head->checkpoints)) {
      continue;
    }
    slots.newest = i;
    slots.head = head;
  }
  if (!slots.head && !empty) {
    return Error{Fault::unreadable,
                 in_both("ANCHOR 文件的两份链头都已损坏，或不是本账套密钥所签，无法判断末尾是否缺失：请从同一"
                         "备份恢复该文件；处理办法见 docs/OPERATIONS.md。",
                         "both copies of the head in the ANCHOR file are damaged or not signed by the "
                         "ledger's key, so nobody can tell whether entries are missing at the end: "
                         "restore the file from the backup that the store is of; see "
                         "docs/OPERATIONS.md")};
  }
  return slots;
}

}  // namespace

ssize_t AnchorCalls::write(int file, const void* bytes, std::size_t n, off_t at) {
  return ::pwrite(file, bytes, n, at);
}
int AnchorCalls::sync(int file) { return ::fdatasync(file); }

Result<std::optional<AnchoredHead>> read_anchor(const std::filesystem::path& path,
                                                const chain::VerifierKey& key) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) return std::optional<AnchoredHead>();
    return file_error(Doing::open, "ANCHOR", errno);
  }
  auto slots = read_slots(file, key);
  ::close(file);
  if (!slots.ok()) return slots.error();
  return slots->head;
}

Result<Anchor> Anchor::open(const std::filesystem::path& path, const chain::VerifierKey& key,
                            const chain::SigningKey& signing_key, AnchorCalls* calls) {
  static AnchorCalls of_the_system;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return file_error(Doing::open, "ANCHOR", errno);
  Anchor anchor(file, key.name, signing_key, calls != nullptr ? calls : &of_the_system);
  const auto slots = read_slots(file, key);
  if (!slots.ok()) return slots.error();
  anchor.next_ = 1 - slots->newest;
  anchor.head_ = slots->head;
  return anchor;
}

Anchor::Anchor(int file, std::string origin, const chain::SigningKey& key, AnchorCalls* calls)
    : file_(file),
      calls_(calls),
      origin_(std::move(origin)),
      key_(key) {}

Anchor::Anchor(Anchor&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      calls_(other.calls_),
      origin_(std::move(other.origin_)),
      key_(std::move(other.key_)),
      next_(other.next_),
      head_(other.head_) {}

Anchor& Anchor::operator=(Anchor&& other) noexcept {
  std::swap(file_, other.file_);
  calls_ = other.calls_;
  origin_ = std::move(other.origin_);
  key_ = std::move(other.key_);
  next_ = other.next_;
  head_ = other.head_;
  return *this;
}

Anchor::~Anchor() {
  if (file_ >= 0) ::close(file_);
}

Status Anchor::put(unsigned slot, std::string_view bytes) {
  const ssize_t n =
      calls_->write(file_, bytes.data(), bytes.size(), static_cast<off_t>(slot * kSlot));
  if (n >= 0 && n != static_cast<ssize_t>(kSlot)) errno = ENOSPC;
  if (n != static_cast<ssize_t>(kSlot)) return file_error(Doing::write, "ANCHOR", errno);
  if (calls_->sync(file_) != 0) return file_error(Doing::sync, "ANCHOR", errno);
  return success();
}

Status Anchor::renew() {
  if (!head_) return success();
  const unsigned slot = 1 - next_;
  std::string bytes(kSlot, '\0');
  if (::pread(file_, bytes.data(), kSlot, static_cast<off_t>(slot * kSlot)) < 0) {
    return file_error(Doing::read, "ANCHOR", errno);
  }
  return put(slot, bytes);
}

Status Anchor::write(const AnchoredHead& head) {
  const std::string body = body_of(origin_, head);
  const auto signature = chain::sign_note(body, origin_, key_);
  if (!signature.ok()) return signature.error();
  std::string slot = chain::join_note(body, {*signature});
  FT_CHECK(slot.size() < kSlot);
  slot.resize(kSlot, '\0');
  const auto put_there = put(next_, slot);
  if (!put_there.ok()) return put_there;
  next_ = 1 - next_;
  head_ = head;
  return success();
}

}  // namespace fundtrail
