// Looks every two seconds whether the shop has heard something new about this order, and shows it.
"use strict";

const head = document.querySelector("[data-live]");
let left = 150;
let known;

async function look() {
  if (document.visibilityState === "visible") {
    left -= 1;
    try {
      const answer = await fetch(head.dataset.live, { headers: { Accept: "application/json" } });
      const state = await answer.json();
      if (answer.ok && String(state.version) !== head.dataset.version) return location.reload();
      if (answer.ok && known !== undefined && state.events !== known) return location.reload();
      known = state.events;
    } catch {
      // The shop or the network is away for a moment: look again.
    }
  }
  if (left > 0) setTimeout(look, 2000);
}

if (head) setTimeout(look, 1000);
