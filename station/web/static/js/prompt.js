// The open question: what a digit chooses, and the two ways to say whom a parcel is for. Four digits of the phone show
// who they may mean, then one digit chooses; "someone new" and a longer number lead to the full number and a name.

import { draw } from "./draw.js";
import { BURST_MS } from "./scanner.js";

const TAIL = /^\d{4}$/;
const CODE = /[A-Za-z]/; // no phone number has letters: this is a waybill or a card that was typed
// A fifth digit in the rhythm of the first four belongs to a longer number; a choice comes after a look at the list.
const LOOK_MS = 500; // typing on a number pad takes about 250 ms a key, so twice that is no rhythm any more
const SETTLE_MS = 2 * BURST_MS; // a key that stays alone for so long is no scan
const REST_MS = 150; // longer than a scanner's pause: what stands in the field now was typed

/** Drive the questions shown inside `place`. ask(answer): queues an answer; scanned(text): queues a scan;
 *  people(typed, carrier): the list as HTML. */
export class Prompt {
  constructor(place, { ask, scanned, people }) {
    Object.assign(this, { place, ask, scanned, people });
    this.choosable = Infinity; // from when on a fifth digit is a choice
    this.listed = null; // the digits whose people are on screen
    this.awaited = null; // and those whose people are on their way
    this.enters = 0; // how often Enter was pressed since the number was typed
    this.timer = 0;
    place.addEventListener("input", (event) => this.#typed(event));
    place.addEventListener("keydown", (event) => this.#pressed(event));
    place.addEventListener("submit", (event) => this.#submitted(event));
    place.addEventListener("click", (event) => this.#clicked(event.target.closest("button")));
  }

  get question() {
    return this.place.querySelector("[data-asks]:not([data-answered])");
  }

  /** The field to type in, when the question has one. */
  get field() {
    return this.#one("#typed:not([hidden] *)") ?? this.#one("#phone");
  }

  /** Choose by digit. Returns the answer to send; null when there is no such choice, or when it only opens a form. */
  chosen(digit) {
    const option = this.#one(`[data-digit="${digit}"]`);
    return option ? this.#taken(option) : null;
  }

  /** A key that came alone while a question is open: a digit chooses. */
  press(digit) {
    const answer = this.chosen(digit);
    if (answer) this.ask(answer);
  }

  /** Begin the question anew. */
  reset() {
    const typed = this.#one("#typed");
    if (!typed) return;
    typed.value = "";
    this.#one("#whole").reset();
    this.#show(this.#one("#tail"));
    this.#list("");
  }

  #one(selector) {
    return this.question?.querySelector(selector) ?? null;
  }

  #taken(option) {
    if ("new" in option.dataset) {
      this.#someoneNew();
      return null;
    }
    const said = JSON.parse(option.dataset.answer);
    const how = said.choice ? { how: this.#one("#how").value } : {};
    return this.#body({ ...said, ...how });
  }

  /** The answer to this question, which from now on is answered: a second press changes nothing. */
  #body(said) {
    const { question } = this;
    question.dataset.answered = "";
    return { waybill: question.dataset.waybill, ...said };
  }

  #clicked(button) {
    if (!button || !this.question?.contains(button)) return;
    if (!("answer" in button.dataset) && !("new" in button.dataset)) return;
    const answer = this.#taken(button);
    if (answer) this.ask(answer);
  }

  // --- the last four digits ---

  #typed(event) {
    this.enters = 0;
    if (event.target.id === "phone") this.#list(event.target.value.trim(), REST_MS);
    if (event.target.id !== "typed") return;
    const text = event.target.value.trim();
    clearTimeout(this.timer);
    if (CODE.test(text)) return;
    if (TAIL.test(text)) this.#list(text, SETTLE_MS);
    else if (text.length === 5 && event.timeStamp >= this.choosable) this.timer = setTimeout(() => this.#fifth(text), SETTLE_MS);
    else if (text.length > 4) this.timer = setTimeout(() => this.#longer(event.target), REST_MS);
    else this.#list("", SETTLE_MS);
  }

  #fifth(text) {
    const typed = this.#one("#typed");
    if (typed?.value.trim() !== text) return;
    if (this.#one(`[data-digit="${text[4]}"]`)) {
      typed.value = text.slice(0, 4);
      this.press(text[4]);
    } else {
      this.#longer(typed);
    }
  }

  #longer(typed) {
    const text = typed.value.trim();
    if (!typed.isConnected || text.length < 5) return;
    this.#whole(text);
    this.#list(text, REST_MS);
  }

  // --- the full number and a name ---

  #someoneNew() {
    if (!this.#one("#whole").hidden) return this.#one("#new-name").focus();
    this.#whole("");
    this.#list("");
  }

  #whole(text) {
    const phone = this.#one("#phone");
    phone.value = text;
    this.#show(this.#one("#whole"));
    phone.focus();
  }

  #show(wanted) {
    for (const block of this.question.querySelectorAll("#tail, #whole")) block.hidden = block !== wanted;
  }

  #submitted(event) {
    if (event.target.id !== "whole") return;
    event.preventDefault();
    const [phone, name] = ["#phone", "#new-name"].map((field) => this.#one(field).value.trim());
    if (phone) this.ask(this.#body({ phone, ...(name ? { name } : {}) }));
  }

  #pressed(event) {
    if (event.key !== "Enter" || event.isComposing || !["typed", "phone"].includes(event.target.id)) return;
    event.preventDefault();
    const text = event.target.value.trim();
    if (CODE.test(text)) this.#enterCode(text);
    else if (event.target.id === "typed") this.#enterTail(text);
    else this.#enterPhone();
  }

  #enterCode(text) {
    this.reset();
    this.scanned(text);
  }

  /** Enter takes the best guess when it is on screen; before that, `0` and `1` choose what is there. */
  #enterTail(text) {
    if (TAIL.test(text) && this.choosable < Infinity) this.press("1");
    else if (/^\d$/.test(text)) this.press(text);
    else if (text.length > 4) {
      this.#longer(this.#one("#typed"));
      this.#enterPhone();
    }
  }

  /** Enter goes on from the number, once the list is of this number: another's would choose the wrong person. */
  #enterPhone() {
    this.enters += 1;
    if (this.listed === this.#now()) this.#leavePhone();
    else if (this.awaited !== this.#now()) this.#list(this.#now());
  }

  /** Go on to whom the number belongs, or else to a name; Enter pressed twice leaves that out. */
  #leavePhone() {
    const best = this.listed === this.#now() && this.#one("#people [data-best]");
    const isTwice = this.enters > 1;
    this.enters = 0;
    if (best) best.focus();
    else if (isTwice) this.#one("#whole").requestSubmit();
    else this.#one("#new-name").focus();
  }

  // --- who it may be ---

  #list(typed, rest = 0) {
    this.choosable = Infinity;
    this.listed = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#fetch(typed), rest);
  }

  async #fetch(typed) {
    const { question } = this;
    if (!this.field) return;
    this.awaited = typed;
    const html = await this.people(typed, question.dataset.carrier);
    if (this.awaited === typed) this.awaited = null;
    if (this.question !== question || typed !== this.#now()) return;
    if (html !== null) {
      draw(this.#one("#people"), html);
      this.listed = typed;
      if (TAIL.test(typed)) this.choosable = performance.now() + LOOK_MS;
    }
    if (this.enters) this.#leavePhone();
  }

  #now() {
    const text = this.field.value.trim();
    return this.field.id === "phone" || TAIL.test(text) ? text : "";
  }
}
