/* Plotly before it is needed, without holding up what is looked at.

   Its 5 MB are fetched while nothing else is to do. Running them takes the page most of a second in which no value
   changes and no click is answered: that waits until a graph comes (then dash-renderer does it) or until a page shows
   that people are choosing one: an element with data-graph-soon. */
(() => {
  "use strict";

  const QUIET_MS = 3000; // after loading: first pages come to life in less
  const READING_MS = 800; // between a page's coming and the first choice on it
  const source = window.df.settings.plotly;
  let asked = false;

  function fetchAhead() {
    if (asked || window.Plotly || (navigator.connection && navigator.connection.saveData)) return;
    document.head.append(Object.assign(document.createElement("link"), { rel: "prefetch", href: source }));
  }

  function runAhead() {
    if (asked || window.Plotly || !document.querySelector("[data-graph-soon]")) return;
    asked = true;
    document.head.append(Object.assign(document.createElement("script"), { src: source }));
  }

  new MutationObserver(() => asked || setTimeout(runAhead, READING_MS)).observe(document.body, {
    childList: true,
    subtree: true,
  });
  window.addEventListener("load", () => setTimeout(() => (window.requestIdleCallback || setTimeout)(fetchAhead), QUIET_MS));
})();
