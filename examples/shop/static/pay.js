// Opens the checkout in a window or in this page, where the visitor chose so. The server is asked what came of it: messages prove nothing.
"use strict";

const form = document.getElementById("details");
const openings = document.getElementById("openings");
const here = document.getElementById("checkout-here");
const cameBack = document.getElementById("came-back");
const WAITING = ["started", "open", "closed"];

/** Have the shop's server open a checkout for the basket; it answers with a page where something is missing. */
async function ask() {
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });
  if (!answer.ok || !answer.headers.get("Content-Type").includes("json")) throw new Error(`paying answered ${answer.status}`);
  return answer.json();
}

function show(paying) {
  form.hidden = paying;
  here.hidden = !paying;
  for (const button of document.querySelectorAll("[form=details]")) button.parentElement.hidden = paying;
}

/** Whoever closes the window may have finished all the same. */
async function left(asked) {
  show(false);
  const { order, state } = await asked;
  const known = await (await fetch(state, { headers: { Accept: "application/json" } })).json();
  if (!WAITING.includes(known.status)) return location.assign(order);
  cameBack.className = "banner plain";
  cameBack.textContent = form.dataset.left;
}

function pay(event) {
  const mode = openings.querySelector(":checked").value;
  if (mode === "redirect") return;
  event.preventDefault();
  cameBack.className = cameBack.textContent = "";
  const asked = ask();
  window.PayInInstallments.checkout({
    url: asked.then((answer) => {
      if (mode === "embedded") show(true);
      return answer.url;
    }),
    mode,
    container: here,
    onComplete: () => asked.then(({ order }) => location.assign(order)),
    onCancel: ({ error }) => (error ? form.submit() : left(asked)),
  });
}

if (form && window.PayInInstallments) {
  openings.hidden = false;
  form.addEventListener("submit", pay);
}
