/** Asks the proxy how things stand: often while something moves, seldom else, never unseen. */

import { call } from "./api.js";
import { standing } from "./states.js";

const MOVING_MS = 2000;
const RESTING_MS = 5000;
/** How long an action of this page is expected to show. */
const ACTION_MS = 12_000;

export class StatusWatch {
  #timer = 0;
  #listeners = [];
  #work = 0;
  #asked = 0;
  #soonUntil = 0;

  /** The newest status; null before the first, {absent: sentence} when the proxy is not there. */
  latest = null;

  listen(listener) {
    this.#listeners.push(listener);
  }

  start() {
    document.addEventListener("visibilitychange", () => this.refresh());
    this.refresh();
  }

  /** Look more often until the returned function is called. */
  hold() {
    this.#work += 1;
    this.refresh();
    return () => {
      this.#work -= 1;
      this.refresh();
    };
  }

  /** Something was asked for: look more often for a while. */
  expect() {
    this.#soonUntil = performance.now() + ACTION_MS;
    this.refresh();
  }

  async refresh() {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    const asked = ++this.#asked;
    const found = await call("/api/status").catch((refusal) => ({ absent: refusal.message }));
    if (asked !== this.#asked) return;
    this.latest = found;
    const moving = guarded(() => standing(found).moving);
    const soon = moving || this.#work > 0 || performance.now() < this.#soonUntil;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), soon ? MOVING_MS : RESTING_MS);
    for (const listener of this.#listeners) guarded(() => listener(found));
  }
}

/** A fault in one panel ends neither the others nor the watch. */
function guarded(job) {
  try {
    return job();
  } catch (error) {
    console.error(error);
    return undefined;
  }
}
