// users.json: {"v": 1, "users": [{...}]}. Absent members are empty, false or never. docs/OPERATIONS.md
// describes it for people; nobody needs to edit it by hand.
#include <nlohmann/json.hpp>
#include <set>

#include "api/identity/user_book.h"
#include "api/json_fault.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/date.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::int64_t kVersion = 1;

std::string time_text(std::int64_t seconds) { return Timestamp(seconds, 8 * 60).str(); }

void put(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}
void put_time(Json& json, const char* key, std::int64_t seconds) {
  if (seconds != 0) json[key] = time_text(seconds);
}
template <class Id>
void put_all(Json& json, const char* key, const std::vector<Id>& ids) {
  if (ids.empty()) return;
  json[key] = Json::array();
  for (const auto& id : ids) json[key].push_back(id.str());
}

Json token_json(const Token& token) {
  Json json{{"id", token.id},
            {"digest", chain::to_hex(token.digest)},
            {"role", name_of(token.role)}};
  put(json, "label", token.label);
  put_time(json, "created", token.created);
  put_time(json, "expires", token.expires);
  put_time(json, "last_used", token.last_used);
  put_time(json, "revoked", token.revoked);
  if (token.per_second != 0) json["per_second"] = token.per_second;
  put(json, "replaced_by", token.replaced_by);
  put(json, "made_by", token.made_by);
  return json;
}

Json user_json(const User& user) {
  Json json{{"id", user.id.str()}};
  put(json, "name", user.name);
  json["roles"] = Json::array();
  for (const auto role : user.roles) json["roles"].push_back(name_of(role));
  put_all(json, "ledgers", user.ledgers);
  put_all(json, "regions", user.regions);
  if (user.provider) json["provider"] = user.provider->str();
  if (user.disabled) json["disabled"] = true;
  if (user.machine) json["machine"] = true;
  put_time(json, "created", user.created);
  put(json, "password", user.password);
  if (user.must_change) json["must_change"] = true;
  put_time(json, "password_set", user.password_set);
  put_time(json, "locked_until", user.locked_until);
  if (user.unlocks != 0) json["unlocks"] = user.unlocks;
  if (user.generation != 0) json["generation"] = user.generation;
  if (!user.certificates.empty()) json["certificates"] = user.certificates;
  if (!user.tokens.empty()) json["tokens"] = Json::array();
  for (const auto& token : user.tokens) json["tokens"].push_back(token_json(token));
  return json;
}

// Reads one object; remembers the first member that is not what it should be.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {
    if (!json.is_object()) wrong_ = "{}";
  }
  std::string text(const char* key, bool needed = false) {
    const Json* found = member(key, needed);
    if (!found) return {};
    if (!found->is_string()) return fail(key), std::string();
    return found->get<std::string>();
  }
  bool flag(const char* key) {
    const Json* found = member(key, false);
    if (found && !found->is_boolean()) fail(key);
    return found && found->is_boolean() && found->get<bool>();
  }
  std::uint64_t number(const char* key) {
    const Json* found = member(key, false);
    if (!found) return 0;
    if (!found->is_number_unsigned()) return fail(key), 0;
    return found->get<std::uint64_t>();
  }
  std::int64_t time(const char* key) {
    const auto written = text(key);
    if (written.empty()) return 0;
    const auto parsed = Timestamp::parse(written);
    if (!parsed) return fail(key), 0;
    return parsed->unix_seconds();
  }
  // Each of an array of texts through `parse`.
  template <class T, class Parse>
  void all(const char* key, bool needed, std::vector<T>& out, Parse parse) {
    const Json* found = member(key, needed);
    if (!found) return;
    if (!found->is_array()) return fail(key);
    for (const auto& item : *found) {
      if (!item.is_string()) return fail(key);
      auto parsed = parse(item.get<std::string>());
      if (!parsed) return fail(key);
      out.push_back(std::move(*parsed));
    }
  }
  const Json* array(const char* key) {
    const Json* found = member(key, false);
    if (found && !found->is_array()) fail(key);
    return found && found->is_array() ? found : nullptr;
  }
  void fail(std::string what) {
    if (wrong_.empty()) wrong_ = std::move(what);
  }
  const std::string& wrong() const { return wrong_; }

 private:
  const Json* member(const char* key, bool needed) {
    const auto found = json_.is_object() ? json_.find(key) : json_.end();
    if (json_.is_object() && found != json_.end()) return &*found;
    if (needed) fail(key);
    return nullptr;
  }
  const Json& json_;
  std::string wrong_;
};

Token read_token(const Json& json, std::string& wrong) {
  Reader r(json);
  Token token;
  token.id = r.text("id", true);
  const auto digest = chain::hash_from_hex(r.text("digest", true));
  const auto role = parse_name<Role>(r.text("role", true));
  if (!digest) r.fail("digest");
  if (!role) r.fail("role");
  token.digest = digest.value_or(chain::Hash{});
  token.role = role.value_or(Role::inspector);
  token.label = r.text("label");
  token.created = r.time("created");
  token.expires = r.time("expires");
  token.last_used = r.time("last_used");
  token.revoked = r.time("revoked");
  token.per_second = static_cast<std::uint32_t>(r.number("per_second"));
  token.replaced_by = r.text("replaced_by");
  token.made_by = r.text("made_by");
  if (!r.wrong().empty() && wrong.empty()) wrong = "tokens." + r.wrong();
  return token;
}

User read_user(const Json& json, std::string& wrong) {
  Reader r(json);
  User user;
  if (const auto id = ActorId::parse(r.text("id", true))) user.id = *id;
  else r.fail("id");
  user.name = r.text("name");
  r.all("roles", true, user.roles, [](const std::string& t) { return parse_name<Role>(t); });
  r.all("ledgers", false, user.ledgers, [](const std::string& t) { return LedgerId::parse(t); });
  r.all("regions", false, user.regions, [](const std::string& t) { return RegionCode::parse(t); });
  if (const auto provider = r.text("provider"); !provider.empty()) {
    user.provider = ProviderId::parse(provider);
    if (!user.provider) r.fail("provider");
  }
  user.disabled = r.flag("disabled");
  user.machine = r.flag("machine");
  user.created = r.time("created");
  user.password = r.text("password");
  user.must_change = r.flag("must_change");
  user.password_set = r.time("password_set");
  user.locked_until = r.time("locked_until");
  user.unlocks = r.number("unlocks");
  user.generation = r.number("generation");
  r.all("certificates", false, user.certificates, [](const std::string& t) {
    return chain::hash_from_hex(t) ? std::optional(t) : std::nullopt;
  });
  wrong = r.wrong();
  if (const Json* tokens = r.array("tokens")) {
    for (const auto& token : *tokens) user.tokens.push_back(read_token(token, wrong));
  }
  if (wrong.empty()) wrong = r.wrong();
  if (wrong.empty() && user.holds(Role::provider) && !user.provider) wrong = "provider";
  return user;
}

Error unreadable(const std::string& zh, const std::string& en) {
  return {Fault::unreadable, in_both("用户簿 users.json 无法读取：" + zh, "users.json: " + en)};
}
Error unreadable_tokens(const std::string& zh, const std::string& en) {
  return {Fault::unreadable, in_both("旧令牌文件 tokens.json 无法读取：" + zh, "tokens.json: " + en)};
}

// One object, or what `fault` makes of why it is none.
Result<Json> read_object(std::string_view text, Error (*fault)(const std::string& zh, const std::string& en)) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_object()) return json;
  if (const auto why = find_json_fault(text)) return fault("不是 JSON，" + why->zh(), "not JSON " + why->en());
  return fault(in_words(token(Form::json_not_object), true), in_words(token(Form::json_not_object), false));
}

}  // namespace

std::string encode_book(const std::vector<User>& users) {
  Json json{{"v", kVersion}, {"users", Json::array()}};
  for (const auto& user : users) json["users"].push_back(user_json(user));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::vector<User>> decode_book(std::string_view text) {
  const auto read = read_object(text, unreadable);
  if (!read.ok()) return read.error();
  const Json& json = *read;
  const auto version = json.find("v");
  if (version == json.end() || !version->is_number_integer()) return unreadable("缺少版本 v", "no version");
  if (version->get<std::int64_t>() != kVersion) {
    return Error{Fault::unknown_version, in_both("用户簿 users.json 的版本为 " + version->dump() + "，本程序不认识。",
                                                 "users.json is of version " + version->dump())};
  }
  const auto all = json.find("users");
  if (all == json.end() || !all->is_array()) return unreadable("应有 \"users\": [...]", "expected \"users\": [...]");
  std::vector<User> users;
  std::set<std::string> ids, digests, certificates;
  for (const auto& item : *all) {
    std::string wrong, twice;
    users.push_back(read_user(item, wrong));
    const auto& user = users.back();
    if (wrong.empty() && !ids.insert(user.id.str()).second) wrong = twice = "id";
    for (const auto& token : user.tokens) {
      if (wrong.empty() && !digests.insert(chain::to_hex(token.digest)).second) {
        wrong = twice = "tokens.digest";
      }
    }
    for (const auto& certificate : user.certificates) {
      if (wrong.empty() && !certificates.insert(certificate).second) wrong = twice = "certificates";
    }
    if (!wrong.empty()) {
      return unreadable("第 " + std::to_string(users.size()) + " 个用户的 " + wrong + (twice.empty() ? " 缺失或有误" : " 重复"),
                        "user " + std::to_string(users.size()) + ": " + wrong + (twice.empty() ? " is missing or wrong" : " stands twice"));
    }
  }
  return users;
}

Result<std::vector<User>> decode_old_tokens(std::string_view text, std::int64_t now) {
  const auto read = read_object(text, unreadable_tokens);
  if (!read.ok()) return read.error();
  const Json& json = *read;
  if (!json.contains("tokens") || !json["tokens"].is_array()) {
    return unreadable_tokens("应有 \"tokens\": [...]", "expected \"tokens\": [...]");
  }
  std::vector<User> users;
  std::size_t number = 0;
  for (const auto& item : json["tokens"]) {
    ++number;
    Reader r(item);
    const auto digest = chain::hash_from_hex(r.text("digest", true));
    const auto actor = ActorId::parse(r.text("actor", true));
    const auto role = parse_name<Role>(r.text("role", true));
    if (!digest || !actor || !role || !r.wrong().empty()) {
      return unreadable_tokens("第 " + std::to_string(number) + " 个令牌应有 digest（64 位小写十六进制数字）、actor 和 role",
                               "token " + std::to_string(number) +
                                   ": expected digest (64 lower-case hex digits), actor and role");
    }
    User* user = find_user(users, actor->str());
    if (!user) {
      users.emplace_back();
      user = &users.back();
      user->id = *actor;
      user->created = now;
    }
    if (!user->holds(*role)) user->roles.push_back(*role);
    if (*role == Role::provider) user->provider = ProviderId::parse(actor->str());
    Token token;
    token.id = chain::to_hex(*digest).substr(0, 16);
    token.digest = *digest;
    token.role = *role;
    token.created = now;
    user->tokens.push_back(std::move(token));
  }
  return users;
}

}  // namespace fundtrail::api
