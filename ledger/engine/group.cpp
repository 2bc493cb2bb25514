#include "ledger/engine/group.h"

#include <algorithm>
#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

#include "ledger/core/bilingual.h"
#include "ledger/engine/ages.h"
#include "ledger/engine/restoration.h"
#include "ledger/engine/signing.h"
#include "ledger/rules/decide.h"

namespace fundtrail {
namespace {

using store::Table;

// What an entry takes beside its document: room to reserve, not a limit.
constexpr std::size_t kHeaderBytes = 640, kPostingBytes = 192;

Refusal refusal(const Command& command, Rejection reason) {
  return {command.id, std::move(reason), {}};
}

// Takes the refused lines out of the document and out of its encoded lines. The document itself is
// encoded without lines, so it stays as it is.
void leave_out(chain::Hasher& hasher, const std::vector<Rejection>& refused,
               Prepared& prepared) {
  if (refused.empty()) return;
  chain::EncodedLines& encoded = prepared.lines;
  std::vector<bool> out(encoded.leaves.size(), false);
  for (const auto& rejection : refused) {
    FT_CHECK(rejection.line && *rejection.line < out.size());
    out[*rejection.line] = true;
  }
  chain::EncodedLines kept;
  std::string_view rest = encoded.block;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto line = rest.substr(0, rest.find('\n') + 1);
    rest.remove_prefix(line.size());
    if (out[i]) continue;
    kept.block += line;
    kept.leaves.push_back(encoded.leaves[i]);
  }
  std::visit(
      [&](auto& d) {
        if constexpr (HasLines<std::decay_t<decltype(d)>>) {
          std::size_t i = 0;
          std::erase_if(d.lines, [&](const auto&) { return out[i++]; });
          FT_CHECK(d.lines.size() == kept.leaves.size() && !d.lines.empty());
        }
      },
      prepared.command.document);
  encoded = std::move(kept);
  prepared.summary = encoded.summary(hasher);
}

bool equal(const Identity& a, const Identity& b) {
  return a.address == b.address && a.id_number == b.id_number && a.name == b.name &&
         a.phone == b.phone;
}

// Nothing of a batch that is refused is recorded: what was to be an entry of it is named by its command.
void name_by_command(Rejection& reason, std::uint64_t first, const std::vector<Answer>& batch) {
  if (!info(reason.reason).detail_is_entry) return;
  for (const auto& answer : batch) {
    const auto& receipt = std::get<Receipt>(answer);
    if (receipt.index < first || std::to_string(receipt.index) != reason.detail) continue;
    reason.batch_command = receipt.command;
    return;
  }
}

}  // namespace

Error current_fault() {
  try {
    throw;
  } catch (const rules::StateUnreadable& unreadable) {
    return unreadable.error;
  } catch (const std::bad_alloc&) {
    return {Fault::unavailable, in_both("内存不足；本次内容未入账。",
                                        "out of memory; nothing of this was recorded")};
  } catch (const std::overflow_error&) {
    return {Fault::invalid_argument,
            in_both("金额超出可计算的范围。", "an amount is beyond what can be counted")};
  } catch (const std::exception& e) {
    return {Fault::io, std::string("unexpected: ") + e.what()};
  } catch (...) {
    return {Fault::io, "unexpected: an exception of an unknown type"};
  }
}

Result<std::vector<Answer>> Group::run(std::vector<Prepared>& commands, BatchMode mode) {
  if (mode == BatchMode::atomic && commands.size() > 1) return run_atomic(commands);
  std::vector<Answer> answers;
  answers.reserve(commands.size());
  for (auto& command : commands) {
    auto answer = record(command, overlay_);
    if (!answer.ok()) return answer.error();
    answers.push_back(std::move(*answer));
  }
  return answers;
}

Result<std::vector<Answer>> Group::run_atomic(std::vector<Prepared>& commands) {
  const ChainEnd end = end_;
  const std::size_t changes = changes_.size(), ids = order_.size();
  const std::size_t sealed = sealed_before_.size();
  const bool erased = erases_;
  rules::Overlay state(overlay_);
  const auto undo = [&] {
    end_ = end;
    changes_.resize(changes);
    for (std::size_t i = ids; i < order_.size(); ++i) recorded_.erase(order_[i]);
    order_.resize(ids);
    for (; sealed_before_.size() > sealed; sealed_before_.pop_back()) {
      auto& [pseudonym, before] = sealed_before_.back();
      if (before) {
        sealed_.insert_or_assign(pseudonym, std::move(*before));
      } else {
        sealed_.erase(pseudonym);
      }
    }
    changing_ = false;
    erases_ = erased;
  };
  bool merging = false;  // once it has begun, nothing can be undone; before, everything can
  try {
    std::vector<Answer> answers;
    for (auto& command : commands) {
      auto answer = record(command, state);
      if (!answer.ok()) {
        undo();
        return answer.error();
      }
      if (auto* refused = std::get_if<Refusal>(&*answer)) {
        name_by_command(refused->reason, end.head.size(), answers);
        undo();
        return std::vector<Answer>(commands.size(), *answer);
      }
      answers.push_back(std::move(*answer));
    }
    changing_ = merging = true;
    state.merge_into(overlay_);
    changing_ = false;
    return answers;
  } catch (...) {
    if (!merging) undo();
    throw;
  }
}

Result<Answer> Group::record(Prepared& prepared, rules::Overlay& state) {
  Command& command = prepared.command;
  if (prepared.fault) return *prepared.fault;
  if (prepared.document.empty()) return Answer(refusal(command, std::move(*prepared.refused)));
  if (command.time.unix_seconds() < end_.head.last_time) {
    command.time = Timestamp(end_.head.last_time, command.time.offset_minutes());
  }
  const auto recorded = find_recorded(command.id);
  if (!recorded.ok()) return recorded.error();
  if (*recorded) return repeated_or_reused(prepared, **recorded, state);
  if (prepared.refused) return Answer(refusal(command, std::move(*prepared.refused)));

  // People who were registered while this command waited.
  const auto found = find_births(
      setting_.vault, [&](const Pseudonym& person) { return sealed_of(person); }, command);
  if (!found.ok()) return found.error();
  // Keys that were registered meanwhile.
  check_signatures_fit(state, setting_.ledger, prepared.content, command);
  auto decision = rules::decide(state, command);
  if (auto* refused = std::get_if<rules::Refused>(&decision)) {
    return Answer(Refusal{command.id, std::move(refused->reason),
                          std::move(refused->refused_lines)});
  }
  auto& accepted = std::get<rules::Accepted>(decision);
  if (const auto* restoration = std::get_if<LedgerRestoration>(&command.document)) {
    auto wrong = contradiction(*restoration, end_.head, as_of_now(state), setting_.hasher);
    if (!wrong.ok()) return wrong.error();
    if (*wrong) return Answer(refusal(command, std::move(**wrong)));
  }
  leave_out(setting_.hasher, accepted.refused_lines, prepared);
  changing_ = true;
  if (prepared.sealed) {
    const auto& person = std::get<BeneficiaryRegistration>(command.document).beneficiary;
    change_sealed(person, std::move(prepared.sealed));
  }
  if (const auto* erasure = std::get_if<PersonErasure>(&command.document)) {
    change_sealed(erasure->beneficiary, std::nullopt);
    changes_.push_back({Table::meta, std::string(store::kExpungeKey), "1"});
    erases_ = true;
  }
  Receipt receipt = append(prepared, std::move(accepted), state);
  changing_ = false;
  return Answer(std::move(receipt));
}

Stored Group::as_of_now(const rules::Overlay& state) const {
  return [this, &state](Table table, std::string_view key) -> Result<std::optional<std::string>> {
    if (table == Table::state) {
      const std::string* row = state.find(key);
      return row ? std::optional(*row) : std::nullopt;
    }
    const auto change = std::find_if(changes_.rbegin(), changes_.rend(), [&](const store::Change& c) {
      return c.table == table && c.key == key;
    });
    if (change != changes_.rend()) return change->value;
    return setting_.stored(table, key);
  };
}

Result<std::optional<Group::Recorded>> Group::find_recorded(const CommandId& id) const {
  if (const auto it = recorded_.find(id.str()); it != recorded_.end()) {
    return std::optional<Recorded>(it->second);
  }
  const auto row = setting_.stored(Table::commands, id.str());
  if (!row.ok()) return row.error();
  if (!*row) return std::optional<Recorded>();
  const auto command = decode_recorded(**row);
  if (!command.ok()) return command.error();
  const auto bytes = setting_.stored(Table::entries, store::key_of(command->index));
  if (!bytes.ok()) return bytes.error();
  if (!*bytes) {
    return Error{Fault::truncated,
                 "entry " + std::to_string(command->index) + " is missing in the store"};
  }
  const auto entry = chain::decode_entry(**bytes);
  if (!entry.ok()) return entry.error();
  return std::optional<Recorded>(Recorded{*command, setting_.hasher.leaf(**bytes), entry->time});
}

void Group::change_sealed(const Pseudonym& person, std::optional<std::string> record) {
  const std::string pseudonym = person.str();
  const auto known = sealed_.find(pseudonym);
  sealed_before_.emplace_back(pseudonym,
                              known != sealed_.end() ? std::optional(known->second) : std::nullopt);
  changes_.push_back({Table::vault, pseudonym, record});
  sealed_.insert_or_assign(pseudonym, std::move(record));
}

Result<std::optional<std::string>> Group::sealed_of(const Pseudonym& person) const {
  const std::string pseudonym = person.str();
  const auto it = sealed_.find(pseudonym);
  if (it != sealed_.end()) return it->second;
  return setting_.stored(Table::vault, pseudonym);
}

Result<bool> Group::same_identity(const Command& command) const {
  const auto* registration = std::get_if<BeneficiaryRegistration>(&command.document);
  if (registration == nullptr) return true;
  const auto record = sealed_of(registration->beneficiary);
  if (!record.ok()) return record.error();
  if (!*record) return true;
  const auto identity = setting_.vault.unseal(registration->beneficiary, **record);
  if (!identity.ok()) return identity.error();
  return equal(*identity, *command.identity);
}

Result<Answer> Group::repeated_or_reused(const Prepared& prepared, const Recorded& recorded,
                                         const rules::Overlay& state) {
  const Command& command = prepared.command;
  bool same = recorded.command.content == prepared.content;
  if (same) {
    const auto identity = same_identity(command);
    if (!identity.ok()) return identity.error();
    same = *identity;
  }
  if (same) {
    // The first time it may have been interrupted behind the commit.
    if (std::holds_alternative<PersonErasure>(command.document)) erases_ = true;
    return Answer(Receipt{command.id, recorded.command.index, recorded.leaf, recorded.time, true,
                          recorded.command.refused_lines});
  }
  if (prepared.refused) return Answer(refusal(command, *prepared.refused));
  const Rejection reused{Reason::command_id_reused, "id", command.id.str(),
                         std::to_string(recorded.command.index)};
  // A reason that stands before this one by precedence is given instead.
  const auto decision = rules::decide(state, command);
  if (const auto* refused = std::get_if<rules::Refused>(&decision)) {
    if (refused->reason.reason < reused.reason) {
      return Answer(Refusal{command.id, refused->reason, refused->refused_lines});
    }
  }
  return Answer(refusal(command, reused));
}

Receipt Group::append(Prepared& prepared, rules::Accepted accepted, rules::Overlay& state) {
  Command& command = prepared.command;
  Entry entry;
  entry.actor = std::move(command.actor);
  entry.command = command.id;
  entry.content = chain::to_hex(prepared.content);
  entry.date = command.date;
  entry.document = std::move(command.document);
  entry.index = end_.head.size();
  entry.ledger = setting_.ledger.id;
  entry.lines = std::move(prepared.summary);
  entry.policy = std::move(command.policy);
  entry.postings = std::move(accepted.postings);
  entry.prev = chain::to_hex(end_.head.last_leaf);
  entry.signature = std::move(command.signature);
  entry.time = command.time;

  std::string bytes;
  bytes.reserve(prepared.document.size() + kHeaderBytes + kPostingBytes * entry.postings.size());
  chain::encode_entry(entry, prepared.document, bytes);
  const chain::Hash leaf = setting_.hasher.leaf(bytes);
  rules::apply(state, entry);

  const std::string key = store::key_of(entry.index);
  changes_.push_back({Table::entries, key, std::move(bytes)});
  if (entry.lines) changes_.push_back({Table::lines, key, std::move(prepared.lines.block)});
  const Recorded recorded{{entry.index, prepared.content, accepted.refused_lines}, leaf,
                          entry.time};
  changes_.push_back({Table::commands, entry.command.str(), encode_recorded(recorded.command)});
  recorded_.insert_or_assign(entry.command.str(), recorded);
  order_.push_back(entry.command.str());
  grow_tree(leaf);
  end_.head.last_leaf = leaf;
  end_.head.last_time = entry.time.unix_seconds();
  // Documents are large; the submitter's thread frees them, the writer has better things to do.
  command.document = std::move(entry.document);
  return {command.id, entry.index, leaf, entry.time, false, std::move(accepted.refused_lines)};
}

void Group::grow_tree(const chain::Hash& leaf) {
  end_.open_tile += chain::bytes_of(leaf);
  end_.head.frontier.append(
      setting_.hasher, leaf, [&](unsigned level, std::uint64_t index, const chain::Hash& hash) {
        if (level == 0 || level % store::kTileHeight != 0) return;
        if (level == store::kTileHeight) {
          changes_.push_back({Table::tree, store::tile_key(index), std::move(end_.open_tile)});
          end_.open_tile.clear();
        }
        changes_.push_back({Table::tree, store::subtree_key(level, index),
                            std::string(chain::bytes_of(hash))});
      });
}

std::vector<store::Change> Group::take_changes() {
  const std::size_t documents = changes_.size();
  overlay_.take_changed([&](std::string key, std::string value) {
    changes_.push_back({Table::state, std::move(key), std::move(value)});
  });
  // In the order of their keys the memtable takes them faster.
  std::sort(changes_.begin() + static_cast<std::ptrdiff_t>(documents), changes_.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  return std::move(changes_);
}

}  // namespace fundtrail
