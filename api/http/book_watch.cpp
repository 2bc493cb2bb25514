#include "api/http/book_watch.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>

#include "api/access_log/access_log.h"
#include "api/http/service.h"

namespace fundtrail::api {
namespace {

constexpr char kKnown[] = "USERS";  // beside the log: the facts that it has told

thread_local Exchange* acting = nullptr;

bool save(const std::filesystem::path& file, const std::string& text) {
  const auto temporary = file.string() + ".new";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written = fd >= 0 && ::write(fd, text.data(), text.size()) == ssize_t(text.size()) &&
                       ::fdatasync(fd) == 0;
  if (fd >= 0) ::close(fd);
  return written && ::rename(temporary.c_str(), file.c_str()) == 0;
}

void keep(Service& service, const BookChange& change, bool here) {
  const bool locked = is_lock_out(change);
  Exchange::Done done{locked ? AccessAction::locked : AccessAction::managed, text_of(change), {}};
  if (here && acting != nullptr) return acting->done.push_back(std::move(done));
  AccessRecord record{.action = done.action, .time = service.now(), .route = here ? "" : kBesideTheServer,
                      .subject = std::move(done.subject)};
  if (locked) record.user = change.user;
  // Not note(), which counts what repeats itself: these are told one by one.
  service.access_log()->record(record, [&service, record](bool kept) {
    if (!kept) spdlog::error(R"("event":"not in the access log","action":"{}","subject":"{}")",
                             name_of(record.action), json_text(record.subject));
  });
}

}  // namespace

Acting::Acting(Exchange& exchange) { acting = &exchange; }
Acting::~Acting() { acting = nullptr; }

void watch_book(Service& service) {
  const auto file = service.access_log()->directory() / kKnown;
  // Without it, or when it is damaged, everything is told anew: too much rather than too little.
  BookFacts known;
  if (const auto text = read_file(file); text.ok()) {
    if (auto facts = decode_facts(*text); facts.ok()) known = std::move(*facts);
  }
  service.identity().watch(
      [&service, file](const std::vector<BookChange>& changes, bool here, const BookFacts& facts) {
        for (const auto& change : changes) keep(service, change, here);
        if (!save(file, encode_facts(facts))) {
          spdlog::error(R"("event":"users told","message":"cannot write {}")", json_text(file.string()));
        }
      },
      known);
}

}  // namespace fundtrail::api
