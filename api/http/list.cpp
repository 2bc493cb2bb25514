// GET .../entries: a page of entries that fit a filter, in the order of the chain.
//
// A cursor holds the size of the ledger when the first page was made, the next index and a digest
// of both and the filter: later entries never shift pages, and a cursor serves the filter it was
// made for.
#include "api/http/handlers.h"
#include "api/http/region_scope.h"
#include "api/http/service.h"
#include "ledger/chain/document_codec.h"

namespace fundtrail::api {
namespace {

constexpr std::uint64_t kDefaultLimit = 100;
constexpr std::uint64_t kMaxLimit = 500;
// A page may be short, even empty, and have a successor: one request never reads more than this.
constexpr std::uint64_t kMaxScanned = 20'000;

struct Filter {
  std::string kind;
  std::optional<Date> from;
  std::optional<Date> to;
  std::string fund;
  std::string region;
  std::string provider;
  std::uint64_t limit = kDefaultLimit;

  bool by_dimension() const { return !fund.empty() || !region.empty() || !provider.empty(); }
  std::string text() const {
    return kind + '|' + (from ? from->str() : "") + '|' + (to ? to->str() : "") + '|' + fund +
           '|' + region + '|' + provider;
  }
};

// Finds the fields that a filter asks for in any document.
struct Named {
  const Filter& filter;
  bool fund = false;
  bool region = false;
  bool provider = false;

  template <class T>
  void operator()(std::string_view key, const T& value) {
    if constexpr (requires { typename T::value_type; }) {
      return;
    } else if constexpr (std::is_same_v<T, FundId>) {
      fund = fund || value.str() == filter.fund;
    } else if constexpr (std::is_same_v<T, RegionCode>) {
      region = region || value.str() == filter.region;
    } else if constexpr (std::is_same_v<T, ProviderId>) {
      provider = provider || value.str() == filter.provider;
    } else if constexpr (requires(Named& v) { T::fields(value, v); }) {
      T::fields(value, *this);
    }
    static_cast<void>(key);
  }
  template <class T>
  void operator()(std::string_view key, const std::optional<T>& value) {
    if (value) (*this)(key, *value);
  }
};

bool fits(const Filter& filter, const Entry& entry) {
  if (filter.from && entry.date < *filter.from) return false;
  if (filter.to && entry.date > *filter.to) return false;
  if (!filter.by_dimension()) return true;
  Named named{filter};
  std::visit([&](const auto& d) { std::decay_t<decltype(d)>::fields(d, named); }, entry.document);
  for (const auto& posting : entry.postings) {
    named.fund = named.fund || posting.at.fund.str() == filter.fund;
    named.region = named.region || posting.at.region.str() == filter.region;
    named.provider = named.provider || posting.at.counterparty == filter.provider;
  }
  return (filter.fund.empty() || named.fund) && (filter.region.empty() || named.region) &&
         (filter.provider.empty() || named.provider);
}

template <class T>
std::optional<Problem> read_id(const httplib::Request& request, const char* name,
                               std::string_view expected, std::string& out) {
  const auto text = parameter(request, name);
  if (!text) return std::nullopt;
  if (!T::parse(*text)) return problem_of(Protocol::bad_parameter, expected, name);
  out = *text;
  return std::nullopt;
}

std::optional<Problem> read_date(const httplib::Request& request, const char* name,
                                 std::optional<Date>& out) {
  const auto text = parameter(request, name);
  if (!text) return std::nullopt;
  out = Date::parse(*text);
  if (!out) return problem_of(Protocol::bad_parameter, "YYYY-MM-DD", name);
  return std::nullopt;
}

std::optional<Problem> read_filter(const httplib::Request& request, Filter& out) {
  if (const auto kind = parameter(request, "kind")) {
    if (!document_of_kind(*kind)) {
      return problem_of(Protocol::bad_parameter, "a kind of document", "kind");
    }
    out.kind = *kind;
  }
  if (auto problem = read_date(request, "from", out.from)) return problem;
  if (auto problem = read_date(request, "to", out.to)) return problem;
  if (auto problem = read_id<FundId>(request, "fund", "an id", out.fund)) return problem;
  if (auto problem = read_id<RegionCode>(request, "region", "6, 9 or 12 digits", out.region)) {
    return problem;
  }
  if (auto problem = read_id<ProviderId>(request, "provider", "an id", out.provider)) {
    return problem;
  }
  if (const auto text = parameter(request, "limit")) {
    const auto limit = parse_index(*text);
    if (!limit || *limit == 0 || *limit > kMaxLimit) {
      return problem_of(Protocol::bad_parameter, "1 to " + std::to_string(kMaxLimit), "limit");
    }
    out.limit = *limit;
  }
  return std::nullopt;
}

struct Cursor {
  std::uint64_t size = 0;
  std::uint64_t next = 0;
};

std::string spell(const Service& service, const Filter& filter, const Cursor& cursor) {
  const auto place = std::to_string(cursor.size) + "-" + std::to_string(cursor.next) + "-";
  chain::Hasher hasher(service.suite());
  return place + chain::to_hex(hasher.digest(place + filter.text())).substr(0, 16);
}

std::optional<Cursor> read_cursor(const Service& service, const Filter& filter,
                                  std::string_view text) {
  const auto first = text.find('-');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find('-', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto size = parse_index(text.substr(0, first));
  const auto next = parse_index(text.substr(first + 1, second - first - 1));
  if (!size || !next || *next > *size) return std::nullopt;
  const Cursor cursor{*size, *next};
  if (spell(service, filter, cursor) != text) return std::nullopt;
  return cursor;
}

// Appends the entries of the page; moves the cursor.
Status fill(Service& service, const View& view, const Caller& caller, const Filter& filter,
            Cursor& cursor, std::string& out) {
  chain::Hasher hasher(service.suite());
  // A cheap look before the full one. Quotes inside strings are escaped in canonical JSON, so these
  // bytes mean the member wherever they stand; the full look below decides.
  const auto needle =
      filter.kind.empty() ? std::string() : R"("kind":")" + filter.kind + R"(","ledger":)";
  const bool decode = filter.from || filter.to || filter.by_dimension() || caller.limited();
  const RegionScope scope(caller, view);
  std::uint64_t found = 0;
  Status fault = success();
  const auto to = std::min(cursor.size, cursor.next + kMaxScanned);
  auto status = view.scan(
      cursor.next, to, View::Lines::without,
      [&](std::uint64_t index, std::string_view bytes, std::string_view) {
        cursor.next = index + 1;
        if (!needle.empty() && bytes.find(needle) == std::string_view::npos) return true;
        if (decode) {
          auto entry = chain::decode_entry(bytes);
          if (!entry) {
            fault = entry.error();
            return false;
          }
          if (!fits(filter, *entry)) return true;
          const auto shown = caller.limited() ? scope.shows(*entry) : Result<bool>(true);
          if (!shown) {
            fault = shown.error();
            return false;
          }
          if (!*shown) return true;
        }
        if (found != 0) out += ',';
        out += R"({"index":)" + std::to_string(index) + R"(,"leaf":")" +
               chain::to_hex(hasher.leaf(bytes)) + R"(","entry":)";
        out += bytes;
        out += '}';
        return ++found < filter.limit;
      });
  return status ? fault : status;
}

}  // namespace

void get_entries(Service& service, Exchange& exchange, const httplib::Request& request,
                 httplib::Response& response) {
  Filter filter;
  if (auto problem = read_filter(request, filter)) return answer(exchange, response, *problem);
  const auto view = service.ledger().view();
  Cursor cursor{view->size(), 0};
  if (const auto text = parameter(request, "cursor")) {
    const auto read = read_cursor(service, filter, *text);
    if (!read || read->size > view->size()) {
      return answer(exchange, response,
                    problem_of(Protocol::bad_parameter,
                               "the \"next\" of a page with the same filter", "cursor"));
    }
    cursor = *read;
  }
  auto root = view->root_at(cursor.size);
  if (!root) return answer(exchange, response, root.error());
  std::string body = R"({"ledger":")" + service.id().str() + R"(","size":)" +
                     std::to_string(cursor.size) + R"(,"root":")" + chain::to_hex(*root) +
                     R"(","entries":[)";
  if (auto status = fill(service, *view, *exchange.caller, filter, cursor, body); !status) {
    return answer(exchange, response, status.error());
  }
  body += ']';
  if (cursor.next < cursor.size) body += R"(,"next":")" + spell(service, filter, cursor) + '"';
  body += '}';
  answer(response, 200, std::move(body), kJson);
}

}  // namespace fundtrail::api
