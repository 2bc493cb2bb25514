#include "tests/rules/approval_scene.h"

#include <catch2/catch.hpp>

namespace fundtrail::rules {
namespace {

std::string programme(const std::string& id, const std::string& group) {
  return "{'entitlement':{'basis':'approved','cycle':'quarter','exclusive_group':'" + group +
         "','payee':'assigned_provider','proration':'days','start':'same_day','stop':'same_day',"
         "'tariff':[{'amount':'15.00','id':'all','per_day':'2.00','title':'t'}]},'id':'" + id +
         "','instrument':'service_hours','name':'n','purpose':'services'}";
}

}  // namespace

std::string approval_policy(const std::string& name, const std::string& steps,
                            const std::string& in_force_to) {
  return "{'policy':{'approval':{'documents':["
         "{'category':'low-income','documents':['form','card','id-copy','apart']},"
         "{'category':'low-edge','documents':['form','proof','id-copy','apart']},"
         "{'category':'three-no','documents':['form','card','id-copy']}],"
         "'effective':'next_quarter','steps':" + steps + "},'attachments':[],"
         "'banned_economic_codes':[],'calendar':{'from':'2025-01-01','holidays':['2025-04-04'],"
         "'to':'2025-12-31','workdays':['2025-04-27']},'counterpart':{'required':false},"
         "'death_day_payable':true,'definitions':[{'any_of':['children-elsewhere',"
         "'children-incapable'],'id':'lives-alone','title':'t'}],'document_no':'5','eligibility':{"
         "'categories':['three-no','low-income','low-edge'],'conditions':['household',"
         "'lives-alone'],'min_age':60},'in_force_from':'2024-01-01','in_force_to':'" + in_force_to +
         "','issuer':'district','name':'" + name + "','programmes':[" +
         programme("care", "home-care") + "," + programme("meals", "meals") + "," +
         programme("other-care", "home-care") +
         ",{'id':'building','instrument':'grant','name':'b','purpose':'building'}],"
         "'recovery_disposition':'reuse','settings':[],'title':'t','version':1}}";
}

Books approving(const std::string& steps) {
  Books b = wujin();
  must(b, {"reg.registrar", "2024-01-01", "policy_registration", approval_policy("hc", steps)});
  return b;
}


Ask application(const Apply& a) {
  return {"xu.registrar", a.date, "entitlement_application",
          "{'application':'" + a.id + "','beneficiary':'" + person(a.n) + "','category':'" +
              a.category + "','channel':'" + a.channel + "','documents':[" + a.documents +
              "],'facts':[" + a.facts + "]," + a.extra + "'programme':'" + a.programme + "'}",
          "", a.policy, false, "", "", a.birth};
}
std::string ask(Books& b, const Apply& a) { return b.ask(application(a)); }

Ask step(const std::string& who, const std::string& date, const std::string& id,
         const std::string& extra, const std::string& application) {
  return {who, date, "application_step",
          "{'application':'" + application + "','outcome':'passed','step':'" + id + "'" + extra +
              "}"};
}
std::string notice(const std::string& from, const std::string& to) {
  return ",'from':'" + from + "','to':'" + to + "'";
}
Ask rejected(Ask step, const std::string& extra) {
  const std::string passed = "'passed'";
  step.doc.replace(step.doc.find(passed), passed.size(), "'rejected'");
  step.doc.insert(step.doc.size() - 1, extra);
  return step;
}

void before_approval(Books& b, const std::string& id) {
  must(b, step("v.preparer", "2025-03-06", "visit", "", id));
  must(b, step("n.preparer", "2025-03-11", "notice", notice("2025-03-07", "2025-03-11"), id));
  must(b, step("s.reviewer", "2025-03-12", "street", kSigned, id));
}
void approve(Books& b, const Apply& a, const std::string& date) {
  REQUIRE(ask(b, a) == "ok");
  before_approval(b, a.id);
  must(b, step("c.approver", date, "bureau", "", a.id));
}

}  // namespace fundtrail::rules
