/** The loudness of audio as bars; what was played already has the accent's colour. */

const BAR = 3;
const GAP = 2;
const LEAST = 0.03;

export class Waveform {
  #canvas;
  #samples = new Float32Array(0);
  #peaks = [];
  #fraction = 0;

  /** It follows the page's size and colours until the signal. */
  constructor(canvas, signal) {
    this.#canvas = canvas;
    const sizes = new ResizeObserver(() => this.#measure());
    sizes.observe(canvas);
    signal.addEventListener("abort", () => sizes.disconnect());
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.draw(), { signal });
    document.addEventListener("themechange", () => this.draw(), { signal });
  }

  /** `samples`: one channel, -1 to 1. */
  show(samples) {
    this.#samples = samples;
    this.#measure();
  }

  played(fraction) {
    this.#fraction = fraction;
    this.draw();
  }

  #measure() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = devicePixelRatio || 1;
    Object.assign(this.#canvas, { width: width * scale, height: height * scale });
    this.#peaks = peaks(this.#samples, Math.max(1, Math.floor(width / (BAR + GAP))));
    this.draw();
  }

  draw() {
    const { width, height } = this.#canvas;
    const pen = this.#canvas.getContext("2d");
    // Two colours that the style sheet chooses; `caret-color` means nothing else on a canvas.
    const { color: rest, caretColor: accent } = getComputedStyle(this.#canvas);
    const step = width / this.#peaks.length;
    const bar = (step * BAR) / (BAR + GAP);
    pen.clearRect(0, 0, width, height);
    for (const [index, peak] of this.#peaks.entries()) {
      const tall = Math.max(LEAST, peak) * height;
      pen.fillStyle = (index + 0.5) / this.#peaks.length <= this.#fraction ? accent : rest;
      pen.beginPath();
      pen.roundRect(index * step, (height - tall) / 2, bar, tall, bar / 2);
      pen.fill();
    }
  }
}

/** The loudest of each part, the loudest of all being 1. */
export function peaks(samples, parts) {
  const found = Array.from({ length: parts }, (_, part) => {
    const end = Math.floor(((part + 1) * samples.length) / parts);
    let most = 0;
    for (let i = Math.floor((part * samples.length) / parts); i < end; i += 1) {
      most = Math.max(most, Math.abs(samples[i]));
    }
    return most;
  });
  const top = Math.max(...found);
  return top > 0 ? found.map((peak) => peak / top) : found;
}
