// POST /api/tts-generate of an Express 5 app, handed to the proxy, which has the key.
// In the app: app.use(speech())
import { pipeline } from "node:stream/promises";
import express from "express";

const PATH = "/api/tts-generate";

export function speech(proxy = "http://localhost:8080") {
  const routes = express.Router();
  routes.post(PATH, (request, response, next) => {
    // Browsers say whose page asks: strangers' pages may not spend the team's GPU time.
    const stranger = request.get("Sec-Fetch-Site") === "cross-site";
    const error = new Error("Only this site's own pages may call this.");
    next(stranger ? Object.assign(error, { status: 403 }) : undefined);
  });
  routes.post(PATH, express.raw({ type: () => true, limit: "256kb" }), async (request, response) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    // The type is passed on as it came: with a type of our own, pages of strangers could post.
    const headers = { "Content-Type": request.get("Content-Type") ?? "" };
    const call = { method: "POST", headers, body: request.body, signal: gone.signal };
    const answer = await fetch(proxy + PATH, call);
    response.status(answer.status).type("json");
    await pipeline(answer.body, response);
  });
  routes.use(PATH, (error, request, response, next) => {
    // An answer that broke off half-way must not look like a whole one.
    if (response.headersSent) return response.destroy();
    const nobody = `Nobody answers at ${proxy}. Start it: gpuvoice proxy`;
    const said = error.status === 413 ? "Send at most 256 KB." : error.message;
    response.status(error.status ?? 502);
    response.json({ success: false, error: error.status ? said : nobody });
  });
  return routes;
}
