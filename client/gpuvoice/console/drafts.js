/** What was typed is still there after a reload of this tab; audio never is. */

const KEY = "gpuvoice.drafts";

export function keepDrafts(forms) {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  for (const form of forms) {
    for (const field of fields(form)) restore(field, kept[name(form, field)]);
    form.addEventListener("input", () => {
      for (const field of fields(form)) kept[name(form, field)] = field.value;
      sessionStorage.setItem(KEY, JSON.stringify(kept));
    });
  }
}

function fields(form) {
  return [...form.elements].filter(({ name: given, type }) => given && !["file", "checkbox"].includes(type));
}

/** A list may get its choices later: see `wanted` in speak.js. */
function restore(field, value) {
  if (value === undefined) return;
  field.value = value;
  if (field.tagName === "SELECT") field.dataset.wanted = value;
}

function name(form, field) {
  return `${form.id}.${field.name}`;
}
