// Columns of the files that move money and vouchers, and of those that only a past has. Private to
// tables.cpp.
#pragma once

#include "api/import/columns_people.h"

namespace fundtrail::api::import::columns {

constexpr Word kSources[] = {{"中央", "central"}, {"省级", "provincial"}, {"市级", "municipal"},
                             {"区级", "district"}, {"镇街", "town"}, {"福彩", "lottery"},
                             {"捐赠", "donation"}, {"利息", "interest"}};
constexpr Word kYesNo[] = {{"是", "yes"}, {"否", "no"}};
constexpr Word kMethods[] = {{"红蓝", "red_blue"}, {"差额", "difference"},
                             {"上年蓝字", "prior_year_blue"}};
constexpr Word kChanges[] = {{"退回", "returned"}, {"遗失", "lost"}, {"损坏", "damaged"},
                             {"误发", "misissued"}, {"过期", "expired"}};
constexpr Word kBases[] = {{"核销", "redemptions"}, {"补助", "grant"}, {"待遇", "entitlements"}};
constexpr Word kPayments[] = {{"转账", "transfer"}, {"现金", "cash"}};
constexpr Word kDirections[] = {{"收", "in"}, {"支", "out"}};

constexpr Column kFundReceipts[] = {
    {"单号", "doc", V::id},
    {"资金编号", "fund", V::id, true, "fund"},
    {"账户编号", "account", V::id, true, "account"},
    {"来源", "source", V::word, true, "source", kSources},
    {"金额", "amount", V::amount, true, "amount"},
    {"文号", "document_no", V::text, true, "document_no"},
    {"银行流水号", "bank_reference", V::text, true, "bank_reference"},
    {"到账日期", "date", V::date},
    {"经办人", "preparer", V::id},
};
constexpr Column kPledges[] = {
    {"单号", "doc", V::id},
    {"资金编号", "fund", V::id, true, "fund"},
    {"区划代码", "region", V::region, true, "region"},
    {"金额", "amount", V::amount, true, "amount"},
    {"文号", "document_no", V::text, true, "document_no"},
    {"到位期限", "due", V::date, true, "due"},
    {"承诺日期", "date", V::date},
    {"经办人", "preparer", V::id},
};
constexpr Column kCounterpartReceipts[] = {
    {"单号", "doc", V::id},
    {"资金编号", "fund", V::id, true, "fund"},
    {"区划代码", "region", V::region, true, "region"},
    {"账户编号", "account", V::id, true, "account"},
    {"金额", "amount", V::amount, true, "amount"},
    {"文号", "document_no", V::text, true, "document_no"},
    {"银行流水号", "bank_reference", V::text, true, "bank_reference"},
    {"到账日期", "date", V::date},
    {"经办人", "preparer", V::id},
};
constexpr Column kAllotments[] = {
    {"单号", "doc", V::id},
    {"资金编号", "fund", V::id, true, "fund"},
    {"项目编号", "programme", V::id, true, "programme"},
    {"区划代码", "region", V::region, true, "region"},
    {"金额", "amount", V::amount, true, "amount"},
    {"文号", "document_no", V::text, true, "document_no"},
    {"考核依据", "evaluation", V::text, kOptional, "evaluation"},
    {"使用配套", "from_counterpart", V::word, true, "from_counterpart", kYesNo},
    {"政策", "policy", V::policy},
    {"下达日期", "date", V::date},
    {"经办人", "preparer", V::id},
};
constexpr Column kCorrections[] = {
    {"单号", "doc", V::id},
    {"原文件", "table", V::id},
    {"原单号", "corrects_doc", V::id, true, "corrects"},
    {"更正方法", "method", V::word, true, "method", kMethods},
    {"正确金额", "amount", V::signed_amount, kOptional, "amount"},
    {"原因", "reason", V::text, true, "reason"},
    {"更正日期", "date", V::date},
    {"经办人", "preparer", V::id},
};
constexpr Column kIssues[] = {
    {"单号", "doc", V::id},
    {"资金编号", "fund", V::id, true, "fund"},
    {"项目编号", "programme", V::id, true, "programme"},
    {"区划代码", "region", V::region, true, "region"},
    {"所属月份", "month", V::month, true, "month"},
    {"券号", "voucher", V::voucher, true, "lines.voucher"},
    {"身份证号", "id_number", V::id_number, true, "lines.beneficiary"},
    {"面额", "face", V::amount, true, "lines.face"},
    {"有效期起", "valid_from", V::date, true, "valid_from"},
    {"有效期止", "valid_to", V::date, true, "valid_to"},
    {"政策", "policy", V::policy},
    {"发券日期", "date", V::date},
    {"经办人", "preparer", V::id},
};
constexpr Column kRedemptions[] = {
    {"单号", "doc", V::id, true, "claim_no"},
    {"机构编号", "provider", V::id, true, "provider"},
    {"券号", "voucher", V::voucher, true, "lines.voucher"},
    {"服务日期", "service_date", V::date, true, "lines.service_date"},
    {"服务项目", "item", V::id, true, "lines.item"},
    {"服务时数", "hours", V::quantity, true, "lines.hours"},
    {"服务人员", "worker", V::id, kOptional, "lines.worker"},
    {"身份证号", "id_number", V::id_number, kOptional, "lines.beneficiary"},
    {"核销日期", "date", V::date},
    {"经办人", "preparer", V::id},
};
constexpr Column kServiceRecords[] = {
    {"单号", "doc", V::id, true, "claim_no"},
    {"机构编号", "provider", V::id, true, "provider"},
    {"项目编号", "programme", V::id, true, "programme"},
    {"身份证号", "id_number", V::id_number, true, "lines.beneficiary"},
    {"服务日期", "service_date", V::date, true, "lines.date"},
    {"服务项目", "item", V::id, true, "lines.item"},
    {"服务时数", "hours", V::quantity, true, "lines.hours"},
    {"服务人员", "worker", V::id, kOptional, "lines.worker"},
    {"服务费用", "bill", V::amount, kOptional, "lines.bill"},
    {"长护险支付", "insurance", V::amount, kOptional, "lines.insurance"},
    {"账单号", "bill_no", V::text, kOptional, "lines.bill_no"},
    {"政策", "policy", V::policy},
    {"上传日期", "date", V::date},
    {"经办人", "preparer", V::id},
};
constexpr Column kVoucherChanges[] = {
    {"单号", "doc", V::id},
    {"变动类型", "change", V::word, true, "", kChanges},
    {"券号", "voucher", V::voucher, true, "lines.voucher"},
    {"原因", "reason", V::text, kOptional, "reason"},
    {"所属月份", "month", V::month, kOptional, "month"},
    {"变动日期", "date", V::date},
    {"经办人", "preparer", V::id},
};
constexpr Column kSettlements[] = {
    {"结算单号", "settlement", V::id, true, "settlement"},
    {"机构编号", "provider", V::id, true, "provider"},
    {"结算依据", "basis", V::word, true, "basis", kBases},
    {"核销单号", "redemptions", V::id_list, kOptional, "redemptions"},
    {"核定记录号", "calculations", V::id_list, kOptional, "calculations"},
    {"资金编号", "fund", V::id, kOptional, "grant.fund"},
    {"项目编号", "programme", V::id, kOptional, "grant.programme"},
    {"区划代码", "region", V::region, kOptional, "grant.region"},
    {"经济科目", "economic_code", V::id, kOptional, "grant.economic_code"},
    {"发票号", "invoice_no", V::text, kOptional, "grant.invoice_no"},
    {"金额", "total", V::amount, true, "total"},
    {"政策", "policy", V::policy},
    {"制单人", "preparer", V::id},
    {"制单日期", "prepared_on", V::date},
    {"审核人", "reviewer", V::id, kOptional},
    {"审核日期", "reviewed_on", V::date, kOptional},
    {"批准人", "approver", V::id, kOptional},
    {"批准日期", "approved_on", V::date, kOptional},
    {"退回人", "returner", V::id, kOptional},
    {"退回日期", "returned_on", V::date, kOptional},
    {"退回原因", "return_reason", V::text, kOptional, "reason"},
};
constexpr Column kDisbursements[] = {
    {"拨付单号", "disbursement", V::id, true, "disbursement"},
    {"结算单号", "settlement", V::id, true, "settlement"},
    {"账户编号", "account", V::id, true, "account"},
    {"付款方式", "method", V::word, true, "method", kPayments},
    {"收款银行", "bank", V::text, true, "payee.bank"},
    {"收款户名", "holder", V::text, true, "payee.holder"},
    {"收款账号", "number", V::bank_number, true, "payee.number"},
    {"金额", "amount", V::amount, true, "amount"},
    {"制单人", "preparer", V::id},
    {"制单日期", "prepared_on", V::date},
    {"批准人", "approver", V::id, kOptional},
    {"批准日期", "approved_on", V::date, kOptional},
    {"出纳", "cashier", V::id, kOptional},
    {"付款日期", "paid_on", V::date, kOptional},
    {"银行流水号", "bank_reference", V::text, kOptional, "bank_reference"},
    {"退票日期", "bounced_on", V::date, kOptional},
    {"退票流水号", "bounce_reference", V::text, kOptional},
    {"退票原因", "bounce_reason", V::text, kOptional, "reason"},
};
constexpr Column kRecoveries[] = {
    {"追回单号", "recovery", V::id, true, "recovery"},
    {"机构编号", "provider", V::id, true, "provider"},
    {"资金编号", "fund", V::id, true, "fund"},
    {"项目编号", "programme", V::id, true, "programme"},
    {"区划代码", "region", V::region, true, "region"},
    {"金额", "amount", V::amount, true, "amount"},
    {"原因", "reason", V::text, true, "reason"},
    {"决定日期", "decided_on", V::date},
    {"经办人", "preparer", V::id},
    {"到账日期", "received_on", V::date, kOptional},
    {"账户编号", "account", V::id, kOptional, "account"},
    {"银行流水号", "bank_reference", V::text, kOptional, "bank_reference"},
};
constexpr Column kBankStatement[] = {
    {"账户编号", "account", V::id, true, "account"},
    {"日期", "date", V::date, true, "lines.date"},
    {"方向", "direction", V::word, true, "lines.direction", kDirections},
    {"金额", "amount", V::amount, true, "lines.amount"},
    {"余额", "balance", V::signed_amount, true, "lines.balance"},
    {"对方户名", "counterparty", V::text, kOptional, "lines.counterparty"},
    {"对方账号", "counterparty_account", V::text, kOptional, "lines.counterparty_account"},
    {"流水号", "reference", V::text, true, "lines.reference"},
    {"摘要", "summary", V::text, kOptional, "lines.summary"},
    {"经办人", "preparer", V::id},
};
constexpr Column kPeriodCloses[] = {
    {"期间", "period", V::month, true, "period"},
    {"结账日期", "date", V::date},
    {"经办人", "reviewer", V::id},
};
constexpr Column kVoucherLots[] = {
    {"单号", "doc", V::id},         {"发行", "issued", V::count},
    {"核销", "redeemed", V::count}, {"退回", "returned", V::count},
    {"作废", "voided", V::count},   {"过期", "expired", V::count},
    {"在外", "outstanding", V::count},
};
constexpr Column kPassDowns[] = {
    {"单号", "doc", V::id},
    {"区划代码", "region", V::region},
    {"资金编号", "fund", V::id},
    {"应下达", "due", V::amount},
    {"实下达", "passed", V::amount},
    {"未下达说明", "explanation", V::text, kOptional},
    {"日期", "date", V::date},
};
constexpr Column kExpenditures[] = {
    {"单号", "doc", V::id},
    {"资金编号", "fund", V::id},
    {"用途", "purpose", V::text},
    {"经济科目", "economic_code", V::id},
    {"金额", "amount", V::amount},
    {"摘要", "summary", V::text, kOptional},
    {"日期", "date", V::date},
    {"制单人", "preparer", V::id},
    {"审核人", "reviewer", V::id},
    {"记账人", "poster", V::id},
    {"出纳", "cashier", V::id, kOptional},
    {"账户编号", "account", V::id, kOptional},
    {"银行流水号", "bank_reference", V::text, kOptional},
};

}  // namespace fundtrail::api::import::columns
