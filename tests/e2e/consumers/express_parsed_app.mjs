// The same where a parser of the app reads bodies first: node express_parsed_app.mjs PORT FOLDER PROXY
import express from "express";
import { speech } from "../../../examples/team/express-handler.mjs";

const [port, folder, proxy] = process.argv.slice(2);
const app = express();
app.use(express.json());
app.use(speech(proxy));
app.use(express.static(folder));
app.listen(Number(port), "127.0.0.1", () => console.log("ready"));
