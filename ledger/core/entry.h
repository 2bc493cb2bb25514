// Command: what somebody asks to be recorded. Entry: what was recorded. An entry is the command's
// document plus its place in the chain and the postings that follow from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/core/documents.h"

namespace fundtrail {

inline constexpr std::uint64_t kFormatVersion = 1;

// 制单 审核 记账 出纳 and the people around them. Which role may record which kind of document
// stands in ledger/rules/authority.h.
enum class Role : std::uint8_t {
  registrar, preparer, reviewer, approver, cashier, provider, inspector, administrator,
};
template <>
struct Names<Role> {
  static constexpr std::string_view list[] = {"registrar", "preparer", "reviewer", "approver",
                                              "cashier", "provider", "inspector",
                                              "administrator"};
};

// Who acts. An actor of role `provider` has the provider's id and acts for nobody else.
struct Actor {
  ActorId id;
  Role role = Role::preparer;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("id", d.id);
    v("role", d.role);
  }
  friend bool operator==(const Actor&, const Actor&) = default;
};

// What happens when some lines of a document are refused.
enum class LineMode : std::uint8_t {
  atomic,        // the document is refused as a whole
  line_by_line,  // refused lines are left out and reported; the document holds the others
};
template <>
struct Names<LineMode> {
  static constexpr std::string_view list[] = {"atomic", "line_by_line"};
};

// A person's identity on its way to the vault. Never encoded, logged or hashed on the chain.
struct Identity {
  std::optional<std::string> address;
  std::string id_number;  // GB 11643
  std::string name;
  std::optional<std::string> phone;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("address", d.address);
    v("id_number", d.id_number);
    v("name", d.name);
    v("phone", d.phone);
  }
};

// A person's own signature of a command (docs/FORMAT.md, "Signed commands"); stands in the entry as
// it was given.
struct CommandSignature {
  KeyId key;
  Date not_after;     // the last day on which the command may be recorded, as the signer says
  std::string value;  // base64 of the raw signature

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("key", d.key);
    v("not_after", d.not_after);
    v("value", d.value);
  }
};

struct Command {
  Actor actor;
  CommandId id;  // idempotency: same id and content, same receipt
  Date date;     // business date
  std::optional<PolicyRef> policy;
  Document document;
  LineMode mode = LineMode::atomic;
  Timestamp time;  // when it was received; set by the front door, not by the caller
  // Only with BeneficiaryRegistration: the engine seals it into the vault and fills the document's
  // pseudonym and commitment from it before anything is decided.
  std::optional<Identity> identity;
  // Birth dates of the people that the document speaks of: one a line, or one for a document about
  // one person; nothing where there is no person or the identity was erased. The engine takes them
  // from the vault for the kinds that need an age (ledger/engine/ages.h); never from the caller,
  // never encoded, logged or hashed.
  std::vector<std::optional<Date>> births = {};
  std::optional<CommandSignature> signature = {};
  // The registered public key (base64) that the signature fits, set by the engine before anything is
  // decided (ledger/engine/signing.h); empty: none, or it does not fit.
  std::string signed_with = {};
  // Set likewise, where the document is about a key: whether its `proof` is that of the new key, and the
  // registered public key that its `consent` fits.
  bool proven = false;
  std::string consented_with = {};
};

struct LinesSummary {
  std::uint64_t count = 0;
  std::string root;  // hex, root of the tree of the lines
};

struct Entry {
  Actor actor;
  CommandId command;
  std::string content;  // hex digest of the command's content (docs/FORMAT.md): tells a repeated
                        // command from another one under the same id
  Date date;
  Document document;    // with its lines when they are at hand
  std::uint64_t index = 0;
  LedgerId ledger;
  std::optional<LinesSummary> lines;
  std::optional<PolicyRef> policy;
  std::vector<Posting> postings;
  std::string prev;     // hex leaf hash of the entry before; 64 zeros for entry 0
  std::optional<CommandSignature> signature;
  Timestamp time;
  std::uint64_t v = kFormatVersion;
};

}  // namespace fundtrail
