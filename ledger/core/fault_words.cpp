#include "ledger/core/fault_words.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string_view>

#include "ledger/core/bilingual.h"

namespace fundtrail {
namespace {

// In the order of Fault.
constexpr std::array<std::string_view, 8> kFaultWords = {
    "磁盘或系统读写失败", "数据已损坏或格式不符，无法读取", "数据的格式版本，本程序不认识", "数据与其摘要或签名不符",
    "缺少已确认或已签名的内容", "找不到所要的内容", "目前无法办理", "所要求的无法办理",
};
static_assert(kFaultWords.size() == static_cast<std::size_t>(Fault::invalid_argument) + 1);

struct Reason {
  int code;
  std::string_view zh;
};
constexpr Reason kReasons[] = {
    {ENOSPC, "磁盘已满，请腾出空间后重试"},
    {EDQUOT, "磁盘配额已满，请腾出空间或增加配额后重试"},
    {EACCES, "没有权限"},
    {EPERM, "没有权限"},
    {EROFS, "文件系统只读"},
    {EIO, "磁盘读写故障"},
    {ENOENT, "没有这个文件或目录"},
    {EISDIR, "这是目录，不是文件"},
    {ENOTDIR, "路径中有一段不是目录"},
    {EEXIST, "已有同名文件"},
    {EMFILE, "打开的文件过多"},
    {ENFILE, "打开的文件过多"},
    {ENOTEMPTY, "目录不是空的"},
    {EBUSY, "正在使用"},
    {ETXTBSY, "正在使用"},
    {EXDEV, "不在同一文件系统"},
    {ENAMETOOLONG, "名称过长"},
    {ELOOP, "符号链接过多，或互相指向"},
    {EFBIG, "文件过大"},
    {ENOMEM, "内存不足"},
    {EOPNOTSUPP, "系统不支持此操作"},
    {ENODEV, "没有这个设备"},
    {ENXIO, "没有这个设备"},
    {EPIPE, "读取方已退出"},
    {ESRCH, "没有这个进程"},
    {ESTALE, "网络文件系统上的文件已失效"},
    {ETIMEDOUT, "等待超时"},
    {EINTR, "被中断"},
};

struct DoingWords {
  std::string_view zh, en;
};
// In the order of Doing.
constexpr DoingWords kDoings[] = {
    {"查看", "examine"},   {"列出", "list"},          {"查找", "find"},      {"打开", "open"},   {"读取", "read"},
    {"读取链接", "read the link"}, {"建立", "make"},  {"写入", "write"},     {"同步", "sync"},   {"设置权限于", "protect"},
    {"锁定", "lock"},      {"复制", "copy"},          {"复制到", "copy to"}, {"移动", "move"},   {"改名", "rename"},
    {"改名为", "rename to"}, {"替换", "replace"},     {"接管", "take over"}, {"删除", "remove"},
};
static_assert(std::size(kDoings) == static_cast<std::size_t>(Doing::remove) + 1);

bool is_full(std::string_view message) {
  return message.find(std::strerror(ENOSPC)) != message.npos || message.find(std::strerror(EDQUOT)) != message.npos;
}

// Of a message that ends with, or quotes, what the operating system says.
std::string_view reason_in(std::string_view message) {
  for (const auto& reason : kReasons) {
    if (message.find(std::strerror(reason.code)) != message.npos) return reason.zh;
  }
  return {};
}

}  // namespace

std::string chinese_of(const Error& error) {
  const auto said = chinese_of(std::string_view(error.message));
  if (said.data() != error.message.data()) return std::string(said);
  std::string words(kFaultWords[static_cast<std::size_t>(error.fault)]);
  if (const auto reason = reason_in(said); !reason.empty()) (words += "：") += reason;
  if (!said.empty()) ((words += "（") += said) += "）";
  return words;
}

std::string english_of(const Error& error) {
  std::string said(english_of(std::string_view(error.message)));
  if (is_full(said)) said += "; make room there and try again";
  return said;
}

Error file_error(Doing doing, const std::filesystem::path& path, int code) {
  const auto& words = kDoings[static_cast<std::size_t>(doing)];
  const std::string zh = code == 0 ? "" : "：" + chinese_reason(code), en = code == 0 ? "" : std::string(": ") + std::strerror(code);
  return {Fault::io, in_both("无法" + std::string(words.zh) + "“" + path.string() + "”" + zh,
                             "cannot " + std::string(words.en) + " " + path.string() + en)};
}

std::string in_both(const Error& error) { return in_both(chinese_of(error), english_of(error)); }

std::string chinese_reason(int code) {
  for (const auto& reason : kReasons) {
    if (reason.code == code) return std::string(reason.zh);
  }
  return "系统错误 " + std::to_string(code) + "（" + std::strerror(code) + "）";
}

}  // namespace fundtrail
