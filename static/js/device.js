// Tells us which browser this is, so that nobody else buys in somebody's name. It draws nothing, asks nobody else, and every page works without it.

const DEVICE = "bnpl-device";
const FILLED = "bnpl-filled";
const FONTS = ["Arial", "Calibri", "Cambria", "Consolas", "Courier New", "Futura", "Georgia", "Helvetica Neue", "Menlo", "Roboto", "Segoe UI", "Tahoma", "Ubuntu"];

/* A browser without storage, or whose owner emptied it, has a new id each time. */
function ownId() {
  try {
    let id = localStorage.getItem(DEVICE);
    if (!/^[0-9a-f]{32}$/.test(id ?? "")) {
      id = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      localStorage.setItem(DEVICE, id);
    }
    return id;
  } catch {
    return "";
  }
}

/* A font is there if a line of it is as wide as no other: each is measured over a font that every browser has. */
function knownFonts() {
  const line = document.createElement("span");
  line.textContent = "mmmmmmmmmmlli1";
  line.setAttribute("aria-hidden", "true");
  Object.assign(line.style, { position: "absolute", top: "-99px", fontSize: "72px", visibility: "hidden" });
  document.body.append(line);
  const width = (family) => {
    line.style.fontFamily = family;
    return line.offsetWidth;
  };
  const plain = width("monospace");
  const found = FONTS.filter((font) => width(`"${font}", monospace`) !== plain);
  line.remove();
  return found;
}

function filled() {
  try {
    return JSON.parse(sessionStorage.getItem(FILLED)) ?? {};
  } catch {
    return {};
  }
}

function told() {
  return JSON.stringify({
    id: ownId(),
    screen: [screen.width, screen.height, screen.colorDepth, devicePixelRatio],
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    languages: navigator.languages,
    fonts: knownFonts(),
    ...filled(),
  });
}

/* How the form about a person was filled is kept until they buy, in this window alone. */
function watch(form) {
  const since = performance.now();
  let pasted = false;
  form.elements.name?.addEventListener("paste", () => (pasted = true));
  form.addEventListener("submit", () => {
    try {
      sessionStorage.setItem(FILLED, JSON.stringify({ pasted, fill_s: Math.round((performance.now() - since) / 100) / 10 }));
    } catch {
      /* then it is not known */
    }
  });
}

document.querySelectorAll("form[data-filled]").forEach(watch);
document.querySelectorAll("form[data-device]").forEach((form) => form.addEventListener("formdata", (event) => event.formData.set("device", told())));
