// What the tests ask of the page; not a part of it.

const audioOf = () => document.querySelector("#speak audio");

/** Plays from the start to the end; what was lit up in each picture, with the audio's time. */
async function follow() {
  const audio = audioOf();
  const words = [...document.querySelectorAll("#speak .word")];
  const seen = [];
  audio.pause();
  audio.currentTime = 0;
  await new Promise((done) => audio.addEventListener("seeked", done, { once: true }));
  await audio.play();
  await new Promise((done) => {
    const look = () => {
      seen.push([audio.currentTime, words.findIndex((word) => word.ariaCurrent === "true")]);
      if (audio.ended) done();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  return seen;
}

/** Share of the waveform's pixels that are drawn, and how many colours they have. */
function drawn() {
  const canvas = document.querySelector("#speak canvas");
  // A copy: Chromium warns of a canvas of the page's that is read again and again.
  const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, copy.width, copy.height);
  const colours = new Map();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 255) continue;
    const colour = data.slice(i, i + 3).join();
    colours.set(colour, (colours.get(colour) ?? 0) + 1);
  }
  const painted = [...colours.values()];
  return { share: (4 * painted.reduce((a, b) => a + b, 0)) / data.length, colours: colours.size };
}

/** Elements that are wider than the page. */
function tooWide() {
  const most = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll("*")].filter(
    (each) => each.getBoundingClientRect().right > most + 1 && !each.closest(".unseen"),
  );
  return { page: document.documentElement.scrollWidth - most, wide: wide.map((each) => each.outerHTML.slice(0, 90)) };
}

const heard = async () => ({ duration: audioOf().duration, paused: audioOf().paused, at: audioOf().currentTime });

/** Drop a file: of this content, or of so many zero bytes. */
function drop({ name, data, bytes }) {
  const content = data ? Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)) : new Uint8Array(bytes);
  const transfer = new DataTransfer();
  transfer.items.add(new File([content], name, { type: "audio/wav" }));
  const target = document.querySelector("#listen-drop");
  target.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}

/** Whether the element that has the focus looks like it. */
function focusShows() {
  const focused = document.activeElement;
  const shown = focused.matches("input[type=radio]") ? focused.nextElementSibling : focused;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
}

const paper = () => getComputedStyle(document.body).backgroundColor;

/** As if another tab were in front. */
function hide(hidden) {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

const pause = () => audioOf().pause();
