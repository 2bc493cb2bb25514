#include "api/bench/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/bench/bench.h"
#include "ledger/vault.h"

namespace fundtrail::api::bench {
namespace {

constexpr std::uint32_t kTownElders = 5'000;
constexpr std::size_t kBatch = 1'000;  // registrations in one call of submit()
constexpr std::size_t kIssuers = 4;     // that submit a town's documents of a month
constexpr char kFund[] = "BENCH-2008";
constexpr char kAccount[] = "bench-zhuanzhang";
constexpr char kProgramme[] = "services";
constexpr char kPolicy[] = "bench-2008";
constexpr std::int64_t kTownYuan = 1'000'000'000;

const Month kLastMonth = Month::of(*Date::from_ymd(2025, 12, 1));

template <class T>
T must(std::optional<T> value) {
  FT_CHECK(value.has_value());
  return std::move(*value);
}
Text text(std::string_view value) { return must(Text::parse(value)); }
template <class T>
T id(std::string_view value) { return must(T::parse(value)); }

Date day(int year, unsigned month, unsigned of_month) {
  return must(Date::from_ymd(year, month, of_month));
}
Money yuan(std::int64_t value) { return Money::of_fen(value * 100); }

BankAccount bank(std::string_view holder, std::string_view number) {
  return {text("合成银行"), text(holder), std::string(number)};
}

Policy policy() {
  Policy p;
  p.document_no = text("合成〔2008〕1号");
  p.eligibility = {{id<Code>("dibao")}, 60};
  p.in_force_from = day(2008, 1, 1);
  p.issuer = text("合成区人民政府");
  p.name = id<PolicyName>(kPolicy);
  p.programmes = {{id<ProgrammeId>(kProgramme), Instrument::voucher, text("养老援助服务券"),
                   text("服务项目")}};
  p.title = text("性能测试用政策（合成）");
  p.voucher = VoucherTerms{Channel::home, yuan(100), 1, 12};
  return p;
}

PolicyRef policy_ref() { return {id<PolicyName>(kPolicy), 1}; }

}  // namespace

std::string synthetic_id_number(std::uint32_t number) {
  static constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  constexpr std::uint32_t kDays = 10'000;  // birthdays from 1918 to 1945
  const Date birth = day(1918, 1, 1) + std::int32_t(number % kDays);
  std::string text = fmt::format("320412{:04}{:02}{:02}{:03}", birth.year(), birth.month(),
                                 birth.day(), number / kDays % 1'000);
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) sum += (text[i] - '0') * kWeights[i];
  text += "10X98765432"[sum % 11];
  return text;
}

std::string synthetic_uscc(std::uint32_t number) {
  static constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  std::string text = fmt::format("52320412MJ{:07}", number);
  std::size_t sum = 0, weight = 1;
  for (const char c : text) {
    sum += kAlphabet.find(c) * weight;
    weight = weight * 3 % 31;
  }
  text += kAlphabet[(31 - sum % 31) % 31];
  return text;
}

Status submit_all(Ledger& ledger, std::vector<Command> commands, BatchMode mode) {
  auto answers = ledger.submit(std::move(commands), mode);
  if (!answers) return answers.error();
  for (const auto& answer : *answers) {
    if (const auto* refusal = std::get_if<Refusal>(&answer)) {
      return Error{Fault::invalid_argument,
                   "refused: " + std::string(info(refusal->reason.reason).code) + " " +
                       refusal->reason.field};
    }
    const auto& receipt = std::get<Receipt>(answer);
    if (receipt.repeated || !receipt.refused_lines.empty()) {
      return Error{Fault::invalid_argument, "a command was recorded before, or not wholly"};
    }
  }
  return success();
}

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
std::uint64_t Workload::random() {
  std::uint64_t z = random_ += 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

Command Workload::command(Role role, Date date, Document document) {
  Command c;
  c.actor = {id<ActorId>(role == Role::registrar ? "zhou.jing" : "wang.fang"), role};
  c.id = id<CommandId>(fmt::format("{:016x}{:016x}", random(), random()));
  c.date = date;
  c.policy = policy_ref();
  c.document = std::move(document);
  c.time = *Timestamp::parse("2026-01-01T09:00:00+08:00");  // behind every business date
  return c;
}

LedgerOpeningRequest Workload::opening() const {
  LedgerOpeningRequest request;
  request.id = id<LedgerId>("bench");
  request.suite = options_.suite;
  request.name = text("性能测试账套（合成）");
  request.region = id<RegionCode>("320412");
  request.actor = {id<ActorId>("zhou.jing"), Role::registrar};
  request.date = day(2008, 1, 1);
  request.time = *Timestamp::parse("2008-01-01T09:00:00+08:00");
  return request;
}

Status Workload::prepare(Ledger& ledger) {
  FT_CHECK(towns_.empty());
  const auto towns = (options_.elders + kTownElders - 1) / kTownElders;
  for (std::uint32_t i = 0; i < towns; ++i) {
    Town town;
    town.region = id<RegionCode>(fmt::format("320412{:03}", i + 1));
    town.provider = id<ProviderId>(fmt::format("p-{:03}", i + 1));
    town.first_elder = i * kTownElders;
    town.elders = std::min(kTownElders, options_.elders - town.first_elder);
    towns_.push_back(std::move(town));
  }
  const auto money = prepare_money(ledger);
  return money ? prepare_elders(ledger) : money;
}

Status Workload::prepare_money(Ledger& ledger) {
  std::vector<Command> list;
  const auto add = [&](Role role, Document document, bool with_policy) {
    list.push_back(command(role, day(2008, 1, 2), std::move(document)));
    if (!with_policy) list.back().policy.reset();
  };
  const auto fund = id<FundId>(kFund);
  const auto account = id<DesignatedAccountId>(kAccount);
  add(Role::registrar, FundRegistration{2008, fund, "2081002", text("合成专项资金")}, false);
  add(Role::registrar, PolicyRegistration{policy()}, false);
  add(Role::registrar,
      DesignatedAccountRegistration{account, text("合成批〔2008〕1号"),
                                    bank("合成区财政局", "888800000001"),
                                    AccountMode::treasury_single_account},
      false);
  add(Role::preparer,
      FundReceipt{account, yuan(kTownYuan * std::int64_t(towns_.size())),
                  id<Reference>("BENCH-0001"), text("合成指〔2008〕1号"), fund, SourceLevel::district},
      false);
  std::uint32_t number = 0;
  for (const auto& town : towns_) {
    ++number;
    const auto name = fmt::format("合成服务中心{}", number);
    add(Role::registrar,
        RegionRegistration{text(fmt::format("合成镇{}", number)), id<RegionCode>("320412"),
                           town.region},
        false);
    add(Role::registrar,
        ProviderRegistration{bank(name, fmt::format("9988{:012}", number)),
                             {day(2008, 1, 1), text("XY-1"), day(2098, 12, 31)},
                             text(name), town.provider, synthetic_uscc(number)},
        false);
    add(Role::preparer,
        Allotment{yuan(kTownYuan), text("合成社〔2008〕1号"), std::nullopt, false, fund,
                  id<ProgrammeId>(kProgramme), town.region},
        true);
  }
  return submit_all(ledger, std::move(list), BatchMode::atomic);
}

Status Workload::prepare_elders(Ledger& ledger) {
  elders_.reserve(options_.elders);
  std::vector<Command> list;
  for (const auto& town : towns_) {
    for (std::uint32_t i = 0; i < town.elders; ++i) {
      const auto number = town.first_elder + i;
      BeneficiaryRegistration document;
      document.category = id<Code>("dibao");
      document.entitled_from = day(2008, 4, 1);
      document.region = town.region;
      list.push_back(command(Role::registrar, day(2008, 1, 3), std::move(document)));
      list.back().identity = Identity{fmt::format("合成路{}号", number),
                                      synthetic_id_number(number), "合成老人", "0519-55500000"};
      elders_.push_back(ledger.vault().pseudonym_of(list.back().identity->id_number));
      if (list.size() < kBatch && elders_.size() < options_.elders) continue;
      auto done = submit_all(ledger, std::exchange(list, {}), BatchMode::independent);
      if (!done) return done;
    }
  }
  return success();
}

Status Workload::issue(Ledger& ledger, std::size_t vouchers) {
  while (outstanding() < vouchers) {
    if (next_month_ >= kLastMonth) {
      return Error{Fault::invalid_argument, "too few elders for so many vouchers, one a month"};
    }
    const Month month = std::exchange(next_month_, next_month_.plus(1));
    for (auto& town : towns_) {
      town.outstanding.erase(town.outstanding.begin(),
                             town.outstanding.begin() + std::ptrdiff_t(town.redeemed));
      town.redeemed = 0;
      const auto begin = town.outstanding.size();
      std::vector<Command> list;
      for (std::uint32_t from = 0; from < town.elders; from += kMaxLines) {
        VoucherIssue document;
        document.fund = id<FundId>(kFund);
        document.month = month;
        document.programme = id<ProgrammeId>(kProgramme);
        document.region = town.region;
        document.valid_from = month.first_day();
        document.valid_to = month.plus(11).last_day();
        const auto to = std::min(town.elders, from + std::uint32_t(kMaxLines));
        for (std::uint32_t i = from; i < to; ++i) {
          const auto elder = town.first_elder + i;
          const auto serial = next_serial_++;
          document.lines.push_back({elders_[elder], yuan(100), VoucherNumber("BENCH", serial)});
          town.outstanding.push_back({elder, serial, month.ordinal()});
        }
        list.push_back(command(Role::preparer, month.first_day(), std::move(document)));
      }
      const auto done = submit_in_parallel(ledger, list, kIssuers);
      if (!done) return done.error();
      for (auto i = town.outstanding.size(); i > begin + 1; --i) {
        std::swap(town.outstanding[i - 1], town.outstanding[begin + random() % (i - begin)]);
      }
    }
  }
  return success();
}

std::size_t Workload::outstanding() const {
  std::size_t sum = 0;
  for (const auto& town : towns_) sum += town.left();
  return sum;
}

Command Workload::redemption(Town& town, std::size_t lines) {
  static constexpr std::string_view kItems[] = {"zhuyu", "peihu", "zhucan", "baojie"};
  Redemption document;
  document.provider = town.provider;
  document.lines.reserve(lines);
  Month last;
  for (std::size_t i = 0; i < lines; ++i) {
    const auto& voucher = town.outstanding[town.redeemed++];
    const auto month = Month::from_ordinal(voucher.month);
    last = std::max(last, month);
    RedeemedVoucher line;
    line.beneficiary = elders_[voucher.elder];
    line.hours = Quantity(std::int64_t(50 + 50 * (random() % 6)));
    line.item = id<Code>(kItems[random() % std::size(kItems)]);
    line.service_date = month.first_day() + std::int32_t(random() % 28);
    line.voucher = VoucherNumber("BENCH", voucher.serial);
    line.worker = id<Code>(fmt::format("w-{:03}", random() % 40));
    document.lines.push_back(std::move(line));
  }
  auto made = command(Role::preparer, last.last_day(), std::move(document));
  std::get<Redemption>(made.document).claim_no = text("HX-" + made.id.str().substr(0, 12));
  return made;
}

std::vector<Command> Workload::redemptions(std::size_t lines, std::size_t per_document) {
  std::vector<Command> list;
  list.reserve(lines / per_document + 1);
  while (lines > 0 && outstanding() > 0) {
    auto& town = towns_[next_town_++ % towns_.size()];
    const auto take = std::min({lines, per_document, town.left()});
    if (take == 0) continue;
    list.push_back(redemption(town, take));
    lines -= take;
  }
  return list;
}

}  // namespace fundtrail::api::bench
