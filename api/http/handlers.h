// What answers each route (api/http/routes.h). A handler may rely on the door having checked the
// token, the ledger's id, the names of the parameters and the framing of the body.
#pragma once

#include <httplib.h>

#include "api/http/exchange.h"

namespace fundtrail::api {

class Service;

using Handler = void(Service&, Exchange&, const httplib::Request&, httplib::Response&);

Handler get_console, get_health, get_ready, get_metrics;    // probes.cpp
Handler post_entries;                                   // write.cpp; body: request.body
Handler get_ledger, get_entries, get_entry, get_lines;      // read.cpp, list.cpp
Handler get_proof, get_consistency, get_checkpoint;         // proofs.cpp
Handler get_reports, get_report, get_payments;              // reports.cpp

}  // namespace fundtrail::api
