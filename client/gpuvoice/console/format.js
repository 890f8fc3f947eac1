/** Times, money and sizes as people read them. */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400_000;

/** 42 s, 3 min 20 s, 1 h 5 min. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return joined(Math.floor(whole / MINUTE), "min", whole % MINUTE, "s");
  const minutes = Math.round(whole / MINUTE);
  return joined(Math.floor(minutes / MINUTE), "h", minutes % MINUTE, "min");
}

function joined(large, unit, small, smallUnit) {
  return small ? `${large} ${unit} ${small} ${smallUnit}` : `${large} ${unit}`;
}

/** For what nobody knows to the second. */
export function about(seconds) {
  if (seconds < 50) return "less than a minute";
  if (seconds < HOUR) return `about ${Math.round(seconds / MINUTE)} min`;
  if (seconds < 36 * HOUR) return `about ${Math.round(seconds / HOUR)} h`;
  return `about ${Math.round((seconds * 1000) / DAY)} days`;
}

/** 1:05, as players show a place in audio. */
export function clock(seconds) {
  const whole = Math.floor(Math.max(0, seconds || 0));
  return `${Math.floor(whole / MINUTE)}:${String(whole % MINUTE).padStart(2, "0")}`;
}

/** The time of a moment, with its day where that is another one. */
export function timeOfDay(moment, now = new Date()) {
  const at = new Date(moment);
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (at.toDateString() === now.toDateString()) return time;
  return `${at.toLocaleDateString([], { weekday: "short", day: "numeric", month: "short" })}, ${time}`;
}

export function dollars(amount) {
  return `$${amount.toFixed(2)}`;
}

export function mebibytes(bytes) {
  if (bytes < 104_858) return `${Math.max(1, Math.round(bytes / 1024))} KiB`;
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

/** A name for a file, from the first words of a text. */
export function fileName(text) {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(0, 6).join("-").slice(0, 60) || "speech";
}
