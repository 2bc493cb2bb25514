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
  if (kind == kind_index<RedemptionWithdrawal>()) return VoucherFate::outstanding;
  if (kind == kind_index<VoucherReturn>()) return VoucherFate::returned;
  if (kind == kind_index<VoucherVoid>()) return VoucherFate::voided;
  if (kind == kind_index<VoucherExpiry>()) return VoucherFate::expired;
  return std::nullopt;
}

}  // namespace

Status VoucherBlocks::read(const Glance& entry, bool counted, Events& events) {
  const auto fate = fate_of(entry.kind);
  if (!fate) return read_issue(entry, counted, events);
  return counted ? read_end(entry, *fate, events) : success();
}

Status VoucherBlocks::read_issue(const Glance& entry, bool counted, Events& events) {
  thread_local simdjson::dom::parser parser;
  object document;
  if (parser.parse(entry.document.data(), entry.document.size()).get(document) != SUCCESS) {
    return unreadable(entry, "a document cannot be read");
  }
  const auto month = Month::parse(text_at(document["month"]));
  const auto region = text_at(document["region"]);
  if (!month || region.empty()) return unreadable(entry, "an issue without month or region");
  Block block;
  block.place = {*month, std::string(region)};
  std::string programme(text_at(document["programme"]));
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
  block.first = first->serial();
  events.issues_.push_back({first->series(), std::move(programme), std::move(block)});
  return success();
}

Status VoucherBlocks::read_end(const Glance& entry, VoucherFate fate, Events& events) {
  return for_each_line(entry.lines, [&](object line) -> Status {
    const auto number = VoucherNumber::parse(text_at(line["voucher"]));
    if (!number) return unreadable(entry, "a voucher cannot be read");
    events.ends_.push_back({entry.index, events.number_of(number->series()), number->serial(), fate,
                            events.issues_.size()});
    return success();
  });
}

void VoucherBlocks::issue(const std::string& series, const std::string& programme, Block block) {
  if (block.counted) {
    auto& tally = tallies_[block.place];
    for (const auto& face : block.faces) tally.issued.add(face);
  }
  const bool uniform = std::all_of(block.faces.begin(), block.faces.end(),
                                   [&](const Money& face) { return face == block.faces[0]; });
  if (uniform) block.faces = {block.faces[0]};
  ++programmes_[programme];
  series_[series].emplace(block.first, std::move(block));
}

VoucherBlocks::Block* VoucherBlocks::find(const std::string& name, std::uint32_t serial) {
  const auto series = series_.find(name);
  if (series == series_.end()) return nullptr;
  auto after = series->second.upper_bound(serial);
  if (after == series->second.begin()) return nullptr;
  Block& block = std::prev(after)->second;
  return serial - block.first < block.fates.size() ? &block : nullptr;
}

Status VoucherBlocks::take(Events events) {
  std::size_t issued = 0;
  const auto issue_until = [&](std::size_t end) {
    for (; issued < end; ++issued) {
      auto& next = events.issues_[issued];
      issue(next.series, next.programme, std::move(next.block));
    }
  };
  for (const auto& end : events.ends_) {
    issue_until(end.issues);
    Block* block = find(events.series_[end.series], end.serial);
    if (!block) {
      return Error{Fault::tampered, "entry " + std::to_string(end.entry) +
                                        " ends a voucher that was never issued"};
    }
    const std::size_t i = end.serial - block->first;
    auto& became = tallies_[block->place].became;
    if (end.fate != VoucherFate::outstanding) {
      became[std::size_t(end.fate)].add(block->face(i));
    } else if (block->fates[i] == VoucherFate::redeemed) {
      became[std::size_t(VoucherFate::redeemed)].take_off(block->face(i));
    } else {
      return Error{Fault::tampered, "entry " + std::to_string(end.entry) +
                                        " withdraws the redemption of a voucher that was not redeemed"};
    }
    block->fates[i] = end.fate;
  }
  issue_until(events.issues_.size());
  return success();
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
