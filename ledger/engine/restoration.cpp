#include "ledger/engine/restoration.h"

#include <string>

#include "ledger/chain/document_codec.h"
#include "ledger/chain/note.h"
#include "ledger/rules/rows.h"

namespace fundtrail {
namespace {

// The ledger's own key, as its opening has it for ever.
Result<chain::VerifierKey> key_of_ledger(const Stored& stored) {
  const auto bytes = stored(store::Table::entries, store::key_of(0));
  if (!bytes.ok()) return bytes.error();
  if (!*bytes) return Error{Fault::truncated, "entry 0 is missing in the store"};
  const auto entry = chain::decode_entry(**bytes);
  if (!entry.ok()) return entry.error();
  const auto* opening = std::get_if<LedgerOpening>(&entry->document);
  if (opening == nullptr) return Error{Fault::unreadable, "entry 0 is not the opening of a ledger"};
  return chain::decode_verifier_key(opening->public_key);
}

// The note is put together again from what the document says of it.
bool is_signed(const LedgerRestoration& d, const chain::VerifierKey& key) {
  const auto root = chain::hash_from_hex(d.known_root);
  // Base64 and nothing else: more lines would be a place for texts that nobody has looked at.
  if (!root || !d.known_signature || !chain::from_base64(*d.known_signature)) return false;
  const chain::Checkpoint known{key.name, d.known_size, *root, {}};
  const auto note = chain::parse_note(
      chain::join_note(known.body(), {"\u2014 " + key.name + " " + *d.known_signature + "\n"}));
  return note.ok() && chain::verify_note(*note, key.name, key.key).ok();
}

Result<bool> states(const Stored& stored, std::uint64_t index, std::uint64_t known_size,
                    const std::string& known_root) {
  const auto bytes = stored(store::Table::entries, store::key_of(index));
  if (!bytes.ok()) return bytes.error();
  if (!*bytes) return Error{Fault::truncated, "entry " + std::to_string(index) + " is missing in the store"};
  const auto entry = chain::decode_entry(**bytes);
  if (!entry.ok()) return entry.error();
  const auto* d = std::get_if<LedgerRestoration>(&entry->document);
  if (d == nullptr) return Error{Fault::unreadable, "the kinds of the entries are not theirs"};
  return d->known_size == known_size && d->known_root == known_root;
}

}  // namespace

Result<std::optional<Rejection>> contradiction(const LedgerRestoration& d, const store::Head& head,
                                               const Stored& stored, chain::Hasher& hasher) {
  using Found = std::optional<Rejection>;
  if (d.restored_size != head.size()) {
    return Found(Rejection{Reason::invalid_value, "doc.restored_size", std::to_string(d.restored_size),
                           "the chain itself"});
  }
  if (d.restored_root != chain::to_hex(head.frontier.root(hasher))) {
    return Found(Rejection{Reason::invalid_value, "doc.restored_root", "restored_root", "the chain itself"});
  }
  const auto key = key_of_ledger(stored);
  if (!key.ok()) return key.error();
  if (!is_signed(d, *key)) {
    return Found(Rejection{Reason::invalid_value, "doc.known_signature", "known_signature",
                           "the ledger's signature"});
  }
  const auto before = find_restoration(stored, head.size(), d.known_size, d.known_root);
  if (!before.ok()) return before.error();
  if (*before) {
    return Found(Rejection{Reason::invalid_value, "doc.known_root", "known_root", "a checkpoint not stated before"});
  }
  return Found();
}

Result<std::optional<std::uint64_t>> find_restoration(const Stored& stored, std::uint64_t size,
                                                      std::uint64_t known_size, const std::string& known_root) {
  using Found = std::optional<std::uint64_t>;
  static const char kKind = static_cast<char>(Document(LedgerRestoration()).index());
  std::uint64_t index = 0;
  while (index < size) {
    const auto kinds = stored(store::Table::state, std::string_view(rules::entry_kinds_key(index)));
    if (!kinds.ok()) return kinds.error();
    if (!*kinds || (*kinds)->empty()) return Error{Fault::unreadable, "the kinds of the entries are not complete"};
    for (const char kind : **kinds) {
      if (kind == kKind && index < size) {
        const auto same = states(stored, index, known_size, known_root);
        if (!same.ok()) return same.error();
        if (*same) return Found(index);
      }
      ++index;
    }
  }
  return Found();
}

}  // namespace fundtrail
