/** The languages that the published models speak and hear, by their ISO 639-1 codes. */

const LANGUAGES = {
  zh: "Chinese",
  en: "English",
  fr: "French",
  de: "German",
  it: "Italian",
  ja: "Japanese",
  ko: "Korean",
  pt: "Portuguese",
  ru: "Russian",
  es: "Spanish",
};

export function offerLanguages(lists) {
  for (const list of lists) {
    list.append(...Object.entries(LANGUAGES).map(([code, name]) => new Option(name, code)));
  }
}
