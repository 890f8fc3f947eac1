// One scenario of the contract with axios and its default error handling, as the team's
// scripts use it. Reads a task from standard input, writes one JSON document of named results.
import { readFileSync } from "node:fs";
import axios from "axios";
import { scenarios } from "./axios_scenarios.mjs";

function addresses() {
  let file = {};
  try {
    file = JSON.parse(readFileSync("server_config.json", "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  const { TTS_SERVER_URL, WHISPER_URL, TTS_API_KEY } = process.env;
  return {
    tts: TTS_SERVER_URL ?? file.server_url ?? "http://localhost:5000",
    whisperx: WHISPER_URL ?? file.whisper_url ?? "http://localhost:5001",
    key: TTS_API_KEY ?? file.api_key,
  };
}

function refusal(error) {
  return {
    thrown: error.message,
    code: error.code,
    status: error.response?.status,
    success: error.response?.data?.success,
    error: error.response?.data?.error,
    retry_after: error.response?.headers["retry-after"],
  };
}

const task = JSON.parse(readFileSync(0, "utf8"));
const results = {};
async function step(name, run) {
  try {
    results[name] = await run();
  } catch (error) {
    results[name] = refusal(error);
  }
  return results[name];
}
await scenarios[task.scenario]({ axios, step, refusal, task, at: addresses() });
process.stdout.write(JSON.stringify(results));
