// Crashes and failing disks, with real processes: kill -9 under load, and a file-size limit that
// makes writes fail. FUNDTRAIL_KILL_ROUNDS sets the number of kills (25).
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iostream>
#include <random>
#include <thread>

#include "ledger/chain/document_codec.h"
#include "ledger/engine/anchor.h"
#include "tests/engine/helpers.h"

using namespace fundtrail;
using namespace fundtrail::test;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kThreads = 4;

// What the child tells its parent about: one acknowledged command, or, without an id, one checkpoint
// that was handed out (`index` is its size). Below PIPE_BUF, so never mixed.
struct Acknowledged {
  char id[40];
  std::uint64_t index;
  chain::Hash root;
};

// A document with lines and no preconditions, so that "no half document" means something: what is
// recorded must have all of them.
Command rows_of_the_past(const std::string& id, int lines) {
  ImportedRecord document;
  document.file_digest = std::string(64, '0');
  document.source = *Text::parse(id);
  document.table = *Code::parse("payments");
  for (int i = 0; i < lines; ++i) document.lines.push_back({{{"amount", std::to_string(i)}}});
  return command(id, Role::registrar, document);
}

// A child is this program again, running one of the hidden tests below: after fork() alone it would
// have none of the database's threads.
struct Child {
  pid_t pid;
  int out;  // what the child writes to its standard output

  int wait() const {
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    ::close(out);
    return status;
  }
};

Child start_child(const char* tag, const std::filesystem::path& directory, int round = 0) {
  ::setenv("FUNDTRAIL_TEST_DIRECTORY", directory.c_str(), 1);
  ::setenv("FUNDTRAIL_TEST_ROUND", std::to_string(round).c_str(), 1);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::execl("/proc/self/exe", "test_engine", tag, nullptr);
    _exit(99);
  }
  ::close(ends[1]);
  return {pid, ends[0]};
}

// The hidden tests do nothing unless they were started as children.
bool is_child() { return std::getenv("FUNDTRAIL_TEST_ROUND") != nullptr; }
std::filesystem::path child_directory() { return std::getenv("FUNDTRAIL_TEST_DIRECTORY"); }
std::string child_round() { return std::getenv("FUNDTRAIL_TEST_ROUND"); }

// Starts a child, kills it after it has acknowledged `commands`, gives everything acknowledged.
std::vector<Acknowledged> run_and_kill(const std::filesystem::path& directory, int round,
                                       std::size_t commands, std::chrono::microseconds further) {
  const Child child = start_child("[submit-until-killed]", directory, round);
  std::vector<Acknowledged> all;
  Acknowledged one;
  bool killed = false;
  while (::read(child.out, &one, sizeof one) == sizeof one) {
    all.push_back(one);
    if (all.size() >= commands && !killed) {
      std::this_thread::sleep_for(further);  // not at an acknowledgement, but anywhere
      ::kill(child.pid, SIGKILL);
      killed = true;
    }
  }
  const int status = child.wait();
  INFO("exit code " << (WIFEXITED(status) ? WEXITSTATUS(status) : -1));
  REQUIRE(WIFSIGNALED(status));
  return all;
}

// How many entries the anchor covers, as whoever opens the ledger will read it.
std::uint64_t anchored(const std::filesystem::path& directory) {
  const auto key = take(chain::SigningKey::load(directory / "keys" / "signing.pem"));
  const auto head = take(
      read_anchor(directory / "ANCHOR", {"fundtrail/wujin-2008", key.public_key()}));
  return head ? head->size : 0;
}

// The chain link by link; documents complete; pairs whole; every acknowledged command where its
// receipt said; every checkpoint that was handed out covers the tree's beginning. Gives the number of
// fund receipts.
int check_after_crash(const View& view, const std::map<std::string, std::uint64_t>& acknowledged,
                      const std::map<std::uint64_t, chain::Hash>& checkpoints) {
  chain::Hasher hasher(view.suite());
  chain::Frontier tree;
  std::map<std::string, std::uint64_t> found;
  std::string previous(64, '0');
  int receipts = 0;
  std::size_t kept = 0;
  bool whole = true;
  require_ok(view.scan(0, view.size(), View::Lines::with, [&](std::uint64_t index, std::string_view
                                                                  bytes, std::string_view lines) {
    const auto entry = chain::decode_entry(bytes);
    whole = whole && entry.ok() && entry->index == index && entry->prev == previous;
    if (!whole) return false;
    whole = found.emplace(entry->command.str(), index).second;
    const auto count = static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
    whole = whole && count == (entry->lines ? entry->lines->count : 0);
    if (std::holds_alternative<FundReceipt>(entry->document)) ++receipts;
    const chain::Hash leaf = hasher.leaf(bytes);
    tree.append(hasher, leaf);
    previous = chain::to_hex(leaf);
    if (const auto it = checkpoints.find(tree.size()); whole && it != checkpoints.end()) {
      whole = it->second == tree.root(hasher);
      ++kept;
    }
    return whole;
  }));
  INFO("entry " << tree.size());
  REQUIRE(whole);
  REQUIRE(kept == checkpoints.size());
  REQUIRE(tree.root(hasher) == view.root());
  for (const auto& [id, index] : acknowledged) {
    INFO(id);
    REQUIRE(found.count(id) == 1);
    REQUIRE(found[id] == index);
  }
  for (const auto& [id, index] : found) {  // both of a pair or neither, side by side
    if (id.size() < 2 || id.substr(id.size() - 2) != ".b") continue;
    REQUIRE(found.at(id.substr(0, id.size() - 1) + "a") + 1 == index);
  }
  return receipts;
}

}  // namespace

// Submits for ever from several threads; ends by being killed. Exit codes tell what went wrong.
TEST_CASE("child: submits until it is killed", "[.][submit-until-killed]") {
  if (!is_child()) return;
  LedgerOptions options;
  // A slow disk every other time: then a group's anchor is written beside the next group's commit.
  if (child_round().back() % 2 == 1) options.sync_delay_us = 500;
  auto ledger = Ledger::open(child_directory(), options);
  if (!ledger.ok()) _exit(10);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0;; ++i) {
        const std::string id = child_round() + "." + std::to_string(t) + "." + std::to_string(i);
        std::vector<Command> commands;
        if (t == 0 && i % 8 == 5) {
          const auto note = (*ledger)->checkpoint();
          if (!note.ok()) _exit(14);
          const auto stated = chain::parse_checkpoint(chain::parse_note(*note)->body);
          Acknowledged issued{{}, stated->size, stated->root};
          if (::write(STDOUT_FILENO, &issued, sizeof issued) != sizeof issued) _exit(15);
        }
        if (i % 4 == 3) {
          commands.push_back(rows_of_the_past(id + ".s", 1 + i % 50));
        } else {
          commands.push_back(fund_receipt(id + ".a"));
          if (i % 4 == 2) commands.push_back(fund_receipt(id + ".b"));  // an atomic pair
        }
        const auto answers = (*ledger)->submit(std::move(commands), BatchMode::atomic);
        if (!answers.ok()) _exit(11);
        for (const auto& answer : *answers) {
          const auto* receipt = std::get_if<Receipt>(&answer);
          if (receipt == nullptr) _exit(12);
          Acknowledged acknowledged{};
          std::strncpy(acknowledged.id, receipt->command.str().c_str(), sizeof acknowledged.id - 1);
          acknowledged.index = receipt->index;
          if (::write(STDOUT_FILENO, &acknowledged, sizeof acknowledged) != sizeof acknowledged) {
            _exit(13);
          }
        }
      }
    });
  }
  threads[0].join();
}

TEST_CASE("kill -9 under load loses nothing that was acknowledged", "[crash]") {
  const char* rounds_text = std::getenv("FUNDTRAIL_KILL_ROUNDS");
  const int rounds = rounds_text != nullptr ? std::atoi(rounds_text) : 25;
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  TemporaryDirectory home;
  new_ledger(home.path()).reset();
  std::map<std::string, std::uint64_t> acknowledged;
  std::map<std::uint64_t, chain::Hash> checkpoints;
  std::chrono::microseconds slowest{};
  std::clock_t most_work = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::size_t commands = 1 + random() % 300;
    for (const auto& one : run_and_kill(home.path(), round, commands,
                                        std::chrono::microseconds(random() % 3000))) {
      if (one.id[0] == '\0') {
        REQUIRE(checkpoints.emplace(one.index, one.root).first->second == one.root);
      } else {
        REQUIRE(acknowledged.emplace(one.id, one.index).second);
      }
    }
    const std::uint64_t covered = anchored(home.path());
    for (const auto& [id, index] : acknowledged) REQUIRE(index < covered);
    if (!checkpoints.empty()) REQUIRE(checkpoints.rbegin()->first <= covered);
    const auto start = Clock::now();
    const std::clock_t work = std::clock();
    auto ledger = take(Ledger::open(home.path(), {}));
    most_work = std::max(most_work, std::clock() - work);
    slowest = std::max(slowest, std::chrono::duration_cast<std::chrono::microseconds>(
                                    Clock::now() - start));
    if (round % 10 == 9 || round + 1 == rounds) {
      const auto view = ledger->view();
      const int receipts = check_after_crash(*view, acknowledged, checkpoints);
      REQUIRE(available(*view) == Money::of_fen(100) * receipts);
    }
    // Repeating an acknowledged command gives its receipt again.
    if (acknowledged.empty()) continue;
    const auto& [id, index] = *acknowledged.rbegin();
    if (id.back() != 's') {
      const auto again = record(*ledger, fund_receipt(id));
      REQUIRE(again.repeated);
      REQUIRE(again.index == index);
    }
  }
  // Processor time, because a busy machine says nothing about the ledger; the clock is printed.
  REQUIRE(most_work < CLOCKS_PER_SEC);
  std::cout << "kill -9: " << rounds << " rounds, " << acknowledged.size()
            << " acknowledged, " << checkpoints.size() << " checkpoints, slowest reopening " << slowest.count() / 1000 << " ms\n";
}

TEST_CASE("child: stages, fills and adopts", "[.][adopt-once]") {
  if (!is_child()) return;
  auto ledger = Ledger::open(child_directory(), {});
  if (!ledger.ok()) _exit(10);
  const auto tell = [] {  // how far it is
    if (::write(STDOUT_FILENO, "+", 1) != 1) _exit(11);
  };
  tell();
  auto copy = (*ledger)->stage();
  if (!copy.ok()) _exit(12);
  tell();
  std::vector<Command> commands;
  for (int i = 0; i < 20; ++i) {
    commands.push_back(fund_receipt(child_round() + "." + std::to_string(i)));
  }
  if (!(*copy)->submit(std::move(commands), BatchMode::atomic).ok()) _exit(13);
  tell();
  if (!(*ledger)->adopt(std::move(*copy)).ok()) _exit(14);
  _exit(0);
}

TEST_CASE("kill -9 around adopt() leaves the old ledger or the new one", "[crash]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  TemporaryDirectory home;
  new_ledger(home.path()).reset();
  std::uint64_t size = kFirst;
  int adopted = 0;
  for (int round = 0; round < 12; ++round) {
    const Child child = start_child("[adopt-once]", home.path(), round);
    char progress;
    for (unsigned step = 1 + (round < 3 ? round : 2); step > 0; --step) {
      REQUIRE(::read(child.out, &progress, 1) == 1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 40));
    ::kill(child.pid, SIGKILL);
    const int status = child.wait();
    const bool finished = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    REQUIRE((WIFSIGNALED(status) || finished));
    auto ledger = take(Ledger::open(home.path(), {}));
    const auto view = ledger->view();
    const bool grown = view->size() == size + 20;
    REQUIRE((grown || (view->size() == size && !finished)));
    adopted += grown ? 1 : 0;
    size = view->size();
    check_chain(*view);
    for (const auto& item : std::filesystem::directory_iterator(home.path())) {
      REQUIRE(item.path().filename().string().find("staging") == std::string::npos);
    }
  }
  std::cout << "kill -9 around adopt: " << adopted << " of 12 adopted\n";
}

TEST_CASE("child: writes until its files may not grow", "[.][disk-full]") {
  if (!is_child()) return;
  ::signal(SIGXFSZ, SIG_IGN);
  auto ledger = Ledger::open(child_directory(), {});
  if (!ledger.ok()) _exit(10);
  const rlimit limit{64 << 10, 64 << 10};  // the journal soon reaches it
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(11);
  for (int i = 0; i < 10'000; ++i) {
    auto answers = (*ledger)->submit({fund_receipt("r" + std::to_string(i))}, BatchMode::atomic);
    if (answers.ok()) continue;
    if (answers.error().fault != Fault::unavailable) _exit(12);
    if (!(*ledger)->refusing()) _exit(13);
    // It does not retry, and it still reads.
    const auto again = (*ledger)->submit({fund_receipt("later")}, BatchMode::atomic);
    if (again.ok() || again.error().fault != Fault::unavailable) _exit(14);
    if ((*ledger)->checkpoint().ok() || (*ledger)->stage().ok()) _exit(15);
    if (!(*ledger)->view()->entry(kFirst).ok()) _exit(16);
    _exit(i > 0 ? 0 : 17);
  }
  _exit(18);
}

TEST_CASE("after a failed write the ledger refuses until it is opened again", "[crash]") {
  TemporaryDirectory home;
  new_ledger(home.path()).reset();
  const int status = start_child("[disk-full]", home.path()).wait();
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  auto ledger = take(Ledger::open(home.path(), {}));
  check_chain(*ledger->view());
  REQUIRE(std::holds_alternative<Receipt>(submit_one(*ledger, fund_receipt("later"))));
}
