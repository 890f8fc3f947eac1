/** A question before something that cannot be taken back at once. */

import { byId, say } from "./page.js";

/** Whether the person said yes; Escape is no. */
export function ask({ title, sentence, yes }) {
  const dialog = byId("ask");
  say(byId("ask-title"), title);
  say(byId("ask-sentence"), sentence);
  say(byId("ask-yes"), yes);
  dialog.returnValue = "";
  dialog.showModal();
  byId("ask-no").focus();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}
