// <adql-editor>: an editor in place of the text field inside it, which stays the form's control.
//
// The editor lives in a shadow root, where its styles are allowed by the strict policy. The
// field is kept out of sight and in step with it: forms, scripts and labels go on using it.
import {
  Annotation,
  bracketMatching,
  defaultKeymap,
  drawSelection,
  EditorState,
  EditorView,
  highlightSpecialChars,
  history,
  historyKeymap,
  indentUnit,
  keymap,
  lineNumbers,
  placeholder,
  searchKeymap,
} from "../vendor/codemirror.min.js";
import { assist } from "./assistance.js";
import { adql } from "./language.js";
import { look, sheet } from "./look.js";
import { Tabs } from "./tabs.js";

const fromField = Annotation.define();

export function mount(host) {
  const field = host.querySelector("textarea");
  if (!field || host.shadowRoot) {
    return;
  }
  const height = field.offsetHeight;
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const bar = element("div", { className: "bar" });
  const place = element("div", { className: "place" });
  const below = element("div", { className: "below" });
  root.append(bar, place, below, document.createElement("slot"));
  place.style.blockSize = `${Math.max(height, 160)}px`;

  const assistance = assist(field, below);
  const extensions = [
    keymap.of([{ key: "Mod-Enter", run: () => send(field) }, ...assistance.keys]),
    lineNumbers(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    bracketMatching(),
    indentUnit.of("    "),
    EditorView.lineWrapping,
    adql,
    look,
    placeholder(field.placeholder),
    EditorView.contentAttributes.of(described(field)),
    EditorView.domEventHandlers({ beforeinput: replaceSelection }),
    EditorView.updateListener.of((update) => follow(update, field, tabs)),
    ...assistance.extensions,
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
  ];
  const stateOf = (doc) => EditorState.create({ doc, extensions });
  const shown = {
    save: () => {
      assistance.leave(view);
      return view.state;
    },
    show: (kept) => {
      assistance.leave(view);
      view.setState(typeof kept === "string" ? stateOf(kept) : kept);
      write(field, view.state.doc.toString());
      view.focus();
    },
  };
  const tabs = new Tabs(bar, field, shown, assistance.help);
  const view = new EditorView({ state: stateOf(tabs.text), parent: place, root });
  write(field, tabs.text);
  assistance.start(view);
  const hadFocus = document.activeElement === field;
  hide(field);
  keepInStep(field, view);
  if (hadFocus) {
    view.focus();
  }
}

// A browser that replaces coloured text keeps its colour in a style attribute, which the policy
// refuses: the editor replaces it.
function replaceSelection(event, view) {
  const isPlain = event.inputType === "insertText" && event.data !== null && !event.isComposing;
  if (!isPlain || view.state.selection.main.empty) {
    return false;
  }
  event.preventDefault();
  view.dispatch(view.state.replaceSelection(event.data), {
    userEvent: "input.type",
    scrollIntoView: true,
  });
  return true;
}

// Tab leaves the editor: nothing is bound to it.
function send(field) {
  field.form?.requestSubmit();
  return true;
}

function described(field) {
  const texts = (ids) =>
    (ids ?? "").split(" ").map((id) => document.getElementById(id)?.textContent.trim()).filter(Boolean);
  const label = [...field.labels].map((one) => one.textContent.replace("*", "").trim()).join(" ");
  const attributes = {
    "aria-label": label || field.name,
    "aria-description": texts(field.getAttribute("aria-describedby")).join(" "),
    autocapitalize: "off",
    autocorrect: "off",
    spellcheck: "false",
  };
  if (field.required) {
    attributes["aria-required"] = "true";
  }
  if (field.getAttribute("aria-invalid") === "true") {
    attributes["aria-invalid"] = "true";
  }
  return attributes;
}

function follow(update, field, tabs) {
  if (update.docChanged) {
    const text = update.state.doc.toString();
    if (!update.transactions.some((one) => one.annotation(fromField))) {
      write(field, text);
    }
    tabs.keep(text);
  }
}

function write(field, text) {
  if (field.value !== text) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// The field keeps its label and its place in the form; a focus that comes to it goes on.
function hide(field) {
  field.tabIndex = -1;
  field.setAttribute("aria-hidden", "true");
}

function keepInStep(field, view) {
  const read = () => {
    if (view.state.doc.toString() !== field.value) {
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: field.value },
        annotations: fromField.of(true),
        userEvent: "input.field",
      });
    }
  };
  field.addEventListener("input", read);
  field.addEventListener("change", read);
  field.form?.addEventListener("reset", () => setTimeout(read));
  addEventListener("pageshow", read, { once: true });
  field.addEventListener("focus", () => {
    const { selectionStart, selectionEnd } = field;
    if (selectionStart !== selectionEnd) {
      const [anchor, head] = [selectionStart, selectionEnd].map((at) => Math.min(at, view.state.doc.length));
      view.dispatch({ selection: { anchor, head } });
    }
    view.focus();
  });
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
