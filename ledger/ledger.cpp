#include "ledger/ledger.h"

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"
#include "ledger/engine/engine.h"
#include "ledger/engine/opening.h"
#include "ledger/engine/state_upgrade.h"
#include "ledger/engine/view.h"

namespace fundtrail {
namespace {

namespace fs = std::filesystem;
using store::RocksStore;

Status make_keys(const fs::path& keys, chain::Suite suite) {
  std::error_code error;
  fs::create_directories(keys, error);
  if (error) return file_error(Doing::make, keys, error.value());
  const auto key = chain::SigningKey::generate(suite);
  if (!key.ok()) return key.error();
  return key->save(keys / kSigningKeyFile);
}

// A key that somebody brings along is taken as it is.
Status make_vault_key(const fs::path& keys, const VaultKeySource& source) {
  std::error_code ignored;
  if (!source.hex.empty() || (!source.file.empty() && fs::exists(source.file, ignored))) {
    return success();
  }
  return Vault::create_key(vault_key_file(keys, source));
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
    return Error{Fault::invalid_argument, in_both(refusal->reason.zh(), refusal->reason.en())};
  }
  return success();
}

// A crash between a commit and its anchor leaves the store ahead. What a receipt or a checkpoint says
// from now on rests on that end, so the anchor has it, durably, before anybody is told.
Status catch_up(Anchor& anchor, const AnchoredHead& head, const fs::path& root) {
  const auto renewed = anchor.renew();
  if (!renewed.ok()) return renewed;
  if (head.size != 0 && anchor.head() != head) {
    const auto written = anchor.write(head);
    if (!written.ok()) return written;
  }
  return sync_directory(root);
}

// The first that changes anything: claims the store and brings the anchor up to it.
Result<std::unique_ptr<Engine>> take_charge(LedgerDirectory directory,
                                            std::shared_ptr<RocksStore> store, Examined examined,
                                            const LedgerFacts& facts, const LedgerOptions& options,
                                            const Machine& machine) {
  const auto epoch = store->claim();
  if (!epoch.ok()) return epoch.error();
  const auto expunged = finish_erasures(*store, *epoch);
  if (!expunged.ok()) return expunged.error();
  // Before room is taken for a second state: attempts that were killed must not add up.
  directory.remove_leftovers();
  const auto upgraded =
      upgrade_state(*store, *epoch, facts, directory, options.making_again, machine.store);
  if (!upgraded.ok()) return upgraded.error();
  auto anchor =
      Anchor::open(directory.anchor(), examined.verifier, examined.signing, machine.anchor);
  if (!anchor.ok()) return anchor.error();
  chain::Hasher hasher(facts.suite);
  const auto caught_up =
      catch_up(*anchor, anchored_head(examined.end, examined.checkpoints, hasher), directory.root());
  if (!caught_up.ok()) return caught_up.error();
  auto live = LiveFiles::hold(directory);
  if (!live.ok()) return live.error();
  return Engine::start(EngineParts{
      std::move(directory), std::move(*anchor), std::make_shared<const LiveFiles>(std::move(*live)), std::move(store), *epoch, std::move(examined.end),
      examined.checkpoints, {facts.id, facts.genesis}, facts.suite, std::move(examined.signing),
      std::move(examined.verifier), std::move(examined.vault), examined.keys, options, machine});
}

// A whole ledger in an empty directory, keys and all, closed again.
Status build(const fs::path& place, const LedgerOpeningRequest& request,
             const VaultKeySource& vault_key) {
  LedgerOptions options;
  options.keys = place / "keys";
  options.vault_key = vault_key;
  const auto made = make_keys(options.keys, request.suite);
  if (!made.ok()) return made;
  const auto made_too = make_vault_key(options.keys, vault_key);
  if (!made_too.ok()) return made_too;
  const auto signing = chain::SigningKey::load(options.keys / kSigningKeyFile);
  if (!signing.ok()) return signing.error();
  const std::string origin = origin_of(request.id);
  const std::string public_key = chain::encode_verifier_key(origin, signing->public_key());
  auto directory = LedgerDirectory::begin(place);
  if (!directory.ok()) return directory.error();
  const auto at = directory->store();
  if (!at.ok()) return at.error();
  auto store = RocksStore::open(*at, RocksStore::Missing::create);
  if (!store.ok()) return store.error();
  LedgerFacts facts{request.id, {}, request.suite, {}};
  facts.opening.public_key = public_key;
  facts.opening.suite = chain::name(request.suite);
  auto examined = examine(*directory, *(*store)->snapshot(), facts, options);
  if (!examined.ok()) return examined.error();
  auto ledger = take_charge(std::move(*directory), std::move(*store), std::move(*examined), facts,
                            options, {});
  if (!ledger.ok()) return ledger.error();
  const auto recorded = record_opening(**ledger, request, public_key);
  if (!recorded.ok()) return recorded;
  const auto described =
      create_file(place / "ledger.json", description(request, origin, public_key));
  if (!described.ok()) return described;
  return sync_directory(place);
}

Result<std::unique_ptr<Ledger>> open_in(LedgerDirectory directory, const LedgerOptions& options,
                                        const Machine& machine) {
  auto looked = look(directory, options, machine.store);
  if (!looked.ok()) return looked.error();
  auto store = open_looked(directory, *looked, machine.store);
  if (!store.ok()) return store.error();
  auto engine = take_charge(std::move(directory), std::move(*store), std::move(looked->examined),
                            looked->facts, options, machine);
  if (!engine.ok()) return engine.error();
  return std::unique_ptr<Ledger>(std::move(*engine));
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::create(const fs::path& root,
                                               const LedgerOpeningRequest& request,
                                               const LedgerOptions& options) {
  if (request.id.empty()) return Error{Fault::invalid_argument, "a ledger needs an id"};
  auto directory = LedgerDirectory::create(root);
  if (!directory.ok()) return directory.error();
  Status made = build(directory->creating(), request, options.vault_key);
  if (made.ok()) made = directory->install(keys_directory(directory->root(), options));
  if (!made.ok()) {
    directory->abandon();
    return made.error();
  }
  return open_in(std::move(*directory), options, {});
}

Ledger::KeyFiles Engine::key_files() const {
  // Where the environment held the vault key, there is no file of it.
  const auto& source = parts_.options.vault_key;
  return {parts_.keys / kSigningKeyFile,
          source.hex.empty() ? vault_key_file(parts_.keys, source) : fs::path()};
}

Result<std::unique_ptr<Ledger>> Ledger::open(const fs::path& root, const LedgerOptions& options) {
  return open_engine(root, options, {});
}

Result<std::unique_ptr<Ledger>> open_engine(const fs::path& root, const LedgerOptions& options,
                                            const Machine& machine) {
  auto directory = LedgerDirectory::open(root);
  if (!directory.ok()) return directory.error();
  return open_in(std::move(*directory), options, machine);
}

}  // namespace fundtrail
