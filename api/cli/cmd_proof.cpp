// fundtrail proof: RFC 9162 proofs that an entry (and one of its lines) is in the tree, or that an
// earlier tree is a prefix of a later one.
#include <memory>

#include "api/cli/command.h"
#include "ledger/chain/digest.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"出具证明：某条记录（及其明细行）在账上，或账只增未改",
                        "prove that an entry (and a line of it) is in the ledger, or that the "
                        "ledger only grew"};
constexpr Message kIndexHelp{"记录编号（从 0 起）", "the entry's index (from 0)"};
constexpr Message kLineHelp{"明细行编号（从 0 起）", "a line of the entry (from 0)"};
constexpr Message kSizeHelp{"以前多少条记录为准（默认全部）", "the tree of the first SIZE entries (default: all)"};
constexpr Message kConsistencyHelp{"证明前 OLD 条记录至今未改", "prove that the first OLD entries are unchanged"};

struct ProofOptions {
  std::optional<std::int64_t> index, line, size, consistency;  // signed: see cmd_entry.cpp
};

bool is_below(std::int64_t number, std::uint64_t end) { return number >= 0 && std::uint64_t(number) < end; }
bool is_within(std::int64_t number, std::uint64_t last) { return number >= 0 && std::uint64_t(number) <= last; }

nlohmann::ordered_json hex_list(const std::vector<chain::Hash>& hashes) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& hash : hashes) list.push_back(chain::to_hex(hash));
  return list;
}

void print_path(const Context& context, const std::vector<chain::Hash>& hashes) {
  for (const auto& hash : hashes) context.print("  " + chain::to_hex(hash));
}

Exit prove_consistency(const Context& context, const View& view, std::int64_t asked,
                       std::uint64_t size) {
  if (!is_within(asked, size)) return context.fail(Exit::refused, CliCode::not_found, say::kNoSize, asked, size);
  const auto old_size = std::uint64_t(asked);
  const auto proof = view.consistency_proof(old_size, size);
  if (!proof) return context.fail(proof.error());
  const auto old_root = view.root_at(old_size), root = view.root_at(size);
  if (!old_root) return context.fail(old_root.error());
  if (!root) return context.fail(root.error());
  context.print(say::kProofConsistency, old_size, chain::to_hex(*old_root), size,
                chain::to_hex(*root));
  print_path(context, *proof);
  context.print_json({{"ledger", view.id().str()},
                      {"suite", chain::name(view.suite())},
                      {"old_size", old_size},
                      {"old_root", chain::to_hex(*old_root)},
                      {"size", size},
                      {"root", chain::to_hex(*root)},
                      {"proof", hex_list(*proof)}});
  return Exit::fine;
}

// Adds the proof of one line to the answer.
Exit prove_line(const Context& context, const View& view, const StoredEntry& stored,
                std::int64_t asked, nlohmann::ordered_json& answer) {
  const auto entry = view.decoded(stored.index);
  if (!entry) return context.fail(entry.error());
  const std::uint64_t count = entry->lines ? entry->lines->count : 0;
  if (!is_below(asked, count)) {
    return context.fail(Exit::refused, CliCode::not_found, say::kNoLine, stored.index, asked, count);
  }
  const auto line = std::uint64_t(asked);
  const auto proof = view.line_proof(stored.index, line);
  if (!proof) return context.fail(proof.error());
  std::string_view block = stored.lines;
  for (std::uint64_t i = 0; i < line; ++i) block.remove_prefix(block.find('\n') + 1);
  const auto text = block.substr(0, block.find('\n'));
  const auto leaf = chain::Hasher(view.suite()).leaf(text);
  context.print(say::kProofLine, line, chain::to_hex(leaf), entry->lines->root);
  print_path(context, *proof);
  answer["line"] = {{"index", line},           {"count", count},
                    {"bytes", text},           {"leaf", chain::to_hex(leaf)},
                    {"root", entry->lines->root}, {"proof", hex_list(*proof)}};
  return Exit::fine;
}

Exit prove_inclusion(const Context& context, const View& view, const ProofOptions& options,
                     std::uint64_t size) {
  if (!is_below(*options.index, size)) {
    return context.fail(Exit::refused, CliCode::not_found, say::kNoEntry, *options.index, size);
  }
  const auto index = std::uint64_t(*options.index);
  const auto stored = view.entry(index);
  if (!stored) return context.fail(stored.error());
  const auto proof = view.inclusion_proof(index, size);
  if (!proof) return context.fail(proof.error());
  const auto root = view.root_at(size);
  if (!root) return context.fail(root.error());
  const auto leaf = chain::Hasher(view.suite()).leaf(stored->bytes);
  context.print(say::kProofInclusion, index, size, chain::to_hex(leaf), chain::to_hex(*root));
  print_path(context, *proof);
  nlohmann::ordered_json answer = {{"ledger", view.id().str()},
                                   {"suite", chain::name(view.suite())},
                                   {"index", index},
                                   {"bytes", stored->bytes},
                                   {"leaf", chain::to_hex(leaf)},
                                   {"size", size},
                                   {"root", chain::to_hex(*root)},
                                   {"proof", hex_list(*proof)}};
  if (options.line) {
    const Exit exit = prove_line(context, view, *stored, *options.line, answer);
    if (exit != Exit::fine) return exit;
  }
  context.print_json(answer);
  return Exit::fine;
}

Exit run(const Context& context, const ProofOptions& options) {
  if (options.index.has_value() == options.consistency.has_value()) {
    return context.fail(Exit::usage, CliCode::usage, say::kUsage, say::kProofWhat.in(context.language));
  }
  Exit exit = Exit::fine;
  const auto ledger = context.open_ledger(exit);
  if (!ledger) return exit;
  const auto view = ledger->view();
  if (options.size && !is_within(*options.size, view->size())) {
    return context.fail(Exit::refused, CliCode::not_found, say::kNoSize, *options.size, view->size());
  }
  const auto size = options.size ? std::uint64_t(*options.size) : view->size();
  return options.consistency ? prove_consistency(context, *view, *options.consistency, size)
                             : prove_inclusion(context, *view, options, size);
}

}  // namespace

void add_proof_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<ProofOptions>();
  auto* command = add_command(app, context, "proof", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("index", options->index, both(kIndexHelp));
  command->add_option("--line", options->line, both(kLineHelp));
  command->add_option("--size", options->size, both(kSizeHelp));
  command->add_option("--consistency", options->consistency, both(kConsistencyHelp));
}

}  // namespace fundtrail::api::cli
