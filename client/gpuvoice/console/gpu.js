/** The GPU: its state, the way of its start, its buttons. */

import { call } from "./api.js";
import { ask } from "./ask.js";
import { facts } from "./facts.js";
import { about, clock, duration } from "./format.js";
import { byId, make, say, show } from "./page.js";
import { chain, progress } from "./stages.js";
import { mainSlot, standing } from "./states.js";

const TICK_MS = 1000;
const STARTABLE = new Set(["asleep", "quiet", "backoff", "stopping"]);
const STOPPABLE = new Set(["on", "starting", "recovering"]);
const MARKS = { done: "reached", now: "under way", later: "not yet" };

export function gpuPanel(watch) {
  const alert = byId("gpu-alert");
  byId("gpu-more").open = matchMedia("(min-width: 60rem)").matches;
  let state = "";
  let changes = 0;
  watch.listen((status) => {
    draw(status);
    // What was said about an action is old news after the state that it led to.
    const { name } = standing(status);
    if (state && state !== name && ++changes > 1) say(byId("gpu-note"), "");
    state = name;
  });
  setInterval(() => watch.latest && drawStart(watch.latest), TICK_MS);

  async function power(path, body, again) {
    say(alert, "");
    say(byId("gpu-note"), "");
    changes = 0;
    try {
      const said = await call(`/api/power/${path}`, { method: "POST", body });
      say(byId("gpu-note"), said.message ?? "");
    } catch (refusal) {
      if (refusal.status === 409 && !body.force && again && (await ask(again(refusal)))) {
        await power(path, { ...body, force: true });
      } else if (refusal.status !== 409 || !again || body.force) {
        say(alert, refusal.message);
      }
    }
    watch.expect();
  }

  byId("gpu-start").onclick = () =>
    power("start", { reason: "the console" }, ({ state, message }) => ({
      title: "Start it all the same?",
      sentence: state === "quiet" ? "It is outside working hours." : message.replace(/;[^;]*$/, "."),
      yes: "Start it",
    }));

  byId("gpu-stop").onclick = async () => {
    const sure = await ask({
      title: "Stop the GPU?",
      sentence: "It stops at the first moment with nothing under way. The next call starts it again.",
      yes: "Stop it",
    });
    if (sure) await power("stop", { reason: "the console" }, () => leased(watch.latest));
  };
}

function leased(status) {
  const leases = status?.power?.leases ?? [];
  const who = leases.map(({ owner, reason }) => `${owner} (${reason})`).join(", ");
  const sentence = `It is kept on${who ? ` by ${who}` : " by somebody else's lease"}.`;
  return { title: "Stop it all the same?", sentence, yes: "Stop it" };
}

function draw(status) {
  const now = standing(status);
  const panel = byId("gpu");
  panel.dataset.tone = document.body.dataset.tone = now.tone;
  say(byId("gpu-word"), now.word);
  say(byId("gpu-sentence"), now.sentence);
  say(byId("gpu-said"), `The GPU: ${now.word}`);
  document.title = `${now.word} · GPU Voice`;
  show(byId("gpu-actions"), now.cloud);
  show(byId("gpu-start"), STARTABLE.has(now.name));
  show(byId("gpu-stop"), STOPPABLE.has(now.name));
  show(byId("lease"), now.cloud && now.word !== "Unreachable");
  const rows = now.word === "Unreachable" ? [] : facts(status, new Date());
  show(byId("gpu-more"), rows.length > 0);
  byId("gpu-facts").replaceChildren(
    ...rows.flatMap(([name, value]) => [make("dt", { textContent: name }), make("dd", { textContent: value })]),
  );
  drawStart(status);
}

function drawStart(status) {
  const slot = status.power ? mainSlot(status.power) : null;
  const { name } = standing(status);
  const shown = ["starting", "recovering"].includes(name) && slot?.stages?.some((one) => one.reached_at);
  show(byId("gpu-way"), Boolean(shown));
  if (!shown) return;
  const { fraction, elapsed } = progress(slot.stages, status.power.eta_seconds, Date.now());
  const bar = byId("gpu-progress");
  if (fraction === null) bar.removeAttribute("value");
  else bar.value = fraction;
  const eta = status.power.eta_seconds;
  say(byId("gpu-elapsed"), `${duration(elapsed)} so far`);
  say(byId("gpu-eta"), eta > 0 ? `${about(eta)} left` : "longer than usual");
  drawChain(chain(slot.stages, Date.now()));
}

function drawChain(steps) {
  const list = byId("gpu-chain");
  if (list.children.length !== steps.length) list.replaceChildren(...steps.map(row));
  for (const [index, step] of steps.entries()) {
    const [words, mark, took] = list.children[index].children;
    list.children[index].dataset.state = step.state;
    if (step.state === "now") list.children[index].setAttribute("aria-current", "step");
    else list.children[index].removeAttribute("aria-current");
    say(words, step.words);
    say(mark, `, ${MARKS[step.state]}`);
    say(took, times(step));
  }
}

function row() {
  return make("li", {}, make("span"), make("span", { className: "unseen" }), make("span", { className: "took" }));
}

function times({ state, seconds, usual }) {
  const known = (time) => time !== null && time !== undefined;
  if (state === "later") return known(usual) ? `usually ${clock(usual)}` : "";
  if (!known(seconds)) return "";
  return state === "now" && known(usual) ? `${clock(seconds)} of ~${clock(usual)}` : clock(seconds);
}
