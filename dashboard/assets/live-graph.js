/* Plotly graphs that go on while they show now (components/live_graph.py).

   Once a second, by Plotly.extendTraces: setting extendData through Dash loses or doubles points, and repainting more
   often costs a quarter of a core. */
(() => {
  "use strict";

  const df = window.df;
  const GOOD = 192;
  const MOST_POINTS = 50000;
  const NEAR_NOW = 0.03; // of the span: a graph that ends this close to now shows now
  const waiting = new Map(); // tag path -> [[time, value]] since the last flush

  const moment = (x) => (typeof x === "number" ? x : Date.parse(`${x}Z`.replace("ZZ", "Z")));

  function plotted(wrapper) {
    const graph = wrapper.querySelector(".js-plotly-plot");
    return graph && window.Plotly && graph.data && graph.layout ? graph : null;
  }

  /** Time axes with their end, as far as they show now; x is the site's clock: UTC ms plus the offset. */
  function axes(graph, now) {
    const found = [];
    for (const name of Object.keys(graph._fullLayout)) {
      if (!/^xaxis\d*$/.test(name)) continue;
      const [start, end] = graph._fullLayout[name].range.map(moment);
      if (end >= now - Math.max(5000, (end - start) * NEAR_NOW)) found.push({ name, start, end });
    }
    return found;
  }

  /** Moves the axes on, so that now stays at the right edge; the redraw of extendTraces shows it. */
  function roll(graph, found, now) {
    for (const { name, start, end } of found) {
      const by = now - end;
      if (by <= 0) continue; // it reaches beyond now: the end of a shift
      graph.layout[name] = graph.layout[name] || {};
      graph.layout[name].range = [start + by, end + by];
      graph.layout[name].autorange = false;
    }
  }

  function lists(trace, full) {
    for (const key of ["x", "y"]) {
      if (!Array.isArray(trace[key])) trace[key] = Array.from((full && full[key]) || []);
    }
    return trace;
  }

  function extend(wrapper) {
    const graph = plotted(wrapper);
    if (!graph) return;
    const offset = Number(wrapper.dataset.offset);
    const now = df.live.now() + offset;
    const found = axes(graph, now);
    if (!found.length) return;
    const update = { x: [], y: [] };
    const indices = [];
    for (const [path, traces] of Object.entries(JSON.parse(wrapper.dataset.liveGraph))) {
      for (const index of traces) {
        const trace = graph.data[index];
        if (!trace || !waiting.has(path)) continue;
        const last = moment(lists(trace, graph._fullData[index]).x.at(-1) ?? -Infinity);
        const fresh = waiting.get(path).filter(([time]) => time + offset > last);
        if (!fresh.length) continue;
        indices.push(index);
        update.x.push(fresh.map(([time]) => time + offset));
        update.y.push(fresh.map(([, value]) => value));
      }
    }
    if (!indices.length) return;
    roll(graph, found, now);
    window.Plotly.extendTraces(graph, update, indices, MOST_POINTS);
  }

  function flush() {
    if (waiting.size) document.querySelectorAll("[data-live-graph]").forEach(extend);
    waiting.clear();
  }

  document.addEventListener("df:values", ({ detail }) => {
    if (!document.querySelector("[data-live-graph]")) return;
    for (const path of detail) {
      const { value, time, quality } = df.live.values.get(path);
      if (!waiting.has(path)) waiting.set(path, []);
      waiting.get(path).push([time, quality === GOOD && typeof value === "number" ? value : null]);
    }
  });
  document.addEventListener("df:gap", () => {
    for (const wrapper of document.querySelectorAll("[data-live-graph]")) {
      const button = wrapper.dataset.refresh && document.getElementById(wrapper.dataset.refresh);
      if (button) button.click(); // what was missed is in the historian
    }
  });
  setInterval(flush, 1000);
})();
