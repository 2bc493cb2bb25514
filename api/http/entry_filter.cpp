#include "api/http/entry_filter.h"

#include "api/http/parameters.h"
#include "ledger/chain/document_codec.h"

namespace fundtrail::api {
namespace {

std::string& term(EntryFilter& filter, Term which) {
  return filter.terms[static_cast<std::size_t>(which)];
}

template <class T>
std::optional<Problem> read_term(const httplib::Request& request, const char* name,
                                 std::string_view expected, Term which, EntryFilter& out) {
  std::optional<T> value;
  auto problem = read_value(request, name, expected, value);
  if (!problem && value) term(out, which) = value->str();
  return problem;
}

std::optional<Problem> read_amount(const httplib::Request& request, const char* name,
                                   std::optional<std::int64_t>& out) {
  std::optional<Money> value;
  auto problem = read_value(request, name, "an amount such as 100.00", value);
  if (!problem && value) out = static_cast<std::int64_t>(value->fen());  // at most 17 digits
  return problem;
}

}  // namespace

bool EntryFilter::looks_at_lines() const {
  for (const Term which : {Term::fund, Term::programme, Term::region, Term::provider,
                           Term::beneficiary, Term::voucher}) {
    if (!terms[static_cast<std::size_t>(which)].empty()) return true;
  }
  return false;
}

bool EntryFilter::empty() const {
  for (const auto& value : terms) {
    if (!value.empty()) return false;
  }
  return !from && !to && !min && !max;
}

std::string EntryFilter::text() const {
  std::string text;
  for (const auto& value : terms) text += value + '|';
  text += (from ? from->str() : "") + '|' + (to ? to->str() : "") + '|';
  text += (min ? std::to_string(*min) : "") + '|' + (max ? std::to_string(*max) : "");
  return text;
}

std::optional<Problem> read_filter(const httplib::Request& request, EntryFilter& out) {
  if (const auto kind = parameter(request, "kind")) {
    if (!document_of_kind(*kind)) {
      return problem_of(Protocol::bad_parameter, "a kind of document", "kind");
    }
    term(out, Term::kind) = *kind;
  }
  std::optional<Problem> problem = read_date(request, "from", out.from);
  const auto next = [&](auto read) {
    if (!problem) problem = read();
  };
  next([&] { return read_date(request, "to", out.to); });
  next([&] { return read_term<FundId>(request, "fund", kIdForm, Term::fund, out); });
  next([&] { return read_term<ProgrammeId>(request, "programme", kIdForm, Term::programme, out); });
  next([&] {
    return read_term<RegionCode>(request, "region", kRegionForm, Term::region, out);
  });
  next([&] { return read_term<ProviderId>(request, "provider", kIdForm, Term::provider, out); });
  next([&] {
    return read_term<Pseudonym>(request, "beneficiary", "a pseudonym of 16 hex digits",
                                Term::beneficiary, out);
  });
  next([&] {
    return read_term<VoucherNumber>(request, "voucher", "a number such as WJ0804-00000001",
                                    Term::voucher, out);
  });
  next([&] { return read_term<ActorId>(request, "actor", kIdForm, Term::actor, out); });
  next([&] { return read_amount(request, "min_amount", out.min); });
  next([&] { return read_amount(request, "max_amount", out.max); });
  next([&]() -> std::optional<Problem> {
    if (!out.from || !out.to || *out.from <= *out.to) return std::nullopt;
    return problem_of(Protocol::bad_parameter, "a day not before \"from\"", "to", out.to->str());
  });
  next([&]() -> std::optional<Problem> {
    if (!out.min || !out.max || *out.min <= *out.max) return std::nullopt;
    return problem_of(Protocol::bad_parameter, "an amount not below \"min_amount\"", "max_amount",
                      *parameter(request, "max_amount"));
  });
  return problem;
}

std::optional<Term> EntryReader::term_of(std::string_view key) {
  if (key == "region") return Term::region;
  if (key == "fund") return Term::fund;
  if (key == "programme") return Term::programme;
  if (key == "counterparty" || key == "provider" || key == "payee") return Term::provider;
  if (key == "voucher") return Term::voucher;
  if (key == "beneficiary") return Term::beneficiary;
  return std::nullopt;
}

Result<std::vector<std::string>> EntryReader::programmes_of(std::string_view entry) {
  const auto decoded = chain::decode_entry(entry);
  if (!decoded) return decoded.error();
  std::vector<std::string> ids;
  for (const auto& one : std::get<PolicyRegistration>(decoded->document).policy.programmes) {
    ids.push_back(one.id.str());
  }
  return ids;
}

// {"actor":{"id":"zhang.li","role":...
std::string_view EntryReader::actor_of(std::string_view entry) {
  constexpr std::string_view kFront = R"({"actor":{"id":")";
  if (!entry.starts_with(kFront)) return {};
  entry.remove_prefix(kFront.size());
  return entry.substr(0, entry.find('"'));
}

Result<EntryFacts> EntryReader::read_facts(std::string_view entry) {
  EntryFacts facts;
  const auto add = [&](std::int64_t fen) {
    std::int64_t sum = 0;
    const bool over = __builtin_add_overflow(facts.amount.value_or(0), fen, &sum);
    facts.amount = over ? (fen < 0 ? INT64_MIN : INT64_MAX) : sum;
  };
  if (scanner_.scan(entry, scanned_)) {
    facts.date = scanned_.date;
    kind_ = kKindNames[scanned_.kind];
    for (const auto& posting : scanned_.postings) {
      if (posting.side == Side::debit) add(posting.fen);
    }
    return facts;
  }
  const auto decoded = chain::decode_entry(entry);
  if (!decoded) return decoded.error();
  facts.date = decoded->date;
  kind_ = kind_of(decoded->document);
  for (const auto& posting : decoded->postings) {
    if (posting.side == Side::debit) add(static_cast<std::int64_t>(posting.amount.fen()));
  }
  return facts;
}

Result<bool> EntryReader::fits(const EntryFilter& filter, std::string_view entry,
                               std::string_view lines) {
  std::array<bool, kTerms> named{};
  const auto facts = read(entry, lines, [&](Term which, std::string_view value) {
    const auto at = static_cast<std::size_t>(which);
    named[at] = named[at] || value == filter.terms[at];
  });
  if (!facts) return facts.error();
  for (std::size_t at = 0; at < kTerms; ++at) {
    if (!filter.terms[at].empty() && !named[at]) return false;
  }
  if (filter.from && facts->date < *filter.from) return false;
  if (filter.to && facts->date > *filter.to) return false;
  if (filter.min && (!facts->amount || *facts->amount < *filter.min)) return false;
  return !filter.max || (facts->amount && *facts->amount <= *filter.max);
}

}  // namespace fundtrail::api
