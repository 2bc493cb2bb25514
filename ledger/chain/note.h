// Checkpoints: what a ledger and its witnesses sign, as C2SP signed notes.
//
// Sources: c2sp.org/signed-note and c2sp.org/tlog-checkpoint. A note is a text, an empty line and
// one signature line per key; a checkpoint is a note whose text is origin, size and root.
// Everything here is a pure function and thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/chain/digest.h"
#include "ledger/chain/keys.h"
#include "ledger/core/result.h"

namespace fundtrail::chain {

inline constexpr std::size_t max_note_size = 1 << 20;  // bytes
inline constexpr std::size_t max_note_signatures = 100;

struct Checkpoint {
  std::string origin;      // the ledger's identity: one non-empty line
  std::uint64_t size = 0;  // leaves
  Hash root{};
  std::vector<std::string> extensions;  // further non-empty lines, none in our own checkpoints

  // "<origin>\n<size>\n<base64 root>\n" and the extension lines: the bytes that are signed.
  // Precondition: origin and extensions are non-empty lines without control characters.
  std::string body() const;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// Reads a note's text as a checkpoint. Fault::unreadable with the reason.
Result<Checkpoint> parse_checkpoint(std::string_view body);

using KeyId = std::array<std::uint8_t, 4>;

// SHA-256(name || 0x0A || type and key)[:4], where "type and key" is, for Ed25519, 0x01 and the 32
// key bytes; for SM2, 0xff, the text "fundtrail/sm2-sm3/v1", 0x0A and the SPKI DER. Always SHA-256,
// in both suites: the id names a key, it does not protect one.
KeyId key_id(std::string_view name, const PublicKey& key);

struct NoteSignature {
  std::string name;  // of the key: no white space, no '+'
  KeyId key_id{};
  std::string signature;  // raw bytes
};

struct Note {
  std::string body;                       // with its final line feed: the bytes that are signed
  std::vector<NoteSignature> signatures;  // at least one, in the order of the file
};

// One signature line, "— <name> <base64(key id || signature)>\n", over the text.
// Fault::invalid_argument when the text or the name cannot stand in a note.
Result<std::string> sign_note(std::string_view body, std::string_view name, const SigningKey& key);

// The text, the empty line and the signature lines.
std::string join_note(std::string_view body, const std::vector<std::string>& signature_lines);

// Splits a note strictly; verifies nothing. Fault::unreadable with the reason.
Result<Note> parse_note(std::string_view note);

// Whether the key of that name signed the note's text: Fault::not_found when there is no signature
// of that name and key id, Fault::tampered when there is one that does not verify. Signatures of
// other keys are ignored, as the specification demands.
Status verify_note(const Note& note, std::string_view name, const PublicKey& key);

// A key with its name, as people hand it to a verifier: "<name>+<8 hex digits of the key
// id>+<base64(type and key)>".
struct VerifierKey {
  std::string name;
  PublicKey key;
};
// Precondition: the name can stand in a note.
std::string encode_verifier_key(std::string_view name, const PublicKey& key);
// Fault::unreadable when malformed, Fault::unknown_version for a key type not ours, Fault::tampered
// when the key id does not fit.
Result<VerifierKey> decode_verifier_key(std::string_view text);

// Whether a key may have that name: valid UTF-8, not empty, no white space or control characters,
// no '+'.
bool is_key_name(std::string_view name);

}  // namespace fundtrail::chain
