/* Puts blocks that come as HTML into the document (dashboard/components/markup.py), and fetches those that a
   disclosure shows when it is opened for the first time (<details data-fragment="address">). */
(() => {
  "use strict";

  const filled = new WeakMap();

  function fill(holder) {
    const { html } = holder.dataset;
    if (filled.get(holder) === html || holder.contains(document.activeElement)) return;
    filled.set(holder, html);
    holder.innerHTML = html;
  }

  const fillAll = () => document.querySelectorAll("[data-html]").forEach(fill);

  async function open(event) {
    const disclosure = event.target;
    const body = disclosure.querySelector?.(":scope > [data-fragment]");
    if (!disclosure.open || !body || body.childElementCount) return;
    const answer = await fetch(body.dataset.fragment).catch(() => null);
    if (answer && answer.ok) body.innerHTML = await answer.text();
    else disclosure.open = false; // opening it again asks again
  }

  document.addEventListener("toggle", open, true); // it does not bubble
  document.addEventListener("focusout", () => setTimeout(fillAll));
  new MutationObserver(fillAll).observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["data-html"],
  });
})();
