// How ADQL is coloured: words, functions, texts, numbers, names in quotes, comments.
import { StreamLanguage } from "../vendor/codemirror.min.js";

const WORDS = new Set(
  `all and any as asc between by case cast cross desc distinct else end escape except exists false
  from full group having ilike in inner intersect is join left like natural not null offset on or
  order outer right select some then top true union unknown using when where with`.split(/\s+/),
);

function token(stream, state) {
  if (state.inComment) {
    state.inComment = !stream.match(/^.*?\*\//);
    if (state.inComment) {
      stream.skipToEnd();
    }
    return "comment";
  }
  if (stream.eatSpace()) {
    return null;
  }
  if (stream.match("--")) {
    stream.skipToEnd();
    return "comment";
  }
  if (stream.match("/*")) {
    state.inComment = true;
    return token(stream, state);
  }
  if (stream.match(/^'(?:[^']|'')*(?:'|$)/)) {
    return "string";
  }
  if (stream.match(/^"(?:[^"]|"")*(?:"|$)/)) {
    return "variableName.special";
  }
  if (stream.match(/^(?:0[xX][0-9A-Fa-f]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/)) {
    return "number";
  }
  if (stream.match(/^[\p{L}_][\p{L}\d_$]*/u)) {
    return wordKind(stream);
  }
  stream.next();
  return "()[],;.".includes(stream.current()) ? "punctuation" : "operator";
}

function wordKind(stream) {
  if (WORDS.has(stream.current().toLowerCase())) {
    return "keyword";
  }
  return stream.match(/^\s*\(/, false) ? "variableName.function" : "variableName";
}

export const adql = StreamLanguage.define({
  name: "adql",
  startState: () => ({ inComment: false }),
  token,
  languageData: { commentTokens: { line: "--" } },
});
