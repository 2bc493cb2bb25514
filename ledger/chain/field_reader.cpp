#include "ledger/chain/field_reader.h"

namespace fundtrail::chain {
namespace {

bool is_identity(std::string_view path) { return path.substr(0, 8) == "identity"; }

}  // namespace

void FieldReader::reject(Reason reason, std::string field, std::string subject,
                         std::string detail) {
  if (fault_) return;
  // The path may hold a key that somebody typed.
  reject(Rejection{reason, masked(field), masked(subject), std::move(detail)});
}

void FieldReader::malformed(Element element, const std::string& path, std::string expected) {
  std::string shown;
  std::string_view text;
  if (is_identity(path)) {
    shown = "***";
  } else if (element.get(text) == simdjson::SUCCESS) {
    shown = text;
  } else if (element.is_object() || element.is_array()) {
    shown = element.is_object() ? "{...}" : "[...]";
  } else {
    shown = simdjson::minify(element);
  }
  shown = masked(shown);  // before it is cut, so that no run is cut below the limit
  // A whole document pasted into one field would fill a log; and a cut may not split a character.
  constexpr std::size_t kShown = 60;
  if (shown.size() > kShown) {
    std::size_t end = kShown;
    while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0) == 0x80) --end;
    shown.resize(end);
    shown += "...";
  }
  reject(Reason::malformed_field, path, std::move(shown), std::move(expected));
}

void FieldReader::refuse_unknown() {
  if (fault_ || known_.size() == object_.size()) return;
  for (const auto field : object_) {
    // The first of two equal keys uses the name up, so the second one is left over.
    const auto name = std::find(known_.begin(), known_.end(), field.key);
    if (name == known_.end()) {
      const std::string shown = is_identity(path_) ? "***" : std::string(field.key);
      reject(Reason::unknown_field, path_ + shown, shown, {});
      if (!all_) return;
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
