// Columns of the files that register funds, places, providers and people, and say who is served.
// Private to tables.cpp.
#pragma once

#include "api/import/tables.h"

namespace fundtrail::api::import::columns {

constexpr Word kModes[] = {{"国库集中支付", "treasury_single_account"},
                           {"财政专户", "fiscal_account"},
                           {"单位实有资金账户", "unit_account"}};
constexpr Word kChannels[] = {{"居家", "home"}, {"机构", "institution"}};
constexpr Word kOutcomes[] = {{"通过", "passed"}, {"不通过", "rejected"}};
constexpr Word kDesks[] = {{"经办", "preparer"}, {"审核", "reviewer"}, {"批准", "approver"}};
constexpr Word kEnds[] = {{"死亡", "death"}, {"迁出", "moved"}, {"不符合条件", "ineligible"}};

using V = Value;
constexpr bool kOptional = false;

constexpr Column kFunds[] = {
    {"资金编号", "fund", V::id, true, "fund"},
    {"资金名称", "name", V::text, true, "name"},
    {"会计年度", "fiscal_year", V::year, true, "fiscal_year"},
    {"功能科目", "functional_code", V::id, true, "functional_code"},
    {"登记日期", "date", V::date},
    {"经办人", "registrar", V::id},
};
constexpr Column kRegions[] = {
    {"区划代码", "region", V::region, true, "region"},
    {"名称", "name", V::text, true, "name"},
    {"上级代码", "parent", V::region, kOptional, "parent"},
    {"登记日期", "date", V::date},
    {"经办人", "registrar", V::id},
};
constexpr Column kAccounts[] = {
    {"账户编号", "account", V::id, true, "account"},
    {"开户银行", "bank", V::text, true, "bank.bank"},
    {"户名", "holder", V::text, true, "bank.holder"},
    {"账号", "number", V::bank_number, true, "bank.number"},
    {"账户性质", "mode", V::word, true, "mode", kModes},
    {"批准文号", "approval_no", V::text, true, "approval_no"},
    {"登记日期", "date", V::date},
    {"经办人", "registrar", V::id},
};
constexpr Column kProviders[] = {
    {"机构编号", "provider", V::id, true, "provider"},
    {"机构名称", "name", V::text, true, "name"},
    {"统一社会信用代码", "uscc", V::uscc, true, "uscc"},
    {"协议号", "contract", V::text, true, "contract.number"},
    {"协议起", "contract_from", V::date, true, "contract.from"},
    {"协议止", "contract_to", V::date, true, "contract.to"},
    {"开户银行", "bank", V::text, true, "bank.bank"},
    {"户名", "holder", V::text, true, "bank.holder"},
    {"账号", "number", V::bank_number, true, "bank.number"},
    {"登记日期", "date", V::date},
    {"经办人", "registrar", V::id},
};
constexpr Column kProviderChanges[] = {
    {"机构编号", "provider", V::id, true, "provider"},
    {"原因", "reason", V::text, true, "reason"},
    {"开户银行", "bank", V::text, kOptional, "bank.bank"},
    {"户名", "holder", V::text, kOptional, "bank.holder"},
    {"账号", "number", V::bank_number, kOptional, "bank.number"},
    {"协议号", "contract", V::text, kOptional, "contract.number"},
    {"协议起", "contract_from", V::date, kOptional, "contract.from"},
    {"协议止", "contract_to", V::date, kOptional, "contract.to"},
    {"变更日期", "date", V::date},
    {"经办人", "registrar", V::id},
};
constexpr Column kWorkerCertificates[] = {
    {"单号", "doc", V::id},
    {"机构编号", "provider", V::id, true, "provider"},
    {"服务人员", "worker", V::id, true, "worker"},
    {"证书类别", "certificate", V::id, true, "certificate"},
    {"证书编号", "number", V::text, true, "number"},
    {"有效期起", "from", V::date, true, "from"},
    {"有效期止", "to", V::date, true, "to"},
    {"登记日期", "date", V::date},
    {"经办人", "registrar", V::id},
};
constexpr Column kAssessments[] = {
    {"单号", "doc", V::id},
    {"机构编号", "provider", V::id, true, "provider"},
    {"评定事项", "assessment", V::id, true, "assessment"},
    {"等级", "rating", V::id, kOptional, "rating"},
    {"数量", "value", V::quantity, kOptional, "value"},
    {"文号", "document_no", V::text, true, "document_no"},
    {"生效日期", "effective", V::date, true, "effective"},
    {"登记日期", "date", V::date},
    {"经办人", "registrar", V::id},
};
constexpr Column kElders[] = {
    {"姓名", "name", V::personal, true, "identity.name"},
    {"身份证号", "id_number", V::id_number, true, "identity.id_number"},
    {"人员类别", "category", V::id, true, "category"},
    {"服务方式", "channel", V::word, true, "channel", kChannels},
    {"区划代码", "region", V::region, true, "region"},
    {"享受起始日", "entitled_from", V::date, true, "entitled_from"},
    {"住址", "address", V::personal, kOptional, "identity.address"},
    {"电话", "phone", V::personal, kOptional, "identity.phone"},
    {"政策", "policy", V::policy},
    {"登记日期", "date", V::date},
    {"经办人", "registrar", V::id},
    {"备注", "note", V::personal, kOptional},
    {"失能等级", "care_level", V::id, kOptional, "care_level"},
    {"事实", "facts", V::id_list, kOptional, "facts"},
};
constexpr Column kElderChanges[] = {
    {"身份证号", "id_number", V::id_number, true, "beneficiary"},
    {"人员类别", "category", V::id, kOptional, "category"},
    {"服务方式", "channel", V::word, kOptional, "channel", kChannels},
    {"区划代码", "region", V::region, kOptional, "region"},
    {"失能等级", "care_level", V::id, kOptional, "care_level"},
    {"事实", "facts", V::id_list, kOptional, "facts"},
    {"依据", "evidence", V::text, true, "evidence"},
    {"政策", "policy", V::policy, kOptional},
    {"变更日期", "date", V::date},
    {"经办人", "registrar", V::id},
};
constexpr Column kApplications[] = {
    {"申请编号", "application", V::id, true, "application"},
    {"身份证号", "id_number", V::id_number, true, "beneficiary"},
    {"项目编号", "programme", V::id, true, "programme"},
    {"人员类别", "category", V::id, true, "category"},
    {"失能等级", "care_level", V::id, kOptional, "care_level"},
    {"服务方式", "channel", V::word, true, "channel", kChannels},
    {"申请材料", "documents", V::id_list, kOptional, "documents"},
    {"事实", "facts", V::id_list, kOptional, "facts"},
    {"服务机构", "provider", V::id, kOptional, "provider"},
    {"政策", "policy", V::policy},
    {"申请日期", "date", V::date},
    {"经办人", "registrar", V::id},
};
constexpr Column kApplicationSteps[] = {
    {"申请编号", "application", V::id, true, "application"},
    {"环节", "step", V::id, true, "step"},
    {"结果", "outcome", V::word, true, "outcome", kOutcomes},
    {"起始日", "from", V::date, kOptional, "from"},
    {"截止日", "to", V::date, kOptional, "to"},
    {"签字人", "signers", V::id_list, kOptional, "signers"},
    {"意见", "reason", V::text, kOptional, "reason"},
    {"办理日期", "date", V::date},
    {"岗位", "role", V::word, true, "", kDesks},
    {"办理人", "actor", V::id},
};
constexpr Column kEntitlementEnds[] = {
    {"身份证号", "id_number", V::id_number, true, "beneficiary"},
    {"终止原因", "reason", V::word, true, "reason", kEnds},
    {"终止日期", "ended_on", V::date, true, "ended_on"},
    {"依据", "evidence", V::text, true, "evidence"},
    {"登记日期", "date", V::date},
    {"经办人", "registrar", V::id},
};

}  // namespace fundtrail::api::import::columns
