// What answers each route (api/http/routes.h). A handler may rely on the door having checked the
// token, the ledger's id, the names of the parameters and the framing of the body.
#pragma once

#include <httplib.h>

#include "api/http/exchange.h"

namespace fundtrail::api {

class Service;

using Handler = void(Service&, Exchange&, const httplib::Request&, httplib::Response&);

Handler get_console, get_sign_in, get_console_file;         // console.cpp
Handler get_health, get_ready, get_metrics;                 // probes.cpp
Handler post_entries;                                   // write.cpp; body: request.body
Handler get_ledger, get_entries, get_journal, get_entry, get_lines;  // read.cpp, list.cpp
Handler get_proof, get_receipt, get_consistency;            // proofs.cpp
Handler get_checkpoint, get_checkpoints;                    // proofs.cpp
Handler get_reports, get_report, get_payments;              // reports.cpp
Handler get_balances;                                       // balances.cpp
Handler get_register, get_registered, post_policy_check;    // registers.cpp
Handler get_settlements, get_settlement, get_disbursements, get_disbursement, get_recoveries,
    get_recovery;                                           // payment_registers.cpp
Handler get_applications, get_application, get_beneficiaries, get_beneficiary;  // person_registers.cpp
Handler get_vouchers, get_voucher;                          // vouchers.cpp
Handler get_rules, get_indicators;                          // indicators.cpp
Handler post_jobs, post_imports, get_jobs, get_job, get_job_result, delete_job;  // job_routes.cpp
Handler get_identity, post_lookup;                          // identity_read.cpp
Handler get_access_log, get_access_head;                    // access_search.cpp
Handler post_session, get_session, delete_session, post_own_password;       // session.cpp
Handler get_tokens, post_token, delete_token, post_rotation;                // tokens.cpp
Handler get_users, post_users, get_user, post_user, post_user_password, post_user_unlock,
    post_certificate, delete_certificate;                                   // users.cpp

}  // namespace fundtrail::api
