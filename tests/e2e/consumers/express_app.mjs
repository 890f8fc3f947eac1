// An Express app with the team's handler: node express_app.mjs PORT FOLDER PROXY
import express from "express";
import { speech } from "../../../examples/team/express-handler.mjs";

const [port, folder, proxy] = process.argv.slice(2);
const app = express();
app.use(speech(proxy));
app.use(express.static(folder));
app.listen(Number(port), "127.0.0.1", () => console.log("ready"));
