// What the ADQL editor takes of CodeMirror 6; everything else stays out of the bundle.
export { Annotation, EditorState, StateEffect } from "@codemirror/state";
export {
  drawSelection,
  EditorView,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  placeholder,
} from "@codemirror/view";
export { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
export {
  bracketMatching,
  HighlightStyle,
  indentUnit,
  StreamLanguage,
  syntaxHighlighting,
} from "@codemirror/language";
export { autocompletion, closeCompletion, startCompletion } from "@codemirror/autocomplete";
export { forceLinting, forEachDiagnostic, linter, nextDiagnostic, previousDiagnostic } from "@codemirror/lint";
export { searchKeymap } from "@codemirror/search";
export { tags } from "@lezer/highlight";
