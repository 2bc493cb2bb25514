#include "audit/integrity/chain_check.h"

#include <simdjson.h>

#include <algorithm>

#include "ledger/chain/canonical.h"
#include "ledger/chain/document_codec.h"

namespace fundtrail::audit {
namespace {

Finding finding(Flaw flaw, std::uint64_t entry, std::string detail = {}) {
  Finding f{flaw, entry};
  f.detail = std::move(detail);
  return f;
}

// Leaf hashes of a block of '\n'-terminated lines; the first line that is not canonical.
struct Block {
  std::vector<chain::Hash> leaves;
  std::optional<std::uint64_t> bad_line;
  bool cut = false;
};
Block read_block(chain::Hasher& hasher, std::string_view block) {
  Block result;
  while (!block.empty()) {
    const auto end = block.find('\n');
    if (end == std::string_view::npos) {
      result.cut = true;
      break;
    }
    const auto line = block.substr(0, end);
    if (!result.bad_line && !chain::check_canonical(line).ok()) {
      result.bad_line = result.leaves.size();
    }
    result.leaves.push_back(hasher.leaf(line));
    block.remove_prefix(end + 1);
  }
  return result;
}

std::optional<Finding> check_lines(chain::Hasher& hasher, const Entry& entry,
                                   const std::optional<std::string>& stored) {
  if (!entry.lines) {
    if (stored) return finding(Flaw::lines_inserted, entry.index);
    return std::nullopt;
  }
  if (!stored) return finding(Flaw::lines_missing, entry.index, "none of them is there");
  const Block block = read_block(hasher, *stored);
  if (block.cut || block.leaves.size() < entry.lines->count) {
    return finding(Flaw::lines_missing, entry.index,
                   std::to_string(block.leaves.size()) + " of " +
                       std::to_string(entry.lines->count));
  }
  if (block.leaves.size() > entry.lines->count) {
    return finding(Flaw::lines_inserted, entry.index);
  }
  if (chain::to_hex(chain::root_of(hasher, block.leaves)) != entry.lines->root) {
    return finding(Flaw::lines_altered, entry.index);
  }
  if (block.bad_line) {
    auto bad = finding(Flaw::unreadable, entry.index, "a line is not canonical");
    bad.line = block.bad_line;
    return bad;
  }
  return std::nullopt;
}

// The place in the chain that an entry of malformed content claims: whether it was altered or written
// so is for its neighbours to say.
void read_place(std::string_view line, Examined& e) {
  simdjson::dom::parser parser;
  simdjson::dom::element object;
  std::uint64_t version = 0;
  std::string_view prev;
  if (parser.parse(line.data(), line.size()).get(object) != simdjson::SUCCESS ||
      object["v"].get(version) != simdjson::SUCCESS) {
    e.fault = Finding{Flaw::unreadable};
    e.fault->detail = "there is no format version";
  } else if (version != kFormatVersion) {
    e.fault = Finding{Flaw::unknown_version};
  } else if (object["index"].get(e.index) != simdjson::SUCCESS ||
             object["prev"].get(prev) != simdjson::SUCCESS || !chain::hash_from_hex(prev)) {
    e.fault = Finding{Flaw::unreadable};
    e.fault->detail = "index or prev is malformed";
  } else {
    e.prev = *chain::hash_from_hex(prev);
  }
}

}  // namespace

Examined examine(chain::Hasher& hasher, Record record) {
  Examined e;
  e.leaf = hasher.leaf(record.bytes);
  const auto canonical = chain::check_canonical(record.bytes);
  if (record.cut) {
    e.fault = Finding{Flaw::truncated};
  } else if (!canonical.ok()) {
    e.fault = Finding{Flaw::unreadable};
    e.fault->detail = canonical.error().message;
  } else if (auto entry = chain::decode_entry(record.bytes); entry.ok()) {
    e.index = entry->index;
    const auto prev = chain::hash_from_hex(entry->prev);
    if (prev) {
      e.prev = *prev;
    } else {
      e.fault = Finding{Flaw::unreadable};
      e.fault->detail = "prev is not a hash";
    }
    e.content = check_lines(hasher, *entry, record.lines);
    e.entry = std::move(entry).value();
  } else {
    read_place(record.bytes, e);
    if (!e.fault) e.content = finding(Flaw::unreadable, e.index, entry.error().message);
  }
  e.record = std::move(record);
  return e;
}

bool ChainCheck::feed(Examined examined) {
  if (deviation_) {
    ++position_;
    if (!examined.fault) track(examined.index);
    return true;
  }
  if (examined.fault) {
    stopped_ = std::move(examined.fault);
    stopped_->entry = position_;
    return false;
  }
  if (examined.index != position_) {
    deviation_ = Deviation{position_, examined.index, std::nullopt};
    ++position_;
    return true;
  }
  follow(examined);
  ++position_;
  return true;
}

void ChainCheck::track(std::uint64_t number) {
  if (!deviation_->following) deviation_->following = number;
  if (number == deviation_->place) deviation_->place_seen = true;
  if (number == deviation_->number) deviation_->number_again = true;
}

void ChainCheck::follow(const Examined& examined) {
  if (pending_) trail_.append(pending_->leaf, &examined.prev);
  pending_ = Pending{examined.index, examined.leaf};
  last_leaf_ = examined.leaf;
  bytes_ += examined.record.bytes.size() + 1;
  if (examined.record.lines) bytes_ += examined.record.lines->size();
  if (examined.entry) {
    if (position_ == 0) ledger_ = examined.entry->ledger;
    lines_ += examined.entry->lines ? examined.entry->lines->count : 0;
    last_time_ = examined.entry->time.unix_seconds();
  }
  note_content(examined);
}

void ChainCheck::note_content(const Examined& examined) {
  std::optional<Finding> of_postings;
  if (examined.entry) of_postings = replay_.add(*examined.entry);
  if (content_) return;
  if (position_ == 0 && examined.prev != chain::Hash{}) {
    content_ = finding(Flaw::altered, 0, "the first entry has a predecessor");
  } else if (examined.entry && examined.entry->ledger != ledger_) {
    content_ = finding(Flaw::altered, examined.index, "the entry names another ledger");
  } else if (examined.record.key != examined.index) {
    content_ = finding(Flaw::reordered, examined.index, "stored under another number");
  } else if (examined.content) {
    content_ = examined.content;
  } else {
    content_ = std::move(of_postings);
  }
}

Finding ChainCheck::explain(const Deviation& d, const Ending& ending) const {
  const std::string detail = "the record at this place says " + std::to_string(d.number);
  if (d.number + 1 == d.place && d.following.value_or(d.place) == d.place) {
    // Two neighbours with one number, unless merely the last one's number was altered.
    if (d.following || !ending.size || *ending.size != position_) {
      return finding(Flaw::inserted, d.number, "two records with this number");
    }
  }
  if (d.place_seen) {
    const bool extra = d.number < d.place || d.number_again;
    return finding(extra ? Flaw::inserted : Flaw::reordered, d.place, detail);
  }
  const bool rest_fits = d.following ? *d.following == d.place + 1
                                     : ending.size && *ending.size == position_;
  if (rest_fits) return finding(Flaw::altered, d.place, detail);
  return finding(d.number > d.place ? Flaw::missing : Flaw::inserted, d.place, detail);
}

std::optional<Finding> ChainCheck::of_links(const Ending& ending) {
  if (pending_) {
    const bool complete = !stopped_ && !deviation_;
    const bool claimed = complete && ending.size && *ending.size == position_;
    trail_.append_last(pending_->leaf, claimed ? ending.last_leaf : std::vector<chain::Hash>{},
                       claimed && ending.root ? &*ending.root : nullptr);
    pending_.reset();
  }
  if (const auto bad = trail_.convicted()) {
    return finding(Flaw::altered, *bad, "its leaf hash is not the one that is linked or signed");
  }
  return std::nullopt;
}

std::optional<Finding> ChainCheck::of_ending(const Ending& ending) const {
  if (ending.size && position_ < *ending.size) {
    return finding(Flaw::truncated, position_,
                   "there must be " + std::to_string(*ending.size) + " entries");
  }
  if (trail_.last_altered() && position_ > 0) {
    return finding(Flaw::altered, position_ - 1,
                   "its leaf hash is not the one that is signed or stored");
  }
  if (const auto& size = trail_.contradicted()) {
    auto contradiction = finding(Flaw::root_mismatch, trail_.last_confirmed());
    contradiction.checkpoint = size;
    return contradiction;
  }
  if (ending.at_most && position_ > *ending.at_most) {
    return finding(Flaw::inserted, *ending.at_most, "nobody vouches for it");
  }
  return std::nullopt;
}

std::optional<Finding> ChainCheck::finish(const Ending& ending) {
  if (position_ == 0 && !stopped_) {
    return finding(Flaw::truncated, 0, "a ledger begins with its opening");
  }
  std::optional<Finding> first = of_links(ending);
  const auto consider = [&first](std::optional<Finding> other) {
    if (other && (!first || *other->entry < *first->entry)) first = std::move(other);
  };
  if (deviation_) {
    // The link that broke may be that of the intruder.
    auto explained = explain(*deviation_, ending);
    if (explained.flaw == Flaw::inserted && first && *explained.entry <= *first->entry + 1) {
      first.reset();
    }
    consider(std::move(explained));
  }
  consider(stopped_);
  if (!deviation_ && !stopped_) consider(of_ending(ending));
  consider(content_);
  return first;
}

}  // namespace fundtrail::audit
