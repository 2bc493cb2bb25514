#include "ledger/chain/canonical.h"

#include <catch2/catch.hpp>
#include <random>

#include "ledger/chain/utf8.h"
#include "ledger/core/bilingual.h"
#include "tests/chain/support.h"

using namespace fundtrail;
using namespace fundtrail::chain;

TEST_CASE("canonical lines of the vector file are accepted or refused at the right byte") {
  const auto file = vectors("canonical.json");
  REQUIRE(file["lines"].size() > 80);
  for (const auto& vector : file["lines"]) {
    CAPTURE(vector["name"].get<std::string>());
    const std::string line = vector.contains("hex") ? bytes_of_hex(vector["hex"].get<std::string>())
                                                    : vector["line"].get<std::string>();
    const Status status = check_canonical(line);
    if (vector.contains("reason")) {
      REQUIRE_FALSE(status.ok());
      CHECK(status.error().fault == Fault::unreadable);
      CHECK(english_of(status.error().message) == "not canonical JSON: byte " +
                                          std::to_string(vector["offset"].get<int>()) + ": " +
                                          vector["reason"].get<std::string>());
    } else {
      INFO((status.ok() ? "" : status.error().message));
      CHECK(status.ok());
    }
  }
}

TEST_CASE("every truncation of a canonical line is refused") {
  const std::string line =
      "{\"a\":[1,-20,true,{\"k\":\"v\\n\\u0001\"}],\"b\":\"\xE5\x88\xB8\",\"c\":false,\"d\":{}}";
  REQUIRE(check_canonical(line).ok());
  for (std::size_t size = 0; size < line.size(); ++size) {
    CHECK_FALSE(check_canonical(line.substr(0, size)).ok());
  }
}

TEST_CASE("the writer writes what the rules say") {
  std::string out = "before ";
  CanonicalWriter writer(out);
  CHECK_FALSE(writer.complete());
  writer.begin_object();
  writer.key("array").begin_array().integer(1).string("x").begin_array().end_array();
  writer.begin_object().end_object().boolean(false).end_array();
  writer.key("integer").integer(-max_integer);
  writer.key("object").begin_object().key("a").boolean(true).key("b").raw("{\"z\":0}").end_object();
  writer.key("string").string(std::string_view("\0\b\t\n\v\f\r\x1f\"\\/\x7f\xE5\x88\xB8", 15));
  CHECK_FALSE(writer.complete());
  writer.end_object();
  CHECK(writer.complete());
  CHECK(out ==
        "before {\"array\":[1,\"x\",[],{},false],\"integer\":-9007199254740991,"
        "\"object\":{\"a\":true,\"b\":{\"z\":0}},"
        "\"string\":\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\\\"\\\\/\x7f\xE5\x88\xB8\"}");
  CHECK(check_canonical(std::string_view(out).substr(7)).ok());
}

TEST_CASE("the writer stops rather than write a line that is not canonical") {
  std::string out;
  const auto refuses = [&](auto&& wrong) {
    return aborts([&] {
      CanonicalWriter writer(out);
      wrong(writer);
    });
  };
  using W = CanonicalWriter&;
  CHECK_FALSE(refuses([](W w) { w.begin_object().key("a").integer(1).key("b").integer(2); }));
  CHECK(refuses([](W w) { w.begin_object().key("b").integer(1).key("a"); }));
  CHECK(refuses([](W w) { w.begin_object().key("a").integer(1).key("a"); }));
  CHECK(refuses([](W w) {
    w.begin_object().key("b").begin_object().key("c").integer(1).end_object().key("a");
  }));
  CHECK(refuses([](W w) { w.begin_object().key("a").key("b"); }));
  CHECK(refuses([](W w) { w.begin_object().integer(1); }));
  CHECK(refuses([](W w) { w.begin_object().key(""); }));
  CHECK(refuses([](W w) { w.begin_object().key("\xE5\x88\xB8"); }));
  CHECK(refuses([](W w) { w.begin_object().key("a\"b"); }));
  CHECK(refuses([](W w) { w.begin_object().key("a\\b"); }));
  CHECK(refuses([](W w) { w.begin_object().key("a").end_object(); }));
  CHECK(refuses([](W w) { w.begin_object().end_array(); }));
  CHECK(refuses([](W w) { w.begin_object().end_object().end_object(); }));
  CHECK(refuses([](W w) { w.begin_object().end_object().begin_object(); }));
  CHECK(refuses([](W w) { w.begin_array(); }));
  CHECK(refuses([](W w) { w.string("bare"); }));
  CHECK(refuses([](W w) { w.key("bare"); }));
  CHECK(refuses([](W w) { w.begin_object().key("a").integer(max_integer + 1); }));
  CHECK(refuses([](W w) { w.begin_object().key("a").integer(-max_integer - 1); }));
  CHECK(refuses([](W w) { w.begin_object().key("a").integer(~std::uint64_t{0}); }));
  const auto nest = [](W w, unsigned levels) {
    w.begin_object().key("a");
    for (unsigned i = 1; i < levels; ++i) w.begin_array();
  };
  CHECK_FALSE(refuses([&](W w) { nest(w, max_depth); }));
  CHECK(refuses([&](W w) { nest(w, max_depth + 1); }));
}

namespace {

using Json = nlohmann::json;

bool has_noncharacter(const std::string& utf8) {
  const char* const end = utf8.data() + utf8.size();
  for (const char* p = utf8.data(); p != end;) {
    const std::int32_t code = decode_utf8(p, end);
    if (code % 0x10000 >= 0xFFFE || (code / 16 >= 0xFDD && code / 16 <= 0xFDE)) return true;
  }
  return false;
}

bool is_restricted(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      for (const auto& [key, inner] : value.items()) {
        for (const char c : key) {
          if (c < 0x20 || c > 0x7E || c == '"' || c == '\\') return false;
        }
        if (key.empty() || !is_restricted(inner)) return false;
      }
      return true;
    case Json::value_t::array:
      for (const auto& inner : value) {
        if (!is_restricted(inner)) return false;
      }
      return true;
    case Json::value_t::string: {
      const auto text = value.get<std::string>();
      return is_nfc(text) && !has_noncharacter(text);
    }
    case Json::value_t::boolean:
      return true;
    case Json::value_t::number_unsigned:
      return value.get<std::uint64_t>() <= std::uint64_t(max_integer);
    case Json::value_t::number_integer:
      return value.get<std::int64_t>() >= -max_integer;
    default:
      return false;
  }
}

// The slow oracle: parse with nlohmann, which sorts keys and escapes minimally, and write again.
bool is_canonical_by_oracle(const std::string& line) {
  const Json value = Json::parse(line, nullptr, false);
  if (value.is_discarded() || !value.is_object() || !is_restricted(value)) return false;
  return value.dump() == line;
}

class RandomDocument {
 public:
  explicit RandomDocument(unsigned seed) : random_(seed) {}

  std::string line() {
    std::string out;
    CanonicalWriter writer(out);
    object(writer, 0);
    FT_CHECK(writer.complete());
    return out;
  }
  unsigned below(unsigned n) { return random_() % n; }

  void mutate(std::string& line) {
    static const std::string pieces[] = {
        "\"",   "\\",  ",",  "0", "-",    "e",       ".",        "{}",
        "[",    " ",   "\n", "}", "null", "\\u001f", "\xCC\x81", "\xEF\xBF\xBE",
        "\x80", "\\/", "a"};
    const std::size_t at = below(line.size());
    switch (below(5)) {
      case 0:
        line[at] = static_cast<char>(line[at] ^ (1 << below(8)));
        break;
      case 1:
        line.erase(at, 1);
        break;
      case 2:
        line.insert(at, pieces[below(std::size(pieces))]);
        break;
      case 3:
        std::swap(line[at], line[below(line.size())]);
        break;
      case 4:
        line.insert(at, line.substr(below(line.size()), below(8)));
        break;
    }
  }

 private:
  void object(CanonicalWriter& writer, unsigned depth) {
    writer.begin_object();
    std::string key = "a";
    for (unsigned i = below(5); i > 0; --i) {
      key.push_back(static_cast<char>('a' + below(4)));
      writer.key(key);
      value(writer, depth + 1);
    }
    writer.end_object();
  }
  void value(CanonicalWriter& writer, unsigned depth) {
    static const std::string texts[] = {"",         "100.00", "\xE5\x88\xB8",     "q\xCC\x83",
                                        "\n\t\x01", "\"\\/",  "\xF0\xA0\xAE\xB7", "2026-11-22"};
    switch (below(depth > 4 ? 3 : 5)) {
      case 0:
        writer.integer(static_cast<int>(below(2000)) - 1000);
        break;
      case 1:
        writer.boolean(below(2) == 0);
        break;
      case 2:
        writer.string(texts[below(std::size(texts))] + texts[below(std::size(texts))]);
        break;
      case 3:
        object(writer, depth);
        break;
      case 4:
        writer.begin_array();
        for (unsigned i = below(4); i > 0; --i) value(writer, depth + 1);
        writer.end_array();
    }
  }
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("the checker agrees with an oracle on random lines and their mutations") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  RandomDocument random(seed);
  unsigned accepted = 0;
  unsigned refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string line = random.line();
    if (!check_canonical(line).ok() || !is_canonical_by_oracle(line)) FAIL("written: " << line);
    for (int j = 0; j < 3; ++j) {
      random.mutate(line);
      const bool expected = is_canonical_by_oracle(line);
      if (check_canonical(line).ok() != expected) FAIL("oracle says " << expected << ": " << line);
      ++(expected ? accepted : refused);
      if (line.empty()) break;
    }
  }
  CHECK(accepted > 1000);  // otherwise the comparison proved little
  CHECK(refused > 1000);
}
