// What recovery must not let pass: a hole between two journals, a table without its newest files
// (ledger/store/rocks_checks.h).
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "ledger/store/rocks_store.h"

using namespace fundtrail;
using namespace fundtrail::store;
namespace fs = std::filesystem;

namespace {

struct Home {
  fs::path path;
  Home() {
    std::string pattern = (fs::temp_directory_path() / "recovery-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Home() { fs::remove_all(path); }
};

std::unique_ptr<RocksStore> open(const fs::path& path) {
  auto opened = RocksStore::open(path, RocksStore::Missing::create);
  INFO((opened.ok() ? "" : opened.error().message));
  REQUIRE(opened.ok());
  return std::move(*opened);
}

// n commits, each with a row in three tables; the rows are named by the head.
std::string grow(RocksStore& store, std::string head, int n) {
  const Epoch epoch = *store.claim();
  for (int i = 0; i < n; ++i) {
    const std::string next = "h" + std::to_string(head.empty() ? 0 : std::stoi(head.substr(1)) + 1);
    REQUIRE(store.commit({epoch, head}, next,
                         {{Table::entries, next, std::string(300, 'x')},
                          {Table::state, "row", next},
                          {Table::commands, next, "c"}})
                .outcome == Committed::applied);
    head = next;
  }
  return head;
}

std::map<std::string, fs::path> files(const fs::path& folder, const std::string& part) {
  std::map<std::string, fs::path> found;
  for (const auto& file : fs::directory_iterator(folder)) {
    const std::string name = file.path().filename().string();
    if (name.find(part) != name.npos && fs::file_size(file) > 0) found[name] = file.path();
  }
  return found;
}

void refuse(const fs::path& path, const std::string& english, const std::string& chinese) {
  const auto written = RocksStore::open(path, RocksStore::Missing::refuse);
  const auto read = RocksStore::open_read_only(path);
  for (const auto* opened : {&written, &read}) {
    REQUIRE_FALSE(opened->ok());
    REQUIRE(opened->error().fault == Fault::unreadable);
    INFO(opened->error().message);
    REQUIRE(opened->error().message.find(english) != std::string::npos);
    REQUIRE(opened->error().message.find(chinese) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("a hole between two journals is refused, however it came about") {
  Home home;
  std::string head = grow(*open(home.path / "db"), "", 100);
  head = grow(*open(home.path / "db"), head, 20);
  {
    auto store = open(home.path / "db");
    grow(*store, head, 5);
    fs::copy(home.path / "db", home.path / "crashed");  // as a crash would leave it
  }
  const auto journals = files(home.path / "crashed", ".log");
  REQUIRE(journals.size() == 3);
  const fs::path oldest = journals.begin()->second, middle = std::next(journals.begin())->second;
  SECTION("nothing is missing") {
    const auto store = open(home.path / "crashed");
    REQUIRE(store->get(Table::state, "row")->value() == "h124");
  }
  SECTION("the last record of the oldest is cut") {
    fs::resize_file(oldest, fs::file_size(oldest) - 10);
    refuse(home.path / "crashed", "gap", "缺口");
  }
  SECTION("half of the middle one is gone") {
    fs::resize_file(middle, fs::file_size(middle) / 2);
    refuse(home.path / "crashed", "gap", "缺口");
  }
  SECTION("the middle one is gone") {
    fs::remove(middle);
    refuse(home.path / "crashed", "gap", "缺口");
  }
}

TEST_CASE("wherever the MANIFEST is cut, no table is older than the head") {
  Home home;
  std::string head = grow(*open(home.path / "db"), "", 10);
  for (int i = 0; i < 2; ++i) {
    auto store = open(home.path / "db");
    head = grow(*store, head, 10);
    REQUIRE(store->expunge(Table::vault).ok());  // all tables go to files, one after the other
  }
  const auto manifest = files(home.path / "db", "MANIFEST").rbegin()->second;
  const auto size = fs::file_size(manifest);
  int opened = 0, refused = 0;
  for (std::uintmax_t keep = 0; keep <= size; keep += keep + 8 < size ? 8 : 1) {
    fs::remove_all(home.path / "cut");
    fs::copy(home.path / "db", home.path / "cut");
    fs::resize_file(home.path / "cut" / manifest.filename(), keep);
    INFO("cut to " << keep << " of " << size);
    const auto store = RocksStore::open_read_only(home.path / "cut");
    if (!store.ok()) {
      ++refused;
      continue;
    }
    ++opened;
    // A head that is behind is the anchor's business; what it says must be there.
    const auto there = (*store)->get(Table::meta, "head")->value_or("");
    if (there.empty()) continue;
    REQUIRE((*store)->get(Table::state, "row")->value_or("nothing") == there);
    REQUIRE((*store)->get(Table::commands, there)->has_value());
    REQUIRE((*store)->get(Table::entries, there)->has_value());
  }
  // Two guards stand here, the database's own list of journals and our marks; without both of them
  // this fails.
  INFO(opened << " opened, " << refused << " refused");
  REQUIRE(opened > 0);
  REQUIRE(refused > opened);
}
