// POST /api/tts-generate of an Express 5 app, handed to the proxy.
// In the app: app.use(speech())
import express from "express";
import { handOver, PATH } from "./hand-over.mjs";

export const speech = (proxy) => express.Router().post(PATH, handOver(proxy));
