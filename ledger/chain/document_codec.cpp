#include "ledger/chain/document_codec.h"

#include "ledger/chain/canonical.h"
#include "ledger/chain/field_reader.h"
#include "ledger/chain/field_writer.h"
#include "ledger/chain/merkle.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/personal_number.h"

namespace fundtrail::chain {
namespace {

template <class T>
void write_object(CanonicalWriter& w, const T& value) {
  FieldWriter(w).write(value);
}

void write_document(CanonicalWriter& w, const Document& document) {
  std::visit([&](const auto& d) { write_object(w, d); }, document);
}

void write_summary(CanonicalWriter& w, const LinesSummary& lines) {
  w.key("lines").begin_object().key("count").integer(lines.count).key("root").string(lines.root);
  w.end_object();
}

void write_posting(CanonicalWriter& w, const Posting& p) {
  w.begin_object();
  w.key("account").string(name_of(p.account));
  w.key("amount").string(p.amount.str());
  if (!p.at.counterparty.empty()) w.key("counterparty").string(p.at.counterparty);
  w.key("fund").string(p.at.fund.str());
  if (!p.at.programme.empty()) w.key("programme").string(p.at.programme.str());
  if (!p.at.region.empty()) w.key("region").string(p.at.region.str());
  w.key("side").string(name_of(p.side));
  w.end_object();
}

// The fields of a posting as they are read; absent dimensions are empty ones.
struct PostingFields {
  FundAccount account = FundAccount::source;
  Money amount;
  std::optional<std::string> counterparty;
  FundId fund;
  std::optional<ProgrammeId> programme;
  std::optional<RegionCode> region;
  Side side = Side::debit;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("amount", d.amount);
    v("counterparty", d.counterparty);
    v("fund", d.fund);
    v("programme", d.programme);
    v("region", d.region);
    v("side", d.side);
  }

  Posting posting() && {
    return {account, side, amount,
            {std::move(fund), programme.value_or(ProgrammeId()), region.value_or(RegionCode()),
             counterparty.value_or(std::string())}};
  }
};

struct SummaryFields {
  std::uint64_t count = 0;
  std::string root;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("count", d.count);
    v("root", d.root);
  }
};

Error unreadable(const Rejection& r) {
  std::string zh = r.zh();
  constexpr std::string_view kStop = "。";  // what is said goes on behind it
  if (zh.ends_with(kStop)) zh.resize(zh.size() - kStop.size());
  return {Fault::unreadable, in_both("内容不合格式（" + (r.field.empty() ? "" : r.field + "：") + zh + "）",
                                     (r.field.empty() ? "" : r.field + ": ") + r.en())};
}

// Reads `doc` (and nothing of the lines) into a new document of the kind.
void read_document(FieldReader& reader, std::string_view kind, simdjson::dom::element element,
                   Document& out) {
  auto document = document_of_kind(kind);
  if (!document) return reader.reject(Reason::unknown_kind, "kind", std::string(kind), {});
  std::visit([&](auto& d) { reader.read(element, d, "doc"); }, *document);
  out = std::move(*document);
}

// As people send it: what the engine fills in from the identity need not be there.
void read_registration(FieldReader& reader, simdjson::dom::element element, Document& out) {
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) {
    return reader.malformed(element, "doc", Form::object);
  }
  BeneficiaryRegistration document;
  FieldReader fields(object, "doc.");
  fields.may_lack({"beneficiary", "commitment"});
  BeneficiaryRegistration::fields(document, fields);
  fields.refuse_unknown_of(document);
  if (fields.fault()) return reader.reject(*fields.fault());
  out = std::move(document);
}

// Who sends an identity cannot know the pseudonym, and would take one that was replaced for the right one.
void refuse_derived(FieldReader& reader, simdjson::dom::element document) {
  for (const std::string key : {"beneficiary", "commitment"}) {
    simdjson::dom::element found;
    if (document.at_key(key).get(found) == simdjson::SUCCESS) {
      reader.reject(Reason::unknown_field, "doc." + key, key, {});
    }
  }
}

void read_lines(FieldReader& reader, simdjson::dom::element element, Document& document) {
  std::visit(
      [&](auto& d) {
        if constexpr (HasLines<std::decay_t<decltype(d)>>) {
          simdjson::dom::array array;
          if (element.get(array) == simdjson::SUCCESS && array.size() > kMaxLines) {
            return reader.reject(Reason::too_many_lines, "lines", std::to_string(array.size()),
                                 std::to_string(kMaxLines));
          }
          reader.read(element, d.lines, "lines");
        } else {
          reader.reject(Reason::unknown_field, "lines", "lines", {});
        }
      },
      document);
}

// What is wrong with the bytes, without the bytes.
Rejection not_json(simdjson::error_code code) {
  return {Reason::malformed_command, "", "", token(form_of(code))};
}

}  // namespace

LinesSummary EncodedLines::summary(Hasher& hasher) const {
  return {leaves.size(), to_hex(root_of(hasher, leaves))};
}

void encode_lines(Hasher& hasher, const Document& document, EncodedLines& out) {
  out.block.clear();
  out.leaves.clear();
  std::visit(
      [&](const auto& d) {
        if constexpr (HasLines<std::decay_t<decltype(d)>>) {
          out.leaves.reserve(d.lines.size());
          for (const auto& line : d.lines) {
            const std::size_t begin = out.block.size();
            {
              CanonicalWriter w(out.block);
              write_object(w, line);
            }
            out.leaves.push_back(hasher.leaf(std::string_view(out.block).substr(begin)));
            out.block += '\n';
          }
        }
      },
      document);
}

void encode_entry(const Entry& entry, std::string& out) {
  encode_entry(entry, encode_document(entry.document), out);
}

void encode_entry(const Entry& e, std::string_view document, std::string& out) {
  CanonicalWriter w(out);
  w.begin_object();
  w.key("actor");
  write_object(w, e.actor);
  w.key("command").string(e.command.str());
  w.key("content").string(e.content);
  w.key("date").string(e.date.str());
  w.key("doc").raw(document);
  w.key("index").integer(e.index);
  w.key("kind").string(kind_of(e.document));
  w.key("ledger").string(e.ledger.str());
  if (e.lines) write_summary(w, *e.lines);
  if (e.policy) w.key("policy").string(e.policy->str());
  w.key("postings").begin_array();
  for (const auto& posting : e.postings) write_posting(w, posting);
  w.end_array();
  w.key("prev").string(e.prev);
  if (e.signature) {
    w.key("signature");
    write_object(w, *e.signature);
  }
  w.key("time").string(e.time.str());
  w.key("v").integer(e.v);
  w.end_object();
}

std::string encode_document(const Document& document) {
  std::string out;
  CanonicalWriter w(out);
  write_document(w, document);
  return out;
}

Hash content_digest(Hasher& hasher, const Command& command, const EncodedLines& submitted) {
  std::optional<LinesSummary> summary;
  if (!submitted.leaves.empty()) summary = submitted.summary(hasher);
  return content_digest(hasher, command, encode_document(command.document), summary);
}

Hash content_digest(Hasher& hasher, const Command& command, std::string_view document,
                    const std::optional<LinesSummary>& submitted) {
  std::string bytes;
  CanonicalWriter w(bytes);
  w.begin_object();
  w.key("actor");
  write_object(w, command.actor);
  w.key("date").string(command.date.str());
  w.key("doc").raw(document);
  w.key("kind").string(kind_of(command.document));
  if (submitted) write_summary(w, *submitted);
  w.key("mode").string(name_of(command.mode));
  if (command.policy) w.key("policy").string(command.policy->str());
  w.end_object();
  return hasher.leaf(bytes);
}

Result<Entry> decode_entry(std::string_view line) {
  thread_local simdjson::dom::parser kept;
  simdjson::dom::parser once;
  auto& parser = line.size() <= kKeptJson ? kept : once;
  simdjson::dom::object object;
  if (const auto code = parser.parse(line.data(), line.size()).get(object)) {
    return Error{Fault::unreadable, std::string("not a JSON object: ") + simdjson::error_message(code)};
  }
  FieldReader reader(object, "");
  Entry e;
  reader("v", e.v);
  if (!reader.fault() && e.v != kFormatVersion) {
    return Error{Fault::unknown_version, "entry format version " + std::to_string(e.v)};
  }
  reader("actor", e.actor);
  reader("command", e.command);
  reader("content", e.content);
  reader("date", e.date);
  std::string kind;
  reader("kind", kind);
  const auto doc = reader.take("doc");
  if (!doc) reader.miss("doc");
  if (!reader.fault()) read_document(reader, kind, *doc, e.document);
  reader("index", e.index);
  reader("ledger", e.ledger);
  std::optional<SummaryFields> summary;
  reader("lines", summary);
  if (summary) e.lines = LinesSummary{summary->count, summary->root};
  reader("policy", e.policy);
  std::vector<PostingFields> postings;
  reader("postings", postings);
  reader("prev", e.prev);
  reader("signature", e.signature);
  reader("time", e.time);
  reader.refuse_unknown();
  if (reader.fault()) return unreadable(*reader.fault());
  for (auto& posting : postings) e.postings.push_back(std::move(posting).posting());
  return e;
}

Status decode_lines(std::string_view block, Document& document) {
  thread_local simdjson::dom::parser parser;
  std::optional<Error> fault;
  std::visit(
      [&](auto& d) {
        if constexpr (HasLines<std::decay_t<decltype(d)>>) {
          d.lines.clear();
          while (!block.empty() && !fault) {
            const auto end = block.find('\n');
            if (end == std::string_view::npos) {
              fault = Error{Fault::truncated, "the last line does not end"};
              return;
            }
            simdjson::dom::element element;
            if (const auto code = parser.parse(block.data(), end).get(element)) {
              fault = Error{Fault::unreadable, std::string("line ") +
                                                   std::to_string(d.lines.size()) + ": " +
                                                   simdjson::error_message(code)};
              return;
            }
            d.lines.emplace_back();
            FieldReader reader({}, "");
            reader.read(element, d.lines.back(), "line " + std::to_string(d.lines.size() - 1));
            if (reader.fault()) fault = unreadable(*reader.fault());
            block.remove_prefix(end + 1);
          }
        } else if (!block.empty()) {
          fault = Error{Fault::unreadable, "lines of a document that has none"};
        }
      },
      document);
  if (fault) return *fault;
  return success();
}

Result<std::vector<std::string>, Rejection> split_commands(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto code = parser.parse(json.data(), json.size()).get(root)) return not_json(code);
  std::vector<std::string> commands;
  simdjson::dom::array array;
  if (root.get(array) == simdjson::SUCCESS) {
    for (const auto element : array) commands.push_back(simdjson::minify(element));
  } else if (root.is_object()) {
    commands.emplace_back(json);
  } else {
    return Rejection{Reason::malformed_command, "", "", token(Form::json_not_commands)};
  }
  return commands;
}

Result<Command, Rejection> decode_command(std::string_view json, const CommandDefaults& defaults) {
  thread_local simdjson::dom::parser kept;
  simdjson::dom::parser once;
  auto& parser = json.size() <= kKeptJson ? kept : once;
  simdjson::dom::object object;
  if (const auto code = parser.parse(json.data(), json.size()).get(object)) return not_json(code);
  FieldReader reader(object, "");
  Command c;
  c.actor = defaults.actor;
  c.time = defaults.time;
  std::string kind;
  reader("kind", kind);
  reader("date", c.date);
  const auto doc = reader.take("doc");
  if (!doc) reader.miss("doc");
  if (!reader.fault()) {
    if (kind == "beneficiary_registration") {
      read_registration(reader, *doc, c.document);
    } else {
      read_document(reader, kind, *doc, c.document);
    }
  }
  if (const auto lines = reader.take("lines"); lines && !reader.fault()) {
    read_lines(reader, *lines, c.document);
  }
  std::optional<LineMode> mode;
  reader("mode", mode);
  c.mode = mode.value_or(LineMode::atomic);
  std::optional<CommandId> id;
  reader("id", id);
  c.id = id.value_or(defaults.id);
  // An id stands in the chain, in receipts and logs for ever.
  if (id && holds_personal_number(id->str())) {
    reader.reject(Reason::malformed_field, "id", "***", token(Form::no_identity));
  }
  reader("identity", c.identity);
  reader("policy", c.policy);
  reader("signature", c.signature);
  reader.refuse_unknown({"kind", "date", "doc", "lines", "mode", "id", "identity", "policy", "signature"});
  if (c.identity && doc) refuse_derived(reader, *doc);
  if (reader.fault()) return *reader.fault();
  return c;
}

std::string encode_command(const Command& command) {
  std::string out;
  CanonicalWriter w(out);
  w.begin_object();
  w.key("date").string(command.date.str());
  w.key("doc");
  write_document(w, command.document);
  w.key("id").string(command.id.str());
  w.key("kind").string(kind_of(command.document));
  std::visit(
      [&](const auto& d) {
        if constexpr (HasLines<std::decay_t<decltype(d)>>) {
          w.key("lines");
          FieldWriter(w).write(d.lines);
        }
      },
      command.document);
  w.key("mode").string(name_of(command.mode));
  if (command.policy) w.key("policy").string(command.policy->str());
  if (command.signature) {
    w.key("signature");
    write_object(w, *command.signature);
  }
  w.end_object();
  return out;
}

Result<Document, Rejection> decode_document(std::string_view kind, std::string_view json) {
  thread_local simdjson::dom::parser kept;
  simdjson::dom::parser once;
  auto& parser = json.size() <= kKeptJson ? kept : once;
  simdjson::dom::element element;
  if (const auto code = parser.parse(json.data(), json.size()).get(element)) return not_json(code);
  FieldReader reader({}, "");
  Document document;
  read_document(reader, kind, element, document);
  if (reader.fault()) return *reader.fault();
  return document;
}

}  // namespace fundtrail::chain
