// OpenAI's own client for Node: reads a task from standard input, does its steps in order and
// writes one JSON line for each, named.
import { createReadStream, readFileSync } from "node:fs";
import OpenAI from "openai";

const task = JSON.parse(readFileSync(0, "utf8"));
const client = new OpenAI({ baseURL: task.url, apiKey: task.key, maxRetries: 0 });

const calls = {
  async speech({ body }) {
    const answer = await client.audio.speech.create(body);
    const audio = Buffer.from(await answer.arrayBuffer());
    return { type: answer.headers.get("content-type"), audio: audio.toString("base64") };
  },

  // The first part is told as soon as it is there, the others when all have come.
  async stream({ name, body }) {
    const answer = await client.audio.speech.create(body);
    const reader = answer.body.getReader();
    const first = await reader.read();
    say(`${name}_first`, { bytes: first.value.length });
    let bytes = first.value.length;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      bytes += part.value.length;
    }
    return { bytes };
  },

  async models() {
    const names = [];
    for await (const model of client.models.list()) names.push(model.id);
    return { names };
  },

  async model({ id }) {
    return await client.models.retrieve(id);
  },

  async transcription({ file, body }) {
    const sent = { file: createReadStream(file), ...body };
    return await client.audio.transcriptions.create(sent);
  },

  async transcription_events({ file, body }) {
    const sent = { file: createReadStream(file), ...body, stream: true };
    const events = [];
    for await (const event of await client.audio.transcriptions.create(sent)) events.push(event);
    return { events };
  },
};

function say(name, result) {
  process.stdout.write(JSON.stringify({ name, result }) + "\n");
}

for (const step of task.steps) {
  try {
    say(step.name, await calls[step.call](step));
  } catch (error) {
    const { status, message, code, param, type } = error;
    say(step.name, { thrown: error.constructor.name, status, message, code, param, type });
  }
}
