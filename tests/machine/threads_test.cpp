// A system that starts no more threads: a clear answer, and no process that ends.
#include "ledger/engine/writer.h"
#include "tests/machine/lives.h"

using namespace fundtrail;
using namespace fundtrail::machine;

TEST_CASE("a thread that does not start is an error in both languages, and nothing is left running") {
  test::TemporaryDirectory home;
  watch(home.path());
  const auto start = [] {
    return Writer::start(10, [](Writer::Submissions&) {}, [](Writer::Submissions&) {});
  };
  for (std::size_t at = 0; at < 2; ++at) {
    begin(Plan{Operation::thread, at, Failure::eio});
    const auto writer = start();
    end();
    INFO("thread " << at);
    REQUIRE_FALSE(failed().empty());
    REQUIRE(writer.error().fault == Fault::unavailable);
    CHECK(writer.error().message.find("does not start the threads") != std::string::npos);
    CHECK(writer.error().message.find("无法启动账套所需的线程") != std::string::npos);
  }
  begin(std::nullopt);
  const auto writer = start();
  end();
  REQUIRE(writer.ok());
  CHECK(count(Operation::thread) == 2);
  CHECK((*writer)->run([] {}));
}
