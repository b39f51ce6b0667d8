/* Plotly graphs that go on while they show now (components/live_graph.py).

   Once a second, by Plotly.extendTraces: setting extendData through Dash loses or doubles points, and repainting more
   often costs a quarter of a core. */
(() => {
  "use strict";

  const df = window.df;
  const GOOD = 192;
  const MOST_POINTS = 50000;
  const NEAR_NOW = 0.03; // of the span: a graph that ends this close to now shows now
  const NEAR_MS = 10000; // or this close
  const FIRST_NEAR_MS = 30000; // when it is first seen: it was made when the page was asked for, and Plotly takes time
  const waiting = new Map(); // tag path -> [[time, value]] since the last flush
  const followed = new WeakMap(); // graph -> axis name -> its end when it last showed now

  /** UTC ms of what Plotly holds as x: a number, "2026-11-23", "2026-11-23 07:16" or longer. */
  function moment(x) {
    if (typeof x === "number") return x;
    const text = String(x).replace(" ", "T");
    return Date.parse(text.length === 10 || text.endsWith("Z") ? text : `${text}Z`);
  }

  function plotted(wrapper) {
    const graph = wrapper.querySelector(".js-plotly-plot");
    return graph && window.Plotly && graph.data && graph.layout && graph._fullLayout ? graph : null;
  }

  /** Time axes that show now: they end near it, or nobody has moved them since they did. */
  function axes(graph, now) {
    if (!followed.has(graph)) followed.set(graph, new Map());
    const ends = followed.get(graph);
    const found = [];
    for (const name of Object.keys(graph._fullLayout)) {
      if (!/^xaxis\d*$/.test(name)) continue;
      const [start, end] = graph._fullLayout[name].range.map(moment);
      const near = Math.max(ends.has(name) ? NEAR_MS : FIRST_NEAR_MS, (end - start) * NEAR_NOW);
      const shows = end === ends.get(name) || end >= now - near;
      ends.set(name, shows ? end : NaN);
      if (shows) found.push({ name, start, end });
    }
    return found;
  }

  /** Moves the axes on, so that now stays at the right edge; the redraw of extendTraces shows it. */
  function roll(graph, found, now) {
    for (const { name, start, end } of found) {
      const by = Math.round(now - end);
      if (by <= 0) continue; // it reaches beyond now: the end of a shift
      graph.layout[name] = graph.layout[name] || {};
      graph.layout[name].range = [start + by, end + by];
      graph.layout[name].autorange = false;
      followed.get(graph).set(name, end + by);
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
    document.querySelectorAll("[data-live-graph]").forEach(extend); // also without points: it may be seen first
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
