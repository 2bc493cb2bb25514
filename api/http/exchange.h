// One request on its way through the server: what the door found out about it before its body was
// read, and what the access log says about it afterwards.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/access_log/record.h"
#include "api/http/body_room.h"
#include "api/http/framing.h"
#include "api/http/problem.h"
#include "api/http/stream.h"
#include "api/identity/caller.h"
#include "ledger/core/ids.h"

namespace fundtrail::api {

struct Route;

struct Exchange {
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  std::string request_id;
  std::string method;
  const Route* route = nullptr;
  std::array<std::string, 3> path;  // the variable parts of the route's pattern, in order
  std::optional<Caller> caller;     // nothing on routes that are open to everybody
  std::string address;              // of the client, or of the proxy before us
  bool tls = false;                 // else a proxy before us may speak it
  std::string client_certificate;   // SHA-256 of its DER, lower-case hex; empty: none
  CommandId key;                    // Idempotency-Key, on writes
  std::string allow;                // methods of the path, when the method does not fit
  std::optional<Problem> problem;   // found before the body was read
  bool head_read = false;           // the head was well-formed: what follows it is known
  BodyFraming framing;              // of the body
  BodyRoom::Place place;            // of the body
  bool body_read = false;
  bool must_close = false;          // where the next request would begin is not known
  std::shared_ptr<Stream> stream;   // the answer's body, when it is not in the response
  int status = 0;
  std::size_t bytes = 0;
  std::string_view problem_code;    // of the answer, for the log

  // For the access log (api/http/disclosure.h). Pseudonyms and ids only.
  struct Disclosure {
    std::string person;   // pseudonym, when it is about one
    std::string subject;
    std::string purpose;
  };
  std::optional<Disclosure> disclosure;  // the answer has data about people
  struct Refused {
    std::string_view code;
    int status = 0;
    std::string command;    // id, when it is about one
    std::size_t lines = 0;  // refused lines of a document that was recorded
    std::string person = {};  // pseudonym
  };
  std::vector<Refused> refusals;
  // What was done with users and sessions.
  struct Done {
    AccessAction action = AccessAction::managed;
    std::string subject = {};
    std::optional<Caller> by = {};  // where nobody was known before
  };
  std::vector<Done> done;
  std::optional<Caller> denied;  // who showed who they are and was not let in; the role is not settled
  std::string claimed;  // the user of the book whom somebody says to be who signs in
};

}  // namespace fundtrail::api
