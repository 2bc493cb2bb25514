// Entries that fit a filter, in the order of the chain: a page of them (GET .../entries), or all in one
// stream of lines (GET .../journal).
//
// A cursor holds the size of the ledger when the first page was made, the next index and a digest
// of both and the filter: later entries never shift pages, and a cursor serves the filter it was
// made for. It is no secret: whoever makes one up reads what he may read anyway. `after` says where the first
// page begins, so that a client goes on from the entries that it has.
#include "api/http/entry_filter.h"
#include "api/http/handlers.h"
#include "api/http/known.h"
#include "api/http/parameters.h"
#include "api/http/region_scope.h"
#include "api/http/service.h"
#include "api/http/stream.h"

namespace fundtrail::api {
namespace {

// A page may be short, even empty, and have a successor: one request never reads more than this.
constexpr std::uint64_t kMaxScanned = 20'000;       // entries
constexpr std::size_t kMaxScannedBytes = 32 << 20;  // with their lines
// Blocks that one request adds to the index, when it is not complete yet.
constexpr std::uint64_t kMaxCatchUp = 16;

struct Cursor {
  std::uint64_t size = 0;
  std::uint64_t next = 0;
};

std::string spell(const Service& service, const EntryFilter& filter, const Cursor& cursor) {
  const auto place = std::to_string(cursor.size) + "-" + std::to_string(cursor.next) + "-";
  chain::Hasher hasher(service.suite());
  return place + chain::to_hex(hasher.digest(place + filter.text())).substr(0, 16);
}

std::optional<Cursor> read_cursor(const Service& service, const EntryFilter& filter,
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

// Goes through the entries that fit.
class Walk {
 public:
  Walk(Service& service, const Caller& caller, const EntryFilter& filter, const Cursor& cursor,
       bool lines)
      : service_(service), caller_(caller), filter_(filter), but_provider_(filter), cursor_(cursor),
        lines_(lines), hasher_(service.suite()) {
    auto& name = but_provider_.terms[static_cast<std::size_t>(Term::provider)];
    provider_ = ProviderId::parse(name);
    name.clear();
  }

  const Cursor& cursor() const { return cursor_; }
  bool done() const { return cursor_.next >= cursor_.size; }

  // Calls visit(item) with {"index", "leaf", "entry", "lines"?} of each, until it answers false or
  // enough was read for one go.
  template <class Visit>
  Status go(const View& view, const Visit& visit) {
    if (!filter_.empty()) {
      if (auto status = service_.entries().catch_up(view, kMaxCatchUp); !status) return status;
    }
    if (provider_) {
      if (auto status = service_.providers().catch_up(view); !status) return status;
    }
    const RegionScope scope(caller_, view);
    std::uint64_t read = 0;
    std::size_t bytes = 0;
    bool going = true;
    while (going && !done()) {
      cursor_.next = next_candidate();
      const auto to = std::min(cursor_.size, cursor_.next - cursor_.next % EntryIndex::kBlock +
                                                 EntryIndex::kBlock);
      auto status = scan(view, to, [&](std::uint64_t index, std::string_view entry,
                                       std::string_view lines) -> Result<bool> {
        bytes += entry.size() + lines.size();
        going = ++read < kMaxScanned && bytes < kMaxScannedBytes;
        auto fits = filter_.empty() ? Result<bool>(true) : reader_.fits(filter_, entry, lines);
        if (fits && !*fits && provider_) fits = is_a_step(view, index, entry, lines);
        if (fits && *fits && caller_.limited()) fits = scope.shows(entry);
        if (!fits) return fits;
        if (*fits && !visit(item(index, entry, lines))) going = false;
        return going;
      });
      if (!status) return status;
    }
    return success();
  }

 private:
  std::uint64_t next_candidate() const {
    const auto named = service_.entries().next_candidate(filter_, cursor_.next, cursor_.size);
    if (!provider_) return named;
    return std::min(named, service_.providers().next_of(*provider_, cursor_.next, cursor_.size));
  }

  // A step of the provider's settlement, disbursement or recovery, which concerns it without naming it.
  Result<bool> is_a_step(const View& view, std::uint64_t index, std::string_view entry, std::string_view lines) {
    const auto own = service_.providers().concerns(view, *provider_, index);
    return own && *own ? reader_.fits(but_provider_, entry, lines) : own;
  }

  template <class Visit>
  Status scan(const View& view, std::uint64_t to, const Visit& visit) {
    Status fault = success();
    const bool with = lines_ || filter_.looks_at_lines();
    auto status = view.scan(cursor_.next, to, with ? View::Lines::with : View::Lines::without,
                            [&](std::uint64_t index, std::string_view entry, std::string_view lines) {
                              cursor_.next = index + 1;
                              auto goes_on = visit(index, entry, lines);
                              if (!goes_on) fault = goes_on.error();
                              return goes_on && *goes_on;
                            });
    return status ? fault : status;
  }

  const std::string& item(std::uint64_t index, std::string_view entry, std::string_view lines) {
    item_ = R"({"index":)" + std::to_string(index) + R"(,"leaf":")" +
            chain::to_hex(hasher_.leaf(entry)) + R"(","entry":)";
    item_ += entry;
    if (lines_) {
      item_ += R"(,"lines":[)";
      item_ += lines;  // each ends in a line feed
      if (!lines.empty()) item_.pop_back();
      std::replace(item_.end() - std::ptrdiff_t(lines.size()), item_.end(), '\n', ',');
      item_ += ']';
    }
    return item_ += '}';
  }

  Service& service_;
  const Caller caller_;
  EntryFilter filter_;
  EntryFilter but_provider_;  // the same without it
  std::optional<ProviderId> provider_;
  Cursor cursor_;
  bool lines_;
  chain::Hasher hasher_;
  EntryReader reader_;
  std::string item_;
};

// All of them, a line each. Entries never change, so no picture of the ledger is held while the
// client reads: each piece is read from a new one.
class EntryStream final : public Stream {
 public:
  EntryStream(Service& service, const Caller& caller, const EntryFilter& filter,
              const Cursor& cursor, bool lines)
      : service_(service), walk_(service, caller, filter, cursor, lines) {}

  Status next(std::string& piece) override {
    while (piece.empty() && !walk_.done()) {
      const auto view = service_.ledger().view();
      auto status = walk_.go(*view, [&](const std::string& item) {
        piece += item;
        piece += '\n';
        return piece.size() < kPiece;
      });
      if (!status) return status;
    }
    return success();
  }

 private:
  Service& service_;
  Walk walk_;
};

struct Wanted {
  EntryFilter filter;
  Cursor cursor;
};

std::optional<Problem> read_wanted(const Service& service, const Caller& caller, const View& view,
                                   const httplib::Request& request, Wanted& out) {
  if (auto problem = read_filter(request, out.filter)) return problem;
  const auto region = RegionCode::parse(out.filter.terms[static_cast<std::size_t>(Term::region)]);
  // Whether there is a region that is none of theirs, somebody limited is not told: nothing is found in it.
  const bool theirs = region && caller.covers(*region);
  if (theirs || !caller.limited()) {
    if (auto problem = refuse_unknown_region(view, region)) return problem;
  }
  const auto fund = FundId::parse(out.filter.terms[static_cast<std::size_t>(Term::fund)]);
  if (auto problem = refuse_unknown_fund(view, fund)) return problem;
  // Whoever has more entries than there are must learn of it, as after a restoration of an old copy.
  std::optional<std::uint64_t> after;
  if (auto problem = read_number(request, "after", 0, view.size() - 1, after)) return problem;
  out.cursor = {view.size(), after ? *after + 1 : 0};
  if (const auto text = parameter(request, "cursor")) {
    const auto read = read_cursor(service, out.filter, *text);
    if (!read || read->size > view.size()) {
      return problem_of(Protocol::bad_parameter, "the \"next\" of a page with the same filter",
                        "cursor");
    }
    out.cursor = *read;
  }
  return std::nullopt;
}

}  // namespace

void get_entries(Service& service, Exchange& exchange, const httplib::Request& request,
                 httplib::Response& response) {
  const auto view = service.ledger().view();
  Wanted wanted;
  std::uint64_t limit = 0;
  auto problem = read_wanted(service, *exchange.caller, *view, request, wanted);
  if (!problem) problem = read_limit(request, limit);
  if (problem) return answer(exchange, response, *problem);
  const auto size = wanted.cursor.size;
  auto root = view->root_at(size);
  if (!root) return answer(exchange, response, root.error());
  std::string body = R"({"ledger":")" + service.id().str() + R"(","size":)" + std::to_string(size) +
                     R"(,"root":")" + chain::to_hex(*root) + R"(","entries":[)";
  Walk walk(service, *exchange.caller, wanted.filter, wanted.cursor, false);
  std::uint64_t found = 0;
  auto status = walk.go(*view, [&](const std::string& item) {
    if (found != 0) body += ',';
    body += item;
    return ++found < limit;
  });
  if (!status) return answer(exchange, response, status.error());
  body += ']';
  if (!walk.done()) body += R"(,"next":")" + spell(service, wanted.filter, walk.cursor()) + '"';
  body += '}';
  answer(response, 200, std::move(body), kJson);
}

void get_journal(Service& service, Exchange& exchange, const httplib::Request& request,
                 httplib::Response& response) {
  const auto view = service.ledger().view();
  Wanted wanted;
  bool lines = false;
  auto problem = read_wanted(service, *exchange.caller, *view, request, wanted);
  if (!problem) problem = read_flag(request, "lines", lines);
  if (problem) return answer(exchange, response, *problem);
  auto root = view->root_at(wanted.cursor.size);
  if (!root) return answer(exchange, response, root.error());
  response.set_header("FundTrail-Size", std::to_string(wanted.cursor.size));
  response.set_header("FundTrail-Root", chain::to_hex(*root));
  answer(exchange, response, kJsonLines,
         std::make_shared<EntryStream>(service, *exchange.caller, wanted.filter, wanted.cursor,
                                       lines));
  name_file(response, service, "journal", "ndjson");
}

}  // namespace fundtrail::api
