// The check of the entries in their order: canonical form, numbers, links, tree, signed roots, lines
// and postings. One pass, bounded memory. Private to audit/integrity.
//
// What is first wrong is decided by looking at a little more than the first contradiction: at the
// next entry (is the number merely wrong, or is an entry absent?), at later numbers (does the absent
// one come later?) and at the next signed root (which side of a broken link is the bad one?).
// docs/FORMAT.md, "Naming the first bad entry", says the same for other programs.
#pragma once

#include <optional>
#include <string>

#include "audit/integrity/checkpoints.h"
#include "audit/integrity/examine.h"
#include "audit/integrity/finding.h"
#include "audit/integrity/leaf_trail.h"
#include "audit/integrity/replay.h"

namespace fundtrail::audit {

// What others say of how the chain ends.
struct Ending {
  std::optional<std::uint64_t> size;      // how many entries there must be, at least
  std::optional<std::uint64_t> at_most;   // and at most
  std::vector<chain::Hash> last_leaf;     // of entry size - 1
  std::optional<chain::Hash> root;        // unsigned
};

class ChainCheck {
 public:
  ChainCheck(chain::Suite suite, const LeafTrail::Roots& signed_roots,
             LeafTrail::StoredLeaf stored_leaf, LeafTrail::Closed closed, unsigned threads)
      : trail_(suite, signed_roots, std::move(stored_leaf), std::move(closed)),
        signatures_(threads),
        signers_(signatures_, true) {}

  // All records of an examination. False when nothing that follows can matter.
  bool feed(Examination examination);
  // After the last record. The first bad entry, if any.
  std::optional<Finding> finish(const Ending& ending);

  LeafTrail& trail() { return trail_; }
  const FundReplay& replay() const { return replay_; }
  std::uint64_t records() const { return position_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t lines() const { return lines_; }
  std::int64_t last_time() const { return last_time_; }
  // Of the newest entry that was followed; zero when there is none.
  const chain::Hash& last_leaf() const { return last_leaf_; }

 private:
  // A record whose number is not the next one.
  struct Deviation {
    std::uint64_t place = 0;
    std::uint64_t number = 0;                // what it says
    std::optional<std::uint64_t> following;  // what the record behind it says
    bool place_seen = false;                 // the number that belongs here came later
    bool number_again = false;               // its own number came again
  };
  struct Pending {
    std::uint64_t index = 0;
    chain::Hash leaf{};
  };
  bool feed(Examined& examined, const Examination& examination);
  void follow(Examined& examined, const Examination& examination);
  void track(std::uint64_t number);
  std::optional<Finding> check_governance(const Examined& examined,
                                          const Examination& examination);
  void note_content(Examined& examined, const Examination& examination);
  Finding explain(const Deviation& deviation, const Ending& ending) const;
  std::optional<Finding> of_links(const Ending& ending);
  std::optional<Finding> of_ending(const Ending& ending) const;

  LeafTrail trail_;
  FundReplay replay_;
  SignatureChecks signatures_;
  Signers signers_;
  std::optional<Pending> pending_;
  std::optional<Deviation> deviation_;
  std::optional<Finding> stopped_;  // unreadable and the like: nothing behind it was looked at
  std::optional<Finding> content_;  // the first of lines and postings
  LedgerId ledger_;
  std::uint64_t position_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t lines_ = 0;
  std::int64_t last_time_ = 0;
  chain::Hash last_leaf_{};
};

}  // namespace fundtrail::audit
