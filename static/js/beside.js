// A checkout beside the shop's page, in its frame or in a window: tells that page how high it is and how it ended, and nothing else.
// What is told proves nothing: the shop asks by its API. Only the shop's own page, one of its registered origins, is told.

const root = document.querySelector("[data-mode]");
const { mode, origin, checkout, tell, order, back, cancel } = root.dataset;
const embedded = mode === "embedded";
const shop = embedded ? window.parent : window.opener;
const PATIENCE_MS = 400;
// Sooner than the header.
const LOOK_MS = 2_700;

function say(type, more = {}) {
  if (!shop || !origin) return false;
  shop.postMessage({ source: "pay-in-installments", type, checkout, ...more }, origin);
  return true;
}

/** Close this window, after the shop's page could hear and close it itself: the word of a window that is gone may be lost with it.
 * Where it stays open, or nobody could be told, go to the shop in it. */
function close(told, address) {
  if (told) setTimeout(() => window.close(), PATIENCE_MS);
  if (address) setTimeout(() => location.replace(address), told ? 2 * PATIENCE_MS : 0);
}

function end(type, more, address) {
  const told = say(type, more);
  if (!embedded) close(told, address);
  return told || !embedded;
}

/** Open a link in a window that may close itself when it is done, and that does not know who opened it; a blocked one is left to the browser. */
function openApart(event, link) {
  const apart = window.open("", "_blank");
  if (!apart) return;
  event.preventDefault();
  apart.opener = null;
  apart.location.replace(link.href);
}

function follow(event) {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!link || event.defaultPrevented) return;
  if (cancel && link.getAttribute("href") === cancel && tell !== "complete") {
    if (end("cancel", {}, cancel)) event.preventDefault();
  } else if (link.dataset.then) {
    openApart(event, link);
    setTimeout(() => location.replace(link.dataset.then), PATIENCE_MS);
  }
}

/** A page that looks again by itself is loaded anew: whoever goes by keyboard stays on the same link. */
function keepFocus(key) {
  addEventListener("pagehide", () => {
    const { keep } = document.activeElement.dataset;
    if (keep) sessionStorage.setItem(key, keep);
  });
  const kept = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (kept) document.querySelector(`[data-keep="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });
}

/** Look again in the same place of the history: the header that does it without a script would add a place each time. */
function lookAgain(address, afterMs) {
  if (address) setTimeout(() => location.replace(address), afterMs);
}

// No other page of ours is shown in a frame: links to the shop lead the whole window there, all others open a new one.
if (embedded) {
  for (const link of document.querySelectorAll("a[href]:not([target])")) {
    const { href, pathname, protocol } = link;
    if (!protocol.startsWith("http") || (href.startsWith(location.origin) && pathname.startsWith("/checkout/"))) continue;
    const toShop = [back, cancel].includes(link.getAttribute("href"));
    link.target = toShop ? "_top" : "_blank";
    link.rel = "noopener";
  }
  try {
    keepFocus("kept-focus");
  } catch {
    // A browser that keeps nothing for frames.
  }
  lookAgain(document.querySelector("[data-again]")?.dataset.again, LOOK_MS);
  new ResizeObserver(() => say("resize", { height: Math.ceil(root.getBoundingClientRect().height) })).observe(root);
}

document.addEventListener("click", follow);
if (tell === "complete") end("complete", { order }, back);
if (tell === "cancel") end("cancel", {}, cancel);
