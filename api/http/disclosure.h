// What the access log (api/access_log) is told of a request: that data about people went out, and to whom
// and what for; or that somebody was refused.
#pragma once

#include <httplib.h>

#include <optional>
#include <string>

#include "api/http/exchange.h"

namespace fundtrail::api {

class Service;

// Why the caller wants to know, as text in the header: UTF-8, as it is or percent-encoded. Not in the
// address, which ends up in logs and histories.
inline constexpr char kPurposeHeader[] = "Access-Purpose";
// Whether it can be kept as a purpose: 2 to 200 characters, without numbers of identity cards, bank cards or phones.
bool is_purpose(std::string_view text);
// The purpose; a problem when it is no text of 2 to 200 characters, or holds what looks like an identity
// or card number. Nothing when there is none.
std::optional<Problem> read_purpose(const httplib::Request& request, std::optional<std::string>& purpose);

// What the access log is to be told of an answer of a route that names people (kNamesPeople), unless its
// handler said it; and sees to it that no cache keeps such an answer.
void find_disclosure(const httplib::Request& request, httplib::Response& response, Exchange& exchange);
// Keeps the record of a disclosure. Called by a task, which sleeps until the record is durable. False
// when it cannot be kept: then the answer must not leave.
bool keep_disclosure(Service& service, const Exchange& exchange, int status);
// Keeps the records of what was done with users and sessions, in the same way.
bool keep_done(Service& service, const Exchange& exchange, int status);
// Whether the request would do something with users or sessions.
bool may_manage(const Exchange& exchange);
// Of a refusal that work asked for by the request will come to (a job): who asked, from where, by which request.
AccessRecord refusal_record(const Service& service, const Exchange& exchange);
// Keeps a record of each refusal. Waits for nobody.
void keep_refusals(Service& service, const Exchange& exchange);

}  // namespace fundtrail::api
