// POST /api/tts-generate of a page's dev server, handed to the proxy, which has the key.
// In vite.config.js: plugins: [speech()]
import { pipeline } from "node:stream/promises";

const PATH = "/api/tts-generate";
const MOST_BYTES = 256 * 1024;

export const speech = (proxy = "http://localhost:8080") => ({
  name: "gpuvoice-speech",
  configureServer: ({ middlewares }) => void middlewares.use(PATH, handler(proxy)),
});

const handler = (proxy) => async (request, response, next) => {
  if (request.method !== "POST") return next();
  try {
    checkPage(request);
    const body = await read(request);
    // The type is passed on as it came: with a type of our own, pages of strangers could post.
    const headers = { "Content-Type": request.headers["content-type"] ?? "" };
    const signal = goneSignal(response);
    const answer = await fetch(proxy + PATH, { method: "POST", headers, body, signal });
    response.writeHead(answer.status, { "Content-Type": "application/json" });
    await pipeline(answer.body, response);
  } catch (error) {
    refuse(response, error, proxy);
  }
};

// Browsers say whose page asks: strangers' pages may not spend the team's GPU time.
function checkPage({ headers }) {
  if (headers["sec-fetch-site"] === "cross-site") throw refusal(403, "Only this site's own pages may call this.");
}

const refusal = (status, message) => Object.assign(new Error(message), { status });

// Whoever closes the page wants no audio any more.
function goneSignal(response) {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  return gone.signal;
}

async function read(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size <= MOST_BYTES) parts.push(part);
  }
  if (size > MOST_BYTES) throw refusal(413, "Send at most 256 KB.");
  return Buffer.concat(parts);
}

function refuse(response, { status, message }, proxy) {
  // An answer that broke off half-way must not look like a whole one.
  if (response.headersSent) return response.destroy();
  const error = status ? message : `Nobody answers at ${proxy}. Start it: gpuvoice proxy`;
  response.writeHead(status ?? 502, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ success: false, error }));
}
