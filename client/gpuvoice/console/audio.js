/** Audio between base64, files and samples. */

const RATE = 24_000;
const NO_AUDIO = "This browser cannot read the file as audio. WAV, FLAC, OGG and MP3 files fit.";

export function wavFrom(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: "audio/wav" });
}

/** The bytes of a file in base64, which is how the servers take audio. */
export async function base64Of(blob) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error("The file cannot be read. Choose it again."));
    reader.readAsDataURL(blob);
  });
  return url.slice(url.indexOf(",") + 1);
}

/** The first channel's samples. Throws an Error with a sentence. */
export async function samplesOf(blob) {
  const context = new OfflineAudioContext(1, 1, RATE);
  try {
    return (await context.decodeAudioData(await blob.arrayBuffer())).getChannelData(0);
  } catch {
    throw new Error(NO_AUDIO);
  }
}

/** Have the browser save it. */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
