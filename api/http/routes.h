// Every address of the interface, in one table: method, pattern, who may call it, which parameters
// it knows, and what answers. docs: api/openapi.yaml describes the same set, and a test compares.
#pragma once

#include <httplib.h>

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "api/http/exchange.h"

namespace fundtrail::api {

class Service;

enum class Access : std::uint8_t {
  open,       // no token
  staff,      // every role but provider
  own,        // staff, and a provider for what is its own (the handler checks that)
  anyone,     // every role
  self,       // every role, also before the first change of the password
  administrator,
  watcher,    // inspector and administrator: who watches the watchers
};

// What the door asks of a route beside its access.
inline constexpr unsigned kUnkeyed = 1;   // a POST that needs no Idempotency-Key: no command of the ledger
// Answers somebody who is limited to regions, with what concerns these only (the handler sees to it).
// All other routes are refused to them, so that a new one leaks nothing.
inline constexpr unsigned kByRegion = 2;
// May name people by their pseudonyms. Its answers stand in the access log before they leave, whatever is in
// them, and in no cache. Said here and not looked for in bodies: reports have many forms.
inline constexpr unsigned kNamesPeople = 4;
// Takes a session: a token that was found somewhere, or a machine's certificate, makes no users, passwords or tokens.
inline constexpr unsigned kSession = 8;

// How large a body may be.
inline constexpr std::size_t kForm = 8 << 10;    // names and passwords
inline constexpr std::size_t kSmall = 64 << 10;  // one object
inline constexpr std::size_t kLarge = 8 << 20;   // many documents

struct Route {
  std::string_view method;
  std::string_view pattern;  // "{...}" stands for one part of the path
  Access access = Access::staff;
  std::string_view parameters = {};  // names of query parameters, separated by blanks
  void (*answer)(Service&, Exchange&, const httplib::Request&, httplib::Response&) = nullptr;
  unsigned flags = 0;
  std::size_t max_body = kSmall;  // bytes of a POST's body; told and followed before and while it is read
  std::string_view body = "application/json";  // of a POST

  bool unkeyed() const { return (flags & kUnkeyed) != 0; }
  bool by_region() const { return (flags & kByRegion) != 0; }
  bool by_session() const { return (flags & kSession) != 0; }
  bool names_people() const { return (flags & kNamesPeople) != 0; }
};

// The word among words separated by blanks.
bool is_among(std::string_view words, std::string_view word);

std::span<const Route> routes();

// What a path means. `route` is nullptr when the path or the method does not fit; `allowed` then
// lists the methods of the path, separated by ", " (empty: no such path).
struct Match {
  const Route* route = nullptr;
  std::string allowed;
};
// HEAD is answered as GET. Fills `parts` with the variable parts.
Match match(std::string_view method, std::string_view path, std::array<std::string, 3>& parts);

}  // namespace fundtrail::api
