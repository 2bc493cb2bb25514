// What people see of a refusal: one language at a time, and never an identity number.
#include <catch2/catch.hpp>
#include <algorithm>

#include <cerrno>
#include <cstring>

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"
#include "ledger/core/rejection.h"
#include "ledger/core/wording.h"

using namespace fundtrail;

TEST_CASE("long runs of digits are masked, also full-width ones and those that end in X") {
  CHECK(masked("11010519491231002X") == "***");
  CHECK(masked("身份证11010519491231002x，张") == "身份证***，张");
  CHECK(masked("１１０１０５１９４９１２３１００２Ｘ") == "***");
  CHECK(masked("110105491231002") == "***");  // 15 digits, as they were until 1999
  CHECK(masked("11010549123100") == "11010549123100");
  CHECK(masked("WJ-00000001 2008-04-01..2008-04-30") == "WJ-00000001 2008-04-01..2008-04-30");
  CHECK(masked("").empty());
}

TEST_CASE("every form has Chinese words in Chinese and none in English") {
  for (int i = 0; i <= static_cast<int>(Form::json_other); ++i) {
    const std::string name = token(static_cast<Form>(i));
    INFO(name);
    const std::string zh = in_words(name, true), en = in_words(name, false);
    const auto foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
    const bool chinese = std::any_of(zh.begin(), zh.end(), foreign) || zh == "true 或 false";
    CHECK(chinese);
    CHECK(std::none_of(en.begin(), en.end(), foreign));
    CHECK(en != name);
  }
}

TEST_CASE("names of ours are said in the reader's language, what was typed stays as it is") {
  const Rejection role{Reason::role_not_permitted, "actor", "cashier", "fund_registration"};
  CHECK(role.zh() == "角色“出纳”无权办理“登记专项资金”。");
  CHECK(role.en() == "The role \"cashier\" may not record \"Fund registration\".");
  const Rejection step{Reason::wrong_step, "doc.settlement", "approved", "approved"};
  CHECK(step.zh() == "“approved”当前状态为“已批准”，不能办理此步骤。");
  const Rejection unknown{Reason::unknown_provider, "doc.provider", "11010519491231002X", ""};
  CHECK(unknown.zh().find("1101") == std::string::npos);
  CHECK(unknown.en().find("1101") == std::string::npos);
}

TEST_CASE("an entry that is not recorded is named by its command, whatever the sentence says of entries") {
  for (std::size_t i = 0; i < kReasons; ++i) {
    const auto reason = static_cast<Reason>(i);
    Rejection no{reason, "doc", "x", "17"};
    const auto names = [&](const Rejection& rejection, std::string_view zh, std::string_view en) {
      return rejection.zh().find(zh) != std::string::npos && rejection.en().find(en) != std::string::npos;
    };
    INFO(info(reason).code);
    if (!info(reason).detail_is_entry) continue;
    CHECK(names(no, "记录 17", "entry 17"));
    no.batch_command = *CommandId::parse("b.3");
    CHECK(names(no, "本批命令“b.3”", "the command \"b.3\" of this batch"));
    CHECK_FALSE(names(no, "17", "17"));
  }
  const auto is_entry = [](Reason reason) { return info(reason).detail_is_entry; };
  CHECK(is_entry(Reason::command_id_reused));
  CHECK(is_entry(Reason::already_corrected));
  CHECK_FALSE(is_entry(Reason::wrong_step));
}

TEST_CASE("people count lines from 1, and are told the path, too") {
  const Rejection twice{Reason::duplicate_line, "lines[4].voucher", "WJ-00000001", "0", 4};
  CHECK(twice.zh().find("首见第 1 行，即 lines[0]）") != std::string::npos);
  CHECK(twice.en().find("first in line 1, which is lines[0])") != std::string::npos);
}

TEST_CASE("a state that does not fit and an account that does not suffice are said in Chinese") {
  const auto refused = [](const char* detail) { return Rejection{Reason::wrong_step, "doc.beneficiary", "P1", detail}; };
  CHECK(refused("entitled").zh() == "“P1”当前状态为“仍可享受待遇”，不能办理此步骤。");
  CHECK(refused("entitled").en() == "\"P1\" is still entitled; this step does not fit.");
  CHECK(refused("accrued f1/aid/320412001/bank").zh() ==
        "“P1”当前状态为“已核销待结算 f1/aid/320412001/bank”，不能办理此步骤。");
  CHECK(refused("in_recovery v1").zh() == "“P1”当前状态为“追回应收 v1”，不能办理此步骤。");
  CHECK(refused("disbursement D1").zh() == "“P1”当前状态为“已列入拨付单 D1”，不能办理此步骤。");
  CHECK(refused("accrued f1/aid").en() == "\"P1\" is accrued f1/aid; this step does not fit.");
  const Rejection short_of{Reason::insufficient_balance, "doc.amount", "available/F1", "5.00"};
  CHECK(short_of.zh() == "“到账未下达/F1”余额不足，差 5.00 元。");
  CHECK(short_of.en() == "The balance of \"available/F1\" is short by 5.00 yuan.");
  const Rejection of_account{Reason::insufficient_balance, "doc.amount", "A1 2025-01-05", "5.00"};
  CHECK(of_account.zh() == "“A1 2025-01-05”余额不足，差 5.00 元。");
  CHECK(Rejection{Reason::command_id_reused, "id", "c-1", "5"}.zh() == "命令编号“c-1”已用于另一内容（记录 5）。");
}

TEST_CASE("a fault of the machinery has a Chinese sentence, with what it says behind it") {
  const Error full{Fault::io, std::string("cannot write /d/x: ") + std::strerror(ENOSPC)};
  CHECK(chinese_of(full) == "磁盘或系统读写失败：磁盘已满，请腾出空间后重试（cannot write /d/x: No space left on device）");
  CHECK(english_of(full) == "cannot write /d/x: No space left on device; make room there and try again");
  const Error damaged{Fault::unreadable, "store: block checksum mismatch in /d/db.1/000008.sst"};
  CHECK(chinese_of(damaged) == "数据已损坏或格式不符，无法读取（store: block checksum mismatch in /d/db.1/000008.sst）");
  CHECK(english_of(damaged) == damaged.message);
  // What was said in both languages stays as it is.
  const Error said{Fault::io, in_both("无法写入。", "cannot write")};
  CHECK(chinese_of(said) == "无法写入。");
  CHECK(english_of(said) == "cannot write");
  const Error refused = file_error(Doing::make, "/d/x", EACCES);
  CHECK(chinese_of(refused) == "无法建立“/d/x”：没有权限");
  CHECK(english_of(refused) == "cannot make /d/x: Permission denied");
  CHECK(chinese_of(file_error(Doing::write, "/d/x", 0)) == "无法写入“/d/x”");
  CHECK(chinese_reason(EPROTO) == std::string("系统错误 71（") + std::strerror(EPROTO) + "）");
  CHECK(chinese_reason(ENOSPC) == "磁盘已满，请腾出空间后重试");
}
