#include "audit/integrity/partial_check.h"

#include <algorithm>
#include <fstream>

#include "audit/bundle_layout.h"
#include "audit/integrity/source.h"
#include "ledger/chain/canonical.h"

namespace fundtrail::audit {

void PartialCheck::consider(Finding finding) {
  if (!finding_ || *finding.entry < *finding_->entry) finding_ = std::move(finding);
}

Status PartialCheck::run() {
  std::ifstream entries(bundle_ / bundle::kEntries, std::ios::binary);
  std::vector<std::uint64_t> actual;
  bool stopped = false;
  std::string line;
  while (!stopped && std::getline(entries, line)) {
    bytes_ += line.size() + 1;
    Examination examination = examiner_.begin();
    examiner_.entry(entries_, line, entries.eof(), examination);
    Examined& examined = examination.records.back();
    if (examined.fault) {
      Finding fault = *examined.fault;
      fault.entry = entries_ < expected_.size() ? expected_[entries_] : entries_;
      consider(std::move(fault));
      stopped = true;
    } else {
      actual.push_back(examined.index);
      if (entries_ < expected_.size() && actual.back() == expected_[entries_]) {
        check_entry(examined);
      }
      ++entries_;
    }
  }
  if (entries.bad()) return Error{Fault::io, "cannot read entries.jsonl"};
  if (!stopped) check_numbers(actual);
  if (auto wrong = signatures_.finish()) {
    Finding bad{Flaw::signature_invalid, wrong->entry};
    bad.detail = std::move(wrong->detail);
    consider(std::move(bad));
  }
  return success();
}

void PartialCheck::check_entry(Examined& examined) {
  if (auto bad = check_inclusion(examined)) return consider(std::move(*bad));
  if (!examined.decoded) return consider(*examined.content);
  if (auto bad = check_lines(examined)) return consider(std::move(*bad));
  // Balances start before the first entry that is here: only whether it balances is asked.
  if (examined.unbalanced) return consider(std::move(*examined.unbalanced));
  if (auto wrong = signers_.follow(examined.index, {}, examined.governance.get())) {
    Finding bad{Flaw::signature_invalid, examined.index};
    bad.detail = std::move(*wrong);
    consider(std::move(bad));
  }
}

std::optional<Finding> PartialCheck::check_inclusion(const Examined& examined) {
  const std::uint64_t index = examined.index;
  Finding bad{Flaw::proof_mismatch, index};
  bad.subject = bundle::entry_proof(index);
  const auto proof = read_entry_proof(bundle_, index);
  if (!proof) return bad;
  const auto root = checkpoints_.valid().find(proof->size);
  if (root == checkpoints_.valid().end()) {
    // Without a valid checkpoint that is what has to be reported, not its consequences.
    if (checkpoints_.valid().empty()) return std::nullopt;
    return bad;
  }
  const bool proven = chain::verify_inclusion(hasher_, index, proof->size, proof->leaf, proof->path,
                                              root->second).ok();
  if (!proven) return bad;
  if (proof->leaf != examined.leaf) return Finding{Flaw::altered, index};
  return std::nullopt;
}

std::optional<Finding> PartialCheck::check_lines(Examined& examined) {
  const auto block = read_file(bundle_ / bundle::lines_of(examined.index));
  if (const auto some = read_line_proofs(bundle_, examined.index);
      some && examined.has_lines && block.ok()) {
    return check_some_lines(examined, *block, *some);
  }
  lines_ += examined.line_count;
  examiner_.lines(examined, block.ok() ? std::optional<std::string_view>(*block) : std::nullopt);
  if (!examined.content) return std::nullopt;
  return std::move(*examined.content);
}

std::optional<Finding> PartialCheck::check_some_lines(const Examined& examined,
                                                      std::string_view block,
                                                      const std::vector<LineProof>& proofs) {
  const auto& root = examined.lines_root;
  for (const auto& proof : proofs) {
    const auto end = block.find('\n');
    if (end == std::string_view::npos) return Finding{Flaw::lines_missing, examined.index, proof.line};
    const auto line = block.substr(0, end);
    block.remove_prefix(end + 1);
    ++lines_;
    if (!root || !chain::check_canonical(line).ok() ||
        !chain::verify_inclusion(hasher_, proof.line, examined.line_count, hasher_.leaf(line),
                                 proof.path, *root).ok()) {
      return Finding{Flaw::lines_altered, examined.index, proof.line};
    }
  }
  if (!block.empty()) return Finding{Flaw::lines_inserted, examined.index};
  return std::nullopt;
}

void PartialCheck::check_numbers(const std::vector<std::uint64_t>& actual) {
  const auto [a, e] = std::mismatch(actual.begin(), actual.end(), expected_.begin(),
                                    expected_.end());
  if (a == actual.end() && e == expected_.end()) return;
  if (e == expected_.end()) return consider(Finding{Flaw::inserted, *a});
  if (std::find(actual.begin(), actual.end(), *e) != actual.end()) {
    const bool extra = !std::binary_search(expected_.begin(), expected_.end(), *a) ||
                       std::count(actual.begin(), actual.end(), *a) > 1;
    return consider(Finding{extra ? Flaw::inserted : Flaw::reordered, *e});
  }
  if (actual.size() == expected_.size()) return consider(Finding{Flaw::altered, *e});
  consider(Finding{actual.size() < expected_.size() ? Flaw::missing : Flaw::inserted, *e});
}

}  // namespace fundtrail::audit
