/** Audio with its waveform, its words, and what can be downloaded of it. */

import { convert } from "./api.js";
import { download, samplesOf } from "./audio.js";
import { clock } from "./format.js";
import { copyOf, say, show } from "./page.js";
import { srt, vtt } from "./subtitles.js";
import { Waveform } from "./waveform.js";
import { Words } from "./words.js";

const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5 };
let sounding = null;

export class Player {
  #parts;
  #audio;
  #waveform;
  #words = null;
  #track = null;
  #gone = new AbortController();

  /** `blob`: audio; `name`: of the files, without an ending; `formats`: what WAV can become. */
  constructor({ blob, name, formats }) {
    const { root, parts } = copyOf("player");
    this.root = root;
    root.setAttribute("aria-label", `Player: ${name}`);
    this.#parts = parts;
    this.#audio = parts.audio;
    this.#audio.src = URL.createObjectURL(blob);
    this.#waveform = new Waveform(parts.canvas, this.#gone.signal);
    this.#listen();
    this.#offer(blob, name, formats);
    this.ready = samplesOf(blob).then((samples) => this.#waveform.show(samples));
  }

  /** A browser may want the person to press the button first. */
  play() {
    this.#audio.play().catch(() => {});
  }

  words(words) {
    this.#words = words;
    show(this.#parts.text, true);
    this.#track = new Words(this.#parts.text, words, (seconds) => {
      this.#audio.currentTime = seconds;
      this.play();
    });
    show(this.#parts.subtitles, words.length > 0);
    show(this.#parts.rough, words.some((word) => word.aligned === false));
    this.#follow();
  }

  /** Nothing of it stays: the page may be open for days. */
  remove() {
    this.#gone.abort();
    this.#audio.pause();
    URL.revokeObjectURL(this.#audio.src);
    this.#audio.removeAttribute("src");
    this.#audio.load();
    if (sounding === this.#audio) sounding = null;
    this.root.remove();
  }

  #listen() {
    const { audio, play, seek } = this.#parts;
    play.onclick = () => (audio.paused ? this.play() : audio.pause());
    audio.onplay = () => {
      if (sounding !== audio) sounding?.pause();
      sounding = audio;
      this.#run();
    };
    audio.onpause = audio.onseeked = audio.onended = audio.onloadedmetadata = () => this.#follow();
    seek.onpointerdown = (event) => this.#drag(event);
    seek.onkeydown = (event) => this.#step(event);
  }

  /** Once for each picture while it plays. */
  #run() {
    this.#follow();
    if (!this.#audio.paused) requestAnimationFrame(() => this.#run());
  }

  #follow() {
    const { play, seek, time } = this.#parts;
    const { currentTime, duration, paused } = this.#audio;
    const length = Number.isFinite(duration) ? duration : 0;
    this.#track?.at(currentTime);
    this.#waveform.played(length ? currentTime / length : 0);
    play.dataset.playing = String(!paused);
    play.setAttribute("aria-label", paused ? "Play" : "Pause");
    say(time, `${clock(currentTime)} / ${clock(length)}`);
    seek.ariaValueMax = String(Math.round(length));
    seek.ariaValueNow = String(Math.round(currentTime));
    seek.ariaValueText = `${clock(currentTime)} of ${clock(length)}`;
  }

  #drag(event) {
    const { seek } = this.#parts;
    const move = ({ clientX }) => {
      const { left, width } = seek.getBoundingClientRect();
      this.#to(((clientX - left) / width) * this.#audio.duration);
    };
    seek.setPointerCapture(event.pointerId);
    seek.onpointermove = move;
    seek.onpointerup = seek.onpointercancel = () => (seek.onpointermove = null);
    move(event);
  }

  #step(event) {
    const { currentTime, duration } = this.#audio;
    const to = { Home: 0, End: duration }[event.key] ?? currentTime + STEPS[event.key];
    if (event.key === " ") this.#parts.play.click();
    else if (Number.isNaN(to)) return;
    else this.#to(to);
    event.preventDefault();
  }

  #to(seconds) {
    if (!Number.isFinite(seconds)) return;
    this.#audio.currentTime = Math.min(Math.max(0, seconds), this.#audio.duration);
    this.#follow();
  }

  #offer(blob, name, formats) {
    const { format, save, saveVtt, saveSrt, alert } = this.#parts;
    const kind = blob.name?.split(".").at(-1).toLowerCase() ?? "wav";
    const kinds = kind === "wav" ? formats : [kind];
    format.replaceChildren(...kinds.map((each) => new Option(each.toUpperCase(), each)));
    save.onclick = async () => {
      say(alert, "");
      try {
        const made = format.value === kind ? blob : await convert(blob, format.value);
        download(made, `${name}.${format.value}`);
      } catch (refusal) {
        say(alert, refusal.message);
      }
    };
    saveVtt.onclick = () => download(new Blob([vtt(this.#words)], { type: "text/vtt" }), `${name}.vtt`);
    saveSrt.onclick = () => download(new Blob([srt(this.#words)], { type: "text/plain" }), `${name}.srt`);
  }
}
