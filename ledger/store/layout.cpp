#include "ledger/store/layout.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "ledger/core/bilingual.h"

namespace fundtrail::store {
namespace {

void put_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += char(value >> shift & 0xFF);
}

void put_u64(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += char(value >> shift & 0xFF);
}

std::uint64_t take_big_endian(std::string_view& bytes, std::size_t n) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < n; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  bytes.remove_prefix(n);
  return value;
}

// Dimensions end each part with 0x00; no part can contain one.
void put_dimensions(std::string& out, const Dimensions& at) {
  for (const std::string* part :
       {&at.fund.str(), &at.programme.str(), &at.region.str(), &at.counterparty}) {
    out += *part;
    out += '\0';
  }
}

std::size_t dimensions_bytes(const Dimensions& at) {
  return at.fund.str().size() + at.programme.str().size() + at.region.str().size() +
         at.counterparty.size();
}

Error bad_key(const char* what) { return {Fault::unreadable, std::string("state key: ") + what}; }

template <class Id>
bool parse_part(std::string_view part, Id& id) {
  if (part.empty()) return true;
  const auto parsed = Id::parse(part);
  if (parsed) id = *parsed;
  return parsed.has_value();
}

Result<BalanceKey> parse_account_and_dimensions(std::string_view rest) {
  if (rest.empty() || static_cast<unsigned char>(rest[0]) >= kFundAccounts) {
    return bad_key("no such account");
  }
  BalanceKey key{static_cast<FundAccount>(rest[0]), {}};
  rest.remove_prefix(1);
  std::array<std::string_view, 4> parts;
  for (auto& part : parts) {
    const auto end = rest.find('\0');
    if (end == std::string_view::npos) return bad_key("dimensions are cut short");
    part = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty() || !parse_part(parts[0], key.at.fund) ||
      !parse_part(parts[1], key.at.programme) || !parse_part(parts[2], key.at.region)) {
    return bad_key("malformed dimensions");
  }
  key.at.counterparty = parts[3];
  return key;
}

}  // namespace

std::string key_of(std::uint64_t index) {
  std::string key;  // 8 bytes need no allocation
  put_u64(key, index);
  return key;
}

Result<std::uint64_t> index_of(std::string_view key) {
  if (key.size() != 8) return Error{Fault::unreadable, in_both("行键不是 8 字节", "entry key is not 8 bytes")};
  return take_big_endian(key, 8);
}

std::string printable(std::string_view key) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : key) {
    if (c > ' ' && c < 0x7F && c != '\\') {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

std::string Head::encode() const {
  std::string bytes(1, '\x01');
  bytes.append(reinterpret_cast<const char*>(last_leaf.data()), last_leaf.size());
  put_u64(bytes, static_cast<std::uint64_t>(last_time));
  bytes += frontier.serialise();
  return bytes;
}

Result<Head> Head::decode(std::string_view bytes) {
  constexpr std::size_t kFixed = 1 + 32 + 8;
  if (bytes.size() < kFixed) {
    return Error{Fault::unreadable, in_both("库中的链头不完整", "the stored head is cut short")};
  }
  if (bytes[0] != '\x01') {
    return Error{Fault::unknown_version, in_both("库中链头的版本未知", "unknown version of the stored head")};
  }
  Head head;
  std::copy_n(bytes.begin() + 1, 32, reinterpret_cast<char*>(head.last_leaf.data()));
  std::string_view time = bytes.substr(33, 8);
  head.last_time = static_cast<std::int64_t>(take_big_endian(time, 8));
  auto frontier = chain::Frontier::deserialise(bytes.substr(kFixed));
  if (!frontier.ok()) return frontier.error();
  head.frontier = std::move(frontier).value();
  return head;
}

std::string checkpoint_key(std::uint64_t size) {
  std::string key(kFirstCheckpoint);
  put_u64(key, size);
  return key;
}

Status check_layout(const std::optional<std::string>& row) {
  const auto* older = std::begin(kLayoutsOfOtherState);
  if (row == kLayout || row == kLayoutBeingMade ||
      (row && std::count(older, std::end(kLayoutsOfOtherState), *row) != 0)) {
    return success();
  }
  const std::string known(kLayout);
  if (!row) {
    return Error{Fault::unknown_version,
                 in_both("账套库没有布局版本，是首次发布之前的试用版本写入的，本程序不能打开。",
                         "the store names no layout version: a trial version from before the first "
                         "release wrote it, and this program cannot open it")};
  }
  return Error{Fault::unknown_version,
               in_both("账套库的布局版本为“" + *row + "”，本程序只认识“" + known +
                           "”：请改用写入该库的（更新的）版本打开。",
                       "the store is of layout version \"" + *row + "\" and this program knows \"" +
                           known + "\" only: open it with the (newer) version that wrote it")};
}

Status need_current_state(const Snapshot& snapshot) {
  const auto row = snapshot.get(Table::meta, kLayoutKey);
  if (!row.ok()) return row.error();
  const auto known = check_layout(*row);
  if (!known.ok()) return known;
  if (*row == kLayout) return success();
  const bool begun = *row == kLayoutBeingMade;
  const std::string zh = begun ? "账套状态的重建尚未完成" : "账套的状态由旧版程序写入（布局版本 " + **row + "）";
  const std::string en = begun ? "the state of the ledger is being made again, or that was interrupted"
                               : "an older program wrote the state of the ledger (layout version " + **row + ")";
  return Error{Fault::unknown_version,
               in_both(zh + "：须先按分录重建，启动服务或执行 fundtrail checkpoint 即可。重建后旧版程序不能再打开账套，"
                            "请先备份（用旧版程序备份，或停机后复制整个账套目录）。核验（fundtrail verify）不受影响。",
                       en + ": it has to be made again from the entries, which starting the service or "
                            "fundtrail checkpoint does. Older programs cannot open the ledger afterwards, so "
                            "back up first (with the older program, or by a copy of the directory while nothing "
                            "runs). Verification (fundtrail verify) does not need it")};
}

std::string tile_key(std::uint64_t tile) {
  std::string key(1, 'T');
  put_u64(key, tile);
  return key;
}

std::string subtree_key(unsigned level, std::uint64_t index) {
  std::string key(1, 'S');
  key += char(level);
  put_u64(key, index);
  return key;
}

std::string balance_key(FundAccount account, const Dimensions& at) {
  std::string key;
  key.reserve(6 + dimensions_bytes(at));
  key += kBalanceRow;
  key += static_cast<char>(account);
  put_dimensions(key, at);
  return key;
}

Result<BalanceKey> parse_balance_key(std::string_view key) {
  if (key.empty() || key[0] != kBalanceRow) return bad_key("not a balance");
  return parse_account_and_dimensions(key.substr(1));
}

std::string turnover_key(Date date, FundAccount account, const Dimensions& at) {
  std::string key;
  key.reserve(10 + dimensions_bytes(at));
  key += kTurnoverRow;
  // Dates before 1970 would sort last without the offset.
  put_u32(key, static_cast<std::uint32_t>(date.days()) ^ 0x80000000u);
  key += static_cast<char>(account);
  put_dimensions(key, at);
  return key;
}

Result<TurnoverKey> parse_turnover_key(std::string_view key) {
  if (key.size() < 5 || key[0] != kTurnoverRow) return bad_key("not a turnover");
  key.remove_prefix(1);
  const auto days = static_cast<std::uint32_t>(take_big_endian(key, 4)) ^ 0x80000000u;
  auto rest = parse_account_and_dimensions(key);
  if (!rest.ok()) return rest.error();
  return TurnoverKey{Date::from_days(static_cast<std::int32_t>(days)), rest->account,
                     std::move(rest->at)};
}

std::string encode_balance(const Money& balance) { return balance.str(); }

Result<Money> decode_balance(std::string_view value) {
  const auto money = Money::parse(value);
  if (!money) return Error{Fault::unreadable, "a stored balance is not an amount"};
  return *money;
}

std::string encode_turnover(const Turnover& turnover) {
  return turnover.debit.str() + " " + turnover.credit.str();
}

Result<Turnover> decode_turnover(std::string_view value) {
  const auto space = value.find(' ');
  if (space == std::string_view::npos) return Error{Fault::unreadable, "a stored turnover is cut"};
  const auto debit = Money::parse(value.substr(0, space)), credit = Money::parse(value.substr(space + 1));
  if (!debit || !credit) return Error{Fault::unreadable, "a stored turnover is not two amounts"};
  return Turnover{*debit, *credit};
}

}  // namespace fundtrail::store
