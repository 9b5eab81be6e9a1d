// XML-RPC with what SAMP uses of it: strings, lists and maps (SAMP 1.3, section 3.3).

export class Fault extends Error {}

const ILLEGAL = /[^\t\n\r\x20-\x7e]/g;
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

// A string of SAMP is ASCII; letters lose their accents, and what is left becomes "?".
const ascii = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").replace(ILLEGAL, "?");
const escaped = (text) => ascii(text).replace(/[&<>]/g, (one) => ENTITIES[one]);

function encode(value) {
  if (Array.isArray(value)) {
    return `<value><array><data>${value.map(encode).join("")}</data></array></value>`;
  }
  if (typeof value === "object") {
    const members = Object.entries(value).map(
      ([name, one]) => `<member><name>${escaped(name)}</name>${encode(one)}</member>`,
    );
    return `<value><struct>${members.join("")}</struct></value>`;
  }
  return `<value><string>${escaped(String(value))}</string></value>`;
}

function decode(element) {
  const [inner] = element.children;
  if (inner?.tagName === "array") {
    return [...inner.querySelectorAll(":scope > data > value")].map(decode);
  }
  if (inner?.tagName === "struct") {
    return Object.fromEntries(
      [...inner.querySelectorAll(":scope > member")].map((member) => [
        member.querySelector(":scope > name").textContent,
        decode(member.querySelector(":scope > value")),
      ]),
    );
  }
  return element.textContent;
}

// Returns what the method answers. Throws a Fault in the server's words, and a TypeError where
// nobody answers, or somebody who speaks another language.
export async function call(endpoint, method, params, options = {}) {
  const values = params.map((one) => `<param>${encode(one)}</param>`).join("");
  const response = await fetch(endpoint, {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "text/xml" },
    body: `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${values}</params></methodCall>`,
    ...options,
  });
  const answer = new DOMParser().parseFromString(await response.text(), "text/xml");
  const fault = answer.querySelector("methodResponse > fault > value");
  if (fault) {
    throw new Fault(decode(fault).faultString ?? "no reason was given");
  }
  const value = answer.querySelector("methodResponse > params > param > value");
  if (!value) {
    throw new TypeError("no XML-RPC");
  }
  return decode(value);
}
