/** What the voice says of a text: the server leaves decorations for an older engine out. */

const SPEAKER = /^\s*Speaker \p{Nd}+: /u;
const AMAZING = " Amazing.";
/** Characters that are not seen; emoji and some scripts need the two joiners. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cf}\p{Cs}\p{Co}]/gu;

/** As the server cleans it, so that each word that lights up is heard. */
export function spokenOf(text) {
  const seen = text.replace(/\p{Cc}/gu, " ").replace(UNSEEN, "");
  const told = seen.replace(SPEAKER, "").trimEnd();
  const bare = told.endsWith(AMAZING) ? told.slice(0, -AMAZING.length).replace(/[. ]+$/, "") : told;
  return bare.trim().split(/\s+/).join(" ");
}
