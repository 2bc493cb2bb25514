// Proofs from tiles and their open edge, against the naive tree and the RFC's verifying algorithms.
#include "tests/engine/helpers.h"

#include <random>

#include "ledger/chain/canonical.h"
#include "ledger/engine/tree_reader.h"
#include "ledger/store/memory_store.h"

using namespace fundtrail;
using namespace fundtrail::test;

namespace {

// Grows the rows of a tree as the engine does, without the ledger around it: 70,000 leaves reach
// the third storey of stored subtrees.
struct StoredTree {
  store::MemoryStore store;
  chain::Hasher hasher{chain::Suite::sha256_ed25519};
  std::vector<chain::Hash> leaves;
  std::vector<store::Change> rows;

  explicit StoredTree(std::size_t size) {
    chain::Frontier frontier;
    std::string tile;
    for (std::size_t i = 0; i < size; ++i) {
      const std::string bytes = "entry " + std::to_string(i);
      leaves.push_back(hasher.leaf(bytes));
      rows.push_back({store::Table::entries, store::key_of(i), bytes});
      tile += chain::bytes_of(leaves.back());
      frontier.append(hasher, leaves.back(), [&](unsigned level, std::uint64_t index, const auto& h) {
        if (level == 0 || level % 8 != 0) return;
        if (level == 8) rows.push_back({store::Table::tree, store::tile_key(index), std::move(tile)});
        if (level == 8) tile.clear();
        rows.push_back({store::Table::tree, store::subtree_key(level, index),
                        std::string(chain::bytes_of(h))});
      });
    }
    REQUIRE(store.commit({*store.claim(), ""}, "head", rows).outcome == store::Committed::applied);
  }
  chain::Hash naive(std::size_t size) {
    return chain::root_of(hasher, std::span(leaves).subspan(0, size));
  }
};

}  // namespace

TEST_CASE("subtrees and roots read back from tiles equal the naive tree") {
  StoredTree tree(66'000);
  const auto snapshot = tree.store.snapshot();
  TreeReader reader(*snapshot, chain::Suite::sha256_ed25519);
  std::mt19937 random(20080410);
  std::vector<std::size_t> sizes = {0, 1, 2, 255, 256, 257, 511, 512, 65'535, 65'536, 65'537, 66'000};
  for (int i = 0; i < 40; ++i) sizes.push_back(random() % 66'001);
  for (const auto size : sizes) {
    INFO("size " << size);
    const auto root = take(chain::root_from(reader.hasher(), size, reader.source()));
    REQUIRE(root == tree.naive(size));
    if (size == 0) continue;
    const std::size_t index = random() % size, older = random() % (size + 1);
    const auto proof = take(chain::inclusion_proof(reader.hasher(), index, size, reader.source()));
    require_ok(chain::verify_inclusion(tree.hasher, index, size, tree.leaves[index], proof, root));
    const auto grown = take(chain::consistency_proof(reader.hasher(), older, size, reader.source()));
    require_ok(chain::verify_consistency(tree.hasher, older, size, tree.naive(older), root, grown));
  }
}

TEST_CASE("a missing node or entry is an error, not a wrong proof") {
  StoredTree tree(600);
  REQUIRE(tree.store.commit({*tree.store.claim(), "head"}, "head",
                            {{store::Table::tree, store::tile_key(0), std::nullopt},
                             {store::Table::entries, store::key_of(17), std::nullopt},
                             {store::Table::tree, store::subtree_key(8, 1), std::nullopt},
                             {store::Table::tree, store::tile_key(1), "short"}})
              .outcome == store::Committed::applied);
  const auto snapshot = tree.store.snapshot();
  TreeReader reader(*snapshot, chain::Suite::sha256_ed25519);
  REQUIRE(reader.subtree(0, 20).error().fault == Fault::truncated);
  REQUIRE(reader.subtree(8, 1).error().fault == Fault::truncated);
  REQUIRE(reader.subtree(3, 40).error().fault == Fault::unreadable);
  REQUIRE(reader.subtree(0, 10).ok());  // entries 0 to 10 are enough
}

TEST_CASE("a ledger proves every entry at every size") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  std::vector<Command> commands;
  for (int i = 0; i < 520; ++i) commands.push_back(fund_receipt("r" + std::to_string(i)));
  take(ledger->submit(std::move(commands), BatchMode::independent));
  const auto view = ledger->view();
  chain::Hasher hasher(view->suite());
  std::vector<chain::Hash> leaves;
  require_ok(view->scan(0, view->size(), View::Lines::without,
                        [&](std::uint64_t, std::string_view bytes, std::string_view) {
                          leaves.push_back(hasher.leaf(bytes));
                          return true;
                        }));
  for (std::uint64_t size = 1; size <= view->size(); ++size) {
    const auto root = take(view->root_at(size));
    REQUIRE(root == chain::root_of(hasher, std::span(leaves).subspan(0, size)));
    for (const std::uint64_t index : {std::uint64_t{0}, size / 3, size / 2, size - 1}) {
      require_ok(chain::verify_inclusion(hasher, index, size, leaves[index],
                                         take(view->inclusion_proof(index, size)), root));
    }
    require_ok(chain::verify_consistency(hasher, size, view->size(), root, view->root(),
                                         take(view->consistency_proof(size, view->size()))));
  }
  REQUIRE(view->inclusion_proof(0, view->size() + 1).error().fault == Fault::invalid_argument);
  REQUIRE(view->inclusion_proof(5, 5).error().fault == Fault::invalid_argument);
  REQUIRE(view->root_at(view->size() + 1).error().fault == Fault::invalid_argument);
}

TEST_CASE("a line is proven in the root that its entry carries") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  BankStatement statement;
  statement.account = kAccount;
  statement.period = Month::of(kDay);
  for (int i = 0; i < 13; ++i) {
    BankStatementLine line;
    line.amount = Money::of_fen(100);
    line.date = kDay;
    line.reference = *Reference::parse("T" + std::to_string(i));
    statement.lines.push_back(line);
  }
  statement.closing = Money::of_fen(1300);
  const Receipt receipt = record(*ledger, command("statement", Role::preparer, statement));
  const auto view = ledger->view();
  const auto entry = take(view->decoded(receipt.index));
  REQUIRE(entry.lines->count == 13);
  REQUIRE(std::get<BankStatement>(entry.document).lines.size() == 13);
  const auto root = *chain::hash_from_hex(entry.lines->root);
  chain::Hasher hasher(view->suite());
  std::string_view rest;
  const auto stored = take(view->entry(receipt.index));
  rest = stored.lines;
  for (std::uint64_t line = 0; line < 13; ++line) {
    const auto text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(text.size() + 1);
    require_ok(chain::check_canonical(text));
    require_ok(chain::verify_inclusion(hasher, line, 13, hasher.leaf(text),
                                       take(view->line_proof(receipt.index, line)), root));
  }
  REQUIRE(view->line_proof(receipt.index, 13).error().fault == Fault::not_found);
  REQUIRE(view->line_proof(0, 0).error().fault == Fault::not_found);
  REQUIRE(view->line_proof(view->size(), 0).error().fault == Fault::not_found);
}

TEST_CASE("checkpoints are signed once a head and kept") {
  TemporaryDirectory home;
  const auto suite = GENERATE(chain::Suite::sha256_ed25519, chain::Suite::sm3_sm2);
  auto ledger = new_ledger(home.path(), {}, suite);
  const std::string first = take(ledger->checkpoint());
  REQUIRE(take(ledger->checkpoint()) == first);
  record(*ledger, fund_receipt("a"));
  const std::string second = take(ledger->checkpoint());
  const auto view = ledger->view();
  REQUIRE(take(view->checkpoints()) == std::vector<std::string>{first, second});
  const auto note = take(chain::parse_note(second));
  require_ok(chain::verify_note(note, ledger->verifier_key().name, ledger->verifier_key().key));
  const auto checkpoint = take(chain::parse_checkpoint(note.body));
  REQUIRE(checkpoint.origin == "fundtrail/wujin-2008");
  REQUIRE(checkpoint.size == view->size());
  REQUIRE(checkpoint.root == view->root());
  REQUIRE(view->size() == kFirst + 1);  // signing records nothing
}
