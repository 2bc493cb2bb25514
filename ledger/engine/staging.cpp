// stage() and adopt(): a private copy that becomes the ledger in one step, or never was.
#include <utility>

#include "ledger/core/bilingual.h"
#include "ledger/engine/engine.h"
#include "ledger/engine/files.h"
#include "ledger/engine/opening.h"

namespace fundtrail {
namespace fs = std::filesystem;

namespace {

// A copy that is nobody else's to read, as the store itself.
Status copy_for_us(const store::RocksStore& store, const fs::path& to) {
  const auto copied = store.checkpoint(to);
  if (!copied.ok()) return copied;
  std::error_code error;
  fs::permissions(to, fs::perms::owner_all, error);
  return error ? Status(file_error(Doing::protect, to, error.value())) : success();
}

// What cannot be removed now is found when the ledger is opened again.
void remove_ours(const fs::path& directory) { (void)remove_marked(directory); }

}  // namespace

Result<std::unique_ptr<Ledger>> Engine::stage() {
  Result<std::unique_ptr<Ledger>> staged = Error{Fault::unavailable, "the ledger is closing"};
  writer_->run([&] { staged = make_stage(); });
  return staged;
}

Result<std::unique_ptr<Ledger>> Engine::make_stage() {
  if (auto error = refusing()) return *error;
  const auto place = parts_.directory.new_staging();
  if (!place.ok()) return place.error();
  const auto copied = copy_for_us(*parts_.store, *place / "db");
  LedgerOptions options = parts_.options;
  options.keys = parts_.keys;
  options.accept_missing_anchor = true;  // the copy was made from what is anchored
  auto ledger = copied.ok() ? open_engine(*place, options, parts_.machine)
                            : Result<std::unique_ptr<Ledger>>(copied.error());
  if (!ledger.ok()) {
    remove_ours(*place);
    return ledger.error();
  }
  static_cast<Engine&>(**ledger).staged_from_ = parts_.end.head;
  return ledger;
}

void Engine::remove_staging() {
  {
    const std::lock_guard lock(store_mutex_);
    if (parts_.store) parts_.store->when_closed(remove_ours);
    state_.reset();
    parts_.store.reset();
  }
  remove_ours(parts_.directory.root());
}

Status Engine::adopt(std::unique_ptr<Ledger> staged) {
  auto* copy = dynamic_cast<Engine*>(staged.get());
  if (copy == nullptr || !copy->staged_from_ ||
      copy->parts_.directory.root().parent_path() != parts_.directory.root()) {
    return Error{Fault::invalid_argument, "this is not a staged copy of the ledger"};
  }
  if (auto error = copy->refusing()) return *error;
  Status adopted = Error{Fault::unavailable, "the ledger is closing"};
  writer_->run([&] { adopted = take_over(*copy); });
  return adopted;
}

Status Engine::close() {
  writer_->stop();
  const std::lock_guard lock(store_mutex_);
  if (parts_.store.use_count() != 1) {
    return Error{Fault::invalid_argument, "somebody still reads the staged copy"};
  }
  state_.reset();
  parts_.store.reset();
  return success();
}

namespace {

// Checkpoints that were signed while the copy was filled are part of what was promised. How many there
// are then.
Result<std::uint64_t> carry_checkpoints(const store::Store& from, store::Store& to, store::Epoch epoch) {
  std::vector<store::Change> missing;
  const auto old_view = from.snapshot();
  std::optional<Error> fault;
  const auto scanned =
      old_view->scan(store::Table::meta, store::kFirstCheckpoint, store::kBehindCheckpoints,
                     [&](std::string_view key, std::string_view note) {
                       const auto there = to.get(store::Table::meta, key);
                       if (!there.ok()) fault = there.error();
                       else if (!*there) missing.push_back({store::Table::meta, std::string(key),
                                                            std::string(note)});
                       return !fault;
                     });
  if (!scanned.ok()) return scanned.error();
  if (fault) return *fault;
  const auto there = kept_checkpoints(*to.snapshot());
  if (!there.ok() || missing.empty()) return there;
  const std::uint64_t kept = *there + missing.size();
  missing.push_back({store::Table::meta, std::string(store::kCheckpointsKey), store::key_of(kept)});
  const auto head = to.get(store::Table::meta, store::kHeadKey);
  if (!head.ok()) return head.error();
  const std::string bytes = head->value_or(std::string());
  const auto result = to.commit({epoch, bytes}, bytes, missing);
  if (result.outcome != store::Committed::applied) return Error{Fault::io, result.message};
  return kept;
}

}  // namespace

Status Engine::take_over(Engine& staged) {
  if (auto error = refusing()) return *error;
  if (staged.staged_from_->encode() != parts_.end.head.encode()) {
    return Error{Fault::unavailable,
                 in_both("导入期间账套中另有新记录，本次导入未入账；请重新导入。",
                         "something was recorded in the ledger since the copy was made; begin again")};
  }
  const auto closed_store = staged.parts_.directory.store();
  if (!closed_store.ok()) return closed_store.error();
  const auto closed = staged.close();
  if (!closed.ok()) return closed;
  const auto place = parts_.directory.bring_in(*closed_store);
  if (!place.ok()) return place.error();
  const auto replaced = replace_store(*place);
  // Unless it may have become the current one.
  if (!replaced.ok() && !refusing()) remove_ours(*place);
  return replaced;
}

Status Engine::replace_store(const fs::path& place) {
  auto opened = store::RocksStore::open(place, store::RocksStore::Missing::refuse,
                                        parts_.machine.store);
  if (!opened.ok()) return opened.error();
  std::shared_ptr<store::RocksStore> store(std::move(*opened));
  auto end = read_end(*store->snapshot(), parts_.suite);
  if (!end.ok()) return end.error();
  const auto epoch = store->claim();
  if (!epoch.ok()) return epoch.error();
  const auto carried = carry_checkpoints(*parts_.store, *store, *epoch);
  if (!carried.ok()) return carried.error();

  // From here on the new store may be the current one after a crash; the anchor, still at the head
  // that both have in common, follows it and never goes ahead.
  {
    const std::lock_guard lock(store_mutex_);
    const auto current = parts_.directory.make_current(place);
    if (!current.ok()) return poison(current.error().message);
    const auto anchored = parts_.anchor.write(anchored_head(*end, *carried, hasher_));
    if (!anchored.ok()) return poison(anchored.error().message);
    auto live = LiveFiles::hold(parts_.directory);
    if (!live.ok()) return poison(live.error().message);
    parts_.live = std::make_shared<const LiveFiles>(std::move(*live));
    parts_.store->when_closed(remove_ours);
    state_.reset();
    parts_.store = std::move(store);
  }
  parts_.epoch = *epoch;
  parts_.checkpoints = *carried;
  parts_.end = std::move(*end);
  reset_state();
  count_opened();
  return success();
}

}  // namespace fundtrail
