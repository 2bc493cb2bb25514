#include "api/http/tokens.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "ledger/chain/canonical.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kMaxFile = 8 << 20;

chain::Hash digest_of(std::string_view token) {
  thread_local chain::Hasher hasher(chain::Suite::sha256_ed25519);
  return hasher.digest(token);
}

Error unreadable(std::string what) { return {Fault::unreadable, "token file: " + std::move(what)}; }

Result<Json> read(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) {
    if (errno == ENOENT) return Error{Fault::not_found, "no token file " + file.string()};
    return Error{Fault::io, "cannot look at " + file.string()};
  }
  if ((info.st_mode & 077) != 0) {
    return Error{Fault::invalid_argument,
                 file.string() + " may be read or written by others; chmod 600 it"};
  }
  if (info.st_size > static_cast<off_t>(kMaxFile)) return unreadable("too large");
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in) return Error{Fault::io, "cannot read " + file.string()};
  Json json = Json::parse(bytes.str(), nullptr, false);
  if (json.is_discarded()) return unreadable("not JSON");
  if (!json.is_object() || !json.contains("tokens") || !json["tokens"].is_array()) {
    return unreadable("expected {\"tokens\": [...]}");
  }
  return json;
}

std::string_view text(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>();
}

// Complete and synced before it appears under its name.
Status replace(const std::filesystem::path& file, const std::string& bytes) {
  const auto temporary = file.string() + ".new";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return Error{Fault::io, "cannot write " + temporary};
  const bool written = ::fchmod(fd, 0600) == 0 &&
                       ::write(fd, bytes.data(), bytes.size()) == ssize_t(bytes.size()) &&
                       ::fsync(fd) == 0;
  ::close(fd);
  if (!written || ::rename(temporary.c_str(), file.c_str()) != 0) {
    ::unlink(temporary.c_str());
    return Error{Fault::io, "cannot write " + file.string()};
  }
  return success();
}

// Two `token new` at once must not lose one another's token.
class FileLock {
 public:
  explicit FileLock(const std::string& path)
      : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (fd_ >= 0) held_ = ::flock(fd_, LOCK_EX) == 0;
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

}  // namespace

Result<std::shared_ptr<const TokenBook>> TokenBook::load(const std::filesystem::path& file) {
  auto json = read(file);
  if (!json) return json.error();
  auto book = std::make_shared<TokenBook>();
  std::size_t number = 0;
  for (const auto& item : (*json)["tokens"]) {
    const auto where = "entry " + std::to_string(number++) + ": ";
    if (!item.is_object()) return unreadable(where + "expected an object");
    const auto digest = chain::hash_from_hex(text(item, "digest"));
    const auto actor = ActorId::parse(text(item, "actor"));
    const auto role = parse_name<Role>(text(item, "role"));
    if (!digest) return unreadable(where + "digest must be 64 lower-case hex digits");
    if (!actor) return unreadable(where + "actor must be an id");
    if (!role) return unreadable(where + "unknown role");
    if (const auto provider = text(item, "provider");
        !provider.empty() && (*role != Role::provider || provider != actor->str())) {
      return unreadable(where + "provider must be the actor of a token of role provider");
    }
    book->entries_.push_back({*digest, {*actor, *role}});
  }
  return std::shared_ptr<const TokenBook>(std::move(book));
}

const Actor* TokenBook::find(std::string_view token) const {
  const auto digest = digest_of(token);
  const Actor* found = nullptr;
  for (const auto& entry : entries_) {
    if (CRYPTO_memcmp(entry.digest.data(), digest.data(), digest.size()) == 0) {
      found = &entry.actor;
    }
  }
  return found;
}

Result<std::string> add_token(const std::filesystem::path& file, const Actor& actor) {
  const FileLock lock(file.string() + ".lock");
  if (!lock.held()) return Error{Fault::io, "cannot lock " + file.string()};
  auto json = read(file);
  if (!json && json.error().fault != Fault::not_found) return json.error();
  Json tokens = json ? std::move(*json) : Json{{"tokens", Json::array()}};

  std::array<unsigned char, 32> random{};
  if (RAND_bytes(random.data(), random.size()) != 1) {
    return Error{Fault::io, "no random bytes to be had"};
  }
  const std::string token =
      "ft_" + chain::to_hex(std::string_view(reinterpret_cast<const char*>(random.data()),
                                             random.size()));
  Json entry{{"digest", chain::to_hex(digest_of(token))},
             {"actor", actor.id.str()},
             {"role", name_of(actor.role)}};
  if (actor.role == Role::provider) entry["provider"] = actor.id.str();
  tokens["tokens"].push_back(std::move(entry));
  if (auto status = replace(file, tokens.dump(2) + "\n"); !status) return status.error();
  return token;
}

}  // namespace fundtrail::api
