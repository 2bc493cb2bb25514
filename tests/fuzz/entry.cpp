// An entry that is canonical and decodes is what its encoding gives back; its lines likewise. The first
// line of the input is the entry, the others are its lines.
#include "ledger/chain/canonical.h"
#include "ledger/chain/document_codec.h"
#include "tests/fuzz/target.h"

using namespace fundtrail;

FUZZ_TARGET(entry) {
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  const std::string_view lines =
      line.size() < bytes.size() ? bytes.substr(line.size() + 1) : std::string_view();
  auto entry = chain::decode_entry(line);
  if (!entry.ok()) return;
  if (chain::check_canonical(line).ok()) {
    std::string again;
    chain::encode_entry(*entry, again);
    fuzz::must(again == line, "a canonical entry that decodes encodes to the same bytes");
  }
  if (!chain::decode_lines(lines, entry->document).ok()) return;
  bool canonical = true;
  for (std::size_t from = 0; from < lines.size();) {
    const std::size_t end = lines.find('\n', from);
    canonical = canonical && chain::check_canonical(lines.substr(from, end - from)).ok();
    from = end + 1;
  }
  if (!canonical) return;
  chain::Hasher hasher(chain::Suite::sha256_ed25519);
  chain::EncodedLines encoded;
  chain::encode_lines(hasher, entry->document, encoded);
  fuzz::must(encoded.block == lines, "canonical lines that decode encode to the same bytes");
}
