// fundtrail entry: shows one record of the chain.
#include <iostream>
#include <memory>

#include "api/cli/command.h"
#include "ledger/chain/digest.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"查看一条记录", "show one entry"};
constexpr Message kIndexHelp{"记录编号（从 0 起）", "the entry's index (from 0)"};
constexpr Message kLinesHelp{"连同明细行", "with the lines of its document"};
constexpr Message kRawHelp{"按入账时的字节原样输出（可用 sha256sum 核对）",
                           "the bytes as they were recorded, and nothing else"};

struct EntryOptions {
  std::int64_t index = 0;  // the library would take -1 for the largest number without a sign
  bool lines = false, raw = false;
};

std::vector<std::string_view> split_lines(std::string_view block) {
  std::vector<std::string_view> lines;
  while (!block.empty()) {
    const auto end = block.find('\n');
    lines.push_back(block.substr(0, end));
    block.remove_prefix(end == std::string_view::npos ? block.size() : end + 1);
  }
  return lines;
}

void print_document(const Context& context, const nlohmann::ordered_json& document,
                    const std::string& indent) {
  for (const auto& [key, value] : document.items()) {
    if (value.is_object()) {
      context.print(indent + key + ":");
      print_document(context, value, indent + "  ");
    } else {
      context.print(indent + key + ": " +
                    (value.is_string() ? value.get<std::string>() : value.dump()));
    }
  }
}

void print_postings(const Context& context, const std::vector<Posting>& postings) {
  if (postings.empty()) return;
  context.print(say::kEntryPostings);
  for (const auto& posting : postings) {
    const auto& account = info(posting.account);
    const Message& side = posting.side == Side::debit ? say::kDebit : say::kCredit;
    std::string at = posting.at.fund.str();
    for (const std::string& part : {posting.at.programme.str(), posting.at.region.str(),
                                    posting.at.counterparty}) {
      if (!part.empty()) at += " / " + part;
    }
    context.print(fmt::format("  {} {} {:>18}  {}", side.in(context.language),
                              context.language == Language::zh ? account.name_zh : account.name_en,
                              posting.amount.grouped(), at));
  }
}

void print_entry(const Context& context, const Entry& entry, const nlohmann::ordered_json& json,
                 const std::string& leaf) {
  const auto title = title_of_kind(entry.document.index());
  context.print(say::kEntryHead, entry.index,
                context.language == Language::zh ? title.zh : title.en, entry.date.str(),
                entry.time.str());
  context.print(say::kEntryActor, entry.actor.id.str(), name_of(entry.actor.role),
                entry.command.str());
  if (entry.policy) context.print(say::kEntryPolicy, entry.policy->str());
  context.print(say::kEntryDocument);
  print_document(context, json.at("doc"), "  ");
  print_postings(context, entry.postings);
  if (entry.lines) context.print(say::kEntryLines, entry.lines->count, entry.lines->root);
  context.print(say::kEntryLeaf, leaf);
}

Exit run(const Context& context, const EntryOptions& options) {
  Exit exit = Exit::fine;
  const auto ledger = context.open_ledger(exit);
  if (!ledger) return exit;
  const auto view = ledger->view();
  if (options.index < 0 || std::uint64_t(options.index) >= view->size()) {
    return context.fail(Exit::refused, CliCode::not_found, say::kNoEntry, options.index, view->size());
  }
  const auto index = std::uint64_t(options.index);
  const auto stored = view->entry(index);
  if (!stored) return context.fail(stored.error());
  if (options.raw) {
    std::cout << stored->bytes << '\n';
    if (options.lines) std::cout << stored->lines;
    return Exit::fine;
  }
  const auto entry = view->decoded(index);
  if (!entry) return context.fail(entry.error());
  chain::Hasher hasher(view->suite());
  const std::string leaf = chain::to_hex(hasher.leaf(stored->bytes));
  const auto json = nlohmann::ordered_json::parse(stored->bytes);
  nlohmann::ordered_json answer = {{"index", index}, {"leaf", leaf}, {"entry", json}};
  if (!context.json) print_entry(context, *entry, json, leaf);
  if (options.lines) {
    auto list = nlohmann::ordered_json::array();
    for (const auto line : split_lines(stored->lines)) {
      context.print("  " + std::string(line));
      if (context.json) list.push_back(nlohmann::ordered_json::parse(line));
    }
    answer["lines"] = std::move(list);
  }
  context.print_json(answer);
  return Exit::fine;
}

}  // namespace

void add_entry_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<EntryOptions>();
  auto* command = add_command(app, context, "entry", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("index", options->index, both(kIndexHelp))->required();
  command->add_flag("--lines", options->lines, both(kLinesHelp));
  command->add_flag("--raw", options->raw, both(kRawHelp));
}

}  // namespace fundtrail::api::cli
