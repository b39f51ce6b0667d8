/* The frame: links without loading the document, the current page, cookies, the side on a phone, the period form. */
(() => {
  "use strict";

  const KEPT = ["period", "from", "to"];
  const root = document.documentElement;

  /** Goes to an address of ours; the router's callback (dashboard/router.py) shows the page. */
  function go(address) {
    const target = new URL(address, window.location.href);
    const elsewhere = target.pathname !== window.location.pathname;
    window.history.pushState({}, "", target.pathname + target.search);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate")); // the event of dcc.Link
    openSide(false);
    if (!elsewhere) return;
    window.scrollTo(0, 0);
    const main = document.getElementById("shell-main");
    if (main) main.focus({ preventScroll: true });
  }

  function withPeriod(link) {
    const target = new URL(link.href);
    if (link.dataset.link === "keep" && !target.searchParams.has("period")) {
      const here = new URLSearchParams(window.location.search);
      for (const key of KEPT) if (here.has(key)) target.searchParams.set(key, here.get(key));
    }
    return target;
  }

  function follow(event, link) {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(withPeriod(link));
  }

  function openSide(open) {
    root.dataset.side = open ? "open" : "closed";
    for (const button of document.querySelectorAll(".df-menu")) button.setAttribute("aria-expanded", String(open));
  }

  function setCookie(pair) {
    document.cookie = `${pair}; path=/; max-age=31536000; samesite=lax`;
    window.location.reload();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-link]");
    if (link) follow(event, link);
    const switched = event.target.closest("[data-cookie]");
    if (switched) setCookie(switched.dataset.cookie);
    if (event.target.closest(".df-menu")) openSide(root.dataset.side !== "open");
    else if (root.dataset.side === "open" && !event.target.closest(".df-side")) openSide(false);
    for (const menu of document.querySelectorAll(".df-period-custom[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    openSide(false);
    for (const menu of document.querySelectorAll(".df-period-custom[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-goto]")) go(event.target.value);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest(".df-period-fields");
    if (!form) return;
    event.preventDefault();
    const target = new URL(form.parentElement.dataset.periodForm, window.location.href);
    for (const field of form.querySelectorAll("input")) target.searchParams.set(field.name, field.value);
    go(target);
  });

  function field(name, label, value) {
    const holder = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "datetime-local", name, value, required: true, className: "df-input" });
    holder.append(label, input);
    return holder;
  }

  /** The two fields of the period form: Dash has no component for this native input. */
  function fillForm(holder) {
    const { from, to, fromLabel, toLabel, submit } = holder.dataset;
    const mark = `${from} ${to} ${submit}`;
    if (holder.dataset.filled === mark) return;
    holder.dataset.filled = mark;
    const form = document.createElement("form");
    form.className = "df-period-fields";
    const button = document.createElement("button");
    Object.assign(button, { type: "submit", className: "df-button df-primary", textContent: submit });
    form.append(field("from", fromLabel, from), field("to", toLabel, to), button);
    holder.replaceChildren(form);
  }

  function mark() {
    const page = document.querySelector(".df-page[data-title]");
    if (page) document.title = page.dataset.title;
    const here = window.location.pathname;
    for (const link of document.querySelectorAll(".df-side a, .df-tabs a")) {
      if (new URL(link.href).pathname === here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.querySelectorAll("[data-period-form]").forEach(fillForm);
  }

  let waiting = 0;
  new MutationObserver(() => {
    if (!waiting) waiting = setTimeout(() => ((waiting = 0), mark()), 0);
  }).observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["data-title", "data-period-form"],
  });
  window.addEventListener("popstate", mark);
  window.addEventListener("_dashprivate_pushstate", mark);
})();
