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
    this.more.addEventListener("click", () => this.#toggle());
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
    this.list.replaceChildren(...findings.map((one) => this.#item(one)));
    this.#draw(findings.length ? "" : "Nothing wrong was found.");
    if (findings.length === 0) {
      this.list.hidden = true;
    }
  }

  // Lists what is found next, and says so if it is nothing.
  open() {
    this.list.hidden = false;
  }

  // The line is the worst finding, or says how many there are when all are listed below it.
  #draw(nothing = "") {
    const [worst] = [...this.#found].sort((one, other) => rank(one) - rank(other));
    const count = this.#found.length;
    const isListed = !this.list.hidden && count > 1;
    this.words.dataset.severity = isListed ? "" : (worst?.severity ?? "");
    this.words.textContent = worst
      ? isListed ? `${count} findings` : said(worst)
      : this.list.hidden ? "" : nothing;
    this.fixes.replaceChildren(...(worst && !isListed ? this.#fixes(worst) : []));
    this.list.classList.toggle("single", count < 2);
    this.more.hidden = count < 2;
    this.more.textContent = isListed ? "Show one" : `Show all ${count}`;
    this.more.setAttribute("aria-expanded", String(isListed));
  }

  #toggle() {
    this.list.hidden = !this.list.hidden;
    this.#draw();
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
