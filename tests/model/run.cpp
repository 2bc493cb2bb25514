#include "tests/model/run.h"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include "ledger/chain/document_codec.h"
#include "ledger/vault.h"
#include "tests/model/replay.h"

namespace fundtrail::model {

Tally tally;

namespace {

template <class T>
T got(Result<T> result, const char* what) {
  if (!result.ok()) {
    throw std::runtime_error(std::string(what) + ": " + std::string(name(result.error().fault)) +
                             " " + result.error().message);
  }
  return std::move(result).value();
}
void got(const Status& status, const char* what) {
  if (!status.ok()) throw std::runtime_error(std::string(what) + ": " + status.error().message);
}

using Bytes = std::string;

Bytes hashed(const EVP_MD* method, const Bytes& bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), out, &size, method, nullptr);
  return Bytes(reinterpret_cast<const char*>(out), size);
}

// RFC 9162 section 2.1.1, word for word: MTH of the entries [from, to).
Bytes naive_root(const EVP_MD* method, const std::vector<std::string>& entries, std::size_t from,
                 std::size_t to) {
  if (from == to) return hashed(method, "");
  if (to - from == 1) return hashed(method, Bytes(1, '\0') + entries[from]);
  std::size_t k = 1;
  while (k * 2 < to - from) k *= 2;
  return hashed(method, Bytes(1, '\1') + naive_root(method, entries, from, from + k) +
                            naive_root(method, entries, from + k, to));
}

// As people send them: beside an identity stands nothing that the engine derives from it.
std::string as_text(const Batch& batch) {
  std::string out(batch.mode == BatchMode::atomic ? "a" : "i");
  out += std::to_string(batch.commands.size()) + "\n";
  for (const auto& c : batch.commands) {
    auto json = nlohmann::json::parse(chain::encode_command(c));
    if (c.identity) {
      json["identity"] = {{"id_number", c.identity->id_number}, {"name", c.identity->name}};
      json["doc"].erase("beneficiary");
      json["doc"].erase("commitment");
    }
    out += c.actor.id.str() + " " + std::string(name_of(c.actor.role)) + " " + c.time.str() + " " +
           json.dump() + "\n";
  }
  return out;
}

std::string describe(const Command& c) {
  return c.actor.id.str() + "." + std::string(name_of(c.actor.role)) + " " + c.time.str() + " " +
         (c.identity ? c.identity->id_number + " " : "") + chain::encode_command(c);
}

std::string dimensions(const Dimensions& at) {
  return at.fund.str() + "/" + at.programme.str() + "/" + at.region.str() + "/" + at.counterparty;
}

Verdict verdict_of(const Answer& answer) {
  Verdict v;
  const auto lines = [&](const std::vector<Rejection>& refused) {
    for (const auto& r : refused) v.lines[r.line.value()] = r.reason;
  };
  if (const auto* receipt = std::get_if<Receipt>(&answer)) {
    v.index = receipt->index;
    v.repeated = receipt->repeated;
    lines(receipt->refused_lines);
  } else {
    v.refused = std::get<Refusal>(answer).reason.reason;
    lines(std::get<Refusal>(answer).refused_lines);
  }
  return v;
}

}  // namespace

Run::Run(chain::Suite suite)
    : book_(test::opening_request(suite)),
      script_([this](const std::string& id_number) { return pseudonym_of(id_number); }) {
  ledger_ = got(Ledger::create(home_.path(), test::opening_request(suite), {}), "create");
}

void Run::fail(const std::string& what) const {
  std::string text = what + "\n";
  for (std::size_t i = 0; i < story_.size(); ++i) text += "  " + story_[i] + "\n";
  throw std::runtime_error(text);
}

Pseudonym Run::pseudonym_of(const std::string& id_number) {
  const auto known = pseudonyms_.find(id_number);
  if (known != pseudonyms_.end()) return known->second;
  return pseudonyms_[id_number] = ledger_->vault().pseudonym_of(id_number);
}

void Run::play(const std::vector<Op>& ops) {
  submit({{script_.prologue(), BatchMode::atomic}});
  if (book_.size < 20) fail("the prologue was refused");
  unsigned batches = 0;
  for (std::size_t at = 0; at < ops.size();) {
    const Op& op = ops[at];
    switch (act_of(op)) {
      case Act::command:
        submit(batches_of(ops, at, op.join / 16 % 8 == 7 ? 6 : 1));
        if (++batches % 16 == 0) compare_everything();
        continue;
      case Act::reopen:
        story_.push_back("-- opened again");
        reopen();
        ++tally.reopened;
        compare_everything();
        break;
      case Act::kill: {
        story_.push_back("-- killed");
        ++at;
        const auto next = batches_of(ops, at, 1 + op.amount % 8);
        if (!next.empty()) submit_and_kill(next, op.pick % (next.size() + 1), op.other * 8u);
        compare_everything();
        continue;
      }
      case Act::checkpoint: got(ledger_->checkpoint(), "checkpoint"); break;
    }
    ++at;
  }
  compare_everything();
  reopen();
  compare_everything();
  const auto view = ledger_->view();
  if (const auto differs = difference(stored_rows(*view), replayed_rows(*view, 1))) fail(*differs);
}

// Batches of the commands from `at` on, up to something else; a command joins the batch before it when
// its Op says so.
std::vector<Batch> Run::batches_of(const std::vector<Op>& ops, std::size_t& at, std::size_t most) {
  std::vector<Batch> batches;
  NaiveLedger scratch = book_;
  for (; at < ops.size() && act_of(ops[at]) == Act::command; ++at) {
    const bool joins = !batches.empty() && ops[at].join % 4 == 3;
    if (!joins) {
      if (batches.size() == most) break;
      batches.emplace_back();
    }
    batches.back().mode = ops[at].join & 0x40 ? BatchMode::atomic : BatchMode::independent;
    batches.back().commands.push_back(script_.command(ops[at], scratch));
    scratch.submit({batches.back().commands.back()}, BatchMode::independent,
                   [&](const auto& id) { return pseudonym_of(id); });
  }
  return batches;
}

// Several batches are sent without waiting, so that the writer finds them waiting and makes one group of
// them; they are decided in the order in which they were sent.
void Run::submit(const std::vector<Batch>& batches) {
  std::vector<std::vector<Verdict>> verdicts;
  std::vector<std::future<Result<std::vector<Answer>>>> answers;
  for (const auto& batch : batches) {
    verdicts.push_back(book_.submit(batch.commands, batch.mode,
                                    [&](const auto& id) { return pseudonym_of(id); }));
    for (std::size_t i = 0; i < batch.commands.size(); ++i) {
      const char* together = batch.commands.size() == 1           ? ""
                             : batch.mode == BatchMode::atomic ? "& "
                                                               : "| ";
      story_.push_back((batches.size() > 1 ? "+" : "") + std::string(together) +
                       describe(batch.commands[i]) + " => " + model::describe(verdicts.back()[i]));
    }
    auto outcome = std::make_shared<std::promise<Result<std::vector<Answer>>>>();
    answers.push_back(outcome->get_future());
    ledger_->submit_async(batch.commands, batch.mode, [outcome](auto result) {
      outcome->set_value(std::move(result));
    });
  }
  for (auto& answer : answers) answer.wait();  // all of them, before anything is thrown
  for (std::size_t i = 0; i < batches.size(); ++i) {
    compare(batches[i].commands, got(answers[i].get(), "submit"), verdicts[i]);
  }
}

void Run::compare(const std::vector<Command>& commands, const std::vector<Answer>& answers,
                  const std::vector<Verdict>& verdicts) {
  if (answers.size() != verdicts.size()) fail("another number of answers than of commands");
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Verdict answer = verdict_of(answers[i]);
    if (!(answer == verdicts[i])) {
      fail("command " + commands[i].id.str() + ": the ledger says " + model::describe(answer) +
           ", the reference says " + model::describe(verdicts[i]));
    }
    ++tally.commands;
    ++tally.answers[answer.refused ? std::string(info(*answer.refused).code)
                    : answer.repeated ? "repeated" : "recorded"];
    if (!answer.refused && !answer.repeated) {
      ++tally.recorded[std::string(kind_of(commands[i].document))];
    }
    if (const auto* receipt = std::get_if<Receipt>(&answers[i])) {
      leaves_.resize(std::max<std::size_t>(leaves_.size(), receipt->index + 1));
      chain::Hash& leaf = leaves_[receipt->index];
      if (leaf != chain::Hash{} && leaf != receipt->leaf) fail("another leaf for the same entry");
      leaf = receipt->leaf;
    }
  }
}

void Run::compare_everything() {
  ++tally.checked;
  const auto view = ledger_->view();
  if (view->size() != book_.size) {
    fail("size " + std::to_string(view->size()) + ", reference " + std::to_string(book_.size));
  }
  const EVP_MD* method = view->suite() == chain::Suite::sm3_sm2 ? EVP_sm3() : EVP_sha256();
  leaves_.resize(std::max<std::size_t>(leaves_.size(), view->size()));
  std::string problem;
  got(view->scan(0, view->size(), View::Lines::with, [&](std::uint64_t i, std::string_view bytes,
                                                         std::string_view lines) {
    if (i == bytes_.size()) {
      bytes_.emplace_back(bytes);
      lines_.emplace_back(lines);
      const Bytes leaf = hashed(method, Bytes(1, '\0') + bytes_.back());
      if (leaves_[i] != chain::Hash{} && chain::bytes_of(leaves_[i]) != leaf) problem = "leaf";
    }
    if (bytes_[i] != bytes || lines_[i] != lines) problem = "entry " + std::to_string(i) + " changed";
    return problem.empty();
  }), "scan");
  if (!problem.empty()) fail(problem);
  if (chain::bytes_of(view->root()) != naive_root(method, bytes_, 0, bytes_.size())) fail("root");

  BalanceOf balances;
  got(view->balances([&](FundAccount account, const Dimensions& at, const Money& amount) {
    if (!amount.is_zero()) balances[{account, dimensions(at)}] += fen(amount);
  }), "balances");
  if (balances != book_.balances()) fail("balances differ");
  TurnoverOf turnovers;
  got(view->turnovers(*Date::parse("1900-01-01"), *Date::parse("2999-12-31"),
                      [&](Date date, FundAccount account, const Dimensions& at,
                          const store::Turnover& t) {
                        if (t.debit.is_zero() && t.credit.is_zero()) return;
                        auto& [debit, credit] = turnovers[{date, account, dimensions(at)}];
                        debit += fen(t.debit);
                        credit += fen(t.credit);
                      }), "turnovers");
  if (turnovers != book_.turnovers()) fail("turnovers differ");
}

void Run::reopen() {
  ledger_.reset();
  ledger_ = got(Ledger::open(home_.path(), {}), "open");
}

void Run::submit_and_kill(const std::vector<Batch>& batches, unsigned acknowledged,
                          unsigned delay_us) {
  test::TemporaryDirectory aside;
  const auto file = aside.path() / "batches";
  {
    std::ofstream out(file);
    for (const auto& batch : batches) out << as_text(batch);
  }
  ledger_.reset();
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setenv("FUNDTRAIL_MODEL_LEDGER", home_.path().c_str(), 1);
    ::setenv("FUNDTRAIL_MODEL_BATCHES", file.c_str(), 1);
    ::dup2(ends[1], 9);
    ::execl("/proc/self/exe", "test_model", "[model-child]", nullptr);
    _exit(99);
  }
  ::close(ends[1]);
  unsigned acks = 0;
  char byte;
  while (acks < acknowledged && ::read(ends[0], &byte, 1) == 1) ++acks;
  std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
  ::kill(pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
  while (::read(ends[0], &byte, 1) == 1) ++acks;
  ::close(ends[0]);
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
    fail("the child ended with " + std::to_string(WEXITSTATUS(status)));
  }
  ++tally.killed;
  reopen();
  // What is there must be the first so many batches, whole, and every acknowledged one among them.
  const std::uint64_t size = ledger_->view()->size();
  const auto pseudonym = [&](const auto& id) { return pseudonym_of(id); };
  std::size_t applied = 0;
  for (; applied < batches.size(); ++applied) {
    NaiveLedger next = book_;
    const auto verdicts = next.submit(batches[applied].commands, batches[applied].mode, pseudonym);
    if (next.size > size) break;
    book_ = std::move(next);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      story_.push_back("(child) " + describe(batches[applied].commands[i]) + " => " +
                       model::describe(verdicts[i]));
    }
  }
  if (applied < acks) fail("an acknowledged batch is missing after the kill");
  if (applied < batches.size()) ++tally.cut_short;
  if (book_.size != size) fail("half a batch is there after the kill");
  // Nobody knows what became of what was not acknowledged, so it is sent again.
  submit({batches.begin() + std::ptrdiff_t(acks), batches.end()});
}

void child(const std::filesystem::path& directory, const std::filesystem::path& batches, int out) {
  auto ledger = Ledger::open(directory, {});
  if (!ledger.ok()) _exit(10);
  std::ifstream file(batches);
  for (std::string head; std::getline(file, head);) {
    std::vector<Command> commands;
    for (int n = std::stoi(head.substr(1)); n > 0; --n) {
      std::string line;
      std::getline(file, line);
      std::string word[3];
      for (auto& w : word) {
        w = line.substr(0, line.find(' '));
        line.erase(0, w.size() + 1);
      }
      chain::CommandDefaults defaults;
      defaults.actor = {*ActorId::parse(word[0]), *parse_name<Role>(word[1])};
      defaults.time = *Timestamp::parse(word[2]);
      auto command = chain::decode_command(line, defaults);
      if (!command.ok()) {
        ::fprintf(stderr, "%s\n%s\n", line.c_str(), command.error().en().c_str());
        _exit(11);
      }
      commands.push_back(std::move(*command));
    }
    const auto answers = (*ledger)->submit(
        std::move(commands), head[0] == 'a' ? BatchMode::atomic : BatchMode::independent);
    if (!answers.ok()) _exit(12);
    if (::write(out, "+", 1) != 1) _exit(13);
  }
  _exit(0);
}

}  // namespace fundtrail::model
