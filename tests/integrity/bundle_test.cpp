// Every way to change a bundle: the C++ verifier and the verify.py inside it must both name the
// expected entry and reason. verify.py runs once over all changed copies.
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "audit/bundle.h"
#include "audit/integrity/verify.h"
#include "ledger/chain/document_codec.h"
#include "ledger/store/layout.h"
#include "tests/integrity/languages.h"
#include "tests/integrity/sample.h"

namespace fundtrail::integrity_test {
namespace {

namespace fs = std::filesystem;

// With the file or account that it is about.
std::string full_answer(const std::optional<audit::Finding>& finding) {
  return answer(finding) + (finding && !finding->subject.empty() ? " " + finding->subject : "");
}

// The answer without the subject, for what is expected.
bool answers(const std::string& given, const std::string& expected) {
  return given == expected || given.starts_with(expected + " ");
}

using Lines = std::vector<std::string>;  // with their line feeds
Lines lines_of(const fs::path& file) {
  Lines lines;
  std::string text = slurp(file);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.erase(0, end);
  }
  return lines;
}
void put(const fs::path& file, const Lines& lines) {
  std::string text;
  for (const auto& line : lines) text += line;
  spill(file, text);
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}
void replace_in(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = slurp(file);
  replace(text, from, to);
  spill(file, text);
}

using Change = std::function<void(Lines&)>;
struct Mutation {
  std::string name;
  std::function<void(const fs::path&, Sample&)> apply;
  std::string expected;
};

Mutation on_entries(std::string name, Change change, std::string expected) {
  return {std::move(name),
          [change](const fs::path& b, Sample&) {
            auto lines = lines_of(b / "entries.jsonl");
            change(lines);
            put(b / "entries.jsonl", lines);
          },
          std::move(expected)};
}

Mutation on_file(std::string name, std::string file, std::string from, std::string to,
                 std::string expected) {
  return {std::move(name),
          [=](const fs::path& b, Sample&) { replace_in(b / file, from, to); }, expected};
}

void change_prev(std::string& line) {
  const auto at = line.find("\"prev\":\"") + 8;
  line[at] = line[at] == '0' ? '1' : '0';
}

std::string forged_after(Sample& s, const std::string& last, std::uint64_t index) {
  std::string line = last;
  replace(line, ":" + std::to_string(index - 1) + ",", ":" + std::to_string(index) + ",");
  chain::Hasher hasher(s.suite());
  const auto at = line.find("\"prev\":\"") + 8;
  line.replace(at, 64, chain::to_hex(hasher.leaf(last.substr(0, last.size() - 1))));
  return line;
}

std::vector<Mutation> full_mutations() {
  std::vector<Mutation> m = {
      {"nothing", [](auto&, auto&) {}, "fine"},
      on_entries("amount", [](Lines& l) { replace(l[12], "300.00", "900.00"); }, "altered 12"),
      on_entries("prev", [](Lines& l) { change_prev(l[31]); }, "altered 31"),
      on_entries("prev of the last", [](Lines& l) { change_prev(l[59]); }, "altered 59"),
      on_entries("prev of the first", [](Lines& l) { change_prev(l[0]); }, "altered 0"),
      on_entries("first", [](Lines& l) { replace(l[0], "c-0", "c-1"); }, "altered 0"),
      on_entries("last", [](Lines& l) { replace(l[59], "c-59", "c-58"); }, "altered 59"),
      on_entries("last but one", [](Lines& l) { replace(l[58], "c-58", "c-59"); }, "altered 58"),
      on_entries("neighbours", [](Lines& l) {
        replace(l[40], "c-40", "c-41");
        replace(l[41], "c-41", "c-42");
      }, "altered 40"),
      on_entries("number", [](Lines& l) { replace(l[20], ":20,", ":27,"); }, "altered 20"),
      on_entries("number of the first", [](Lines& l) { replace(l[0], ":0,", ":1,"); }, "altered 0"),
      on_entries("number of the last", [](Lines& l) { replace(l[59], ":59,", ":58,"); },
                 "altered 59"),
      on_entries("ledger", [](Lines& l) { replace(l[7], "\"sample\"", "\"simple\""); }, "altered 7"),
      on_entries("kind", [](Lines& l) { replace(l[12], "redemption", "redamption"); }, "altered 12"),
      on_entries("no JSON", [](Lines& l) { replace(l[17], "{", "["); }, "unreadable 17"),
      on_entries("white space", [](Lines& l) { replace(l[17], ",\"doc", ", \"doc"); },
                 "unreadable 17"),
      on_entries("empty line", [](Lines& l) { l[17] = "\n"; }, "unreadable 17"),
      on_entries("version", [](Lines& l) { replace(l[18], "\"v\":1}", "\"v\":2}"); },
                 "unknown_version 18"),
      on_entries("suite", [](Lines& l) { replace(l[0], "\"suite\":\"s", "\"suite\":\"z"); },
                 "unknown_version 0"),
      on_entries("first dropped", [](Lines& l) { l.erase(l.begin()); }, "missing 0"),
      on_entries("middle dropped", [](Lines& l) { l.erase(l.begin() + 30); }, "missing 30"),
      on_entries("last dropped", [](Lines& l) { l.pop_back(); }, "truncated 59"),
      on_entries("tail dropped", [](Lines& l) { l.resize(45); }, "truncated 45"),
      on_entries("cut in a line", [](Lines& l) { l.resize(31); l[30].resize(100); },
                 "truncated 30"),
      on_entries("last line feed", [](Lines& l) { l[59].pop_back(); }, "truncated 59"),
      on_entries("all", [](Lines& l) { l.clear(); }, "truncated 0"),
      on_entries("copy", [](Lines& l) { l.insert(l.begin() + 30, l[10]); }, "inserted 30"),
      on_entries("copy of a later one", [](Lines& l) { l.insert(l.begin() + 30, l[44]); },
                 "inserted 30"),
      on_entries("copy behind itself", [](Lines& l) { l.insert(l.begin() + 30, l[29]); },
                 "inserted 29"),
      on_entries("copy of the last", [](Lines& l) { l.push_back(l[59]); }, "inserted 59"),
      on_entries("forged", [](Lines& l) {
        l.insert(l.begin() + 30, l[30]);
        replace(l[30], "c-30", "c-99");
      }, "inserted 30"),
      on_entries("forged with a wrong link", [](Lines& l) {
        l.insert(l.begin() + 30, l[30]);
        change_prev(l[30]);
      }, "inserted 30"),
      {"forged at the end", [](const fs::path& b, Sample& s) {
         auto lines = lines_of(b / "entries.jsonl");
         lines.push_back(forged_after(s, lines.back(), 60));
         put(b / "entries.jsonl", lines);
       }, "inserted 60"},
      on_entries("swapped", [](Lines& l) { std::swap(l[21], l[44]); }, "reordered 21"),
      on_entries("swapped neighbours", [](Lines& l) { std::swap(l[21], l[22]); }, "reordered 21"),
      on_entries("moved", [](Lines& l) { std::rotate(l.begin() + 21, l.begin() + 22, l.end()); },
                 "reordered 21"),
      on_file("line", "lines/00000005.jsonl", "100.00", "900.00", "lines_altered 5"),
      {"line cut", [](const fs::path& b, Sample&) {
         auto lines = lines_of(b / "lines/00000011.jsonl");
         lines.pop_back();
         put(b / "lines/00000011.jsonl", lines);
       }, "lines_missing 11"},
      {"line twice", [](const fs::path& b, Sample&) {
         auto lines = lines_of(b / "lines/00000011.jsonl");
         lines.push_back(lines[0]);
         put(b / "lines/00000011.jsonl", lines);
       }, "lines_inserted 11"},
      {"lines swapped", [](const fs::path& b, Sample&) {
         auto lines = lines_of(b / "lines/00000011.jsonl");
         std::swap(lines[0], lines[1]);
         put(b / "lines/00000011.jsonl", lines);
       }, "lines_altered 11"},
      {"lines gone", [](const fs::path& b, Sample&) { fs::remove(b / "lines/00000012.jsonl"); },
       "lines_missing 12"},
      {"lines of another", [](const fs::path& b, Sample&) {
         fs::copy_file(b / "lines/00000012.jsonl", b / "lines/00000013.jsonl");
       }, "lines_inserted 13"},
      {"checkpoint gone", [](const fs::path& b, Sample&) { fs::remove(b / "checkpoint"); },
       "checkpoint_missing checkpoint"},
      {"all checkpoints gone", [](const fs::path& b, Sample&) {
         fs::remove(b / "checkpoint");
         fs::remove_all(b / "checkpoints");
       }, "checkpoint_missing checkpoint"},
      {"earlier checkpoint gone",
       [](const fs::path& b, Sample&) { fs::remove(b / "checkpoints/00000020"); },
       "file_missing checkpoints/00000020"},
      on_file("checkpoint size", "checkpoint", "\n60\n", "\n59\n",
              "wrong_signature checkpoint"),
      on_file("earlier checkpoint size", "checkpoints/00000020", "\n20\n", "\n21\n",
              "wrong_signature checkpoints/00000020"),
      {"checkpoint by another key", [](const fs::path& b, Sample& s) {
         chain::Hash root{};
         const auto other = *chain::SigningKey::generate(s.suite());
         spill(b / "checkpoints/00000020", sign_checkpoint("fundtrail/sample", other, 20, root));
       }, "wrong_signature checkpoints/00000020"},
      {"checkpoint over another root", [](const fs::path& b, Sample& s) {
         chain::Hash root{};
         spill(b / "checkpoints/00000040", sign_checkpoint("fundtrail/sample", s.key(), 40, root));
       }, "root_mismatch 20"},
      {"consistency proof", [](const fs::path& b, Sample&) {
         const auto file = b / "proofs/consistency-00000020-00000040.json";
         auto text = slurp(file);
         auto& c = text[text.size() - 8];
         c = c == '0' ? '1' : '0';
         spill(file, text);
       }, "proof_mismatch proofs/consistency-00000020-00000040.json"},
      {"inclusion proof", [](const fs::path& b, Sample&) {
         const auto file = b / "proofs/entry-00000059.json";
         auto text = slurp(file);
         auto& c = text[text.size() - 8];
         c = c == '0' ? '1' : '0';
         spill(file, text);
       }, "proof_mismatch proofs/entry-00000059.json"},
      {"key file", [](const fs::path& b, Sample& s) {
         spill(b / "keys/ledger.pub.pem",
               chain::SigningKey::generate(s.suite())->public_key().to_pem());
       }, "file_altered keys/ledger.pub.pem"},
      on_file("instructions", "README.md", "offline", "online", "file_altered README.md"),
      {"verifier gone", [](const fs::path& b, Sample&) { fs::remove(b / "verify.py"); },
       "file_missing verify.py"},
      {"file too many", [](const fs::path& b, Sample&) { spill(b / "notes.txt", "x"); },
       "file_unlisted notes.txt"},
      {"manifest gone", [](const fs::path& b, Sample&) { fs::remove(b / "manifest.sha256"); },
       "file_missing manifest.sha256"},
      {"entries gone", [](const fs::path& b, Sample&) { fs::remove(b / "entries.jsonl"); },
       "file_missing entries.jsonl"},
      on_file("description", "bundle.json", "fundtrail-bundle/1", "fundtrail-bundle/9",
              "file_altered bundle.json"),
      on_file("description: ledger", "bundle.json", "\"sample\"", "\"simple\"", "file_altered bundle.json"),
      on_file("description: suite", "bundle.json", "\"suite\":\"s", "\"suite\":\"S", "file_altered bundle.json"),
      on_file("description: size", "bundle.json", "\"size\":60", "\"size\":59", "file_altered bundle.json"),
      on_file("description: no size", "bundle.json", "\"size\":60", "\"size\":true", "file_altered bundle.json"),
      {"a pipe in the place of a file", [](const fs::path& b, Sample&) {
         fs::remove(b / "checkpoint");
         REQUIRE(::mkfifo((b / "checkpoint").c_str(), 0600) == 0);
       }, "file_altered checkpoint"},
      {"a pipe that nobody names", [](const fs::path& b, Sample&) {
         REQUIRE(::mkfifo((b / "lines" / "x").c_str(), 0600) == 0);
       }, "file_altered lines/x"},
      {"a link out of the bundle", [](const fs::path& b, Sample&) {
         fs::rename(b / "README.md", b.parent_path() / (b.filename().string() + "-README.md"));
         fs::create_symlink(b.parent_path() / (b.filename().string() + "-README.md"), b / "README.md");
       }, "file_altered README.md"},
      {"a folder that is a link", [](const fs::path& b, Sample&) {
         fs::create_directory_symlink("proofs", b / "more");
       }, "file_altered more"},
      {"rebuilt", [](const fs::path& b, Sample& s) {
         Sample copy = s;
         copy.entry(33).date = copy.entry(33).date + 1;
         Lines lines;
         const Tables rebuilt = copy.tables({});
         for (const auto& [key, line] : rebuilt[store::Table::entries]) {
           lines.push_back(line + "\n");
         }
         put(b / "entries.jsonl", lines);
       }, "root_mismatch 20"},
  };
  return m;
}

std::vector<Mutation> partial_mutations() {
  return {
      {"nothing", [](auto&, auto&) {}, "fine"},
      on_entries("amount", [](Lines& l) { replace(l[1], "\"c-", "\"d-"); }, "altered 5"),
      on_entries("last", [](Lines& l) { replace(l.back(), "\"c-", "\"d-"); }, "altered 54"),
      on_entries("dropped", [](Lines& l) { l.erase(l.begin() + 2); }, "missing 6"),
      on_entries("last dropped", [](Lines& l) { l.pop_back(); }, "missing 54"),
      on_entries("copy", [](Lines& l) { l.insert(l.begin() + 2, l[1]); }, "inserted 6"),
      on_entries("copy at the end", [](Lines& l) { l.push_back(l[1]); }, "inserted 5"),
      on_entries("swapped", [](Lines& l) { std::swap(l[1], l[3]); }, "reordered 5"),
      on_entries("number", [](Lines& l) { replace(l[1], ":5,", ":4,"); }, "altered 5"),
      on_entries("unreadable", [](Lines& l) { replace(l[1], "{", "["); }, "unreadable 5"),
      on_entries("cut", [](Lines& l) { l.back().pop_back(); }, "truncated 54"),
      on_file("line", "lines/00000005.jsonl", "100.00", "900.00", "lines_altered 5"),
      on_file("line of a whole document", "lines/00000006.jsonl", "1.50", "9.50",
              "lines_altered 6"),
      {"line cut", [](const fs::path& b, Sample&) {
         auto lines = lines_of(b / "lines/00000005.jsonl");
         lines.pop_back();
         put(b / "lines/00000005.jsonl", lines);
       }, "lines_missing 5"},
      {"proof gone", [](const fs::path& b, Sample&) { fs::remove(b / "proofs/entry-00000006.json"); },
       "proof_mismatch 6"},
      {"checkpoint gone", [](const fs::path& b, Sample&) {
         fs::remove(b / "checkpoint");
         fs::remove_all(b / "checkpoints");
       }, "checkpoint_missing checkpoint"},
      on_file("checkpoint size", "checkpoints/00000020", "\n20\n", "\n21\n",
              "wrong_signature checkpoints/00000020"),
      on_file("description: ledger", "bundle.json", "\"sample\"", "\"simple\"", "file_altered bundle.json"),
      {"a pipe in the place of a file", [](const fs::path& b, Sample&) {
         fs::remove(b / "entries.jsonl");
         REQUIRE(::mkfifo((b / "entries.jsonl").c_str(), 0600) == 0);
       }, "file_altered entries.jsonl"},
  };
}

struct Case {
  std::string name;
  std::string expected;
  fs::path folder;
  std::string cpp, python;  // what either verifier answered
};

// One run of Python over many bundles: {"folder": "reason entry subject"}. What it says of them in words is looked at
// here.
nlohmann::json run_python(const fs::path& work, const std::vector<Case>& cases) {
  std::string list;
  for (const auto& c : cases) list += c.folder.string() + "\n";
  spill(work / "list", list);
  spill(work / "driver.py", R"(
import json, sys
sys.path.insert(0, sys.argv[1])
import verify
answers, words = {}, []
for folder in open(sys.argv[2]).read().split("\n")[:-1]:
    f = verify.Bundle(folder, None).verify()
    answers[folder] = "fine" if f is None else f.reason + (
        "" if f.entry is None else " %d" % f.entry) + (" " + f.subject if f.subject else "")
    if f is not None:
        words += [(f.text(0), f.text(1))] + ([f.detail] if f.detail else [])
json.dump({"answers": answers, "words": words}, open(sys.argv[3], "w"))
)");
  const std::string command = "python3 -B " + (work / "driver.py").string() + " " SOURCE_DIR
                              "/audit " + (work / "list").string() + " " +
                              (work / "answers").string();
  REQUIRE(std::system(command.c_str()) == 0);
  const auto json = nlohmann::json::parse(slurp(work / "answers"));
  for (const auto& said : json["words"]) check_languages(said[0].get<std::string>(), said[1].get<std::string>());
  return json["answers"];
}

// The bundle of a store once for each mutation, judged by both verifiers.
std::vector<Case> judge_all(Sample& sample, const Tables& tables, const audit::BundleSelection& selection,
                            const std::vector<Mutation>& mutations) {
  TemporaryFolder work;
  const auto snapshot = snapshot_of(tables);
  REQUIRE(audit::write_bundle(*snapshot, work.path() / "sound", selection).ok());
  std::vector<Case> cases;
  for (const auto& mutation : mutations) {
    Case c{mutation.name, mutation.expected,
           work.path() / ("m" + std::to_string(cases.size())), {}, {}};
    fs::copy(work.path() / "sound", c.folder, fs::copy_options::recursive);
    mutation.apply(c.folder, sample);
    c.cpp = full_answer(audit::verify_bundle(c.folder, {})->finding);
    cases.push_back(std::move(c));
  }
  const auto python = run_python(work.path(), cases);
  for (auto& c : cases) c.python = python.at(c.folder.string());
  return cases;
}

void check_all(Sample& sample, const Tables& tables, const audit::BundleSelection& selection,
               const std::vector<Mutation>& mutations) {
  for (const auto& c : judge_all(sample, tables, selection, mutations)) {
    INFO(chain::name(sample.suite()) << ": " << c.name);
    INFO("expected " << c.expected << ", C++ says " << c.cpp);
    CHECK(answers(c.cpp, c.expected));
    CHECK(c.python == c.cpp);
  }
}

}  // namespace

TEST_CASE("every change of a full bundle is found by both verifiers") {
  for (const auto suite : {chain::Suite::sha256_ed25519, chain::Suite::sm3_sm2}) {
    Sample sample(suite, 60);
    check_all(sample, sample.tables({20, 40, 60}), {}, full_mutations());
  }
}

TEST_CASE("every change of a provider's bundle is found by both verifiers") {
  for (const auto suite : {chain::Suite::sha256_ed25519, chain::Suite::sm3_sm2}) {
    Sample sample(suite, 60);
    audit::BundleSelection selection;
    selection.provider = ProviderId::parse("P001");
    check_all(sample, sample.tables({20, 40, 60}), selection, partial_mutations());
  }
}

TEST_CASE("both verifiers agree on flipped bytes of a bundle's entries and lines") {
  Sample sample(chain::Suite::sha256_ed25519, 60);
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  std::vector<Mutation> mutations;
  for (int i = 0; i < 150; ++i) {
    const bool of_lines = i % 5 == 0;
    const std::uint64_t index = of_lines ? 5 : std::uint64_t(random() % 60);
    const auto where = random();
    const char mask = static_cast<char>(1 << random() % 8);
    mutations.push_back({"flip " + std::to_string(i),
                         [=](const fs::path& b, Sample&) {
                           const auto file =
                               b / (of_lines ? "lines/00000005.jsonl" : "entries.jsonl");
                           auto lines = lines_of(file);
                           auto& line = lines[of_lines ? 0 : index];
                           line[where % (line.size() - 1)] ^= mask;
                           put(file, lines);
                         },
                         of_lines ? "lines_" : ""});
  }
  for (const auto& c : judge_all(sample, sample.tables({20, 40, 60}), {}, mutations)) {
    INFO(c.name);
    CHECK(c.cpp != "fine");
    CHECK(c.cpp.starts_with(c.expected));
    CHECK(c.python == c.cpp);
  }
}

TEST_CASE("a bundle of a range of dates is proven entry by entry") {
  Sample sample(chain::Suite::sha256_ed25519, 600);
  const Tables tables = sample.tables({500, 600});
  const auto snapshot = snapshot_of(tables);
  TemporaryFolder work;
  audit::BundleSelection selection;
  selection.from = Date::parse("2008-04-10");
  selection.to = Date::parse("2008-04-12");
  const auto written = audit::write_bundle(*snapshot, work.path() / "b", selection);
  REQUIRE(written.ok());
  CHECK(written->entries == 1 + 3 * 7);  // entry 0, and three days of each run of ninety
  const auto report = audit::verify_bundle(work.path() / "b", {});
  REQUIRE(report.ok());
  CHECK(full_answer(report->finding) == "fine");
  CHECK(report->entries == written->entries);
}

TEST_CASE("an export refuses to replace anything and to claim what is not signed") {
  Sample sample(chain::Suite::sha256_ed25519, 20);
  TemporaryFolder work;
  const Tables tables = sample.tables({20}), without = sample.tables({});
  const auto snapshot = snapshot_of(tables), unsigned_one = snapshot_of(without);
  CHECK(audit::write_bundle(*unsigned_one, work.path() / "b", {}).error().fault ==
        Fault::not_found);
  REQUIRE(audit::write_bundle(*snapshot, work.path() / "b", {}).ok());
  CHECK(audit::write_bundle(*snapshot, work.path() / "b", {}).error().fault ==
        Fault::invalid_argument);
  // Nothing half-made is left beside it.
  CHECK(std::distance(fs::directory_iterator(work.path()), fs::directory_iterator()) == 1);
}

}  // namespace fundtrail::integrity_test
