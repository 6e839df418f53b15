"use strict";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

/* Tables sort by the column whose head is pressed; empty cells stay last. */

const keyOf = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.key ?? cell.textContent.trim();
};

const compare = (first, second) => {
  const difference = Number(first) - Number(second);
  return Number.isNaN(difference)
    ? first.localeCompare(second, "en", { numeric: true })
    : difference;
};

function sort(head) {
  const table = head.closest("table");
  const rises = head.getAttribute("aria-sort") !== "ascending";
  all("th[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", rises ? "ascending" : "descending");
  const keyed = [...table.tBodies[0].rows].map((row) => [keyOf(row, head.cellIndex), row]);
  const told = keyed.filter(([key]) => key !== "");
  const empty = keyed.filter(([key]) => key === "");
  told.sort(([first], [second]) => (rises ? 1 : -1) * compare(first, second));
  table.tBodies[0].append(...[...told, ...empty].map(([, row]) => row));
  filters().forEach(filter);
}

all(".sortable th button").forEach((button) =>
  button.addEventListener("click", () => sort(button.closest("th"))));

/* Rows that do not fit what a form asks for are hidden, and so are many of a long table. */

const FEW = 15;

function filter(form) {
  const table = document.getElementById(form.dataset.filters);
  if (!table) return;
  const wanted = [...new FormData(form)].filter(([, value]) => value);
  const rows = [...table.tBodies[0].rows];
  const fits = (row) => wanted.every(([name, value]) => row.dataset[name] === value);
  const fitting = rows.filter(fits);
  const shown = new Set("all" in table.dataset ? fitting : fitting.slice(0, FEW));
  rows.forEach((row) => { row.hidden = !shown.has(row); });
  const more = one(`[data-shows="${table.id}"]`);
  more.hidden = shown.size === fitting.length;
  more.textContent = `Show all ${fitting.length}`;
  one("output", form).textContent = `${fitting.length} of ${rows.length}`;
}

const filters = () => all("form[data-filters]");
filters().forEach((form) => form.addEventListener("change", () => filter(form)));

all(".more").forEach((button) => button.addEventListener("click", () => {
  document.getElementById(button.dataset.shows).dataset.all = "";
  filters().forEach(filter);
}));

all(".tally a").forEach((link) => link.addEventListener("click", () => {
  const form = one(`${link.getAttribute("href")} form`);
  for (const field of form.elements) field.value = link.dataset[field.name] ?? "";
  filter(form);
}));

filters().forEach(filter);

/* What an address names is opened, also when it is pressed again; paper shows everything. */

function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let place = target; place; place = place.parentElement) {
    if (place.tagName === "DETAILS") place.open = true;
  }
  target.scrollIntoView({ block: target.tagName === "TR" ? "center" : "start" });
  target.focus({ preventScroll: true });
}

addEventListener("hashchange", reveal);
reveal();

let closed = [];
addEventListener("beforeprint", () => {
  closed = all("details:not([open])");
  closed.forEach((details) => { details.open = true; });
  all("tr[hidden]").forEach((row) => { row.hidden = false; });
});
addEventListener("afterprint", () => {
  closed.forEach((details) => { details.open = false; });
  filters().forEach(filter);
});

/* Figures enlarge. */

const enlarged = one("#enlarged");
all(".enlarge").forEach((button) => button.addEventListener("click", () => {
  const { src, alt } = one("img", button);
  Object.assign(one("img", enlarged), { src, alt });
  enlarged.showModal();
}));
enlarged.addEventListener("click", (event) => { if (event.target === enlarged) enlarged.close(); });

/* One loudspeaker for all players; a sound that is chosen goes on where the last one was. */

const speaker = one("#speaker");
const isStill = matchMedia("(prefers-reduced-motion: reduce)");
const addresses = new Map();
let current = null;
let frame = 0;

function addressOf(id) {
  if (!addresses.has(id)) {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    addresses.set(id, URL.createObjectURL(new Blob([bytes], { type: "audio/flac" })));
  }
  return addresses.get(id);
}

class Player {
  constructor(root) {
    this.root = root;
    this.seconds = Number(root.dataset.seconds);
    this.stage = one(".stage", root);
    this.plot = one(".plot", root);
    this.seek = one(".seek", root);
    this.button = one(".play", root);
    this.raise = one(".raise input", root);
    this.choices = all(".choices button", root);
    this.listen();
  }

  listen() {
    this.choices.forEach((choice) => choice.addEventListener("click", () => this.choose(choice)));
    this.button.addEventListener("click", () => (this.isPlaying() ? speaker.pause() : this.play()));
    this.seek.addEventListener("input", () => this.moveTo(Number(this.seek.value)));
    this.raise?.addEventListener("change", () => this.reload());
    this.plot.addEventListener("pointerdown", (event) => {
      const { left, width } = this.plot.getBoundingClientRect();
      this.moveTo(this.seconds * Math.min(1, Math.max(0, (event.clientX - left) / width)));
    });
  }

  isPlaying() { return current === this && !speaker.paused; }

  chosen() { return this.choices.find((choice) => choice.getAttribute("aria-pressed") === "true"); }

  choose(choice) {
    this.choices.forEach((other) => other.setAttribute("aria-pressed", String(other === choice)));
    this.stage.dataset.shown = choice.dataset.part;
    if (this.isPlaying()) this.reload(); else this.play();
  }

  reload() { if (current === this) { current = null; this.play(); } }

  play() {
    const time = Number(this.seek.value);
    if (current !== this || speaker.ended) {
      current?.show(false);
      current = this;
      const { sound, raised } = this.chosen().dataset;
      speaker.src = addressOf(this.raise?.checked ? raised : sound);
      speaker.currentTime = time < this.seconds - 0.05 ? time : 0;
    }
    // A sound that gives way to the next one is no mistake.
    speaker.play().catch((error) => { if (error.name !== "AbortError") throw error; });
  }

  moveTo(time) {
    if (current === this) speaker.currentTime = Math.min(time, speaker.duration || time);
    this.draw(time);
  }

  draw(time) {
    one(".cursor", this.root).style.left = `${(100 * Math.min(time, this.seconds)) / this.seconds}%`;
    one(".now", this.root).textContent = time.toFixed(1);
    this.seek.value = time;
    this.seek.setAttribute("aria-valuetext", `${time.toFixed(1)} of ${this.seconds.toFixed(1)} s`);
  }

  show(isPlaying) {
    this.button.textContent = isPlaying ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
  }
}

function follow() {
  if (!current || speaker.paused) return;
  current.draw(speaker.currentTime);
  frame = requestAnimationFrame(follow);
}

speaker.addEventListener("play", () => {
  current?.show(true);
  cancelAnimationFrame(frame);
  if (!isStill.matches) follow();
});
speaker.addEventListener("timeupdate", () => { if (!speaker.seeking) current?.draw(speaker.currentTime); });
speaker.addEventListener("pause", () => current?.show(false));
all(".player").forEach((root) => new Player(root));
