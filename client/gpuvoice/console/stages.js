/** The way of a start: which stage is reached, how long each took, how far all of it is. */

/** Names of the power service in the words of whoever waits: while it goes on, once it is done. */
const WORDS = {
  "capacity asked": ["A machine is asked for", "A machine was asked for"],
  "instance running": ["The machine boots", "The machine runs"],
  "agent joined": ["It joins the cluster", "It joined the cluster"],
  "image pulled": ["The image is fetched", "The image is there"],
  "container up": ["The container starts", "The container runs"],
  "model loading": ["The servers start", "The servers answer"],
  warm: ["The models load", "The first words are spoken"],
};
/** An estimate is never the end. */
const MOST = 0.98;

/** [{words, state: done | now | later, seconds, usual}], seconds of the running stage until now. */
export function chain(stages, now) {
  const reached = stages.map((stage) => time(stage.reached_at));
  const last = reached.findLastIndex((at) => at !== null);
  return stages.map((stage, index) => ({
    words: (WORDS[stage.stage] ?? [stage.stage, stage.stage])[index <= last ? 1 : 0],
    state: index <= last ? "done" : index === last + 1 ? "now" : "later",
    seconds: index === last + 1 && last >= 0 ? since(reached[last], now) : stage.seconds,
    usual: stage.usual_seconds,
  }));
}

/** {fraction, elapsed} of a start under way; fraction is null when nobody can tell. */
export function progress(stages, etaSeconds, now) {
  const began = Math.min(...stages.map((stage) => time(stage.reached_at) ?? Infinity));
  if (began === Infinity) return { fraction: null, elapsed: 0 };
  const elapsed = since(began, now);
  const known = etaSeconds > 0 && elapsed + etaSeconds > 0;
  return { fraction: known ? Math.min(MOST, elapsed / (elapsed + etaSeconds)) : null, elapsed };
}

/** What goes on now, for a sentence; an empty one when nobody knows. */
export function currentStage(stages, now) {
  const steps = chain(stages ?? [], now);
  return steps[0]?.state === "done" ? (steps.find((step) => step.state === "now")?.words ?? "") : "";
}

function time(moment) {
  return moment ? Date.parse(moment) : null;
}

function since(then, now) {
  return Math.max(0, (now - then) / 1000);
}
