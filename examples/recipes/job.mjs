import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const taken = await fetch("http://localhost:5000/generate_batch", {
  method: "POST",
  headers: { "Content-Type": "application/json", Prefer: "respond-async" },
  body: JSON.stringify({ texts: ["One.", "Two.", "Three."], format: "mp3" }),
});
if (!taken.ok) throw new Error(await taken.text());
const job = new URL(taken.headers.get("Location"), taken.url);

let first = 0;

async function* lines(answer) {
  let rest = "";
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    const whole = (rest + part).split("\n");
    rest = whole.pop();
    yield* whole.filter((line) => line.trim()).map((line) => JSON.parse(line));
  }
}

async function ended(answer) {
  for await (const { index, audio, error, job: end } of lines(answer)) {
    if (end?.ended_at) console.log(`job ${end.status}`);
    if (index === undefined) return Boolean(end?.ended_at); // else there is more: ask again
    first = index + 1;
    if (audio) writeFileSync(`${index}.mp3`, Buffer.from(audio, "base64"));
    console.log(`clip ${index} ${error ?? "is there"}`);
  }
  return false;
}

function broken(error) {
  if (!(error instanceof TypeError)) throw error; // fetch throws these when a connection breaks
}

for (;;) {
  const answer = await fetch(`${job}/results?from=${first}`).catch(broken);
  const away = !answer || answer.status === 429 || answer.status >= 500;
  if (!away && !answer.ok) throw new Error(await answer.text()); // a wrong key, or the job is gone
  if (!away && (await ended(answer).catch(broken))) break;
  await sleep(1000 * Number(answer?.headers.get("Retry-After") ?? 2));
}
