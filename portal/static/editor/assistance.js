// Checking, completing and mending while one writes. All of it asks the portal, later and again
// if the text has changed; none of it stands in the way of sending the query.
import {
  autocompletion,
  closeCompletion,
  forceLinting,
  forEachDiagnostic,
  linter,
  nextDiagnostic,
  previousDiagnostic,
  startCompletion,
  StateEffect,
} from "../vendor/codemirror.min.js";
import { Findings } from "./findings.js";
import { Service } from "./service.js";

const PAUSE = 500; // milliseconds without a key, before the text is checked
const again = StateEffect.define(); // the text is the same, but what it is checked against is not
const NEVER = new Promise(() => {}); // CodeMirror would put any other answer into the text of now
const ASKED_AT_ONCE = /[\w."]$|\b(?:from|join)\s+$/i;

export function assist(field, below) {
  const buttons = Object.fromEntries(
    [...(field.form?.querySelectorAll("[data-adql]") ?? [])].map((one) => [one.dataset.adql, one]),
  );
  if (!buttons.check) {
    return { extensions: [], keys: [], help: null, start: () => {}, leave: () => {} };
  }
  const service = new Service(field.form, {
    check: buttons.check.formAction,
    complete: buttons.check.dataset.complete,
    format: buttons.format.formAction,
  });
  const standing = new Findings(below, apply);
  const completions = new Completions(service);
  return {
    extensions: [
      linter(checker(service, standing), { delay: PAUSE, needsRefresh: isAgain }),
      autocompletion({
        override: [(context) => completions.find(context)],
        icons: false,
        maxRenderedOptions: 60,
      }),
    ],
    keys: [
      { key: "Mod-.", run: mend },
      { key: "F8", run: nextDiagnostic, shift: previousDiagnostic },
    ],
    help: keys(),
    // Before another text takes this one's place: nothing asked for this one may reach that.
    leave: (view) => {
      standing.say([]);
      completions.drop();
      closeCompletion(view);
    },
    start: (view) => {
      standing.start(view);
      buttons.check.addEventListener("click", (event) => {
        event.preventDefault();
        checkAgain(view);
        standing.open();
      });
      buttons.format.addEventListener("click", (event) => {
        event.preventDefault();
        layOut(view, service, standing);
      });
      field.form.addEventListener("change", (event) => {
        if (event.target !== field) {
          checkAgain(view);
        }
      });
    },
  };
}

function isAgain(update) {
  return update.transactions.some((one) => one.effects.some((effect) => effect.is(again)));
}

function checkAgain(view) {
  view.dispatch({ effects: again.of(null) });
  forceLinting(view);
}

function checker(service, standing) {
  let running = null;
  let last = [];
  return async (view) => {
    running?.abort();
    const asked = new AbortController();
    running = asked;
    const text = view.state.doc.toString();
    let findings = [];
    try {
      findings = text.trim() ? await service.check(text, asked.signal) : [];
    } catch {
      // it will be checked again, and by the archive
    }
    if (asked.signal.aborted) {
      return last; // a later check is on its way
    }
    standing.say(findings);
    last = findings.map(diagnostic);
    return last;
  };
}

function diagnostic(finding) {
  return {
    from: finding.start,
    to: finding.end,
    severity: finding.severity,
    message: finding.message,
    actions: finding.fixes.map((fix) => ({
      name: fix.title,
      apply: (view, from) => apply(view, fix, from - finding.start),
    })),
  };
}

// Makes a change; `moved` is how far the text has moved since it was checked.
function apply(view, fix, moved = 0) {
  const most = view.state.doc.length;
  const [from, to] = [fix.start, fix.end].map((place) => Math.min(Math.max(place + moved, 0), most));
  view.dispatch({
    changes: { from, to, insert: fix.replacement },
    userEvent: "input.fix",
    scrollIntoView: true,
  });
}

class Completions {
  #asked = new AbortController();

  constructor(service) {
    this.service = service;
  }

  drop() {
    this.#asked.abort();
  }

  async find(context) {
    const text = context.state.doc.toString();
    const before = text.slice(0, context.pos);
    if (!context.explicit && !ASKED_AT_ONCE.test(before)) {
      return null;
    }
    const asked = new AbortController();
    this.#asked = asked;
    context.addEventListener("abort", () => asked.abort(), { onDocChange: true });
    const found = await this.service.complete(text, context.pos, asked.signal).catch(() => null);
    return asked.signal.aborted ? NEVER : completion(found);
  }
}

function completion(found) {
  const options = found?.options.map(({ label, kind, detail, info, apply }) => ({
    label,
    type: kind,
    detail: detail || undefined,
    info: info || undefined,
    apply: (view, _option, from, to) => write(view, apply, from, Math.max(to, found.end)),
  }));
  return options?.length ? { from: found.start, options, filter: false } : null;
}

function write(view, text, from, to) {
  view.dispatch({
    changes: { from, to, insert: text },
    selection: { anchor: from + text.length },
    userEvent: "input.complete",
    scrollIntoView: true,
  });
  if (text.endsWith(".")) {
    startCompletion(view); // the columns of the table that was chosen
  }
}

// Takes the first fix of the finding at the cursor, or else of the first finding after it.
function mend(view) {
  const cursor = view.state.selection.main.head;
  let chosen = null;
  forEachDiagnostic(view.state, (one, from, to) => {
    const reached = to >= cursor;
    if (one.actions?.length && (!chosen || (reached && !chosen.reached))) {
      chosen = { action: one.actions[0], from, to, reached };
    }
  });
  chosen?.action.apply(view, chosen.from, chosen.to);
  return Boolean(chosen);
}

async function layOut(view, service, standing) {
  const before = view.state.doc.toString();
  try {
    const text = await service.format();
    if (view.state.doc.toString() === before && text !== before) {
      view.dispatch({
        changes: { from: 0, to: before.length, insert: text },
        userEvent: "input.format",
      });
    } else if (text === before) {
      standing.note("Nothing to lay out.");
    }
  } catch {
    standing.note("The portal did not answer.");
  }
  view.focus();
}

// The keys that help, for the bar above the editor.
function keys() {
  const help = [["Ctrl Space", "completes"], ["F8", "next problem"], ["Ctrl .", "mends it"]];
  const line = document.createElement("span");
  line.className = "keys";
  for (const [key, words] of help) {
    const shown = document.createElement("kbd");
    shown.textContent = key;
    line.append(shown, ` ${words}  `);
  }
  return line;
}
