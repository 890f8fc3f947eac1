// A page that calls the speech servers from another origin. It takes its task from its own
// server, runs one scenario and sends the named results back.
import { scenarios } from "./browser_scenarios.js";

const SHOWN = ["X-Queue-Position", "X-Queue-Wait-Seconds", "X-Request-Id", "Retry-After"];
const visit = location.search.slice(1);
const task = await (await fetch(`/tasks/${visit}`)).json();
const results = {};

async function step(name, run) {
  try {
    results[name] = await run();
  } catch (error) {
    results[name] = { thrown: error.name, message: error.message };
  }
  return results[name];
}

// What a script of the page can learn of an answer.
async function ask(url, options = {}) {
  const response = await fetch(url, { signal: AbortSignal.timeout(1_800_000), ...options });
  const headers = Object.fromEntries(SHOWN.map((name) => [name, response.headers.get(name)]));
  const { status, type } = response;
  return { status, type, headers, body: type === "opaque" ? null : await response.json() };
}

const post = (url, body, headers = {}) =>
  ask(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

await step("scenario", () => scenarios[task.scenario]({ step, ask, post, task }));
await fetch(`/results/${visit}`, { method: "POST", body: JSON.stringify(results) });
