#include "audit/integrity/chain_check.h"

#include <algorithm>

#include "ledger/core/bilingual.h"

namespace fundtrail::audit {
namespace {

Finding finding(Flaw flaw, std::uint64_t entry, std::string detail = {}) {
  Finding f{flaw, entry};
  f.detail = std::move(detail);
  return f;
}

}  // namespace

bool ChainCheck::feed(Examination examination) {
  replay_.learn(examination);
  for (auto& record : examination.records) {
    if (!feed(record, examination)) return false;
  }
  return true;
}

bool ChainCheck::feed(Examined& examined, const Examination& examination) {
  if (deviation_) {
    ++position_;
    if (!examined.fault) track(examined.index);
    return true;
  }
  if (examined.fault) {
    stopped_ = std::move(*examined.fault);
    stopped_->entry = position_;
    return false;
  }
  if (examined.index != position_) {
    deviation_ = Deviation{position_, examined.index, std::nullopt};
    ++position_;
    return true;
  }
  follow(examined, examination);
  ++position_;
  return true;
}

void ChainCheck::track(std::uint64_t number) {
  if (!deviation_->following) deviation_->following = number;
  if (number == deviation_->place) deviation_->place_seen = true;
  if (number == deviation_->number) deviation_->number_again = true;
}

void ChainCheck::follow(Examined& examined, const Examination& examination) {
  if (pending_) trail_.append(pending_->leaf, &examined.prev);
  pending_ = Pending{examined.index, examined.leaf};
  last_leaf_ = examined.leaf;
  bytes_ += examined.bytes;
  if (examined.decoded) {
    if (position_ == 0) ledger_ = examination.ledgers[examined.ledger];
    lines_ += examined.line_count;
    last_time_ = examined.time;
  }
  note_content(examined, examination);
}

void ChainCheck::note_content(Examined& examined, const Examination& examination) {
  std::optional<Finding> of_postings;
  if (examined.decoded) of_postings = replay_.add(examined, examination);
  auto of_governance = check_governance(examined, examination);
  if (content_) return;
  if (position_ == 0 && examined.prev != chain::Hash{}) {
    content_ = finding(Flaw::altered, 0, in_both("首条记录却有前一条", "the first entry has a predecessor"));
  } else if (examined.decoded && examination.ledgers[examined.ledger] != ledger_) {
    content_ = finding(Flaw::altered, examined.index, in_both("记录所载账套不是本账套", "the entry names another ledger"));
  } else if (examined.key != examined.index) {
    content_ = finding(Flaw::reordered, examined.index, in_both("存放在另一编号之下", "stored under another number"));
  } else if (examined.content) {
    content_ = std::move(*examined.content);
  } else {
    content_ = std::move(of_postings ? of_postings : of_governance);
  }
}

// Signatures, whose keys earlier entries name; and what a restoration says of the entries before it.
std::optional<Finding> ChainCheck::check_governance(const Examined& examined,
                                                    const Examination& examination) {
  if (!examined.decoded) return std::nullopt;
  const auto* said = examined.governance.get();
  if (said && said->restores &&
      (said->restores->restored_size != examined.index ||
       said->restores->restored_root != chain::to_hex(trail_.root()))) {
    return finding(Flaw::restoration_mismatch, examined.index);
  }
  const auto& actor = examination.actors[examined.actor];
  if (auto wrong = signers_.follow(examined.index, actor, said)) {
    return finding(Flaw::signature_invalid, examined.index, std::move(*wrong));
  }
  return std::nullopt;
}

Finding ChainCheck::explain(const Deviation& d, const Ending& ending) const {
  const std::string number = std::to_string(d.number);
  const std::string detail = in_both("此处记录自称第 " + number + " 号", "the record at this place says " + number);
  if (d.number + 1 == d.place && d.following.value_or(d.place) == d.place) {
    // Two neighbours with one number, unless merely the last one's number was altered.
    if (d.following || !ending.size || *ending.size != position_) {
      return finding(Flaw::inserted, d.number, in_both("该编号有两条记录", "two records with this number"));
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
    return finding(Flaw::altered, *bad, in_both("其叶哈希与后一条的链接或签名不符", "its leaf hash is not the one that is linked or signed"));
  }
  return std::nullopt;
}

std::optional<Finding> ChainCheck::of_ending(const Ending& ending) const {
  if (ending.size && position_ < *ending.size) {
    const std::string size = std::to_string(*ending.size);
    return finding(Flaw::truncated, position_,
                   in_both("应有 " + size + " 条记录", "there must be " + size + " entries"));
  }
  if (trail_.last_altered() && position_ > 0) {
    return finding(Flaw::altered, position_ - 1,
                   in_both("其叶哈希与签名或库中所存不符",
                           "its leaf hash is not the one that is signed or stored"));
  }
  if (const auto& size = trail_.contradicted()) {
    auto contradiction = finding(Flaw::root_mismatch, trail_.last_confirmed());
    contradiction.checkpoint = size;
    return contradiction;
  }
  if (ending.at_most && position_ > *ending.at_most) {
    return finding(Flaw::inserted, *ending.at_most, in_both("没有任何签名或链头证明它", "nobody vouches for it"));
  }
  return std::nullopt;
}

std::optional<Finding> ChainCheck::finish(const Ending& ending) {
  if (position_ == 0 && !stopped_) {
    return finding(Flaw::truncated, 0, in_both("账套应以开账记录开头", "a ledger begins with its opening"));
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
  if (auto wrong = signatures_.finish()) {
    consider(finding(Flaw::signature_invalid, wrong->entry, std::move(wrong->detail)));
  }
  return first;
}

}  // namespace fundtrail::audit
