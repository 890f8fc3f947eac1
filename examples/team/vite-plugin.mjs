// POST /api/tts-generate of a page's dev server, handed to the proxy.
// In vite.config.js: plugins: [speech()]
import { handOver, PATH } from "./hand-over.mjs";

export const speech = (proxy) => ({
  name: "gpuvoice-speech",
  configureServer({ middlewares }) {
    const handle = handOver(proxy);
    middlewares.use(PATH, (request, response, next) =>
      request.method === "POST" ? handle(request, response) : next());
  },
});
