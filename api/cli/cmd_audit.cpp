// fundtrail audit: indicators of misuse over controlled entries and imported pasts.
#include <memory>
#include <set>

#include "api/answers.h"
#include "api/cli/command.h"
#include "api/cli/input.h"
#include "audit/indicators.h"
#include "ledger/chain/document_codec.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"按违规规则查找疑点（软件提示，人作结论）；有疑点时返回 1",
                        "look for indicators of misuse (software suspects, people decide); "
                        "exit code 1 when there are any"};
constexpr Message kRuleHelp{"只查这些规则，如 R-BEN-01（可重复）",
                            "only these rules, such as R-BEN-01 (repeatable)"};
constexpr Message kPolicyHelp{"账套内没有政策时，以此政策文件为尺度",
                              "policy file to measure by when the ledger has none registered"};
constexpr Message kRulesHelp{"列出规则及法律依据", "list the rules with their legal bases"};
constexpr Message kNoRule{"没有规则“{0}”；用 --list-rules 查看全部规则。",
                          "There is no rule \"{0}\"; see --list-rules."};
constexpr Message kNothing{"检查了 {0} 条记录、{1} 条规则，没有疑点。",
                           "{1} ‹rule|rules› over {0} ‹entry|entries›: no indicators."};
constexpr Message kFound{"检查了 {0} 条记录、{1} 条规则，疑点 {2} 个（软件提示，须由人核实）：",
                         "{1} ‹rule|rules› over {0} ‹entry|entries›: {2} ‹indicator|indicators› (software suspects, people "
                         "decide):"};
constexpr Message kBasis{"　法律依据：{0}", "  legal basis: {0}"};
constexpr Message kEvidence{"　依据记录：{0}", "  entries: {0}"};
constexpr Message kEntryAndLine{"记录{0}第{1}行", "entry {0} line {1}"};
constexpr Message kEntryOnly{"记录{0}", "entry {0}"};
constexpr Message kFileRow{"（{0} 第{1}行）", " ({0} row {1})"};
constexpr Message kMore{"等共 {0} 处", ", and more: {0} in all"};
constexpr std::size_t kShownEvidence = 6;  // on paper; --json lists them all

struct AuditOptions {
  std::vector<std::string> rules;
  std::filesystem::path policy;
  bool list = false;
};

std::string_view in(Language language, std::string_view zh, std::string_view en) {
  return language == Language::zh ? zh : en;
}

std::string evidence_text(Language language, const std::vector<audit::Evidence>& evidence) {
  std::string text;
  for (std::size_t i = 0; i < evidence.size() && i < kShownEvidence; ++i) {
    const auto& at = evidence[i];
    if (i != 0) text += in(language, "、", ", ");
    text += at.line ? kEntryAndLine.in(language, at.entry, *at.line)
                    : kEntryOnly.in(language, at.entry);
    if (!at.file.empty()) text += kFileRow.in(language, at.file, at.row);
  }
  if (evidence.size() > kShownEvidence) text += kMore.in(language, evidence.size());
  return text;
}

void print(const Context& context, const audit::Indicator& indicator, std::size_t number) {
  const auto& rule = audit::info(indicator.rule);
  const auto lang = context.language;
  context.print(fmt::format("{}. {} {}  {}", number, rule.code,
                            in(lang, rule.name_zh, rule.name_en),
                            in(lang, indicator.zh, indicator.en)));
  context.print(kBasis, in(lang, rule.basis_zh, rule.basis_en));
  context.print(kEvidence, evidence_text(lang, indicator.evidence));
}

Exit list_rules(const Context& context) {
  auto all = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < audit::kRules; ++i) {
    const auto& rule = audit::info(static_cast<audit::RuleId>(i));
    all.push_back(to_json(rule));
    context.print(fmt::format("{}  {}  {}", rule.code,
                              in(context.language, rule.name_zh, rule.name_en),
                              in(context.language, rule.basis_zh, rule.basis_en)));
  }
  context.print_json({{"rules", all}});
  return Exit::fine;
}

// Fills the yardstick from a policy file; says what is wrong with the file.
std::optional<Exit> read_policy(const Context& context, const std::string& file,
                                audit::IndicatorOptions& options) {
  const auto text = read_input(file);
  if (!text) return context.fail(text.error());
  const auto document =
      chain::decode_document("policy_registration", "{\"policy\":" + *text + "}");
  if (!document) return context.fail(document.error());
  options.policy = std::get<PolicyRegistration>(*document).policy;
  return std::nullopt;
}

Exit run(const Context& context, const AuditOptions& asked) {
  if (asked.list) return list_rules(context);
  audit::IndicatorOptions options;
  for (const auto& code : asked.rules) {
    const auto rule = audit::rule_from_code(code);
    if (!rule) return context.fail(Exit::usage, CliCode::usage, kNoRule, code);
    options.rules.push_back(*rule);
  }
  if (!asked.policy.empty()) {
    if (const auto failed = read_policy(context, asked.policy, options)) return *failed;
  }
  Exit exit = Exit::fine;
  const auto ledger = context.open_ledger(exit);
  if (!ledger) return exit;
  const auto view = ledger->view();
  const auto found = audit::find_indicators(*view, options);
  if (!found) return context.fail(found.error());

  const auto rules = options.rules.empty() ? audit::kRules : options.rules.size();
  if (found->empty()) {
    context.print(kNothing, view->size(), rules);
  } else {
    context.print(kFound, view->size(), rules, found->size());
  }
  for (std::size_t i = 0; i < found->size(); ++i) print(context, (*found)[i], i + 1);
  context.print_json(indicators_json(*view, rules, *found));
  return found->empty() ? Exit::fine : Exit::check_failed;
}

}  // namespace

void add_audit_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<AuditOptions>();
  auto* command = add_command(app, context, "audit", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("--rule", options->rules, both(kRuleHelp));
  command->add_option("--policy", options->policy, both(kPolicyHelp));
  command->add_flag("--list-rules", options->list, both(kRulesHelp));
}

}  // namespace fundtrail::api::cli
