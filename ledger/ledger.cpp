#include "ledger/ledger.h"

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "ledger/core/bilingual.h"
#include "ledger/engine/engine.h"
#include "ledger/engine/opening.h"
#include "ledger/engine/view.h"

namespace fundtrail {
namespace {

namespace fs = std::filesystem;
using store::RocksStore;

fs::path keys_directory(const fs::path& directory, const LedgerOptions& options) {
  return options.keys.empty() ? directory / "keys" : options.keys;
}

Status make_keys(const fs::path& keys, chain::Suite suite) {
  std::error_code error;
  fs::create_directories(keys, error);
  if (error) return Error{Fault::io, "cannot make " + keys.string() + ": " + error.message()};
  const auto key = chain::SigningKey::generate(suite);
  if (!key.ok()) return key.error();
  return key->save(keys / kSigningKeyFile);
}

fs::path vault_key_file(const fs::path& keys, const VaultKeySource& source) {
  return source.file.empty() ? keys / kVaultKeyFile : source.file;
}

// A key that somebody brings along is taken as it is.
Status make_vault_key(const fs::path& keys, const VaultKeySource& source) {
  std::error_code ignored;
  if (!source.hex.empty() || (!source.file.empty() && fs::exists(source.file, ignored))) {
    return success();
  }
  return Vault::create_key(vault_key_file(keys, source));
}

Error unusable_key(const fs::path& file, const Error& why) {
  return {why.fault,
          in_both("密钥文件 " + file.string() +
                      " 读不出或已损坏：请从密钥备份恢复该文件，或用 --keys 指明密钥所在目录。",
                  file.string() + ": " + why.message + "; restore it from the backup of the keys, or say "
                  "with --keys where they are")};
}

Error missing_vault_key(const fs::path& file) {
  return {Fault::unavailable,
          in_both("缺少身份密钥 " + file.string() +
                      "：人员身份不能登记、读取或用于核定年龄，其余照常。请从密钥备份恢复该文件，或用 "
                      "FUNDTRAIL_VAULT_KEY_FILE 指明。",
                  "the vault key " + file.string() +
                      " is missing: identities cannot be registered, read or used to judge ages; all "
                      "else goes on. Restore it from the backup of the keys, or say with "
                      "FUNDTRAIL_VAULT_KEY_FILE where it is")};
}

Result<Vault> open_vault(const fs::path& keys, const VaultKeySource& source,
                         const std::string& suite) {
  if (!source.hex.empty()) {
    const auto bytes = chain::from_hex(source.hex);
    auto vault = bytes ? Vault::of_key(*bytes, suite)
                       : Result<Vault>(Error{Fault::unreadable, "this is not a vault key"});
    if (vault.ok()) return vault;
    return Error{vault.error().fault,
                 in_both("环境变量 FUNDTRAIL_VAULT_KEY 不是身份密钥（密钥文件各字节的十六进制）。",
                         "FUNDTRAIL_VAULT_KEY is not a vault key (the bytes of a key file in "
                         "hexadecimal)")};
  }
  const fs::path file = vault_key_file(keys, source);
  auto vault = Vault::open(file, suite);
  if (vault.ok()) return vault;
  if (vault.error().fault != Fault::not_found) return unusable_key(file, vault.error());
  return Vault::without_key(missing_vault_key(file), suite);
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

// Another key than the one the identities were sealed with would give known people new pseudonyms.
// One sealed record tells.
Status check_vault_key(const Vault& vault, const store::Snapshot& snapshot, const fs::path& file) {
  Status checked = success();
  if (vault.locked()) return checked;
  const auto scanned = snapshot.scan(
      store::Table::vault, "", "", [&](std::string_view key, std::string_view record) {
        const auto person = Pseudonym::parse(key);
        if (!person) {
          checked = Error{Fault::unreadable, "a key in the vault is no pseudonym"};
        } else if (!vault.unseal(*person, record).ok()) {
          checked = Error{
              Fault::invalid_argument,
              in_both("身份密钥 " + file.string() +
                          " 不是封存本账套人员身份所用的密钥（或已损坏）：请从密钥备份恢复该文件。",
                      "the vault key " + file.string() +
                          " is not the one that the identities of this ledger were sealed with, or it "
                          "is damaged: restore it from the backup of the keys")};
        }
        return false;
      });
  return scanned.ok() ? checked : scanned;
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

// Erased identities go from the files as well: an erasure may have been interrupted there, or a view
// have held on to them.
Status finish_erasures(RocksStore& store, store::Epoch epoch) {
  const auto mark = store.get(store::Table::meta, store::kExpungeKey);
  if (!mark.ok()) return mark.error();
  if (!*mark) return success();
  const auto expunged = store.expunge(store::Table::vault);
  if (!expunged.ok()) return expunged;
  const auto head = store.get(store::Table::meta, store::kHeadKey);
  if (!head.ok()) return head.error();
  const std::string bytes = head->value_or(std::string());
  const auto result = store.commit(
      {epoch, bytes}, bytes,
      {{store::Table::meta, std::string(store::kExpungeKey), std::nullopt}});
  if (result.outcome != store::Committed::applied) return Error{Fault::io, result.message};
  return success();
}

// What can be checked without changing anything, and what that has read.
struct Examined {
  fs::path keys;
  chain::SigningKey signing;
  chain::VerifierKey verifier;
  Vault vault;
  ChainEnd end;
  std::uint64_t checkpoints;
};

// `facts` is what entry 0 says, or will say.
Result<Examined> examine(const LedgerDirectory& directory, const store::Snapshot& snapshot,
                         const LedgerFacts& facts, const LedgerOptions& options) {
  const fs::path keys = keys_directory(directory.root(), options);
  auto signing = chain::SigningKey::load(keys / kSigningKeyFile);
  if (!signing.ok()) return unusable_key(keys / kSigningKeyFile, signing.error());
  auto verifier = chain::decode_verifier_key(facts.opening.public_key);
  if (!verifier.ok()) return verifier.error();
  if (signing->public_key().to_spki() != verifier->key.to_spki()) {
    return Error{Fault::invalid_argument,
                 in_both("签名密钥 " + (keys / kSigningKeyFile).string() +
                             " 不是本账套的密钥：请从密钥备份恢复该文件。",
                         "the signing key " + (keys / kSigningKeyFile).string() +
                             " is not the key of this ledger: restore it from the backup of the keys")};
  }
  auto vault = open_vault(keys, options.vault_key, facts.opening.suite);
  if (!vault.ok()) return vault.error();
  const auto own_key = check_vault_key(*vault, snapshot, vault_key_file(keys, options.vault_key));
  if (!own_key.ok()) return own_key.error();
  auto end = read_end(snapshot, facts.suite);
  if (!end.ok()) return end.error();
  const auto anchored = read_anchor(directory.anchor(), *verifier);
  if (!anchored.ok()) return anchored.error();
  if (*anchored || !options.accept_missing_anchor) {
    const auto checked = check_anchor(snapshot, facts.suite, *end, *anchored,
                                      {directory.anchor(), directory.store()});
    if (!checked.ok()) return checked.error();
  }
  const auto checkpoints = kept_checkpoints(snapshot);
  if (!checkpoints.ok()) return checkpoints.error();
  return Examined{keys,              std::move(*signing), std::move(*verifier),
                  std::move(*vault), std::move(*end),     *checkpoints};
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
  auto anchor =
      Anchor::open(directory.anchor(), examined.verifier, examined.signing, machine.anchor);
  if (!anchor.ok()) return anchor.error();
  chain::Hasher hasher(facts.suite);
  const auto caught_up =
      catch_up(*anchor, anchored_head(examined.end, examined.checkpoints, hasher), directory.root());
  if (!caught_up.ok()) return caught_up.error();
  directory.remove_leftovers();
  return Engine::start(EngineParts{
      std::move(directory), std::move(*anchor), std::move(store), *epoch, std::move(examined.end),
      examined.checkpoints, facts.id, facts.suite, std::move(examined.signing),
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
  auto store = RocksStore::open(directory->store(), RocksStore::Missing::create);
  if (!store.ok()) return store.error();
  LedgerFacts facts{request.id, {}, request.suite};
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

struct Looked {
  LedgerFacts facts;
  Examined examined;
};

// Everything that opening checks, on the store as it lies: a store that is refused is evidence, and
// opening it for writing would already renew files of it.
Result<Looked> look(const LedgerDirectory& directory, const LedgerOptions& options,
                    const Machine& machine) {
  const auto store = RocksStore::open_read_only(directory.store(), machine.store);
  if (!store.ok()) return store.error();
  const auto snapshot = (*store)->snapshot();
  auto facts = read_facts(*snapshot);
  if (!facts.ok()) return facts.error();
  auto examined = examine(directory, *snapshot, *facts, options);
  if (!examined.ok()) return examined.error();
  return Looked{std::move(*facts), std::move(*examined)};
}

Result<std::unique_ptr<Ledger>> open_in(LedgerDirectory directory, const LedgerOptions& options,
                                        const Machine& machine) {
  auto looked = look(directory, options, machine);
  if (!looked.ok()) return looked.error();
  const auto taken_over = directory.take_over_copy();
  if (!taken_over.ok()) return taken_over.error();
  auto opened =
      RocksStore::open(directory.store(), RocksStore::Missing::refuse, machine.store);
  if (!opened.ok()) return opened.error();
  std::shared_ptr<RocksStore> store(std::move(*opened));
  const auto head = store->get(store::Table::meta, store::kHeadKey);
  if (!head.ok()) return head.error();
  if (*head != looked->examined.end.head.encode()) {
    return Error{Fault::unavailable,
                 in_both("打开期间账套库被另一个程序改动；请查明后再打开。",
                         "another program changed the store while it was opened; find out which, and "
                         "open it again")};
  }
  auto engine = take_charge(std::move(directory), std::move(store), std::move(looked->examined),
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
