const PATIENCE = 1500; // ms without an answer after which the panel says so
const LATE = "No answer from Python yet: another cell is running. After a restart of the kernel, run this cell again.";
const MARKS = ["no", "yes"];
const SIGNS = { right: "✓", "not yet": "✗", noted: "●" };

/** Give a button its words; closed it keeps the focus, and does nothing. */
function label(made, words, open) {
  change(made, { textContent: words, "aria-label": words, "aria-disabled": open ? null : "true" });
}

/** A choice: each option a button, pressed where it was chosen last. */
function choice({ lines }, { arranged, answer }) {
  const buttons = lines.map(([letter, words]) => {
    const sign = make("span", { class: "fanaoi-sign", "aria-hidden": "true" }), text = make("span");
    text.innerHTML = words;
    const onclick = () => answer(letter);
    return make("button", { type: "button", "data-letter": letter, onclick }, make("b", {}, `${letter}.`), text, sign);
  });
  const draw = (state) => {
    for (const one of buttons) {
      const chosen = one.dataset.letter === arranged();
      change(one, { "aria-pressed": String(chosen) });
      one.lastChild.textContent = chosen ? (SIGNS[state] ?? "") : "";
    }
  };
  return { box: make("div", { class: "fanaoi-options", role: "group", "aria-label": "Options" }, ...buttons), draw };
}

/** Lines to put in order: those that are placed, above those that are left. Clicked, dragged, or moved by keys. */
function order({ lines, verb }, { arranged, arrange, answer, say }) {
  const known = lines.map(([letter]) => letter);
  const placed = make("ol", { class: "fanaoi-placed", "aria-label": "Your order" });
  const left = make("ul", { class: "fanaoi-left", "aria-label": "Lines that you have not used" });
  const send = button("", () => { if (arranged()) answer(arranged()); });
  const items = new Map(lines.map(([letter, words]) => {
    const number = make("span", { class: "fanaoi-number" }), text = make("span");
    text.innerHTML = words;
    const line = make("button", { type: "button", "data-letter": letter }, number, make("b", {}, `${letter}.`), text);
    return [letter, { item: make("li", {}, line), line, number }];
  }));
  const lineOf = (letter) => items.get(letter).line;
  const unused = () => known.filter((letter) => !arranged().includes(letter));

  /** Put a line at a place of the order; null takes it out. */
  function put(letter, place) {
    const others = [...arranged()].filter((one) => one !== letter);
    if (place !== null) others.splice(place, 0, letter);
    const focused = document.activeElement;
    arrange(others.join(""));
    if (focused?.dataset.letter) focused.focus({ preventScroll: true }); // moved, it has lost the focus
    say(place === null ? `${letter} taken out` : `${letter} is number ${others.indexOf(letter) + 1} of ${others.length}`);
  }
  function toggle(letter) {
    if (arranged().includes(letter)) { put(letter, null); return; }
    const next = unused()[unused().indexOf(letter) + 1] ?? unused().find((one) => one !== letter);
    const focused = document.activeElement === lineOf(letter);
    put(letter, arranged().length);
    if (focused) (next ? lineOf(next) : send).focus({ preventScroll: true }); // the next line can be put by the same key
  }
  function byKey(event, letter) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key], at = arranged().indexOf(letter);
    if (!step || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.altKey && at >= 0) put(letter, Math.min(arranged().length - 1, Math.max(0, at + step)));
    else if (!event.altKey) {
      const all = [...arranged(), ...unused()];
      lineOf(all[Math.min(all.length - 1, Math.max(0, all.indexOf(letter) + step))]).focus();
    }
  }

  /** Where a line would go that is let go at this height: a place of the order, or null below it. */
  function target(letter, y) {
    if (!left.hidden && y > left.getBoundingClientRect().top) return null;
    const middles = [...arranged()].filter((one) => one !== letter).map((one) => lineOf(one).getBoundingClientRect());
    return middles.filter(({ top, height }) => top + height / 2 < y).length;
  }
  for (const [letter, { line, item }] of items) {
    let from = 0, place = null, dragged = false;
    line.addEventListener("click", () => { if (!dragged) toggle(letter); });
    line.addEventListener("keydown", (event) => byKey(event, letter));
    draggable(line, {
      after: 5,
      begin: (event) => { from = event.clientY; dragged = false; },
      follow: (event) => {
        dragged = true;
        place = target(letter, event.clientY);
        change(item, { style: `transform: translateY(${event.clientY - from}px)`, class: "fanaoi-dragged" });
        const others = [...arranged()].filter((one) => one !== letter);
        for (const one of known) items.get(one).item.classList.toggle("fanaoi-before", place !== null && others[place] === one);
        placed.classList.toggle("fanaoi-last", place !== null && place === others.length);
      },
      end: (moved) => {
        change(item, { style: null, class: null });
        if (moved) put(letter, place);
        setTimeout(() => { dragged = false; }); // the click that ends a drag is none
      },
    });
  }

  function draw() {
    const now = [...arranged()];
    placed.replaceChildren(...now.map((letter) => items.get(letter).item));
    left.replaceChildren(...unused().map((letter) => items.get(letter).item));
    for (const [letter, { item, number, line }] of items) {
      const at = now.indexOf(letter);
      item.classList.remove("fanaoi-before");
      number.textContent = at < 0 ? "" : `${at + 1}`;
      change(line, { "aria-label": `${at < 0 ? "not used" : `number ${at + 1}`}: ${letter}. ${line.lastChild.textContent}` });
    }
    placed.classList.remove("fanaoi-last");
    change(placed, { "data-empty": now.length ? null : "Click the lines one after the other, or drag them here." });
    left.hidden = unused().length === 0;
    label(send, now.length ? `${verb} ${now.join("")}` : verb, now.length > 0);
  }
  const keys = make("p", { class: "fanaoi-note" }, "A click puts a line in or takes it out, a drag moves it; by key: Enter, and Alt with ↑ or ↓.");
  return { box: make("div", { class: "fanaoi-order" }, placed, left, keys, send), draw };
}

/** A table of yes and no, answered by 1 and 0, row by row; "-" stands for an open cell. */
function table({ rows, columns, verb }, { arranged, arrange, answer, say }) {
  const count = rows.length * columns.length;
  const now = () => [...arranged().padEnd(count, "-")];
  const open = () => now().filter((one) => one === "-").length;
  const send = button("", () => { if (!open()) answer(arranged()); });
  const nameOf = (at) => `${rows[Math.floor(at / columns.length)]}, ${columns[at % columns.length]}`;
  const set = (at, value) => {
    const cells = now();
    cells[at] = value;
    arrange(cells.join(""));
    say(`${nameOf(at)}: ${MARKS[value]}`);
  };
  const buttons = Array.from({ length: count }, (_, at) => make("button", {
    type: "button",
    onclick: () => set(at, now()[at] === "1" ? "0" : "1"),
    onkeydown: (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const typed = { 0: "0", 1: "1" }[event.key];
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns.length, ArrowDown: columns.length }[event.key];
      if (typed === undefined && step === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      if (typed !== undefined) set(at, typed);
      buttons[at + (step ?? 0)]?.focus();
    },
  }));
  const head = make("thead", {}, make("tr", {}, make("td"), ...columns.map((name) => make("th", { scope: "col" }, name))));
  const body = make("tbody", {}, ...rows.map((name, row) => make("tr", {},
    make("th", { scope: "row" }, name),
    ...columns.map((_, column) => make("td", {}, buttons[row * columns.length + column])))));
  function draw() {
    now().forEach((value, at) => {
      const words = MARKS[value] ?? "?";
      change(buttons[at], { textContent: words, "aria-label": `${nameOf(at)}: ${MARKS[value] ?? "open"}`, "data-value": value });
    });
    label(send, open() ? `${verb} (${open()} left)` : verb, !open());
  }
  return { box: make("div", { class: "fanaoi-yesno" }, make("table", {}, head, body), send), draw };
}

export default {
  render({ model, el }) {
    const first = model.get("shown");
    const { root, say } = begin(el, "exercise", `Exercise ${first.name}`);
    const { tell, listen } = connect(model);
    const part = (name, properties = {}) => make("div", { "data-role": name, ...properties });
    const header = part("header", { class: "fanaoi-header" }), question = part("question");
    const verdict = part("verdict", { "aria-live": "polite" });
    const hint = part("hint", { "aria-live": "polite" }), solution = part("solution", { "aria-live": "polite" });
    const late = make("p", { class: "fanaoi-note", role: "status" });
    let turn = first.turn, pending = null;

    /** Ask Python, unless it owes an answer; say so where that takes long. */
    function ask(message) {
      if (pending !== null) return;
      pending = setTimeout(() => { late.textContent = LATE; }, PATIENCE);
      model.send(message);
    }

    const kinds = { choice, order, table };
    const clicks = first.clicks.kind && kinds[first.clicks.kind]({ ...first.clicks, verb: first.verb }, {
      arranged: () => model.get("arranged"),
      arrange: (written) => {
        tell({ arranged: written });
        draw();
      },
      answer: (written) => {
        if (pending !== null) return;
        tell({ arranged: written });
        clicks.draw();
        ask({ answer: written });
      },
      say,
    });
    const helps = ["hint", "solution"].map((name) => {
      const made = button("", () => { if (model.get("shown").help[name][1]) ask({ help: name }); });
      made.dataset.help = name;
      return made;
    });

    const set = (element, html) => { if (element.dataset.html !== html) { element.innerHTML = html; element.dataset.html = html; } };
    function draw() {
      const shown = model.get("shown");
      if (shown.turn !== turn) {
        turn = shown.turn;
        clearTimeout(pending);
        pending = null;
        late.textContent = "";
      }
      root.style.setProperty("--state", shown.color);
      header.textContent = shown.header;
      set(question, shown.question);
      set(verdict, shown.verdict);
      set(hint, shown.hint);
      verdict.classList.toggle("fanaoi-stale", shown.state !== "not tried" && model.get("arranged") !== shown.judged);
      set(solution, shown.solution);
      for (const made of helps) {
        const [words, open] = shown.help[made.dataset.help];
        label(made, words, open);
      }
      clicks?.draw(shown.state);
    }

    root.append(header, question, ...(clicks ? [clicks.box] : []), verdict, late,
      make("div", { class: "fanaoi-controls" }, ...helps), hint, solution);
    draw();
    const end = listen(["shown", "arranged"], draw);
    return () => { end(); clearTimeout(pending); };
  },
};
