// Passkeys: a form with data-passkey asks this site what to ask the browser, and brings the browser's answer. Without this file, and where a
// browser or a host has no passkeys, such forms stay hidden, and a one-time code does it.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function read(asked) {
  const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  const read = { ...asked, challenge: bytes(asked.challenge) };
  if (asked.user) read.user = { ...asked.user, id: bytes(asked.user.id) };
  if (asked.excludeCredentials) read.excludeCredentials = known(asked.excludeCredentials);
  if (asked.allowCredentials) read.allowCredentials = known(asked.allowCredentials);
  return read;
}

function write(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
}

async function ask(form) {
  const token = form.elements.csrfmiddlewaretoken.value;
  const answer = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "error" });
  if (!answer.ok) throw new Error("refused");
  const publicKey = read(await answer.json());
  return form.dataset.passkey === "make" ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey });
}

async function go(event) {
  event.preventDefault();
  const form = event.currentTarget;
  if (form.dataset.asking) return;
  form.dataset.asking = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  try {
    form.elements.answer.value = write(await ask(form));
    form.submit();
  } catch {
    // The person closed the window, has none here, or has this one already: nothing was sent.
    const told = form.querySelector("[data-passkey-failed]");
    if (told) told.hidden = false;
  } finally {
    delete form.dataset.asking;
    event.submitter?.removeAttribute("aria-busy");
  }
}

const isAddress = /^[\d.]+$|:/.test(location.hostname);
if (window.PublicKeyCredential && window.isSecureContext && !isAddress && window.self === window.top) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", go);
  }
  for (const shown of document.querySelectorAll("[data-with-passkey]")) shown.hidden = false;
}
