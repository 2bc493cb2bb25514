// What the pages share: the language, texts in both, amounts, asking the server and saying what it refused.
"use strict";
const $ = id => document.getElementById(id);

// Every text stands in the page in both languages and the style sheet shows one: changing it asks the server for
// nothing and loses nothing that was typed. The browser keeps the choice; until there is one, English is for
// those whose browser wants it, as the command line goes by the system's language.
const kLanguages = { "zh-CN": "zh", en: "en" };
const kKept = "fundtrail-language";
function speak(language) {
  document.documentElement.lang = language;
  document.title = document.querySelector("title").dataset[kLanguages[language]];
}
function kept() {
  try {
    return localStorage.getItem(kKept);
  } catch {
    return null;  // a browser that may keep nothing
  }
}
function wanted() {
  return Object.keys(kLanguages).find(language => language === kept()) || (navigator.language.startsWith("en") ? "en" : "zh-CN");
}
speak(wanted());
// A page that one comes back to, or has in another window, speaks what was chosen since.
for (const event of ["pageshow", "storage"]) addEventListener(event, () => speak(wanted()));
document.addEventListener("click", event => {
  const language = event.target.dataset.speak;
  if (!language) return;
  speak(language);
  try {
    localStorage.setItem(kKept, language);
  } catch {
    // It lasts as long as the page.
  }
  document.querySelector(`[data-speak]:not([data-speak="${language}"])`).focus();  // the one that is shown now
});

// Names the window after what the page shows, {zh, en}, or after the page alone.
const kTitle = { ...document.querySelector("title").dataset };
function entitle(shown) {
  for (const member of Object.values(kLanguages)) {
    document.querySelector("title").dataset[member] = (shown ? `${shown[member]} · ` : "") + kTitle[member];
  }
  speak(document.documentElement.lang);
}
// Content: a text, {zh, en}, or nothing.
function fill(node, content) {
  node.replaceChildren();
  if (content === undefined || content === null) return;
  if (content.zh === undefined) return node.append(content);
  for (const [language, member] of Object.entries(kLanguages)) {
    const span = document.createElement("span");
    span.lang = language;
    span.textContent = content[member];
    node.append(span);
  }
}
function put(parent, tag, content, kind = "") {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  fill(node, content);
  parent.append(node);
  return node;
}
// "1234567.89" as people read it. Amounts are decimal texts with two places and never become numbers.
function grouped(amount) {
  return amount.replace(/\B(?=(\d{3})+\.)/g, ",");
}
// Somebody by name and, where that says more, by the id that they sign in with.
function named(name, id) {
  const both = name && name !== id;
  return { zh: both ? `${name}（${id}）` : id, en: both ? `${name} (${id})` : id };
}

function failure(words, more) {
  return Object.assign(new Error(words.en), { words }, more);
}
async function ask(path, options) {
  const answer = await fetch(path, options).catch(() => {
    throw failure({ zh: "服务器没有应答，请稍后再试。", en: "The server does not answer. Try again later." });
  });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  if (!problem.type) {
    throw failure({ zh: `服务器未能处理请求（${answer.status}），请稍后再试。`, en: `The request failed (${answer.status}). Try again later.` });
  }
  throw failure({ zh: problem.detail_zh, en: problem.detail }, { code: problem.type.split(":").pop() });
}
// What a page can tell without asking.
function must_change() {
  return failure({ zh: "口令是他人设置的，须先修改口令。", en: "The password was set by somebody else: change it before anything else." },
    { code: "password-change-required" });
}
// Where to go after a refusal.
const kWays = {
  "unauthenticated": ["/sign-in", { zh: "登录", en: "Sign in" }],
  "password-change-required": ["/sign-in#change", { zh: "修改口令", en: "Change the password" }],
};
function complain(node, error) {
  if (!error.words) console.error(error);
  fill(node, error.words || { zh: "页面出错，请重新打开。", en: "The page has failed. Open it again." });
  const way = kWays[error.code];
  if (way) {
    node.append(" ");
    put(node, "a", way[1]).href = way[0];
  }
  node.scrollIntoView({ block: "nearest" });
}
