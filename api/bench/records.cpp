// What lies on disk after redemptions, and how fast it is verified.
#include <rocksdb/db.h>
#include <rocksdb/utilities/options_util.h>

#include <algorithm>
#include <map>

#include "api/bench/bench.h"
#include "api/bench/machine.h"
#include "audit/integrity/verify.h"
#include "ledger/store/rocks_store.h"

namespace fundtrail::api::bench {
namespace {

namespace fs = std::filesystem;

Error error_of(const rocksdb::Status& status) { return {Fault::io, status.ToString()}; }

// Flushes and compacts the store of a closed ledger with its own options, as the background work of
// a quiet night would. The seam has no such call because nothing but this needs it.
Result<std::map<std::string, std::uint64_t>> compacted_tables(const fs::path& store) {
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  rocksdb::ConfigOptions config;
  auto status = rocksdb::LoadLatestOptions(config, store.string(), &options, &families);
  if (!status.ok()) return error_of(status);
  options.avoid_flush_during_recovery = false;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  status = rocksdb::DB::Open(options, store.string(), families, &handles, &opened);
  if (!status.ok()) return error_of(status);
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::CompactRangeOptions all;
  all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  std::map<std::string, std::uint64_t> sizes;
  for (auto* family : handles) {
    if (status.ok()) status = db->CompactRange(all, family, nullptr, nullptr);
    rocksdb::ColumnFamilyMetaData data;
    db->GetColumnFamilyMetaData(family, &data);
    sizes[data.name == "default" ? "meta" : data.name] = data.size;
  }
  for (auto* family : handles) db->DestroyColumnFamilyHandle(family);
  if (!status.ok()) return error_of(status);
  return sizes;
}

struct Sizes {
  std::uint64_t directory = 0;
  std::map<std::string, std::uint64_t> tables;
};

struct Shape {
  std::size_t per_document;
  std::size_t submitters;
  std::size_t share;  // of Setting::lines, in percent
  std::string name;
  cli::Message what;
};

// Redeems on a ledger whose store has just been compacted, and says what that added per line.
Status measure_size(const Setting& setting, const Shape& shape, Workload& workload,
                    const fs::path& ledger_directory, Section& section) {
  auto before = compacted_tables(ledger_directory / "db");
  if (!before) return before.error();
  const auto left_before = directory_bytes(ledger_directory);
  auto commands =
      workload.redemptions(std::max<std::size_t>(1, setting.lines * shape.share / 100),
                           shape.per_document);
  const double lines = double(lines_of(commands));
  {
    auto ledger = Ledger::open(ledger_directory, setting.ledger());
    if (!ledger) return ledger.error();
    const auto done = submit_in_parallel(**ledger, commands, shape.submitters);
    if (!done) return done.error();
  }
  const auto left_after = directory_bytes(ledger_directory);
  auto after = compacted_tables(ledger_directory / "db");
  if (!after) return after.error();
  double sum = 0;
  std::vector<Figure> parts;
  for (const auto& [table, size] : *after) {
    const double added = (double(size) - double((*before)[table])) / lines;
    sum += added;
    if (added < 0.05) continue;
    parts.push_back({"disk." + shape.name + ".table_" + table, {"　其中表", "  of which table"},
                     "B/line", {added}, table});
  }
  section.figures.push_back(
      {"disk." + shape.name, shape.what, "B/line", {sum}});
  section.figures.push_back({"disk." + shape.name + ".as_left",
                             {"　收工时原样（含日志与未合并部分）",
                              "  as left (with journal and what is not compacted)"},
                             "B/line", {(double(left_after) - double(left_before)) / lines}});
  for (auto& part : parts) section.figures.push_back(std::move(part));
  return success();
}

Status measure_verify(const Setting& setting, const Shape& shape, const fs::path& ledger_directory,
                      Section& section) {
  Figure entries{"verify." + shape.name + ".entries", {"　核验", "  verified"}, "entries/s", {}};
  Figure lines{"verify." + shape.name + ".lines", {"　核验", "  verified"}, "lines/s", {}};
  Figure bytes{"verify." + shape.name + ".bytes", {"　核验", "  verified"}, "MB/s", {}};
  for (std::size_t i = 0; i <= setting.repetitions; ++i) {
    const auto store = store::RocksStore::open_read_only(ledger_directory / "db");
    if (!store) return store.error();
    const Stopwatch watch;
    const auto report = audit::verify_store(*(*store)->snapshot(), {});
    const double seconds = watch.seconds();
    if (!report) return report.error();
    if (!report->fine()) return Error{Fault::tampered, report->finding->en()};
    if (i == 0) continue;
    entries.samples.push_back(double(report->entries) / seconds);
    if (report->lines > 0) lines.samples.push_back(double(report->lines) / seconds);
    bytes.samples.push_back(double(report->bytes) / 1e6 / seconds);
  }
  for (auto* figure : {&entries, &lines, &bytes}) section.figures.push_back(std::move(*figure));
  return success();
}

}  // namespace

Result<Section> measure_records(const Setting& setting) {
  const Shape shapes[] = {
      {1, 64, 50, "lines_1", {"单行单据：合并后占盘", "documents of 1 line: on disk, compacted"}},
      {1'000, 4, 100, "lines_1000",
       {"1,000 行单据：合并后占盘", "documents of 1,000 lines: on disk, compacted"}},
  };
  Section section{{"占盘与核验", "size on disk, and verification"}, {}};
  setting.progress(section.title);
  for (const auto& shape : shapes) {
    auto directory = ScratchDirectory::make(setting.directory, "fundtrail-bench");
    if (!directory) return directory.error();
    const auto path = directory->path() / "ledger";
    // Few elders and many months: the figures are about redemptions, not registrations.
    auto options = setting.workload();
    options.elders = std::max<std::uint32_t>(1, options.elders / 10);
    Workload workload(options);
    {
      auto ledger = Ledger::create(path, workload.opening(), setting.ledger());
      if (!ledger) return ledger.error();
      if (auto done = workload.prepare(**ledger); !done) return done.error();
      if (auto done = workload.issue(**ledger, setting.lines); !done) return done.error();
    }
    if (auto done = measure_size(setting, shape, workload, path, section); !done) {
      return done.error();
    }
    if (auto done = measure_verify(setting, shape, path, section); !done) return done.error();
  }
  Figure openssl{"openssl.sha256_1024",
                 {"对照：openssl speed sha256，1 KiB，单核", "beside: openssl speed sha256, 1 KiB, one core"},
                 "MB/s",
                 {}};
  for (std::size_t i = 0; i < setting.repetitions; ++i) {
    const double speed = openssl_sha256_bytes_per_second() / 1e6;
    if (speed > 0) openssl.samples.push_back(speed);
  }
  if (!openssl.samples.empty()) section.figures.push_back(std::move(openssl));
  return section;
}

}  // namespace fundtrail::api::bench
