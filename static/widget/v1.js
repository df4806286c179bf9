/* Installments widget, version 1: "or 4 payments of $57.25", with every date behind it; and the checkout in a window or in your page.

     <script src="https://PLATFORM/widget/v1.js" async></script>
     <pay-in-installments amount="22900" currency="USD" publishable-key="pk_..." locale="en-US"></pay-in-installments>

     PayInInstallments.checkout({ url, mode: "popup", onComplete, onCancel });   // or "embedded" with a container, or "redirect"

   Nothing inline, no cookies, no storage, no HTML from strings: it works under a strict content security policy that names the
   platform in script-src and connect-src. Without an answer from the platform it shows nothing. Guide: docs/guides/widget.md */
(() => {
  "use strict";

  const NAME = "pay-in-installments";
  const HERE = document.currentScript?.src;
  const able = HERE && "adoptedStyleSheets" in Document.prototype && "showModal" in HTMLDialogElement.prototype;
  if (!able || customElements.get(NAME)) return;

  const QUOTES = new URL("../api/v1/quotes", HERE);
  const PLATFORM = new URL(HERE).origin;
  const TIMEOUT_MS = 8000;
  const KEPT = 50;

  const TEXTS = {
    en: {
      frame: "Pay in installments",
      lead: "or {count} payments of {amount}", upTo: "or {count} payments of up to {amount}", once: "or pay {amount} on {date}",
      by: " with {brand}", cost: ", APR {apr}, total {total}", see: "See the dates", title: "Pay over time", titleBy: "Pay over time with {brand}",
      close: "Close", each: "each", first: "first one {amount}", last: "last one {amount}", about: "APR {apr} · total {total}", ships: "When it ships", total: "Total · APR {apr}", free: "no interest",
      note: "Dates as if your order was sent today. You choose at checkout and see every date and the total cost before you agree. Subject to approval.",
    },
    da: {
      frame: "Betal i rater",
      lead: "eller {count} betalinger à {amount}", upTo: "eller {count} betalinger à højst {amount}", once: "eller betal {amount} den {date}",
      by: " med {brand}", cost: ", ÅOP {apr}, i alt {total}", see: "Se datoerne", title: "Betal over tid", titleBy: "Betal over tid med {brand}",
      close: "Luk", each: "hver", first: "den første {amount}", last: "den sidste {amount}", about: "ÅOP {apr} · i alt {total}", ships: "Når varen sendes", total: "I alt · ÅOP {apr}", free: "ingen renter",
      note: "Datoer, som hvis din ordre blev sendt i dag. Du vælger ved betaling og ser alle datoer og den samlede pris, før du siger ja. Kræver godkendelse.",
    },
    sv: {
      frame: "Delbetala",
      lead: "eller {count} betalningar på {amount}", upTo: "eller {count} betalningar på högst {amount}", once: "eller betala {amount} {date}",
      by: " med {brand}", cost: ", effektiv ränta {apr}, totalt {total}", see: "Se datumen", title: "Betala över tid",
      titleBy: "Betala över tid med {brand}", close: "Stäng", each: "styck", first: "den första {amount}", last: "den sista {amount}", about: "effektiv ränta {apr} · totalt {total}", ships: "När varan skickas",
      total: "Totalt · effektiv ränta {apr}", free: "ingen ränta",
      note: "Datum som om din order skickades i dag. Du väljer i kassan och ser alla datum och den totala kostnaden innan du godkänner. Kräver godkännande.",
    },
    de: {
      frame: "In Raten zahlen",
      lead: "oder {count} Zahlungen zu {amount}", upTo: "oder {count} Zahlungen zu höchstens {amount}", once: "oder {amount} am {date} zahlen",
      by: " mit {brand}", cost: ", eff. Jahreszins {apr}, gesamt {total}", see: "Termine ansehen", title: "Nach und nach zahlen",
      titleBy: "Nach und nach zahlen mit {brand}", close: "Schließen", each: "je", first: "die erste {amount}", last: "die letzte {amount}", about: "eff. Jahreszins {apr} · gesamt {total}", ships: "Beim Versand",
      total: "Gesamt · eff. Jahreszins {apr}", free: "ohne Zinsen",
      note: "Termine, als würde heute versandt. Sie wählen an der Kasse und sehen alle Termine und die Gesamtkosten, bevor Sie zustimmen. Vorbehaltlich der Genehmigung.",
    },
  };

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { display: block; font-size: .9375rem; line-height: 1.5;
      --ink: var(--installments-ink, light-dark(#1c2028, #eceef2)); --soft: var(--installments-soft, light-dark(#565d6b, #a6adba));
      --surface: var(--installments-surface, light-dark(#fff, #23272f)); --line: var(--installments-line, light-dark(#e1e3e8, #3b414d));
      --accent: var(--installments-accent, currentColor); }
    :host([hidden]) { display: none; }
    * { box-sizing: border-box; }
    .amount { font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
    button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
    button:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
    .see { position: relative; color: var(--accent); text-decoration: underline; text-underline-offset: .2em; white-space: nowrap; }
    .see::after { content: ""; position: absolute; inset: -.75rem -.5rem; }
    dialog { width: min(27rem, calc(100vw - 2rem)); max-height: calc(100dvh - 2rem); padding: 0; border: 0; border-radius: 16px; overflow: auto;
      background: var(--surface); color: var(--ink); box-shadow: 0 1px 2px #0002, 0 16px 48px #0004; }
    dialog::backdrop { background: #10141dcc; }
    .inside { padding: 1.25rem 1.5rem 1.5rem; }
    header { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
    h2 { margin: 0; font: inherit; font-size: 1.1875rem; font-weight: 650; line-height: 1.3; }
    .close { flex: none; width: 2.75rem; height: 2.75rem; margin-right: -.75rem; font-size: 1.5rem; line-height: 1; color: var(--soft); }
    details { border-top: 1px solid var(--line); }
    details:first-of-type { margin-top: .75rem; }
    summary { display: grid; grid-template-columns: 1fr auto auto; gap: 0 1rem; align-items: center; min-height: 4rem; padding-block: .625rem; cursor: pointer; list-style: none; }
    summary::-webkit-details-marker { display: none; }
    summary::after { content: ""; width: .5rem; height: .5rem; margin: -.25rem .25rem 0 0; border: solid var(--soft); border-width: 0 2px 2px 0; transform: rotate(45deg); }
    details[open] > summary::after { transform: rotate(225deg); margin-top: .25rem; }
    .name { font-weight: 600; }
    .price { text-align: right; }
    .about, .unit { display: block; font-size: .875rem; font-weight: 400; color: var(--soft); }
    ol { margin: 0; padding: 0 0 .5rem; list-style: none; }
    li, .total { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; padding-block: .25rem; }
    li > span:first-child::before { content: ""; display: inline-block; width: .5rem; height: .5rem; margin-right: .75rem; border: 2px solid currentColor; border-radius: 50%; }
    li.now > span:first-child::before { background: currentColor; }
    li .amount { font-weight: 500; }
    .total { margin: 0 0 1rem; padding-top: .625rem; border-top: 1px solid var(--line); color: var(--soft); }
    .total .amount { color: var(--ink); }
    .note { margin: 0; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .875rem; color: var(--soft); }
  `);

  const answers = new Map();

  /** Ask for the plans of an amount, once for each amount and key; what failed is asked again next time. */
  function ask(key, amount, currency) {
    const name = `${key} ${amount} ${currency}`;
    if (!answers.has(name)) {
      if (answers.size >= KEPT) answers.delete(answers.keys().next().value);
      const answer = request(key, amount, currency);
      answers.set(name, answer);
      answer.catch(() => answers.delete(name));
    }
    return answers.get(name);
  }

  async function request(key, amount, currency) {
    const answer = await fetch(QUOTES, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify({ amount, currency }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) throw await refusal(answer);
    return answer.json();
  }

  const warned = new Set();

  /** What whoever built the page can mend is said once on the console. */
  async function refusal(answer) {
    const { detail = `quotes answered ${answer.status}` } = await answer.json().catch(() => ({}));
    if (answer.status < 429 && !warned.has(detail)) console.warn(`<${NAME}>: ${detail}`);
    warned.add(detail);
    return new Error(detail);
  }

  function make(name, options = {}, ...children) {
    const element = document.createElement(name);
    Object.assign(element, options);
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  function languageOf(element) {
    return (element.closest("[lang]")?.lang || navigator.language || "en").toLowerCase();
  }

  function textsFor(page) {
    return Object.keys(TEXTS).find((code) => page === code || page.startsWith(`${code}-`)) ?? "en";
  }

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /** Fill a text, with the amounts in it as elements of their own, so that they do not break over lines. */
  function fillParts(text, values) {
    return text.split(/(\{\w+\})/).filter(Boolean).map((part) => {
      const name = part.match(/^\{(\w+)\}$/)?.[1];
      if (name === undefined) return part;
      return name === "amount" || name === "total" ? make("span", { className: "amount" }, values[name]) : String(values[name]);
    });
  }

  /** Minor units as the text of a number in whole units, which is exact: 5725 with two decimals is "57.25". */
  function unitsOf(amount, decimals) {
    const digits = String(amount).padStart(decimals + 1, "0");
    return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  }

  /** How amounts, dates and rates are written: numbers as in `locale`, words and dates in the language of the page. */
  function formats(locale, language, currency, decimals) {
    const money = new Intl.NumberFormat(locale, { style: "currency", currency, minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    const region = new Intl.Locale(locale).region;
    const day = new Intl.DateTimeFormat(region ? `${language}-${region}` : language, { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });
    const rate = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 });
    return {
      money: (amount) => money.format(unitsOf(amount, decimals)),
      day: (date) => day.format(new Date(`${date}T00:00:00Z`)),
      rate: (percent) => rate.format(percent / 100),
    };
  }

  function largest(plan) {
    return Math.max(...plan.installments.map((one) => one.amount));
  }

  function isEven(plan) {
    return plan.installments.every((one) => one.amount === plan.installments[0].amount);
  }

  /** What most payments of a plan are, and the one that differs by the cents that do not divide, first or last, if there is one. */
  function usual(plan) {
    const rows = plan.installments;
    const amount = rows[rows.length > 2 ? 1 : 0].amount;
    const odd = rows.find((one) => one.amount !== amount);
    return { amount, odd: odd && { amount: odd.amount, place: odd === rows[0] ? "first" : "last" } };
  }

  /** Whether a plan has interest or a service fee. */
  function costs(plan) {
    return plan.interest > 0 || plan.fees.on_time > 0;
  }

  /** The plan that stands on the page: the one asked for, else the first that costs nothing, in several payments if there is one. */
  function choose(plans, product) {
    const several = plans.filter((plan) => plan.installments.length > 1);
    return plans.find((plan) => plan.product === product) ?? several.find((plan) => !costs(plan)) ?? plans.find((plan) => !costs(plan)) ?? plans[0];
  }

  class PayInInstallments extends HTMLElement {
    static observedAttributes = ["amount", "quantity", "quantity-from", "currency", "publishable-key", "locale", "product", "brand", "lang", "data-design"];

    #turn = 0;
    #waiting = false;
    #heard = (event) => event.target.id && event.target.id === this.getAttribute("quantity-from") && this.#soon();
    #root = this.attachShadow({ mode: "open" });

    constructor() {
      super();
      this.#root.adoptedStyleSheets = [sheet];
    }

    connectedCallback() {
      document.addEventListener("input", this.#heard);
      this.#soon();
    }

    disconnectedCallback() {
      document.removeEventListener("input", this.#heard);
    }

    attributeChangedCallback() {
      if (this.isConnected) this.#soon();
    }

    /** What changes together is one question. */
    #soon() {
      if (this.#waiting) return;
      this.#waiting = true;
      queueMicrotask(() => {
        this.#waiting = false;
        this.#update();
      });
    }

    async #update() {
      const turn = ++this.#turn;
      let content = [];
      try {
        const quote = await this.#quote();
        if (quote.plans.length === 0) throw new Error("no plan for this amount");
        content = this.#content(quote);
      } catch (error) {
        // A page sells without this line: nothing is shown, and nothing is broken.
        if (this.hasAttribute("data-design")) content = [`<${NAME}>: ${error.message}`];
      }
      if (turn === this.#turn) this.#root.replaceChildren(...content);
    }

    #quote() {
      const count = document.getElementById(this.getAttribute("quantity-from"))?.value ?? this.getAttribute("quantity") ?? 1;
      const amount = this.getAttribute("amount") * count;
      const currency = this.getAttribute("currency");
      const key = this.getAttribute("publishable-key");
      if (!(Number.isSafeInteger(amount) && amount > 0 && currency && key)) throw new Error("an attribute is missing");
      return ask(key, amount, currency);
    }

    #content(quote) {
      const page = languageOf(this);
      const language = textsFor(page);
      const own = formats(this.getAttribute("locale") || page, language, quote.currency, quote.decimals);
      const brand = this.getAttribute("brand") || quote.brand || "";
      const dialog = this.#dialog(quote, TEXTS[language], own, brand);
      const see = make("button", { type: "button", className: "see", onclick: () => dialog.showModal() }, TEXTS[language].see);
      see.setAttribute("aria-haspopup", "dialog");
      const plan = choose(quote.plans, this.getAttribute("product"));
      return [...this.#lead(plan, TEXTS[language], own, brand), " ", see, dialog];
    }

    #lead(plan, texts, own, brand) {
      const count = plan.installments.length;
      const values = { count, amount: own.money(largest(plan)), date: own.day(plan.installments[0].due_date), apr: own.rate(plan.apr), total: own.money(plan.total), brand };
      const text = count === 1 ? texts.once : isEven(plan) ? texts.lead : texts.upTo;
      return fillParts(text + (costs(plan) ? texts.cost : "") + (brand ? texts.by : ""), values);
    }

    #dialog(quote, texts, own, brand) {
      const dialog = make("dialog");
      const title = make("h2", { id: "title" }, brand ? fill(texts.titleBy, { brand }) : texts.title);
      const close = make("button", { type: "button", className: "close", onclick: () => dialog.close() }, "×");
      close.setAttribute("aria-label", texts.close);
      dialog.setAttribute("aria-labelledby", "title");
      // A click on the dialog itself is one beside what it holds: on the backdrop.
      dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
      const plans = quote.plans.map((plan, index) => this.#plan(plan, texts, own, index === 0));
      dialog.append(make("div", { className: "inside" }, make("header", {}, title, close), ...plans, make("p", { className: "note" }, texts.note)));
      return dialog;
    }

    #plan(plan, texts, own, open) {
      const amount = (minor) => make("span", { className: "amount" }, own.money(minor));
      const several = plan.installments.length > 1;
      const about = costs(plan) ? fill(texts.about, { apr: own.rate(plan.apr), total: own.money(plan.total) }) : texts.free;
      const { amount: most, odd } = usual(plan);
      const unit = odd ? fill(texts[odd.place], { amount: own.money(odd.amount) }) : texts.each;
      const each = several ? make("span", { className: "unit" }, unit) : null;
      const name = make("span", { className: "name" }, plan.name, make("span", { className: "about" }, about));
      const rows = plan.installments.map((one, index) => {
        const now = index === 0 && plan.first_payment === "now";
        return make("li", { className: now ? "now" : "" }, make("span", {}, now ? texts.ships : own.day(one.due_date)), amount(one.amount));
      });
      const total = make("p", { className: "total" }, make("span", {}, fill(texts.total, { apr: own.rate(plan.apr) })), amount(plan.total));
      const details = make("details", { open }, make("summary", {}, name, make("span", { className: "price" }, amount(most), each)), make("ol", {}, ...rows), total);
      details.setAttribute("name", "plans");
      return details;
    }
  }

  customElements.define(NAME, PayInInstallments);

  /* The checkout beside the page: in a window, or in a frame. What it tells is a hint to ask your server, never a proof. */

  const MODES = ["redirect", "popup", "embedded"];
  const LOOK_MS = 300;
  const SILENT_MS = 5000;
  const FIRST_HEIGHT = 640;
  const MOST_HEIGHT = 20000;
  const frameSheet = new CSSStyleSheet();
  frameSheet.replaceSync(":host { display: block; } iframe { display: block; width: 100%; border: 0; color-scheme: normal; }");

  function addressOf(url, mode) {
    const address = new URL(url);
    if (address.origin !== PLATFORM) throw new TypeError("The checkout's url is not of this platform.");
    if (mode !== "redirect") {
      address.searchParams.set("mode", mode);
      address.searchParams.set("origin", location.origin);
    }
    return address.href;
  }

  /** Hear one checkout's window or frame: only of the platform, only from there, only what is agreed. */
  function hear(from, told) {
    const listen = (event) => {
      if (event.origin !== PLATFORM || event.source !== from() || event.data?.source !== NAME) return;
      const { type, checkout, order, height } = event.data;
      if (type === "resize" && Number.isFinite(height) && height > 0) told.resize?.(Math.min(Math.ceil(height), MOST_HEIGHT));
      if (type === "complete") told.complete({ checkout: String(checkout), order: String(order) });
      if (type === "cancel") told.cancel({ checkout: String(checkout) });
    };
    window.addEventListener("message", listen);
    return () => window.removeEventListener("message", listen);
  }

  /** Give the functions that end a checkout, whichever is first and only once, with the focus back where it was. */
  function endings({ onComplete, onCancel }, clear) {
    const before = document.activeElement;
    let over = false;
    const end = (then) => (what) => {
      if (over) return;
      over = true;
      clear();
      window.focus();
      then?.(what);
      if (document.activeElement === document.body) before?.focus?.({ preventScroll: true });
    };
    return { complete: end(onComplete), cancel: end(onCancel), close: end() };
  }

  function inWindow(url, options) {
    const [width, height] = [480, Math.min(820, screen.availHeight)];
    const left = Math.max(0, Math.round(window.screenX + (window.outerWidth - width) / 2));
    const top = Math.max(0, Math.round(window.screenY + (window.outerHeight - height) / 2));
    const popup = window.open("about:blank", "_blank", `popup,width=${width},height=${height},left=${left},top=${top}`);
    if (!popup) return redirect(url, options);
    let watch;
    const told = endings(options, () => {
      stop();
      clearInterval(watch);
      popup.close();
    });
    const stop = hear(() => popup, told);
    // Its last word may arrive after it closed: look twice.
    let closed;
    watch = setInterval(() => (closed ? told.cancel({}) : (closed = popup.closed)), LOOK_MS);
    go(url, "popup", options, told, (address) => popup.location.replace(address));
    return { mode: "popup", close: told.close, focus: () => popup.focus() };
  }

  function inPage(url, options) {
    const place = typeof options.container === "string" ? document.querySelector(options.container) : options.container;
    if (!(place instanceof Element)) throw new TypeError("Name the container in which the checkout is embedded.");
    const frame = make("iframe", { title: TEXTS[textsFor(languageOf(place))].frame, height: FIRST_HEIGHT });
    const host = make("div");
    const told = endings(options, () => {
      stop();
      host.remove();
    });
    let heard = false;
    told.resize = (height) => {
      heard = true;
      frame.height = height;
    };
    const stop = hear(() => frame.contentWindow, told);
    frame.addEventListener("load", () => {
      if (frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
      // A page that may not be framed loads too, but never says a word: the checkout goes on as a page of its own.
      if (!heard) setTimeout(() => heard || !frame.isConnected || redirect(url, options), SILENT_MS);
    });
    go(url, "embedded", options, told, (address) => {
      frame.src = address;
      const root = host.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [frameSheet];
      root.append(frame);
      place.append(host);
      frame.focus();
    });
    return { mode: "embedded", close: told.close, focus: () => frame.focus() };
  }

  function redirect(url, options) {
    go(url, "redirect", options, { cancel: (what) => options.onCancel?.(what) }, (address) => location.assign(address));
    return { mode: "redirect", close() {}, focus() {} };
  }

  /** Lead a window, a frame or this page to a checkout, as soon as its address is known; where none comes, it is as if it was canceled. */
  async function go(url, mode, options, told, lead) {
    try {
      lead(addressOf(await url, mode));
    } catch (error) {
      told.cancel({ error });
    }
  }

  /** Open a checkout. `url`: what your server got as the checkout's `url`, or a promise of it, so that the window opens with the click. */
  function checkout({ url, mode = "redirect", ...options }) {
    if (!MODES.includes(mode)) throw new TypeError(`The mode is one of ${MODES.join(", ")}.`);
    return { redirect, popup: inWindow, embedded: inPage }[mode](url, options);
  }

  window.PayInInstallments = Object.freeze({ checkout });
})();
