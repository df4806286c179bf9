// Small comforts. Every page works without this file.

document.documentElement.classList.add("js");

const near = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

/* Dialogs: a button or link with data-open="id" opens, anything with data-close closes, so does a click beside it. */
function openDialog(event) {
  const opener = near(event, "[data-open]");
  const dialog = opener && document.getElementById(opener.dataset.open);
  if (!dialog || typeof dialog.showModal !== "function") return;
  event.preventDefault();
  dialog.showModal();
}

function closeDialog(event) {
  const dialog = near(event, "dialog[open]:not(.dialog-still)");
  if (dialog && (near(event, "[data-close]") || event.target === dialog)) {
    if (near(event, "[data-close]")) event.preventDefault();
    dialog.close();
  }
}

/* Copy: data-copy="id of an input or of a text". */
async function copyField(event) {
  const button = near(event, "[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
  } catch {
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    document.execCommand("copy");
  }
  const before = button.textContent;
  if (before === button.dataset.done) return;
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = before), 2000);
}

/* Tabs over panels; without this file all panels stand below each other. */
function showTab(group, tab) {
  for (const other of group.querySelectorAll("[role=tab]")) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
  }
}

function setUpTabs(group) {
  const tabs = [...group.querySelectorAll("[role=tab]")];
  group.dataset.ready = "";
  if (!tabs.length) return;
  for (const tab of tabs) {
    const panel = document.getElementById(tab.getAttribute("aria-controls"));
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
  }
  showTab(group, tabs[0]);
  group.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target);
    const next = { ArrowRight: tabs[(at + 1) % tabs.length], ArrowLeft: tabs.at(at - 1), Home: tabs[0], End: tabs.at(-1) }[event.key];
    if (!next || at < 0) return;
    event.preventDefault();
    showTab(group, next);
    next.focus();
  });
}

/* One-time code: one real input, so that pasting, autofill and screen readers just work, drawn as six boxes. */
function setUpCode(holder) {
  const input = holder.querySelector("input");
  const boxes = document.createElement("span");
  boxes.className = "code-boxes";
  boxes.setAttribute("aria-hidden", "true");
  for (let i = 0; i < input.maxLength; i++) boxes.append(document.createElement("span"));
  holder.append(boxes);
  const length = input.maxLength;
  input.removeAttribute("maxlength"); // a pasted "123 456" is longer; it is cut below
  const draw = () => {
    input.value = input.value.replace(/\D/g, "").slice(0, length);
    [...boxes.children].forEach((box, i) => {
      box.textContent = input.value[i] ?? "";
      box.classList.toggle("on", document.activeElement === input && i === Math.min(input.value.length, length - 1));
    });
  };
  const typed = () => {
    draw();
    if (input.value.length === length && holder.hasAttribute("data-auto")) input.form?.requestSubmit();
  };
  input.addEventListener("input", typed);
  for (const name of ["focus", "blur", "change"]) input.addEventListener(name, draw);
  input.addEventListener("keyup", () => input.setSelectionRange(input.value.length, input.value.length));
  draw();
}

/* Toasts go by themselves, unless somebody is reading them. */
function setUpToast(toast) {
  const go = () => (toast.matches(":hover, :focus-within") ? setTimeout(go, 2000) : toast.remove());
  setTimeout(go, 7000);
}

/* What is true for a while only: data-gone-in="seconds". */
function setUpGone(told) {
  setTimeout(() => told.remove(), Number(told.dataset.goneIn) * 1000);
}

/* One press, one request: a form that is on its way cannot be sent again. */
function sendOnce(event) {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("data-many")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  event.submitter?.setAttribute("data-sent", "1");
}

function sendAgain() {
  for (const sent of document.querySelectorAll("[data-sent]")) {
    delete sent.dataset.sent;
    sent.removeAttribute("aria-busy");
  }
}

function closeDrops(event) {
  for (const drop of document.querySelectorAll("details.drop[open]")) {
    if (!drop.contains(event.target) || event.key === "Escape") drop.open = false;
  }
}

document.addEventListener("click", (event) => {
  openDialog(event);
  closeDialog(event);
  copyField(event);
  closeDrops(event);
  near(event, "[data-dismiss]")?.closest("[data-toast], .toast")?.remove();
  const tab = near(event, "[data-tabs] [role=tab]");
  if (tab) showTab(tab.closest("[data-tabs]"), tab);
});
document.addEventListener("submit", sendOnce);
document.addEventListener("keydown", (event) => event.key === "Escape" && closeDrops(event));
window.addEventListener("pageshow", sendAgain);

document.querySelectorAll("[data-tabs]").forEach(setUpTabs);
document.querySelectorAll("[data-code]").forEach(setUpCode);
document.querySelectorAll("[data-toast]").forEach(setUpToast);
document.querySelectorAll("[data-gone-in]").forEach(setUpGone);
