#include "api/identity/user_book.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "api/files.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::api {
namespace {

constexpr std::size_t kMaxFile = 64 << 20;

std::uint64_t first_bytes(const chain::Hash& digest) {
  std::uint64_t first = 0;
  std::memcpy(&first, digest.data(), sizeof first);
  return first;
}

Result<std::string> read_private(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) == 0) {
    if ((info.st_mode & 077) != 0) {
      return Error{Fault::invalid_argument,
                   in_both("“" + file.string() + "”可由他人读写，请执行 chmod 600。",
                           file.string() + " may be read or written by others; chmod 600 it")};
    }
    if (info.st_size > static_cast<off_t>(kMaxFile)) {
      return Error{Fault::unreadable, in_both("“" + file.string() + "”过大。", file.string() + " is too large")};
    }
  }
  return read_file(file);
}

// Two changes at once must not lose one another.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& file)
      : fd_(::open((file.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    while (fd_ >= 0 && !held_) {
      held_ = ::flock(fd_, LOCK_EX) == 0;
      if (!held_ && errno != EINTR) return;
    }
  }
  ~FileLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  bool held() const { return held_; }

 private:
  int fd_;
  bool held_ = false;
};

std::filesystem::path old_tokens(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() / "tokens.json" : "tokens.json";
}

// What an old token file says that the book does not.
void merge(std::vector<User>& users, std::vector<User> old) {
  for (auto& from : old) {
    User* user = find_user(users, from.id.str());
    if (!user) {
      users.push_back(std::move(from));
      continue;
    }
    for (auto& token : from.tokens) {
      const bool known = std::any_of(user->tokens.begin(), user->tokens.end(), [&](const auto& t) {
        return t.digest == token.digest;
      });
      if (known) continue;
      if (!user->holds(token.role)) user->roles.push_back(token.role);
      user->tokens.push_back(std::move(token));
    }
  }
}

// The users as the file has them, with what an old token file adds; under the lock.
Result<std::vector<User>> read_users(const std::filesystem::path& file, bool& took_over) {
  std::vector<User> users;
  auto text = read_private(file);
  if (!text && text.error().fault != Fault::not_found) return text.error();
  if (text) {
    auto decoded = decode_book(*text);
    if (!decoded) return decoded.error();
    users = std::move(*decoded);
  }
  auto old = read_private(old_tokens(file));
  if (!old && old.error().fault != Fault::not_found) return old.error();
  if (old) {
    auto decoded = decode_old_tokens(*old, system_seconds());
    if (!decoded) return decoded.error();
    merge(users, std::move(*decoded));
    took_over = true;
  }
  return users;
}

}  // namespace

Result<std::shared_ptr<const UserBook>> UserBook::load(const std::filesystem::path& file) {
  auto text = read_private(file);
  if (!text) return text.error();
  auto users = decode_book(*text);
  if (!users) return users.error();
  auto book = std::make_shared<UserBook>();
  book->users_ = std::move(*users);
  book->index();
  return std::shared_ptr<const UserBook>(std::move(book));
}

void UserBook::index() {
  for (const auto& user : users_) {
    by_id_.emplace(user.id.str(), &user);
    for (const auto& certificate : user.certificates) by_certificate_.emplace(certificate, &user);
    for (const auto& token : user.tokens) {
      by_digest_.emplace(first_bytes(token.digest), tokens_.size());
      tokens_.push_back({&user, &token, tokens_.size()});
    }
  }
  used_ = std::make_unique<std::atomic<std::int64_t>[]>(tokens_.size());
  for (std::size_t i = 0; i < tokens_.size(); ++i) used_[i] = tokens_[i].token->last_used;
}

const User* UserBook::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::optional<UserBook::TokenHolder> UserBook::by_token(std::string_view token) const {
  const auto digest = digest_of(token);
  const auto [first, last] = by_digest_.equal_range(first_bytes(digest));
  for (auto at = first; at != last; ++at) {
    const auto& holder = tokens_[at->second];
    if (CRYPTO_memcmp(holder.token->digest.data(), digest.data(), digest.size()) == 0) {
      return holder;
    }
  }
  return std::nullopt;
}

const User* UserBook::by_certificate(std::string_view fingerprint) const {
  const auto found = by_certificate_.find(fingerprint);
  return found == by_certificate_.end() ? nullptr : found->second;
}

void UserBook::use(std::size_t number, std::int64_t now) const {
  auto& last = used_[number];
  // Once a second is often enough; a store for each request would make the cores pass it round.
  if (last.load(std::memory_order_relaxed) < now) last.store(now, std::memory_order_relaxed);
}

std::int64_t UserBook::used(std::size_t number) const {
  return used_[number].load(std::memory_order_relaxed);
}

void UserBook::remember(const UserBook& older) const {
  for (const auto& holder : older.tokens_) {
    const auto [first, last] = by_digest_.equal_range(first_bytes(holder.token->digest));
    for (auto at = first; at != last; ++at) {
      if (tokens_[at->second].token->digest == holder.token->digest) {
        use(at->second, older.used(holder.number));
      }
    }
  }
}

bool UserBook::has_news() const {
  return std::any_of(tokens_.begin(), tokens_.end(), [&](const auto& holder) {
    return used(holder.number) - holder.token->last_used >= 60;
  });
}

Result<std::optional<UserRefusal>> alter(const std::filesystem::path& file,
                                         const Alteration& how) {
  const FileLock lock(file);
  if (!lock.held()) return file_error(Doing::lock, file.string() + ".lock", errno);
  bool took_over = false;
  auto users = read_users(file, took_over);
  if (!users) return users.error();
  if (auto refusal = how(*users)) return refusal;
  if (auto status = replace_file(file, encode_book(*users)); !status) return status.error();
  if (took_over) {
    // A crash before this does no harm: the next change finds that it knows all of them.
    const auto old = old_tokens(file);
    if (::rename(old.c_str(), (old.string() + ".old").c_str()) != 0) {
      return file_error(Doing::rename, old, errno);
    }
    if (auto status = sync_names_beside(file); !status) return status.error();
  }
  return std::optional<UserRefusal>();
}

Status take_over_tokens(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::exists(old_tokens(file), none)) return success();
  auto done = alter(file, [](std::vector<User>&) { return std::optional<UserRefusal>(); });
  if (!done) return done.error();
  return success();
}

User* find_user(std::vector<User>& users, std::string_view id) {
  for (auto& user : users) {
    if (user.id.str() == id) return &user;
  }
  return nullptr;
}

chain::Hash digest_of(std::string_view token) {
  thread_local chain::Hasher hasher(chain::Suite::sha256_ed25519);
  return hasher.digest(token);
}

Result<MintedToken> mint_token() {
  auto random = random_hex(32);
  if (!random) return random.error();
  MintedToken minted;
  minted.text = "ft_" + *random;
  minted.token.digest = digest_of(minted.text);
  minted.token.id = chain::to_hex(minted.token.digest).substr(0, 16);
  return minted;
}

Error no_random() { return {Fault::io, in_both("系统未能提供随机数。", "no random bytes to be had")}; }

Result<std::string> random_hex(std::size_t bytes) {
  std::string random(bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), int(bytes)) != 1) {
    return no_random();
  }
  return chain::to_hex(random);
}

std::int64_t system_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace fundtrail::api
