#include "ledger/ledger.h"

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "ledger/engine/engine.h"
#include "ledger/engine/opening.h"
#include "ledger/engine/view.h"

namespace fundtrail {
namespace {

namespace fs = std::filesystem;
using store::RocksStore;

constexpr const char* kSigningKey = "signing.pem";
constexpr const char* kVaultKey = "vault.key";

fs::path keys_directory(const fs::path& directory, const LedgerOptions& options) {
  return options.keys.empty() ? directory / "keys" : options.keys;
}

// Undoes a creation that failed, so that it can be tried again: removes what was not there before.
class Remains {
 public:
  explicit Remains(fs::path root) : root_(std::move(root)), root_is_new_(!fs::exists(root_)) {}
  void add(fs::path path) { made_.push_back(std::move(path)); }
  void keep() { keep_ = true; }
  ~Remains() {
    if (keep_) return;
    std::error_code ignored;
    for (const auto& path : made_) fs::remove_all(path, ignored);
    if (root_is_new_) fs::remove_all(root_, ignored);
  }

 private:
  fs::path root_;
  bool root_is_new_;
  bool keep_ = false;
  std::vector<fs::path> made_;
};

Status make_keys(const fs::path& keys, chain::Suite suite, Remains& remains) {
  std::error_code error;
  const bool fresh = fs::create_directories(keys, error);
  if (error) return Error{Fault::io, "cannot make " + keys.string() + ": " + error.message()};
  if (fresh) {
    fs::permissions(keys, fs::perms::owner_all, error);
    remains.add(keys);
  }
  const auto key = chain::SigningKey::generate(suite);
  if (!key.ok()) return key.error();
  const auto saved = key->save(keys / kSigningKey);
  if (!saved.ok()) return saved;
  remains.add(keys / kSigningKey);
  const auto vault = Vault::create_key(keys / kVaultKey);
  if (!vault.ok()) return vault;
  remains.add(keys / kVaultKey);
  return success();
}

// For people who come across the directory; nothing reads it back.
std::string description(const LedgerOpeningRequest& request, const std::string& origin,
                        const std::string& verifier_key) {
  const nlohmann::ordered_json json = {
      {"ledger", request.id.str()},      {"name", request.name.str()},
      {"suite", chain::name(request.suite)}, {"origin", origin},
      {"public_key", verifier_key},      {"created", request.time.str()}};
  return json.dump(2) + "\n";
}

std::string origin_of(const LedgerId& id) { return "fundtrail/" + id.str(); }

Command opening_command(const LedgerOpeningRequest& request, const std::string& public_key) {
  Command command;
  command.actor = request.actor;
  command.id = *CommandId::parse("ledger-opening");
  command.date = request.date;
  command.time = request.time;
  LedgerOpening opening;
  opening.account_mode = request.account_mode;
  opening.book = request.book;
  opening.name = request.name;
  opening.public_key = public_key;
  opening.region = request.region;
  opening.suite = chain::name(request.suite);
  command.document = std::move(opening);
  return command;
}

Status record_opening(Ledger& ledger, const LedgerOpeningRequest& request,
                      const std::string& public_key) {
  std::vector<Command> commands;
  commands.push_back(opening_command(request, public_key));
  const auto answers = ledger.submit(std::move(commands), BatchMode::atomic);
  if (!answers.ok()) return answers.error();
  if (const auto* refusal = std::get_if<Refusal>(&answers->front())) {
    return Error{Fault::invalid_argument, refusal->reason.en()};
  }
  return success();
}

// The parts of a ledger whose directory is locked. `facts` is what entry 0 says, or will say.
Result<EngineParts> gather(LedgerDirectory directory, std::shared_ptr<RocksStore> store,
                           const LedgerFacts& facts, const LedgerOptions& options) {
  const fs::path keys = keys_directory(directory.root(), options);
  auto signing = chain::SigningKey::load(keys / kSigningKey);
  if (!signing.ok()) return signing.error();
  auto verifier = chain::decode_verifier_key(facts.opening.public_key);
  if (!verifier.ok()) return verifier.error();
  if (signing->public_key().to_spki() != verifier->key.to_spki()) {
    return Error{Fault::invalid_argument,
                 "the signing key in " + keys.string() + " is not the key of this ledger"};
  }
  auto vault = Vault::open(keys / kVaultKey, facts.opening.suite);
  if (!vault.ok()) return vault.error();
  auto anchor = Anchor::open(directory.anchor());
  if (!anchor.ok()) return anchor.error();
  auto snapshot = store->snapshot();
  auto end = read_end(*snapshot, facts.suite);
  if (!end.ok()) return end.error();
  if (!anchor->head() && options.accept_missing_anchor) {
    chain::Hasher hasher(facts.suite);
    const auto written = anchor->write(anchored_head(*end, hasher));
    if (!written.ok()) return written.error();
    const auto synced = sync_directory(directory.root());
    if (!synced.ok()) return synced.error();
  }
  const auto checked = check_anchor(*snapshot, facts.suite, *end, anchor->head());
  if (!checked.ok()) return checked.error();
  snapshot.reset();
  return EngineParts{std::move(directory), std::move(*anchor), std::move(store),
                     std::move(*end),      facts.id,           facts.suite,
                     std::move(*signing),  std::move(*verifier), std::move(*vault),
                     keys,                 options};
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::create(const fs::path& root,
                                               const LedgerOpeningRequest& request,
                                               const LedgerOptions& options) {
  if (request.id.empty()) return Error{Fault::invalid_argument, "a ledger needs an id"};
  Remains remains(root);
  auto directory = LedgerDirectory::create(root);
  if (!directory.ok()) {
    remains.keep();
    return directory.error();
  }
  for (const char* name : {"db", "db.1", "ANCHOR", "LOCK"}) remains.add(root / name);
  const fs::path keys = keys_directory(root, options);
  const auto made = make_keys(keys, request.suite, remains);
  if (!made.ok()) return made.error();
  const auto signing = chain::SigningKey::load(keys / kSigningKey);
  if (!signing.ok()) return signing.error();
  const std::string origin = origin_of(request.id);
  const std::string public_key = chain::encode_verifier_key(origin, signing->public_key());

  auto store = RocksStore::open(directory->store(), RocksStore::Missing::create);
  if (!store.ok()) return store.error();
  LedgerFacts facts{request.id, {}, request.suite};
  facts.opening.public_key = public_key;
  facts.opening.suite = chain::name(request.suite);
  auto parts = gather(std::move(*directory), std::move(*store), facts, options);
  if (!parts.ok()) return parts.error();
  std::unique_ptr<Ledger> ledger = std::make_unique<Engine>(std::move(*parts));
  const auto recorded = record_opening(*ledger, request, public_key);
  if (!recorded.ok()) return recorded.error();
  const auto described =
      create_file(root / "ledger.json", description(request, origin, public_key));
  if (!described.ok()) return described.error();
  const auto synced = sync_directory(root);
  if (!synced.ok()) return synced.error();
  remains.keep();
  return ledger;
}

Result<std::unique_ptr<Ledger>> Ledger::open(const fs::path& root, const LedgerOptions& options) {
  auto directory = LedgerDirectory::open(root);
  if (!directory.ok()) return directory.error();
  auto opened = RocksStore::open(directory->store(), RocksStore::Missing::refuse);
  if (!opened.ok()) return opened.error();
  std::shared_ptr<RocksStore> store(std::move(*opened));
  const auto facts = read_facts(*store->snapshot());
  if (!facts.ok()) return facts.error();
  auto parts = gather(std::move(*directory), std::move(store), *facts, options);
  if (!parts.ok()) return parts.error();
  return std::unique_ptr<Ledger>(std::make_unique<Engine>(std::move(*parts)));
}

}  // namespace fundtrail
