/** The page: its panels, and the one watch that all of them follow. */

import { callsPanel } from "./calls.js";
import { keepDrafts } from "./drafts.js";
import { gpuPanel } from "./gpu.js";
import { offerLanguages } from "./languages.js";
import { leasePanel } from "./leases.js";
import { listenPanel } from "./listen.js";
import { byId } from "./page.js";
import { speakPanel } from "./speak.js";
import { StatusWatch } from "./status.js";

const watch = new StatusWatch();
offerLanguages(document.querySelectorAll("select[name=language]"));
keepDrafts(["speak-form", "listen-form", "lease-form"].map(byId));
for (const panel of [gpuPanel, leasePanel, speakPanel, listenPanel, callsPanel]) panel(watch);
watch.start();
