// Whom the exceptions of a run name: people who have to do with the programme. Of everybody else
// who is registered only the number is told. Private to ledger/planning.
#pragma once

#include <vector>

#include "ledger/core/rejection.h"
#include "ledger/planning/plan.h"
#include "ledger/rules/state.h"
#include "ledger/store/store.h"

namespace fundtrail::planning {

class Concern {
 public:
  // Throws rules::StateUnreadable.
  Concern(const store::Snapshot& snapshot, const Run& run);

  // Whether somebody who was given nothing, now or in the period before, is left out for a reason
  // that somebody must know. `fits()`: whether the terms would let them have something; asked when
  // another scheme stands in the way.
  template <class Fits>
  bool left_out(const rules::StateSource& state, Pseudonym person, Reason why,
                const Fits& fits) const {
    switch (kind_of(why)) {
      case Kind::over:
        return false;
      case Kind::not_let_in:
        return granted(state, person) || applied(person);
      case Kind::elsewhere:
        return fits();
      case Kind::other:
        return true;
    }
    return true;
  }

 private:
  enum class Kind {
    over,        // before it began, or after it ended
    not_let_in,  // the programme is not for them, or nobody approved
    elsewhere,   // another scheme of the group serves them
    other,
  };
  static Kind kind_of(Reason why);
  bool granted(const rules::StateSource& state, Pseudonym person) const;
  bool applied(Pseudonym person) const;

  ProgrammeId programme_;
  Date first_, last_;
  std::vector<Pseudonym> applicants_;  // not decided yet; ascending
};

}  // namespace fundtrail::planning
