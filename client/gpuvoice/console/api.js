/** Calls of the proxy that serves this page. */

const ABSENT =
  "The proxy does not answer. Look whether gpuvoice proxy (or make run) is still running on this " +
  "machine, then try again.";
const KEY = "Look at the key: gpuvoice config show tells which one is used and where it comes from.";
const NO_JSON = "The answer was cut off or is no JSON. Try again; gpuvoice doctor looks for the cause.";

/** Why a call gave nothing: a sentence for a person. */
export class Refusal extends Error {
  constructor(sentence, { status = 0, state = null } = {}) {
    super(sentence);
    this.status = status;
    this.state = state;
  }
}

/** The person took the call back. */
export class Cancelled extends Error {}

/** The JSON of a successful answer. Throws Refusal or Cancelled. */
export async function call(path, { method = "GET", body, signal } = {}) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const { answer, text } = await fetched(path, { method, headers, body: sent, signal }, "text");
  return read(answer.status, text);
}

/** The same audio as another kind of file. Throws Refusal or Cancelled. */
export async function convert(wav, format, signal) {
  const headers = { "Content-Type": "audio/wav" };
  const path = `/api/convert?format=${encodeURIComponent(format)}`;
  const { answer, blob } = await fetched(path, { method: "POST", headers, body: wav, signal }, "blob");
  if (!answer.ok) read(answer.status, await blob.text());
  return blob;
}

async function fetched(path, asked, form) {
  try {
    const answer = await fetch(path, { cache: "no-store", ...asked });
    return { answer, [form]: await answer[form]() };
  } catch {
    throw asked.signal?.aborted ? new Cancelled() : new Refusal(ABSENT);
  }
}

/** White space may stand before the JSON, and a status of 200 before a failure. */
function read(status, text) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refusal(NO_JSON, { status });
  }
  if (status < 300 && body.success === true) return body;
  const said = body.error || `The server answered with status ${status} and no reason.`;
  const sentence = status === 401 || status === 403 ? `${said} ${KEY}` : said;
  throw new Refusal(sentence, { status, state: body.state ?? null });
}
