// fundtrail export --bundle: evidence that an inspector can take away and check offline.
#include <memory>

#include "api/cli/command.h"
#include "audit/bundle.h"
#include "ledger/store/rocks_store.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"导出证据包：记录、检查点、公钥、证明、说明和独立核验程序",
                        "export an evidence bundle: entries, checkpoint, keys, proofs, instructions "
                        "and an independent verifier"};
constexpr Message kBundleHelp{"新建的证据包目录（已存在则拒绝）",
                              "the bundle's directory, which must not exist yet"};
constexpr Message kProviderHelp{"只导出与该服务机构有关的记录和明细",
                                "only entries and lines that concern this provider"};
constexpr Message kFromHelp{"业务日期起（含），YYYY-MM-DD", "business date from (included)"};
constexpr Message kToHelp{"业务日期止（含），YYYY-MM-DD", "business date to (included)"};
constexpr Message kExists{"“{0}”已存在，未作任何改动。", "\"{0}\" exists already; nothing was changed."};
constexpr Message kNoCheckpoint{"账套尚无检查点，请先执行 fundtrail checkpoint。",
                                "The ledger has no checkpoint; run fundtrail checkpoint first."};
constexpr Message kNoProvider{"账套没有服务机构“{0}”，未导出。", "The ledger has no provider \"{0}\"; nothing was exported."};
constexpr Message kNotFresh{"账套正由另一个程序使用，按其最近一次检查点（{0} 条记录）导出。",
                            "The ledger is in use by another program: exported as of its newest "
                            "checkpoint ({0} ‹entry|entries›)."};
constexpr Message kWritten{"证据包已写入“{0}”：{2} 条记录（检查点共 {1} 条）、{3} 行明细、{4} 个文件。"
                           "请执行 fundtrail verify --bundle {0}，或在该目录执行 python3 verify.py",
                           "The bundle is in \"{0}\": {2} of {1} signed entries, {3} ‹line|lines›, {4} "
                           "‹file|files›. Check it with fundtrail verify --bundle {0}, or inside it with "
                           "python3 verify.py"};

struct ExportOptions {
  std::string bundle, provider, from, to;
};

std::optional<Exit> read_selection(const Context& context, const ExportOptions& options,
                                   audit::BundleSelection& selection) {
  if (!options.provider.empty()) {
    selection.provider = ProviderId::parse(options.provider);
    if (!selection.provider) {
      return context.fail(Exit::usage, CliCode::usage, say::kBadOption, "--provider", options.provider,
                          "A-Z a-z 0-9 . _ -");
    }
  }
  for (const auto& [name, text, date] : {std::tuple{"--from", &options.from, &selection.from},
                                         std::tuple{"--to", &options.to, &selection.to}}) {
    if (text->empty()) continue;
    *date = Date::parse(*text);
    if (!*date) {
      return context.fail(Exit::usage, CliCode::usage, say::kBadOption, name, *text, "YYYY-MM-DD");
    }
  }
  return std::nullopt;
}

// Signs the head first when nobody else has the ledger open. Whether it did.
Result<bool> sign_head(const Context& context) {
  auto ledger = Ledger::open(context.ledger, context.options);
  if (!ledger.ok()) {
    if (ledger.error().fault == Fault::unavailable) return false;
    return ledger.error();
  }
  const auto note = (*ledger)->checkpoint();
  if (!note.ok()) return note.error();
  return true;
}

Exit run(const Context& context, const ExportOptions& options) {
  audit::BundleSelection selection;
  if (const auto failed = read_selection(context, options, selection)) return *failed;
  Exit exit = Exit::fine;
  if (!context.has_ledger(exit)) return exit;
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(options.bundle, ignored))) {
    return context.fail(Exit::refused, CliCode::exists, kExists, options.bundle);
  }
  if (!context.has_place_for(options.bundle, exit)) return exit;
  const auto fresh = sign_head(context);
  if (!fresh.ok()) return context.refuse(fresh.error());
  const auto store = store::RocksStore::open_read_only(context.ledger / "db");
  if (!store.ok()) return context.fail(store.error());
  const auto snapshot = (*store)->snapshot();
  const auto written = audit::write_bundle(*snapshot, options.bundle, selection);
  if (!written.ok() && written.error().fault == Fault::not_found) {
    return context.fail(Exit::refused, CliCode::no_checkpoint, kNoCheckpoint);
  }
  if (!written.ok() && written.error().fault == Fault::invalid_argument && selection.provider) {
    return context.fail(Exit::refused, CliCode::not_found, kNoProvider, options.provider);
  }
  if (!written.ok()) return context.fail(written.error());
  if (!*fresh) context.print(kNotFresh, written->size);
  context.print(kWritten, options.bundle, written->size, written->entries, written->lines,
                written->files);
  context.print_json({{"bundle", options.bundle},
                      {"size", written->size},
                      {"entries", written->entries},
                      {"lines", written->lines},
                      {"files", written->files},
                      {"head_signed", *fresh}});
  return Exit::fine;
}

}  // namespace

void add_export_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<ExportOptions>();
  auto* command = add_command(app, context, "export", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("--bundle", options->bundle, both(kBundleHelp))->required();
  command->add_option("--provider", options->provider, both(kProviderHelp));
  command->add_option("--from", options->from, both(kFromHelp));
  command->add_option("--to", options->to, both(kToHelp));
}

}  // namespace fundtrail::api::cli
