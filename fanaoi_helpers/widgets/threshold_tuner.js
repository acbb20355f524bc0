const WIDTH = 720, HEIGHT = 210, LEFT = 44, RIGHT = 12, TOP = 26, BOTTOM = 34;
const BINS = 60, CLIP = 12; // log-odds beyond ±12 are drawn there
const TICKS = [1e-5, 1e-4, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999];
const FANS = 10000, MOST_SHOWN = 24;
const COUNTS = { // what it is called, truth, verdict, sign
  caught: ["caught", 0, 0, "✓"], escapes: ["escapes", 0, 1, "✕"],
  overkill: ["overkill", 1, 0, "✕"], passed: ["passed", 1, 1, "✓"],
};

const logOdds = (p) => Math.min(CLIP, Math.max(-CLIP, Math.log(p) - Math.log1p(-p)));
const percent = (part, whole) => (whole ? `${shortly((100 * part) / whole, 3)} %` : "–");

/** Count what a threshold gives, from the sorted scores of both labels. */
function judged({ go, ng }, threshold) {
  const below = (scores) => { // how many are smaller: found by halving
    let low = 0, high = scores.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (scores[middle] < threshold) low = middle + 1; else high = middle;
    }
    return low;
  };
  const caught = below(ng), overkill = below(go);
  return { caught, escapes: ng.length - caught, overkill, passed: go.length - overkill };
}

/** Draw the histogram that never changes; return the places on its axis. */
function drawHistogram(svg, { go, ng }) {
  const odds = [ng, go].map((scores) => Array.from(scores, logOdds));
  const reach = odds.flat().reduce((most, one) => Math.max(most, Math.abs(one)), 5) + 0.5;
  const x = (one) => LEFT + ((one + reach) / (2 * reach)) * (WIDTH - LEFT - RIGHT);
  const counts = odds.map((values) => {
    const bins = new Array(BINS).fill(0);
    for (const one of values) bins[Math.min(BINS - 1, Math.floor(((one + reach) / (2 * reach)) * BINS))] += 1;
    return bins;
  });
  // Logarithmic: one escape must stay visible beside hundreds of good verdicts.
  const most = Math.max(...counts.flat());
  const y = (count) => HEIGHT - BOTTOM - (Math.log1p(count) / Math.log1p(most)) * (HEIGHT - TOP - BOTTOM);
  const hatch = make("pattern", { id: `fanaoi-hatch-${(counted += 1)}`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    make("rect", { width: 6, height: 6, fill: "var(--ng)" }), make("line", { x1: 0, y1: 0, x2: 0, y2: 6, stroke: "var(--paper)", "stroke-width": 2 }));
  svg.append(make("defs", {}, hatch));
  const wide = (WIDTH - LEFT - RIGHT) / BINS / 2 - 0.5;
  counts.forEach((bins, label) => bins.forEach((count, bin) => {
    if (!count) return;
    const left = x(-reach + (bin * 2 * reach) / BINS) + label * (wide + 0.5);
    svg.append(make("rect", { x: left, y: y(count), width: wide, height: HEIGHT - BOTTOM - y(count), fill: label ? "var(--go)" : `url(#${hatch.id})` }));
  }));
  svg.append(make("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM, stroke: "var(--ink)" }));
  for (const tick of TICKS.filter((p) => x(logOdds(p)) > 24 && x(logOdds(p)) < WIDTH - 28)) // room for its digits
    svg.append(make("text", { x: x(logOdds(tick)), y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, String(tick)));
  svg.append(make("text", { x: WIDTH / 2, y: HEIGHT - 2, "text-anchor": "middle" }, "P(GO)"), make("text", { x: 4, y: 16 }, "photographs"));
  for (const count of [1, 10, 100, 1000, 10000].filter((one) => one <= most))
    svg.append(make("text", { x: LEFT - 6, y: y(count) + 5, "text-anchor": "end" }, String(count)));
  const named = [["NG", `url(#${hatch.id})`], ["GO", "var(--go)"]];
  named.forEach(([name, fill], place) => svg.append(
    make("rect", { x: WIDTH - 130 + place * 62, y: 4, width: 18, height: 13, fill }),
    make("text", { x: WIDTH - 107 + place * 62, y: 16 }, name)));
  return { x, p: (place) => 1 / (1 + Math.exp(-(((place - LEFT) / (WIDTH - LEFT - RIGHT)) * 2 * reach - reach))) };
}

export default {
  render({ model, el }) {
    const { root, say } = begin(el, "threshold-tuner", "Threshold tuner");
    const { tell, listen } = connect(model);
    let scores, axis, sorted;

    const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, style: "max-width: 100%; touch-action: none; cursor: ew-resize" });
    const handle = make("g", { tabindex: 0, role: "slider", "aria-label": "threshold", "aria-valuemin": 0, "aria-valuemax": 1, "data-role": "threshold" },
      make("line", { y1: TOP - 4, y2: HEIGHT - BOTTOM, stroke: "var(--ink)", "stroke-width": 2 }),
      make("circle", { r: 8, cy: TOP, fill: "var(--mark)", stroke: "var(--ink)" }));
    const told = make("text", { y: 14, "text-anchor": "middle" });

    // --- the table: four counts to click, and what they come to -----------------------------------------
    const cells = Object.fromEntries(Object.entries(COUNTS).map(([name, [words, , , sign]]) => {
      const number = make("span", { "data-role": name });
      const press = make("button", { type: "button", "aria-pressed": "false", onclick: () => choose(model.get("shown") === name ? "" : name) },
        `${sign} `, number, ` ${words}`);
      return [name, { number, press }];
    }));
    const rate = { escapes: make("td", { "data-role": "escape-rate" }), overkill: make("td", { "data-role": "overkill-rate" }) };
    const called = { NG: make("td"), GO: make("td") };
    const head = (...words) => make("tr", {}, ...words.map((one) => (one ? make("th", { scope: "col" }, one) : make("td"))));
    const table = make("table", {}, make("thead", {}, head("", "called NG", "called GO", "wrong, of this row")), make("tbody", {},
      make("tr", {}, make("th", { scope: "row" }, "NG"), make("td", {}, cells.caught.press), make("td", {}, cells.escapes.press), rate.escapes),
      make("tr", {}, make("th", { scope: "row" }, "GO"), make("td", {}, cells.overkill.press), make("td", {}, cells.passed.press), rate.overkill),
      make("tr", {}, make("th", { scope: "row" }, "wrong, of this column"), called.NG, called.GO, make("td"))));

    // --- the line: how rare NG is, and what a mistake costs ------------------------------------------------
    const share = slider("NG on the line", { min: Math.log10(0.00001), max: Math.log10(0.9), step: 0.01, value: -2,
      text: (power) => `${shortly(100 * 10 ** power, 2)} %`,
      onInput: (power) => { tell({ ng_rate: 10 ** power }); drawLine(); } });
    const price = (name, label) => {
      const id = `fanaoi-${(counted += 1)}`;
      const input = make("input", { id, type: "number", min: 0, step: "any", style: "width: 7em" });
      input.addEventListener("input", () => { if (Number(input.value) > 0) { tell({ [name]: Number(input.value) }); drawLine(); } });
      return { input, box: make("div", { class: "fanaoi-control" }, make("label", { for: id }, label), input) };
    };
    const prices = { escape_cost: price("escape_cost", "an escape costs"), overkill_cost: price("overkill_cost", "an overkill costs") };
    const line = make("p", { "data-role": "line", class: "fanaoi-title" });
    const gallery = make("div", { class: "fanaoi-row", "data-role": "gallery" });
    root.append(svg, make("div", { class: "fanaoi-row" }, table), make("div", { class: "fanaoi-controls" }, share.box, prices.escape_cost.box, prices.overkill_cost.box), line, gallery);

    let counts = {}, drawn = ""; // `drawn`: what the gallery shows by now

    function load() {
      drawn = "";
      const p = arrayOf(model, "p_go").data, labels = arrayOf(model, "labels").data;
      scores = { p, labels, go: p.filter((_, n) => labels[n] === 1).sort(), ng: p.filter((_, n) => labels[n] === 0).sort() };
      sorted = Float64Array.from(new Set(p)).sort();
      svg.replaceChildren();
      axis = drawHistogram(svg, scores);
      svg.append(handle, told);
      draw();
    }

    function draw() {
      const threshold = model.get("threshold");
      counts = judged(scores, threshold);
      const place = axis.x(logOdds(threshold));
      handle.setAttribute("transform", `translate(${place} 0)`);
      told.setAttribute("x", Math.min(WIDTH - 220, Math.max(90, place)));
      told.textContent = `threshold ${shortly(threshold, 4)}`;
      change(handle, { "aria-valuenow": threshold, "aria-valuetext": shortly(threshold, 4), "data-value": threshold });
      for (const [name, { number }] of Object.entries(cells)) change(number, { textContent: counts[name], "data-value": counts[name] });
      const { caught, escapes, overkill, passed } = counts, ng = scores.ng.length, go = scores.go.length;
      change(rate.escapes, { textContent: `${escapes} of ${ng}: ${percent(escapes, ng)}`, "data-value": escapes / ng });
      change(rate.overkill, { textContent: `${overkill} of ${go}: ${percent(overkill, go)}`, "data-value": overkill / go });
      called.NG.textContent = `${overkill} of ${caught + overkill}: ${percent(overkill, caught + overkill)}`;
      called.GO.textContent = `${escapes} of ${escapes + passed}: ${percent(escapes, escapes + passed)}`;
      say(`threshold ${shortly(threshold, 3)}: ${escapes} escapes, ${overkill} overkill`);
      drawLine();
      drawGallery();
    }

    function drawLine() {
      const rateNG = model.get("ng_rate");
      const escapes = (FANS * rateNG * counts.escapes) / scores.ng.length;
      const overkill = (FANS * (1 - rateNG) * counts.overkill) / scores.go.length;
      const cost = escapes * model.get("escape_cost") + overkill * model.get("overkill_cost");
      share.show(Math.log10(rateNG));
      for (const [name, { input }] of Object.entries(prices)) if (Number(input.value) !== model.get(name)) input.value = model.get(name);
      line.textContent = `Of 10,000 fans: ${shortly(escapes, 3)} escapes, ${shortly(overkill, 3)} overkill; cost ${Math.round(cost).toLocaleString("en-US")}`;
      change(line, { "data-escapes": escapes, "data-overkill": overkill, "data-value": cost });
    }

    function drawGallery() {
      const name = model.get("shown"), photographs = model.get("photographs");
      for (const [one, { press }] of Object.entries(cells)) press.setAttribute("aria-pressed", String(one === name));
      const some = [];
      if (name) {
        const [, truth, verdict] = COUNTS[name], threshold = model.get("threshold");
        scores.p.forEach((p, n) => { if (scores.labels[n] === truth && Number(p >= threshold) === verdict) some.push(n); });
        some.sort((one, other) => Math.abs(scores.p[one] - threshold) - Math.abs(scores.p[other] - threshold));
      }
      const key = `${name} ${some.slice(0, MOST_SHOWN)} ${some.length}`;
      if (key === drawn) return;
      drawn = key;
      gallery.replaceChildren();
      if (!name) return;
      const rest = some.length > MOST_SHOWN ? `; the ${MOST_SHOWN} nearest to the threshold` : "";
      gallery.append(make("p", { class: "fanaoi-note", style: "width: 100%" }, `${some.length} ${COUNTS[name][0]}${rest}`));
      const [count, height, width] = photographs.shape;
      const pixels = count ? new Uint8Array(photographs.data.buffer, photographs.data.byteOffset, photographs.data.byteLength) : null;
      for (const n of some.slice(0, MOST_SHOWN)) {
        const score = `P(GO) ${shortly(scores.p[n], 3)}`;
        const box = make("figure", { style: "margin: 0; text-align: center", "data-photograph": n }, make("figcaption", {}, score));
        if (count) {
          const canvas = make("canvas", { style: "width: 104px; height: 104px", role: "img", "aria-label": `photograph ${n}, ${score}` });
          const start = n * height * width * 3;
          paint(canvas, height, width, (row, column) => pixels.subarray(start + 3 * (row * width + column), start + 3 * (row * width + column) + 3));
          box.prepend(canvas);
        }
        gallery.append(box);
      }
    }

    const choose = (name) => { tell({ shown: name }); drawGallery(); };
    const move = (threshold) => { tell({ threshold: Math.min(1, Math.max(0, threshold)) }); draw(); };

    // --- mouse: anywhere in the histogram; keys: from score to score -----------------------------------------
    const follow = (event) => {
      const box = svg.getBoundingClientRect();
      move(axis.p(((event.clientX - box.left) / box.width) * WIDTH));
    };
    draggable(svg, { begin: (event) => { follow(event); handle.focus({ preventScroll: true }); }, follow });
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      if (!step && event.key !== "Home" && event.key !== "End") return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Home") return move(0);
      if (event.key === "End") return move(1);
      const now = model.get("threshold");
      const above = sorted.findIndex((p) => p >= now);
      const at = above < 0 ? sorted.length : above;
      const exactly = sorted[at] === now;
      // A threshold at a score calls that score GO: from there a step up takes the next score.
      const next = step > 0 ? at + step - (exactly ? 0 : 1) : at + step;
      move(next >= sorted.length ? 1 : sorted[Math.max(0, next)]);
    });

    load();
    const ends = [listen(["threshold", "shown"], draw), listen(["ng_rate", "escape_cost", "overkill_cost"], drawLine),
      listen(["p_go", "labels", "photographs"], load)];
    return () => ends.forEach((end) => end());
  },
};
