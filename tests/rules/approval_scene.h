// A policy like that of the anonymous district: four steps to a grant, papers by category, living alone
// as a definition with alternatives, two programmes that exclude each other.
#pragma once

#include <string>

#include "tests/rules/books.h"

namespace fundtrail::rules {

inline const std::string kSteps =
    "[{'id':'visit','kind':'visit','title':'v','working_days':3},"
    "{'id':'notice','kind':'notice','min_days':5,'title':'n'},"
    "{'id':'street','kind':'review','min_signers':3,'title':'s','working_days':10},"
    "{'id':'bureau','kind':'approval','title':'b','working_days':10}]";

// In force from 2024-01-01. Programmes: care and other-care exclude each other; meals; building is a
// grant.
std::string approval_policy(const std::string& name, const std::string& steps = kSteps,
                            const std::string& in_force_to = "2026-12-31");
// The county of wujin() with the policy hc@1; elders 1 to 8 were born on 1930-01-01.
Books approving(const std::string& steps = kSteps);

// An application that is in order.
struct Apply {
  int n = 1;
  std::string id = "A1";
  std::string date = "2025-03-03";
  std::string category = "low-income";
  std::string documents = "'form','card','id-copy','apart'";
  std::string facts = "'household','children-elsewhere'";
  std::string extra = "'provider':'p1',";
  std::string programme = "care";
  std::string birth = "1930-01-01";
  std::string policy = "hc@1";
  std::string channel = "home";
};
Ask application(const Apply& a);
std::string ask(Books& b, const Apply& a);

Ask step(const std::string& who, const std::string& date, const std::string& id,
         const std::string& extra = "", const std::string& application = "A1");
std::string notice(const std::string& from, const std::string& to);
inline const std::string kSigned = ",'signers':['d1','d2','d3']";
Ask rejected(Ask step, const std::string& extra = ",'reason':'r'");

// Everything up to the bureau's approval, as HC-SLA-2 has it.
void before_approval(Books& b, const std::string& id = "A1");
void approve(Books& b, const Apply& a, const std::string& date);

}  // namespace fundtrail::rules
