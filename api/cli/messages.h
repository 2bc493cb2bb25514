// What the command line says, in Chinese and English: every sentence stands once, here or beside
// the command it belongs to, as a Message; nobody writes text to a stream without one.
// Placeholders are those of fmt: {0}, {1}, ...
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "ledger/core/bilingual.h"

namespace fundtrail::api::cli {

enum class Language { zh, en };

// Of "{1} ‹entry|entries›" the word that goes with the value of {1}: the first one with "1", else the second. It is
// chosen before the values are filled in, for a value may hold such marks of its own.
inline std::string with_plurals(std::string_view text, fmt::format_args values) {
  constexpr std::string_view kOpen = " ‹", kClose = "›";
  std::string out;
  for (;;) {
    const auto open = text.find(kOpen);
    if (open == text.npos) return out.append(text);
    const auto first = open + kOpen.size();
    const auto bar = text.find('|', first), close = text.find(kClose, bar);
    const auto count = text.substr(text.rfind('{', open), open - text.rfind('{', open));
    out.append(text.substr(0, open + 1));
    out.append(fmt::vformat(count, values) == "1" ? text.substr(first, bar - first) : text.substr(bar + 1, close - bar - 1));
    text.remove_prefix(close + kClose.size());
  }
}

struct Message {
  std::string_view zh;
  std::string_view en;

  template <class... Args>
  std::string in(Language language, const Args&... args) const {
    if (language == Language::zh) return fmt::vformat(zh, fmt::make_format_args(args...));
    return fmt::vformat(with_plurals(en, fmt::make_format_args(args...)), fmt::make_format_args(args...));
  }
  // As the text of a fault (ledger/core/bilingual.h).
  template <class... Args>
  std::string in_both(const Args&... args) const {
    return fundtrail::in_both(in(Language::zh, args...), in(Language::en, args...));
  }
};

// Both lines of a help text.
std::string both(const Message& message);

namespace say {

// Faults.
inline constexpr Message kUsage{"用法错误：{0}", "Usage error: {0}"};
inline constexpr Message kFault{"出错（{0}）：{1}", "Error ({0}): {1}"};
inline constexpr Message kNoOutput{"结果无法全部写到标准输出（磁盘已满，或读取方已退出）。",
                                   "The result could not be written to standard output (a full disk, or a reader that is gone)."};
inline constexpr Message kNotOwner{
    "“{0}”属于用户 {1}，而这里是 root：写下的文件该用户的服务读不了。请用 sudo -u {1} 运行本命令。未作任何改动。",
    "\"{0}\" belongs to the user {1}, and this is root, whose files that user's server cannot read. Run the command with "
    "sudo -u {1}. Nothing was changed."};
inline constexpr Message kNoLedger{
    "“{0}”里没有账套。新建账套：fundtrail init --ledger {0} ……；或用 --ledger 指明账套所在目录。",
    "There is no ledger in \"{0}\". Create one with: fundtrail init --ledger {0} ...; or name its "
    "directory with --ledger."};
inline constexpr Message kLedgerInUse{
    "账套“{0}”正由另一个程序使用（通常是 fundtrail serve），同一时间只有一个程序可以打开它。"
    "请先停止该服务再执行本命令，或改用其 HTTP 接口。",
    "The ledger \"{0}\" is in use by another program (usually fundtrail serve); only one may have "
    "it open at a time. Stop the server and run this command again, or use its HTTP API."};
inline constexpr Message kLedgerInUseForBackup{
    "账套“{0}”正由另一个程序使用（通常是 fundtrail serve）：请让它自己备份（向其发送 SIGUSR2，或 systemctl start "
    "fundtrail-backup；须设置 backups），或先停止它再执行本命令。",
    "The ledger \"{0}\" is in use by another program (usually fundtrail serve): have the server make the backup "
    "itself (send it SIGUSR2, or systemctl start fundtrail-backup; it takes the setting backups), or stop it and "
    "run this command again."};
inline constexpr Message kNoLedgerNamed{
    "请用 --ledger 目录 或环境变量 FUNDTRAIL_LEDGER 指明账套。",
    "Name the ledger with --ledger DIR or the environment variable FUNDTRAIL_LEDGER."};
inline constexpr Message kNoPlace{"没有目录“{0}”：请先建立它（或查看磁盘是否已挂载）。",
                                  "There is no directory \"{0}\": make it first (or see whether its disk is mounted)."};
inline constexpr Message kBadOption{"{0} 的值“{1}”不对，应为：{2}",
                                    "The value \"{1}\" of {0} is not valid; expected: {2}"};
// What values must be, as the last of kBadOption.
inline constexpr Message kIdForm{"[A-Za-z0-9._-]{1,64}", "[A-Za-z0-9._-]{1,64}"};
inline constexpr Message kTextForm{"1 至 500 字节的文字", "text of 1 to 500 bytes"};
inline constexpr Message kRegionForm{"6、9 或 12 位数字", "6, 9 or 12 digits"};
inline constexpr Message kDateForm{"YYYY-MM-DD", "YYYY-MM-DD"};
inline constexpr Message kNoFileName{"{0} 须为文件名，“-”不是；要写到标准输出，请用 /dev/stdout",
                                     "{0} takes the name of a file, and \"-\" is none; standard output is /dev/stdout"};
inline constexpr Message kMissingOption{"缺少选项 {0}", "The option {0} is missing"};
inline constexpr Message kRefused{"未入账（{0}）：{1}", "Refused ({0}): {1}"};
inline constexpr Message kRefusedLine{"　{0}（{1}）{2}", "  {0}({1}) {2}"};
inline constexpr Message kAtCommand{"第 {0} 条命令：", "Command {0}: "};
inline constexpr Message kAtLine{"第 {0} 行：", "Line {0}: "};
inline constexpr Message kAtField{"字段 {0}：", "Field {0}: "};

inline constexpr Message kJsonFault{"JSON 语法错误：{0}。", "JSON syntax error {0}."};

// init.
inline constexpr Message kAlreadyThere{"“{0}”里已有账套，未作任何改动。",
                                       "There is a ledger in \"{0}\" already; nothing was changed."};
inline constexpr Message kCreated{
    "账套“{0}”已开账：{1}\n摘要与签名算法：{2}\n核验公钥（请抄录或打印，交给检查人员）：\n{3}",
    "The ledger \"{0}\" is open: {1}\nHash and signature suite: {2}\nVerifier key (note it down or "
    "print it for inspectors):\n{3}"};

// submit.
inline constexpr Message kNothingSubmitted{"命令数组为空：没有提交任何命令。",
                                           "The array of commands is empty: nothing was submitted."};
inline constexpr Message kRecorded{"已入账：记录 {0}　{1}　叶哈希 {2}",
                                   "Recorded: entry {0}  {1}  leaf {2}"};
inline constexpr Message kRepeated{"此前已入账：记录 {0}　{1}　叶哈希 {2}",
                                   "Recorded before: entry {0}  {1}  leaf {2}"};

// entry, proof, checkpoint.
inline constexpr Message kNoEntry{"没有记录 {0}；账套共有 {1} 条记录（编号从 0 起）。",
                                  "There is no entry {0}; the ledger has {1} (numbered from 0)."};
inline constexpr Message kEntryHead{"记录 {0}　{1}　业务日期 {2}　入账时间 {3}",
                                    "Entry {0}  {1}  dated {2}  recorded {3}"};
inline constexpr Message kEntryActor{"经办：{0}（{1}）　命令编号：{2}",
                                     "By: {0} ({1})  command: {2}"};
inline constexpr Message kEntryPolicy{"依据政策：{0}", "Policy: {0}"};
inline constexpr Message kEntryDocument{"单据：", "Document:"};
inline constexpr Message kEntryPostings{"分录：", "Postings:"};
inline constexpr Message kEntryLines{"明细：{0} 行，根 {1}", "Lines: {0}, root {1}"};
inline constexpr Message kEntryLeaf{"叶哈希：{0}", "Leaf hash: {0}"};
inline constexpr Message kDebit{"借", "debit "};
inline constexpr Message kCredit{"贷", "credit"};
inline constexpr Message kProofInclusion{
    "记录 {0} 在前 {1} 条记录的树中。叶哈希 {2}，根 {3}，路径（由近及远）：",
    "Entry {0} is in the tree of the first {1} entries. Leaf {2}, root {3}, path (nearest first):"};
inline constexpr Message kProofLine{"明细第 {0} 行在该记录的明细树中。叶哈希 {1}，根 {2}，路径：",
                                    "Line {0} is in the tree of the entry's lines. Leaf {1}, root "
                                    "{2}, path:"};
inline constexpr Message kProofConsistency{
    "前 {0} 条记录（根 {1}）是前 {2} 条记录（根 {3}）的前缀，节点：",
    "The first {0} entries (root {1}) are a prefix of the first {2} (root {3}); nodes:"};
inline constexpr Message kNoLine{"记录 {0} 没有明细第 {1} 行（共 {2} 行，编号从 0 起）。",
                                 "Entry {0} has no line {1}; it has {2} (numbered from 0)."};
inline constexpr Message kNoSize{"账套没有 {0} 条记录；共有 {1} 条。",
                                 "The ledger does not have {0} entries; it has {1}."};
inline constexpr Message kProofWhat{"请给出记录编号，或 --consistency 旧记录数",
                                    "name an entry, or --consistency OLD"};

}  // namespace say
}  // namespace fundtrail::api::cli
