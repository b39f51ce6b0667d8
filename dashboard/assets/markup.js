/* Puts blocks that come as HTML into the document (dashboard/components/markup.py), and fetches others:
   data-load="address" at once, data-fragment="address" when the disclosure around it is opened for the first time. */
(() => {
  "use strict";

  const RETRY_MS = 3000;
  const filled = new WeakMap(); // element -> what it was filled with: HTML or an address

  function fill(holder) {
    const { html } = holder.dataset;
    if (filled.get(holder) === html || holder.contains(document.activeElement)) return;
    filled.set(holder, html);
    holder.innerHTML = html;
  }

  const fillAll = () => document.querySelectorAll("[data-html]").forEach(fill);

  async function fetched(address) {
    const answer = await fetch(address).catch(() => null);
    return answer && answer.ok ? answer.text() : null;
  }

  async function load(holder) {
    const address = holder.dataset.load;
    if (filled.get(holder) === address) return;
    filled.set(holder, address);
    const html = await fetched(address);
    if (filled.get(holder) !== address) return; // the page has gone on meanwhile
    if (html !== null) holder.innerHTML = html;
    else setTimeout(() => (filled.delete(holder), load(holder)), RETRY_MS);
  }

  async function open(event) {
    const disclosure = event.target;
    const body = disclosure.querySelector?.(":scope > [data-fragment]");
    if (!disclosure.open || !body || body.childElementCount) return;
    const html = await fetched(body.dataset.fragment);
    if (html !== null) body.innerHTML = html;
    else disclosure.open = false; // opening it again asks again
  }

  function scan() {
    fillAll();
    document.querySelectorAll("[data-load]").forEach(load);
  }

  document.addEventListener("toggle", open, true); // it does not bubble
  document.addEventListener("focusout", () => setTimeout(fillAll));
  new MutationObserver(scan).observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["data-html", "data-load"],
  });
})();
