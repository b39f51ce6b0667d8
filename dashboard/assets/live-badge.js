/* The indicator in the bar: how old the newest value is, or that there is no connection. */
(() => {
  "use strict";

  const df = window.df;
  const LATE_MS = 10000;
  let said = "";

  function situation() {
    const { link, broker, lostFor, sites, now } = df.live;
    if (link === "connecting") return ["late", df.text("live.connecting"), df.text("live.connecting")];
    if (link === "lost") {
      const words = df.text("live.lost");
      return ["away", `${words} · ${df.duration(Math.max(1000, lostFor))}`, words];
    }
    if (!broker) return ["away", df.text("live.broker-lost"), df.text("live.broker-lost")];
    const newest = Math.max(0, ...[...sites.values()].map((site) => site.newest || 0));
    if (!newest) return ["away", df.text("live.never"), df.text("live.never")];
    const age = now() - newest;
    const words = df.text("live.fresh", { age: df.duration(Math.max(1000, age)) });
    return [age > LATE_MS ? "late" : "live", words, df.text("live.connected")];
  }

  function show() {
    const badge = document.querySelector("[data-live-link]");
    if (!badge) return; // the frame is not there yet; the next beat comes
    const [feed, words, spoken] = situation();
    badge.dataset.feed = feed;
    df.write(badge.querySelector(".df-link-text"), words);
    if (spoken !== said) {
      said = spoken;
      df.write(badge.querySelector("[role=status]"), spoken); // not each second
    }
  }

  document.addEventListener("df:beat", show);
  document.addEventListener("df:link", show);
})();
