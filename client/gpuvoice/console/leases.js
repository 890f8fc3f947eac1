/** Keeping the GPU on for some hours: who does, until when, and why. */

import { call } from "./api.js";
import { count, dollars, timeOfDay } from "./format.js";
import { byId, make, say, show } from "./page.js";

export function leasePanel(watch) {
  const form = byId("lease-form");
  const list = byId("lease-list");
  let drawn = "";

  async function send(path, asked, done) {
    say(byId("lease-alert"), "");
    try {
      const said = await call(`/api/power/lease${path}`, asked);
      say(byId("lease-note"), done(said));
    } catch (refusal) {
      say(byId("lease-alert"), refusal.message);
    }
    watch.expect();
  }

  const kept = ({ lease }) => `Kept on until ${timeOfDay(lease.expires_at)}.`;
  const hours = () => Number(form.elements.hours.value);

  form.onsubmit = (event) => {
    event.preventDefault();
    const body = { hours: hours(), reason: form.elements.reason.value.trim() };
    if (form.elements.override.checked) body.override_budget = true;
    send("", { method: "POST", body }, kept);
  };

  function row(lease) {
    const until = `until ${timeOfDay(lease.expires_at)}, ${dollars(lease.price_usd)} so far`;
    const label = `${lease.reason}, by ${lease.owner}`;
    const extend = make("button", { type: "button", className: "small", textContent: "Extend", aria: { label: `Extend: ${label}` } });
    const release = make("button", { type: "button", className: "small", textContent: "Release", aria: { label: `Release: ${label}` } });
    extend.onclick = () => send(`/${lease.id}`, { method: "POST", body: { hours: hours() } }, kept);
    release.onclick = () => send(`/${lease.id}`, { method: "DELETE" }, () => "Released.");
    const words = make("span", {}, make("strong", { textContent: label }), make("small", { textContent: until }));
    return make("li", {}, words, make("span", { className: "row" }, extend, release));
  }

  watch.listen(({ power }) => {
    const leases = power?.leases ?? [];
    show(byId("lease-override"), power?.state === "budget");
    say(byId("lease-count"), leases.length ? count(leases.length, "lease") : "");
    if (drawn === JSON.stringify(leases)) return;
    drawn = JSON.stringify(leases);
    list.replaceChildren(...leases.map(row));
  });
}
