import { createReadStream, writeFileSync } from "node:fs";
import OpenAI from "openai";

const client = new OpenAI({ baseURL: "http://localhost:5000/v1", apiKey: "none", timeout: 3_600_000 });
const speech = await client.audio.speech.create({
  model: "tts-1",
  voice: "alloy",
  input: "Good morning, and welcome.",
});
writeFileSync("hello.mp3", Buffer.from(await speech.arrayBuffer()));
const heard = await client.audio.transcriptions.create({
  model: "whisper-1",
  file: createReadStream("hello.mp3"),
});
console.log(heard.text);
