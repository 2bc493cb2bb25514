// A file of an import, read from its bytes: rows can be read again from where they stand, cells come out
// as UTF-8, and every sheet comes to its end. The first byte chooses table, strictness and encoding.
#include <sys/mman.h>
#include <unistd.h>

#include "api/import/csv_file.h"
#include "api/import/sheet.h"
#include "ledger/chain/utf8.h"
#include "tests/fuzz/target.h"

using namespace fundtrail;
using namespace fundtrail::api::import;

namespace {

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3
                               : first >> 3 == 30 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

void read_rows(std::string_view bytes, std::optional<Encoding> given) {
  const auto encoding = given ? given : detect_encoding(bytes);
  if (!encoding) return;
  CellDecoder decoder(*encoding);
  const std::size_t bom = std::min(bom_size(*encoding), bytes.size());
  RowReader reader(bytes.substr(bom), bom, 1);
  std::uint32_t last = 0;
  for (;;) {
    const auto got = reader.next();
    if (got == RowReader::Got::end) break;
    fuzz::must(reader.row() > last, "row numbers ascend");
    last = reader.row();
    if (got == RowReader::Got::malformed) continue;
    const Run run = reader.run();
    fuzz::must(run.offset + run.length <= bytes.size(), "a row lies within its file");
    RowReader again(bytes.substr(run.offset, run.length), run.offset, run.row);
    fuzz::must(again.next() == RowReader::Got::row && again.cells() == reader.cells() &&
                   again.row() == reader.row(), "a row is read again from where it stands");
    for (std::string cell : reader.cells()) {
      if (decoder.decode(cell)) fuzz::must(is_utf8(cell), "a decoded cell is UTF-8");
    }
  }
}

void read_sheet(std::string_view bytes, const Table& table, Strictness strictness,
                std::optional<Encoding> encoding) {
  const int file = ::memfd_create("sheet", 0);
  fuzz::must(file >= 0 && ::write(file, bytes.data(), bytes.size()) == ssize_t(bytes.size()),
             "memory for a file");
  std::vector<Finding> findings;
  WorkbookReading reading;
  if (const auto sheet = Sheet::open("/proc/self/fd/" + std::to_string(file), table, strictness,
                                     encoding, findings, reading)) {
    Row row;
    std::uint32_t last = 0;
    while (sheet->next(row, findings)) {
      fuzz::must(row.number > last, "row numbers ascend");
      last = row.number;
      for (const auto& cell : row.cells) fuzz::must(is_utf8(cell), "cells of a sheet are UTF-8");
      std::vector<Row> rows;
      std::vector<Finding> again;
      sheet->read_again(row.run, rows, again);
      fuzz::must(rows.size() == 1 && rows[0].cells == row.cells, "a row of a sheet is read again");
    }
  }
  ::close(file);
}

}  // namespace

FUZZ_TARGET(csv) {
  fuzz::Input input(bytes);
  const unsigned choice = input.byte();
  constexpr std::optional<Encoding> kEncodings[] = {std::nullopt, std::nullopt, Encoding::utf8,
                                                    Encoding::gb18030};
  const auto encoding = kEncodings[choice % 4];
  read_rows(input.rest(), encoding);
  const auto all = tables();
  read_sheet(input.rest(), all[choice / 8 % all.size()],
             choice / 4 % 2 ? Strictness::facts : Strictness::documents, encoding);
}
