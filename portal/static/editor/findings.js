// What the check found, below the editor: the worst of it in a line, and all of it in a list.

export class Findings {
  #view = null;
  #checked = "";
  #found = [];

  constructor(place, apply) {
    this.apply = apply;
    this.words = make("span", { role: "status" });
    this.fixes = make("span", { className: "fixes" });
    this.more = make("button", { type: "button", hidden: true });
    this.more.setAttribute("aria-expanded", "false");
    this.more.addEventListener("click", () => this.#toggle(this.list.hidden));
    this.list = make("ul", { hidden: true, tabIndex: -1 });
    this.list.setAttribute("aria-label", "What the check found");
    this.line = make("div", { className: "line" });
    this.line.append(this.words, this.fixes, this.more);
    this.place = place;
  }

  start(view) {
    this.#view = view;
    this.place.append(this.line, this.list);
  }

  note(words) {
    this.words.textContent = words;
  }

  say(findings) {
    this.#found = findings;
    this.#checked = this.#view?.state.doc.toString() ?? "";
    const [worst] = [...findings].sort((one, other) => rank(one) - rank(other));
    this.words.dataset.severity = worst?.severity ?? "";
    this.words.textContent = worst ? said(worst) : this.list.hidden ? "" : "Nothing wrong was found.";
    this.fixes.replaceChildren(...(worst ? this.#fixes(worst) : []));
    this.more.hidden = findings.length < 2;
    if (this.more.hidden) {
      this.#toggle(false);
    } else {
      this.#name();
    }
    this.list.replaceChildren(...findings.map((one) => this.#item(one)));
  }

  // Says what is found next even if it is nothing.
  open() {
    this.list.hidden = false;
    this.more.setAttribute("aria-expanded", "true");
  }

  #toggle(open) {
    this.list.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
    this.#name();
  }

  #name() {
    this.more.textContent = this.list.hidden ? `Show all ${this.#found.length}` : "Show one";
  }

  #item(finding) {
    const item = make("li");
    const words = make("span", { textContent: said(finding) });
    words.dataset.severity = finding.severity;
    const go = make("button", { type: "button", textContent: "Go there" });
    go.addEventListener("click", () => {
      const most = this.#view.state.doc.length;
      const [anchor, head] = [finding.start, finding.end].map((place) => Math.min(place, most));
      this.#view.dispatch({ selection: { anchor, head }, scrollIntoView: true });
      this.#view.focus();
    });
    item.append(words, ...this.#fixes(finding), go);
    return item;
  }

  #fixes(finding) {
    return finding.fixes.map((fix) => {
      const button = make("button", { type: "button", textContent: fix.title });
      button.addEventListener("click", () => {
        if (this.#view.state.doc.toString() === this.#checked) {
          this.apply(this.#view, fix);
        }
        this.#view.focus();
      });
      return button;
    });
  }
}

const rank = ({ severity }) => ["error", "warning", "hint"].indexOf(severity);

const said = ({ line, message }) => `Line ${line}: ${message}`;

function make(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}
