// The console page: read only. With a token if one is given, else with the session of /sign-in.
"use strict";
const $ = id => document.getElementById(id);
const out = $("out");
function put(tag, text, parent = out) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}
async function get(path) {
  const answer = await fetch(`/v1/ledgers/${encodeURIComponent($("ledger").value)}${path}`,
    $("token").value ? { headers: { Authorization: `Bearer ${$("token").value}` } } : {});
  if (answer.ok) return answer;
  const problem = await answer.json();
  throw new Error(`${problem.detail_zh}\n${problem.detail}`);
}
function table(heads, rows) {
  const t = put("table");
  const head = put("tr", undefined, put("thead", undefined, t));
  for (const h of heads) put("th", h, head);
  const body = put("tbody", undefined, t);
  for (const row of rows) {
    const r = put("tr", undefined, body);
    for (const cell of row) {
      const text = cell === undefined || cell === null ? "" : String(cell);
      put("td", text, r).className = /^-?\d+\.\d\d$/.test(text) ? "amount" : /^\d{4}-\d\d-\d\d$/.test(text) ? "day" : "";
    }
  }
}
const views = {
  async head() {
    const h = await (await get("")).json();
    $("title").textContent = h.name;
    table(["", ""], [["记录数 entries", h.size], ["根 root", h.root], ["算法 suite", h.suite],
      ["核验公钥 verifier key", h.verifier_key], ["指纹 fingerprint", h.fingerprint]]);
  },
  async flow() {
    $("title").textContent = "资金来龙去脉 Fund flow";
    const fund = $("fund").value.trim();
    put("pre", await (await get("/reports/fund-flow?format=text" + (fund && `&fund=${encodeURIComponent(fund)}`))).text());
  },
  async payments() {
    const provider = $("provider").value.trim();
    if (!provider) throw new Error("请先填写服务机构编号。\nFill in the provider's id first.");
    const p = await (await get(`/providers/${encodeURIComponent(provider)}/payments`)).json();
    $("title").textContent = `${p.name}（${p.provider}）`;
    const text = v => v && typeof v === "object" ? `${v.zh} ${v.en}` : v;
    const why = c => (c.reductions || []).map(r => `${r.date} −${r.amount} [${r.entry}] ${r.reason}`).join("; ");
    table(["记录 entry", "核销单、核定 claim", "日期 date", "金额 amount", "已调减 reduced by", "调减记录 what reduced it", "状态 stage", "结算单 settlement",
      "付款日 paid", "原因 reason"],
      p.claims.map(c => [c.entry, c.claim_no, c.date, c.amount, c.reduced, why(c), text(c.stage), c.settlement,
        c.paid && c.paid.date, c.reason]));
    if (p.services.length === 0) return;
    put("h2", "服务记录 Service records");
    table(["记录 entry", "单号 claim", "日期 date", "项目 programme", "条数 records"],
      p.services.map(s => [s.entry, s.claim_no, s.date, s.programme, s.records]));
  },
  async checkpoint() {
    $("title").textContent = "检查点 Checkpoint";
    put("pre", await (await get("/checkpoint")).text());
  },
};
$("form").addEventListener("submit", async event => {
  event.preventDefault();
  out.replaceChildren();
  $("title").textContent = "";
  try {
    await views[event.submitter.dataset.show]();
  } catch (error) {
    out.replaceChildren();
    put("p", error.message).className = "error";
  }
});
fetch("/v1/session").then(async answer => {
  if (!answer.ok) return;
  const me = await answer.json();
  $("ledger").value = me.ledger;
  if (me.provider) $("provider").value = me.provider;
  $("who").textContent = `${me.name || me.user}（${me.role_words[me.role].zh} ${me.role_words[me.role].en}）`;
});
