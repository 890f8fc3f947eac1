/** Subtitles that can be read: at most two lines of 42 characters, cut where sentences end. */

export const LINE = 42;
const LINES = 2;
/** A pause of the voice that deserves a cut, and the least time that a cue is shown, in seconds. */
const PAUSE = 0.9;
const LEAST = 0.8;
const SENTENCE_END = /[.!?…][\p{Pe}\p{Pf}"']*$/u;

/** [{start, end, lines}] in seconds, of words with times in their order. */
export function cues(words) {
  const groups = [];
  let group = [];
  for (const [index, word] of words.entries()) {
    if (group.length && layOut([...group, word]).length > LINES) {
      groups.push(group);
      group = [];
    }
    group.push(word);
    const next = words[index + 1];
    if (!next || SENTENCE_END.test(word.word) || next.start - word.end > PAUSE) {
      groups.push(group);
      group = [];
    }
  }
  return groups.map((each, index) => cue(each, groups[index + 1]));
}

function cue(words, next) {
  const start = words[0].start;
  const spoken = words.at(-1).end;
  const free = next ? next[0].start : Infinity;
  const end = Math.max(spoken, Math.min(start + LEAST, free), start + 0.001);
  return { start, end, lines: balanced(words) };
}

/** Words into lines of at most LINE characters; a longer word has a line of its own. */
function layOut(words, most = LINE) {
  const lines = [];
  for (const { word } of words) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= most) lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines;
}

/** Two lines of about the same length read better than a long and a short one. */
function balanced(words) {
  const lines = layOut(words);
  if (lines.length !== LINES) return lines;
  const half = Math.ceil(lines.join(" ").length / LINES);
  for (let most = half; most < LINE; most += 1) {
    const even = layOut(words, most);
    if (even.length === LINES) return even;
  }
  return lines;
}

export function vtt(words) {
  const blocks = cues(words).map(({ start, end, lines }) => {
    const text = lines.join("\n").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    return `${stamp(start, ".")} --> ${stamp(end, ".")}\n${text}\n`;
  });
  return ["WEBVTT\n", ...blocks].join("\n");
}

export function srt(words) {
  const blocks = cues(words).map(
    ({ start, end, lines }, index) =>
      `${index + 1}\n${stamp(start, ",")} --> ${stamp(end, ",")}\n${lines.join("\n")}\n`,
  );
  return blocks.join("\n");
}

function stamp(seconds, point) {
  const ms = Math.round(seconds * 1000);
  const parts = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60];
  const whole = parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
  return `${whole}${point}${String(ms % 1000).padStart(3, "0")}`;
}
