#include "api/import/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "api/import/tables.h"
#include "api/quotation.h"
#include "api/withheld.h"

namespace fundtrail::api::import {
namespace {

struct Text2 {
  Trouble trouble;
  std::string_view code;
  std::string_view zh;  // {0} the value, {1} what was expected
  std::string_view en;
};
using T = Trouble;
constexpr Text2 kTexts[] = {
    {T::nothing_there, "file-none", "文件夹里没有可导入的文件（见 docs/IMPORT.md）；请核对文件夹是否选对。",
     "The folder has no file that can be imported (docs/IMPORT.md); is it the right one?"},
    {T::too_many, "file-too-many", "问题已达 10,000 处，其余未再检查；请先改正已列出的。",
     "There are 10,000 findings; the rest was not checked. Correct those that are listed first."},
    {T::unknown_file, "file-unknown", "不认识的文件；可导入的文件见 docs/IMPORT.md。",
     "This file is not one of those that can be imported (docs/IMPORT.md)."},
    {T::spreadsheet_file, "file-spreadsheet", "请在表格软件中另存为 XLSX 或 CSV（UTF-8 逗号分隔）后再导入。",
     "Save it as XLSX or as CSV (UTF-8, comma separated) in the spreadsheet program first."},
    {T::file_twice, "file-twice", "同一张表既有 CSV 又有 XLSX；请只留一个。",
     "This table is there both as CSV and as XLSX; leave one of them."},
    {T::people_by_number, "file-people-by-number",
     "文件以身份证号指明个人，办理结果会透露其是否登记，而您的角色无权按身份证号查询。请用假名经 /entries 办理，或由登记人员导入（他人经办的行"
     "在服务器上用命令行导入）。",
     "The file names people by identity number, so what becomes of its rows tells who is registered, and your role may not look "
     "people up. Name them by pseudonym through /entries, or have a registrar import it (rows of others: on the server, at the "
     "command line)."},
    {T::unreadable_file, "file-unreadable", "{1}。", "{1}."},
    {T::damaged_workbook, "file-damaged-workbook", "工作簿已损坏或不完整（{0}）；请在表格软件中打开并重新保存。",
     "The workbook is damaged or incomplete ({0}); open it in the spreadsheet program and save it again."},
    {T::too_large, "file-too-large", "工作簿过大（可读约一百万个单元格，解压后一张表不超过 64 MiB）；请另存为 CSV（UTF-8 逗号分隔）后再导入。",
     "The workbook is too large (some 1,000,000 cells can be read, 64 MiB a sheet when unpacked); save it as CSV (UTF-8, comma "
     "separated)."},
    {T::several_sheets, "file-several-sheets", "工作簿中不止一张表有内容；请只留一张。",
     "More than one sheet of the workbook is filled; leave one of them."},
    {T::utf16_file, "file-utf16", "文件是 UTF-16 编码（“Unicode 文本”）；请另存为 CSV（UTF-8）。",
     "The file is UTF-16 (\"Unicode text\"); save it as CSV (UTF-8)."},
    {T::ambiguous_encoding, "file-encoding",
     "看不出文件是 UTF-8 还是 GB18030 编码；请用 encoding 指明：utf-8 或 gb18030。",
     "The file may be UTF-8 or GB18030; say which with encoding: utf-8 or gb18030."},
    {T::empty_file, "file-empty", "文件没有标题行。", "The file has no header row."},
    {T::csv_syntax, "file-csv-syntax", "本行引号不成对或位置不对，本行未读取；其后各行照常检查。",
     "The quotes of this row do not match; it was not read. The rows after it were checked."},
    {T::unknown_column, "column-unknown", "第 {1} 列“{0}”不是本文件的列。", "Column {1}, \"{0}\", is none of this file's."},
    {T::duplicate_column, "column-duplicate", "列“{0}”出现了两次。", "The column \"{0}\" stands twice."},
    {T::missing_column, "column-missing", "缺少列“{0}”。", "The column \"{0}\" is missing."},
    {T::extra_cells, "row-extra-cells", "本行的单元格多于标题行（“{0}”）。",
     "The row has more cells than the header (\"{0}\")."},
    {T::total_row, "row-total", "这像是“{0}”行；请删除合计行后再导入。",
     "This looks like a total (\"{0}\"); remove rows of totals."},
    {T::differs_in_document, "row-differs", "同一单号的各行此列必须相同：“{0}”与首行“{1}”不同。",
     "Rows of one document must agree in this column: \"{0}\" is not the first row's \"{1}\"."},
    {T::id_too_long, "row-id-too-long", "编号“{0}”太长（“表名.编号”最多 64 个字符）。",
     "The number \"{0}\" is too long (at most 64 characters with the table's name)."},
    {T::duplicate_row, "row-duplicate", "“{0}”在文件中重复出现。", "\"{0}\" stands twice in the files."},
    {T::incomplete_step, "row-incomplete-step", "此步骤的人员和日期须同时填写或同时留空。",
     "The person and the date of this step must both be given or both be empty."},
    {T::balance_breaks, "row-balance-breaks", "余额 {0} 与上一行推算的 {1} 不符。",
     "The balance {0} does not follow from the row before ({1})."},
    {T::unknown_document, "row-unknown-document", "账上和文件中都没有单据“{0}”。",
     "There is no document \"{0}\" in the ledger or in the files."},
    {T::table_not_correctable, "row-not-correctable", "“{0}”中的单据不能更正；可更正的有：{1}。",
     "Documents of \"{0}\" cannot be corrected; those of {1} can."},
    {T::other_actor, "row-other-actor",
     "本行由“{0}”办理；通过接口只能导入本人（{1}）办理的单据。他人的单据请在服务器上用命令行导入。",
     "This row acts as \"{0}\"; over HTTP only rows that act as yourself ({1}) can be imported. Import "
     "those of others on the server, at the command line."},
    {T::undecodable_cell, "cell-encoding", "内容含有不符合本文件编码的字节（见文件列表中的编码）。",
     "It has bytes that are not of the file's encoding (see the list of files)."},
    {T::not_plain_text, "cell-not-text", "内容含控制字符、非规范字符，或超过 500 字节。",
     "The text has control characters, is not in normal form C, or exceeds 500 bytes."},
    {T::missing_cell, "cell-missing", "此列必填。", "This cell must not be empty."},
    {T::scientific_number, "cell-scientific", "“{0}”是被表格软件改坏的数字；请把该列设为文本后重新录入。",
     "\"{0}\" is a number damaged by the spreadsheet; format the column as text and enter it again."},
    {T::number_in_code, "cell-number-in-code", "编码以数字格式存放，开头的 0 或末尾几位可能已丢失；请把该列设为文本后重新录入。",
     "The code is stored as a number, which may have lost zeros at its head or digits at its end; format "
     "the column as text and enter it again."},
    {T::truth_value, "cell-truth-value", "单元格是逻辑值 TRUE 或 FALSE，不是本列的数据。",
     "The cell holds the logical value TRUE or FALSE, which is no value of this column."},
    {T::spreadsheet_error, "cell-formula-error", "“{0}”是公式或公式错误，不是数据。",
     "\"{0}\" is a formula or a formula's error, not data."},
    {T::full_width, "cell-full-width", "“{0}”含全角字符；应为：{1}。",
     "\"{0}\" has full-width characters; expected: {1}."},
    {T::malformed_amount, "cell-amount", "金额“{0}”格式不对；应为：{1}。",
     "The amount \"{0}\" is malformed; expected: {1}."},
    {T::too_precise, "cell-too-precise", "“{0}”多于两位小数。", "\"{0}\" has more than two decimals."},
    {T::negative_amount, "cell-negative", "“{0}”不能为负数。", "\"{0}\" must not be negative."},
    {T::malformed_date, "cell-date", "日期“{0}”不对；应为：{1}。", "The date \"{0}\" is not valid; expected: {1}."},
    {T::date_serial, "cell-date-serial", "“{0}”像是表格软件的日期序号；应为：{1}。",
     "\"{0}\" looks like a spreadsheet's date serial; expected: {1}."},
    {T::malformed_month, "cell-month", "月份“{0}”不对；应为：{1}。", "The month \"{0}\" is not valid; expected: {1}."},
    {T::unknown_word, "cell-word", "“{0}”不在可选值之内：{1}。", "\"{0}\" is not one of: {1}."},
    {T::malformed_value, "cell-malformed", "“{0}”格式不对；应为：{1}。", "\"{0}\" is malformed; expected: {1}."},
};
static_assert(std::size(kTexts) == std::size_t(T::malformed_value) + 1);

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(kTexts); ++i) {
    if (kTexts[i].trouble != Trouble(i)) return false;
  }
  return true;
}
static_assert(in_order(), "the table of troubles follows the enumeration");

// At most 60 bytes, cut at a character.
std::string shortened(std::string_view value) {
  constexpr std::size_t kMax = 60;
  if (value.size() <= kMax) return std::string(value);
  std::size_t end = kMax;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
  return std::string(value.substr(0, end)) + "…";
}

// Whose value comes from the program and not from the file.
bool is_ours(Trouble trouble) {
  return trouble == T::damaged_workbook || trouble == T::total_row ||
         trouble == T::unknown_column || trouble == T::duplicate_column || trouble == T::missing_column;
}

}  // namespace

bool may_be_shown(const std::string& file, std::string_view value) {
  const Table* table = table_of_file(file);
  if (table == nullptr) return false;
  const bool personal = std::any_of(table->columns.begin(), table->columns.end(),
                                    [](const Column& column) { return is_personal(column.kind); });
  return !personal && may_be_quoted(value);
}

std::string_view code(Trouble trouble) { return kTexts[std::size_t(trouble)].code; }

Finding finding(std::string file, std::uint64_t row, Trouble trouble, std::string_view value,
                const Expected& expected) {
  const auto& text = kTexts[std::size_t(trouble)];
  const bool hidden = value.empty() || !(is_ours(trouble) || may_be_shown(file, value));
  const std::string shown = hidden ? "…" : shortened(value);
  return {.file = std::move(file),
          .row = row,
          .code = std::string(text.code),
          .zh = fmt::format(fmt::runtime(text.zh), shown, expected.zh),
          .en = fmt::format(fmt::runtime(text.en), shown, expected.en),
          .subject = std::string(value)};
}

Finding finding(std::string file, std::uint64_t row, const Rejection& rejection, Telling who) {
  const auto withheld = who == Telling::withheld ? withhold_person(rejection) : std::nullopt;
  return {.file = std::move(file),
          .row = row,
          .code = std::string(info(rejection.reason).code),
          .zh = withheld ? withheld->zh : rejection.zh(),
          .en = withheld ? withheld->en : rejection.en(),
          .person = withheld ? withheld->person.str() : std::string()};
}

void sort(std::vector<Finding>& findings) {
  const auto rank = [](const Finding& f) {
    const Table* table = table_of_file(f.file);
    return std::tuple(table == nullptr ? std::size_t(-1) : table_order(*table), std::cref(f.file),
                      f.row, std::cref(f.column), std::cref(f.code));
  };
  std::stable_sort(findings.begin(), findings.end(), [&](const Finding& a, const Finding& b) {
    const auto [a1, a2, a3, a4, a5] = rank(a);
    const auto [b1, b2, b3, b4, b5] = rank(b);
    return std::tie(a1, a2.get(), a3, a4.get(), a5.get()) <
           std::tie(b1, b2.get(), b3, b4.get(), b5.get());
  });
}

}  // namespace fundtrail::api::import
