/** What each state is called, and what it means for whoever looks. */

import { currentStage } from "./stages.js";

const LOCAL = {
  on: ["On", "Always on: the servers run on this machine.", "on"],
  starting: ["Starting", "The servers on this machine load their models.", "moving"],
  asleep: ["Not running", "Nobody answers on this machine. make run starts the servers.", "fault"],
};

const CLOUD = {
  asleep: ["Asleep", usual("It costs nothing now. Any call wakes it"), "rest"],
  starting: ["Starting", (power) => `${currentStage(mainSlot(power)?.stages, Date.now()) || "A machine is asked for"}.`, "moving"],
  on: ["On", () => "Ready to speak and to listen.", "on"],
  stopping: ["Stopping", usual("It is being turned off. A call starts it again"), "moving"],
  recovering: ["Recovering", () => "AWS took it back, or its servers are not ready. It comes back by itself.", "moving"],
  quiet: ["Quiet hours", () => "Outside working hours a call does not wake it. Start it by hand, or make a lease.", "rest"],
  budget: ["Budget used up", () => "This month's money is spent. It wakes next month, or for a lease past the budget.", "fault"],
  backoff: ["Last start failed", (power) => failure(power), "fault"],
};

/** {name, word, sentence, tone, moving, cloud}; tone is rest, moving, on or fault. */
export function standing(status) {
  if (status === null) return told("unknown", ["Looking", "Asking the proxy how things stand.", "rest"]);
  if (status.absent) return told("unknown", ["Unreachable", status.absent, "fault"]);
  const { power } = status;
  if (!power) return told("unknown", unreachable(status));
  if (!power.available) return told(power.state, LOCAL[power.state] ?? unreachable(status));
  const [word, sentence, tone] = CLOUD[power.state] ?? unreachable(status);
  const words = typeof sentence === "function" ? sentence(power) : sentence;
  return told(power.state, [word, words, tone], true);
}

function told(name, [word, sentence, tone], cloud = false) {
  return { name, word, sentence, tone, cloud, moving: tone === "moving" };
}

function unreachable({ power, speech, recognition }) {
  const why = power?.error ?? speech?.error ?? recognition?.error;
  const sentence = why ?? "Nobody answers. gpuvoice doctor looks for the cause.";
  return ["Unreachable", sentence, "fault"];
}

function usual(what) {
  return ({ usual_seconds: seconds }) => (seconds ? `${what} (usually ${Math.max(1, Math.round(seconds / 60))} min).` : `${what}.`);
}

function failure(power) {
  const slot = mainSlot(power);
  const why = slot?.stop?.reason ?? "";
  return `${why} The next start waits a while; you may start it at once.`.trim();
}

/** The slot that most callers reach: blue or green. */
export function mainSlot(power) {
  const slots = Object.values(power.slots ?? {});
  return slots.find((slot) => slot.main) ?? slots.find((slot) => slot.live) ?? slots[0] ?? null;
}
