#include "api/identity/password.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "api/identity/user_book.h"
#include "api/words.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::api {
namespace {

constexpr std::uint32_t kPasses = 3, kKibibytes = 64 << 10, kLanes = 4;
constexpr std::size_t kSalt = 16, kTag = 32;
constexpr std::string_view kPrefix = "$argon2id$v=19$m=65536,t=3,p=4$";
constexpr int kAtOnce = 2;  // 128 MiB

// Keeps the memory that passwords take within bounds, whatever is asked of us.
class Turn {
 public:
  Turn() {
    std::unique_lock lock(mutex());
    wake().wait(lock, [] { return busy() < kAtOnce; });
    ++busy();
  }
  ~Turn() {
    {
      std::lock_guard lock(mutex());
      --busy();
    }
    wake().notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex it;
    return it;
  }
  static std::condition_variable& wake() {
    static std::condition_variable it;
    return it;
  }
  static int& busy() {
    static int it = 0;
    return it;
  }
};

std::size_t characters(std::string_view text) {
  return std::size_t(std::count_if(text.begin(), text.end(),
                                   [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

int kinds(std::string_view text) {
  bool low = false, high = false, digit = false, other = false;
  for (const char c : text) {
    if (c >= 'a' && c <= 'z') low = true;
    else if (c >= 'A' && c <= 'Z') high = true;
    else if (c >= '0' && c <= '9') digit = true;
    else other = true;
  }
  return low + high + digit + other;
}

// Words that guessers try first; those of keyboards, of this field and of Chinese users among them.
constexpr std::array<std::string_view, 30> kCommon = {
    "password", "passwd",  "passw0rd", "admin",  "welcome", "letmein",   "qwertyuiop", "qwerty",
    "asdfghjkl", "asdf",   "zxcvbnm",  "zxcv",   "qazwsx",  "1qaz2wsx",  "1q2w3e4r",   "woaini",
    "iloveyou",  "5201314", "fundtrail", "zhuanxiang", "caizheng", "minzheng", "yanglao", "kuaiji",
    "shenji",    "gongzuo", "zhongguo", "test", "user", "root"};

void cut(std::string& text, std::string_view word) {
  if (word.size() < 3) return;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word)) {
    text.erase(at, word.size());
  }
}

// What is left when runs of four and more (aaaa, 1234, dcba) count as one character.
std::string without_runs(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t length = 1;
    for (const int step : {0, 1, -1}) {
      std::size_t end = at + 1;
      while (end < text.size() && int(text[end]) - int(text[end - 1]) == step) ++end;
      length = std::max(length, end - at);
    }
    if (length < 4) length = 1;
    out += text[at];
    at += length;
  }
  return out;
}

bool easily_guessed(std::string_view password, std::string_view user) {
  std::string rest = lower_ascii(password);
  for (const auto word : kCommon) cut(rest, word);
  cut(rest, lower_ascii(user));
  // The parts of a name such as wang.fang.
  std::string part;
  for (const char c : lower_ascii(user) + ".") {
    if (c != '.' && c != '-' && c != '_') {
      part += c;
      continue;
    }
    cut(rest, part);
    part.clear();
  }
  rest = without_runs(rest);
  std::string distinct = rest;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  return rest.size() < 7 || distinct.size() < 5;
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  std::array<unsigned char, kSalt> salt{};
  if (RAND_bytes(salt.data(), int(salt.size())) != 1) {
    return no_random();
  }
  std::vector<char> text(argon2_encodedlen(kPasses, kKibibytes, kLanes, kSalt, kTag, Argon2_id));
  const Turn turn;
  const int code =
      argon2id_hash_encoded(kPasses, kKibibytes, kLanes, password.data(), password.size(),
                            salt.data(), salt.size(), kTag, text.data(), text.size());
  if (code != ARGON2_OK) return Error{Fault::io, in_both(std::string("口令计算失败：") + argon2_error_message(code), argon2_error_message(code))};
  return std::string(text.data());
}

bool is_password(std::string_view hash, std::string_view password) {
  // Nobody's: any salt and tag of the right length cost the same.
  static const std::string nobody =
      std::string(kPrefix) + std::string(22, 'A') + "$" + std::string(43, 'A');
  const bool somebody = hash.starts_with("$argon2id$");
  const std::string text = somebody ? std::string(hash) : nobody;
  const Turn turn;
  return argon2id_verify(text.c_str(), password.data(), password.size()) == ARGON2_OK && somebody;
}

bool is_outdated(std::string_view hash) { return !hash.starts_with(kPrefix); }

std::optional<UserRefusal> judge_password(std::string_view password, std::string_view user) {
  if (password.size() > kMaxPassword) {
    return UserRefusal{UserNo::password_too_long, std::to_string(kMaxPassword)};
  }
  if (std::any_of(password.begin(), password.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
    return UserRefusal{UserNo::password_unprintable};
  }
  if (characters(password) < kMinPassword) {
    return UserRefusal{UserNo::password_too_short, std::to_string(kMinPassword)};
  }
  if (kinds(password) < 3 && characters(password) < kLongPassword) {
    return UserRefusal{UserNo::password_too_plain, std::to_string(kLongPassword)};
  }
  if (easily_guessed(password, user)) return UserRefusal{UserNo::password_easily_guessed};
  return std::nullopt;
}

Result<std::string> random_password() {
  constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz", kDigits = "23456789",
                             kCapitals = "ABCDEFGHJKLMNPQRSTUVWXYZ";
  const auto pick = [](std::string_view from) {
    unsigned char random = 0;
    do {
      if (RAND_bytes(&random, 1) != 1) return '\0';
    } while (random >= 256 / from.size() * from.size());  // each as likely
    return from[random % from.size()];
  };
  for (;;) {
    std::string out;
    for (int group = 0; group < 4; ++group) {
      if (group != 0) out += '-';
      for (const auto from : {kCapitals, kLetters, kDigits, kLetters}) {
        const char c = pick(from);
        if (c == '\0') return no_random();
        out += c;
      }
    }
    if (!judge_password(out, "")) return out;
  }
}

}  // namespace fundtrail::api
