// A rule that is checked as one types: the server says it in words, or what is wrong and where. Without this file a button does it.

const form = document.querySelector("form[data-check]");
const target = form && document.getElementById(form.dataset.checkInto);
const text = form && form.querySelector("textarea[data-facts]");
const offers = form && form.querySelector("[data-completions]");
let asked = 0;
let waiting;

async function check() {
  const turn = ++asked;
  const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } });
  if (answer.ok && !answer.redirected && turn === asked) target.innerHTML = await answer.text();
}

// A fact has comparisons of its own, and perhaps known values: the others are not offered.
function fit(row) {
  const fact = row.querySelector("[data-fact]").selectedOptions[0];
  const operator = row.querySelector("[data-operator]");
  const fits = (fact.dataset.fits || "").split(" ");
  for (const one of operator.options) one.hidden = Boolean(fact.value) && !fits.includes(one.value);
  if (operator.selectedOptions[0].hidden) operator.value = fits[0];
  const value = row.querySelector(".desk-value input");
  if (fact.dataset.known) value.setAttribute("list", fact.dataset.known);
  else value.removeAttribute("list");
}

// Some outcomes have no value: the field for it is not offered then. Others have known ones.
function value(outcome) {
  const field = form.elements[outcome.name.replace(/outcome$/, "value")];
  if (!field) return;
  field.hidden = outcome.dataset.withoutValue.split(" ").includes(outcome.value);
  const known = `${outcome.name.replace(/outcome$/, "known")}-${outcome.value}`;
  if (document.getElementById(known)) field.setAttribute("list", known);
  else field.removeAttribute("list");
}

function word() {
  return text.value.slice(0, text.selectionStart).match(/[a-z_]+$/)?.[0] ?? "";
}

function complete(name) {
  const end = text.selectionStart;
  text.setRangeText(name, end - word().length, end, "end");
  text.focus();
  offer();
  clearTimeout(waiting);
  waiting = setTimeout(check, 250);
}

// The facts that begin with what stands before the caret, to press or to take with Tab.
function offer() {
  const begun = word();
  const names = begun ? text.dataset.facts.trim().split(" ").filter((name) => name.startsWith(begun) && name !== begun) : [];
  offers.hidden = !names.length;
  offers.replaceChildren(
    ...names.slice(0, 6).map((name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "desk-button desk-ghost desk-small";
      button.textContent = name;
      button.addEventListener("click", () => complete(name));
      return button;
    }),
  );
}

if (form) {
  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-test]");
    if (row && event.target.matches("[data-fact]")) fit(row);
    if (event.target.matches("[data-outcome]")) value(event.target);
    if (event.target === text) offer();
    clearTimeout(waiting);
    waiting = setTimeout(check, 250);
  });
  for (const one of form.querySelectorAll("[data-outcome]")) value(one);
  text?.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || event.shiftKey || offers.hidden) return;
    event.preventDefault();
    complete(offers.firstElementChild.textContent);
  });
}
