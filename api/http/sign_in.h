// Why somebody was not let in by a password, as an answer: of signing in, and of what asks for the password again.
#pragma once

#include "api/http/exchange.h"
#include "api/identity/identity.h"

namespace httplib {
struct Response;
}  // namespace httplib

namespace fundtrail::api {

// Nothing is answered to somebody who was let in.
void answer_not_let_in(Exchange& exchange, httplib::Response& response, const SignIn& outcome);

}  // namespace fundtrail::api
