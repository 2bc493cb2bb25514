// Every report in every format, word for word and byte for byte, over the small hand-made year.
// FUNDTRAIL_UPDATE_GOLDEN=1 rewrites the files; read the difference before you commit it.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "reports/provider_payments.h"
#include "reports/reports.h"
#include "tests/reports/sample_applications.h"
#include "tests/reports/sample_duties.h"
#include "tests/reports/sample_year.h"

namespace fundtrail {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

void compare(const std::string& name, const std::string& actual) {
  const auto path = std::filesystem::path(SOURCE_DIR) / "tests/reports/golden" / name;
  if (std::getenv("FUNDTRAIL_UPDATE_GOLDEN")) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << actual;
  }
  INFO(path.string());
  CHECK(actual == read_file(path));
}

reports::Request request_for(std::string_view name) {
  reports::Request request;
  request.name = name;
  if (name == "provider-statement") request.provider = ProviderId::parse("P1");
  return request;
}

// What a reader of the workbook sees, told by an independent one (Python, zipfile and XML).
std::string read_workbook(const std::string& bytes) {
  const auto base = std::filesystem::temp_directory_path() /
                    ("fundtrail-golden-" + std::to_string(::getpid()));
  const auto book = base.string() + ".xlsx", told = base.string() + ".txt";
  std::ofstream(book, std::ios::binary) << bytes;
  const std::string command = std::string("python3 ") + SOURCE_DIR +
                              "/tests/reports/tell_xlsx.py " + book + " > " + told;
  const int outcome = std::system(command.c_str());
  const auto text = read_file(told);
  std::filesystem::remove(book);
  std::filesystem::remove(told);
  REQUIRE(outcome == 0);
  return text;
}

}  // namespace

TEST_CASE("every report renders as its golden files say") {
  const auto year = tests::sample_year(), applications = tests::sample_applications(),
             duties = tests::sample_duties();
  for (const auto& info : reports::catalogue()) {
    const auto& view = info.name == "applications" ? applications
                       : info.name == "duties"     ? duties
                                                   : year;
    const auto report = reports::make(*view, request_for(info.name));
    REQUIRE(report.ok());
    CHECK(report.value().balanced());
    const std::string name(info.name);
    compare(name + ".json", reports::render_json(report.value()));
    for (const auto language : {reports::Language::zh, reports::Language::en}) {
      const std::string stem = name + "." + std::string(name_of(language));
      compare(stem + ".txt", reports::render_text(report.value(), language));
      compare(stem + ".csv", reports::render_csv(report.value(), language));
      const auto book = reports::render_xlsx(report.value(), language);
      REQUIRE(book.ok());
      compare(stem + ".xlsx.txt", read_workbook(book.value()));
    }
  }
}

TEST_CASE("a breakdown of the trial balance renders as its golden file says") {
  const auto view = tests::sample_year();
  auto request = request_for("trial-balance");
  request.breakdown = {reports::Breakdown::region, reports::Breakdown::counterparty};
  request.as_of = tests::day("2008-06-30");
  request.from = tests::day("2008-05-01");
  request.fund = FundId::parse("WJ");
  const auto report = reports::make(*view, request);
  REQUIRE(report.ok());
  compare("trial-balance-breakdown.zh.txt",
          reports::render_text(report.value(), reports::Language::zh));
}

TEST_CASE("applications as of a day, those of a period, and overruns alone") {
  const auto view = tests::sample_applications();
  auto request = request_for("applications");
  request.as_of = tests::day("2025-03-26");
  request.from = tests::day("2025-03-01");
  request.entries = false;
  const auto report = reports::make(*view, request);
  REQUIRE(report.ok());
  compare("applications-overruns.zh.txt",
          reports::render_text(report.value(), reports::Language::zh));
}

TEST_CASE("a provider's payments are told as the golden file says") {
  const auto view = tests::sample_year();
  const auto payments = reports::provider_payments(*view, *ProviderId::parse("P1"));
  REQUIRE(payments.ok());
  compare("provider-payments.json", reports::to_json(payments.value()));
}

TEST_CASE("the same report has the same bytes") {
  const auto view = tests::sample_year();
  const auto report = reports::make(*view, request_for("fund-flow"));
  REQUIRE(report.ok());
  const auto first = reports::render_xlsx(report.value(), reports::Language::zh);
  const auto second = reports::render_xlsx(report.value(), reports::Language::zh);
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(first.value() == second.value());
}

}  // namespace fundtrail
