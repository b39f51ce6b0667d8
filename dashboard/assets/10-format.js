/* Numbers, ages and texts, as dashboard/formats.py writes them. */
(() => {
  "use strict";

  const settings = JSON.parse(document.getElementById("df-settings").textContent);
  const NARROW = "\u202f";
  const MINUS = "\u2212";
  const MISSING = "\u2014";
  const formatters = new Map();

  function formatter(decimals) {
    if (!formatters.has(decimals)) {
      formatters.set(
        decimals,
        new Intl.NumberFormat(settings.language === "ru" ? "ru-RU" : "en-US", {
          minimumFractionDigits: decimals,
          maximumFractionDigits: decimals,
        }),
      );
    }
    return formatters.get(decimals);
  }

  /** "1 234,5"; a dash for what is no number, a text as it is. */
  function number(value, decimals) {
    if (typeof value === "string") return value;
    if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
    const parts = formatter(decimals).formatToParts(Math.abs(value));
    const group = settings.language === "ru" ? NARROW : ",";
    const plain = parts.map((part) => (part.type === "group" ? group : part.value)).join("");
    return value < 0 && /[1-9]/.test(plain) ? MINUS + plain : plain;
  }

  function text(key, values) {
    const template = settings.texts[key];
    if (template === undefined) throw new Error(`text '${key}' is not in the settings of the page`);
    return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  const UNITS = [
    [86400000, "time.days"],
    [3600000, "time.hours"],
    [60000, "time.minutes"],
    [1000, "time.seconds"],
  ];

  /** "45 с", "3 мин", "2 ч 5 мин", "1 д 4 ч". */
  function duration(ms) {
    const largest = Math.max(0, UNITS.findIndex(([length]) => ms >= length));
    const from = ms < 1000 ? UNITS.length - 1 : largest;
    const parts = ms < 3600000 ? 1 : 2;
    let rest = Math.max(0, ms);
    return UNITS.slice(from, from + parts)
      .map(([length, key]) => {
        const amount = Math.floor(rest / length);
        rest -= amount * length;
        return [amount, key];
      })
      .filter(([amount], place) => amount > 0 || place === 0)
      .map(([amount, key]) => `${amount}${NARROW}${text(key)}`)
      .join(" ");
  }

  /** Writes a text without replacing the text node, which nobody then has to look at again. */
  function write(element, words) {
    const node = element.firstChild;
    if (node && node.nodeType === Node.TEXT_NODE && !node.nextSibling) {
      if (node.nodeValue !== words) node.nodeValue = words;
    } else {
      element.textContent = words;
    }
  }

  window.df = { settings, number, text, duration, write, MISSING };
})();
