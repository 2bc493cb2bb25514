#include "ledger/chain/entry_scanner.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ledger/chain/field_checker.h"

namespace fundtrail::chain {
namespace {

using CheckDocument = bool (*)(CanonicalCursor&);

template <std::size_t... I>
constexpr std::array<CheckDocument, kKinds> document_checks(std::index_sequence<I...>) {
  return {&FieldChecker::object<DocumentOfKind<I>>...};
}
constexpr auto kDocumentChecks = document_checks(std::make_index_sequence<kKinds>());

std::optional<std::size_t> kind_named(std::string_view name) {
  const auto found = std::find(kKindNames.begin(), kKindNames.end(), name);
  if (found == kKindNames.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kKindNames.begin());
}

// What Money::parse() takes, up to the quotation mark behind it.
bool take_amount(CanonicalCursor& cursor, std::int64_t& fen) {
  const bool negative = cursor.take('-');
  const std::string_view rest = cursor.rest();
  std::size_t digits = 0;
  std::int64_t value = 0;
  const auto digit = [&](std::size_t at) {
    if (at >= rest.size() || rest[at] < '0' || rest[at] > '9') return false;
    value = value * 10 + (rest[at] - '0');
    return true;
  };
  while (digits < Money::kMaxYuanDigits && digit(digits)) ++digits;
  if (digits == 0 || (digits > 1 && rest[0] == '0') || rest.size() < digits + 3 ||
      rest[digits] != '.' || !digit(digits + 1) || !digit(digits + 2) || (negative && value == 0)) {
    return false;
  }
  cursor.skip(digits + 3);
  fen = negative ? -value : value;
  return true;
}

bool take_hash(CanonicalCursor& cursor, Hash& hash) {
  constexpr std::size_t kDigits = 2 * sizeof(Hash);
  if (cursor.left() < kDigits) return false;
  const auto read = hash_from_hex(cursor.rest().substr(0, kDigits));
  if (!read) return false;
  hash = *read;
  cursor.skip(kDigits);
  return true;
}

std::size_t hash_of(std::string_view head, std::string_view tail) {
  const std::hash<std::string_view> hash;
  return hash(head) * 31 + hash(tail);
}

template <class T>
bool take_text(CanonicalCursor& cursor, std::string_view& text) {
  bool ascii = true;
  return cursor.string(text, ascii) && is_text_of<T>(text, ascii);
}
template <class T>
bool take_optional(CanonicalCursor& cursor, std::string_view key, T& value) {
  if (!cursor.take(key)) return true;
  std::string_view text;
  if (!take_text<T>(cursor, text)) return false;
  if constexpr (std::is_same_v<T, std::string>) value = text;
  else value = *T::parse(text);
  return true;
}

}  // namespace

// One line on its way through the members that an entry has, in their order.
class EntryScanner::Reading {
 public:
  Reading(EntryScanner& scanner, std::string_view line, ScannedEntry& out)
      : s_(scanner), cursor_(line), out_(out) {}

  bool all() {
    return actor() && command() && document() && place() && lines() && policy() && postings() &&
           end() && check_document();
  }

 private:
  // Takes what `read` takes, or, without reading it, what was taken there the last time.
  template <class Read>
  bool remembered(Memo& memo, const Read& read) {
    if (!memo.bytes.empty() && cursor_.take(std::string_view(memo.bytes))) return true;
    const char* const begin = cursor_.place();
    std::int64_t value = 0;
    if (!read(value)) return false;
    memo.bytes.assign(begin, cursor_.place());
    memo.value = value;
    return true;
  }

  bool actor() {
    constexpr std::string_view head = R"({"actor":{"id":)";
    const char* const begin = cursor_.place();
    const bool taken = remembered(s_.actor_, [&](std::int64_t& length) {
      std::string_view id, role;
      if (!cursor_.take(head) || !take_text<ActorId>(cursor_, id)) return false;
      length = static_cast<std::int64_t>(id.size());
      return cursor_.take(R"(,"role":)") && take_text<Role>(cursor_, role) &&
             cursor_.take(R"(},"command":)");
    });
    if (taken) {
      out_.actor = {begin + head.size() + 1, static_cast<std::size_t>(s_.actor_.value)};
    }
    return taken;
  }

  bool command() {
    std::string_view text;
    Hash content;
    if (!take_text<CommandId>(cursor_, text) || !cursor_.take(R"(,"content":")") ||
        !take_hash(cursor_, content)) {
      return false;
    }
    const bool dated = remembered(s_.date_, [&](std::int64_t& days) {
      if (!cursor_.take(R"(","date":)") || !take_text<Date>(cursor_, text)) return false;
      days = Date::parse(text)->days();
      return cursor_.take(R"(,"doc":)");
    });
    out_.date = Date::from_days(static_cast<std::int32_t>(s_.date_.value));
    return dated;
  }

  // No document has a member of this name, and inside a string its quotation marks would be escaped;
  // should it be found too early all the same, check_document() does not accept the piece.
  bool document() {
    const std::string_view rest = cursor_.rest();
    const auto end = rest.find(R"(,"index":)");
    if (end == std::string_view::npos) return false;
    out_.document = rest.substr(0, end);
    cursor_.skip(end);
    return true;
  }

  bool place() {
    if (!cursor_.take(R"(,"index":)") || !cursor_.integer(out_.index)) return false;
    std::string_view text;
    const bool kind = remembered(s_.kind_, [&](std::int64_t& value) {
      bool ascii = true;
      if (!cursor_.take(R"(,"kind":)") || !cursor_.string(text, ascii)) return false;
      const auto number = kind_named(text);
      if (!number || !cursor_.take(R"(,"ledger":)")) return false;
      value = static_cast<std::int64_t>(*number);
      return true;
    });
    if (!kind) return false;
    out_.kind = static_cast<std::size_t>(s_.kind_.value);
    const char* const begin = cursor_.place();
    if (!remembered(s_.ledger_, [&](std::int64_t&) { return take_text<LedgerId>(cursor_, text); })) {
      return false;
    }
    out_.ledger = {begin + 1, static_cast<std::size_t>(cursor_.place() - begin - 2)};
    return true;
  }

  bool lines() {
    out_.has_lines = cursor_.take(R"(,"lines":{"count":)");
    out_.line_count = 0;
    if (!out_.has_lines) return true;
    return cursor_.integer(out_.line_count) && cursor_.take(R"(,"root":")") &&
           take_hash(cursor_, out_.lines_root) && cursor_.take(R"("})");
  }

  bool policy() {
    if (!cursor_.rest().starts_with(R"(,"policy":)")) return true;
    return remembered(s_.policy_, [&](std::int64_t&) {
      std::string_view text;
      return cursor_.take(R"(,"policy":)") && take_text<PolicyRef>(cursor_, text);
    });
  }

  bool postings() {
    out_.postings.clear();
    if (!cursor_.take(R"(,"postings":[)")) return false;
    if (cursor_.take(']')) return true;
    do {
      if (!posting()) return false;
    } while (cursor_.take(','));
    return cursor_.take(']');
  }

  bool posting() {
    const std::size_t number = out_.postings.size();
    ScannedPosting& posting = out_.postings.emplace_back();
    const CanonicalCursor begin = cursor_;
    const std::uint32_t recent = number < s_.recent_.size() ? s_.recent_[number] : 0;
    if (recent < s_.spellings_.size()) {
      const Spelling& spelling = s_.spellings_[recent];
      if (cursor_.take(spelling.head) && take_amount(cursor_, posting.fen) &&
          cursor_.take(spelling.tail)) {
        posting.cell = spelling.cell;
        posting.side = spelling.side;
        return true;
      }
      cursor_ = begin;
    }
    return other_posting(number, posting);
  }

  bool other_posting(std::size_t number, ScannedPosting& posting) {
    const char* const begin = cursor_.place();
    std::string_view account;
    bool ascii = true;
    if (!cursor_.take(R"({"account":)") || !cursor_.string(account, ascii) ||
        !cursor_.take(R"(,"amount":")")) {
      return false;
    }
    const std::string_view head(begin, static_cast<std::size_t>(cursor_.place() - begin));
    if (!take_amount(cursor_, posting.fen)) return false;
    const auto end = cursor_.rest().find('}');
    if (end == std::string_view::npos) return false;
    const auto spelling = s_.spelling_of(head, cursor_.rest().substr(0, end + 1));
    if (!spelling) return false;
    cursor_.skip(end + 1);
    posting.cell = s_.spellings_[*spelling].cell;
    posting.side = s_.spellings_[*spelling].side;
    if (number < s_.recent_.size()) s_.recent_[number] = *spelling;
    return true;
  }

  bool end() {
    if (!cursor_.take(R"(,"prev":")") || !take_hash(cursor_, out_.prev)) return false;
    const bool timed = remembered(s_.time_, [&](std::int64_t& seconds) {
      std::string_view text;
      if (!cursor_.take(R"(","time":)") || !take_text<Timestamp>(cursor_, text)) return false;
      seconds = Timestamp::parse(text)->unix_seconds();
      return cursor_.take(R"(,"v":1})");
    });
    out_.time = s_.time_.value;
    return timed && cursor_.left() == 0;
  }

  bool check_document() const {
    CanonicalCursor inside(out_.document);
    return kDocumentChecks[out_.kind](inside) && inside.left() == 0;
  }

  EntryScanner& s_;
  CanonicalCursor cursor_;
  ScannedEntry& out_;
};

bool EntryScanner::scan(std::string_view line, ScannedEntry& out) {
  return Reading(*this, line, out).all();
}

std::uint32_t EntryScanner::cell(FundAccount account, const Dimensions& at) {
  // Ids cannot hold the separator; the counterparty, which might, comes last.
  std::string key(1, static_cast<char>(account));
  for (const std::string* part : {&at.fund.str(), &at.programme.str(), &at.region.str()}) {
    key += *part;
    key += '/';
  }
  key += at.counterparty;
  const auto [found, added] =
      cell_numbers_.try_emplace(std::move(key), static_cast<std::uint32_t>(cells_.size()));
  if (added) cells_.push_back({account, at});
  return found->second;
}

bool EntryScanner::read_spelling(std::string_view head, std::string_view tail, Cell& cell,
                                 Side& side) {
  CanonicalCursor before(head);
  std::string_view text;
  if (!before.take(R"({"account":)") || !take_text<FundAccount>(before, text)) return false;
  cell.account = *parse_name<FundAccount>(text);
  CanonicalCursor behind(tail);
  if (!behind.take('"') || !take_optional(behind, R"(,"counterparty":)", cell.at.counterparty) ||
      !behind.take(R"(,"fund":)") || !take_text<FundId>(behind, text)) {
    return false;
  }
  cell.at.fund = *FundId::parse(text);
  if (!take_optional(behind, R"(,"programme":)", cell.at.programme) ||
      !take_optional(behind, R"(,"region":)", cell.at.region) || !behind.take(R"(,"side":)") ||
      !take_text<Side>(behind, text) || !behind.take('}') || behind.left() != 0) {
    return false;
  }
  side = *parse_name<Side>(text);
  return true;
}

std::optional<std::uint32_t> EntryScanner::spelling_of(std::string_view head,
                                                       std::string_view tail) {
  if (spellings_.size() * 2 >= slots_.size()) {
    slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), 0);
    for (std::uint32_t i = 0; i < spellings_.size(); ++i) {
      *slot_of(spellings_[i].head, spellings_[i].tail) = i + 1;
    }
  }
  std::uint32_t* const slot = slot_of(head, tail);
  if (*slot != 0) return *slot - 1;
  Spelling spelling{std::string(head), std::string(tail)};
  Cell cell;
  if (!read_spelling(head, tail, cell, spelling.side)) return std::nullopt;
  spelling.cell = this->cell(cell.account, cell.at);
  spellings_.push_back(std::move(spelling));
  *slot = static_cast<std::uint32_t>(spellings_.size());
  return *slot - 1;
}

// The slot that holds the spelling, or the free one where it belongs.
std::uint32_t* EntryScanner::slot_of(std::string_view head, std::string_view tail) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash_of(head, tail) & mask;; at = (at + 1) & mask) {
    if (slots_[at] == 0) return &slots_[at];
    const Spelling& spelling = spellings_[slots_[at] - 1];
    if (spelling.head == head && spelling.tail == tail) return &slots_[at];
  }
}

}  // namespace fundtrail::chain
