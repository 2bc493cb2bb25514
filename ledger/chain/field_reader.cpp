#include "ledger/chain/field_reader.h"

#include "ledger/chain/as_sent.h"
#include "ledger/core/personal_number.h"

namespace fundtrail::chain {
namespace {

bool is_identity(std::string_view path) { return path.substr(0, 8) == "identity"; }

}  // namespace

Form form_of(simdjson::error_code code) {
  switch (code) {
    case simdjson::TAPE_ERROR: return Form::json_structure;
    case simdjson::STRING_ERROR:
    case simdjson::UNESCAPED_CHARS:
    case simdjson::UNCLOSED_STRING: return Form::json_string;
    case simdjson::UTF8_ERROR: return Form::json_utf8;
    case simdjson::NUMBER_ERROR: return Form::json_number;
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR: return Form::json_literal;
    case simdjson::EMPTY: return Form::json_empty;
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return Form::json_size;
    case simdjson::DEPTH_ERROR: return Form::json_depth;
    case simdjson::INCORRECT_TYPE: return Form::json_not_object;
    default: return Form::json_other;
  }
}

void FieldReader::reject(Reason reason, std::string field, std::string subject,
                         std::string detail) {
  if (enough()) return;
  // The path may hold a key that somebody typed.
  reject(Rejection{reason, masked(field), masked(subject), std::move(detail)});
}

void FieldReader::malformed(Element element, const std::string& path, std::string expected) {
  if (enough()) return;
  std::string shown = is_identity(path) ? "***" : as_sent(element);
  shown = masked(shown);  // before it is cut, so that no run is cut below the limit
  // A whole document pasted into one field would fill a log; and a cut may not split a character.
  constexpr std::size_t kShown = 60;
  if (shown.size() > kShown && holds_personal_number(shown)) {
    shown = "***";  // in groups, which a cut may part
  } else if (shown.size() > kShown) {
    std::size_t end = kShown;
    while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0) == 0x80) --end;
    shown.resize(end);
    shown += "...";
  }
  reject(Reason::malformed_field, path, std::move(shown), std::move(expected));
}

void FieldReader::refuse_unknown() {
  if (enough() || known_.size() == object_.size()) return;
  for (const auto field : object_) {
    // The first of two equal keys uses the name up, so the second one is left over.
    const auto name = std::find(known_.begin(), known_.end(), field.key);
    if (name == known_.end()) {
      const std::string shown = is_identity(path_) ? "***" : std::string(field.key);
      reject(Reason::unknown_field, path_ + shown, shown, {});
      if (enough()) return;
      continue;
    }
    known_.erase(name);
  }
}

void FieldReader::read_row(Element element, ImportedRow& row, const std::string& path) {
  Object object;
  if (element.get(object) != simdjson::SUCCESS) return malformed(element, path, Form::object);
  row.values.clear();
  for (const auto field : object) {
    std::string_view text;
    const std::string at = path + "." + std::string(field.key);
    if (field.value.get(text) != simdjson::SUCCESS) return malformed(field.value, at, Form::string);
    if (text.size() > Text::kMaxBytes) return malformed(field.value, at, Form::plain_text);
    if (!is_text(text)) return malformed(field.value, at, Form::normalized);
    if (!is_well_formed_id(field.key) || !row.values.emplace(field.key, text).second) {
      return reject(Reason::unknown_field, at, std::string(field.key), {});
    }
  }
}

}  // namespace fundtrail::chain
