// The list of commands. To add one: declare it and put it in its place in add_commands(). The order
// is that of the help text:
//   init import submit entry report audit verify checkpoint proof export serve bench
#include "api/cli/command.h"

namespace fundtrail::api::cli {

void add_commands(CLI::App& app, Context& context) {
  static_cast<void>(app);
  static_cast<void>(context);
}

}  // namespace fundtrail::api::cli
