// What the team's scripts do: generate, verify, align; and all the ways to be refused.
import { describe } from "./axios_wav.mjs";

const MINUTES = 60_000;
const HEALTH = { timeout: 5000 };
const SPEAK = { timeout: 180 * MINUTES };
const HEAR = { timeout: 10 * MINUTES };

const clip = ({ data }) => ({ ...data, audio: describe(data.audio) });
const clips = ({ data }) => ({ ...data, audios: data.audios.map(describe) });
const data = (answer) => answer.data;

async function workflow({ axios, step, task, at }) {
  const { texts, words } = task;
  await step("tts_health", () => axios.get(`${at.tts}/health`, HEALTH).then(data));
  await step("whisperx_health", () => axios.get(`${at.whisperx}/health`, HEALTH).then(data));
  const speak = (body) => axios.post(`${at.tts}/generate_batch`, body, SPEAK);
  const one = { text: texts[0], instruct: "Calmly." };
  await step("generate", () => axios.post(`${at.tts}/generate`, one).then(clip));
  const few = texts.slice(0, 2);
  await step("instruct", () => speak({ texts: few, instruct: "Gladly." }).then(clips));
  const each = { texts: few, instruct: "Sadly.", instructs: ["", "Gladly."] };
  await step("instructs", () => speak(each).then(clips));
  await step("one_by_one", () => speak({ texts: few, batch: false }).then(clips));
  let audios = [];
  await step("generate_batch", async () => {
    const answer = await speak({ texts, batch: true });
    audios = answer.data.audios;
    return clips(answer);
  });
  const hear = (path, body) => axios.post(at.whisperx + path, body, HEAR).then(data);
  await step("transcribe", () => hear("/transcribe", { audio: audios[0], language: "en" }));
  await step("transcribe_batch", () => hear("/transcribe_batch", { audios, language: "en" }));
  await step("align", () => hear("/align", { audio: audios[0], text: words[0], language: "en" }));
  const items = audios.map((audio, i) => ({ audio, text: words[i] }));
  await step("align_batch", () => hear("/align_batch", { items, language: "en" }));
  const mixed = [items[0], { audio: "%%%", text: "no" }, { text: "no" }, items[1]];
  await step("align_mixed", () => hear("/align_batch", { items: mixed }));
}

async function refusals({ axios, step, at }) {
  const speak = (name, body, path = "/generate") =>
    step(name, () => axios.post(at.tts + path, body));
  const hear = (name, body, path = "/transcribe") =>
    step(name, () => axios.post(at.whisperx + path, body));
  await speak("empty text", { text: "  " });
  await speak("empty after cleaning", { text: "Speaker 1: . Amazing." });
  await speak("no text", {});
  const json = { headers: { "Content-Type": "application/json" } };
  await step("malformed", () => axios.post(`${at.tts}/generate`, Buffer.from("{no"), json));
  await speak("texts of the wrong type", { texts: "Hello." }, "/generate_batch");
  await speak("no texts", { texts: [] }, "/generate_batch");
  await speak("one empty text", { texts: ["Hello.", ""] }, "/generate_batch");
  await speak("too few instructs", { texts: ["A.", "B."], instructs: ["x"] }, "/generate_batch");
  await hear("bad base64", { audio: "%%%" });
  await hear("no audio file", { audio: Buffer.from("hello").toString("base64") });
  await hear("unknown language", { audio: "", language: "tlh" });
  await hear("align without text", { audio: "" }, "/align");
  await speak("no such path", { text: "Hello." }, "/speak");
  await step("wrong method", () => axios.get(`${at.tts}/generate`));
  await speak("long text", { text: "a".repeat(6000) });
  await speak("many texts", { texts: Array(200).fill("Hello.") }, "/generate_batch");
  await speak("no JSON", "text=Hello.");
}

// What follows needs a key.
async function configured({ axios, step, at }) {
  const headers = at.key ? { "X-API-Key": at.key } : {};
  await step("tts_health", () => axios.get(`${at.tts}/health`, HEALTH).then(data));
  await step("whisperx_health", () => axios.get(`${at.whisperx}/health`, HEALTH).then(data));
  const spoken = await step("generate", () =>
    axios.post(`${at.tts}/generate`, { text: "Hello." }, { headers }).then(data));
  const body = { audio: spoken.audio };
  await step("transcribe", () =>
    axios.post(`${at.whisperx}/transcribe`, body, { headers }).then(data));
  const text = "Hello there.";
  await step("align", () =>
    axios.post(`${at.whisperx}/align`, { ...body, text }, { headers }).then(data));
}

async function wrong_keys({ axios, step, at }) {
  const body = { text: "Hello." };
  const send = (headers) => axios.post(`${at.tts}/generate`, body, { headers });
  const ask = (name, headers) => step(name, () => send(headers));
  await ask("no key", {});
  await ask("wrong X-API-Key", { "X-API-Key": "gv_wrong" });
  await ask("wrong Bearer", { Authorization: "Bearer gv_wrong" });
  const url = at.tts.replace("//", "//key:gv_wrong@");
  await step("wrong user information", () => axios.post(`${url}/generate`, body));
  await step("no key to listen", () => axios.post(`${at.whisperx}/transcribe`, { audio: "" }));
  await step("bearer", () => send({ Authorization: `Bearer ${at.key}` }).then(clip));
}

async function long({ axios, step, at, task }) {
  const body = { text: task.text };
  const speak = (more = {}, named = {}) =>
    axios.post(`${at.tts}/generate`, body, {
      headers: { "X-API-Key": at.key, ...named },
      ...more,
    });
  await Promise.all([
    step("parsed", () => speak().then(clip)),
    step("raw", async () => {
      const began = performance.now();
      const { data: text } = await speak({ transformResponse: [(raw) => raw] });
      const seconds = (performance.now() - began) / 1000;
      return { spaces: text.length - text.trimStart().length, seconds };
    }),
    step("failed", async () => {
      const answer = await speak({}, { "X-Deadline-Seconds": "2" });
      return { ...answer.data, told: answer.data.status, status: answer.status };
    }),
  ]);
}

async function busy({ axios, step, refusal, at }) {
  const headers = { "X-API-Key": at.key };
  const stop = new AbortController();
  const body = { texts: Array(7).fill("Ten of them, please.") };
  const ask = () => axios.post(`${at.tts}/generate_batch`, body, { headers, signal: stop.signal });
  // The one that is taken needs seconds, so the first to end is the one that is refused.
  await step("second", () => Promise.race([1, 2, 3].map(() => ask().then(data, refusal))));
  stop.abort();
}

async function big({ axios, step, refusal, at, task }) {
  const headers = task.with_key ? { "X-API-Key": at.key } : {};
  for (const size of task.sizes) {
    const body = { audio: "A".repeat(size) };
    const ask = () =>
      axios.post(`${at.whisperx}/transcribe`, body, { headers }).then(data, refusal);
    await step(String(size), async () => [await ask(), await ask(), await ask()]);
  }
}

export const scenarios = { workflow, refusals, configured, wrong_keys, long, busy, big };
