#include "api/http/console.h"

#include <httplib.h>

#include "api/http/handlers.h"
#include "api/http/service.h"

namespace fundtrail::api {
namespace {

void answer_file(Exchange& exchange, httplib::Response& response, std::string_view name) {
  const auto file = console_file(name);
  if (!file) return answer(exchange, response, problem_of(Protocol::not_found, "file"));
  answer(response, 200, std::string(file->bytes), file->media_type);
  // Our own files and nothing else, no script in the page, and nobody puts it into a frame.
  response.set_header("Content-Security-Policy",
                      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src "
                      "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
}

}  // namespace

void get_console(Service&, Exchange& exchange, const httplib::Request&,
                 httplib::Response& response) {
  answer_file(exchange, response, "index.html");
}

void get_sign_in(Service&, Exchange& exchange, const httplib::Request&,
                 httplib::Response& response) {
  answer_file(exchange, response, "sign-in.html");
}

void get_console_file(Service&, Exchange& exchange, const httplib::Request&,
                      httplib::Response& response) {
  answer_file(exchange, response, exchange.path[0]);
}

}  // namespace fundtrail::api
