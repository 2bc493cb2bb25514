// Who stands before the door, as far as everything behind it needs to know.
#pragma once

#include <string>
#include <vector>

#include "ledger/core/entry.h"
#include "ledger/core/region_tree.h"

namespace fundtrail::api {

// By which means somebody showed who they are.
enum class Means : std::uint8_t { bearer, session, certificate };

struct Caller {
  Actor actor;       // as whom the ledger knows it; of a provider's user: the provider
  std::string user;  // of the book of users
  Means means = Means::bearer;
  // Answers for these regions and what lies in them; empty: for all. Of whoever acts for a provider they mean nothing:
  // what is the provider's own is theirs wherever it lies.
  std::vector<RegionCode> regions = {};
  std::string credential = {};  // of a token or certificate: what the book or the log may call it
  std::uint64_t generation = 0;  // of a session: of the user when it was opened (user.h)

  bool limited() const { return !regions.empty() && !provides(); }
  bool provides() const { return actor.role == Role::provider; }  // acts for a provider, and sees what is its own
  bool sees_part() const { return limited() || provides(); }
  bool covers(const RegionCode& code) const {
    if (!limited()) return true;
    for (const auto& region : regions) {
      if (lies_in(code, region)) return true;
    }
    return false;
  }
};

}  // namespace fundtrail::api

namespace fundtrail {
template <>
struct Names<api::Means> {
  static constexpr std::string_view list[] = {"bearer", "session", "certificate"};
};
}  // namespace fundtrail
