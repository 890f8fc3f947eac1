// Vite's dev server with the team's plugin: node vite_app.mjs PORT FOLDER PROXY CACHE
import { createServer } from "vite";
import { speech } from "../../../examples/team/vite-plugin.mjs";

const [port, root, proxy, cacheDir] = process.argv.slice(2);
const server = await createServer({
  configFile: false,
  root,
  cacheDir,
  plugins: [speech(proxy)],
  server: { port: Number(port), strictPort: true, host: "127.0.0.1" },
});
await server.listen();
console.log("ready");
