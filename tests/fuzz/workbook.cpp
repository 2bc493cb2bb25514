// A workbook of an import: whatever its parts hold, it is refused with one finding or becomes rows that a
// sheet reads to its end, each row with the number that the spreadsheet shows. The first byte chooses the
// table; the parts stand behind it, each ended by a zero byte: the worksheet, the shared strings, the
// workbook. They are packed here, because changed bytes of a zip file hardly ever reach the parts.
#include <zip.h>

#include "api/import/csv_file.h"
#include "api/import/workbook.h"
#include "tests/fuzz/target.h"

using namespace fundtrail;
using namespace fundtrail::api::import;

namespace {

constexpr std::string_view kRelations =
    R"(<Relationships><Relationship Id="a" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>)";

std::string_view part(std::string_view& rest) {
  const auto end = rest.find('\0');
  const auto first = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return first;
}

std::string packed(std::string_view sheet, std::string_view shared, std::string_view workbook) {
  zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  fuzz::must(memory != nullptr, "memory for a zip file");
  zip_source_keep(memory);
  zip_t* zip = zip_open_from_source(memory, ZIP_TRUNCATE, nullptr);
  fuzz::must(zip != nullptr, "a new zip file");
  const auto add = [&](const char* name, std::string_view text) {
    const auto at = zip_file_add(zip, name, zip_source_buffer(zip, text.data(), text.size(), 0), 0);
    zip_set_file_compression(zip, zip_uint64_t(at), ZIP_CM_STORE, 0);
  };
  add("xl/worksheets/sheet1.xml", sheet);
  if (!shared.empty()) add("xl/sharedStrings.xml", shared);
  add("xl/workbook.xml", workbook);
  add("xl/_rels/workbook.xml.rels", kRelations);
  fuzz::must(zip_close(zip) == 0, "a zip file is written");
  zip_stat_t stat;
  zip_source_stat(memory, &stat);
  std::string bytes(stat.size, '\0');
  zip_source_open(memory);
  zip_source_read(memory, bytes.data(), bytes.size());
  zip_source_close(memory);
  zip_source_free(memory);
  return bytes;
}

void read(std::string_view bytes, const Table& table) {
  std::vector<Finding> findings;
  WorkbookReading reading;
  const auto workbook = read_workbook(bytes, "x.xlsx", table, findings, reading);
  fuzz::must(workbook.has_value() == findings.empty() && findings.size() <= 1,
             "rows, or one finding that says why not");
  if (!workbook) return;
  RowReader reader(workbook->rows, 0, 1);
  std::uint32_t last = 0;
  for (auto got = reader.next(); got != RowReader::Got::end; got = reader.next()) {
    fuzz::must(got == RowReader::Got::row, "the text that is made of a workbook is CSV");
    fuzz::must(reader.row() > last && reader.row() <= 1'048'576, "row numbers ascend");
    last = reader.row();
  }
}

}  // namespace

FUZZ_TARGET(workbook) {
  fuzz::Input input(bytes);
  const auto all = tables();
  const Table& table = all[input.byte() % all.size()];
  auto rest = input.rest();
  if (rest.starts_with("PK")) return read(rest, table);  // a file as it is
  const auto sheet = part(rest), shared = part(rest), workbook = part(rest);
  read(packed(sheet, shared, workbook), table);
}
