#include "ledger/engine/group.h"

#include <algorithm>
#include <utility>

#include "ledger/chain/canonical.h"
#include "ledger/core/wording.h"
#include "ledger/engine/personal_data.h"
#include "ledger/rules/decide.h"

namespace fundtrail {
namespace {

using store::Table;

Refusal refusal(const Command& command, Rejection reason) {
  return {command.id, std::move(reason), {}};
}

// What the rules cannot see: the id, and whether an identity is there when and only when it must.
std::optional<Rejection> check_envelope(const Command& command) {
  if (command.id.empty()) return Rejection{Reason::missing_field, "id", "id"};
  const bool registers = std::holds_alternative<BeneficiaryRegistration>(command.document);
  if (registers && !command.identity) return Rejection{Reason::missing_field, "identity", "identity"};
  if (!registers && command.identity) return Rejection{Reason::unknown_field, "identity", "identity"};
  if (registers) {
    const auto& identity = *command.identity;
    const auto malformed = [](const char* field) {
      return Rejection{Reason::malformed_field, field, "***", token(Form::normalized)};
    };
    if (!chain::is_text(identity.id_number)) return malformed("identity.id_number");
    if (!chain::is_text(identity.name)) return malformed("identity.name");
    if (identity.address && !chain::is_text(*identity.address)) return malformed("identity.address");
    if (identity.phone && !chain::is_text(*identity.phone)) return malformed("identity.phone");
  }
  return find_personal_data(command.document);
}

// Takes the refused lines out of the document and out of its encoded lines.
void leave_out(const std::vector<Rejection>& refused, Document& document,
               chain::EncodedLines& encoded) {
  if (refused.empty()) return;
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
      document);
  encoded = std::move(kept);
}

bool equal(const Identity& a, const Identity& b) {
  return a.address == b.address && a.id_number == b.id_number && a.name == b.name &&
         a.phone == b.phone;
}

}  // namespace

Result<std::vector<Answer>> Group::run(std::vector<Command>& commands, BatchMode mode) {
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

Result<std::vector<Answer>> Group::run_atomic(std::vector<Command>& commands) {
  const ChainEnd end = end_;
  const std::size_t changes = changes_.size(), ids = order_.size();
  rules::Overlay state(overlay_);
  const auto undo = [&] {
    end_ = end;
    changes_.resize(changes);
    for (std::size_t i = ids; i < order_.size(); ++i) recorded_.erase(order_[i]);
    order_.resize(ids);
    changing_ = false;
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
      if (std::holds_alternative<Refusal>(*answer)) {
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

Result<Answer> Group::record(Command& command, rules::Overlay& state) {
  if (auto reason = check_envelope(command)) return Answer(refusal(command, std::move(*reason)));
  if (command.time.unix_seconds() < end_.head.last_time) {
    command.time = Timestamp(end_.head.last_time, command.time.offset_minutes());
  }
  auto* registration = std::get_if<BeneficiaryRegistration>(&command.document);
  if (registration != nullptr) {
    // The commitment is salted anew each time, so the content is digested without it
    // (docs/FORMAT.md, "Content").
    registration->beneficiary = setting_.vault.pseudonym_of(command.identity->id_number);
    registration->commitment.clear();
  }
  chain::encode_lines(setting_.hasher, command.document, lines_);
  const chain::Hash content = chain::content_digest(setting_.hasher, command, lines_);
  std::string sealed_record;
  if (registration != nullptr) {
    auto sealed = setting_.vault.seal(*command.identity);
    if (!sealed.ok()) return sealed.error();
    registration->commitment = std::move(sealed->commitment);
    sealed_record = std::move(sealed->record);
  }
  const auto recorded = find_recorded(command.id);
  if (!recorded.ok()) return recorded.error();
  if (*recorded) return repeated_or_reused(command, **recorded, content, state);

  auto decision = rules::decide(state, command);
  if (auto* refused = std::get_if<rules::Refused>(&decision)) {
    return Answer(Refusal{command.id, std::move(refused->reason),
                          std::move(refused->refused_lines)});
  }
  auto& accepted = std::get<rules::Accepted>(decision);
  leave_out(accepted.refused_lines, command.document, lines_);
  changing_ = true;
  if (registration != nullptr) {
    const std::string pseudonym = registration->beneficiary.str();
    changes_.push_back({Table::vault, pseudonym, sealed_record});
    sealed_.insert_or_assign(pseudonym, std::move(sealed_record));
  }
  Receipt receipt = append(command, content, std::move(accepted), state);
  changing_ = false;
  return Answer(std::move(receipt));
}

Result<std::optional<Group::Recorded>> Group::find_recorded(const CommandId& id) const {
  if (const auto it = recorded_.find(id.str()); it != recorded_.end()) {
    return std::optional<Recorded>(it->second);
  }
  const auto row = setting_.store.get(Table::commands, id.str());
  if (!row.ok()) return row.error();
  if (!*row) return std::optional<Recorded>();
  const auto command = decode_recorded(**row);
  if (!command.ok()) return command.error();
  const auto bytes = setting_.store.get(Table::entries, store::key_of(command->index));
  if (!bytes.ok()) return bytes.error();
  if (!*bytes) {
    return Error{Fault::truncated,
                 "entry " + std::to_string(command->index) + " is missing in the store"};
  }
  const auto entry = chain::decode_entry(**bytes);
  if (!entry.ok()) return entry.error();
  return std::optional<Recorded>(Recorded{*command, setting_.hasher.leaf(**bytes), entry->time});
}

Result<bool> Group::same_identity(const Command& command) const {
  const auto* registration = std::get_if<BeneficiaryRegistration>(&command.document);
  if (registration == nullptr) return true;
  const std::string pseudonym = registration->beneficiary.str();
  std::optional<std::string> record;
  if (const auto it = sealed_.find(pseudonym); it != sealed_.end()) {
    record = it->second;
  } else {
    auto stored = setting_.store.get(Table::vault, pseudonym);
    if (!stored.ok()) return stored.error();
    record = std::move(*stored);
  }
  if (!record) return true;
  const auto identity = setting_.vault.unseal(registration->beneficiary, *record);
  if (!identity.ok()) return identity.error();
  return equal(*identity, *command.identity);
}

Result<Answer> Group::repeated_or_reused(Command& command, const Recorded& recorded,
                                         const chain::Hash& content,
                                         const rules::Overlay& state) const {
  bool same = recorded.command.content == content;
  if (same) {
    const auto identity = same_identity(command);
    if (!identity.ok()) return identity.error();
    same = *identity;
  }
  if (same) {
    return Answer(Receipt{command.id, recorded.command.index, recorded.leaf, recorded.time, true,
                          recorded.command.refused_lines});
  }
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

Receipt Group::append(Command& command, const chain::Hash& content, rules::Accepted accepted,
                      rules::Overlay& state) {
  Entry entry;
  entry.actor = std::move(command.actor);
  entry.command = command.id;
  entry.content = chain::to_hex(content);
  entry.date = command.date;
  entry.document = std::move(command.document);
  entry.index = end_.head.size();
  entry.ledger = setting_.ledger;
  if (!lines_.leaves.empty()) entry.lines = lines_.summary(setting_.hasher);
  entry.policy = std::move(command.policy);
  entry.postings = std::move(accepted.postings);
  entry.prev = chain::to_hex(end_.head.last_leaf);
  entry.time = command.time;

  std::string bytes;
  chain::encode_entry(entry, bytes);
  const chain::Hash leaf = setting_.hasher.leaf(bytes);
  rules::apply(state, entry);

  const std::string key = store::key_of(entry.index);
  changes_.push_back({Table::entries, key, std::move(bytes)});
  if (entry.lines) changes_.push_back({Table::lines, key, lines_.block});
  const Recorded recorded{{entry.index, content, accepted.refused_lines}, leaf, entry.time};
  changes_.push_back({Table::commands, entry.command.str(), encode_recorded(recorded.command)});
  recorded_.insert_or_assign(entry.command.str(), recorded);
  order_.push_back(entry.command.str());
  grow_tree(leaf);
  end_.head.last_leaf = leaf;
  end_.head.last_time = entry.time.unix_seconds();
  return {entry.command, entry.index, leaf, entry.time, false, std::move(accepted.refused_lines)};
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
  overlay_.for_each_changed([&](const std::string& key, const std::string& value) {
    changes_.push_back({Table::state, key, value});
  });
  // In the order of their keys the memtable takes them faster.
  std::sort(changes_.begin() + static_cast<std::ptrdiff_t>(documents), changes_.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  return std::move(changes_);
}

}  // namespace fundtrail
