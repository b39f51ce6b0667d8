/* Sparklines: a step line of the last hour, drawn as SVG and extended by itself (components/sparkline.py). */
(() => {
  "use strict";

  const df = window.df;
  const SVG = "http://www.w3.org/2000/svg";
  const HEIGHT = 24;
  const WIDTH = 100;
  const GOOD = 192;
  const sparks = new Map(); // element -> {path, key, points, span}
  const dirty = new Set();

  function element(name, parent) {
    return parent.appendChild(document.createElementNS(SVG, name));
  }

  function adopt(holder) {
    const { spark: path, points, span } = holder.dataset;
    const known = sparks.get(holder);
    if (known && known.path === path && known.source === points) return;
    holder.replaceChildren();
    const svg = element("svg", holder);
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("preserveAspectRatio", "none");
    const band = element("rect", svg);
    const line = element("path", svg);
    sparks.set(holder, { path, source: points, points: JSON.parse(points), span: Number(span), band, line });
    dirty.add(holder);
  }

  function range(points, low, high) {
    const known = points.map((point) => point[1]).filter((value) => value !== null);
    if (low !== undefined) known.push(Number(low), Number(high));
    if (!known.length) return [0, 1];
    const least = Math.min(...known);
    const most = Math.max(...known);
    const margin = (most - least) * 0.08 || Math.abs(most) * 0.05 || 1;
    return [least - margin, most + margin];
  }

  function draw(holder) {
    const spark = sparks.get(holder);
    const end = df.live.now();
    const start = end - spark.span;
    const first = spark.points.findIndex((point) => point[0] > start);
    if (first > 1) spark.points.splice(0, first - 1); // one before the edge: its value holds into the picture
    const { normalLow, normalHigh } = holder.dataset;
    const [low, high] = range(spark.points, normalLow, normalHigh);
    const x = (time) => ((Math.max(start, time) - start) / spark.span) * WIDTH;
    const y = (value) => HEIGHT - ((value - low) / (high - low)) * HEIGHT;
    let steps = "";
    let pen = false;
    for (const [time, value] of spark.points) {
      if (pen) steps += `H${x(time).toFixed(2)}`;
      if (value !== null) steps += `${pen ? "V" : `M${x(time).toFixed(2)} `}${y(value).toFixed(2)}`;
      pen = value !== null;
    }
    if (pen) steps += `H${WIDTH}`;
    spark.line.setAttribute("d", steps);
    if (normalLow === undefined) return;
    spark.band.setAttribute("width", WIDTH);
    spark.band.setAttribute("y", y(Number(normalHigh)).toFixed(2));
    spark.band.setAttribute("height", (y(Number(normalLow)) - y(Number(normalHigh))).toFixed(2));
  }

  function scan() {
    const here = new Set(document.querySelectorAll("[data-spark]"));
    for (const holder of sparks.keys()) if (!here.has(holder)) sparks.delete(holder);
    here.forEach(adopt);
    flush();
  }

  function flush() {
    for (const holder of dirty) if (sparks.has(holder)) draw(holder);
    dirty.clear();
  }

  document.addEventListener("df:values", ({ detail }) => {
    if (!sparks.size) return;
    const changed = new Set(detail);
    for (const [holder, spark] of sparks) {
      if (!changed.has(spark.path)) continue;
      const { value, time, quality } = df.live.values.get(spark.path);
      const last = spark.points.at(-1);
      if (last && time <= last[0]) continue; // it has that already
      spark.points.push([time, quality === GOOD && typeof value === "number" ? value : null]);
      dirty.add(holder);
    }
  });
  document.addEventListener("df:beat", flush);

  let waiting = 0;
  new MutationObserver(() => {
    if (!waiting) waiting = setTimeout(() => ((waiting = 0), scan()), 20);
  }).observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["data-spark", "data-points"],
  });
})();
