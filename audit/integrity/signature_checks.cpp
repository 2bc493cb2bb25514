#include "audit/integrity/signature_checks.h"

#include <algorithm>
#include <utility>

#include "ledger/chain/signed_command.h"

namespace fundtrail::audit {
namespace {

constexpr std::size_t kMaxWaiting = 4096;

}  // namespace

SignatureChecks::~SignatureChecks() {
  {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
  }
  stop();
}

void SignatureChecks::add(std::uint64_t entry, chain::PublicKey key, std::string statement,
                          std::string value, std::string detail) {
  if (threads_.empty()) {
    const unsigned count = count_ != 0 ? count_ : std::max(1u, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { run(); });
  }
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return waiting_.size() < kMaxWaiting; });
  waiting_.push_back({added_++, std::move(key), std::move(statement), std::move(value),
                      {entry, std::move(detail)}});
  lock.unlock();
  work_.notify_one();
}

std::optional<SignatureChecks::Wrong> SignatureChecks::finish() {
  stop();
  if (!first_) return std::nullopt;
  return std::move(first_->wrong);
}

void SignatureChecks::stop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  work_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void SignatureChecks::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Check check = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    room_.notify_one();
    const bool fits = chain::check_signature(check.statement, check.key, check.value).ok();
    lock.lock();
    if (!fits && (!first_ || check.number < first_->number)) first_.emplace(std::move(check));
  }
}

}  // namespace fundtrail::audit
