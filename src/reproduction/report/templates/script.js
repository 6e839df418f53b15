"use strict";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

/* Clicking a column header sorts the table by this column; empty cells stay last. */

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

function sort(header) {
  const table = header.closest("table");
  const ascending = header.getAttribute("aria-sort") !== "ascending";
  all("th[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
  header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const keyed = [...table.tBodies[0].rows].map((row) => [keyOf(row, header.cellIndex), row]);
  const filled = keyed.filter(([key]) => key !== "");
  const empty = keyed.filter(([key]) => key === "");
  filled.sort(([first], [second]) => (ascending ? 1 : -1) * compare(first, second));
  table.tBodies[0].append(...[...filled, ...empty].map(([, row]) => row));
  filters().forEach(filter);
}

all(".sortable th button").forEach((button) =>
  button.addEventListener("click", () => sort(button.closest("th"))));

/* A form hides the rows that do not match it; of the others, a table first shows MAX_SHOWN. */

const MAX_SHOWN = 15;

function filter(form) {
  const table = document.getElementById(form.dataset.filters);
  if (!table) return;
  const conditions = [...new FormData(form)].filter(([, value]) => value);
  const rows = [...table.tBodies[0].rows];
  const isMatch = (row) => conditions.every(([name, value]) => row.dataset[name] === value);
  const matching = rows.filter(isMatch);
  const shown = new Set("all" in table.dataset ? matching : matching.slice(0, MAX_SHOWN));
  rows.forEach((row) => { row.hidden = !shown.has(row); });
  const more = one(`[data-shows="${table.id}"]`);
  more.hidden = shown.size === matching.length;
  more.textContent = `Show all ${matching.length}`;
  one("output", form).textContent = `${matching.length} of ${rows.length}`;
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

/* A link to a closed element opens it; a printed page shows everything. */

function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let element = target; element; element = element.parentElement) {
    if (element.tagName === "DETAILS") element.open = true;
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

/* Clicking a figure enlarges it. */

const enlarged = one("#enlarged");
all(".enlarge").forEach((button) => button.addEventListener("click", () => {
  const { src, alt } = one("img", button);
  Object.assign(one("img", enlarged), { src, alt });
  enlarged.showModal();
}));
enlarged.addEventListener("click", (event) => { if (event.target === enlarged) enlarged.close(); });

/* All players share one audio element; a newly chosen sound continues at the same position. */

const audio = one("#shared-audio");
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
const soundUrls = new Map();
let current = null;
let frame = 0;

function soundUrl(id) {
  if (!soundUrls.has(id)) {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    soundUrls.set(id, URL.createObjectURL(new Blob([bytes], { type: "audio/flac" })));
  }
  return soundUrls.get(id);
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
    this.addListeners();
  }

  addListeners() {
    this.choices.forEach((choice) => choice.addEventListener("click", () => this.choose(choice)));
    this.button.addEventListener("click", () => (this.isPlaying() ? audio.pause() : this.play()));
    this.seek.addEventListener("input", () => this.moveTo(Number(this.seek.value)));
    this.raise?.addEventListener("change", () => this.reload());
    this.plot.addEventListener("pointerdown", (event) => {
      const { left, width } = this.plot.getBoundingClientRect();
      this.moveTo(this.seconds * Math.min(1, Math.max(0, (event.clientX - left) / width)));
    });
  }

  isPlaying() { return current === this && !audio.paused; }

  chosen() { return this.choices.find((choice) => choice.getAttribute("aria-pressed") === "true"); }

  choose(choice) {
    this.choices.forEach((other) => other.setAttribute("aria-pressed", String(other === choice)));
    this.stage.dataset.shown = choice.dataset.part;
    if (this.isPlaying()) this.reload(); else this.play();
  }

  reload() { if (current === this) { current = null; this.play(); } }

  play() {
    const time = Number(this.seek.value);
    if (current !== this || audio.ended) {
      current?.showPlaying(false);
      current = this;
      const { sound, raised } = this.chosen().dataset;
      audio.src = soundUrl(this.raise?.checked ? raised : sound);
      audio.currentTime = time < this.seconds - 0.05 ? time : 0;
    }
    // An abort only means that another sound was chosen before this one started.
    audio.play().catch((error) => { if (error.name !== "AbortError") throw error; });
  }

  moveTo(time) {
    if (current === this) audio.currentTime = Math.min(time, audio.duration || time);
    this.showTime(time);
  }

  showTime(time) {
    one(".cursor", this.root).style.left = `${(100 * Math.min(time, this.seconds)) / this.seconds}%`;
    one(".now", this.root).textContent = time.toFixed(1);
    this.seek.value = time;
    this.seek.setAttribute("aria-valuetext", `${time.toFixed(1)} of ${this.seconds.toFixed(1)} s`);
  }

  showPlaying(isPlaying) {
    this.button.textContent = isPlaying ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
  }
}

function moveCursor() {
  if (!current || audio.paused) return;
  current.showTime(audio.currentTime);
  frame = requestAnimationFrame(moveCursor);
}

audio.addEventListener("play", () => {
  current?.showPlaying(true);
  cancelAnimationFrame(frame);
  if (!reducedMotion.matches) moveCursor();
});
audio.addEventListener("timeupdate", () => { if (!audio.seeking) current?.showTime(audio.currentTime); });
audio.addEventListener("pause", () => current?.showPlaying(false));
all(".player").forEach((root) => new Player(root));
