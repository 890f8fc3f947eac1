// A page at another origin than the servers. It has no key: `gpuvoice proxy` adds it.
const SPEECH = new URLSearchParams(location.search).get("speech") ?? "http://localhost:5000";
const HEALTH_MS = 5_000;
const WORK_MS = 30 * 60_000;

const clips = document.getElementById("clips");
const show = (id, text) => (document.getElementById(id).textContent = text);
const nobody = () => new Error(`Nobody answers at ${SPEECH}. Start it: gpuvoice proxy`);

async function health() {
  const signal = AbortSignal.timeout(HEALTH_MS);
  const answer = await fetch(`${SPEECH}/health`, { signal }).catch(() => Promise.reject(nobody()));
  const { engine, model_loaded, gpu_name } = await answer.json();
  show("server", `${engine}, ${model_loaded ? (gpu_name ?? "no GPU") : "will be started"}`);
}

async function generate(texts) {
  const answer = await fetch(`${SPEECH}/generate_batch`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ texts }),
    signal: AbortSignal.timeout(WORK_MS),
  }).catch(() => Promise.reject(nobody()));
  const found = await answer.json();
  // After a long wait the status is 200 whatever comes: the body says how it went.
  if (!found.success) throw new Error(found.error);
  return found.audios;
}

function clip(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const audio = new Audio(URL.createObjectURL(new Blob([bytes], { type: "audio/wav" })));
  audio.controls = true;
  const item = document.createElement("li");
  item.append(audio);
  return item;
}

document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const texts = document.getElementById("texts").value.split("\n").filter((text) => text.trim());
  show("state", "Speaking ...");
  try {
    const made = (await generate(texts)).map(clip);
    // The browser keeps what a URL names until it is revoked.
    for (const old of clips.querySelectorAll("audio")) URL.revokeObjectURL(old.src);
    clips.replaceChildren(...made);
    show("state", "Done.");
  } catch (error) {
    show("state", error.message);
  }
});

await health().catch((error) => show("server", error.message));
