#include "api/bench/load.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <deque>
#include <string_view>

namespace fundtrail::api::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPatience = 30'000;  // ms without any answer

Error failed(std::string what) { return {Fault::io, std::move(what)}; }

double processor_seconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return double(used.tv_sec) + double(used.tv_nsec) / 1e9;
}

// A descriptor that is closed.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(socket);
    return -1;
  }
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

// One connection with the request that is under way.
struct Client {
  explicit Client(int port) : socket(connect_to(port)) {}
  Descriptor socket;
  std::string_view unsent;
  std::string answer;
  Clock::time_point begin;
  bool busy = false;
};

// The length of the whole answer; nothing while its head is incomplete.
std::size_t answer_length(std::string_view answer) {
  const auto head = answer.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const auto at = answer.substr(0, head).find(kLength);
  std::size_t length = 0;
  if (at != std::string_view::npos) {
    const auto digits = answer.substr(at + kLength.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), length);
  }
  return head + 4 + length;
}

class Load {
 public:
  Load(int port, const std::vector<std::string>& requests, std::size_t connections)
      : requests_(requests), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < connections; ++i) clients_.emplace_back(port);
  }

  Result<LoadResult> run() {
    for (auto& client : clients_) {
      if (!watch(client, EPOLL_CTL_ADD, EPOLLIN)) return failed("the server takes no connection");
    }
    result_.milliseconds.reserve(requests_.size());
    const auto begin = Clock::now();
    const double used = processor_seconds();
    for (auto& client : clients_) {
      if (auto status = start_next(client); !status) return status.error();
    }
    while (result_.milliseconds.size() < requests_.size()) {
      std::array<epoll_event, 64> events;
      const int count = epoll_wait(epoll_.get(), events.data(), int(events.size()), kPatience);
      if (count == 0) return failed("the server does not answer");
      for (int i = 0; i < count; ++i) {
        if (auto status = serve(*static_cast<Client*>(events[i].data.ptr)); !status) {
          return status.error();
        }
      }
    }
    result_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    result_.processor_seconds = processor_seconds() - used;
    return std::move(result_);
  }

 private:
  bool watch(Client& client, int how, std::uint32_t events) {
    epoll_event wanted{};
    wanted.events = events;
    wanted.data.ptr = &client;
    return epoll_ctl(epoll_.get(), how, client.socket.get(), &wanted) == 0;
  }

  Status start_next(Client& client) {
    client.answer.clear();
    client.busy = next_ < requests_.size();
    if (!client.busy) return success();
    client.unsent = requests_[next_++];
    client.begin = Clock::now();
    return send_rest(client);
  }

  Status send_rest(Client& client) {
    const auto n = ::send(client.socket.get(), client.unsent.data(), client.unsent.size(),
                          MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return failed("the connection ended");
    if (n > 0) client.unsent.remove_prefix(static_cast<std::size_t>(n));
    if (client.unsent.empty()) return success();
    watch(client, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    return success();
  }

  Status serve(Client& client) {
    if (!client.unsent.empty()) {
      if (auto status = send_rest(client); !status) return status;
      if (client.unsent.empty()) watch(client, EPOLL_CTL_MOD, EPOLLIN);
    }
    std::array<char, 16 << 10> bytes;
    const auto n = ::recv(client.socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return success();
    if (n <= 0) return failed("the server ended a connection");
    client.answer.append(bytes.data(), static_cast<std::size_t>(n));
    const auto length = answer_length(client.answer);
    if (length == 0 || client.answer.size() < length) return success();
    if (!client.answer.starts_with("HTTP/1.1 201 ")) {
      return failed("the server answered " + client.answer);
    }
    const std::chrono::duration<double, std::milli> took = Clock::now() - client.begin;
    result_.milliseconds.push_back(took.count());
    return start_next(client);
  }

  const std::vector<std::string>& requests_;
  Descriptor epoll_;
  std::deque<Client> clients_;
  std::size_t next_ = 0;
  LoadResult result_;
};

}  // namespace

std::string post_bytes(const std::string& path, const std::string& token, const std::string& key,
                       const std::string& body) {
  return "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token +
         "\r\nIdempotency-Key: " + key + "\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

Result<LoadResult> send_all(int port, const std::vector<std::string>& requests,
                            std::size_t connections) {
  return Load(port, requests, connections).run();
}

}  // namespace fundtrail::api::bench
