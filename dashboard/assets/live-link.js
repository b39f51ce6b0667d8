/* One websocket per tab: keeps it alive and holds the newest of everything that has come (dashboard/live/frames.py).

   Tells the other scripts by events of the document: "df:values" and "df:states" with the paths that have changed,
   "df:beat" once a second, "df:link" when the connection comes or goes, "df:gap" when a scope had to start anew. */
(() => {
  "use strict";

  const df = window.df;
  const GOOD = 192;
  const SILENCE_MS = 3000; // the server beats every second
  const FIRST_DELAY_MS = 250;
  const LONGEST_DELAY_MS = 2000;

  const values = new Map(); // tag path -> {value, time, quality}
  const states = new Map(); // unit path -> {state, since, mode, quality}
  const sites = new Map(); // slug -> {newest, feed}
  const seen = new Map(); // scope -> number of its last frame
  let socket = null;
  let epoch = "";
  let skew = 0; // server's clock minus ours, ms
  let heardAt = 0;
  let lostAt = 0;
  let link = "connecting";
  let broker = true;
  let delay = FIRST_DELAY_MS;
  let retry = 0;
  let asked = "";

  const now = () => Date.now() + skew;
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  function wanted() {
    const names = new Set();
    for (const element of document.querySelectorAll("[data-live-scope]")) {
      for (const name of element.dataset.liveScope.split(" ")) if (name) names.add(name);
    }
    return [...names].sort();
  }

  /** Says what the page shows; the numbers tell the server what this tab has already. */
  function ask() {
    const names = wanted();
    if (!socket || socket.readyState !== WebSocket.OPEN || names.join(" ") === asked) return;
    asked = names.join(" ");
    for (const name of seen.keys()) if (!names.includes(name)) seen.delete(name); // not followed, so not known
    const scopes = Object.fromEntries(names.map((name) => [name, seen.has(name) ? seen.get(name) : -1]));
    socket.send(JSON.stringify({ epoch, scopes }));
  }

  function turn(to) {
    if (link === to) return;
    link = to;
    lostAt = to === "lost" ? heardAt || Date.now() : 0;
    document.documentElement.dataset.link = to;
    tell("df:link", { link });
  }

  function connect() {
    clearTimeout(retry);
    asked = "";
    heardAt = Date.now();
    const address = new URL(df.settings.live, window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const mine = new WebSocket(address);
    socket = mine;
    mine.onopen = ask;
    mine.onmessage = (message) => mine === socket && take(JSON.parse(message.data));
    mine.onclose = () => mine === socket && again();
  }

  /** Leaves a connection that is gone or silent; what it may still bring is not heard any more. */
  function again() {
    const old = socket;
    socket = null;
    if (old) old.close();
    turn("lost");
    clearTimeout(retry);
    retry = setTimeout(connect, delay * (0.75 + Math.random() / 2));
    delay = Math.min(delay * 2, LONGEST_DELAY_MS);
  }

  function take(frame) {
    heardAt = Date.now();
    delay = FIRST_DELAY_MS;
    if (frame.epoch !== undefined) {
      if (frame.epoch !== epoch) seen.clear();
      epoch = frame.epoch;
      return;
    }
    skew = frame.t - heardAt;
    turn("live");
    if (frame.scope !== undefined) takeScope(frame);
    else takeBeat(frame);
  }

  function takeScope(frame) {
    const gap = frame.full && values.size > 0;
    seen.set(frame.scope, frame.n);
    const changed = [];
    for (const [unit, metrics] of Object.entries(frame.v || {})) {
      for (const [key, [value, age, quality]] of Object.entries(metrics)) {
        const path = `${unit}/${key}`;
        values.set(path, { value, time: frame.t - age, quality: quality === undefined ? GOOD : quality });
        changed.push(path);
      }
    }
    for (const [unit, [state, since, mode, quality]] of Object.entries(frame.s || {})) {
      states.set(unit, { state, since, mode, quality });
    }
    if (gap) tell("df:gap", { scope: frame.scope });
    if (changed.length) tell("df:values", changed);
    if (frame.s) tell("df:states", Object.keys(frame.s));
  }

  function takeBeat(frame) {
    broker = frame.broker === 1;
    for (const [site, [newest, feed]] of Object.entries(frame.sites)) sites.set(site, { newest, feed });
    tell("df:beat");
  }

  function watch() {
    if (socket && Date.now() - heardAt > SILENCE_MS) again();
    if (link !== "live") tell("df:beat");
  }

  /** How the data of a site come in: "live", "late" or "away"; all are away while there is no connection. */
  function feed(site) {
    if (link === "lost") return "away";
    const known = sites.get(site);
    return known ? known.feed : "away";
  }

  df.live = {
    values,
    states,
    sites,
    now,
    ask,
    feed,
    get link() {
      return link;
    },
    get broker() {
      return broker;
    },
    get lostFor() {
      return lostAt ? Date.now() - lostAt : 0;
    },
  };

  setInterval(watch, 500);
  window.addEventListener("online", () => socket || connect());
  document.addEventListener("visibilitychange", () => document.hidden || socket || connect());
  connect();
})();
