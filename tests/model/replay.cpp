#include "tests/model/replay.h"

#include <stdexcept>

#include "ledger/chain/document_codec.h"
#include "ledger/rules/decide.h"
#include "ledger/rules/state.h"

namespace fundtrail::model {

namespace {

class MapState : public rules::StateSource {
 public:
  const std::string* find(std::string_view key) const override {
    const auto found = rows.find(key);
    return found == rows.end() ? nullptr : &found->second;
  }
  Rows rows;
};

void must(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error().message);
}

}  // namespace

Rows stored_rows(const View& view) {
  Rows rows;
  must(view.raw().scan(store::Table::state, {}, {}, [&](std::string_view key, std::string_view value) {
    rows.emplace(key, value);
    return true;
  }));
  return rows;
}

Rows replayed_rows(const View& view, std::size_t group) {
  MapState state;
  std::optional<rules::Overlay> overlay(state);
  const auto settle = [&] {
    overlay->for_each_changed([&](const auto& key, const auto& value) { state.rows[key] = value; });
    overlay.emplace(state);
  };
  must(view.scan(0, view.size(), View::Lines::with,
                 [&](std::uint64_t index, std::string_view bytes, std::string_view lines) {
                   auto entry = chain::decode_entry(bytes);
                   if (!entry.ok()) throw std::runtime_error(entry.error().message);
                   must(chain::decode_lines(lines, entry->document));
                   rules::apply(*overlay, *entry);
                   if ((index + 1) % group == 0) settle();
                   return true;
                 }));
  settle();
  return state.rows;
}

std::optional<std::string> difference(const Rows& stored, const Rows& replayed) {
  const auto describe = [](const char* what, const Rows::value_type& row) {
    return what + (" " + chain::to_hex(row.first)) + " = " + chain::to_hex(row.second);
  };
  for (const auto& row : stored) {
    const auto other = replayed.find(row.first);
    if (other == replayed.end()) return describe("only stored:", row);
    if (other->second != row.second) {
      return describe("stored:", row) + ", replayed: " + chain::to_hex(other->second);
    }
  }
  for (const auto& row : replayed) {
    if (!stored.contains(row.first)) return describe("only replayed:", row);
  }
  return std::nullopt;
}

}  // namespace fundtrail::model
