// The check of a bundle that holds some of a ledger's entries, each with its inclusion proof, and
// perhaps only some lines of them, each with its own. Private to audit/integrity.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "audit/integrity/bundle_files.h"
#include "audit/integrity/examine.h"

namespace fundtrail::audit {

class PartialCheck {
 public:
  PartialCheck(const std::filesystem::path& bundle, const BundleDescription& description,
               chain::Suite suite, const chain::Hash& genesis, const Checkpoints& checkpoints)
      : bundle_(bundle),
        expected_(description.entries),
        hasher_(suite),
        examiner_(suite, genesis, 0),
        signatures_(0),
        signers_(signatures_, false),
        checkpoints_(checkpoints) {}

  Status run();
  const std::optional<Finding>& finding() const { return finding_; }
  std::uint64_t entries() const { return entries_; }
  std::uint64_t lines() const { return lines_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  void consider(Finding finding);
  void check_entry(Examined& examined);
  std::optional<Finding> check_inclusion(const Examined& examined);
  std::optional<Finding> check_lines(Examined& examined);
  std::optional<Finding> check_some_lines(const Examined& examined, std::string_view block,
                                          const std::vector<LineProof>& proofs);
  void check_numbers(const std::vector<std::uint64_t>& actual);

  std::filesystem::path bundle_;
  const std::vector<std::uint64_t>& expected_;
  chain::Hasher hasher_;
  Examiner examiner_;
  SignatureChecks signatures_;
  Signers signers_;
  const Checkpoints& checkpoints_;
  std::optional<Finding> finding_;
  std::uint64_t entries_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace fundtrail::audit
