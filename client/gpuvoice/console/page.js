/** Finding and making elements. */

export const byId = (id) => document.getElementById(id);

/** An element with properties; `data` and `aria` are records of such attributes. */
export function make(tag, { data = {}, aria = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Set the text only where it changed, so that a screen reader says it once. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function show(element, shown) {
  element.hidden = !shown;
}

/** A copy of a <template>, and its parts by their data-part. */
export function copyOf(templateId) {
  const root = byId(templateId).content.firstElementChild.cloneNode(true);
  const found = [...root.querySelectorAll("[data-part]")];
  return { root, parts: Object.fromEntries(found.map((part) => [part.dataset.part, part])) };
}
