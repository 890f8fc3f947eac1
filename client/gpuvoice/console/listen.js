/** Audio files in; what is said in them, or when, out. */

import { call } from "./api.js";
import { base64Of } from "./audio.js";
import { count, mebibytes } from "./format.js";
import { byId, copyOf, say, show } from "./page.js";
import { Player } from "./player.js";
import { Task } from "./task.js";

export const MOST_MIB = 64;
const NO_FILE = "There is no file yet: choose one, or drop it here.";
const ONE_TEXT = "A text belongs to one file. Choose one file, or leave the text empty.";
const KINDS = /\.(wav|flac|ogg|oga|mp3)$/i;

export function listenPanel(watch) {
  const form = byId("listen-form");
  const drop = byId("listen-drop");
  const files = form.elements.files;
  const players = [];
  const task = new Task(watch, {
    form,
    button: byId("listen-button"),
    waiting: byId("listen-waiting"),
    sentence: byId("listen-sentence"),
    seconds: byId("listen-seconds"),
    cancel: byId("listen-cancel"),
    alert: byId("listen-alert"),
  });

  const formats = () => watch.latest?.formats ?? ["wav"];

  async function listen(signal) {
    players.splice(0).forEach((player) => player.remove());
    byId("listen-results").replaceChildren();
    const text = form.elements.text.value.trim();
    const language = form.elements.language.value;
    for (const file of files.files) {
      const body = { audio: await base64Of(file), ...(language ? { language } : {}) };
      const card = new Card(file, formats(), players);
      if (text) await card.align({ ...body, text }, signal);
      else await card.transcribe(body, signal, (job) => task.run("Timing the words", job));
    }
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    const wrong = problem([...files.files], form.elements.text.value.trim());
    if (wrong) task.fail(wrong);
    else task.run("Listening", listen);
  };
  files.onchange = () => say(byId("listen-chosen"), chosen([...files.files]));
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
    });
  }
  drop.addEventListener("drop", ({ dataTransfer }) => {
    if (!dataTransfer.files.length) return;
    files.files = dataTransfer.files;
    files.dispatchEvent(new Event("change"));
    form.requestSubmit();
  });
}

/** One file with what was heard in it. */
class Card {
  #player;
  #parts;

  constructor(file, formats, players) {
    const { root, parts } = copyOf("heard");
    this.#parts = parts;
    say(parts.name, file.name);
    this.#player = new Player({ blob: file, name: file.name.replace(KINDS, ""), formats });
    this.#player.ready.catch((error) => say(parts.note, error.message));
    players.push(this.#player);
    parts.player.replaceWith(this.#player.root);
    byId("listen-results").append(root);
  }

  async align(body, signal) {
    const { words } = await call("/whisperx/align", { method: "POST", body, signal });
    this.#player.words(words);
  }

  async transcribe(body, signal, run) {
    const { text } = await call("/whisperx/transcribe", { method: "POST", body, signal });
    const { heard, time } = this.#parts;
    say(heard, text.trim() || "No words were heard.");
    show(heard, true);
    show(time, text.trim() !== "");
    time.onclick = () =>
      run(async (later) => {
        await this.align({ ...body, text }, later);
        show(heard, false);
        show(time, false);
      });
  }
}

function problem(files, text) {
  if (!files.length) return NO_FILE;
  if (text && files.length > 1) return ONE_TEXT;
  const odd = files.find((file) => !KINDS.test(file.name));
  if (odd) return `${odd.name} is no WAV, FLAC, OGG or MP3 file. Convert it to one of these first.`;
  const large = files.find((file) => file.size > MOST_MIB * 1_048_576);
  if (large) return `${large.name} has ${mebibytes(large.size)}; ${MOST_MIB} MiB fit. Cut it, or save it as FLAC.`;
  return "";
}

function chosen(files) {
  if (!files.length) return "No file chosen.";
  const size = mebibytes(files.reduce((sum, file) => sum + file.size, 0));
  return files.length === 1 ? `${files[0].name}, ${size}` : `${count(files.length, "file")}, ${size}`;
}
