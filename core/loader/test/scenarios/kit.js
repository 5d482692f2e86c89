// What a scenario's page has: the loader's events, waiting, and what was asked of the server. Runs in the page.

/** @type {any} */
const kit = {
  events: [],

  /** @param {() => any} check */
  async until(check, patience = 12000) {
    for (const end = Date.now() + patience; ; ) {
      const value = await check();
      if (value) return value;
      if (Date.now() > end) throw Error(`not seen: ${check}, after ${JSON.stringify(kit.events)}; ${document.body.innerHTML}`);
      await kit.pause(20);
    }
  },

  /** @param {string} type @param {number} [count] */
  event(type, count = 1) {
    return kit.until(() => kit.events.filter((/** @type {any} */ event) => event.type == `island:${type}`)[count - 1]);
  },

  /** @param {number} time */
  pause(time) {
    return new Promise((resolve) => setTimeout(resolve, time));
  },

  /** What was asked of the islands, as name and token. */
  async asked() {
    return (await fetch("log")).json();
  },

  /** @param {string} name @param {string} [type] */
  load(name, type = "") {
    const script = document.createElement("script");
    Object.assign(script, { src: `/lib/${name}`, type });
    document.head.append(script);
    return new Promise((resolve, reject) => Object.assign(script, { onload: resolve, onerror: reject }));
  },

  /** @param {string} selector @returns {any} */
  one(selector) {
    return document.querySelector(selector);
  },

  /** @param {string} selector */
  texts(selector) {
    return [...document.querySelectorAll(selector)].map((element) => element.textContent);
  },

  /** @param {string} [selector] */
  text(selector = "body") {
    return kit.one(selector)?.textContent.trim().replace(/\s+/g, " ");
  },
};

for (const type of ["load", "error", "redirect"]) {
  document.addEventListener(`island:${type}`, (event) => {
    const { name, reason, status } = /** @type {CustomEvent} */ (event).detail;
    kit.events.push({ type: event.type, name, reason, status });
  });
}
for (const level of /** @type {const} */ (["error", "warn"])) {
  const log = console[level];
  kit[level] = [];
  console[level] = (...given) => {
    kit[level].push(given.map((part) => (part instanceof Node ? part.nodeName : String(part))).join(" "));
    log(...given);
  };
}
Object.assign(window, { kit });
