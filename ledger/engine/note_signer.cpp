#include "ledger/engine/note_signer.h"

#include <utility>

#include "ledger/chain/note.h"

namespace fundtrail {

NoteSigner::NoteSigner(std::string name, chain::SigningKey key)
    : name_(std::move(name)), key_(std::move(key)), thread_([this] { loop(); }) {}

NoteSigner::~NoteSigner() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<std::string> NoteSigner::sign(const std::string& body) const {
  const auto line = chain::sign_note(body, name_, key_);
  if (!line.ok()) return line.error();
  return chain::join_note(body, {*line});
}

void NoteSigner::begin(std::string body) {
  {
    const std::lock_guard lock(mutex_);
    body_ = body;
    note_.reset();
    waiting_ = std::move(body);
  }
  changed_.notify_all();
}

Result<std::string> NoteSigner::take(const std::string& body) {
  {
    std::unique_lock lock(mutex_);
    if (body_ == body) {
      // Not begun yet: nobody needs to wake up for it.
      if (!std::exchange(waiting_, std::nullopt)) {
        changed_.wait(lock, [this] { return note_.has_value(); });
        body_.clear();
        return *std::exchange(note_, std::nullopt);
      }
      body_.clear();
    }
  }
  return sign(body);
}

void NoteSigner::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || waiting_.has_value(); });
    if (stopping_) return;
    const std::string body = *std::exchange(waiting_, std::nullopt);
    lock.unlock();
    auto note = sign(body);
    lock.lock();
    if (body_ != body) continue;  // somebody has begun another one
    note_ = std::move(note);
    changed_.notify_all();
  }
}

}  // namespace fundtrail
