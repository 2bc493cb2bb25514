// Signing in and out and changing one's password. The session is a cookie that no script can read; the
// token against requests from other sites (csrf) stays in this page's memory.
"use strict";
let csrf = "";

function say(words, kind) {
  $("message").className = kind;
  fill($("message"), words);
}
function fail(error) {
  $("message").className = "error";
  complain($("message"), error);
  if (error.code === "unauthenticated") show(null);  // the session has ended
}
async function send(method, path, body) {
  const headers = {};
  if (csrf) headers["X-CSRF-Token"] = csrf;
  if (body) headers["Content-Type"] = "application/json";
  const answer = await ask(path, { method, headers, body: body && JSON.stringify(body) });
  return answer.status === 204 ? null : answer.json();
}
function show(me) {
  csrf = me ? me.csrf || "" : "";
  const session = me && me.means === "session";
  $("sign-in").hidden = Boolean(session);
  $("signed-in").hidden = !session;
  $("change").hidden = !session;
  if (!session) return $("user").focus();
  const roles = me.roles.map(role => me.role_words[role]);
  const who = named(me.name, me.user);
  const ends = me.ends.slice(0, 16).replace("T", " ");
  fill($("who"), { zh: `${who.zh} · ${roles.map(r => r.zh).join("、")}`, en: `${who.en} · ${roles.map(r => r.en).join(", ")}` });
  fill($("ends"), { zh: `会话最迟于北京时间 ${ends} 结束。`, en: `The session ends at ${ends} Beijing time at the latest.` });
  $("whose").value = me.user;
  $("go-on").hidden = me.must_change;
  if (me.must_change) {
    fail(must_change());
    $("present").focus();
  }
}
function clear() {
  for (const id of ["password", "present", "new", "again"]) $(id).value = "";
}
function on(form, action) {
  $(form).addEventListener("submit", async event => {
    event.preventDefault();
    say(null, "");
    try {
      await action();
    } catch (error) {
      fail(error);
    }
  });
}
on("sign-in", async () => {
  try {
    show(await send("POST", "/v1/session", { user: $("user").value, password: $("password").value }));
  } finally {
    clear();
  }
});
on("change", async () => {
  if ($("new").value !== $("again").value) {
    throw failure({ zh: "两次输入的新口令不同。", en: "The two new passwords differ." });
  }
  const me = await send("POST", "/v1/session/password", { present: $("present").value, new: $("new").value });
  clear();
  show(me);
  say({ zh: "口令已修改，其他设备上的会话已结束。", en: "The password is changed; sessions elsewhere have ended." }, "done");
});
for (const [id, path] of [["out", "/v1/session"], ["out-everywhere", "/v1/session?everywhere=true"]]) {
  $(id).addEventListener("click", async () => {
    try {
      await send("DELETE", path);
      show(null);
      say({ zh: "已退出。", en: "Signed out." }, "done");
    } catch (error) {
      fail(error);
    }
  });
}
send("GET", "/v1/session").then(show, () => show(null));
