#include "api/withheld.h"

namespace fundtrail::api {

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
    const auto named = Pseudonym::parse(*text);
    if (!named) continue;
    if (!person) person = named;
    *text = "***";
  }
  if (!person) return std::nullopt;
  return Withheld{*person, nobody.zh(), nobody.en()};
}

}  // namespace fundtrail::api
