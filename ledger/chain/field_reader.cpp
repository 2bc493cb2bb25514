#include "ledger/chain/field_reader.h"

#include <algorithm>

namespace fundtrail::chain {

void FieldReader::reject(Reason reason, std::string field, std::string subject,
                         std::string detail) {
  if (!fault_) fault_ = Rejection{reason, std::move(field), std::move(subject), std::move(detail)};
}

void FieldReader::malformed(Element element, const std::string& path, std::string_view expected) {
  std::string shown;
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) {
    shown = text;
  } else if (element.is_object() || element.is_array()) {
    shown = element.is_object() ? "{...}" : "[...]";
  } else {
    shown = simdjson::minify(element);
  }
  // A whole document pasted into one field would fill a log; and a cut may not split a character.
  constexpr std::size_t kShown = 60;
  if (shown.size() > kShown) {
    std::size_t end = kShown;
    while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0) == 0x80) --end;
    shown.resize(end);
    shown += "...";
  }
  reject(Reason::malformed_field, path, std::move(shown), std::string(expected));
}

void FieldReader::refuse_unknown() {
  if (fault_ || known_.size() == object_.size()) return;
  for (const auto field : object_) {
    // The first of two equal keys uses the name up, so the second one is left over.
    const auto name = std::find(known_.begin(), known_.end(), field.key);
    if (name == known_.end()) {
      return reject(Reason::unknown_field, path_ + std::string(field.key), std::string(field.key),
                    {});
    }
    known_.erase(name);
  }
}

void FieldReader::read_row(Element element, ImportedRow& row, const std::string& path) {
  Object object;
  if (element.get(object) != simdjson::SUCCESS) return malformed(element, path, "an object");
  row.values.clear();
  for (const auto field : object) {
    std::string_view text;
    if (field.value.get(text) != simdjson::SUCCESS || text.size() > Text::kMaxBytes ||
        !is_text(text)) {
      return malformed(field.value, path + "." + std::string(field.key), "a string");
    }
    if (!is_well_formed_id(field.key) || !row.values.emplace(field.key, text).second) {
      return reject(Reason::unknown_field, path + "." + std::string(field.key),
                    std::string(field.key), {});
    }
  }
}

}  // namespace fundtrail::chain
