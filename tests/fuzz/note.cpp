// A note that parses is what its parts give back; a checkpoint that parses likewise; keys that decode
// encode to the same text.
#include "ledger/chain/note.h"
#include "tests/fuzz/target.h"

using namespace fundtrail;

FUZZ_TARGET(note) {
  const auto checkpoint = chain::parse_checkpoint(bytes);
  if (checkpoint.ok()) {
    fuzz::must(checkpoint->body() == bytes, "a checkpoint that parses is written the same");
  }
  const auto key = chain::decode_verifier_key(bytes);
  if (key.ok()) {
    fuzz::must(chain::encode_verifier_key(key->name, key->key) == bytes,
               "a verifier key that decodes is written the same");
  }
  const auto note = chain::parse_note(bytes);
  if (!note.ok()) return;
  std::vector<std::string> lines;
  for (const auto& signature : note->signatures) {
    fuzz::must(chain::is_key_name(signature.name), "a signature's key has a good name");
    const std::string raw =
        std::string(signature.key_id.begin(), signature.key_id.end()) + signature.signature;
    lines.push_back("\xE2\x80\x94 " + signature.name + " " + chain::to_base64(raw) + "\n");
  }
  fuzz::must(!lines.empty() && chain::join_note(note->body, lines) == bytes,
             "a note that parses is what its parts give");
  static const auto known = chain::decode_verifier_key(
      "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  fuzz::must(known.ok(), "the key of golang.org/x/mod/sumdb/note");
  (void)chain::verify_note(*note, known->name, known->key);
}
