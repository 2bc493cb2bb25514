#include "api/import/workbook.h"

#include <fmt/format.h>

#include <malloc.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <pugixml.hpp>
#include <set>
#include <thread>
#include <utility>

#include "api/zip.h"
#include "ledger/core/check.h"
#include "ledger/core/date.h"

namespace fundtrail::api::import {
namespace {

constexpr std::size_t kMaxPart = 64u << 20;   // bytes of a part when unpacked: some 1,000,000 cells
constexpr std::size_t kMaxParts = 128u << 20;  // of all of them
constexpr std::size_t kMaxTrees = 512u << 20;  // bytes of memory: a tree takes up to sixteen times its text
constexpr std::size_t kMaxRows = 64u << 20;   // bytes of CSV text
constexpr std::size_t kMaxSheets = 100;
constexpr std::uint32_t kLastRow = 1'048'576;  // of any spreadsheet
constexpr std::size_t kLastColumn = 16'384;

// What is wrong with the workbook as a whole.
struct Unusable {
  Trouble trouble = Trouble::damaged_workbook;
  std::string what;
};

struct Cancelled {};

// All trees of this program are those of the one workbook that is being read, so a bound on what pugixml has is
// one on what a workbook takes. Small files can hold large parts, and two jobs at the same time can read some.
class Trees {
 public:
  // Waits for whoever reads a workbook; throws Cancelled.
  explicit Trees(const WorkbookReading& reading) {
    static const bool set = (pugi::set_memory_management_functions(allocate, release), true);
    FT_CHECK(set);
    // Not a timed mutex: the thread sanitizer of GCC 12 does not know its call.
    while (!lock_.try_lock()) {
      if (reading.is_cancelled()) throw Cancelled{};
      std::this_thread::sleep_for(kLook);
    }
  }

  static void* allocate(std::size_t size) {
    if (size > kMaxTrees || taken_ > kMaxTrees - size) return nullptr;
    void* const memory = std::malloc(size);
    taken_ += ::malloc_usable_size(memory);  // of nothing: 0
    return memory;
  }
  static void release(void* memory) {
    taken_ -= ::malloc_usable_size(memory);
    std::free(memory);
  }

 private:
  static constexpr std::chrono::milliseconds kLook{50};
  static inline std::mutex one_;
  static inline std::size_t taken_ = 0;  // guarded by one_
  std::unique_lock<std::mutex> lock_{one_, std::defer_lock};
};

// Names with and without a prefix mean the same here: writers differ in where they declare it.
std::string_view local(const pugi::xml_node& node) {
  std::string_view name = node.name();
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}
pugi::xml_node child(const pugi::xml_node& of, std::string_view name) {
  for (const auto node : of.children()) {
    if (local(node) == name) return node;
  }
  return {};
}
std::string_view attribute(const pugi::xml_node& node, std::string_view name) {
  for (const auto each : node.attributes()) {
    std::string_view found = each.name();
    if (const auto colon = found.find(':'); colon != std::string_view::npos) {
      found.remove_prefix(colon + 1);
    }
    if (found == name) return each.value();
  }
  return {};
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class Archive {
 public:
  Archive(std::string_view bytes, const WorkbookReading& reading) : trees_(reading), reading_(reading), zip_(bytes) {}
  bool good() const { return zip_.good(); }
  bool has(const std::string& part) const { return zip_.find(part).has_value(); }

  // A part: its tree points into its text.
  struct Part {
    std::unique_ptr<char, void (*)(void*)> text{nullptr, Trees::release};
    pugi::xml_document tree;
  };
  // Throws Unusable.
  Part part(const std::string& name) {
    if (reading_.is_cancelled()) throw Cancelled{};
    const Unusable damaged{Trouble::damaged_workbook, name};
    const auto number = zip_.find(name);
    const auto entry = number ? zip_.entry(*number) : std::nullopt;
    if (!entry) throw damaged;
    const std::size_t size = entry->size;
    if (size > kMaxPart || size > left_) throw Unusable{Trouble::too_large, {}};
    left_ -= size;
    Part part;
    part.text.reset(static_cast<char*>(Trees::allocate(size + 1)));
    if (part.text == nullptr) throw Unusable{Trouble::too_large, {}};
    std::size_t got = 0;
    const auto outcome = zip_.read(*number, [&](std::string_view piece) {
      if (piece.size() > size - got) return false;  // the part lies about its size
      std::memcpy(part.text.get() + got, piece.data(), piece.size());
      got += piece.size();
      return true;
    });
    if (outcome != ZipReader::Outcome::whole || got != size) throw damaged;
    const auto parsed = part.tree.load_buffer_inplace(
        part.text.get(), size, pugi::parse_default | pugi::parse_ws_pcdata | pugi::parse_embed_pcdata);
    if (parsed.status == pugi::status_out_of_memory) throw Unusable{Trouble::too_large, {}};
    if (!parsed) throw damaged;
    return part;
  }

 private:
  const Trees trees_;
  const WorkbookReading& reading_;
  ZipReader zip_;
  std::size_t left_ = kMaxParts;
};

// The text of <si> or <is>: its runs one after the other, without the reading aids (<rPh>).
std::string text_of(const pugi::xml_node& item) {
  std::string text;
  for (const auto node : item.children()) {
    if (local(node) == "t") text += node.text().get();
    if (local(node) == "r") text += child(node, "t").text().get();
  }
  return text;
}

// What cells share, by number: there may be millions, most of them short.
class SharedTexts {
 public:
  void add(const std::string& text) {
    all_ += text;
    ends_.push_back(static_cast<std::uint32_t>(all_.size()));  // a part is smaller than 4 GiB
  }
  std::size_t count() const { return ends_.size(); }
  std::string at(std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return all_.substr(begin, ends_[index] - begin);
  }

 private:
  std::string all_;
  std::vector<std::uint32_t> ends_;
};

// Letters of "BC12": 0 for A. Nothing when there are none or too many.
std::optional<std::size_t> column_of(std::string_view reference) {
  std::size_t column = 0, letters = 0;
  for (; letters < reference.size() && reference[letters] >= 'A' && reference[letters] <= 'Z';
       ++letters) {
    column = column * 26 + std::size_t(reference[letters] - 'A') + 1;
    if (column > kLastColumn) return std::nullopt;
  }
  if (letters == 0) return std::nullopt;
  return column - 1;
}

// A day count of a spreadsheet, 1 for 1 January 1900. Excel takes 1900 for a leap year, so what lies
// before March 1900 is ambiguous and no date of ours. A time of day is none either.
std::optional<Date> date_of_serial(double serial, bool from_1904) {
  constexpr double kFirst = 61, kLast = 401'768;  // 1900-03-01, 2999-12-31
  constexpr std::int32_t kEpoch = -25'569;        // 1899-12-30, in days of Date
  if (serial != std::floor(serial)) return std::nullopt;
  if (from_1904) serial += 1462;
  if (serial < kFirst || serial > kLast) return std::nullopt;
  return Date::from_days(kEpoch + static_cast<std::int32_t>(serial));
}

bool is_code(Value kind) {
  switch (kind) {
    case Value::id:
    case Value::id_number:
    case Value::uscc:
    case Value::bank_number:
    case Value::voucher:
    case Value::policy:
    case Value::word:
    case Value::id_list:
      return true;
    default:
      return false;
  }
}

class Reader {
 public:
  Reader(Archive& archive, const Table& table, WorkbookReading& reading)
      : archive_(archive), table_(table), reading_(reading) {}

  Workbook read() {
    const auto sheets = find_sheets();
    if (archive_.has("xl/sharedStrings.xml")) {
      const auto part = archive_.part("xl/sharedStrings.xml");
      for (const auto item : child(part.tree, "sst").children()) {
        if (local(item) == "si") shared_.add(text_of(item));
      }
    }
    Archive::Part filled;
    std::size_t count = 0;
    for (const auto& sheet : sheets) {
      auto part = archive_.part(sheet);
      const auto rows = child(child(part.tree, "worksheet"), "sheetData");
      if (!has_content(rows)) continue;
      if (++count > 1) throw Unusable{Trouble::several_sheets, {}};
      filled = std::move(part);
    }
    read_rows(child(child(filled.tree, "worksheet"), "sheetData"));
    return std::move(workbook_);
  }

 private:
  // The parts of all worksheets, each once, in the order of the workbook.
  std::vector<std::string> find_sheets() {
    const auto relations = archive_.part("xl/_rels/workbook.xml.rels");
    std::map<std::string, std::string, std::less<>> parts;
    for (const auto relation : child(relations.tree, "Relationships").children()) {
      const auto type = attribute(relation, "Type");
      if (!type.ends_with("/worksheet")) continue;
      std::string target(attribute(relation, "Target"));
      target = target.starts_with('/') ? target.substr(1) : "xl/" + target;
      parts.emplace(attribute(relation, "Id"), std::move(target));
      if (parts.size() > kMaxSheets) throw Unusable{Trouble::too_large, {}};
    }
    const auto part = archive_.part("xl/workbook.xml");
    const auto workbook = child(part.tree, "workbook");
    const auto since = attribute(child(workbook, "workbookPr"), "date1904");
    from_1904_ = since == "1" || since == "true";
    std::vector<std::string> sheets;
    std::set<std::string_view> seen;
    for (const auto sheet : child(workbook, "sheets").children()) {
      for (const auto each : sheet.attributes()) {
        if (const auto named = parts.find(std::string_view(each.value()));
            named != parts.end() && std::string_view(each.name()).ends_with("id") && seen.insert(named->second).second) {
          sheets.push_back(named->second);
        }
      }
      if (sheets.size() > kMaxSheets) throw Unusable{Trouble::too_large, {}};
    }
    if (sheets.empty()) throw Unusable{Trouble::damaged_workbook, "xl/workbook.xml"};
    return sheets;
  }

  static bool has_content(const pugi::xml_node& rows) {
    return std::any_of(rows.begin(), rows.end(), [](const pugi::xml_node& row) {
      return std::any_of(row.begin(), row.end(),
                         [](const pugi::xml_node& cell) { return bool(cell.first_child()); });
    });
  }

  void read_rows(const pugi::xml_node& rows) {
    std::uint32_t next = 1;
    for (const auto row : rows.children()) {
      if (local(row) != "row") continue;
      if (reading_.is_cancelled()) throw Cancelled{};
      const auto reference = attribute(row, "r");
      const auto number = reference.empty() ? next : number_in<std::uint32_t>(reference).value_or(0);
      if (number < next || number > kLastRow) {
        throw Unusable{Trouble::damaged_workbook, "row " + std::string(reference)};
      }
      workbook_.rows.append(number - next, '\n');
      next = number + 1;
      read_row(row, number);
    }
    reading_.left -= workbook_.rows.size();
  }

  void read_row(const pugi::xml_node& row, std::uint32_t number) {
    std::vector<std::string> cells;
    std::size_t size = 0;  // one shared text may stand in every cell
    for (const auto cell : row.children()) {
      if (local(cell) != "c") continue;
      const auto reference = attribute(cell, "r");
      const auto column = reference.empty() ? std::optional(cells.size()) : column_of(reference);
      if (!column || *column < cells.size()) {
        throw Unusable{Trouble::damaged_workbook, "cell " + std::string(reference)};
      }
      auto text = read_cell(cell, number, *column);
      if (text.empty()) continue;
      size += text.size();
      if (size > left_for_rows()) throw Unusable{Trouble::too_large, {}};
      cells.resize(*column);
      cells.push_back(std::move(text));
    }
    bool first = true;
    for (const auto& cell : cells) {
      if (!std::exchange(first, false)) workbook_.rows += ',';
      if (cell.empty()) continue;
      workbook_.rows += '"';
      for (const char c : cell) {
        if (c == '"') workbook_.rows += '"';
        workbook_.rows += c;
      }
      workbook_.rows += '"';
    }
    workbook_.rows += '\n';
    if (workbook_.rows.size() > std::min(kMaxRows, reading_.left)) throw Unusable{Trouble::too_large, {}};
    if (kinds_.empty() && !cells.empty()) bind(cells);
  }

  // The first row that is not blank names the columns; what it names wrongly is said by whoever reads
  // the rows.
  void bind(const std::vector<std::string>& titles) {
    for (const auto& title : titles) {
      const auto column = table_.find_title(trimmed(title));
      kinds_.push_back(column ? table_.columns[*column].kind : Value::text);
    }
  }

  std::string read_cell(const pugi::xml_node& cell, std::uint32_t row, std::size_t position) {
    const auto type = attribute(cell, "t");
    const std::string value = child(cell, "v").text().get();
    if (type == "inlineStr") return text_of(child(cell, "is"));
    if (type == "s") {
      const auto index = number_in<std::size_t>(value);
      if (!index || *index >= shared_.count()) throw Unusable{Trouble::damaged_workbook, "shared string"};
      return shared_.at(*index);
    }
    if (value.empty()) {
      // Not calculated: whoever wrote the file left it to a spreadsheet program.
      const auto formula = child(cell, "f");
      return formula ? "=" + std::string(formula.text().get()) : std::string();
    }
    if (type == "str" || type == "e" || type == "d") return value;
    const auto number = number_in<double>(value);
    if (!number || !std::isfinite(*number)) throw Unusable{Trouble::damaged_workbook, "number"};
    const Value kind = position < kinds_.size() ? kinds_[position] : Value::text;
    const bool truth = type == "b";
    if (truth && kind == Value::text) return *number == 0 ? "FALSE" : "TRUE";  // as it is shown
    if (!truth && !is_code(kind)) return number_text(*number, kind);
    // Each is a finding; beyond these no more are told, and nothing is imported.
    if (workbook_.misplaced.size() < kMaxFindings) {
      workbook_.misplaced.emplace(std::pair(row, position), truth ? Trouble::truth_value : Trouble::number_in_code);
    }
    return "0";  // not shown and not used, but the cell is not blank
  }

  std::string number_text(double number, Value kind) const {
    const auto shown = fmt::format("{:.15g}", number);
    if (kind != Value::date && kind != Value::month) return shown;
    // 200804 in a column of months is how people write them; as a serial it would be the year 2449.
    if (kind == Value::month && number >= 190'001 && number <= 299'912) return shown;
    const auto date = date_of_serial(number, from_1904_);
    return !date ? shown : kind == Value::date ? date->str() : date->str().substr(0, 7);
  }

  std::size_t left_for_rows() const {
    const auto most = std::min(kMaxRows, reading_.left);
    return most - std::min(most, workbook_.rows.size());
  }

  Archive& archive_;
  const Table& table_;
  WorkbookReading& reading_;
  bool from_1904_ = false;
  SharedTexts shared_;
  std::vector<Value> kinds_;  // of the positions of the header
  Workbook workbook_;
};

}  // namespace

bool is_workbook(std::string_view bytes) { return bytes.starts_with(std::string_view("PK\3\4", 4)); }

std::optional<Workbook> read_workbook(std::string_view bytes, const std::string& file,
                                      const Table& table, std::vector<Finding>& findings,
                                      WorkbookReading& reading) {
  try {
    Archive archive(bytes, reading);
    if (!archive.good()) throw Unusable{Trouble::damaged_workbook, "zip"};
    return Reader(archive, table, reading).read();
  } catch (const Cancelled&) {
    return std::nullopt;
  } catch (const Unusable& unusable) {
    findings.push_back(finding(file, 0, unusable.trouble, unusable.what));
    return std::nullopt;
  }
}

}  // namespace fundtrail::api::import
