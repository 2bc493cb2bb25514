// Where a request's head and body end (api/http/framing.h). What a server makes of it: test_rude.py.
#include "api/http/framing.h"

#include <catch2/catch.hpp>

namespace fundtrail::api {
namespace {

BodyFraming framing_of(const std::string& fields) {
  return read_framing("POST / HTTP/1.1\r\n" + fields + "\r\n");
}

// Whether chunks follow one another as they must, however the bytes are cut.
bool follows(std::string_view bytes) {
  Chunks whole;
  const bool good = whole.follow(bytes);
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    Chunks cut;
    CHECK((cut.follow(bytes.substr(0, at)) && cut.follow(bytes.substr(at))) == good);
  }
  return good;
}

}  // namespace

TEST_CASE("a head says once and plainly how long the body is, or is refused") {
  CHECK(framing_of("Host: x\r\n").well_formed);
  CHECK_FALSE(framing_of("Host: x\r\n").declared());
  CHECK(framing_of("content-LENGTH:27\r\n").length == 27);
  CHECK(framing_of("Content-Length:\t 0027 \t\r\n").length == 27);
  CHECK(framing_of("Transfer-Encoding: Chunked\r\n").chunked);
  CHECK(framing_of("X:\r\nY: \r\nZ: a:b %41 \x80\r\n").well_formed);
  for (const std::string fields :
       {"Content-Length: %32\r\n", "Content-Length:\r\n", "Content-Length: \r\n", "Content-Length: +2\r\n",
        "Content-Length: -2\r\n", "Content-Length: 2 2\r\n", "Content-Length: 2,2\r\n", "Content-Length: 0x2\r\n",
        "Content-Length: 1234567890123456\r\n", "Content-Length: 2\r\nContent-Length: 2\r\n",
        "Transfer-Encoding:\r\n", "Transfer-Encoding: %63hunked\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "nocolon\r\n", ": x\r\n", "X Y: 1\r\n", "X : 1\r\n", " X: 1\r\n", "X: a\r\n folded\r\n", "X: a\rY: b\r\n",
        "X: \x01\r\n", "X: \x7f\r\n", "\xc3\xa9: 1\r\n"}) {
    INFO(fields);
    CHECK_FALSE(framing_of(fields).well_formed);
    CHECK_FALSE(framing_of("Host: x\r\n" + fields + "Y: z\r\n").well_formed);
    CHECK_FALSE(framing_of(fields).declared());
  }
  CHECK_FALSE(framing_of(std::string("X: \0\r\n", 6)).well_formed);
}

TEST_CASE("chunks are those of RFC 9112, whatever pieces they come in") {
  for (const auto* good : {"0\r\n\r\n", "00\r\n\r\n", "2\r\n{}\r\n0\r\n\r\n", "2;a=b\r\n{}\r\n0;c\r\n\r\n",
                           "0A\r\n0123456789\r\na\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n", "2\r\n{}", "2\r", "f"}) {
    INFO(good);
    CHECK(follows(good));
  }
  for (const auto* bad :
       {"\r\n", "\n", " 2\r\n", "2 \r\n", "+2\r\n", "-2\r\n", "0x2\r\n", "2z\r\n", "2\n", "2\r{", "2;a\n", "2;\x01\r\n",
        ";a\r\n", "2\r\n{}\n", "2\r\n{}0", "2\r\n{}\r0", "0\r\nX: y\r\n", "0\r\n\r\nG", "0\r\n\n", "fffffffffffffffff\r\n",
        "2\r\n{}\r\n\r\n", "2\r\n{}\r\n0\r\n\r\n2"}) {
    INFO(bad);
    CHECK_FALSE(follows(bad));
  }
  const std::string most(Chunks::kMaxLine - 1, '0');
  CHECK(follows(most + "\r\n\r\n"));
  CHECK_FALSE(follows(most + "00"));
  CHECK(follows("1;" + std::string(Chunks::kMaxLine - 3, 'x') + "\r\n"));
  CHECK_FALSE(follows("1;" + std::string(Chunks::kMaxLine, 'x')));
}

TEST_CASE("a head is bounded, and a bare line feed ends it at once") {
  Framing framing(10);
  framing.begin();
  CHECK(framing.follow("0123456789"));
  CHECK_FALSE(framing.follow("x"));
  framing.begin();
  CHECK(framing.follow("a\r\n"));
  CHECK_FALSE(framing.in_first_line());
  CHECK_FALSE(framing.follow("b\n"));
  framing.begin();
  CHECK(framing.in_first_line());
  CHECK_FALSE(framing.follow("\n"));
}

}  // namespace fundtrail::api
