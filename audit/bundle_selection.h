// Which entries, and which of their lines, concern a provider or a range of dates. Private to audit/.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "audit/bundle.h"
#include "ledger/core/entry.h"

namespace fundtrail::audit {

class BundleFilter {
 public:
  explicit BundleFilter(const BundleSelection& selection) : selection_(selection) {}

  // The first pass, over all entries with their lines: learns which settlements, disbursements,
  // recoveries and vouchers are the provider's.
  void learn(const Entry& entry);
  // Whether any document names the selected provider: its registration is the first that does.
  bool knows_provider() const { return knows_provider_; }

  // The second pass. Whether the entry itself concerns the selection (then with all its lines).
  bool whole(const Entry& entry) const;
  // Otherwise: which of its lines do, ascending. Of a document of somebody else.
  std::vector<std::uint64_t> lines(const Entry& entry) const;

 private:
  bool in_range(const Entry& entry) const;
  bool of_provider(const Entry& entry) const;

  BundleSelection selection_;
  bool knows_provider_ = false;
  std::set<std::string> settlements_;
  std::set<std::string> disbursements_;
  std::set<std::string> recoveries_;
  std::set<VoucherNumber> vouchers_;
};

}  // namespace fundtrail::audit
