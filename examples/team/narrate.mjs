// Speak, check and align a narration with axios, ten segments at a time:
//   node narrate.mjs narration.json OUT
// The servers are this machine's (`gpuvoice proxy` has the key and wakes the GPU), unless
// server_config.json or the environment names others.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import axios from "axios";

const BATCH = 10;
const MINUTES = 60_000;
const LEAST_HEARD = 0.6;

const at = await addresses();
const headers = at.key ? { "X-API-Key": at.key } : {};

async function addresses() {
  let file = {};
  try {
    file = JSON.parse(await readFile("server_config.json", "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  const { TTS_SERVER_URL, WHISPER_URL, TTS_API_KEY } = process.env;
  return {
    speech: TTS_SERVER_URL || file.server_url || "http://localhost:5000",
    recognition: WHISPER_URL || file.whisper_url || "http://localhost:5001",
    key: TTS_API_KEY || file.api_key,
  };
}

async function post(url, body, minutes) {
  const { data } = await axios.post(url, body, { headers, timeout: minutes * MINUTES });
  // After a long wait the status is 200 whatever comes: the body says how it went.
  if (data.success !== true) throw new Error(data.error ?? `${url} sent no success.`);
  return data;
}

async function narrated(segments) {
  const texts = segments.map(({ text }) => text);
  const instructs = segments.map(({ instruct }) => instruct ?? "");
  const spoken = await post(`${at.speech}/generate_batch`, { texts, instructs }, 180);
  const { audios } = spoken;
  const language = "en";
  const heard = await post(`${at.recognition}/transcribe_batch`, { audios, language }, 10);
  const items = audios.map((audio, i) => ({ audio, text: texts[i] }));
  const aligned = await post(`${at.recognition}/align_batch`, { items, language }, 10);
  return segments.map(({ id, text }, i) => ({
    id,
    text,
    audio: audios[i],
    heard: heard.transcriptions[i].text,
    ...aligned.alignments[i],
  }));
}

// The share of the longer words that were heard again; figures are written in too many ways.
function heardAgain({ text, heard }) {
  const longer = (words) => words.toLowerCase().match(/\p{L}{4,}/gu) ?? [];
  const there = new Set(longer(heard));
  const written = longer(text);
  return written.length ? written.filter((word) => there.has(word)).length / written.length : 1;
}

async function main(file, out) {
  const { segments } = JSON.parse(await readFile(file, "utf8"));
  await mkdir(out, { recursive: true });
  for (const url of [at.speech, at.recognition]) {
    const { data } = await axios.get(`${url}/health`, { timeout: 5000 });
    console.error(`${data.engine} at ${url}: ${data.model_loaded ? "ready" : "will be started"}`);
  }
  const done = [];
  for (let first = 0; first < segments.length; first += BATCH) {
    done.push(...(await narrated(segments.slice(first, first + BATCH))));
    console.error(`${done.length} of ${segments.length} segments`);
  }
  for (const { id, audio } of done) {
    await writeFile(join(out, `${id}.wav`), Buffer.from(audio, "base64"));
  }
  const written = done.map(({ audio, ...rest }) => rest);
  await writeFile(join(out, "narration.json"), JSON.stringify(written, null, 2));
  const doubtful = done.filter((one) => one.error || heardAgain(one) < LEAST_HEARD);
  for (const { id, error, heard } of doubtful) {
    console.error(`Listen to ${id}: ${error ?? `it was heard as "${heard}"`}`);
  }
}

try {
  const [file, out] = process.argv.slice(2);
  if (!out) throw new Error("Name the narration and a folder: node narrate.mjs FILE OUT");
  await main(file, out);
} catch (error) {
  console.error(error.response?.data?.error ?? (error.message || error.code));
  process.exitCode = 1;
}
