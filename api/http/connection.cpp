#include "api/http/connection.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace fundtrail::api {
namespace {

constexpr std::size_t kKeptCapacity = 1 << 20;  // of the answer buffer, between requests
constexpr std::size_t kSendAt = 4 << 20;        // an answer larger than this leaves in pieces
constexpr std::size_t kMaxDrained = 16 << 20;   // bytes read and dropped to let an answer arrive
constexpr std::chrono::milliseconds kMaxDrain{1000};

int milliseconds_until(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return left.count() <= 0 ? 0 : static_cast<int>(left.count()) + 1;
}

void address(const sockaddr_storage& from, socklen_t size, std::string& ip, int& port) {
  char host[NI_MAXHOST];
  char service[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&from), size, host, sizeof host, service,
                  sizeof service, NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
    ip = host;
    port = std::atoi(service);
  }
}

}  // namespace

Connection::Connection(socket_t socket, int stop, int claim, const ConnectionLimits& limits)
    : socket_(socket), stop_(stop), claim_(claim), limits_(limits) {
  const int on = 1;  // Nagle's algorithm costs 40 ms an answer on a kept connection
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() {
  if (socket_ != INVALID_SOCKET) ::close(socket_);
}

bool Connection::wait_for_request() {
  head_left_ = limits_.max_head;
  head_last_ = 0;
  const auto begin = Clock::now();
  deadline_ = begin + limits_.request;
  if (in_begin_ < in_end_) return true;  // the client sent two requests at once
  pollfd watched[] = {{socket_, POLLIN, 0}, {stop_, POLLIN, 0}, {claim_, POLLIN, 0}};
  auto until = begin + limits_.idle_under_load;
  nfds_t count = 2;  // at first nobody may claim this thread: a busy client is about to go on
  for (;;) {
    for (auto& one : watched) one.revents = 0;
    const int ready = poll(watched, count, milliseconds_until(until));
    if (ready < 0 && errno != EINTR) return false;
    if (watched[1].revents != 0) return false;
    if (watched[0].revents != 0) {
      deadline_ = Clock::now() + limits_.request;
      return true;
    }
    if (count == 3 && watched[2].revents != 0) {
      std::uint64_t token = 0;
      if (::read(claim_, &token, sizeof token) == sizeof token) return false;
    }
    if (ready == 0) {
      if (count == 3) return false;
      count = 3;
      until = begin + limits_.idle;
    }
  }
}

bool Connection::wait(short events, Clock::time_point deadline) const {
  pollfd watched = {socket_, events, 0};
  for (;;) {
    const int ready = poll(&watched, 1, milliseconds_until(deadline));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

ssize_t Connection::receive(char* to, size_t size) {
  for (;;) {
    const ssize_t got = recv(socket_, to, size, MSG_DONTWAIT);
    if (got >= 0) return got;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return -1;
    if (!wait(POLLIN, deadline_)) return -1;
  }
}

bool Connection::is_readable() const {
  return in_begin_ < in_end_ || wait(POLLIN, deadline_);
}

bool Connection::is_writable() const { return socket_ != INVALID_SOCKET; }

ssize_t Connection::read(char* to, size_t size) {
  if (in_begin_ == in_end_) {
    if (Clock::now() > deadline_) return -1;
    if (size >= in_.size()) return receive(to, size);
    const ssize_t got = receive(in_.data(), in_.size());
    if (got <= 0) return got;
    in_begin_ = 0;
    in_end_ = static_cast<std::size_t>(got);
  }
  const std::size_t n = std::min(size, in_end_ - in_begin_);
  if (head_left_ != std::string::npos && !head_goes_on({in_.data() + in_begin_, n})) return -1;
  std::memcpy(to, in_.data() + in_begin_, n);
  in_begin_ += n;
  return static_cast<ssize_t>(n);
}

bool Connection::head_goes_on(std::string_view bytes) {
  if (head_left_ < bytes.size()) return false;
  head_left_ -= bytes.size();
  for (const char c : bytes) {
    if (c == '\n' && head_last_ != '\r') return false;
    head_last_ = c;
  }
  return true;
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
    const ssize_t n =
        send(socket_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      sent += static_cast<std::size_t>(n);
    } else if (errno != EINTR) {
      if ((errno != EAGAIN && errno != EWOULDBLOCK) || !wait(POLLOUT, deadline)) break;
    }
  }
  const bool complete = sent == out_.size();
  out_.clear();
  if (out_.capacity() > kKeptCapacity) out_.shrink_to_fit();
  return complete;
}

void Connection::close(bool unread) {
  ::shutdown(socket_, SHUT_WR);
  if (unread) {
    const auto deadline = Clock::now() + kMaxDrain;
    std::size_t drained = 0;
    while (drained < kMaxDrained && wait(POLLIN, deadline)) {
      const ssize_t got = recv(socket_, in_.data(), in_.size(), MSG_DONTWAIT);
      if (got <= 0) break;
      drained += static_cast<std::size_t>(got);
    }
  }
  ::close(socket_);
  socket_ = INVALID_SOCKET;
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&from), &size) == 0) {
    address(from, size, ip, port);
  }
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  if (getsockname(socket_, reinterpret_cast<sockaddr*>(&from), &size) == 0) {
    address(from, size, ip, port);
  }
}

}  // namespace fundtrail::api
