#include "reports/voucher_blocks.h"

#include <algorithm>

namespace fundtrail::reports {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::object;

Error unreadable(const Glance& entry, std::string_view what) {
  return {Fault::unreadable, "entry " + std::to_string(entry.index) + ": " + std::string(what)};
}

std::string_view text_at(simdjson::simdjson_result<simdjson::dom::element> value) {
  std::string_view text;
  return value.get(text) == SUCCESS ? text : std::string_view();
}

std::optional<VoucherFate> fate_of(std::size_t kind) {
  if (kind == kind_index<Redemption>()) return VoucherFate::redeemed;
  if (kind == kind_index<VoucherReturn>()) return VoucherFate::returned;
  if (kind == kind_index<VoucherVoid>()) return VoucherFate::voided;
  if (kind == kind_index<VoucherExpiry>()) return VoucherFate::expired;
  return std::nullopt;
}

}  // namespace

Status VoucherBlocks::take(const Glance& entry, bool counted) {
  const auto fate = fate_of(entry.kind);
  if (!fate) return issue(entry, counted);
  return counted ? end(entry, *fate) : success();
}

Status VoucherBlocks::issue(const Glance& entry, bool counted) {
  const auto month = Month::parse(text_at(entry.document["month"]));
  const auto region = text_at(entry.document["region"]);
  if (!month || region.empty()) return unreadable(entry, "an issue without month or region");
  Block block;
  block.place = {*month, std::string(region)};
  std::optional<VoucherNumber> first;
  const auto read = for_each_line(entry.lines, [&](object line) -> Status {
    const auto number = VoucherNumber::parse(text_at(line["voucher"]));
    const auto face = Money::parse(text_at(line["face"]));
    if (!number || !face) return unreadable(entry, "a voucher cannot be read");
    if (!first) first = number;
    if (number->series() != first->series() ||
        number->serial() != first->serial() + block.fates.size()) {
      return unreadable(entry, "voucher numbers are not consecutive");
    }
    block.fates.push_back(VoucherFate::outstanding);
    block.faces.push_back(*face);
    return success();
  });
  if (!read.ok()) return read;
  if (!first) return success();
  block.counted = counted;
  if (counted) {
    auto& tally = tallies_[block.place];
    for (const auto& face : block.faces) tally.issued.add(face);
  }
  const bool uniform = std::all_of(block.faces.begin(), block.faces.end(),
                                   [&](const Money& face) { return face == block.faces[0]; });
  if (uniform) block.faces = {block.faces[0]};
  block.first = first->serial();
  ++programmes_[std::string(text_at(entry.document["programme"]))];
  series_[first->series()].emplace(block.first, std::move(block));
  return success();
}

VoucherBlocks::Block* VoucherBlocks::find(const VoucherNumber& number) {
  const auto series = series_.find(number.series());
  if (series == series_.end()) return nullptr;
  auto after = series->second.upper_bound(number.serial());
  if (after == series->second.begin()) return nullptr;
  Block& block = std::prev(after)->second;
  return number.serial() - block.first < block.fates.size() ? &block : nullptr;
}

Status VoucherBlocks::end(const Glance& entry, VoucherFate fate) {
  return for_each_line(entry.lines, [&](object line) -> Status {
    const auto number = VoucherNumber::parse(text_at(line["voucher"]));
    if (!number) return unreadable(entry, "a voucher cannot be read");
    Block* block = find(*number);
    if (!block) {
      return Error{Fault::tampered, "entry " + std::to_string(entry.index) +
                                        " ends a voucher that was never issued"};
    }
    const std::size_t i = number->serial() - block->first;
    block->fates[i] = fate;
    tallies_[block->place].became[std::size_t(fate)].add(block->face(i));
    return success();
  });
}

std::map<VoucherBlocks::Place, VoucherTally> VoucherBlocks::tallies() const {
  auto tallies = tallies_;
  for (const auto& [name, blocks] : series_) {
    for (const auto& [first, block] : blocks) {
      if (!block.counted) continue;
      auto& still_out = tallies[block.place].still_out;
      for (std::size_t i = 0; i < block.fates.size(); ++i) {
        if (block.fates[i] == VoucherFate::outstanding) still_out.add(block.face(i));
      }
    }
  }
  return tallies;
}

}  // namespace fundtrail::reports
