/* Installments widget, version 1: "or 4 payments of $57.25", with every date behind it.

     <script src="https://PLATFORM/widget/v1.js" async></script>
     <pay-in-installments amount="22900" currency="USD" publishable-key="pk_..." locale="en-US"></pay-in-installments>

   Nothing inline, no cookies, no storage, no HTML from strings: it works under a strict content security policy that names the
   platform in script-src and connect-src. Without an answer from the platform it shows nothing. Guide: docs/guides/widget.md */
(() => {
  "use strict";

  const NAME = "pay-in-installments";
  const HERE = document.currentScript?.src;
  const able = HERE && "adoptedStyleSheets" in Document.prototype && "showModal" in HTMLDialogElement.prototype;
  if (!able || customElements.get(NAME)) return;

  const QUOTES = new URL("../api/v1/quotes", HERE);
  const TIMEOUT_MS = 8000;
  const KEPT = 50;

  const TEXTS = {
    en: {
      lead: "or {count} payments of {amount}", upTo: "or {count} payments of up to {amount}", once: "or pay {amount} on {date}",
      by: " with {brand}", cost: ", APR {apr}, total {total}", see: "See the dates", title: "Pay over time", titleBy: "Pay over time with {brand}",
      close: "Close", each: "each", first: "first one {amount}", last: "last one {amount}", about: "APR {apr} · total {total}", ships: "When it ships", total: "Total · APR {apr}", free: "no interest",
      note: "Dates as if your order was sent today. You choose at checkout and see every date and the total cost before you agree. Subject to approval.",
    },
    da: {
      lead: "eller {count} betalinger à {amount}", upTo: "eller {count} betalinger à højst {amount}", once: "eller betal {amount} den {date}",
      by: " med {brand}", cost: ", ÅOP {apr}, i alt {total}", see: "Se datoerne", title: "Betal over tid", titleBy: "Betal over tid med {brand}",
      close: "Luk", each: "hver", first: "den første {amount}", last: "den sidste {amount}", about: "ÅOP {apr} · i alt {total}", ships: "Når varen sendes", total: "I alt · ÅOP {apr}", free: "ingen renter",
      note: "Datoer, som hvis din ordre blev sendt i dag. Du vælger ved betaling og ser alle datoer og den samlede pris, før du siger ja. Kræver godkendelse.",
    },
    sv: {
      lead: "eller {count} betalningar på {amount}", upTo: "eller {count} betalningar på högst {amount}", once: "eller betala {amount} {date}",
      by: " med {brand}", cost: ", effektiv ränta {apr}, totalt {total}", see: "Se datumen", title: "Betala över tid",
      titleBy: "Betala över tid med {brand}", close: "Stäng", each: "styck", first: "den första {amount}", last: "den sista {amount}", about: "effektiv ränta {apr} · totalt {total}", ships: "När varan skickas",
      total: "Totalt · effektiv ränta {apr}", free: "ingen ränta",
      note: "Datum som om din order skickades i dag. Du väljer i kassan och ser alla datum och den totala kostnaden innan du godkänner. Kräver godkännande.",
    },
    de: {
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
    if (!answer.ok) throw new Error(`quotes answered ${answer.status}`);
    return answer.json();
  }

  function make(name, options = {}, ...children) {
    const element = document.createElement(name);
    Object.assign(element, options);
    element.append(...children.filter((child) => child !== null));
    return element;
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

  /** How amounts, dates and rates are written: numbers as in `locale`, words and dates in the language of the page. */
  function formats(locale, language, currency) {
    const money = new Intl.NumberFormat(locale, { style: "currency", currency });
    const minor = 10 ** money.resolvedOptions().maximumFractionDigits;
    const region = new Intl.Locale(locale).region;
    const day = new Intl.DateTimeFormat(region ? `${language}-${region}` : language, { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });
    const rate = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 });
    return {
      money: (amount) => money.format(amount / minor),
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

  /** The plan that stands on the page: the one asked for, else the first that costs nothing, in several payments if there is one. */
  function choose(plans, product) {
    const several = plans.filter((plan) => plan.installments.length > 1);
    return plans.find((plan) => plan.product === product) ?? several.find((plan) => plan.interest === 0) ?? plans.find((plan) => plan.interest === 0) ?? plans[0];
  }

  class PayInInstallments extends HTMLElement {
    static observedAttributes = ["amount", "currency", "publishable-key", "locale", "product", "brand", "lang"];

    #turn = 0;
    #waiting = false;
    #root = this.attachShadow({ mode: "open" });

    constructor() {
      super();
      this.#root.adoptedStyleSheets = [sheet];
    }

    connectedCallback() {
      this.#soon();
    }

    attributeChangedCallback() {
      if (this.isConnected) this.#soon();
    }

    /** Several attributes that change together are one question. */
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
        content = quote && quote.plans.length > 0 ? this.#content(quote) : [];
      } catch {
        // A page sells without this line: nothing is shown, and nothing is broken.
      }
      if (turn === this.#turn) this.#root.replaceChildren(...content);
    }

    #quote() {
      const amount = Number(this.getAttribute("amount"));
      const currency = this.getAttribute("currency");
      const key = this.getAttribute("publishable-key");
      return Number.isSafeInteger(amount) && amount > 0 && currency && key ? ask(key, amount, currency) : null;
    }

    #content(quote) {
      const page = (this.closest("[lang]")?.lang || navigator.language || "en").toLowerCase();
      const language = Object.keys(TEXTS).find((code) => page === code || page.startsWith(`${code}-`)) ?? "en";
      const own = formats(this.getAttribute("locale") || page, language, quote.currency);
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
      return fillParts(text + (plan.interest > 0 ? texts.cost : "") + (brand ? texts.by : ""), values);
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
      const about = plan.interest > 0 ? fill(texts.about, { apr: own.rate(plan.apr), total: own.money(plan.total) }) : texts.free;
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
})();
