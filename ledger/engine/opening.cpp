#include "ledger/engine/opening.h"

#include <string>
#include <utility>

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"
#include "ledger/engine/tree_reader.h"

namespace fundtrail {
namespace {

Result<chain::Hash> leaf_of(const store::Snapshot& snapshot, chain::Hasher& hasher,
                            std::uint64_t index) {
  const auto bytes = snapshot.get(store::Table::entries, store::key_of(index));
  if (!bytes.ok()) return bytes.error();
  if (!*bytes) {
    return Error{Fault::truncated, "entry " + std::to_string(index) + " is missing in the store"};
  }
  return hasher.leaf(**bytes);
}

// What the anchor's answers say, in both languages; docs/OPERATIONS.md says more.
Error anchor_missing(std::uint64_t size, const AnchoredFiles& files) {
  const std::string anchor = files.anchor.string(), last = std::to_string(size - 1);
  return {Fault::truncated,
          in_both("缺少 " + anchor + "：库中末条是第 " + last +
                      " 号记录，但无法判断其后是否还有已确认的记录。请从同一备份恢复该文件；没有备份时，先用 "
                      "fundtrail verify 并与别处留存的检查点核对，再以 --accept-missing-anchor 接受一次。",
                  anchor + " is missing: the store ends at entry " + last +
                      ", and nobody can tell whether entries behind it were acknowledged. Restore "
                      "the file from the backup that the store is of; without one, run fundtrail "
                      "verify, compare with a checkpoint kept elsewhere, and accept the end once "
                      "with --accept-missing-anchor")};
}

Error store_behind(std::uint64_t anchored, std::uint64_t size, const AnchoredFiles& files) {
  const std::string anchor = files.anchor.string(), store = files.store.string();
  const std::string from = std::to_string(size), to = std::to_string(anchored - 1);
  return {Fault::truncated,
          in_both("第 " + from + " 至 " + to + " 号记录已向用户确认（签名的锚 " + anchor + " 记到 " +
                      std::to_string(anchored) + " 条），但库 " + store + " 只有 " + from +
                      " 条，末尾丢失。程序未作任何修复。请保留现场，用能达到第 " + to +
                      " 号记录的备份整体恢复账套目录；没有这样的备份时，按 docs/OPERATIONS.md“恢复”处理。",
                  "entries " + from + " to " + to + " were acknowledged (the signed anchor " + anchor +
                      " covers " + std::to_string(anchored) + " entries) and are missing in the store " +
                      store + ", which has " + from +
                      ". Nothing was repaired. Keep the directory as it is and restore the ledger from a "
                      "backup that reaches entry " + to +
                      "; where there is none, see \"Restoring\" in docs/OPERATIONS.md")};
}

Error checkpoints_missing(std::uint64_t anchored, std::uint64_t kept, const AnchoredFiles& files) {
  const std::string anchor = files.anchor.string(), store = files.store.string();
  const std::string n = std::to_string(anchored), has = std::to_string(kept);
  return {Fault::truncated,
          in_both("签名的锚 " + anchor + " 记载已出具 " + n + " 个检查点，但库 " + store + " 只存有 " + has +
                      " 个。程序未作任何修复。请保留现场，用备份整体恢复账套目录。",
                  "the signed anchor " + anchor + " says that " + n +
                      " checkpoints were handed out, and the store " + store + " keeps " + has +
                      ". Nothing was repaired. Keep the directory as it is and restore the ledger from "
                      "a backup")};
}

Error contradiction(const std::string& zh, const std::string& en, const AnchoredFiles& files) {
  const std::string anchor = files.anchor.string(), store = files.store.string();
  return {Fault::tampered,
          in_both(zh + "当时确认的内容：库 " + store + " 与签名的锚 " + anchor +
                      " 矛盾。请保留现场，用 fundtrail verify 找出首条不符的记录。",
                  en + " that was acknowledged: the store " + store + " contradicts the signed anchor " +
                      anchor + ". Keep the directory as it is; fundtrail verify names the first bad "
                      "entry")};
}

Error unusable_key(const std::filesystem::path& file, const Error& why) {
  if (why.fault == Fault::not_found) {
    return {why.fault, in_both("没有密钥文件 " + file.string() +
                                   "：请从密钥备份恢复该文件，或用 --keys 指明密钥所在目录。",
                               "there is no key file " + file.string() +
                                   "; restore it from the backup of the keys, or say with --keys where they are")};
  }
  if (chinese_of(why.message) != english_of(why.message)) return why;  // says itself what to do
  if (why.fault == Fault::io) {
    return {why.fault, in_both("密钥文件 " + file.string() + " 读不出：" + chinese_of(why) +
                                   "。请检查它的属主和权限（应属运行本程序的用户，权限 0600）。",
                               english_of(why) + "; look at its owner and mode (it belongs to whoever runs this, mode 0600)")};
  }
  return {why.fault,
          in_both("密钥文件 " + file.string() +
                      " 读不出或已损坏：请从密钥备份恢复该文件，或用 --keys 指明密钥所在目录。",
                  file.string() + ": " + why.message + "; restore it from the backup of the keys, or say "
                  "with --keys where they are")};
}

Error missing_vault_key(const std::filesystem::path& file) {
  return {Fault::unavailable,
          in_both("缺少身份密钥 " + file.string() +
                      "：人员身份不能登记、读取或用于核定年龄，其余照常。请从密钥备份恢复该文件，或用 "
                      "FUNDTRAIL_VAULT_KEY_FILE 指明。",
                  "the vault key " + file.string() +
                      " is missing: identities cannot be registered, read or used to judge ages; all "
                      "else goes on. Restore it from the backup of the keys, or say with "
                      "FUNDTRAIL_VAULT_KEY_FILE where it is")};
}

Result<Vault> open_vault(const std::filesystem::path& keys, const VaultKeySource& source,
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
  const std::filesystem::path file = vault_key_file(keys, source);
  auto vault = Vault::open(file, suite);
  if (vault.ok()) return vault;
  if (vault.error().fault != Fault::not_found) return unusable_key(file, vault.error());
  return Vault::without_key(missing_vault_key(file), suite);
}

// Another key than the one the identities were sealed with would give known people new pseudonyms.
// One sealed record tells.
Status check_vault_key(const Vault& vault, const store::Snapshot& snapshot, const std::filesystem::path& file) {
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

}  // namespace

Result<ChainEnd> read_end(const store::Snapshot& snapshot, chain::Suite suite) {
  const auto bytes = snapshot.get(store::Table::meta, store::kHeadKey);
  if (!bytes.ok()) return bytes.error();
  if (!*bytes) return ChainEnd{};
  auto head = store::Head::decode(**bytes);
  if (!head.ok()) return head.error();
  ChainEnd end{std::move(*head), {}};
  const std::uint64_t size = end.head.size();
  if (size == 0) return end;

  TreeReader tree(snapshot, suite);
  const auto last = leaf_of(snapshot, tree.hasher(), size - 1);
  if (!last.ok()) return last.error();
  if (*last != end.head.last_leaf) {
    const std::string index = std::to_string(size - 1);
    return Error{Fault::tampered,
                 in_both("末条（第 " + index + " 号）记录不是链头所指的那一条；请保留现场，用 fundtrail verify 查找。",
                         "entry " + index + " is not the one that the head names; keep the directory "
                         "as it is and run fundtrail verify")};
  }
  const std::uint64_t tile = size >> store::kTileHeight;
  auto open_tile = tree.open_tile(tile, size);
  if (!open_tile.ok()) return open_tile.error();
  end.open_tile = std::move(*open_tile);
  const auto root = chain::root_from(tree.hasher(), size, tree.source());
  if (!root.ok()) return root.error();
  if (*root != end.head.frontier.root(tree.hasher())) {
    return Error{Fault::tampered,
                 in_both("库中保存的树推不出链头的根；请保留现场，用 fundtrail verify 查找。",
                         "the stored tree does not lead to the root of the head; keep the directory as "
                         "it is and run fundtrail verify")};
  }
  return end;
}

Status check_anchor(const store::Snapshot& snapshot, chain::Suite suite, const ChainEnd& end,
                    const std::optional<AnchoredHead>& anchored, const AnchoredFiles& files) {
  const std::uint64_t size = end.head.size();
  if (!anchored) {
    if (size == 0) return success();
    return anchor_missing(size, files);
  }
  if (anchored->size > size) return store_behind(anchored->size, size, files);
  const auto kept = kept_checkpoints(snapshot);
  if (!kept.ok()) return kept.error();
  if (*kept < anchored->checkpoints) return checkpoints_missing(anchored->checkpoints, *kept, files);
  if (anchored->size == 0) return success();
  TreeReader tree(snapshot, suite);
  const auto leaf = leaf_of(snapshot, tree.hasher(), anchored->size - 1);
  if (!leaf.ok()) return leaf.error();
  if (*leaf != anchored->last_leaf) {
    const std::string last = std::to_string(anchored->size - 1);
    return contradiction("第 " + last + " 号记录不是", "entry " + last + " is not the one", files);
  }
  const auto root = chain::root_from(tree.hasher(), anchored->size, tree.source());
  if (!root.ok()) return root.error();
  if (*root != anchored->root) {
    const std::string n = std::to_string(anchored->size);
    return contradiction("前 " + n + " 条记录不是", "the first " + n + " entries are not those",
                         files);
  }
  return success();
}

AnchoredHead anchored_head(const ChainEnd& end, std::uint64_t checkpoints, chain::Hasher& hasher) {
  return {end.head.size(), end.head.last_leaf, end.head.frontier.root(hasher), checkpoints};
}

Result<std::uint64_t> kept_checkpoints(const store::Snapshot& snapshot) {
  const auto row = snapshot.get(store::Table::meta, store::kCheckpointsKey);
  if (!row.ok()) return row.error();
  if (*row) return store::index_of(**row);
  std::uint64_t counted = 0;
  const auto scanned = snapshot.scan(store::Table::meta, store::kFirstCheckpoint,
                                     store::kBehindCheckpoints, [&](std::string_view, std::string_view) {
                                       ++counted;
                                       return true;
                                     });
  if (!scanned.ok()) return scanned.error();
  return counted;
}

std::filesystem::path keys_directory(const std::filesystem::path& directory, const LedgerOptions& options) {
  return options.keys.empty() ? directory / "keys" : options.keys;
}

std::filesystem::path vault_key_file(const std::filesystem::path& keys, const VaultKeySource& source) {
  return source.file.empty() ? keys / kVaultKeyFile : source.file;
}

// `facts` is what entry 0 says, or will say.
Result<Examined> examine(const LedgerDirectory& directory, const store::Snapshot& snapshot,
                         const LedgerFacts& facts, const LedgerOptions& options) {
  const std::filesystem::path keys = keys_directory(directory.root(), options);
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
    const auto store = directory.store();
    if (!store.ok()) return store.error();
    const auto checked = check_anchor(snapshot, facts.suite, *end, *anchored, {directory.anchor(), *store});
    if (!checked.ok()) return checked.error();
  }
  const auto checkpoints = kept_checkpoints(snapshot);
  if (!checkpoints.ok()) return checkpoints.error();
  return Examined{keys,              std::move(*signing), std::move(*verifier),
                  std::move(*vault), std::move(*end),     *checkpoints};
}

Result<Looked> look(const LedgerDirectory& directory, const LedgerOptions& options,
                    const store::RocksMachine& machine) {
  const auto place = directory.store();
  if (!place.ok()) return place.error();
  const auto store = store::RocksStore::open_read_only(*place, machine);
  if (!store.ok()) return store.error();
  const auto snapshot = (*store)->snapshot();
  auto facts = read_facts(*snapshot);
  if (!facts.ok()) return facts.error();
  auto examined = examine(directory, *snapshot, *facts, options);
  if (!examined.ok()) return examined.error();
  if (options.older_state == LedgerOptions::OlderState::refuse) {
    const auto current = store::need_current_state(*snapshot);
    if (!current.ok()) return current.error();
  }
  return Looked{std::move(*facts), std::move(*examined)};
}

Result<std::shared_ptr<store::RocksStore>> open_looked(const LedgerDirectory& directory,
                                                       const Looked& looked,
                                                       const store::RocksMachine& machine) {
  const auto taken_over = directory.take_over_copy();
  if (!taken_over.ok()) return taken_over.error();
  const auto place = directory.store();
  if (!place.ok()) return place.error();
  auto opened = store::RocksStore::open(*place, store::RocksStore::Missing::refuse, machine);
  if (!opened.ok()) return opened.error();
  std::shared_ptr<store::RocksStore> store(std::move(*opened));
  const auto head = store->get(store::Table::meta, store::kHeadKey);
  if (!head.ok()) return head.error();
  if (*head != looked.examined.end.head.encode()) {
    return Error{Fault::unavailable,
                 in_both("打开期间账套库被另一个程序改动；请查明后再打开。",
                         "another program changed the store while it was opened; find out which, and "
                         "open it again")};
  }
  return store;
}

Status finish_erasures(store::RocksStore& store, store::Epoch epoch) {
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

}  // namespace fundtrail
