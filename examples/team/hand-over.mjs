// Hands a page's POST to `gpuvoice proxy`, which has the key, the limits and the say who may call.
import { pipeline } from "node:stream/promises";

export const PATH = "/api/tts-generate";

export const handOver = (proxy = "http://localhost:8080") => async (request, response) => {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  // What the browser says of the page goes along as it came: with headers of our own, pages of
  // strangers could post.
  const { "content-type": type = "", "sec-fetch-site": site = "none" } = request.headers;
  const headers = { "Content-Type": type, "Sec-Fetch-Site": site };
  // Where a parser of the app has read the body already, what it made of it is sent.
  const body = request.body === undefined ? request : JSON.stringify(request.body);
  try {
    const call = { method: "POST", headers, body, duplex: "half", signal: gone.signal };
    const answer = await fetch(proxy + PATH, call);
    response.writeHead(answer.status, { "Content-Type": "application/json" });
    await pipeline(answer.body, response);
  } catch {
    // An answer that broke off half-way must not look like a whole one.
    if (response.headersSent) return response.destroy();
    const error = `Nobody answers at ${proxy}. Start it: gpuvoice proxy`;
    response.writeHead(502, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ success: false, error }));
  }
};
