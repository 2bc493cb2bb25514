// The list of commands. To add one: declare it and put it in its place in add_commands(). The order
// is that of the help text:
//   init policy import submit run entry report audit verify checkpoint proof export erase lookup key access-log user
//   token serve backup restore config completion man bench
#include "api/cli/command.h"

namespace fundtrail::api::cli {

void add_init_command(CLI::App& app, Context& context);
void add_policy_command(CLI::App& app, Context& context);
void add_import_command(CLI::App& app, Context& context);
void add_submit_command(CLI::App& app, Context& context);
void add_run_command(CLI::App& app, Context& context);
void add_entry_command(CLI::App& app, Context& context);
void add_report_command(CLI::App& app, Context& context);
void add_audit_command(CLI::App& app, Context& context);
void add_verify_command(CLI::App& app, Context& context);
void add_checkpoint_command(CLI::App& app, Context& context);
void add_proof_command(CLI::App& app, Context& context);
void add_export_command(CLI::App& app, Context& context);
void add_erase_command(CLI::App& app, Context& context);
void add_lookup_command(CLI::App& app, Context& context);
void add_access_log_command(CLI::App& app, Context& context);
void add_user_command(CLI::App& app, Context& context);
void add_key_command(CLI::App& app, Context& context);
void add_token_command(CLI::App& app, Context& context);
void add_serve_command(CLI::App& app, Context& context);
void add_backup_command(CLI::App& app, Context& context);
void add_restore_command(CLI::App& app, Context& context);
void add_config_command(CLI::App& app, Context& context);
void add_completion_command(CLI::App& app, Context& context);
void add_man_command(CLI::App& app, Context& context);
void add_bench_command(CLI::App& app, Context& context);

void add_commands(CLI::App& app, Context& context) {
  add_init_command(app, context);
  add_policy_command(app, context);
  add_import_command(app, context);
  add_submit_command(app, context);
  add_run_command(app, context);
  add_entry_command(app, context);
  add_report_command(app, context);
  add_audit_command(app, context);
  add_verify_command(app, context);
  add_checkpoint_command(app, context);
  add_proof_command(app, context);
  add_export_command(app, context);
  add_erase_command(app, context);
  add_lookup_command(app, context);
  add_access_log_command(app, context);
  add_user_command(app, context);
  add_key_command(app, context);
  add_token_command(app, context);
  add_serve_command(app, context);
  add_backup_command(app, context);
  add_restore_command(app, context);
  add_config_command(app, context);
  add_completion_command(app, context);
  add_man_command(app, context);
  add_bench_command(app, context);
}

}  // namespace fundtrail::api::cli
