// What the browser's page does: health, 'Fix all', verify, align; and what it is refused.

async function workflow({ step, ask, post, task }) {
  const { tts, whisperx, texts, words } = task;
  const soon = () => ({ signal: AbortSignal.timeout(5000) });
  await step("tts health", () => ask(`${tts}/health`, soon()));
  await step("whisperx health", () => ask(`${whisperx}/health`, soon()));
  const named = { "X-Request-Id": "a-page" };
  await step("generate", () => post(`${tts}/generate`, { text: texts[0] }, named));
  const { body } = await step("generate_batch", () => post(`${tts}/generate_batch`, { texts }));
  const { audios } = body;
  const audio = audios[0];
  await step("decoded", () => decode(audio));
  await step("played", () => play(audio));
  const items = audios.map((clip, i) => ({ audio: clip, text: words[i] }));
  await step("transcribe", () => post(`${whisperx}/transcribe`, { audio, language: "en" }));
  await step("transcribe_batch", () => post(`${whisperx}/transcribe_batch`, { audios }));
  await step("align", () => post(`${whisperx}/align`, items[0]));
  await step("align_batch", () => post(`${whisperx}/align_batch`, { items }));
}

const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

async function decode(base64) {
  const context = new OfflineAudioContext(1, 24000, 24000);
  const decoded = await context.decodeAudioData(bytes(base64).buffer);
  const peak = decoded.getChannelData(0).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const { duration, numberOfChannels, sampleRate } = decoded;
  return { duration, numberOfChannels, sampleRate, peak };
}

function play(base64) {
  const audio = new Audio(URL.createObjectURL(new Blob([bytes(base64)], { type: "audio/wav" })));
  return new Promise((resolve, reject) => {
    audio.onloadedmetadata = () => resolve({ duration: audio.duration });
    audio.onerror = () => reject(audio.error);
  });
}

async function refusals({ step, ask, post, task }) {
  const { tts, whisperx } = task;
  await step("empty text", () => post(`${tts}/generate`, { text: " " }));
  await step("malformed", () => post(`${tts}/generate`, "{no"));
  await step("bad base64", () => post(`${whisperx}/transcribe`, { audio: "%%%" }));
  await step("no such page", () => ask(`${tts}/helth`));
  await step("no such path", () => post(`${tts}/speak`, { text: "Hello." }));
  await step("wrong method", () => ask(`${tts}/generate`));
  await step("long text", () => post(`${tts}/generate`, { text: "a".repeat(6000) }));
}

// Posts that a browser sends without asking the server first.
async function unasked({ step, ask, task }) {
  const url = `${task.tts}/generate`;
  const body = JSON.stringify({ text: "Hello." });
  await step("text", () => ask(url, { method: "POST", body }));
  await step("opaque", () => ask(url, { method: "POST", body, mode: "no-cors" }));
  await step("plain form", () => submit(url, "text/plain"));
  await step("form", () => submit(url, "application/x-www-form-urlencoded"));
}

function submit(url, kind) {
  const form = document.createElement("form");
  Object.assign(form, { action: url, method: "post", enctype: kind, target: "answer" });
  const field = document.createElement("input");
  // Sent as text/plain this is JSON: {"text": "Hello.", "more": "="}
  Object.assign(field, { name: '{"text": "Hello.", "more": "', value: '"}' });
  form.append(field);
  document.body.append(form);
  return new Promise((resolve) => {
    document.querySelector("iframe").onload = () => resolve({ sent: true });
    form.submit();
  });
}

async function internal({ step, ask, post, task }) {
  const drain = `${task.tts}/internal/drain`;
  const named = { "X-Voice-Internal": "1" };
  await step("drain", () => post(drain, { seconds: 60 }, named));
  await step("resume", () => post(`${task.tts}/internal/resume`, {}, named));
  await step("activity", () => ask(`${task.tts}/internal/activity`, { headers: named }));
  await step("unnamed", () => post(drain, { seconds: 60 }));
  const body = JSON.stringify({ seconds: 60 });
  // In this mode the browser leaves the header out.
  await step("opaque", () => ask(drain, { method: "POST", body, headers: named, mode: "no-cors" }));
}

async function keys({ step, ask, post, task }) {
  const { tts, whisperx, key } = task;
  const mine = { "X-API-Key": key };
  const body = { text: "Hello." };
  await step("health with key", () => ask(`${tts}/tts/health`, { headers: mine }));
  await step("no key", () => post(`${tts}/generate`, body));
  await step("wrong key", () => post(`${tts}/generate`, body, { "X-API-Key": "gv_wrong" }));
  await step("X-API-Key", () => post(`${tts}/tts/generate`, body, mine));
  const signed = (Authorization) => post(`${tts}/generate`, body, { Authorization });
  await step("Bearer", () => signed(`Bearer ${key}`));
  await step("Basic", () => signed(`Basic ${btoa(`key:${key}`)}`));
  const spoken = await step("generate", () => post(`${tts}/generate`, body, mine));
  const heard = { audio: spoken.body?.audio, text: "Hello there." };
  await step("transcribe", () => post(`${whisperx}/whisperx/transcribe`, heard, mine));
  await step("align", () => post(`${whisperx}/whisperx/align`, heard, mine));
  for (const size of task.sizes) {
    const large = { text: "a".repeat(size) };
    await step(`${size} too large`, () => post(`${tts}/generate`, large, mine));
    await step(`${size} without key`, () => post(`${tts}/generate`, large));
  }
}

async function long({ step, post, task }) {
  const { tts, text, key } = task;
  const began = performance.now();
  const mine = { "X-API-Key": key };
  await Promise.all([
    step("spoken", async () => {
      const answer = await post(`${tts}/generate`, { text }, mine);
      return { ...answer, seconds: (performance.now() - began) / 1000 };
    }),
    step("failed", () => post(`${tts}/generate`, { text }, { ...mine, "X-Deadline-Seconds": "2" })),
  ]);
}

// For a page that may or may not call: 'there' shows that the server answers at all.
async function call({ step, ask, post, task }) {
  const { tts, whisperx, key } = task;
  const mine = key ? { "X-API-Key": key } : {};
  await step("there", () => ask(`${tts}/health`, { mode: "no-cors" }));
  await step("tts health", () => ask(`${tts}/health`));
  await step("whisperx health", () => ask(`${whisperx}/health`));
  await step("generate", () => post(`${tts}/generate`, { text: "Hello." }, mine));
  await step("transcribe", () => post(`${whisperx}/transcribe`, { audio: "%%%" }, mine));
  await step("text", () => ask(`${tts}/generate`, { method: "POST", body: '{"text": "Hello."}' }));
}

export const scenarios = { workflow, refusals, unasked, internal, keys, long, call };
