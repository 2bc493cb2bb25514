#include "api/http/session_cookie.h"

namespace fundtrail::api {
namespace {

constexpr std::string_view kName = "__Host-fundtrail";

}  // namespace

std::string session_of(const httplib::Request& request) {
  if (request.get_header_value_count("Cookie") != 1) return {};
  const auto header = request.get_header_value("Cookie");
  std::string_view rest = header;
  while (!rest.empty()) {
    const auto end = rest.find(';');
    auto pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() > kName.size() && pair.starts_with(kName) && pair[kName.size()] == '=') {
      return std::string(pair.substr(kName.size() + 1));
    }
  }
  return {};
}

void set_session(httplib::Response& response, std::string_view token) {
  std::string cookie = std::string(kName) + "=" + std::string(token) +
                       "; Path=/; Secure; HttpOnly; SameSite=Strict";
  if (token.empty()) cookie += "; Max-Age=0";
  response.set_header("Set-Cookie", cookie);
}

bool is_not_from_elsewhere(const httplib::Request& request, bool tls) {
  const auto site = request.get_header_value("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin") return false;
  if (!request.has_header("Origin")) return true;
  const auto origin = request.get_header_value("Origin");
  const auto host = request.get_header_value("Host");
  return request.get_header_value_count("Origin") == 1 && !host.empty() &&
         (origin == "https://" + host || (!tls && origin == "http://" + host));
}

bool is_from_our_page(const httplib::Request& request, bool tls) {
  return is_not_from_elsewhere(request, tls) &&
         (request.has_header("Sec-Fetch-Site") || request.has_header("Origin"));
}

}  // namespace fundtrail::api
