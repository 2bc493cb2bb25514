// fundtrail policy: check a policy file, print the schema for editors, add a policy to a ledger, show
// what one says.
#include <iostream>
#include <nlohmann/json.hpp>

#include "api/cli/command.h"
#include "api/cli/input.h"
#include "api/cli/policy_page.h"
#include "api/derived_ids.h"
#include "api/policy_check.h"
#include "ledger/chain/digest.h"
#include "ledger/chain/document_codec.h"
#include "ledger/core/policy_codes.h"
#include "ledger/core/wording.h"
#include "ledger/engine/kinds.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"政策文件：检查、登记、查看", "policy files: check, add, show"};
constexpr Message kCheckHelp{"检查政策文件，列出全部错误和提醒（不需要账套）",
                             "check a policy file: every fault and warning (needs no ledger)"};
constexpr Message kSchemaHelp{"输出政策文件的 JSON Schema（供编辑器使用）",
                              "print the JSON Schema of policy files, for editors"};
constexpr Message kAddHelp{"把政策登记到账套", "add a policy to the ledger"};
constexpr Message kShowHelp{"查看账套中的政策；不给名称则列出全部",
                            "show a policy of the ledger, or list them all"};
constexpr Message kFileHelp{"政策文件（JSON），- 表示标准输入", "the policy file (JSON), - for stdin"};
constexpr Message kPageHelp{"另把政策内容列成一页（同 policy show），供登记前审阅",
                            "also print what the policy says as a page (as policy show does), to read before it is added"};
constexpr Message kRefHelp{"政策名@版本，如 wujin-2008@1", "name@version, like wujin-2008@1"};
constexpr Message kActorHelp{"经办人编号", "id of whoever records it"};
constexpr Message kDateHelp{"业务日期 YYYY-MM-DD（默认今天）", "business date (default: today)"};

constexpr Message kFault{"错误　{0}（{1}）{2}", "fault    {0} ({1}) {2}"};
constexpr Message kWarning{"提醒　{0}　{1}", "warning  {0} {1}"};
constexpr Message kWhole{"（全文）", "(whole file)"};
constexpr Message kCodes{"代码　{0}：{1}", "codes    {0}: {1}"};
constexpr Message kSum{"{0}：错误 {1} 处，提醒 {2} 处。", "{0}: faults {1}, warnings {2}."};
constexpr Message kNoPolicy{"账套里没有政策“{0}”；现有：{1}",
                            "The ledger has no policy \"{0}\"; it has: {1}"};
constexpr Message kNone{"（无）", "(none)"};
constexpr Message kAdded{"政策 {0} 已登记：记录 {1}", "The policy {0} is registered: entry {1}"};
constexpr Message kAddedBefore{"政策 {0} 此前已登记：记录 {1}",
                               "The policy {0} was registered before: entry {1}"};
constexpr Message kListed{"{0}　{1}　自 {2}", "{0}  {1}  from {2}"};

// --- check ---------------------------------------------------------------------------------------

// Every code with the number of its places: one that stands alone may be misspelt, and a record that
// spells it otherwise would find no rule.
void print_codes(const Context& context, const Policy& policy) {
  std::string kind, list;
  const auto flush = [&] {
    if (!list.empty()) {
      context.print(kCodes, in_words("policy.codes." + kind, context.language == Language::zh), list);
    }
    list.clear();
  };
  for (const auto& use : codes_of(policy)) {
    if (use.kind != kind) flush();
    kind = use.kind;
    list += (list.empty() ? "" : ", ") + use.code;
    if (use.places > 1) list += " ×" + std::to_string(use.places);
  }
  flush();
}

void print(const Context& context, const std::string& file, const CheckedPolicy& checked) {
  const bool zh = context.language == Language::zh;
  if (checked.syntax) {
    context.print(say::kJsonFault, zh ? checked.syntax->zh() : checked.syntax->en());
  }
  for (const auto& fault : checked.read.findings.faults) {
    const std::string at = fault.field.empty() ? kWhole.in(context.language) : fault.field;
    context.print(kFault, at, info(fault.reason).code, zh ? fault.zh() : fault.en());
  }
  for (const auto& warning : checked.read.findings.warnings) {
    context.print(kWarning, warning.field, zh ? warning.zh() : warning.en());
  }
  if (checked.ok()) print_codes(context, *checked.read.policy);
  context.print(kSum, file, checked.read.findings.faults.size() + (checked.syntax ? 1 : 0),
                checked.read.findings.warnings.size());
}

nlohmann::ordered_json json_of(const std::string& file, const CheckedPolicy& checked) {
  nlohmann::ordered_json value = {{"file", file}};
  value.update(to_json(checked));
  return value;
}

struct CheckOptions {
  std::string file;
  bool page = false;
};

Exit run_check(const Context& context, const CheckOptions& options) {
  const std::string& file = options.file;
  const auto text = read_input(file);
  if (!text) return context.fail(text.error());
  const CheckedPolicy checked = check_policy(*text);
  print(context, file, checked);
  nlohmann::ordered_json answer = json_of(file, checked);
  if (options.page && checked.ok()) {
    const std::string page = page_of(*checked.read.policy, context.language);
    context.print(page);
    answer["page"] = page;
  }
  context.print_json(answer);
  return checked.ok() ? Exit::fine : Exit::check_failed;
}

// --- add -----------------------------------------------------------------------------------------

struct AddOptions {
  std::string file, actor, date;
};

CommandId id_of(const PolicyRef& ref) {
  const std::string id = std::string(derived::kPolicy) + ref.name.str() + "." + std::to_string(ref.version);
  if (const auto fits = CommandId::parse(id)) return *fits;
  const auto digest = chain::Hasher(chain::Suite::sha256_ed25519).digest(id);
  return *CommandId::parse(std::string(derived::kPolicy) + chain::to_hex(digest).substr(0, 32));
}

Exit run_add(const Context& context, const AddOptions& options) {
  const auto actor = ActorId::parse(options.actor);
  if (!actor) {
    return context.fail(Exit::usage, CliCode::usage, say::kBadOption, "--actor", options.actor,
                        "[A-Za-z0-9._-]{1,64}");
  }
  const auto date = options.date.empty() ? context.now().date() : Date::parse(options.date);
  if (!date) {
    return context.fail(Exit::usage, CliCode::usage, say::kBadOption, "--date", options.date,
                        "YYYY-MM-DD");
  }
  const auto text = read_input(options.file);
  if (!text) return context.fail(text.error());
  const CheckedPolicy checked = check_policy(*text);
  if (!checked.ok()) {
    print(context, options.file, checked);
    context.print_json(json_of(options.file, checked));
    return Exit::check_failed;
  }
  Exit exit = Exit::fine;
  const auto ledger = context.open_ledger_to_record(exit);
  if (!ledger) return exit;
  const PolicyRef ref = checked.read.policy->ref();
  Command command;
  command.id = id_of(ref);
  command.actor = {*actor, Role::registrar};
  command.date = *date;
  command.time = context.now();
  command.document = PolicyRegistration{*checked.read.policy};
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  const auto answers = ledger->submit(std::move(commands), BatchMode::atomic);
  if (!answers) return context.fail(answers.error());
  if (const auto* refusal = std::get_if<Refusal>(&answers->front())) {
    return context.fail(refusal->reason);
  }
  const auto& receipt = std::get<Receipt>(answers->front());
  context.print(receipt.repeated ? kAddedBefore : kAdded, ref.str(), receipt.index);
  context.print_json({{"policy", ref.str()}, {"index", receipt.index}, {"repeated", receipt.repeated}});
  return Exit::fine;
}

// --- show ----------------------------------------------------------------------------------------

Result<std::vector<PolicyRegistration>> policies_of(const View& view) {
  Kinds wanted{};
  wanted[Document(PolicyRegistration()).index()] = true;
  const auto found = entries_of_kinds(view.raw(), view.size(), wanted);
  if (!found) return found.error();
  std::vector<PolicyRegistration> policies;
  for (const auto index : *found) {
    auto entry = view.decoded(index);
    if (!entry) return entry.error();
    policies.push_back(std::get<PolicyRegistration>(std::move(entry->document)));
  }
  return policies;
}

Exit run_show(const Context& context, const std::string& name) {
  Exit exit = Exit::fine;
  const auto ledger = context.open_ledger(exit);
  if (!ledger) return exit;
  const auto policies = policies_of(*ledger->view());
  if (!policies) return context.fail(policies.error());
  std::string known;
  auto list = nlohmann::ordered_json::array();
  for (const auto& [policy] : *policies) {
    const std::string ref = policy.ref().str();
    if (ref == name) {
      context.print(page_of(policy, context.language));
      const std::string text = chain::encode_document(PolicyRegistration{policy});
      context.print_json(nlohmann::ordered_json::parse(text)["policy"]);
      return Exit::fine;
    }
    if (name.empty()) {
      context.print(kListed, ref, policy.title.str(), policy.in_force_from.str());
      list.push_back({{"policy", ref}, {"title", policy.title.str()},
                      {"in_force_from", policy.in_force_from.str()}});
    }
    known += (known.empty() ? "" : " ") + ref;
  }
  if (!name.empty()) {
    return context.fail(Exit::refused, CliCode::not_found, kNoPolicy, name,
                        known.empty() ? kNone.in(context.language) : known);
  }
  context.print_json({{"policies", list}});
  return Exit::fine;
}

}  // namespace

void add_policy_command(CLI::App& app, Context& context) {
  auto* group = add_group(app, "policy", kHelp);
  auto checked = std::make_shared<CheckOptions>();
  auto* check = add_command(*group, context, "check", kCheckHelp,
                            [&context, checked] { return run_check(context, *checked); });
  check->add_option("file", checked->file, both(kFileHelp))->required();
  check->add_flag("--page", checked->page, both(kPageHelp));
  add_command(*group, context, "schema", kSchemaHelp, [] {
    std::cout << policy_schema();
    return Exit::fine;
  });
  auto options = std::make_shared<AddOptions>();
  auto* add = add_command(*group, context, "add", kAddHelp,
                          [&context, options] { return run_add(context, *options); });
  add->add_option("file", options->file, both(kFileHelp))->required();
  add->add_option("--actor", options->actor, both(kActorHelp))->required();
  add->add_option("--date", options->date, both(kDateHelp));
  add_setting(*add, context, Setting::clock_tolerance_seconds);
  auto name = std::make_shared<std::string>();
  auto* show = add_command(*group, context, "show", kShowHelp,
                           [&context, name] { return run_show(context, *name); });
  show->add_option("policy", *name, both(kRefHelp));
}

}  // namespace fundtrail::api::cli
