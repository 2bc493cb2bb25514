// Ways to change a sound store, each with the answer that verification must give.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/integrity/sample.h"

namespace fundtrail::integrity_test {

// The first of them in the text, which must have it.
void replace(std::string& text, const std::string& from, const std::string& to);
void erase_entry(Tables& t, std::uint64_t index);

struct Mutation {
  const char* name;
  std::function<void(Tables&, Sample&)> apply;
  const char* expected;
};

extern const std::vector<Mutation> kMutations;

}  // namespace fundtrail::integrity_test
