#include "ledger/planning/people.h"

#include "ledger/rules/packing.h"

namespace fundtrail::planning {
namespace {

std::string binary_key(std::string_view kind, std::uint64_t id) {
  std::string key(kind);
  rules::put_big_endian(key, id, 8);
  return key;
}

}  // namespace

KeyRange range_of(std::uint64_t number) {
  constexpr std::uint64_t kSize = (~std::uint64_t{0}) / kRanges + 1;
  return {number * kSize, number * kSize + (kSize - 1)};
}

// The end of a range is its last key with a byte behind it that no longer key reaches.
std::pair<std::string, std::string> binary_keys(std::string_view kind, const KeyRange& range) {
  return {binary_key(kind, range.first), binary_key(kind, range.last) + std::string(1, '\xFF')};
}

std::pair<std::string, std::string> text_keys(std::string_view kind, const KeyRange& range) {
  return {std::string(kind) + Pseudonym(range.first).str(),
          std::string(kind) + Pseudonym(range.last).str() + '\xFF'};
}

std::vector<Person> people_in(SnapshotState& state, const KeyRange& range) {
  const auto read = [&](const std::pair<std::string, std::string>& keys) -> const Rows& {
    return state.read_ahead(keys.first, keys.second);
  };
  std::vector<Person> people;
  const Rows& rows = read(binary_keys("N", range));
  people.reserve(rows.size());
  for (const auto& [key, row] : rows) {
    if (key.size() != 9) rules::Unpacker::damaged();
    const rules::BeneficiaryView view(row);
    const auto region = RegionCode::parse(view.region());
    if (!region) rules::Unpacker::damaged();
    people.push_back({Pseudonym(rules::get_big_endian(key.data() + 1, 8)), *region,
                      view.entitled_from()});
  }
  if (people.empty()) return people;
  for (const char* kind : {"c", "f", "g", "h", "n", "ep", "xp"}) read(binary_keys(kind, range));
  return people;
}

std::vector<std::optional<Date>> births_of(const store::Snapshot& snapshot, const Vault& vault,
                                           const KeyRange& range,
                                           const std::vector<Person>& people) {
  std::vector<std::optional<Date>> births(people.size());
  const auto [from, to] = text_keys({}, range);
  const Rows records = rows_in(snapshot, store::Table::vault, from, to);
  std::size_t at = 0;
  for (const auto& [key, record] : records) {
    const auto id = Pseudonym::parse(key);
    if (!id) continue;
    while (at < people.size() && people[at].id < *id) ++at;
    if (at == people.size()) break;
    if (people[at].id != *id) continue;
    const auto birth = vault.birth_date(*id, record);
    if (!birth.ok()) throw rules::StateUnreadable{birth.error()};
    births[at] = *birth;
  }
  return births;
}

}  // namespace fundtrail::planning
