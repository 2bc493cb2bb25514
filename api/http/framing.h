// Where a request's head and body end, told from the bytes as they came. The library forgives what
// RFC 9112 does not: it decodes percent signs in header values, drops lines without a colon or a value,
// and reads the size of a chunk as strtoul does. A proxy before us may understand such a request in
// another way, and the two would disagree about where the next one begins. Nor does the library bound
// the line that tells a chunk's size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fundtrail::api {

// What a head says of the body.
struct BodyFraming {
  bool well_formed = false;  // else nothing else is said
  bool chunked = false;
  std::optional<std::uint64_t> length;  // Content-Length
  unsigned hosts = 0;        // Host fields; RFC 9112, 3.2: one, and in HTTP/1.0 at most one
  bool fragment = false;     // a '#' in the request line, where no target may have it
  bool declared() const { return chunked || length.value_or(0) > 0; }
};

// `head`: from the request line to the blank line.
BodyFraming read_framing(std::string_view head);

// Follows the chunks of one body (RFC 9112, 7.1).
class Chunks {
 public:
  static constexpr std::size_t kMaxLine = 64;  // bytes that tell a chunk's size, with extensions
  // False when they go on in no allowed way. Trailer fields are not.
  bool follow(std::string_view bytes);

 private:
  enum class Expected : std::uint8_t { size, extension, line_feed, data, data_end, last_end, end };
  bool follow(char c);
  bool begin_data();
  Expected expected_ = Expected::size;
  std::size_t line_ = 0;    // bytes of the line so far
  bool digits_ = false;
  bool returned_ = false;   // the line feed is due
  std::uint64_t left_ = 0;  // of the chunk
};

// One request after the other, byte by byte.
class Framing {
 public:
  explicit Framing(std::size_t max_head) : max_head_(max_head) {}
  void begin() {
    head_.clear();
    in_head_ = true;
    chunks_.reset();
  }
  // The next bytes of the head, or behind it of the body. False: no more may follow. A line that ends in
  // a bare line feed is refused at once: whoever sends that may wait for an answer.
  bool follow(std::string_view bytes) {
    if (!in_head_) return !chunks_ || chunks_->follow(bytes);
    for (const char c : bytes) {
      if (!follow_head(c)) return false;
    }
    return true;
  }
  bool follow_head(char c) {
    if (head_.size() == max_head_ || (c == '\n' && (head_.empty() || head_.back() != '\r'))) return false;
    head_ += c;
    return true;
  }
  bool in_head() const { return in_head_; }
  bool in_first_line() const { return in_head_ && head_.find('\n') == std::string::npos; }
  // What was followed so far was the head.
  BodyFraming end_head() {
    in_head_ = false;
    const auto framing = read_framing(head_);
    if (framing.chunked) chunks_.emplace();
    if (head_.capacity() > kKept) head_ = {};  // there may be thousands of connections
    return framing;
  }

 private:
  static constexpr std::size_t kKept = 4096;  // bytes of memory, from one request to the next
  const std::size_t max_head_;
  std::string head_;
  bool in_head_ = true;
  std::optional<Chunks> chunks_;
};

}  // namespace fundtrail::api
