#include "audit/integrity/finding.h"

#include <fmt/format.h>

#include <array>

#include "ledger/core/bilingual.h"

namespace fundtrail::audit {
namespace {

struct FlawText {
  Flaw flaw;
  std::string_view code;
  std::string_view zh;  // {0} the entry's number, {1} the subject, else the checkpoint's size, else the detail
  std::string_view en;
};

constexpr std::array<FlawText, kFlaws> kTexts = {{
    {Flaw::altered, "altered", "第 {0} 号记录被改动。", "Entry {0} was altered."},
    {Flaw::missing, "missing", "缺少第 {0} 号记录，其后的记录仍在。",
     "Entry {0} is missing; later ones are there."},
    {Flaw::inserted, "inserted", "第 {0} 号位置多出一条记录。",
     "There is a record too many at number {0}."},
    {Flaw::reordered, "reordered", "自第 {0} 号起记录次序被调换。",
     "Records were put in another order from number {0} on."},
    {Flaw::truncated, "truncated", "自第 {0} 号起末尾的记录缺失。",
     "The records at the end, from number {0} on, are gone."},
    {Flaw::unreadable, "unreadable", "第 {0} 号记录无法读取：{1}。",
     "Entry {0} cannot be read ({1})."},
    {Flaw::unknown_version, "unknown_version", "第 {0} 号记录的格式版本未知。",
     "Entry {0} is of an unknown format version."},
    {Flaw::root_mismatch, "root_mismatch",
     "账目与已签名的检查点（{1} 条）矛盾：第 {0} 号起有记录被改动并重新串链。",
     "The entries contradict the signed checkpoint of size {1}: records from number {0} on were "
     "changed and chained anew."},
    {Flaw::lines_altered, "lines_altered", "第 {0} 号记录的明细被改动。",
     "Lines of entry {0} were altered."},
    {Flaw::lines_missing, "lines_missing", "第 {0} 号记录的明细缺失。",
     "Lines of entry {0} are missing."},
    {Flaw::lines_inserted, "lines_inserted", "第 {0} 号记录的明细多出。",
     "Entry {0} has lines too many."},
    {Flaw::unbalanced, "unbalanced", "第 {0} 号记录借贷不平。",
     "Debits and credits of entry {0} differ."},
    {Flaw::negative_balance, "negative_balance", "第 {0} 号记录使“{1}”出现负数。",
     "Entry {0} takes \"{1}\" below zero."},
    {Flaw::signature_invalid, "signature_invalid", "第 {0} 号记录的命令签名不成立：{1}。",
     "The command's signature in entry {0} does not hold ({1})."},
    {Flaw::restoration_mismatch, "restoration_mismatch", "第 {0} 号恢复记录所载条数或根与此前的记录不符。",
     "The restoration in entry {0} does not state the size and root of the entries before it."},
    {Flaw::wrong_signature, "wrong_signature", "检查点（{1}）的签名不是本账套密钥所签。",
     "The checkpoint ({1}) is not signed by the ledger's key."},
    {Flaw::wrong_key, "wrong_key", "第 {0} 号记录所载公钥不是所信任的公钥。",
     "Entry {0} does not name the trusted key."},
    {Flaw::checkpoint_missing, "checkpoint_missing", "缺少检查点。", "The checkpoint is missing."},
    {Flaw::head_mismatch, "head_mismatch", "库中的链头与记录不符。",
     "The stored head does not fit the entries."},
    {Flaw::anchor_missing, "anchor_missing", "缺少锚文件 ANCHOR，无法判断末尾是否有已确认的记录缺失。",
     "The anchor file ANCHOR is missing: whether acknowledged entries are gone at the end cannot be "
     "told."},
    {Flaw::anchor_mismatch, "anchor_mismatch", "锚文件 ANCHOR 与第 {0} 号记录不符，或不是本账套密钥所签。",
     "The anchor file ANCHOR does not fit entry {0}, or is not signed by the ledger's key."},
    {Flaw::tree_mismatch, "tree_mismatch", "库中的哈希树自第 {0} 号记录起与记录不符。",
     "The stored tree does not fit the entries from number {0} on."},
    {Flaw::balance_not_reproducible, "balance_not_reproducible", "余额“{1}”不能由记录重算得出。",
     "The balance \"{1}\" cannot be reproduced from the entries."},
    {Flaw::proof_mismatch, "proof_mismatch", "证明文件“{1}”不成立。",
     "The proof \"{1}\" does not hold."},
    {Flaw::file_altered, "file_altered", "文件“{1}”被改动。", "The file \"{1}\" was altered."},
    {Flaw::file_missing, "file_missing", "缺少文件“{1}”。", "The file \"{1}\" is missing."},
    {Flaw::file_unlisted, "file_unlisted", "文件“{1}”不在清单中。",
     "The file \"{1}\" is not in the manifest."},
}};

const FlawText& text_of(Flaw flaw) { return kTexts[static_cast<std::size_t>(flaw)]; }

std::string say(std::string_view pattern, const Finding& finding, std::string_view detail) {
  const std::string entry = finding.entry ? std::to_string(*finding.entry) : "-";
  std::string subject = finding.subject;
  if (finding.checkpoint && subject.empty()) subject = std::to_string(*finding.checkpoint);
  if (subject.empty()) subject = detail;
  return fmt::vformat(pattern, fmt::make_format_args(entry, subject));
}

}  // namespace

std::string_view code(Flaw flaw) { return text_of(flaw).code; }
std::string Finding::zh() const { return say(text_of(flaw).zh, *this, detail_zh()); }
std::string Finding::en() const { return say(text_of(flaw).en, *this, detail_en()); }
std::string_view Finding::detail_zh() const { return chinese_of(detail); }
std::string_view Finding::detail_en() const { return english_of(detail); }

}  // namespace fundtrail::audit
