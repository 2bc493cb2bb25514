#include "ledger/engine/opening.h"

#include <string>

#include "ledger/core/bilingual.h"
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

}  // namespace fundtrail
