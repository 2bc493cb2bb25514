#include "api/http/submission.h"

#include <simdjson.h>

#include "api/derived_ids.h"
#include "api/http/as_sent.h"
#include "api/http/head_fields.h"
#include "ledger/chain/document_codec.h"
#include "ledger/core/nearest.h"
#include "ledger/core/wording.h"

namespace fundtrail::api {

Problem problem_about(Problem problem, const CommandId& command) {
  problem.command = command.str();
  return problem;
}

namespace {

constexpr std::size_t kMaxCommands = 1000;  // in one batch

// A provider records its own claims and nothing else. The rules say the same; the door says it
// before the ledger is asked.
std::optional<Problem> refuse_stranger(const Command& command) {
  if (command.actor.role != Role::provider) return std::nullopt;
  const ProviderId* provider = nullptr;
  if (const auto* d = std::get_if<Redemption>(&command.document)) provider = &d->provider;
  if (const auto* d = std::get_if<RedemptionWithdrawal>(&command.document)) provider = &d->provider;
  if (const auto* d = std::get_if<ServiceRecords>(&command.document)) provider = &d->provider;
  if (const auto* d = std::get_if<ServiceWithdrawal>(&command.document)) provider = &d->provider;
  if (!provider) {
    return problem_of(Rejection{.reason = Reason::role_not_permitted,
                                .field = "actor",
                                .subject = std::string(name_of(command.actor.role)),
                                .detail = std::string(kind_of(command.document))});
  }
  if (provider->str() != command.actor.id.str()) {
    return problem_of(Rejection{.reason = Reason::not_own_provider,
                                .field = "doc.provider",
                                .subject = provider->str()});
  }
  return std::nullopt;
}

std::optional<Problem> decode_one(const Exchange& exchange, std::string_view json, CommandId id,
                                  const Timestamp& time, Submission& out) {
  auto command = chain::decode_command(json, {exchange.caller->actor, id, time});
  if (!command) return problem_about(problem_of(command.error()), id);
  if (!out.batch && command->id != id) {  // a single command's id is the Idempotency-Key
    return problem_of(Rejection{.reason = Reason::malformed_field,
                                .field = "id",
                                .subject = command->id.str(),
                                .detail = "the Idempotency-Key"});
  }
  if (auto problem = refuse_stranger(*command)) return problem_about(std::move(*problem), command->id);
  out.commands.push_back(std::move(*command));
  return std::nullopt;
}

std::optional<Problem> decode_batch(const Exchange& exchange, simdjson::dom::object body,
                                    const Timestamp& time, Submission& out) {
  out.batch = true;
  simdjson::dom::array commands;
  bool modes = false;
  bool lists = false;
  for (const auto [key, value] : body) {
    std::string_view text;
    if (key == "mode" && !modes && value.get(text) == simdjson::SUCCESS &&
        (text == "atomic" || text == "independent")) {
      modes = true;
      out.mode = text == "atomic" ? BatchMode::atomic : BatchMode::independent;
    } else if (key == "commands" && !lists && value.get(commands) == simdjson::SUCCESS) {
      lists = true;
    } else {
      Rejection rejection{.reason = Reason::unknown_field};
      if (key == "mode" && !modes) {
        rejection.reason = Reason::malformed_field;
        rejection.detail = "atomic | independent";
      } else if (key == "commands" && !lists) {
        rejection.reason = Reason::malformed_field;
        rejection.detail = token(Form::array);
      } else if (key == "mode" || key == "commands") {
        rejection.detail = kRepeatedField;
      } else {
        rejection.detail = nearest(key, {"mode", "commands"});
      }
      rejection.field = std::string(key.substr(0, 64));
      rejection.subject = rejection.reason == Reason::malformed_field ? as_sent(value) : rejection.field;
      return problem_of(rejection);
    }
  }
  if (commands.size() == 0 || commands.size() > kMaxCommands) {
    return problem_of(Rejection{.reason = Reason::malformed_field,
                                .field = "commands",
                                .subject = std::to_string(commands.size()),
                                .detail = "1 to 1000 commands"});
  }
  out.commands.reserve(commands.size());
  std::size_t number = 0;
  for (const auto element : commands) {
    const auto id = CommandId::parse(exchange.key.str() + "." + std::to_string(number));
    if (!id) return problem_of(Protocol::bad_idempotency_key, {}, "Idempotency-Key");
    auto problem = decode_one(exchange, simdjson::minify(element), *id, time, out);
    if (out.turns_away()) {
      out.turned_away.push_back(std::move(problem));
    } else if (problem) {
      problem->field = "commands[" + std::to_string(number) + "]" +
                       (problem->field.empty() ? "" : "." + problem->field);
      return problem;
    }
    ++number;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> read_submission(const Exchange& exchange, const std::string& body,
                                       const Timestamp& time, Submission& out) {
  // Most requests are one good command: then one look is enough.
  if (body.find(R"("commands")") == std::string::npos) {
    if (!decode_one(exchange, body, exchange.key, time, out)) return std::nullopt;
    out = {};
  }
  // Looked at once as a whole, so that what is no JSON at all is told from a command that does not
  // fit; simdjson also checks UTF-8 and depth.
  thread_local simdjson::dom::parser kept;
  simdjson::dom::parser once;
  auto& parser = body.size() <= chain::kKeptJson ? kept : once;
  simdjson::dom::element root;
  if (parser.parse(body).get(root) != simdjson::SUCCESS) return malformed_json(body);
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return problem_of(Protocol::malformed_json, "expected one object");
  }
  simdjson::dom::element commands;
  if (object.at_key("commands").get(commands) == simdjson::SUCCESS) {
    return decode_batch(exchange, object, time, out);
  }
  return decode_one(exchange, body, exchange.key, time, out);
}

}  // namespace fundtrail::api
