// What the handlers share: the ledger, who may come in, the keys in flight, the indexes and the jobs.
// Thread-safety: everything here may be used from any thread.
#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "api/http/entry_index.h"
#include "api/http/exchange.h"
#include "api/http/provider_index.h"
#include "api/identity/identity.h"
#include "api/operations/operations.h"
#include "ledger/chain/note.h"
#include "ledger/ledger.h"

namespace httplib {
struct Request;
struct Response;
}  // namespace httplib

namespace fundtrail::api {

class AccessLog;

// The keys whose writes have begun and not ended, so that a second request with the same key gets
// an answer of its own instead of a race.
class KeysInFlight {
 public:
  // False when the key is in flight already.
  bool enter(const std::string& key);
  void leave(const std::string& key);

 private:
  struct Shard {
    std::mutex mutex;
    std::unordered_set<std::string> keys;
  };
  Shard& shard(const std::string& key) {
    return shards_[std::hash<std::string>()(key) % shards_.size()];
  }
  std::array<Shard, 16> shards_;
};

class JobBoard;

class Service {
 public:
  // Reads the opening of the ledger. Faults: those of the ledger.
  static Result<std::unique_ptr<Service>> create(Ledger& ledger,
                                                 std::unique_ptr<Identity> identity);

  Ledger& ledger() { return ledger_; }
  const LedgerId& id() const { return id_; }
  const std::string& name() const { return name_; }
  chain::Suite suite() const { return suite_; }
  KeysInFlight& keys() { return keys_; }
  ProviderIndex& providers() { return providers_; }
  EntryIndex& entries() { return entries_; }
  // Set once, before the first request.
  JobBoard& jobs() { return *jobs_; }
  void set_jobs(JobBoard& jobs, std::filesystem::path ledger) {
    jobs_ = &jobs;
    directory_ = std::move(ledger);
  }
  const std::filesystem::path& directory() const { return directory_; }  // of the ledger
  Operations& operations() { return operations_; }
  // Whether writes are refused because of the clock.
  bool clock_behind() const {
    return is_clock_behind(ledger_, now().unix_seconds(), operations_.limits);
  }

  // What is wrong now, as /readyz tells it.
  std::vector<State> states() const;

  Identity& identity() { return *identity_; }

  // When a command was received: the system's clock in the offset of the place the product is made
  // for, or a fixed instant (demos and tests).
  Timestamp now() const;
  void set_clock(const Timestamp& clock) { clock_ = clock; }

  // Nothing without one: then nobody is told anything about people.
  AccessLog* access_log() const { return access_log_; }
  void set_access_log(AccessLog* log) { access_log_ = log; }

  // The signed checkpoint of the present head; signs only when the head has moved.
  Result<std::string> checkpoint();

 private:
  explicit Service(Ledger& ledger) : ledger_(ledger) {}

  Ledger& ledger_;
  LedgerId id_;
  std::string name_;
  chain::Suite suite_ = chain::Suite::sha256_ed25519;
  KeysInFlight keys_;
  ProviderIndex providers_;
  EntryIndex entries_;
  JobBoard* jobs_ = nullptr;
  std::filesystem::path directory_;
  Operations operations_;
  std::unique_ptr<Identity> identity_;
  std::optional<Timestamp> clock_;
  AccessLog* access_log_ = nullptr;
  std::mutex checkpoint_mutex_;
  std::string checkpoint_;
  std::uint64_t checkpoint_size_ = 0;
};

// What the access log keeps of a problem that is a refusal: nobody known, not allowed, too many tries,
// against the rules.
void note_refusal(Exchange& exchange, const Problem& problem);
// Answers with a problem. The request's status, code and id are set from it.
void answer(Exchange& exchange, httplib::Response& response, const Problem& problem);
// Answers with a fault of ours; its message goes to the log, not to the caller.
void answer(Exchange& exchange, httplib::Response& response, const Error& error);
// Answers with a body.
void answer(httplib::Response& response, int status, std::string body, std::string_view media_type);
// Answers with a body that is made while it is sent.
void answer(Exchange& exchange, httplib::Response& response, std::string_view media_type,
            std::shared_ptr<Stream> stream);
// For what is derived from the chain: its tag is the head and what the caller is limited to (regions, a provider), who is
// answered otherwise than others at the same address. True when the caller has this answer already
// (If-None-Match); then 304 is all there is to say.
bool not_modified(const Exchange& exchange, const httplib::Request& request, httplib::Response& response,
                  const View& view);

inline constexpr char kJson[] = "application/json";
inline constexpr char kJsonLines[] = "application/x-ndjson";
inline constexpr char kHit[] = "Idempotency-Hit";
inline constexpr char kText[] = "text/plain; charset=utf-8";

// "412-5f1d7a84db00d2fc", quoted: which head an answer was made from.
std::string head_tag(const View& view);
// Whether If-Match or If-None-Match names the tag.
bool has_tag(const httplib::Request& request, const char* header, std::string_view tag);

// How a browser should name the file that it saves.
void name_file(httplib::Response& response, const Service& service, std::string_view name,
               std::string_view extension);

// The value of a query parameter; nothing when it is absent.
std::optional<std::string> parameter(const httplib::Request& request, const char* name);

// Digits only, no leading zero, at most 2^53-1.
std::optional<std::uint64_t> parse_index(std::string_view text);

// Text as it may stand between the quotes of a JSON string, for the log.
std::string json_text(std::string_view text);
// What a fault says, in the language of the log.
std::string json_text(const Error& error);

}  // namespace fundtrail::api
