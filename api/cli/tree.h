// The commands and options as they are, read back from CLI11: what completion and the manual page are
// made of, so that neither can lag behind. Pure functions.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "api/cli/messages.h"

namespace fundtrail::api::cli {

// One half of a text made by both().
inline std::string_view half(std::string_view text, Language language) {
  const auto end = text.find('\n');
  if (language == Language::zh || end == text.npos) return text.substr(0, end);
  return text.substr(end + 1);
}

// Without hidden ones.
inline std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  std::vector<const CLI::Option*> shown;
  for (const auto* option : app.get_options({})) {
    if (!option->get_group().empty()) shown.push_back(option);
  }
  return shown;
}
inline std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  std::vector<const CLI::App*> shown;
  for (const auto* command : app.get_subcommands({})) {
    if (!command->get_group().empty()) shown.push_back(command);
  }
  return shown;
}
inline bool takes_value(const CLI::Option& option) { return option.get_items_expected_min() > 0; }

}  // namespace fundtrail::api::cli
