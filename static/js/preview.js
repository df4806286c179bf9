// A preview that follows what is typed: the server draws it anew from the form's values. Without this file there is a button.

const form = document.querySelector("form[data-preview]");
const target = form && document.getElementById(form.dataset.previewInto);
let asked = 0;
let waiting;

async function draw() {
  const turn = ++asked;
  const values = new URLSearchParams(new FormData(form));
  values.delete("csrfmiddlewaretoken");
  const answer = await fetch(`${form.dataset.preview}?${values}`, { headers: { Accept: "text/html" } });
  if (answer.ok && !answer.redirected && turn === asked) target.innerHTML = await answer.text();
}

function typed(event) {
  const picker = event.target.closest("[data-mirror]");
  if (picker) document.getElementById(picker.dataset.mirror).value = picker.value;
  for (const other of form.querySelectorAll("[data-mirror]")) {
    const text = document.getElementById(other.dataset.mirror).value.trim();
    if (other !== picker && /^#?[0-9a-f]{6}$/i.test(text)) other.value = `#${text.replace("#", "")}`.toLowerCase();
  }
  clearTimeout(waiting);
  waiting = setTimeout(draw, 200);
}

if (form) {
  form.classList.add("look-live");
  for (const picker of form.querySelectorAll("[data-mirror]")) picker.hidden = false;
  form.addEventListener("input", typed);
}
