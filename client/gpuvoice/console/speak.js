/** Text in; audio, its waveform and its words out. */

import { call } from "./api.js";
import { wavFrom } from "./audio.js";
import { fileName } from "./format.js";
import { byId, say } from "./page.js";
import { Player } from "./player.js";
import { spokenOf } from "./spoken.js";
import { Task } from "./task.js";

const NO_TEXT = "There is no text yet: write what is to be said.";
const UNTIMED = "The audio is here; when each word is spoken could not be found.";

export function speakPanel(watch) {
  const form = byId("speak-form");
  const task = new Task(watch, {
    form,
    button: byId("speak-button"),
    waiting: byId("speak-waiting"),
    sentence: byId("speak-sentence"),
    seconds: byId("speak-seconds"),
    cancel: byId("speak-cancel"),
    alert: byId("speak-alert"),
  });
  let player = null;

  async function speak(signal) {
    const { text, align, ...asked } = request(form);
    const said = spokenOf(text);
    const spoken = await call("/tts/generate", { method: "POST", body: { text, ...asked }, signal });
    player?.remove();
    const blob = wavFrom(spoken.audio);
    player = new Player({ blob, name: fileName(said), formats: watch.latest?.formats ?? ["wav"] });
    byId("speak-result").replaceChildren(player.root);
    say(byId("speak-take"), take(spoken));
    await player.ready;
    player.play();
    await timed(player, { audio: spoken.audio, text: said, ...align }, signal);
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    if (form.elements.text.value.trim()) task.run("Speaking", speak);
    else refuse();
  };
  form.elements.text.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  };

  function refuse() {
    task.fail(NO_TEXT);
    form.elements.text.focus();
  }

  watch.listen((status) => offerVoices(form, status));
}

/** When each word is spoken; the audio stays where that fails. */
async function timed(player, body, signal) {
  try {
    const { words } = await call("/whisperx/align", { method: "POST", body, signal });
    player.words(words);
  } catch (error) {
    if (error.message) error.message = `${UNTIMED} ${error.message}`;
    throw error;
  }
}

function request(form) {
  const { text, voice, instruct, language, seed } = form.elements;
  const align = language.value ? { language: language.value } : {};
  const asked = { text: text.value.trim(), align, ...align };
  if (instruct.value.trim()) asked.instruct = instruct.value.trim();
  if (seed.value !== "") asked.seed = Number(seed.value);
  if (voice.value) asked.voice = voice.value;
  return asked;
}

function take({ seed, finish_reason: reason }) {
  const cut = reason === "length" ? " The voice found no end and was cut off: try another seed." : "";
  return (Number.isInteger(seed) ? `Seed ${seed}: the same seed gives this take again.` : "") + cut;
}

/** The voices of the server that answers now; its own speaker is the empty choice. */
function offerVoices(form, status) {
  const health = status.speech?.health;
  if (!health?.speaker) return;
  const { voice } = form.elements;
  const own = health.speaker.toLowerCase();
  const others = (health.voices ?? []).filter((name) => name.toLowerCase() !== own);
  const offered = [own, ...others].join(" ");
  if (voice.dataset.offered === offered) return;
  const chosen = voice.value || voice.dataset.wanted || "";
  const options = others.map((name) => new Option(title(name), name));
  voice.replaceChildren(new Option(title(health.speaker), ""), ...options);
  voice.dataset.offered = offered;
  voice.value = others.includes(chosen) ? chosen : "";
  voice.disabled = others.length === 0;
}

function title(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
