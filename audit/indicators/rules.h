// The rules, one function each: facts in, indicators out. Pure and deterministic.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/indicators/facts.h"

namespace fundtrail::audit {

using Rule = void (*)(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
Rule function_of(RuleId rule);

// The number of an invoice or a bill however it was typed (money.cpp): "INV-1", "inv-1", "ＩＮＶ－１" and
// "IN V-1" are the same.
std::string number_key(std::string_view number);

// beneficiaries.cpp
void after_death(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
void identity_numbers(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
// vouchers.cpp
void redeemed_twice(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
void cashed_vouchers(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
void lots_out_of_balance(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
// money.cpp
void withheld_money(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
void foreign_purposes(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
void paid_twice(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
// plans.cpp
void counterpart_missing(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
void allotted_unassessed(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
void awards_beyond_the_plan(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
// bills.cpp
void bills_moved(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
// recoveries.cpp
void recovered_too_early(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
// books.cpp
void one_person_two_duties(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);
void bank_differs(const Facts&, const IndicatorOptions&, std::vector<Indicator>&);

}  // namespace fundtrail::audit
