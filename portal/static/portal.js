// Conveniences on top of pages that work without them. One listener each, on the document,
// so that nothing has to be set up again after a swap.

const within = (event, selector) =>
  event.target instanceof Element ? event.target.closest(selector) : null;

import "./notices.js";

// Ctrl+Enter (Cmd+Enter) sends the form of the text that is being written.
document.addEventListener("keydown", (event) => {
  const area = within(event, "textarea");
  if (area?.form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    area.form.requestSubmit();
  }
});

// <input data-enter="id"> presses that button, and not the first one of its form.
document.addEventListener("keydown", (event) => {
  const field = within(event, "[data-enter]");
  if (field && event.key === "Enter") {
    event.preventDefault();
    document.getElementById(field.dataset.enter).click();
  }
});

// <adql-editor> makes an editor of the text field inside it; that stays, where none can be loaded.
customElements.define(
  "adql-editor",
  class extends HTMLElement {
    connectedCallback() {
      import("./editor/editor.js").then(({ mount }) => mount(this), () => {});
    }
  },
);

// <button data-dismiss> takes its notice away; the keyboard goes on in the page's content.
document.addEventListener("click", (event) => {
  const button = within(event, "[data-dismiss]");
  if (button) {
    button.closest(".notice").remove();
    document.getElementById("main").focus();
  }
});

// <button data-copy="id"> copies what that field or text holds; it is selected, where copying is
// not allowed.
document.addEventListener("click", async (event) => {
  const button = within(event, "[data-copy]");
  if (button) {
    const field = document.getElementById(button.dataset.copy);
    field.select ? field.select() : getSelection().selectAllChildren(field);
    const text = field.value ?? field.textContent;
    const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
    button.textContent = copied ? "Copied" : "Selected";
  }
});

// <input type="checkbox" data-select-all="name"> ticks every box of that name in its form.
const boxesOf = (all) =>
  [...(all.form ?? document).querySelectorAll("input[type=checkbox]")].filter(
    (box) => box.name === all.dataset.selectAll,
  );

const showWhetherAll = (all) => {
  const boxes = boxesOf(all);
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
};

const showAll = () => document.querySelectorAll("[data-select-all]").forEach(showWhetherAll);

document.addEventListener("change", (event) => {
  const all = within(event, "[data-select-all]");
  if (all) {
    boxesOf(all).forEach((box) => (box.checked = all.checked));
  }
  if (within(event, "input[type=checkbox]")) {
    showAll();
  }
});

// <div data-visible-if='{"name": ["value"]}'> is there while each of these fields of its form has
// one of the values; otherwise nothing in it is sent.
const isMet = (form, condition) =>
  Object.entries(JSON.parse(condition)).every(([name, values]) => {
    const chosen = new FormData(form).getAll(name);
    return (chosen.length ? chosen : ["false"]).some((one) => values.includes(one));
  });

const showVisible = () => {
  for (const part of document.querySelectorAll("form [data-visible-if]")) {
    part.hidden = !isMet(part.closest("form"), part.dataset.visibleIf);
    part.querySelectorAll("input, select, textarea").forEach((one) => (one.disabled = part.hidden));
  }
};

document.addEventListener("change", showVisible);
document.addEventListener("htmx:afterSwap", showVisible);
addEventListener("pageshow", showVisible);

// A swap keeps open what was open and scrolled what was scrolled; htmx keeps the focus itself.
let kept = [];

document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  const inTarget = (selector) =>
    [target, ...target.querySelectorAll(selector)].filter((one) => one.matches(selector));
  kept = [
    ...inTarget("details[id]").map(({ id, open }) => ({ id, open })),
    ...inTarget(".table-scroll[id]").map(({ id, scrollLeft, scrollTop }) => ({ id, scrollLeft, scrollTop })),
  ];
});

document.addEventListener("htmx:afterSwap", () => {
  kept.forEach(({ id, ...state }) => Object.assign(document.getElementById(id) ?? {}, state));
  showAll();
});

// A request that got no answer at all is said. What went wrong with an element's request is
// taken back when its next one succeeds, such as that of a job that follows itself.
let failed = null;

document.addEventListener("htmx:sendError", () => {
  const template = document.getElementById("no-answer");
  document.getElementById("notices").replaceChildren(template.content.cloneNode(true));
});
document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful } }) => {
  if (successful && failed === elt) {
    document.querySelector("#notices :is(#error, [data-no-answer])")?.remove();
  }
  failed = successful ? null : elt;
});

showAll();
