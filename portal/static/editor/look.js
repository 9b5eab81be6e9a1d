// The editor in the colours of the page, light and dark: its variables reach into the shadow root.
import { EditorView, HighlightStyle, syntaxHighlighting, tags } from "../vendor/codemirror.min.js";

export const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { display: block; position: relative; }
  ::slotted(textarea) {
    position: absolute !important;
    inset-block-start: 0 !important;
    width: 1px !important;
    height: 1px !important;
    min-height: 0 !important;
    padding: 0 !important;
    border: 0 !important;
    clip-path: inset(50%) !important;
  }
  .bar { display: flex; flex-wrap: wrap; align-items: end; gap: 0.2rem; }
  .bar button {
    min-height: 1.75rem;
    padding: 0.1rem 0.7rem;
    border: 1px solid transparent;
    border-block-end: 0;
    border-radius: var(--radius) var(--radius) 0 0;
    background: transparent;
    color: var(--muted);
    font: inherit;
    font-size: var(--small);
    cursor: pointer;
  }
  .bar button:hover { color: var(--ink); background: var(--sunken); }
  .bar button[aria-pressed="true"] { border-color: var(--line-strong); background: var(--surface); color: var(--ink); font-weight: 600; }
  .bar .new, .bar .close { color: var(--accent); }
  button:focus-visible { outline: 2px solid var(--focus); outline-offset: -2px; }
  .place {
    min-block-size: 6rem;
    overflow: hidden;
    resize: vertical;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--surface);
  }
  .place:focus-within { outline: 2px solid var(--focus); outline-offset: 1px; }
  .below { min-height: 1.5em; margin: 0.25rem 0 0; color: var(--muted); font-size: var(--small); }
  .below:empty { display: none; }
  .below :is(.line, li, .fixes) { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; }
  .below ul { margin: 0.25rem 0 0; padding: 0; }
  .below li { padding: 0.25rem 0; border-block-start: 1px solid var(--line); }
  [hidden], .below ul.single { display: none !important; }
  .bar .keys { margin-inline-start: auto; padding-block-end: 0.3rem; color: var(--muted); font-size: var(--small); }
  .bar kbd { padding: 0 0.3em; border: 1px solid var(--line); border-radius: 3px; background: var(--sunken); color: var(--ink); font-family: var(--mono); font-size: 0.92em; }
  .below button { padding: 0; border: 0; background: none; color: var(--accent); font: inherit; text-decoration: underline; cursor: pointer; }
  .below [data-severity="error"] { color: var(--bad); font-weight: 550; }
  .below [data-severity="warning"] { color: var(--warn); font-weight: 550; }
  @media (pointer: coarse), (max-width: 48rem) { .bar .keys { display: none; } }
  @media (max-width: 30rem) { .cm-tooltip.cm-completionInfo { display: none !important; } }
`);

const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", fontSize: "0.92em", lineHeight: "1.5" },
  ".cm-content": { paddingBlock: "0.5rem", caretColor: "var(--ink)" },
  ".cm-gutters": {
    border: "0",
    backgroundColor: "var(--surface)",
    color: "var(--muted)",
    userSelect: "none",
  },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-placeholder": { color: "var(--muted)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "var(--accent-soft)" },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--accent-soft)",
    outline: "1px solid var(--accent)",
  },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--bad-soft)" },
  ".cm-tooltip": {
    maxWidth: "min(34rem, calc(100vw - 2rem))",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    fontSize: "var(--small)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    maxHeight: "14rem",
    minWidth: "min(16rem, 80vw)",
    fontFamily: "var(--mono)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    gap: "0.75rem",
    justifyContent: "space-between",
    padding: "0.15rem 0.5rem",
    lineHeight: "1.5",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--on-accent)",
  },
  ".cm-completionLabel": { overflowWrap: "anywhere" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": {
    overflow: "hidden",
    color: "var(--muted)",
    fontFamily: "var(--sans)",
    fontStyle: "normal",
    textOverflow: "ellipsis",
  },
  "li[aria-selected] .cm-completionDetail": { color: "var(--on-accent)" },
  ".cm-completionInfo": { padding: "0.4rem 0.6rem", overflowWrap: "anywhere" },
  ".cm-diagnostic": { padding: "0.3rem 0.6rem", fontFamily: "var(--sans)", whiteSpace: "normal" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-diagnostic-hint": { borderLeftColor: "var(--info)" },
  ".cm-diagnosticAction": {
    padding: "0.1rem 0.5rem",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    backgroundColor: "var(--surface)",
    color: "var(--accent)",
  },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)", fontSize: "var(--small)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search [name=close]": { color: "var(--ink)", cursor: "pointer" },
  ".cm-panel input, .cm-panel button:not([name=close])": {
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    background: "var(--surface)",
    color: "var(--ink)",
  },
  ".cm-lintRange-active": { backgroundColor: "var(--warn-soft)" },
  ".cm-lintRange-error": underline("bad"),
  ".cm-lintRange-warning": underline("warn"),
  ".cm-lintRange-hint": underline("info"),
});

function underline(tone) {
  return {
    backgroundImage: "none",
    textDecoration: `underline wavy var(--${tone}) 1px`,
    textUnderlineOffset: "3px",
    textDecorationSkipInk: "none",
  };
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "650" },
  { tag: tags.function(tags.variableName), color: "var(--accent-strong)" },
  { tag: tags.string, color: "var(--good)" },
  { tag: tags.special(tags.variableName), color: "var(--ink)", fontStyle: "italic" },
  { tag: tags.number, color: "var(--warn)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: tags.operator, color: "var(--muted)" },
]);

export const look = [theme, syntaxHighlighting(colours)];
