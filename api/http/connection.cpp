#include "api/http/connection.h"

#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace fundtrail::api {
namespace {

constexpr std::size_t kKeptCapacity = 1 << 20;  // of the answer buffer, between requests
constexpr std::size_t kSendAt = 256 << 10;      // an answer larger than this leaves in pieces
constexpr std::size_t kMaxDrained = 16 << 20;   // bytes read and dropped to let an answer arrive
constexpr std::chrono::milliseconds kMaxDrain{1000};

// What somebody is told who typed http:// where https:// is spoken.
constexpr std::string_view kPlainHttp =
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "This port speaks HTTPS only. 本端口只提供 HTTPS。\n";

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

Connection::Connection(Task& task, socket_t socket, std::string address,
                       const ConnectionLimits& limits)
    : task_(task), socket_(socket), address_(std::move(address)), limits_(limits), framing_(limits.max_head) {
  const int on = 1;  // Nagle's algorithm costs 40 ms an answer on a kept connection
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() {
  if (socket_ != INVALID_SOCKET) ::close(socket_);
}

bool Connection::shake_hands(const TlsContext& tls) {
  const auto deadline = Clock::now() + limits_.handshake;
  tls_ = tls.accept(socket_);
  if (!tls_) return false;
  for (;;) {
    const auto done = tls_->handshake();
    if (done.bytes > 0) break;
    if (!done.wants) {
      spdlog::info(R"("event":"TLS refused","address":"{}","reason":"{}")", address_, tls_->failure());
      if (tls_->spoke_plain_http()) ::send(socket_, kPlainHttp.data(), kPlainHttp.size(), MSG_NOSIGNAL);
      return false;
    }
    task_.exhausted(*done.wants);
    // Nobody is owed a handshake: when places are scarce, it gives up its own.
    const bool more = *done.wants == Task::Event::readable ? task_.wait_idle(deadline)
                                                           : task_.wait(*done.wants, deadline);
    if (!more) return false;
  }
  client_certificate_ = tls_->client_certificate();
  return true;
}

bool Connection::wait_for_request() {
  framing_.begin();
  // Unless the client sent two requests at once:
  if (in_begin_ == in_end_ &&
      !(tls_ ? wait_for_record() : task_.wait_idle(Clock::now() + limits_.idle))) {
    return false;
  }
  deadline_ = Clock::now() + limits_.request;
  return true;
}

// A byte on the socket is not yet a byte of a request.
bool Connection::wait_for_record() {
  const auto deadline = Clock::now() + limits_.idle;
  for (;;) {
    const auto got = tls_->read(in_.data(), in_.size());
    if (got.bytes > 0) {
      in_begin_ = 0;
      in_end_ = static_cast<std::size_t>(got.bytes);
      return true;
    }
    if (!got.wants) return false;
    task_.exhausted(*got.wants);
    const bool more = *got.wants == Task::Event::readable ? task_.wait_idle(deadline)
                                                          : task_.wait(*got.wants, deadline);
    if (!more) return false;
  }
}

Transfer Connection::try_receive(char* to, size_t size) {
  if (tls_) return tls_->read(to, size);
  for (;;) {
    const ssize_t got = recv(socket_, to, size, MSG_DONTWAIT);
    // Fewer bytes than there was room for: the next ones will be announced.
    if (got > 0 && std::size_t(got) < size) task_.exhausted(Task::Event::readable);
    if (got >= 0) return {got, {}};
    if (would_block()) return {-1, Task::Event::readable};
    if (errno != EINTR) return {-1, {}};
  }
}

Transfer Connection::try_send(const char* from, size_t size) {
  if (tls_) return tls_->write(from, size);
  for (;;) {
    const ssize_t sent = send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return {sent, {}};
    if (would_block()) return {-1, Task::Event::writable};
    if (errno != EINTR) return {-1, {}};
  }
}

// Into the buffer, which is empty.
ssize_t Connection::receive() {
  // "100 Continue": the client may wait for it before it sends the body.
  if (!out_.empty() && !flush()) return -1;
  for (;;) {
    const auto now = Clock::now();
    if (now > deadline_) return -1;
    task_.give_way(now);
    const auto got = try_receive(in_.data(), in_.size());
    if (!got.wants) {
      in_begin_ = 0;
      in_end_ = static_cast<std::size_t>(std::max<ssize_t>(got.bytes, 0));
      return got.bytes;
    }
    task_.exhausted(*got.wants);
    if (!task_.wait(*got.wants, deadline_)) return -1;
  }
}

bool Connection::is_readable() const {
  return in_begin_ < in_end_ || task_.wait(Task::Event::readable, deadline_);
}

bool Connection::is_writable() const { return socket_ != INVALID_SOCKET; }

ssize_t Connection::read(char* to, size_t size) {
  if (in_begin_ == in_end_) {
    if (const ssize_t got = receive(); got <= 0) return got;
  }
  if (size == 1 && framing_.in_head()) {
    // The library reads a head byte by byte: most of the calls are these.
    const char c = in_[in_begin_];
    // For a request line that breaks off where the connection ends the library has an answer, for an error none.
    if (!framing_.follow_head(c)) return framing_.in_first_line() ? 0 : -1;
    ++in_begin_;
    *to = c;
    return 1;
  }
  const std::size_t n = std::min(size, in_end_ - in_begin_);
  if (!framing_.follow({in_.data() + in_begin_, n})) return -1;
  std::memcpy(to, in_.data() + in_begin_, n);
  in_begin_ += n;
  return static_cast<ssize_t>(n);
}

ssize_t Connection::write(const char* from, size_t size) {
  out_.append(from, size);
  if (out_.size() > kSendAt && !flush()) return -1;
  return static_cast<ssize_t>(size);
}

bool Connection::flush() {
  const auto deadline = Clock::now() + limits_.write;
  std::size_t sent = 0;
  while (sent < out_.size()) {
    const auto done = try_send(out_.data() + sent, out_.size() - sent);
    if (done.bytes > 0) {
      sent += static_cast<std::size_t>(done.bytes);
    } else {
      if (!done.wants) break;
      task_.exhausted(*done.wants);
      if (!task_.wait(*done.wants, deadline)) break;
    }
  }
  const bool complete = sent == out_.size();
  out_.clear();
  if (out_.capacity() > kKeptCapacity) out_.shrink_to_fit();
  return complete;
}

void Connection::close(bool unread) {
  if (tls_) tls_->close();
  ::shutdown(socket_, SHUT_WR);
  if (unread) {
    const auto deadline = Clock::now() + kMaxDrain;
    std::size_t drained = 0;
    while (drained < kMaxDrained) {
      const ssize_t got = recv(socket_, in_.data(), in_.size(), MSG_DONTWAIT);
      if (got > 0) {
        drained += static_cast<std::size_t>(got);
        const auto now = Clock::now();
        if (now >= deadline) break;
        task_.give_way(now);
        continue;
      }
      if (got == 0 || !would_block()) break;
      task_.exhausted(Task::Event::readable);
      if (!task_.wait(Task::Event::readable, deadline)) break;
    }
  }
  ::close(socket_);
  socket_ = INVALID_SOCKET;
}

}  // namespace fundtrail::api
