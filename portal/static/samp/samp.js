// <samp-hub>: the hub on the user's machine, the programs at it, what is sent and what comes.
import { Hub, NoHubError, understands } from "./hub.js";
import { element, Received, RECEIVED } from "./received.js";
import { Fault } from "./xmlrpc.js";

const PATIENCE = 2_500; // milliseconds until the user is told whom to look for
const SENT = "samp.sent";
const KINDS = [
  ["table.load.votable", "tables"],
  ["table.load.fits", "FITS tables"],
  ["image.load.fits", "images"],
  ["spectrum.load.ssa-generic", "spectra"],
  ["coord.pointAt.sky", "positions"],
  ["table.select.rowList", "selections of rows"],
];
const PERMISSIONS = ["loopback-network", "local-network-access"]; // Chromium's, newest first

class SampHub extends HTMLElement {
  #hub = null;
  #stop = null;
  #received = null;

  connectedCallback() {
    this.addEventListener("click", ({ target }) => {
      const pressed = target.closest("button");
      if (pressed?.dataset.message) {
        this.#send(pressed);
      } else if (pressed?.matches("[data-connect]")) {
        this.#connect();
      } else if (pressed?.matches("[data-disconnect]")) {
        this.#disconnect();
      }
    });
    this.#received = new Received(this, () => this.#hub);
    addEventListener("pagehide", () => this.#hub?.close());
    this.#show("away");
  }

  // Says how things stand; screen readers read it out.
  say(words, level = "info") {
    const status = this.querySelector("[data-status]");
    status.className = `notice ${level}`;
    status.replaceChildren(element("div", {}, element("p", { textContent: words })));
  }

  isOurs(tableId) {
    return tableId !== "" && (sessionStorage.getItem(SENT) ?? "").split(" ").includes(tableId);
  }

  async post(address, fields) {
    const form = new FormData();
    Object.entries(fields).forEach(([name, value]) => form.append(name, value));
    const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    const response = await fetch(address, { method: "POST", headers, body: form });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
      throw new Error(answer.detail ?? `the portal answered ${response.status}.`);
    }
    return answer;
  }

  async #connect() {
    this.#show("asking");
    this.say("Asking the hub on your machine …");
    this.#stop = new AbortController();
    const told = setTimeout(
      () => this.say("Waiting for permission: a window of the program, or your browser, asks for it.", "warning"),
      PATIENCE,
    );
    const hub = new Hub({
      clients: (clients) => this.#showClients(clients),
      message: (client, mtype, params) => this.#received.add(client, mtype, params),
      closed: () => this.#closed(),
    });
    try {
      const { name, description, icon } = this.dataset;
      const metadata = {
        "samp.name": name,
        "samp.description.text": description,
        "samp.icon.url": new URL(icon, location.href).href,
      };
      this.#hub = hub;
      await hub.register(metadata, RECEIVED, this.#stop.signal);
      this.#show("connected");
      this.say("Connected. What is sent from here goes to these programs.", "success");
    } catch (error) {
      hub.close();
      this.#hub = null;
      this.#show("away");
      this.say(await this.#reason(error), "warning");
    } finally {
      clearTimeout(told);
    }
  }

  async #reason(error) {
    if (this.#stop.signal.aborted) {
      return "Not connected.";
    }
    if (error instanceof Fault) {
      return `The hub refused: ${error.message.slice(0, 200)}`;
    }
    if (!(error instanceof NoHubError)) {
      return "The hub stopped answering.";
    }
    return (await this.#isForbidden())
      ? "Your browser was told not to let this page reach programs on your machine. Allow it in the settings of this site, and connect again."
      : "No hub answers on your machine. Start TOPCAT, Aladin or DS9, and connect again; below is what else to look at.";
  }

  async #isForbidden() {
    for (const name of PERMISSIONS) {
      const status = await navigator.permissions?.query({ name }).catch(() => null);
      if (status) {
        return status.state === "denied";
      }
    }
    return false;
  }

  #disconnect() {
    this.#stop?.abort();
    this.#hub?.close();
  }

  #closed() {
    this.#hub = null;
    this.#show("away");
    this.#showClients([]);
    this.say("Not connected any more.");
  }

  #show(state) {
    this.dataset.state = state;
    this.querySelector("[data-connect]").hidden = state !== "away";
    const leave = this.querySelector("[data-disconnect]");
    leave.hidden = state === "away";
    leave.textContent = state === "asking" ? "Cancel" : "Disconnect";
    this.querySelector("[data-others]").hidden = state !== "connected";
  }

  #showClients(clients) {
    const list = this.querySelector("[data-clients]");
    const items = clients.map((client) => {
      const kinds = KINDS.filter(([mtype]) => understands(client, mtype)).map(([, word]) => word);
      const knows = kinds.length ? `understands ${kinds.join(", ")}` : "understands nothing of what can be sent here";
      return element(
        "li",
        {},
        element("p", {}, element("strong", { textContent: client.name }), ` ${knows}`),
        ...(client.description ? [element("p", { className: "muted small", textContent: client.description })] : []),
      );
    });
    list.replaceChildren(...(items.length ? items : [element("li", { textContent: "Nobody else yet." })]));
    const choice = this.querySelector("[data-recipient]");
    if (choice) {
      const chosen = choice.value;
      const options = clients.map(({ id, name }) => element("option", { value: id, textContent: name }));
      choice.replaceChildren(choice.firstElementChild, ...options);
      choice.value = clients.some(({ id }) => id === chosen) ? chosen : "";
    }
  }

  async #send(pressed) {
    const { mtype, params } = JSON.parse(pressed.dataset.message);
    if (!this.#hub?.isOpen) {
      this.say("Connect to the hub first.", "warning");
      this.querySelector("[data-connect]").focus();
      return;
    }
    try {
      const whole = { ...params };
      if (pressed.dataset.signed) {
        const response = await fetch(pressed.dataset.signed, { headers: { Accept: "application/json" } });
        const answer = await response.json();
        if (!response.ok) {
          throw new Error(answer.detail ?? `the portal answered ${response.status}`);
        }
        whole.url = answer.url;
      }
      if (whole.url) {
        whole.url = new URL(whole.url).href;
      }
      await this.#deliver(mtype, whole);
    } catch (error) {
      this.say(`It was not sent: ${error.message}`, "error");
    }
  }

  async #deliver(mtype, params) {
    const sent = await this.#hub.send(mtype, params, this.querySelector("[data-recipient]").value);
    if (!sent.length) {
      this.say("It was not sent: nobody who was meant understands this.", "warning");
      return;
    }
    if (params["table-id"]) {
      const known = new Set((sessionStorage.getItem(SENT) ?? "").split(" ").filter(Boolean));
      sessionStorage.setItem(SENT, [...known.add(params["table-id"])].slice(-50).join(" "));
    }
    this.say("Sent.", "success");
    const answers = (await Promise.allSettled(sent)).map(({ value, reason }) =>
      value ? answerOf(...value) : `not reached: ${reason.message}`,
    );
    const all = answers.every(({ good }) => good);
    this.say(answers.map(({ words }) => words).join(" "), all ? "success" : "warning");
  }
}

function answerOf(client, answer) {
  const status = answer["samp.status"];
  if (status === "samp.ok") {
    return { good: true, words: `${client.name} has taken it.` };
  }
  const reason = answer["samp.error"]?.["samp.errortxt"];
  const words = reason ? `${client.name} says: ${String(reason).slice(0, 200)}` : `${client.name} has not answered yet.`;
  return { good: status !== "samp.error", words };
}

customElements.define("samp-hub", SampHub);
