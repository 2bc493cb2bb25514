#include "api/import/sheet.h"

#include <algorithm>

#include "ledger/core/fault_words.h"
#include "ledger/core/ids.h"
#include "ledger/core/wording.h"

namespace fundtrail::api::import {
namespace {

constexpr std::string_view kTotals[] = {"合计", "小计", "总计", "累计", "合　计", "小　计", "总　计"};
constexpr std::string_view kIdFaults[] = {"", "length", "characters", "birth_date", "check_digit"};

// The word for a total that the cell begins with; empty: none.
std::string_view total_of(std::string_view cell) {
  const auto* found = std::find_if(std::begin(kTotals), std::end(kTotals),
                                   [&](auto total) { return cell.starts_with(total); });
  return found == std::end(kTotals) ? std::string_view() : *found;
}

// Of a past year, what is malformed is kept as it was found; what a machine cannot read at all, or
// a spreadsheet has destroyed, is not.
bool is_unreadable(Value kind, Trouble trouble) {
  switch (trouble) {
    case Trouble::undecodable_cell:
    case Trouble::not_plain_text:
    case Trouble::scientific_number:
    case Trouble::spreadsheet_error:
      return true;
    default:
      return kind == Value::amount || kind == Value::signed_amount || kind == Value::date ||
             kind == Value::month || kind == Value::quantity;
  }
}

}  // namespace

Sheet::Sheet(std::string file, const Table& table, Strictness strictness, MappedFile mapped,
             Encoding encoding, Workbook workbook)
    : file_(std::move(file)), table_(table), strictness_(strictness), mapped_(std::move(mapped)),
      encoding_(encoding), workbook_(std::move(workbook)),
      text_(encoding_ == Encoding::workbook ? workbook_.rows : mapped_.bytes()),
      decoder_(std::make_unique<CellDecoder>(encoding_)) {
  const std::size_t bom = bom_size(encoding_);
  reader_ = std::make_unique<RowReader>(text_.substr(bom), bom, 1);
}

std::unique_ptr<Sheet> Sheet::open(const std::filesystem::path& path, const Table& table,
                                   Strictness strictness, std::optional<Encoding> encoding,
                                   std::vector<Finding>& findings, WorkbookReading& reading,
                                   Telling titles) {
  const std::string file = path.filename().string();
  auto mapped = MappedFile::open(path);
  if (!mapped) {
    findings.push_back(finding(file, 0, Trouble::unreadable_file, {}, {chinese_of(mapped.error()), english_of(mapped.error())}));
    return nullptr;
  }
  const auto bytes = mapped->bytes();
  Workbook workbook;
  if (is_workbook(bytes)) {
    auto read = read_workbook(bytes, file, table, findings, reading);
    if (!read) return nullptr;
    workbook = std::move(*read);
    encoding = Encoding::workbook;
  } else if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    findings.push_back(finding(file, 0, Trouble::utf16_file));
    return nullptr;
  } else if (path.extension() == ".xlsx") {
    // An encrypted workbook, or one of before 2007 under a new name.
    findings.push_back(finding(file, 0, Trouble::spreadsheet_file));
    return nullptr;
  } else {
    const auto detected = detect_encoding(bytes);
    if (!encoding || detected == Encoding::utf8_bom) encoding = detected;
  }
  if (!encoding) {
    findings.push_back(finding(file, 0, Trouble::ambiguous_encoding));
    return nullptr;
  }
  std::unique_ptr<Sheet> sheet(new Sheet(file, table, strictness, std::move(*mapped), *encoding,
                                         std::move(workbook)));
  return sheet->bind_header(findings, titles) ? std::move(sheet) : nullptr;
}

bool Sheet::bind_header(std::vector<Finding>& findings, Telling telling) {
  const auto got = reader_->next();
  if (got != RowReader::Got::row) {
    findings.push_back(finding(file_, got == RowReader::Got::end ? 0 : reader_->row(),
                               got == RowReader::Got::end ? Trouble::empty_file
                                                          : Trouble::csv_syntax));
    return false;
  }
  const std::size_t before = findings.size();
  std::vector<std::optional<std::string>> titles;  // nothing: not of the encoding
  std::size_t known = 0;
  for (std::string cell : reader_->cells()) {
    if (!decoder_->decode(cell)) {
      findings.push_back(finding(file_, reader_->row(), Trouble::undecodable_cell));
      titles.emplace_back();
      continue;
    }
    titles.emplace_back(trimmed(cell));
    if (table_.find_title(*titles.back())) ++known;
  }
  // Without a header the first row of people would be quoted as one.
  const bool told = telling == Telling::told && 2 * known >= titles.size();
  for (const auto& each : titles) {
    const std::string title = each.value_or("");
    const auto found = table_.find_title(title);
    const auto index = found.value_or(table_.columns.size());
    if (!each) {
      // Said already.
    } else if (!found) {
      const auto number = std::to_string(columns_.size() + 1);
      const bool shown = told || may_be_shown(file_, title);
      findings.push_back(finding(file_, reader_->row(), Trouble::unknown_column, shown ? masked(title) : std::string(),
                                 {number, number}));
    } else if (std::find(columns_.begin(), columns_.end(), index) != columns_.end()) {
      findings.push_back(finding(file_, reader_->row(), Trouble::duplicate_column, title));
    }
    columns_.push_back(index);
  }
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    if (table_.columns[i].required && std::find(columns_.begin(), columns_.end(), i) == columns_.end()) {
      findings.push_back(
          finding(file_, reader_->row(), Trouble::missing_column, table_.columns[i].zh));
    }
  }
  return findings.size() == before;
}

bool Sheet::names_people() const {
  return std::any_of(columns_.begin(), columns_.end(), [this](std::size_t column) {
    return column < table_.columns.size() && table_.columns[column].kind == Value::id_number;
  });
}

bool Sheet::next(Row& row, std::vector<Finding>& findings) {
  for (;;) {
    switch (reader_->next()) {
      case RowReader::Got::end:
        return false;
      case RowReader::Got::malformed:
        findings.push_back(finding(file_, reader_->row(), Trouble::csv_syntax));
        break;
      case RowReader::Got::row:
        if (take(*reader_, row, findings)) return true;
    }
  }
}

void Sheet::read_again(const Run& run, std::vector<Row>& rows,
                       std::vector<Finding>& findings) const {
  RowReader reader(text_.substr(run.offset, run.length), run.offset, run.row);
  while (reader.next() == RowReader::Got::row) {
    Row row;
    if (take(reader, row, findings)) rows.push_back(std::move(row));
  }
}

bool Sheet::take(const RowReader& reader, Row& row, std::vector<Finding>& findings) const {
  row.number = reader.row();
  row.run = reader.run();
  row.good = true;
  row.cells.assign(table_.columns.size(), {});
  const std::size_t before = findings.size();
  bool blank = true;
  for (std::size_t i = 0; i < reader.cells().size(); ++i) {
    std::string cell = reader.cells()[i];
    const bool decoded = decoder_->decode(cell);
    const std::string text(trimmed(cell));
    if (decoded && text.empty()) continue;
    if (i >= columns_.size()) {
      findings.push_back(finding(file_, row.number, Trouble::extra_cells, text));
    } else if (!decoded) {
      findings.push_back(at(row, columns_[i], Trouble::undecodable_cell));
    } else if (const auto found = workbook_.misplaced.find({row.number, i}); found != workbook_.misplaced.end()) {
      findings.push_back(at(row, columns_[i], found->second));
    } else if (blank && !total_of(text).empty()) {
      findings.push_back(finding(file_, row.number, Trouble::total_row, total_of(text)));
      return row.good = false, true;
    } else {
      row.cells[columns_[i]] = text;
    }
    blank = false;
  }
  if (blank) return false;
  const bool readable = findings.size() == before;
  for (std::size_t i = 0; readable && i < table_.columns.size(); ++i) check_cell(i, row, findings);
  row.good = findings.size() == before;
  return true;
}

void Sheet::check_cell(std::size_t column, Row& row, std::vector<Finding>& findings) const {
  const Column& spec = table_.columns[column];
  std::string& cell = row.cells[column];
  if (cell.empty()) {
    if (spec.required && strictness_ == Strictness::documents) {
      findings.push_back(at(row, column, Trouble::missing_cell));
    }
    return;
  }
  const bool facts = strictness_ == Strictness::facts;
  const Value kind = facts && spec.kind == Value::amount ? Value::signed_amount : spec.kind;
  const std::string found = cell;
  if (const auto trouble = normalise(kind, spec.words, cell)) {
    cell = found;
    if (facts && !is_unreadable(kind, trouble->trouble)) return;
    findings.push_back(at(row, column, trouble->trouble, trouble->expected));
  } else if (kind == Value::id_number && !facts) {
    const auto fault = check_id_number(cell);
    if (fault == IdNumberFault::none) return;
    findings.push_back(finding(file_, row.number,
                               Rejection{.reason = Reason::invalid_id_number,
                                         .detail = std::string(kIdFaults[std::size_t(fault)])},
                               Telling::told));  // it names nobody
    name_column(findings.back(), column);
  }
}

Finding Sheet::at(const Row& row, std::size_t column, Trouble trouble,
                  const Expected& expected) const {
  Finding result = finding(file_, row.number, trouble, row.cells[column], expected);
  name_column(result, column);
  return result;
}

void Sheet::name_column(Finding& finding, std::size_t column) const {
  finding.column = table_.columns[column].zh;
  finding.key = table_.columns[column].key;
}

}  // namespace fundtrail::api::import
