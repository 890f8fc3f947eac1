/** The words of a text that light up while they are spoken. */

import { make } from "./page.js";

const KEYS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const ROUGH = "The time of this word is estimated: it could not be found in the audio.";

/** Index of the last word that has begun at this time; -1 before the first. */
export function wordAt(words, seconds) {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle].start <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export class Words {
  #words;
  #buttons;
  #current = -1;

  /** `seek(seconds)` is called for the word that is chosen. */
  constructor(root, words, seek) {
    this.#words = words;
    this.#buttons = words.map(button);
    root.replaceChildren(...this.#buttons.flatMap((each) => [each, " "]));
    root.onclick = ({ target }) => {
      const index = this.#buttons.indexOf(target);
      if (index < 0) return;
      this.#stop(index);
      seek(words[index].start);
    };
    root.onkeydown = (event) => this.#move(event);
    this.#stop(0);
  }

  /** Light up what is spoken at this time. */
  at(seconds) {
    const index = wordAt(this.#words, seconds);
    if (index === this.#current) return;
    this.#buttons[this.#current]?.removeAttribute("aria-current");
    this.#buttons[index]?.setAttribute("aria-current", "true");
    const [from, to] = [Math.min(index, this.#current), Math.max(index, this.#current)];
    for (let i = Math.max(0, from); i <= to; i += 1) {
      this.#buttons[i].classList.toggle("spoken", i <= index);
    }
    this.#current = index;
  }

  /** One stop for the tab key; arrows go from word to word. */
  #stop(index) {
    for (const [i, each] of this.#buttons.entries()) each.tabIndex = i === index ? 0 : -1;
  }

  #move(event) {
    const from = this.#buttons.indexOf(event.target);
    const to = { Home: 0, End: this.#buttons.length - 1 }[event.key] ?? from + KEYS[event.key];
    if (from < 0 || !this.#buttons[to]) return;
    event.preventDefault();
    this.#stop(to);
    this.#buttons[to].focus();
  }
}

function button(word) {
  const rough = word.aligned === false;
  return make("button", {
    type: "button",
    className: rough ? "word rough" : "word",
    textContent: word.word,
    title: rough ? ROUGH : "",
  });
}
