// Several queries for one service, kept in this browser and nowhere else.

const MOST = 12;
const PAUSE = 400; // milliseconds between writes

export class Tabs {
  #pause = null;

  constructor(bar, field, editor, help) {
    this.bar = bar;
    this.editor = editor;
    this.help = help;
    this.states = new Map();
    const service = field.form?.querySelector("input[type=url]")?.value ?? "";
    this.key = `adql ${field.form?.getAttribute("action") ?? ""} ${service}`;
    this.kept = { active: 0, texts: [], ...read(this.key) };
    this.#begin(field);
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "Queries kept in this browser");
    this.#draw();
    addEventListener("pagehide", () => this.#store());
  }

  get text() {
    return this.kept.texts[this.kept.active];
  }

  // Called with every change of the text.
  keep(text) {
    this.kept.texts[this.kept.active] = text;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.#store(), PAUSE);
  }

  // A form without anything of its own goes on with what was written last; what it was filled
  // in with by a link gets a tab, if none has it yet.
  #begin(field) {
    const { texts } = this.kept;
    const isBare =
      location.search === "" && location.pathname === field.form?.getAttribute("action");
    const known = texts.indexOf(field.value);
    if (known >= 0 && field.value.trim()) {
      this.kept.active = known;
    } else if (texts.length === 0 || !((isBare && !field.closest(".invalid")) || !field.value.trim())) {
      this.#add(field.value);
    }
    this.kept.active = Math.min(Math.max(this.kept.active, 0), texts.length - 1);
  }

  #add(text) {
    const { texts } = this.kept;
    const empty = texts.findIndex((one) => !one.trim());
    if (empty >= 0) {
      texts[empty] = text;
      this.kept.active = empty;
    } else {
      texts.splice(0, Math.max(0, texts.length - MOST + 1));
      this.kept.active = texts.push(text) - 1;
    }
  }

  #open(index) {
    this.states.set(this.kept.active, this.editor.save());
    this.#show(index);
  }

  #show(index) {
    this.kept.active = index;
    this.editor.show(this.states.get(index) ?? this.text);
    this.#draw();
    this.#store();
  }

  #new() {
    this.states.set(this.kept.active, this.editor.save());
    const count = this.kept.texts.length;
    this.#add("");
    if (this.kept.texts.length <= count) {
      this.states.clear(); // an empty one was used again, or the oldest went
    }
    this.#show(this.kept.active);
  }

  #close() {
    this.kept.texts.splice(this.kept.active, 1);
    this.states.clear();
    this.#show(Math.max(0, this.kept.active - 1));
  }

  #draw() {
    const { texts, active } = this.kept;
    const buttons = texts.length > 1 ? texts.map((_, index) => {
      const tab = button(`Query ${index + 1}`, () => this.#open(index));
      tab.setAttribute("aria-pressed", String(index === active));
      return tab;
    }) : [];
    const add = button("New query", () => this.#new());
    add.className = "new";
    if (texts.length > 1) {
      const close = button("Close", () => this.#close());
      close.className = "close";
      close.setAttribute("aria-label", `Close query ${active + 1}`);
      buttons.push(close);
    }
    this.bar.replaceChildren(...buttons, add, ...(this.help ? [this.help] : []));
  }

  #store() {
    clearTimeout(this.#pause);
    try {
      localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      // a browser that keeps nothing, or has no room
    }
  }
}

function read(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    const texts = kept?.texts?.filter((one) => typeof one === "string");
    return texts?.length ? { active: Number(kept.active) || 0, texts } : {};
  } catch {
    return {};
  }
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}
