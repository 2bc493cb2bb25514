// The cookie of a session, and whether a request comes from our own page. __Host- binds the cookie to
// this host and path over TLS (RFC 6265bis section 4.1.3.2; browsers count http://127.0.0.1 as safe),
// HttpOnly hides it from scripts, SameSite=Strict keeps it from other sites' requests.
#pragma once

#include <httplib.h>

#include <string>
#include <string_view>

namespace fundtrail::api {

// The session's token; empty: none.
std::string session_of(const httplib::Request& request);
// An empty token ends the cookie.
void set_session(httplib::Response& response, std::string_view token);

// Whether a browser says that one of our own pages sends the request: Sec-Fetch-Site (Fetch Metadata)
// is same-origin, Origin is the host that was asked; at least one is there and none contradicts. With
// `tls` our pages have https addresses and no others; without it, a proxy before us may speak TLS.
// What a request that did not come from our page lacks.
inline constexpr std::string_view kOwnPage = "Origin with the address of this server, or Sec-Fetch-Site: same-origin";
bool is_from_our_page(const httplib::Request& request, bool tls);
// Whether nothing contradicts it: for signing in, which programs do that send neither.
bool is_not_from_elsewhere(const httplib::Request& request, bool tls);

}  // namespace fundtrail::api
