// What the portal is asked while somebody writes a query. Places count characters there and
// UTF-16 units here; they differ behind characters such as 𝛼.

export class Service {
  constructor(form, addresses) {
    this.form = form;
    this.addresses = addresses;
  }

  async check(text, signal) {
    const { findings } = await this.#ask(this.addresses.check, signal);
    const unit = unitsOf(text);
    return findings.map((one) => ({
      ...one,
      start: unit(one.start),
      end: unit(one.end),
      fixes: one.fixes.map((fix) => ({ ...fix, start: unit(fix.start), end: unit(fix.end) })),
    }));
  }

  async complete(text, offset, signal) {
    const address = `${this.addresses.complete}?offset=${[...text.slice(0, offset)].length}`;
    const found = await this.#ask(address, signal);
    const unit = unitsOf(text);
    return { ...found, start: unit(found.start), end: unit(found.end) };
  }

  async format() {
    return (await this.#ask(this.addresses.format)).text;
  }

  // Sends the whole form, since its other fields say which service the query is for.
  async #ask(address, signal) {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string") {
        body.append(name, value);
      }
    }
    const headers = { Accept: "application/json" };
    const response = await fetch(address, { method: "POST", body, headers, signal });
    if (!response.ok) {
      throw new Error(`${address} answered ${response.status}`);
    }
    return response.json();
  }
}

function unitsOf(text) {
  if (!/[\ud800-\udfff]/.test(text)) {
    return (place) => place;
  }
  const starts = [0];
  for (const character of text) {
    starts.push(starts.at(-1) + character.length);
  }
  return (place) => starts[Math.min(place, starts.length - 1)];
}
