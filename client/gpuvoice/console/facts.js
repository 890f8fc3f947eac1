/** What the GPU costs, when it stops by itself, and what it is. */

import { dollars, duration, timeOfDay } from "./format.js";
import { mainSlot, standing } from "./states.js";

/** Rows of a list: [name, value]. */
export function facts(status, now) {
  if (!status || status.absent) return [];
  const { cloud, name } = standing(status);
  const rows = cloud ? [...money(status.power, now), ...ending(status.power, name)] : [];
  return [...rows, ...machine(status)];
}

function money(power, now) {
  const rows = [];
  const price = mainSlot(power)?.price_per_hour_usd;
  if (power.on_since && price) {
    const seconds = Math.max(0, (now - Date.parse(power.on_since)) / 1000);
    const cost = dollars((seconds / 3600) * price);
    rows.push(["Since it came on", `${cost} in ${duration(seconds)}`]);
  }
  if (power.budget) rows.push(["This month", spent(power.budget)]);
  if (price) rows.push(["Price", `${dollars(price)} an hour`]);
  return rows;
}

function spent({ spent_usd: amount, limit_usd: limit, percent }) {
  const known = Number.isFinite(amount);
  const part = known && Number.isFinite(percent) ? ` (${Math.round(percent)} %)` : "";
  return (known ? dollars(amount) : "Not known yet") + (limit ? ` of ${dollars(limit)}${part}` : "");
}

function ending(power, name) {
  if (!["on", "starting", "recovering"].includes(name)) return last(power);
  const asked = mainSlot(power)?.stop_asked;
  if (asked) {
    return [["Stops", `at the next pause, by ${timeOfDay(asked.until)} (${asked.by}: ${asked.reason})`]];
  }
  const latest = power.hard_cap_at ? [["At the latest", timeOfDay(power.hard_cap_at)]] : [];
  const kept = (power.leases ?? []).map((lease) => lease.expires_at).sort().at(-1);
  if (kept) return [["Kept on", `until ${timeOfDay(kept)}`], ...latest];
  return [["Stops by itself", `after ${power.idle_minutes} min idle`], ...latest];
}

function last(power) {
  const stop = mainSlot(power)?.stop;
  return stop ? [["Last stop", `${timeOfDay(stop.at)}. ${stop.reason}`]] : [];
}

/** Of servers that are ready: others cannot know it yet. */
function machine({ speech, recognition, upstream }) {
  const rows = [];
  const { gpu_name: gpu, device, model } = speech?.ready ? speech.health : {};
  const ears = recognition?.ready ? recognition.health : {};
  if (gpu || device) rows.push(["Runs on", gpu ?? (device === "cpu" ? "the processor" : device)]);
  if (model) rows.push(["Voice", model]);
  if (ears.model_size) rows.push(["Ears", ears.model_size]);
  if (upstream?.speech) rows.push(["Servers", new URL(upstream.speech).host]);
  return rows;
}
