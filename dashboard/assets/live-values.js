/* Writes what is live into the page: values, states, bars, ages (dashboard/components/live_*.py mark the elements).

   React made these elements and does not know of the changes; that is safe because each is a text or an attribute
   that React sets from a property of its own and never reads back. */
(() => {
  "use strict";

  const df = window.df;
  const GOOD = 192;
  const STALE = 500;
  const MARKS = ["live", "live-state", "live-bar", "live-age", "live-feed", "live-running"];
  const byPath = { live: new Map(), "live-state": new Map(), "live-bar": new Map() };
  const plain = { "live-age": [], "live-feed": [], "live-running": [] };
  const feeds = new Map();
  const served = new WeakMap(); // element -> path and quality that the server wrote

  const property = (mark) => mark.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const siteOf = (path) => path.slice(0, path.indexOf("/"));

  /** Finds all marked elements anew and shows what is known on each. */
  function scan() {
    for (const mark of MARKS) {
      const elements = document.querySelectorAll(`[data-${mark}]`);
      if (plain[mark]) {
        plain[mark] = [...elements];
        continue;
      }
      byPath[mark].clear();
      for (const element of elements) {
        const path = element.dataset[property(mark)];
        if (!byPath[mark].has(path)) byPath[mark].set(path, []);
        byPath[mark].get(path).push(element);
      }
    }
    showAll();
    df.live.ask();
  }

  function showAll() {
    for (const path of byPath.live.keys()) showValue(path);
    for (const path of byPath["live-bar"].keys()) showBar(path);
    for (const unit of byPath["live-state"].keys()) showState(unit);
    showBeat();
  }

  function qualityOf(path, known) {
    if (!known) return "missing";
    if (known.quality === STALE || df.live.feed(siteOf(path)) === "away") return "stale";
    return known.quality === GOOD ? "good" : "bad";
  }

  /** A value that the server wrote and that has not come over the websocket yet: as good as the connection is. */
  function showServed(element, path) {
    const before = served.get(element);
    if (!before || before.path !== path) served.set(element, { path, quality: element.dataset.quality });
    const { quality } = served.get(element);
    const site = df.live.sites.get(siteOf(path));
    const away = df.live.link === "lost" || (site && site.feed === "away");
    element.dataset.quality = away && quality === "good" ? "stale" : quality;
    const { time } = element.dataset;
    const stale = time && element.dataset.quality === "stale";
    df.write(element.querySelector(".df-age"), stale ? df.duration(df.live.now() - Number(time)) : "");
  }

  function showValue(path) {
    const known = df.live.values.get(path);
    if (!known) return (byPath.live.get(path) || []).forEach((element) => showServed(element, path));
    const quality = qualityOf(path, known);
    for (const element of byPath.live.get(path) || []) {
      df.write(element.querySelector(".df-number"), df.number(known.value, Number(element.dataset.decimals)));
      if (element.dataset.quality !== quality) element.dataset.quality = quality;
      const age = element.querySelector(".df-age");
      df.write(age, quality === "stale" ? df.duration(df.live.now() - known.time) : "");
    }
  }

  function showBar(path) {
    const known = df.live.values.get(path);
    if (!known || typeof known.value !== "number") return;
    const state = df.live.states.get(path.slice(0, path.lastIndexOf("/")));
    for (const element of byPath["live-bar"].get(path) || []) {
      const { low, high, normalLow, normalHigh } = element.dataset;
      const at = (known.value - Number(low)) / (Number(high) - Number(low));
      element.style.setProperty("--at", Math.min(1, Math.max(0, at)).toFixed(4));
      const outside = normalLow !== undefined && (known.value < Number(normalLow) || known.value > Number(normalHigh));
      element.dataset.range = outside && state && state.state === "EXECUTE" ? "outside" : "inside";
      element.dataset.quality = qualityOf(path, known);
    }
  }

  function words(known) {
    if (known.quality !== GOOD) return df.text("state.UNDEFINED");
    const state = df.text(`state.${known.state}`);
    return ["PRODUCTION", "UNDEFINED"].includes(known.mode) ? state : `${state} · ${df.text(`mode.${known.mode}`)}`;
  }

  function showState(unit) {
    const known = df.live.states.get(unit);
    if (!known) return;
    const label = words(known);
    const stale = df.live.feed(siteOf(unit)) === "away";
    for (const element of byPath["live-state"].get(unit) || []) {
      element.dataset.kind = known.quality === GOOD ? df.settings.kinds[known.state] : "unknown";
      element.dataset.quality = stale ? "stale" : "good";
      element.title = label;
      df.write(element.querySelector(".df-state-text"), label);
      const since = element.querySelector(".df-state-since");
      if (since) df.write(since, known.since ? df.duration(df.live.now() - known.since) : "");
    }
  }

  function age(site) {
    const known = df.live.sites.get(site);
    if (!known) return null;
    if (!known.newest) return df.text("live.never");
    return df.text("live.ago", { age: df.duration(Math.max(1000, df.live.now() - known.newest)) });
  }

  function showRunning(element) {
    const units = JSON.parse(element.dataset.liveRunning);
    const away = !units.length || df.live.feed(siteOf(units[0])) === "away";
    const known = away ? [] : units.map((unit) => df.live.states.get(unit)).filter((s) => s && s.quality === GOOD);
    const running = known.filter((state) => df.settings.kinds[state.state] === "running").length;
    df.write(element, known.length ? `${running}/${units.length}` : df.MISSING);
    element.title = df.text("live.running", { running: known.length ? running : df.MISSING, all: units.length });
  }

  /** Once a second: ages go on, and what has become stale or fresh is shown so. */
  function showBeat() {
    for (const element of plain["live-age"]) {
      const words = age(element.dataset.liveAge);
      if (words === null) continue;
      element.dataset.feed = df.live.feed(element.dataset.liveAge);
      df.write(element.querySelector(".df-age-text"), words);
    }
    for (const element of plain["live-feed"]) {
      const site = element.dataset.liveFeed;
      element.dataset.feed = df.live.feed(site);
      element.title = age(site) || "";
    }
    plain["live-running"].forEach(showRunning);
    for (const [path, elements] of byPath.live) if (elements[0].dataset.quality === "stale") showValue(path);
    for (const [unit, elements] of byPath["live-state"]) {
      if (elements.some((element) => element.querySelector(".df-state-since"))) showState(unit);
    }
    refreshFeeds();
  }

  /** A site that went away or came back changes the look of all of its values. */
  function refreshFeeds() {
    const turned = new Set();
    for (const site of df.live.sites.keys()) {
      const feed = df.live.feed(site);
      if (feeds.get(site) !== feed) turned.add(site);
      feeds.set(site, feed);
    }
    if (!turned.size) return;
    for (const path of byPath.live.keys()) if (turned.has(siteOf(path))) showValue(path);
    for (const path of byPath["live-bar"].keys()) if (turned.has(siteOf(path))) showBar(path);
    for (const unit of byPath["live-state"].keys()) if (turned.has(siteOf(unit))) showState(unit);
  }

  document.addEventListener("df:values", ({ detail }) => {
    for (const path of detail) {
      if (byPath.live.has(path)) showValue(path);
      if (byPath["live-bar"].has(path)) showBar(path);
    }
  });
  document.addEventListener("df:states", ({ detail }) => {
    for (const unit of detail) if (byPath["live-state"].has(unit)) showState(unit);
    plain["live-running"].forEach(showRunning);
  });
  document.addEventListener("df:beat", showBeat);
  document.addEventListener("df:link", showAll);

  let waiting = 0;
  const attributeFilter = [...MARKS, "live-scope"].map((mark) => `data-${mark}`);
  new MutationObserver(() => {
    if (!waiting) waiting = setTimeout(() => ((waiting = 0), scan()), 20);
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter });
})();
