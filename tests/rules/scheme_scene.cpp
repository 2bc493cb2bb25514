#include "tests/rules/scheme_scene.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "ledger/core/documents.h"
#include "ledger/rules/calculation.h"
#include "ledger/rules/entitlement_rows.h"

namespace fundtrail::rules {
namespace {

std::string whole(const std::string& path) {
  std::ifstream file(SOURCE_DIR "/" + path);
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Cells of CSV rows, with quotes.
std::vector<std::vector<std::string>> cells(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      rows.back().back() += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      rows.back().emplace_back();
    } else if (c == '\n' && !quoted) {
      rows.push_back({""});
    } else if (c != '\r') {
      rows.back().back() += c;
    }
  }
  if (rows.back() == std::vector<std::string>{""}) rows.pop_back();
  return rows;
}

}  // namespace

Json scheme(const std::string& name) {
  return Json::parse(whole("fixtures/schemes/" + name + ".json"));
}

Policy policy_of(const Json& json) {
  // Canonical JSON has its keys in order.
  const nlohmann::json sorted = nlohmann::json::parse(Json{{"policy", json}}.dump());
  auto document = chain::decode_document("policy_registration", sorted.dump());
  if (!document.ok()) FAIL(document.error().en() << " " << document.error().field);
  return std::get<PolicyRegistration>(*document).policy;
}

std::vector<std::vector<std::string>> worked_rows() { return cells(whole("fixtures/worked-cases.csv")); }
std::vector<std::string> worked_row(const std::string& name) {
  for (const auto& row : worked_rows()) {
    if (row[0] == name) return row;
  }
  FAIL("no case " << name);
  return {};
}

Date day(const std::string& text) {
  const auto date = Date::parse(text);
  if (!date) FAIL(text);
  return *date;
}
Month month(const std::string& text) {
  const auto value = Month::parse(text);
  if (!value) FAIL(text);
  return *value;
}
Money yuan(const std::string& text) {
  const auto value = Money::parse(text);
  if (!value) FAIL(text);
  return *value;
}
Code code(const std::string& text) {
  const auto value = Code::parse(text);
  if (!value) FAIL(text);
  return *value;
}

void Scheme::add(const Json& json) {
  const Policy policy = policy_of(json);
  ref_ = policy.ref();
  state.rows[policy_key(ref_)] = encode_policy(policy);
}

void Scheme::add(const Elder& elder, const std::string& programme) {
  BeneficiaryRegistration d;
  d.beneficiary = elder.id;
  d.category = code(elder.category);
  d.channel = elder.channel;
  d.entitled_from = day(elder.entitled_from);
  d.region = *RegionCode::parse(elder.region);
  if (!elder.care_level.empty()) d.care_level = code(elder.care_level);
  d.facts.emplace();
  for (const auto& fact : elder.facts) d.facts->push_back(code(fact));
  Overlay overlay(state);
  overlay.put(beneficiary_key(elder.id), BeneficiaryView::encode(d));
  record_facts(overlay, d);
  if (!elder.away_on.empty()) {
    add_absence(overlay, elder.id, {day(elder.away_on), day(elder.back_on)});
    BeneficiaryView::reinstate(overlay.edit(beneficiary_key(elder.id)), true);
  }
  if (!elder.ended_on.empty()) {
    EntitlementEnd end;
    end.beneficiary = elder.id;
    end.ended_on = day(elder.ended_on);
    BeneficiaryView::end(overlay.edit(beneficiary_key(elder.id)), end);
  }
  if (!elder.granted.empty()) {
    Grant grant;
    grant.application = *ApplicationId::parse("a" + elder.id.str() + elder.granted);
    grant.policy = ref_;
    grant.programme = *ProgrammeId::parse(programme);
    grant.from = day(elder.granted);
    grant.channel = d.channel;
    grant.category = d.category;
    grant.care_level = d.care_level;
    grant.facts = *d.facts;
    grant.applied_on = grant.from;
    if (!elder.granted_to.empty()) grant.to = day(elder.granted_to);
    const Policy policy = decode_policy(state.rows[policy_key(ref_)]);
    const Programme* granted = policy.programme(grant.programme);
    if (granted->entitlement) grant.exclusive_group = granted->entitlement->exclusive_group;
    if (!elder.provider.empty()) grant.provider = *ProviderId::parse(elder.provider);
    add_grant(overlay, elder.id, grant);
  }
  state.take(overlay);
}

void Scheme::deliver(Pseudonym person, const std::string& programme, const std::string& provider,
                     const std::string& date, const std::string& hours, const std::string& bill,
                     const std::string& insurance) {
  std::string key;
  delivered_key(key, person, *ProgrammeId::parse(programme), Month::of(day(date)));
  Delivered service;
  service.day = day(date).day();
  service.hours = Quantity::parse(hours)->hundredths();
  service.bill = fen_of(yuan(bill));
  service.insurance = fen_of(yuan(insurance));
  service.provider = provider;
  service.item = "i";
  append(state.rows[key], service);
}

void Scheme::paid_before(const std::string& programme, const std::string& through) {
  CutoverRow row;
  row.paid_through = day(through);
  state.rows[cutover_key(*ProgrammeId::parse(programme))] = row.encode();
}

void Scheme::calculated(const std::string& programme, const std::string& provider,
                        const std::string& period, const std::string& amount) {
  const auto payee = *ProviderId::parse(provider);
  const EntitlementRules rules(state, ref_, *ProgrammeId::parse(programme));
  Overlay overlay(state);
  CalculationWriter writer(overlay, rules, {{*FundId::parse("f1"), code("all")}});
  writer.add(subject_of(payee), month(period), payee, false, {yuan(amount)});
  writer.finish();
  state.take(overlay);
}

void Scheme::assess(const std::string& provider, const std::string& kind,
                    const std::string& effective, const std::string& value,
                    const std::string& rating) {
  AssessmentRow row{day(effective), {}, {}};
  if (!value.empty()) row.value = Quantity::parse(value);
  if (!rating.empty()) row.rating = code(rating);
  Overlay overlay(state);
  add_assessment(overlay, *ProviderId::parse(provider), code(kind), row);
  state.take(overlay);
}

void Scheme::contracts(const std::string& provider,
                       const std::vector<std::pair<std::string, std::string>>& days) {
  static const ProviderRow any = ProviderRow::decode(*wujin().state().find(provider_key(*ProviderId::parse("p1"))));
  ProviderRow row = any;
  row.contracts.clear();
  for (const auto& [from, to] : days) row.contracts.push_back({day(from), day(to), "c" + from});
  state.rows[provider_key(*ProviderId::parse(provider))] = row.encode();
}

Assessment Scheme::ask(const std::string& programme, const Elder& elder, const std::string& period,
                       const std::string& payee, bool final_basis) const {
  const EntitlementRules rules(state, ref_, *ProgrammeId::parse(programme));
  if (rules.problem()) FAIL(rules.problem()->en());
  const auto birth = elder.birth.empty() ? std::nullopt : std::optional(day(elder.birth));
  return rules.of_person(elder.id, birth, month(period), *ProviderId::parse(payee), final_basis);
}

Assessment Scheme::ask_provider(const std::string& programme, const std::string& provider,
                                const std::string& period, const std::string& as_of) const {
  const EntitlementRules rules(state, ref_, *ProgrammeId::parse(programme));
  if (rules.problem()) FAIL(rules.problem()->en());
  return rules.of_provider(*ProviderId::parse(provider), month(period), *RegionCode::parse("420881"), day(as_of));
}

std::string shares(const Assessment& assessment) {
  std::string text;
  for (const auto& share : assessment.due.shares) {
    text += (text.empty() ? "" : " + ") + share.str();
  }
  return text;
}

}  // namespace fundtrail::rules
