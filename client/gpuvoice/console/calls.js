/** The last calls that went through the proxy, of whatever program. */

import { duration } from "./format.js";
import { byId, make, say, show } from "./page.js";

export function callsPanel(watch) {
  let drawn = "";
  watch.listen(({ calls = [], waiting = 0 }) => {
    show(byId("calls-none"), calls.length === 0);
    show(byId("calls-table"), calls.length > 0);
    say(byId("calls-waiting"), waiting ? `${waiting} waiting` : "");
    if (drawn === JSON.stringify(calls)) return;
    drawn = JSON.stringify(calls);
    byId("calls-rows").replaceChildren(...calls.map(row));
  });
}

function row(call) {
  const state = make(
    "td",
    {},
    make("span", { className: "mark", textContent: call.state, data: { state: call.state } }),
    call.error ? make("small", { textContent: call.error }) : null,
  );
  const name = make("th", { scope: "row" }, make("code", { textContent: call.call }), make("small", { textContent: call.from }));
  const cells = [call.items ?? "–", queue(call), took(call.seconds), began(call.began_at)];
  return make("tr", {}, name, state, ...cells.map((text) => make("td", { textContent: text })));
}

function queue({ queue_position: position, queue_wait_seconds: seconds }) {
  if (position === null || position === undefined) return "–";
  const waited = seconds >= 0.1 ? `, ${took(seconds)}` : "";
  return position === 0 ? `at once${waited}` : `${position} before it${waited}`;
}

function took(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  return seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds);
}

function began(moment) {
  return new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}
