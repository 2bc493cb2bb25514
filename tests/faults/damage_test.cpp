// Bytes of a closed ledger are changed, files cut and removed, wherever they lie: opening or verifying
// finds it and says where, or nothing that anybody reads has changed. Never is anything else served
// as good.
//
// The normal form takes a few hundred places, chosen by a seed that it prints; FUNDTRAIL_DAMAGE=n
// takes n random bytes besides (20000 for the long form), FUNDTRAIL_SEED repeats a sample and
// FUNDTRAIL_HARMLESS prints every place where nothing came of it.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include "tests/engine/scene.h"
#include "tests/faults/workload.h"

using namespace fundtrail;
using namespace fundtrail::faults;
using test::TemporaryDirectory;

namespace {

std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}
void spill(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

unsigned seed() {
  const char* given = std::getenv("FUNDTRAIL_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                          : std::random_device()();
}
std::size_t random_bytes() {
  const char* given = std::getenv("FUNDTRAIL_DAMAGE");
  return given != nullptr ? std::strtoul(given, nullptr, 10) : 60;
}

// All kinds of rows; most of them in table files, the newest in the journal.
void make_ledger(const fs::path& root) {
  {
    auto ledger = test::scene(root, 12);
    for (int month = 0; month < 3; ++month) {
      test::record(*ledger, test::issue(*ledger, month, 1 + 12 * month, 12));
      test::record(*ledger, test::redemption("use-" + std::to_string(month), month,
                                             {1 + 12 * month, 2 + 12 * month}));
    }
    for (int i = 0; i < 260; ++i) test::record(*ledger, test::fund_receipt("r" + std::to_string(i)));
    test::take(ledger->checkpoint());
  }
  {
    auto store = test::take(store::RocksStore::open(fs::canonical(root / "db"),
                                                    store::RocksStore::Missing::refuse));
    test::require_ok(store->expunge(store::Table::vault));  // flushes every table
  }
  auto ledger = test::take(Ledger::open(root, {}));
  for (int i = 0; i < 20; ++i) test::record(*ledger, test::fund_receipt("late" + std::to_string(i)));
  ledger.reset();
  ledger = test::take(Ledger::open(root, {}));  // two journals
  for (int i = 0; i < 5; ++i) test::record(*ledger, test::fund_receipt("last" + std::to_string(i)));
}

// Every row that anybody could be shown. Not the epoch: it is no content.
std::string content_of(const store::Store& store) {
  std::string all;
  const auto snapshot = store.snapshot();
  for (std::size_t table = 0; table < store::kTables; ++table) {
    const auto status =
        snapshot->scan(static_cast<store::Table>(table), "", "",
                       [&](std::string_view key, std::string_view value) {
                         if (key == store::kEpochKey) return true;
                         all += std::to_string(table) + " " + std::string(key) + "=" +
                                std::string(value) + "\n";
                         return true;
                       });
    if (!status.ok()) return "cannot be read: " + status.error().message;
  }
  return all;
}

// A ledger's files, copied by hard links but for the one that is going to be damaged.
class Specimen {
 public:
  Specimen(const fs::path& from, const fs::path& to) : from_(from), to_(to) {
    for (const auto& item : fs::recursive_directory_iterator(from)) {
      const auto name = item.path().lexically_relative(from);
      if (item.is_symlink()) {
        links_.push_back(name);
      } else if (item.is_directory()) {
        directories_.push_back(name);
      } else {
        files_.push_back(name);
        sizes_.push_back(item.file_size());
        total_ += item.file_size();
      }
    }
  }
  const std::vector<fs::path>& files() const { return files_; }
  const std::vector<fs::path>& links() const { return links_; }
  std::uint64_t size(std::size_t i) const { return sizes_[i]; }
  std::uint64_t total() const { return total_; }

  // Makes the copy anew, whole.
  void make() const {
    fs::remove_all(to_);
    fs::create_directories(to_);
    for (const auto& name : directories_) fs::create_directories(to_ / name);
    for (const auto& name : links_) fs::copy_symlink(from_ / name, to_ / name);
    for (const auto& name : files_) fs::create_hard_link(from_ / name, to_ / name);
  }
  // One file (or link) gets a content of its own, or goes.
  void damage(const fs::path& name, const std::optional<std::string>& content) const {
    fs::remove(to_ / name);
    if (!content) return;
    spill(to_ / name, *content);
    fs::permissions(to_ / name, fs::status(from_ / name).permissions());
  }
  // As it was, after damage() and a look that wrote nothing.
  void mend(const fs::path& name) const {
    fs::remove(to_ / name);
    if (fs::is_symlink(from_ / name)) {
      fs::copy_symlink(from_ / name, to_ / name);
    } else {
      fs::create_hard_link(from_ / name, to_ / name);
    }
  }
  // The same with copies, for a look that writes.
  void make_own(const fs::path& own, const std::optional<std::string>& content) const {
    for (const auto& name : files_) {
      if (name == own) continue;
      fs::remove(to_ / name);
      fs::copy_file(from_ / name, to_ / name);
    }
    damage(own, content);
  }

 private:
  fs::path from_, to_;
  std::vector<fs::path> files_, directories_, links_;
  std::vector<std::uint64_t> sizes_;
  std::uint64_t total_ = 0;
};

struct Tally {
  std::size_t verify = 0, open = 0, harmless = 0;
  std::set<std::string> harmless_files;
};

class Examiner {
 public:
  Examiner(const fs::path& sound, const fs::path& place)
      : specimen_(sound, place), from_(sound), place_(place) {
    specimen_.make();
    good_ = content_of(*test::take(store::RocksStore::open_read_only(place / "db")));
    REQUIRE(verify(place).empty());
  }
  const Specimen& specimen() const { return specimen_; }
  const Tally& tally() const { return tally_; }

  // Empty: found and named, or harmless. Else what is wrong.
  std::string examine(const fs::path& file, const std::optional<std::string>& content) {
    specimen_.damage(file, content);
    if (const auto found = verify(place_); !found.empty()) {
      ++tally_.verify;
      specimen_.mend(file);
      return names_a_place(found) ? "" : "found, but not named: " + found;
    }
    const std::string answer = open(file, content);
    specimen_.make();
    return answer;
  }

 private:
  // What opening makes of damage that verifying did not mind.
  std::string open(const fs::path& file, const std::optional<std::string>& content) {
    {
      const auto store = store::RocksStore::open_read_only(place_ / "db");
      if (!store.ok()) return "verified, and then not read: " + store.error().message;
      if (content_of(**store) != good_) return "verified with other content";
    }
    specimen_.make_own(file, content);
    auto ledger = Ledger::open(place_, {});
    if (!ledger.ok()) {
      ++tally_.open;
      return names_a_place(ledger.error().message)
                 ? ""
                 : "refused without a name: " + ledger.error().message;
    }
    ledger = Error{Fault::unavailable, "closed"};
    const auto store = store::RocksStore::open_read_only(place_ / "db");
    if (!store.ok() || content_of(**store) != good_) return "opened with other content";
    ++tally_.harmless;
    tally_.harmless_files.insert(file.filename().string());
    if (std::getenv("FUNDTRAIL_HARMLESS") != nullptr) {
      const std::string was = slurp(from_ / file), is = content.value_or("");
      const auto at = std::mismatch(was.begin(), was.end(), is.begin(), is.end()).first - was.begin();
      std::cout << "harmless: " << file << " of " << was.size() << " at " << at
                << (content ? was.size() == is.size() ? "" : " cut" : " removed") << "\n";
    }
    return "";
  }
  // A file, a table, an entry, or what it is that does not fit.
  bool names_a_place(std::string message) const {
    // The ledger's own path says nothing about where in it the damage is.
    const std::string here = place_.string();
    for (auto at = message.find(here); at != message.npos; at = message.find(here)) {
      message.erase(at, here.size());
    }
    for (const char* name : {".sst", ".log", "MANIFEST", "CURRENT", "OPTIONS", "ANCHOR", "signing.pem",
                             "vault.key", "table \"", "ntry ", "checkpoint", "the head", "stored head",
                             "there is no store in", "from number "}) {
      if (message.find(name) != message.npos) return true;
    }
    return false;
  }

  Specimen specimen_;
  fs::path from_, place_;
  std::string good_;
  Tally tally_;
};

std::string flipped(std::string bytes, std::uint64_t at, std::mt19937& random) {
  bytes[at] = static_cast<char>(bytes[at] ^ (1 + random() % 255));
  return bytes;
}

// Where a file of this size is changed: its ends, what stands around blocks, and some in between.
std::set<std::uint64_t> places(std::uint64_t size, std::mt19937& random) {
  std::set<std::uint64_t> all;
  for (const std::uint64_t at : {0, 1, 7, 9}) {
    if (at < size) all.insert(at);
    if (at < size) all.insert(size - 1 - at);
  }
  for (const std::uint64_t back : {20, 47, 53, 100, 400}) {  // footer, index, properties
    if (back < size) all.insert(size - back);
  }
  for (int i = 0; i < 2; ++i) {
    if (size > 0) all.insert(random() % size);
  }
  return all;
}

}  // namespace

TEST_CASE("a changed byte, a cut or a missing file is found and named, or harmless") {
  const unsigned number = seed();
  INFO("FUNDTRAIL_SEED=" << number);
  std::mt19937 random(number);
  TemporaryDirectory home;
  const fs::path sound = home.path() / "sound";
  make_ledger(sound);
  Examiner examiner(sound, home.path() / "place");
  const auto& files = examiner.specimen().files();
  std::size_t cases = 0;

  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string bytes = slurp(sound / files[i]);
    for (const auto at : places(bytes.size(), random)) {
      INFO(files[i] << " of " << bytes.size() << " bytes, byte " << at);
      CHECK(examiner.examine(files[i], flipped(bytes, at, random)) == "");
      ++cases;
    }
    for (const std::uint64_t keep :
         {std::uint64_t{0}, bytes.size() / 2, bytes.size() - std::min<std::uint64_t>(bytes.size(), 1),
          bytes.size() - bytes.size() / 10}) {
      if (keep >= bytes.size()) continue;
      INFO(files[i] << " of " << bytes.size() << " bytes, cut to " << keep);
      CHECK(examiner.examine(files[i], bytes.substr(0, keep)) == "");
      ++cases;
    }
    INFO(files[i] << " removed");
    CHECK(examiner.examine(files[i], std::nullopt) == "");
    ++cases;
  }
  for (const auto& link : examiner.specimen().links()) {
    INFO(link << " removed");
    CHECK(examiner.examine(link, std::nullopt) == "");
  }
  for (std::size_t n = random_bytes(); n > 0; --n) {
    std::uint64_t at = random() % examiner.specimen().total();
    std::size_t i = 0;
    while (at >= examiner.specimen().size(i)) at -= examiner.specimen().size(i++);
    INFO(files[i] << ", random byte " << at);
    CHECK(examiner.examine(files[i], flipped(slurp(sound / files[i]), at, random)) == "");
    ++cases;
  }
  const auto& tally = examiner.tally();
  std::cout << "damage: seed " << number << ", " << cases << " cases in " << files.size()
            << " files of " << examiner.specimen().total() << " bytes; found by verify " << tally.verify
            << ", by opening " << tally.open << ", harmless " << tally.harmless << " (";
  for (const auto& name : tally.harmless_files) std::cout << " " << name;
  std::cout << " )\n";
  CHECK(tally.verify > cases / 2);
}
