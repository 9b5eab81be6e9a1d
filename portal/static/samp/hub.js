// A connection to the hub on the user's machine, by the Web Profile (SAMP 1.3, section 5).
import { call, Fault } from "./xmlrpc.js";

const ENDPOINTS = ["http://127.0.0.1:21012/", "http://localhost:21012/"];
const PULL_SECONDS = "30";
const PAUSE = 500; // some hubs answer at once that nothing has come
const ANSWER_MILLISECONDS = 60_000;
const MOST_CLIENTS = 100;

export class NoHubError extends Error {}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const text = (value, longest = 200) =>
  typeof value === "string" ? value.replace(/\s+/g, " ").trim().slice(0, longest) : "";

const map = (value) => (value && typeof value === "object" && !Array.isArray(value) ? value : {});

async function find(signal) {
  for (const endpoint of ENDPOINTS) {
    try {
      await call(endpoint, "samp.webhub.ping", [], { signal });
      return endpoint;
    } catch (error) {
      if (signal.aborted) {
        throw error;
      }
      if (error instanceof Fault) {
        return endpoint; // it does not like to be asked, but it is one
      }
    }
  }
  throw new NoHubError();
}

// `on` has a function for each of: clients(list), message(client, mtype, params), closed().
export class Hub {
  #endpoint;
  #key;
  #ids = {};
  #clients = new Map();
  #waiting = new Map();
  #on;
  #last = 0;
  isOpen = false;

  constructor(on) {
    this.#on = on;
  }

  // Throws NoHubError where there is none, and a Fault when it refuses.
  async register(metadata, mtypes, signal) {
    this.#endpoint = await find(signal);
    const name = metadata["samp.name"];
    const answer = map(
      await call(this.#endpoint, "samp.webhub.register", [{ "samp.name": name }], { signal }),
    );
    this.#key = answer["samp.private-key"];
    this.#ids = { self: answer["samp.self-id"], hub: answer["samp.hub-id"] };
    this.translator = text(answer["samp.url-translator"], 1000);
    if (!this.#key) {
      throw new Fault("it gave no key");
    }
    this.isOpen = true;
    const about = ["register", "unregister", "metadata", "subscriptions", "shutdown"];
    const wanted = [...mtypes, ...about.map((one) => `samp.hub.event.${one}`), "samp.hub.disconnect"];
    await this.#ask("declareMetadata", metadata);
    await this.#ask("allowReverseCallbacks", "1");
    await this.#ask("declareSubscriptions", Object.fromEntries(wanted.map((one) => [one, {}])));
    this.#pull();
    await this.#lookAround();
  }

  // Calls every client that understands the message, or one of them, and returns for each a
  // promise of [client, what it answered].
  async send(mtype, params, clientId) {
    const clients = this.#understanding(mtype).filter(({ id }) => !clientId || id === clientId);
    return clients.map(async (client) => {
      const tag = `portal-${(this.#last += 1)}`;
      const answer = new Promise((resolve) => this.#waiting.set(tag, resolve));
      await this.#ask("call", client.id, tag, { "samp.mtype": mtype, "samp.params": params });
      return [client, map(await Promise.race([answer, pause(ANSWER_MILLISECONDS)]))];
    });
  }

  #understanding(mtype) {
    return [...this.#clients.values()].filter((client) => understands(client, mtype));
  }

  close() {
    if (this.isOpen) {
      this.isOpen = false;
      call(this.#endpoint, "samp.webhub.unregister", [this.#key], { keepalive: true }).catch(() => {});
      this.#on.closed();
    }
  }

  #ask(method, ...params) {
    return call(this.#endpoint, `samp.webhub.${method}`, [this.#key, ...params]);
  }

  async #lookAround() {
    const ids = await this.#ask("getRegisteredClients");
    await Promise.all([...ids].slice(0, MOST_CLIENTS).map((id) => this.#meet(id)));
    this.#tell();
  }

  async #meet(id) {
    if (Object.values(this.#ids).includes(id) || this.#clients.size >= MOST_CLIENTS) {
      return;
    }
    this.#clients.set(id, { id, name: id, description: "", subscriptions: [] });
    const about = await Promise.allSettled([
      this.#ask("getMetadata", id),
      this.#ask("getSubscriptions", id),
    ]);
    this.#learn(id, about[0].value, about[1].value);
  }

  #learn(id, metadata, subscriptions) {
    const client = this.#clients.get(id);
    if (client && metadata) {
      client.name = text(map(metadata)["samp.name"], 60) || id;
      client.description = text(map(metadata)["samp.description.text"]);
    }
    if (client && subscriptions) {
      client.subscriptions = Object.keys(map(subscriptions));
    }
  }

  #tell() {
    this.#on.clients([...this.#clients.values()]);
  }

  async #pull() {
    while (this.isOpen) {
      const began = performance.now();
      try {
        const callbacks = await this.#ask("pullCallbacks", PULL_SECONDS);
        for (const one of callbacks) {
          // What cannot be read, or not be answered, keeps nothing from the others.
          await this.#receive(one["samp.methodName"], one["samp.params"]).catch(() => {});
        }
        if (!callbacks.length && performance.now() - began < PAUSE) {
          await pause(PAUSE);
        }
      } catch {
        this.close(); // the hub is gone, or took the registration back
      }
    }
  }

  async #receive(method = "", params = []) {
    const kind = method.slice(method.lastIndexOf(".") + 1);
    if (kind === "receiveResponse") {
      this.#waiting.get(params[1])?.(params[2]);
      this.#waiting.delete(params[1]);
    } else if (kind === "receiveNotification") {
      this.#take(params[0], map(params[1]));
    } else if (kind === "receiveCall") {
      this.#take(params[0], map(params[2]));
      await this.#ask("reply", params[1], { "samp.status": "samp.ok", "samp.result": {} });
    }
  }

  #take(sender, message) {
    const mtype = text(message["samp.mtype"]);
    const params = map(message["samp.params"]);
    if (mtype.startsWith("samp.hub.")) {
      this.#follow(mtype, params);
    } else {
      this.#on.message(this.#clients.get(sender) ?? { id: sender, name: text(sender) }, mtype, params);
    }
  }

  #follow(mtype, { id, metadata, subscriptions }) {
    if (mtype === "samp.hub.event.shutdown" || mtype === "samp.hub.disconnect") {
      this.close();
    } else if (mtype === "samp.hub.event.unregister") {
      this.#clients.delete(id);
      this.#tell();
    } else if (mtype === "samp.hub.event.register") {
      this.#meet(id).then(() => this.#tell());
    } else {
      this.#learn(id, metadata, subscriptions);
      this.#tell();
    }
  }
}

// A subscription is to one message, or to all whose name begins with "table." for "table.*".
export const understands = ({ subscriptions = [] }, mtype) =>
  subscriptions.some((one) =>
    one.endsWith("*") ? mtype.startsWith(one.slice(0, -1)) : one === mtype,
  );
