// The console page: read only. With a token if one is given, else with the session of /sign-in.
"use strict";
const kFigures = ["money", "count", "entry"];
const kLong = 24;  // a number or id up to here stays on one line

async function get(path) {
  const token = $("token").value;
  return ask(`/v1/ledgers/${encodeURIComponent($("ledger").value.trim())}${path}`,
    token ? { headers: { Authorization: `Bearer ${token}` } } : {});
}
function pairs(page, list) {
  const dl = put(page, "dl");
  for (const [name, value] of list) {
    put(dl, "dt", name);
    put(dl, "dd", value);
  }
}
// What a statement is made from.
function basis(page, made, more) {
  pairs(page, [
    [{ zh: "账套", en: "Ledger" }, made.ledger],
    ...more,
    [{ zh: "单位", en: "Unit" }, { zh: "人民币元", en: "yuan (CNY)" }],
    [{ zh: "依据", en: "Made from" },
      { zh: `前 ${made.size} 条记录，根 ${made.root}`, en: `the first ${made.size} entries, root ${made.root}` }],
  ]);
}
// An id too long for a line breaks behind its separators, if it has any.
function put_id(row, id) {
  if (id.length <= kLong) return put(row, "td", id, "id");
  const cell = put(row, "td", undefined, "long");
  for (const part of id.match(/[^-_./:]*[-_./:]*/g)) cell.append(part, document.createElement("wbr"));
}
function put_cell(row, type, value) {
  if (value === undefined || value === null) return put(row, "td");
  if (type === "id") return put_id(row, value);
  if (type === "list") {
    const cell = put(row, "td");
    for (const one of value) put(cell, "div", one);
    return;
  }
  const content = type === "money" ? grouped(value) : value.zh === undefined ? String(value) : value;
  put(row, "td", content, kFigures.includes(type) ? "figure" : type === "date" ? "date" : "");
}
// Columns as those of a report: {key, type, heading: {zh, en}}; rows by their keys, words under key_name.
function table(page, title, columns, rows, totals = []) {
  const wide = put(page, "div", undefined, "wide");
  const t = put(wide, "table", undefined, columns.length > 12 ? "many" : "");
  const caption = put(t, "caption", title);
  caption.id = `caption-${page.querySelectorAll("caption").length}`;
  // With more columns than fit it is moved from the keyboard.
  wide.tabIndex = 0;
  wide.setAttribute("role", "region");
  wide.setAttribute("aria-labelledby", caption.id);
  const head = put(put(t, "thead"), "tr");
  for (const c of columns) put(head, "th", c.heading, kFigures.includes(c.type) ? "figure" : "").scope = "col";
  for (const [part, list] of [["tbody", rows], ["tfoot", totals]]) {
    const body = put(t, part);
    for (const one of list) {
      const row = put(body, "tr");
      for (const c of columns) put_cell(row, c.type, one[`${c.key}_name`] ?? one[c.key]);
    }
  }
  if (rows.length === 0) put(page, "p", { zh: "没有记录。", en: "Nothing is recorded." }, "hint");
}
const column = (key, type, zh, en) => ({ key, type, heading: { zh, en } });

// Each fills the page and gives its title.
const views = {
  async head(page) {
    const h = await (await get("")).json();
    pairs(page, [
      [{ zh: "记录数", en: "Entries" }, String(h.size)],
      [{ zh: "根", en: "Root" }, h.root],
      [{ zh: "算法", en: "Suite" }, h.suite],
      [{ zh: "核验公钥", en: "Verifier key" }, h.verifier_key],
      [{ zh: "指纹", en: "Fingerprint" }, h.fingerprint],
    ]);
    return { zh: h.name, en: h.name };
  },
  async flow(page) {
    const wanted = new URLSearchParams({ entries: $("entries").checked });
    for (const name of ["fund", "region"]) {
      const value = $(name).value.trim();
      if (value) wanted.set(name, value);
    }
    const r = await (await get(`/reports/fund-flow?${wanted}`)).json();
    basis(page, r, [
      [{ zh: "资金", en: "Fund" }, r.parameters.fund_name],
      ...(r.parameters.region ? [[{ zh: "区划", en: "Region" }, r.parameters.region_name]] : []),
      [{ zh: "期间", en: "Period" }, { zh: `${r.from} 至 ${r.as_of}`, en: `${r.from} to ${r.as_of}` }],
    ]);
    for (const s of r.sections) {
      table(page, s.title, s.columns.filter(c => !c.left_out), s.rows, s.totals);
      for (const note of s.notes || []) put(page, "p", note, "hint");
    }
    table(page, { zh: "核对", en: "Checks" },
      [column("statement", "text", "核对项目", "What must hold"), column("left", "money", "左方", "Left"),
        column("right", "money", "右方", "Right"), column("result", "text", "结果", "Result")],
      r.checks.map(c => ({ ...c, result: c.holds ? { zh: "平", en: "OK" } : { zh: "不平", en: "OFF" } })));
    for (const note of r.notes || []) put(page, "p", note);
    return r.title;
  },
  async payments(page) {
    const provider = $("provider").value.trim();
    if (!provider) {
      $("provider").focus();
      throw failure({ zh: "请先填写服务机构编号。", en: "Fill in the provider's id first." });
    }
    const p = await (await get(`/providers/${encodeURIComponent(provider)}/payments`)).json();
    basis(page, p, [[{ zh: "截至", en: "As of" }, p.as_of]]);
    pairs(page, [
      [{ zh: "已核销待结算", en: "Accrued" }, grouped(p.balances.accrued)],
      [{ zh: "现在应付", en: "Due now" }, grouped(p.due_now)],
      [{ zh: "已拨付", en: "Paid" }, grouped(p.balances.paid)],
      [{ zh: "追回应收", en: "In recovery" }, grouped(p.balances.in_recovery)],
    ]);
    const day = step => step && step.date;
    const some = (title, columns, rows) => rows.length > 0 && table(page, title, columns, rows);
    const nothing = [p.claims, p.services, p.settlements, p.disbursements, p.recoveries].every(list => list.length === 0);
    (nothing ? table.bind(null, page) : some)({ zh: "核销单与核定", en: "Claims" },
      [column("entry", "entry", "记录", "Entry"), column("claim_no", "id", "核销单、核定", "Claim"),
        column("date", "date", "日期", "Date"), column("amount", "money", "金额", "Amount"),
        column("reduced", "money", "已调减", "Reduced by"), column("why", "list", "调减记录", "What reduced it"),
        column("stage", "text", "状态", "Stage"), column("settlement", "id", "结算单", "Settlement"),
        column("paid", "date", "付款日", "Paid"), column("reason", "text", "原因", "Reason")],
      p.claims.map(c => ({ ...c, paid: day(c.paid),
        why: (c.reductions || []).map(r => `${r.date} −${grouped(r.amount)} [${r.entry}] ${r.reason}`) })));
    some({ zh: "服务记录", en: "Service records" },
      [column("entry", "entry", "记录", "Entry"), column("claim_no", "id", "单号", "Claim"),
        column("date", "date", "日期", "Date"), column("programme", "id", "项目", "Programme"),
        column("records", "count", "条数", "Records")],
      p.services);
    some({ zh: "结算单", en: "Settlements" },
      [column("settlement", "id", "结算单", "Settlement"), column("total", "money", "金额", "Amount"),
        column("stage", "text", "状态", "Stage"), column("invoice_no", "id", "发票", "Invoice"),
        column("prepared", "date", "编制日", "Prepared"), column("approved", "date", "核准日", "Approved"),
        column("returned", "date", "退回日", "Returned"), column("return_reason", "text", "退回原因", "Why returned")],
      p.settlements.map(s => ({ ...s, prepared: day(s.prepared), approved: day(s.approved), returned: day(s.returned) })));
    some({ zh: "拨付", en: "Payments" },
      [column("disbursement", "id", "拨付单", "Payment"), column("settlement", "id", "结算单", "Settlement"),
        column("amount", "money", "金额", "Amount"), column("stage", "text", "状态", "Stage"),
        column("paid", "date", "付款日", "Paid"), column("bank_reference", "id", "银行流水号", "Bank reference"),
        column("undone", "date", "退票、撤销日", "Bounced, cancelled"), column("reason", "text", "原因", "Reason")],
      p.disbursements.map(d => ({ ...d, paid: day(d.paid), undone: day(d.bounced) || day(d.cancelled),
        reason: d.bounce_reason || d.cancellation_reason })));
    some({ zh: "追回", en: "Recoveries" },
      [column("recovery", "id", "追回决定", "Recovery"), column("decided", "date", "决定日", "Decided"),
        column("amount", "money", "金额", "Amount"), column("open", "money", "尚未收回", "Not yet back"),
        column("reason", "text", "原因", "Reason")],
      p.recoveries.map(r => ({ ...r, decided: day(r.decided) })));
    return named(p.name, p.provider);
  },
  async checkpoint(page) {
    put(page, "pre", await (await get("/checkpoint")).text());
    return { zh: "检查点", en: "Checkpoint" };
  },
};
let latest;
$("form").addEventListener("submit", async event => {
  event.preventDefault();
  const page = latest = document.createElement("div");
  fill($("notice"));
  fill($("title"));
  entitle();
  $("out").replaceChildren();
  put($("out"), "p", { zh: "正在读取……", en: "Reading ..." }, "hint").role = "status";
  try {
    const title = await views[event.submitter.dataset.show](page);
    if (page !== latest) return;  // something else has been asked for since
    fill($("title"), title);
    entitle(title);
    $("out").replaceChildren(...page.childNodes);
    $("title").focus();
  } catch (error) {
    if (page !== latest) return;
    $("out").replaceChildren();
    complain($("notice"), error);
  }
});
ask("/v1/session").then(async answer => {
  const me = await answer.json();
  $(me.means === "session" ? "to-account" : "to-sign-in").hidden = false;
  $("ledger").value = me.ledger;
  const role = me.role_words[me.role];
  const name = me.name || me.user;
  fill($("who"), { zh: `${name}（${role.zh}）`, en: `${name} (${role.en})` });
  for (const region of me.regions) put($("regions"), "option", region);
  if (me.provider) {
    $("provider").value = me.provider;
    for (const node of document.querySelectorAll(".staff")) node.remove();  // is refused to them
  }
  if (me.must_change) complain($("notice"), must_change());
}).catch(() => {
  $("to-sign-in").hidden = false;
});
