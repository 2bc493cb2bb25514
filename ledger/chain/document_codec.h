// From documents, commands and entries to canonical bytes and back.
//
// Encoding is done once: the bytes that come out are hashed, stored and exported as they are.
// Decoding is strict: every field is known, present when it must be, and well-formed; a violation
// names the field and what was expected. The shapes stand in ledger/core/documents.h.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/chain/digest.h"
#include "ledger/core/entry.h"
#include "ledger/core/rejection.h"
#include "ledger/core/result.h"

namespace fundtrail::chain {

// A parser keeps up to 25 times the bytes of the largest text that it ever read, and each thread has its own: of texts
// larger than this none is kept.
inline constexpr std::size_t kKeptJson = 256 << 10;

// The lines of a document, encoded: all of them in one buffer, each followed by '\n'.
struct EncodedLines {
  std::string block;
  std::vector<Hash> leaves;  // H(0x00 || line), in order

  LinesSummary summary(Hasher& hasher) const;
};
// Clears and fills `out` (its memory is reused). A document without lines gives nothing.
void encode_lines(Hasher& hasher, const Document& document, EncodedLines& out);

// Appends the entry's line, without '\n', to `out`. entry.lines must have been set when the
// document has lines.
void encode_entry(const Entry& entry, std::string& out);
// The same for somebody who has encoded the document already: entry.document then only names the
// kind. Precondition: document == encode_document(entry.document).
void encode_entry(const Entry& entry, std::string_view document, std::string& out);

// The canonical form of a document alone (the value of an entry's "doc").
std::string encode_document(const Document& document);

// What an idempotency id stands for: H(0x00 || canonical {"actor","date","doc","kind","lines",
// "mode","policy"}), where lines are those that were submitted. Time and id are not part of it.
Hash content_digest(Hasher& hasher, const Command& command, const EncodedLines& submitted);
// The same with the parts at hand: the document encoded, and the summary of its lines if any.
Hash content_digest(Hasher& hasher, const Command& command, std::string_view document,
                    const std::optional<LinesSummary>& submitted);

// Decodes one line of the entries, without its lines. Faults: unreadable (not JSON, not of the
// shape; canonical form itself is check_canonical's business), unknown_version.
Result<Entry> decode_entry(std::string_view line);
// Decodes a block of '\n'-terminated lines into the document. Faults: unreadable.
Status decode_lines(std::string_view block, Document& document);

// A command as people and programs send it (any JSON, not only canonical):
//   {"kind", "doc", "date", "lines"?, "policy"?, "mode"?, "identity"?, "id"?}
// `actor`, `id` and `time` come from the front door: the id of the JSON is used when there is one.
// `beneficiary` and `commitment` of a beneficiary_registration are filled by the engine from the identity:
// beside one they may not stand there.
// All rejections but malformed_command have a field path ("doc.amount", "lines[3].voucher"; lines
// count from 0). None shows anything that stands under `identity`.
struct CommandDefaults {
  Actor actor;
  CommandId id;
  Timestamp time;
};
// One command, or the elements of an array of them, as JSON texts of their own.
Result<std::vector<std::string>, Rejection> split_commands(std::string_view json);
Result<Command, Rejection> decode_command(std::string_view json, const CommandDefaults& defaults);
// The inverse, for programs that prepare commands; writes no identity.
std::string encode_command(const Command& command);

// One document from JSON text, for callers that have no command around it (policy files).
Result<Document, Rejection> decode_document(std::string_view kind, std::string_view json);

}  // namespace fundtrail::chain
