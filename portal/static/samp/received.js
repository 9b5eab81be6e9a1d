// What other programs sent: shown one below the other, and taken over when the user says so.

const MOST_SHOWN = 30;
const MOST_ROWS_TEXT = 2_000;
const FETCH_MILLISECONDS = 300_000;
const WEB = /^https?:$/;
const OWN_MACHINE = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

export const RECEIVED = [
  "table.load.votable",
  "table.load.fits",
  "image.load.fits",
  "spectrum.load.ssa-generic",
  "coord.pointAt.sky",
  "table.highlight.row",
  "table.select.rowList",
  "samp.app.ping",
];

const text = (value) => (typeof value === "string" ? value.slice(0, 2000) : "");

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const button = (words, press) => {
  const made = element("button", { type: "button", className: "secondary", textContent: words });
  made.addEventListener("click", () => press(made));
  return made;
};

const opening = (words, href) =>
  element("a", { href, target: "_blank", rel: "noopener", className: "button secondary" }, words, newTab());

const newTab = () => element("span", { className: "visually-hidden", textContent: " (in a new tab)" });

// Only what anybody could fetch can be kept by its address.
function webAddress(url) {
  try {
    const parsed = new URL(url);
    return WEB.test(parsed.protocol) && !OWN_MACHINE.test(parsed.hostname) ? parsed.href : null;
  } catch {
    return null;
  }
}

export class Received {
  #list;
  #host;
  #hub;
  #tables = new Map(); // names of tables of other programs that became results here

  constructor(host, hub) {
    this.#host = host;
    this.#hub = hub;
    this.#list = host.querySelector("[data-received]");
  }

  add(client, mtype, params) {
    const show = {
      "table.load.votable": () => this.#table(client, params),
      "table.load.fits": () => this.#table(client, params),
      "image.load.fits": () => this.#file(client, params, "image"),
      "spectrum.load.ssa-generic": () => this.#file(client, params, "spectrum"),
      "coord.pointAt.sky": () => this.#position(client, params),
      "table.highlight.row": () => this.#rows(client, params, [params.row]),
      "table.select.rowList": () => this.#rows(client, params, params["row-list"]),
    }[mtype];
    show?.();
  }

  #show(client, title, detail, actions) {
    const item = element(
      "li",
      {},
      element("p", {}, element("strong", { textContent: title }), ` from ${client.name}`),
      element("p", { className: "muted small", textContent: detail }),
      element("p", { className: "toolbar" }, ...actions),
    );
    this.#list.prepend(item);
    [...this.#list.children].slice(MOST_SHOWN).forEach((one) => one.remove());
    this.#host.querySelector("[data-nothing]").hidden = true;
    this.#host.say(`${client.name} sent: ${title}`);
  }

  #table(client, params) {
    const name = text(params.name) || "Table";
    const take = button("Keep it as a result", async (pressed) => {
      pressed.disabled = true;
      try {
        const job = await this.#upload(client, params, name);
        this.#tables.set(text(params["table-id"]) || text(params.url), job);
        pressed.replaceWith(opening("Open its rows", job));
      } catch (error) {
        pressed.disabled = false;
        this.#host.say(`The table could not be taken over: ${error.message}`, "error");
      }
    });
    this.#show(client, `Table ${name}`, text(params.url), [take]);
  }

  #file(client, params, kind) {
    const url = text(params.url);
    const name = text(params.name) || url.slice(url.lastIndexOf("/") + 1);
    const address = webAddress(url);
    const keep = button("Put it into the basket", async (pressed) => {
      pressed.disabled = true;
      const meta = typeof params.meta === "object" ? params.meta : {};
      const format = kind === "image" ? "application/fits" : text(meta["Access.Format"]);
      const fields = { url: address, title: name, kind, format, sender: client.name };
      try {
        this.#host.say((await this.#host.post(this.#host.dataset.items, fields)).words, "success");
      } catch (error) {
        pressed.disabled = false;
        this.#host.say(`It was not kept: ${error.message}`, "error");
      }
    });
    const actions = address ? [keep, opening("Open it", address)] : [];
    const where = address ? url : `${url} is on your own machine: nobody else could fetch it.`;
    this.#show(client, `${kind === "image" ? "Image" : "Spectrum"} ${name}`, where, actions);
  }

  #position(client, params) {
    const [ra, dec] = [Number.parseFloat(params.ra), Number.parseFloat(params.dec)];
    if (!Number.isFinite(ra) || !(Math.abs(dec) <= 90)) {
      return;
    }
    const position = `${ra.toFixed(6)} ${dec < 0 ? "" : "+"}${dec.toFixed(6)}`;
    const search = new URL(this.#host.dataset.search, location.href);
    search.searchParams.set("position", position);
    const copy = button("Copy it for a form", async (pressed) => {
      const copied = await navigator.clipboard?.writeText(position).then(() => true, () => false);
      pressed.textContent = copied ? "Copied" : position;
    });
    this.#show(client, `Position ${position}`, "right ascension and declination, ICRS, in degrees", [
      opening("Search all archives here", search.href),
      copy,
    ]);
  }

  #rows(client, params, list) {
    const numbers = (Array.isArray(list) ? list : [])
      .map(Number)
      .filter((one) => Number.isInteger(one) && one >= 0);
    const rows = runs(numbers);
    const page = this.#rowsPage(text(params["table-id"]), text(params.url));
    if (!rows || !page) {
      return; // nothing was chosen, or in a table that the portal does not know
    }
    const title = numbers.length === 1 ? `Row ${numbers[0] + 1}` : `${numbers.length} rows`;
    if (rows.length > MOST_ROWS_TEXT) {
      this.#show(client, title, "These are too many single rows to be shown here.", []);
      return;
    }
    page.searchParams.set("rows", rows);
    this.#show(client, title, "of a table that the portal knows", [opening("Show them", page.href)]);
  }

  // The rows of a table that came from here, or of one that became a result here.
  #rowsPage(tableId, url) {
    const job = this.#tables.get(tableId) ?? this.#tables.get(url);
    if (job) {
      return new URL(`${job}/results/result`, location.href);
    }
    if (this.#host.isOurs(tableId)) {
      const page = new URL(this.#host.dataset.rows, location.href);
      page.searchParams.set("table", tableId);
      return page;
    }
    return null;
  }

  async #upload(client, params, name) {
    const table = await this.#fetch(text(params.url));
    const form = { name, sender: client.name, table };
    const { job } = await this.#host.post(this.#host.dataset.tables, form);
    return job;
  }

  // Fetched through the hub, which may read what a page of another site may not.
  async #fetch(url) {
    const { translator } = this.#hub();
    const addresses = translator ? [translator + encodeURIComponent(url), translator + url] : [url];
    for (const address of addresses) {
      const signal = AbortSignal.timeout(FETCH_MILLISECONDS);
      const response = await fetch(address, { credentials: "omit", signal }).catch(() => null);
      if (response?.ok) {
        return this.#body(response);
      }
    }
    throw new Error(
      translator
        ? "the program does not hand it out."
        : "this hub hands out nothing. Save the table as a file, and bring that: see below.",
    );
  }

  async #body(response) {
    const most = Number(this.#host.dataset.maxBytes);
    const parts = [];
    let size = 0;
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) {
        return new File(parts, "table");
      }
      parts.push(value);
      size += value.length;
      if (size > most) {
        await reader.cancel();
        throw new Error(`it is larger than ${Math.floor(most / 1e6)} MB.`);
      }
    }
  }
}

// 0, 1, 2, 9 as "0-2,9".
export function runs(numbers) {
  const parts = [];
  for (const number of [...new Set(numbers)].sort((one, other) => one - other)) {
    const last = parts.at(-1);
    if (last && last[1] === number - 1) {
      last[1] = number;
    } else {
      parts.push([number, number]);
    }
  }
  return parts.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(",");
}
