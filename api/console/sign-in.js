// Signing in and out and changing one's password. The session is a cookie that no script can read; the
// token against requests from other sites (csrf) stays in this page's memory.
"use strict";
const $ = id => document.getElementById(id);
let csrf = "";

function say(text, kind) {
  $("message").textContent = text;
  $("message").className = kind;
}
async function ask(method, path, body) {
  const headers = {};
  if (csrf) headers["X-CSRF-Token"] = csrf;
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const problem = await answer.json();
  throw Object.assign(new Error(`${problem.detail_zh}\n${problem.detail}`), { status: answer.status });
}
function show(me) {
  csrf = me ? me.csrf || "" : "";
  const session = me && me.means === "session";
  $("sign-in").hidden = Boolean(session);
  $("signed-in").hidden = !session;
  $("change").hidden = !session;
  if (!session) return $("user").focus();
  const roles = me.roles.map(role => `${me.role_words[role].zh} ${me.role_words[role].en}`);
  const ends = me.ends.slice(0, 16).replace("T", " ");
  $("who").textContent = `${me.name || me.user}（${me.user}） · ${roles.join("、")}`;
  $("ends").textContent = `会话最迟于 ${ends} 结束。 The session ends at the latest at ${ends}.`;
  $("whose").value = me.user;
  $("go-on").hidden = me.must_change;
  if (me.must_change) {
    say("口令是他人设置的，请先修改口令。\nThe password was set by somebody else: change it first.", "error");
    $("present").focus();
  }
}
function clear() {
  for (const id of ["password", "present", "new", "again"]) $(id).value = "";
}
function on(form, action) {
  $(form).addEventListener("submit", async event => {
    event.preventDefault();
    say("", "");
    try {
      await action();
    } catch (error) {
      say(error.message, "error");
    }
  });
}
on("sign-in", async () => {
  try {
    show(await ask("POST", "/v1/session", { user: $("user").value, password: $("password").value }));
  } finally {
    clear();
  }
});
on("change", async () => {
  if ($("new").value !== $("again").value) {
    throw new Error("两次输入的新口令不同。\nThe two new passwords differ.");
  }
  const me = await ask("POST", "/v1/session/password", { present: $("present").value, new: $("new").value });
  clear();
  show(me);
  say("口令已修改，其他设备上的会话已结束。\nThe password is changed; sessions elsewhere have ended.", "done");
});
for (const [id, path] of [["out", "/v1/session"], ["out-everywhere", "/v1/session?everywhere=true"]]) {
  $(id).addEventListener("click", async () => {
    try {
      await ask("DELETE", path);
      show(null);
      say("已退出。\nSigned out.", "done");
    } catch (error) {
      say(error.message, "error");
      if (error.status === 401) show(null);
    }
  });
}
ask("GET", "/v1/session").then(show, () => show(null));
