// The console: static files, embedded in the program (api/console/).
#pragma once

#include <optional>
#include <string_view>

namespace fundtrail::api {

struct ConsoleFile {
  std::string_view name;  // "index.html"
  std::string_view media_type;
  std::string_view bytes;
};
std::optional<ConsoleFile> console_file(std::string_view name);

}  // namespace fundtrail::api
