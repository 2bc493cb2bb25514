#include "ledger/chain/note.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "ledger/chain/utf8.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::chain {
namespace {

constexpr std::string_view dash = "\xE2\x80\x94 ";  // em dash and space begin a signature line
constexpr char type_ed25519 = '\x01';
// c2sp.org/signed-note: types without an assigned byte are 0xff and a longer identifier.
constexpr std::string_view type_sm2 =
    "\xFF"
    "fundtrail/sm2-sm3/v1\n";

Error unreadable(std::string zh, std::string en) {
  return Error{Fault::unreadable, in_both("签署文件格式不符（" + zh + "）", "note: " + en)};
}
Error no_checkpoint(std::string zh, std::string en) {
  return Error{Fault::unreadable, in_both("检查点格式不符（" + zh + "）", "checkpoint: " + en)};
}

// Well-formed UTF-8 without control characters below U+0020 other than a line feed.
bool is_note_text(std::string_view text) {
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    const std::int32_t code = decode_utf8(p, end);
    if (code == malformed || (code < 0x20 && code != '\n')) return false;
  }
  return true;
}

bool is_line(std::string_view text) {
  return !text.empty() && text.find('\n') == text.npos && is_note_text(text);
}

// The line at the front of `rest`, without its line feed, which is removed; nothing without one.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == rest.npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::string type_and_key(const PublicKey& key) {
  if (key.suite() == Suite::sha256_ed25519) return std::string(1, type_ed25519).append(key.raw());
  return std::string(type_sm2) + key.to_spki();
}

KeyId key_id_of(std::string_view name, std::string_view type_and_key) {
  const Hash hash =
      Hasher(Suite::sha256_ed25519).digest(std::string(name) + "\n" + std::string(type_and_key));
  KeyId id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

std::string_view bytes_of(const KeyId& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

Result<std::uint64_t> parse_size(std::string_view line) {
  std::uint64_t size = 0;
  const auto [end, fault] = std::from_chars(line.data(), line.data() + line.size(), size);
  if (fault != std::errc{} || end != line.data() + line.size() || line.front() == '-' ||
      (line.front() == '0' && line.size() > 1)) {
    return no_checkpoint("条数不是十进制整数", "the size is not a plain decimal number");
  }
  return size;
}

Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(dash)) return unreadable("签名行不以“— ”开头", "a signature line does not begin with \"— \"");
  line.remove_prefix(dash.size());
  const std::size_t space = line.find(' ');
  if (space == line.npos) return unreadable("签名行中没有签名", "a signature line has no signature");
  if (!is_key_name(line.substr(0, space))) return unreadable("密钥名称格式不对", "a key name is malformed");
  const std::optional<std::string> content = from_base64(line.substr(space + 1));
  if (!content || content->size() <= 4) {
    return unreadable("签名不是 base64，或过短", "a signature is not base64 or too short");
  }
  NoteSignature signature;
  signature.name = line.substr(0, space);
  std::copy_n(content->begin(), 4, signature.key_id.begin());
  signature.signature = content->substr(4);
  return signature;
}

}  // namespace

std::string Checkpoint::body() const {
  FT_CHECK(is_line(origin));
  std::string text =
      origin + "\n" + std::to_string(size) + "\n" + to_base64(chain::bytes_of(root)) + "\n";
  for (const std::string& line : extensions) {
    FT_CHECK(is_line(line));
    text += line + "\n";
  }
  return text;
}

Result<Checkpoint> parse_checkpoint(std::string_view body) {
  if (!is_note_text(body)) {
    return no_checkpoint("不是 UTF-8，或含控制字符", "malformed UTF-8 or a control character");
  }
  std::vector<std::string_view> lines;
  while (!body.empty()) {
    const std::optional<std::string_view> line = take_line(body);
    if (!line) return no_checkpoint("末行没有换行符", "the last line has no line feed");
    if (line->empty()) return no_checkpoint("有空行", "a line is empty");
    lines.push_back(*line);
  }
  if (lines.size() < 3) return no_checkpoint("不足三行", "fewer than three lines");
  const Result<std::uint64_t> size = parse_size(lines[1]);
  if (!size.ok()) return size.error();
  const std::optional<std::string> root = from_base64(lines[2]);
  if (!root || root->size() != 32) {
    return no_checkpoint("根不是 32 字节的 base64", "the root is not the base64 of 32 bytes");
  }
  Checkpoint checkpoint;
  checkpoint.origin = lines[0];
  checkpoint.size = *size;
  std::copy_n(root->begin(), 32, checkpoint.root.begin());
  checkpoint.extensions.assign(lines.begin() + 3, lines.end());
  return checkpoint;
}

KeyId key_id(std::string_view name, const PublicKey& key) {
  return key_id_of(name, type_and_key(key));
}

bool is_key_name(std::string_view name) {
  const char* const end = name.data() + name.size();
  for (const char* p = name.data(); p != end;) {
    const std::int32_t code = decode_utf8(p, end);
    if (code == malformed || code < 0x20 || code == '+' || u_isUWhiteSpace(code)) return false;
  }
  return !name.empty();
}

Result<std::string> sign_note(std::string_view body, std::string_view name, const SigningKey& key) {
  if (!body.ends_with('\n') || !is_note_text(body)) {
    return Error{Fault::invalid_argument,
                 "note: a text must be UTF-8 without control characters and end with a line feed"};
  }
  if (!is_key_name(name)) {
    return Error{Fault::invalid_argument,
                 "note: a key name must not be empty nor hold white space or '+'"};
  }
  const Result<std::string> signature = key.sign(body);
  if (!signature.ok()) return signature;
  std::string content(bytes_of(key_id(name, key.public_key())));
  content += *signature;
  return std::string(dash) + std::string(name) + " " + to_base64(content) + "\n";
}

std::string join_note(std::string_view body, const std::vector<std::string>& signature_lines) {
  std::string note(body);
  note += '\n';
  for (const std::string& line : signature_lines) note += line;
  return note;
}

Result<Note> parse_note(std::string_view note) {
  if (note.size() > max_note_size) return unreadable("超过 1 MiB", "larger than 1 MiB");
  if (!is_note_text(note)) return unreadable("不是 UTF-8，或含控制字符", "malformed UTF-8 or a control character");
  // The text may hold empty lines; the last one separates.
  const std::size_t separator = note.rfind("\n\n");
  if (separator == note.npos) return unreadable("正文与签名之间没有空行", "no empty line between text and signatures");
  Note result;
  result.body = note.substr(0, separator + 1);
  std::string_view rest = note.substr(separator + 2);
  if (rest.empty()) return unreadable("没有签名", "no signature");
  while (!rest.empty()) {
    const std::optional<std::string_view> line = take_line(rest);
    if (!line) return unreadable("末行没有换行符", "the last line has no line feed");
    if (result.signatures.size() == max_note_signatures) return unreadable("签名超过 100 个", "over 100 signatures");
    Result<NoteSignature> signature = parse_signature(*line);
    if (!signature.ok()) return signature.error();
    result.signatures.push_back(*signature);
  }
  return result;
}

Status verify_note(const Note& note, std::string_view name, const PublicKey& key) {
  const KeyId id = key_id(name, key);
  bool found = false;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.name != name || signature.key_id != id) continue;
    const Status verified = key.verify(note.body, signature.signature);
    if (!verified.ok()) {
      return Error{Fault::tampered,
                   in_both("“" + std::string(name) + "”的签名与内容不符",
                           "note: the signature of " + std::string(name) + " does not fit the text")};
    }
    found = true;
  }
  if (!found) {
    return Error{Fault::not_found, in_both("没有“" + std::string(name) + "”用这把密钥所作的签名",
                                           "note: not signed by " + std::string(name) + " with that key")};
  }
  return success();
}

std::string encode_verifier_key(std::string_view name, const PublicKey& key) {
  FT_CHECK(is_key_name(name));
  return std::string(name) + "+" + to_hex(bytes_of(key_id(name, key))) + "+" +
         to_base64(type_and_key(key));
}

Result<VerifierKey> decode_verifier_key(std::string_view text) {
  const std::size_t first = text.find('+');
  const std::size_t second = first == text.npos ? text.npos : text.find('+', first + 1);
  if (second == text.npos) {
    return Error{Fault::unreadable, "verifier key: not of the form name+id+key"};
  }
  const std::string_view name = text.substr(0, first);
  const std::string_view id = text.substr(first + 1, second - first - 1);
  const std::optional<std::string> content = from_base64(text.substr(second + 1));
  if (!is_key_name(name) || !content || content->empty()) {
    return Error{Fault::unreadable, "verifier key: a malformed name or key"};
  }
  if (to_hex(bytes_of(key_id_of(name, *content))) != id) {
    return Error{Fault::tampered, "verifier key: the key id does not fit the name and the key"};
  }
  const std::string_view key = *content;
  Result<PublicKey> decoded = key.front() == type_ed25519 ? PublicKey::from_ed25519(key.substr(1))
                              : key.starts_with(type_sm2)
                                  ? PublicKey::from_spki(key.substr(type_sm2.size()))
                                  : Error{Fault::unknown_version, "verifier key: unknown key type"};
  if (!decoded.ok()) return decoded.error();
  if (decoded->suite() != (key.front() == type_ed25519 ? Suite::sha256_ed25519 : Suite::sm3_sm2)) {
    return Error{Fault::unreadable, "verifier key: the key is not of the type it claims"};
  }
  return VerifierKey{std::string(name), *decoded};
}

}  // namespace fundtrail::chain
