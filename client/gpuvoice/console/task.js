/** One piece of work that a person started: how it waits, how it is taken back, why it failed. */

import { Cancelled } from "./api.js";
import { about, count, duration } from "./format.js";
import { say, show } from "./page.js";
import { currentStage } from "./stages.js";
import { mainSlot, standing } from "./states.js";

const TICK_MS = 1000;
const UNDER_WAY = new Set(["waiting", "running"]);

export class Task {
  #watch;
  #parts;
  #abort = null;

  /** `parts`: button, waiting, sentence, seconds, cancel, alert; elements of one form. */
  constructor(watch, parts) {
    this.#watch = watch;
    this.#parts = parts;
    parts.cancel.onclick = () => this.#abort?.abort();
    parts.form.addEventListener("keydown", ({ key }) => key === "Escape" && this.#abort?.abort());
  }

  /** Do the job; `doing` says what, as in "Speaking". Errors end in the alert. */
  async run(doing, job) {
    if (this.#abort) return;
    this.#abort = new AbortController();
    const release = this.#watch.hold();
    const began = performance.now();
    const tick = () => this.#tell(doing, (performance.now() - began) / 1000);
    const timer = setInterval(tick, TICK_MS);
    this.#busy(true);
    tick();
    try {
      await job(this.#abort.signal);
    } catch (error) {
      if (!(error instanceof Cancelled)) this.fail(error.message);
    } finally {
      clearInterval(timer);
      this.#abort = null;
      this.#busy(false);
      release();
    }
  }

  fail(sentence) {
    say(this.#parts.alert, sentence);
  }

  #busy(busy) {
    const { button, waiting, cancel, alert } = this.#parts;
    const hadFocus = cancel.contains(document.activeElement);
    if (busy) say(alert, "");
    button.setAttribute("aria-disabled", String(busy));
    show(waiting, busy);
    if (!busy && hadFocus) button.focus();
  }

  #tell(doing, seconds) {
    say(this.#parts.sentence, waitingWords(doing, this.#watch.latest));
    say(this.#parts.seconds, duration(seconds));
  }
}

/** What is being waited for: the GPU, other people's work, or the work itself. */
export function waitingWords(doing, status) {
  const { cloud, moving, name } = standing(status);
  if (cloud && (moving || name === "asleep")) {
    const { power } = status;
    const stage = currentStage(mainSlot(power)?.stages, Date.now());
    const left = power.eta_seconds > 0 ? `, ${about(power.eta_seconds)} left` : "";
    return `${doing} waits for the GPU${stage ? `. ${stage}` : " to wake up"}${left}.`;
  }
  const mine = status?.calls?.find(({ from, state }) => from === "console" && UNDER_WAY.has(state));
  if (!(mine?.queue_position > 0)) return `${doing} …`;
  // The server tells it with the head of its answer: what it was when the call came.
  const were = mine.queue_position === 1 ? "was" : "were";
  return `${doing} … ${count(mine.queue_position, "piece")} of work ${were} before it.`;
}
