// The anonymous district's home care (fixtures/schemes/homecare-district.json) as a ledger, without its
// approval and age limit: what is granted and born is put there by other tests.
#pragma once

#include <string>
#include <vector>

#include "tests/rules/scheme_scene.h"

namespace fundtrail::rules {

inline const std::string kPrep = "li.preparer", kTown = "320412001";

// A policy as the document of its registration. (Ask takes apostrophes for quotation marks.)
std::string registration(Json policy);
// The document that registers an elder of home care, entitled from 2024-01-01.
std::string registered(int n, const std::string& care_level);

// Persons 11 (disabled), 12 (half), 13 (disabled); funds f1 (district) and f2 (street) with
// 50,000.00 and 40,000.00 allotted; worker w1 of p1 with both certificates until 2025-05-31.
Books homecare(Json policy = scheme("homecare-district"), bool approval = false);

struct CalculationLine {
  int n;
  std::string amount, district, street, units, period = {};
};
// The full second quarter of 2025.
inline const CalculationLine kFull{11, "2730.00", "1638.00", "1092.00", "182.00"};
inline const CalculationLine kHalf{12, "2047.50", "1228.50", "819.00", "136.50"};
Ask calculate(const std::string& date, const std::string& period,
              const std::vector<CalculationLine>& lines, const std::string& payee = "p1");

// The settlement of a calculation of homecare, and the steps by which it is approved and paid.
Ask settle_calculation(std::uint64_t entry, const std::string& total, const std::string& id = "s1",
                       const std::string& provider = "p1");
void pay_calculation(Books& b, std::uint64_t entry, const std::string& total);
void pay_settled(Books& b, const std::string& total);  // s1, which is prepared

Ask services(const std::string& date, int n, const std::string& hours = "2.00",
             const std::string& worker = "w1", const std::string& item = "bathing",
             const std::string& provider = "p1");

}  // namespace fundtrail::rules
