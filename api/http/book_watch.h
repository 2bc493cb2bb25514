// Every change of the book of users becomes a record of the access log, whoever made it: a request, whose
// record says who asked, or somebody with a hand on the machine (the command line, an editor), whose record
// says what the server found changed in the file, also since it last ran.
#pragma once

#include "api/http/exchange.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

class Service;

// `route` of what was changed in the file beside the server.
inline constexpr char kBesideTheServer[] = "users.json";

// While it lives, changes that this thread makes are those of the exchange.
class Acting {
 public:
  explicit Acting(Exchange& exchange);
  ~Acting();
  Acting(const Acting&) = delete;
  Acting& operator=(const Acting&) = delete;
};

// From now on, and what has changed since a server ran last. Precondition: the service has an access log.
void watch_book(Service& service);

}  // namespace fundtrail::api
