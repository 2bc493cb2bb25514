#include "api/withheld.h"

namespace fundtrail::api {
namespace {

constexpr const char* kHidden = "***";

}  // namespace

std::optional<Withheld> withhold_registered(const Rejection& rejection) {
  const auto person = Pseudonym::parse(rejection.subject);
  if (rejection.reason != Reason::already_registered || rejection.field != "doc.beneficiary" || !person) {
    return std::nullopt;
  }
  return Withheld{*person, "此人已在本账套登记。", "This person is already registered in this ledger."};
}

std::optional<Withheld> withhold_person(const Rejection& rejection) {
  if (auto registered = withhold_registered(rejection)) return registered;
  std::optional<Pseudonym> person;
  Rejection nobody = rejection;
  for (auto* text : {&nobody.subject, &nobody.detail}) {
    // The id of a registration is made of the file's name and the pseudonym: "elders.a1b2c3d4e5f60718".
    const auto begin = text->rfind('.') + 1;  // 0: all of it
    const auto named = Pseudonym::parse(text->substr(begin));
    if (!named) continue;
    if (!person) person = named;
    text->replace(begin, std::string::npos, kHidden);
  }
  if (!person) return std::nullopt;
  return Withheld{*person, nobody.zh(), nobody.en()};
}

Rejection told_to(const Caller& caller, Rejection rejection) {
  if (!caller.sees_part()) return rejection;
  const bool beyond =
      rejection.reason == Reason::command_id_reused || rejection.reason == Reason::insufficient_balance;
  if (beyond && !rejection.batch_command && !rejection.detail.empty()) rejection.detail = kHidden;
  if (rejection.reason == Reason::region_mismatch) {
    const auto region = RegionCode::parse(rejection.detail);
    if (region && !caller.covers(*region)) rejection.detail = kHidden;
  }
  if (!caller.provides() || rejection.field.ends_with("beneficiary")) return rejection;  // whom they name themselves
  for (auto* text : {&rejection.subject, &rejection.detail}) {
    if (Pseudonym::parse(*text)) *text = kHidden;
  }
  return rejection;
}

std::vector<Rejection> told_to(const Caller& caller, std::vector<Rejection> rejections) {
  for (auto& rejection : rejections) rejection = told_to(caller, std::move(rejection));
  return rejections;
}

}  // namespace fundtrail::api
