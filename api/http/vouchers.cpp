// Service vouchers as they are now: one, or those that fit a filter, in the order of their numbers.
#include <deque>
#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
#include "api/http/known.h"
#include "api/http/parameters.h"
#include "api/http/region_scope.h"
#include "api/http/sealed.h"
#include "api/http/service.h"
#include "ledger/planning/snapshot_state.h"
#include "ledger/rules/packing.h"
#include "ledger/rules/voucher_blocks.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;
using rules::VoucherStatus;

constexpr std::string_view kStatus[] = {"none",     "outstanding", "redeemed",
                                        "returned", "voided",      "expired"};
constexpr std::size_t kMaxBlocks = 400;  // of 256 vouchers, that one request reads

struct Wanted {
  std::string series;
  std::optional<VoucherStatus> status;
  std::optional<Month> month;
  std::optional<FundId> fund;
  std::optional<ProgrammeId> programme;
  std::optional<RegionCode> region;
  std::optional<Pseudonym> beneficiary;
  VoucherNumber after;  // of the page before
  std::uint64_t limit = kDefaultLimit;
  const Caller* caller = nullptr;

  bool fits(const rules::VoucherBlocks::Found& found, const rules::IssueRow& issue) const {
    if (caller->limited() && !caller->covers(issue.at.region)) return false;
    return (!status || *status == found.status) && (!month || *month == issue.month) &&
           (!fund || *fund == issue.at.fund) && (!programme || *programme == issue.at.programme) &&
           (!region || lies_in(issue.at.region, *region)) &&
           (!beneficiary || *beneficiary == found.holder);
  }
};

std::optional<Problem> read_wanted(const httplib::Request& request, Wanted& out) {
  if (const auto text = parameter(request, "series")) {
    if (!VoucherNumber::parse(*text + "-00000001")) {
      return problem_of(Protocol::bad_parameter, "1 to 16 of A-Z 0-9", "series");
    }
    out.series = *text;
  }
  if (const auto text = parameter(request, "status")) {
    const auto* found = std::find(std::begin(kStatus) + 1, std::end(kStatus), *text);
    if (found == std::end(kStatus)) {
      return problem_of(Protocol::bad_parameter,
                        "outstanding, redeemed, returned, voided or expired", "status");
    }
    out.status = static_cast<VoucherStatus>(found - std::begin(kStatus));
  }
  auto problem = read_value(request, "month", "YYYY-MM", out.month);
  if (!problem) problem = read_value(request, "fund", kIdForm, out.fund);
  if (!problem) problem = read_value(request, "programme", kIdForm, out.programme);
  if (!problem) problem = read_value(request, "region", kRegionForm, out.region);
  if (!problem) {
    problem = read_value(request, "beneficiary", "a pseudonym of 16 hex digits", out.beneficiary);
  }
  if (!problem) problem = read_limit(request, out.limit);
  if (problem) return problem;
  const auto cursor = parameter(request, "cursor");
  if (!cursor) return std::nullopt;
  const auto open = unsealed(*cursor);
  const auto after = VoucherNumber::parse(open ? *open : *cursor);
  if (!after) return problem_of(Protocol::bad_parameter, "the \"next\" of a page", "cursor", *cursor);
  out.after = *after;
  return std::nullopt;
}

Json to_json(const VoucherNumber& number, const rules::VoucherBlocks::Found& found,
             const rules::IssueRow& issue) {
  return {{"voucher", number.str()},
          {"status", kStatus[static_cast<std::size_t>(found.status)]},
          {"beneficiary", found.holder.str()},
          {"face", issue.face.str()},
          {"month", issue.month.str()},
          {"fund", issue.at.fund.str()},
          {"programme", issue.at.programme.str()},
          {"region", issue.at.region.str()},
          {"issued_on", issue.issued_on.str()},
          {"valid_from", issue.valid_from.str()},
          {"valid_to", issue.valid_to.str()},
          {"issue", found.issue}};
}

Json head_of(const Service& service, const View& view) {
  return {{"ledger", service.id().str()},
          {"size", view.size()},
          {"root", chain::to_hex(view.root())}};
}

// The vouchers of a page. Blocks are found by their keys in the state ('V', series, block).
class Page {
 public:
  Page(const View& view, const Wanted& wanted)
      : view_(view), wanted_(wanted), state_(view.raw()), blocks_(state_), issues_(state_) {}

  Status fill() {
    std::string from = "V" + wanted_.series;
    if (wanted_.after.serial() != 0) {
      from = std::string(rules::status_key(wanted_.after.series(),
                                           wanted_.after.serial() / rules::kBlock));
    }
    // A zero byte ends a series in a key: its blocks stand below the byte that follows zero.
    const std::string to = wanted_.series.empty() ? "W" : "V" + wanted_.series + '\1';
    return view_.raw().scan(store::Table::state, from, to,
                            [&](std::string_view key, std::string_view row) {
                              if (++read_ > kMaxBlocks) {
                                full_ = true;
                                return false;
                              }
                              return take(key, row.size());
                            });
  }
  Json& vouchers() { return vouchers_; }
  // Where the next page begins, if there is one. What was looked at last may be a voucher of another region, and who
  // may not see it does not learn that it is there.
  std::optional<std::string> next() const {
    if (!full_) return std::nullopt;
    const bool theirs = !wanted_.caller->limited() || last_shown_;
    return theirs ? last_.str() : sealed(last_.str());
  }

 private:
  bool take(std::string_view key, std::size_t slots) {
    const auto end = key.find('\0');
    const auto block = std::uint32_t(rules::get_big_endian(key.data() + end + 1, 4));
    // VoucherBlocks keeps a view of the series of the number that it met a block by: this one stays.
    firsts_.emplace_back(std::string(key.substr(1, end - 1)), block * rules::kBlock);
    blocks_.find(firsts_.back());
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
      const std::uint32_t serial = block * rules::kBlock + slot;
      if (serial == 0) continue;
      const VoucherNumber number(firsts_.back().series(), serial);
      if (!(wanted_.after < number)) continue;
      last_ = number;
      last_shown_ = false;
      const auto found = blocks_.find(number);
      if (found.status == VoucherStatus::none) continue;
      const auto& issue = issues_.use(found.issue).row;
      if (!wanted_.fits(found, issue)) continue;
      vouchers_.push_back(to_json(number, found, issue));
      last_shown_ = true;
      if (vouchers_.size() == wanted_.limit) return full_ = true, false;
    }
    return true;
  }

  const View& view_;
  const Wanted& wanted_;
  planning::SnapshotState state_;
  rules::VoucherBlocks blocks_;
  rules::IssueUses issues_;
  std::deque<VoucherNumber> firsts_;  // one a block
  std::size_t read_ = 0;
  bool full_ = false;
  VoucherNumber last_;
  bool last_shown_ = false;
  Json vouchers_ = Json::array();
};

}  // namespace

void get_vouchers(Service& service, Exchange& exchange, const httplib::Request& request,
                  httplib::Response& response) {
  Wanted wanted;
  wanted.caller = &*exchange.caller;
  if (auto problem = read_wanted(request, wanted)) return answer(exchange, response, *problem);
  if (auto problem = refuse_other_region(*exchange.caller, wanted.region)) {
    return answer(exchange, response, *problem);
  }
  const auto view = service.ledger().view();
  auto problem = refuse_unknown_region(*view, wanted.region);
  if (!problem) problem = refuse_unknown_fund(*view, wanted.fund);
  if (problem) return answer(exchange, response, *problem);
  if (not_modified(exchange, request, response, *view)) return;
  try {
    Page page(*view, wanted);
    if (auto status = page.fill(); !status) return answer(exchange, response, status.error());
    Json json = head_of(service, *view);
    json["vouchers"] = std::move(page.vouchers());
    if (const auto next = page.next()) json["next"] = *next;
    answer(response, 200, json.dump(), kJson);
  } catch (const rules::StateUnreadable& unreadable) {
    answer(exchange, response, unreadable.error);
  }
}

void get_voucher(Service& service, Exchange& exchange, const httplib::Request& request,
                 httplib::Response& response) {
  const auto number = VoucherNumber::parse(exchange.path[1]);
  const auto view = service.ledger().view();
  try {
    const planning::SnapshotState state(view->raw());
    rules::VoucherBlocks blocks(state);
    const auto found = number ? blocks.find(*number) : rules::VoucherBlocks::Found();
    const auto& caller = *exchange.caller;
    if (found.status == VoucherStatus::none) {
      const auto unknown = caller.limited() ? problem_of(Protocol::out_of_scope)
                                            : problem_of(Protocol::not_found, "voucher");
      return answer(exchange, response, unknown);
    }
    rules::IssueUses issues(state);
    const auto& issue = issues.use(found.issue).row;
    if (caller.limited() && !caller.covers(issue.at.region)) {
      return answer(exchange, response, problem_of(Protocol::out_of_scope));
    }
    if (not_modified(exchange, request, response, *view)) return;
    Json json = head_of(service, *view);
    json["voucher"] = to_json(*number, found, issue);
    answer(response, 200, json.dump(), kJson);
  } catch (const rules::StateUnreadable& unreadable) {
    answer(exchange, response, unreadable.error);
  }
}

}  // namespace fundtrail::api
