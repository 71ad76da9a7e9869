"use strict";
const byId = (id) => document.getElementById(id);
let token = sessionStorage.getItem("control-token") || "";
let requests = [];

async function call(method, path, body) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch(`_emulator/${path}`, { method, headers, body });
  byId("access").hidden = answer.status !== 401;
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.message);
  return content;
}

// Only text is put on the page, never markup.
function fill(table, rows) {
  const names = Object.keys(rows[0] || {});
  const text = (value) => (value instanceof Object ? JSON.stringify(value) : value ?? "");
  const line = (kind, values) => {
    const row = document.createElement("tr");
    row.append(...values.map((value) => Object.assign(document.createElement(kind), { textContent: text(value) })));
    return row;
  };
  table.replaceChildren(...(rows.length ? [line("th", names)] : []), ...rows.map((row) => line("td", names.map((name) => row[name]))));
}

function showRequests() {
  const words = byId("filter").value.toLowerCase().split(" ").filter(Boolean);
  const text = (row) => Object.values(row).join(" ").toLowerCase();
  fill(byId("requests"), requests.filter((row) => words.every((word) => text(row).includes(word))));
}

async function refresh() {
  try {
    const seen = await call("GET", "overview");
    byId("api").textContent = `${seen.api} ${seen.apiVersion}`;
    byId("clock").textContent = seen.clock;
    byId("by-status").textContent = Object.entries(seen.sessions.byStatus).map(([name, count]) => `${count} ${name}`).join(", ");
    fill(byId("sessions"), seen.sessions.latest);
    fill(byId("deliveries"), seen.deliveries);
    fill(byId("money"), [seen.money]);
    fill(byId("evses"), seen.evses);
    fill(byId("tokens"), seen.tokens);
    requests = (await call("GET", "requests")).data;
    showRequests();
  } catch (error) {
    byId("message").textContent = error.message;
  }
}

async function press(button) {
  const tag = JSON.stringify(byId("tag").value).slice(1, -1);
  const body = button.dataset.body?.replace("TAG", () => tag);
  const path = button.dataset.path.replace("EVSE", encodeURIComponent(byId("evse").value));
  try {
    byId("message").textContent = `${button.textContent}: ${JSON.stringify(await call("POST", path, body))}`;
  } catch (error) {
    byId("message").textContent = `${button.textContent}: ${error.message}`;
  }
  await refresh();
}

for (const button of document.querySelectorAll("button[data-path]")) button.addEventListener("click", () => press(button));
byId("filter").addEventListener("input", showRequests);
byId("access").addEventListener("submit", (event) => {
  event.preventDefault();
  token = byId("control-token").value;
  sessionStorage.setItem("control-token", token);
  byId("message").textContent = "";
  refresh();
});
(async function live() {
  if (!document.hidden) await refresh();
  setTimeout(live, 1000);
})();
