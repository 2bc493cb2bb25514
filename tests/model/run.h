// One run: a script played to a real ledger in a directory and to the reference ledger, which must
// agree on every answer, and now and then on everything else.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/engine/helpers.h"
#include "tests/model/reference.h"
#include "tests/model/script.h"

namespace fundtrail::model {

struct Batch {
  std::vector<Command> commands;
  BatchMode mode = BatchMode::independent;
};

// How much the runs of this process have done, for people.
struct Tally {
  std::map<std::string, std::uint64_t> answers;  // "recorded", "repeated", or the code of a refusal
  std::map<std::string, std::uint64_t> recorded;  // by kind of document
  std::uint64_t commands = 0, reopened = 0, killed = 0, cut_short = 0, checked = 0;
};
extern Tally tally;

class Run {
 public:
  explicit Run(chain::Suite suite);
  // Throws std::runtime_error with the story of what differs.
  void play(const std::vector<Op>& ops);

 private:
  void submit(const std::vector<Batch>& batches);
  void reopen();
  // The next batches go to a process that is killed after it has acknowledged some of them.
  void submit_and_kill(const std::vector<Batch>& batches, unsigned acknowledged, unsigned delay_us);
  void compare(const std::vector<Command>& commands, const std::vector<Answer>& answers,
               const std::vector<Verdict>& verdicts);
  void compare_everything();
  std::vector<Batch> batches_of(const std::vector<Op>& ops, std::size_t& at, std::size_t most);
  Pseudonym pseudonym_of(const std::string& id_number);
  [[noreturn]] void fail(const std::string& what) const;

  test::TemporaryDirectory home_;
  std::unique_ptr<Ledger> ledger_;
  NaiveLedger book_;
  Script script_;
  std::map<std::string, Pseudonym> pseudonyms_;
  std::vector<std::string> bytes_, lines_;  // of every entry, as first seen
  std::vector<chain::Hash> leaves_;         // as the receipts had them
  std::vector<std::string> story_;
};

// What the process that is killed does: submits the batches in the file, and writes a byte for each
// that was acknowledged. Exit codes say what went wrong.
void child(const std::filesystem::path& ledger, const std::filesystem::path& batches, int out);

}  // namespace fundtrail::model
