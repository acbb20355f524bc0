const WIDTH = 380, HEIGHT = 230, LEFT = 46, RIGHT = 14, TOP = 20, BOTTOM = 42;
const SMALLEST_REACH = 6, LARGEST = 1e9; // of the scores
const LOWEST_P = 0.001, HIGHEST_P = 0.999; // a probability of 0 would need a score of −∞
const EPSILON = 1e-7; // as in byhand and Keras: a loss from probabilities sees none below

// --- arithmetic, as in byhand ------------------------------------------------------------------------------

const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** Return ln of the sum of e^z; the largest is taken off first, so that e cannot overflow. */
function logSum(z) {
  const top = Math.max(...z);
  return top + Math.log(z.reduce((sum, one) => sum + Math.exp(one - top), 0));
}

function softmax(z) {
  const top = Math.max(...z), powers = z.map((one) => Math.exp(one - top));
  const sum = powers.reduce((total, one) => total + one, 0);
  return powers.map((one) => one / sum);
}

/** Return all that follows from the scores `z` and the true class. */
function judged(z, truth, binary) {
  const p = binary ? [sigmoid(z[0])] : softmax(z);
  const gradient = p.map((one, k) => one - (binary ? truth : Number(k === truth)));
  // Both losses are softplus of a distance: what the others have (0 for NG's missing score) less what truth has.
  const mine = binary ? 0 : truth, others = binary ? 0 : logSum(z.filter((_, k) => k !== truth));
  const lossAt = (score, label = truth) => softplus(binary && label === 0 ? score : others - score);
  const given = binary && truth === 0 ? 1 - p[0] : p[mine];
  return { p, gradient, mine, given, lossAt, loss: lossAt(z[mine]), clipped: -Math.log(Math.max(given, EPSILON)) };
}

/** Return the end of an axis that holds all scores: 6, 10, 20, 50, 100, … */
function reachOf(z) {
  const most = Math.max(...z.map(Math.abs));
  if (most <= SMALLEST_REACH) return SMALLEST_REACH;
  const ten = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((one) => one * ten).find((one) => one >= most && one >= 10);
}

const between = (low, x, high) => Math.min(high, Math.max(low, x));
const fixed = (x) => (Math.abs(x) >= 0.0005 || x === 0 ? x.toFixed(3) : shortly(x, 2)).replaceAll("-", "−");

// --- a bar: a value on a track, to be dragged where `onMove` is given -------------------------------------

function bar(role, row, { zero, onMove, onKey, onEnd }) {
  const fill = make("div", { class: "fill" }), parts = [fill];
  if (zero) parts.push(make("div", { class: "zero", style: "left: 50%" }));
  const grip = make("div", { class: "grip" });
  if (onMove) parts.push(grip);
  const box = make("div", { class: "fanaoi-loss-bar", "data-role": role, "data-row": row }, ...parts);
  const show = (share, value, words, color = null) => {
    const from = zero ? 0.5 : 0, place = between(0, share, 1);
    fill.style.left = `${100 * Math.min(from, place)}%`;
    fill.style.width = `${100 * Math.abs(place - from)}%`;
    if (color) fill.style.background = color;
    grip.style.left = `${100 * place}%`;
    box.setAttribute("data-value", value);
    if (onMove) change(box, { "aria-valuenow": value, "aria-valuetext": words });
  };
  if (onMove) {
    change(box, { role: "slider", tabindex: -1, "aria-orientation": "horizontal" });
    let track = null;
    const follow = (event) => onMove(between(0, (event.clientX - track.left) / track.width, 1));
    const begins = (event) => {
      track = box.getBoundingClientRect();
      box.focus({ preventScroll: true });
      follow(event);
    };
    draggable(box, { begin: begins, follow, end: onEnd });
    box.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity, ArrowUp: 0, ArrowDown: 0 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      onKey(step, { ArrowUp: -1, ArrowDown: 1 }[event.key] || 0);
    });
  }
  return { box, show };
}

export default {
  render({ model, el }) {
    const { root, say } = begin(el, "loss-explorer", "Loss explorer");
    const { tell, listen } = connect(model), binary = model.get("form") === "binary";
    let z = [], truth = 0, now = {}, reach = SMALLEST_REACH, held = false;

    // --- rows: one for each score ----------------------------------------------------------------------------
    const columns = { logit: [], probability: [] }; // bars that arrow keys walk along
    const focusRow = (column, row) => {
      if (!columns[column][row]) return;
      columns[column].forEach(({ box }, k) => box.setAttribute("tabindex", k === row ? 0 : -1));
      columns[column][row].box.focus();
    };
    const rows = Array.from(arrayOf(model, "logits").data, (_, row) => {
      const onEnd = () => { held = false; draw(); };
      const logit = bar("logit", row, { zero: true, onEnd,
        onMove: (share) => { held = true; setScore(row, rounded((2 * share - 1) * reach)); },
        onKey: (step, walk) => (walk ? focusRow("logit", row + walk)
          : setScore(row, Number.isFinite(step) ? between(-LARGEST, Number((z[row] + (step * reach) / 60).toPrecision(12)), LARGEST) : Math.sign(step) * reach)) });
      const probability = bar("probability", row, { onEnd,
        onMove: (share) => setProbability(row, share),
        onKey: (step, walk) => (walk ? focusRow("probability", row + walk) : setProbability(row, now.p[row] + step / 100)) });
      const gradient = bar("gradient", row, { zero: true });
      columns.logit.push(logit);
      columns.probability.push(probability);
      const input = make("input", { type: "number", step: "any", "data-role": "score", "data-row": row });
      input.addEventListener("input", () => {
        const typed = input.value.trim() === "" ? NaN : Number(input.value), fits = Math.abs(typed) <= LARGEST;
        change(input, { "aria-invalid": fits ? null : "true" });
        if (fits) setScore(row, typed);
      });
      input.addEventListener("change", () => { change(input, { "aria-invalid": null }); showScore(row); });
      const number = (role) => make("div", { class: "fanaoi-loss-number", "data-role": `${role}-text` });
      return { logit, input, probability, p: number("probability"), gradient, g: number("gradient") };
    });
    columns.logit[0].box.tabIndex = columns.probability[0].box.tabIndex = 0;

    // --- names: buttons, one of which is pressed ---------------------------------------------------------------
    const choices = model.get("names").map((_, k) => make("button", { type: "button", "data-role": "name", "data-row": k,
      onclick: () => put({ truth: k }), onkeydown: (event) => {
        const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        put({ truth: (truth + step + choices.length) % choices.length });
        choices[truth].focus();
      } }));
    const head = (text, wide) => make("div", { class: wide ? "head wide" : "head" }, text);
    const grid = make("div", { class: "fanaoi-loss-grid" },
      head(binary ? "" : "true class"), head("score z", true), head(binary ? "P(GO): sigmoid of z" : "probability p: softmax", true), head("gradient p − y", true));
    rows.forEach((row, k) => grid.append(binary ? make("span", {}, "this fan") : choices[k], row.logit.box, row.input, row.probability.box, row.p, row.gradient.box, row.g));

    // --- the loss: as a number, and as a curve over the score ---------------------------------------------------
    const clip = `fanaoi-clip-${(counted += 1)}`;
    const x = (score) => LEFT + ((score / reach + 1) / 2) * (WIDTH - LEFT - RIGHT);
    const tallest = () => (binary ? reach + 1 : 2 * reach + 2); // no score on the axis costs more: the curve never jumps
    const y = (loss) => HEIGHT - BOTTOM - (loss / tallest()) * (HEIGHT - TOP - BOTTOM);
    const ticks = make("g"), other = make("path", { fill: "none", "stroke-width": 1.5 });
    const curve = make("path", { fill: "none", stroke: "var(--ink)", "stroke-width": 2.5, "data-role": "curve" });
    const slope = make("line", { stroke: "var(--mark)", "stroke-width": 3 });
    const point = make("circle", { r: 7, fill: "var(--mark)", stroke: "var(--ink)", "stroke-width": 1.5, "data-role": "point" });
    const curveNames = binary ? [make("text", { x: LEFT + 42, y: TOP + 46 }, "label GO"), make("text", { x: WIDTH - RIGHT - 42, y: TOP + 46, "text-anchor": "end" }, "label NG")] : [];
    const axisName = make("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" });
    const svg = make("svg", { class: "fanaoi-loss-curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, role: "img" },
      make("defs", {}, make("clipPath", { id: clip }, make("rect", { x: LEFT, y: TOP - 8, width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM + 8 }))),
      make("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM, stroke: "var(--ink)" }), ticks,
      make("g", { "clip-path": `url(#${clip})` }, other, curve, slope), point, axisName, ...curveNames,
      make("text", { x: LEFT - 6, y: TOP + 8, "text-anchor": "end" }, "loss"));
    const big = make("div", { class: "fanaoi-loss-big", "data-role": "loss" });
    const how = make("p", { "data-role": "how" }), pull = make("p"), cut = make("p", { class: "fanaoi-note", "data-role": "clipped" });
    if (binary) root.append(make("div", { class: "fanaoi-controls", role: "group", "aria-label": "true label" }, make("span", {}, "The fan is"), ...choices));
    root.append(grid,
      make("p", { class: "fanaoi-note" }, binary ? "Drag a bar or the point, or type a score." : "Drag a bar or the point, or type a score; click a name to make it the true class. A dragged probability moves its own score alone: the others keep theirs, and so their proportions."),
      make("div", { class: "fanaoi-row" }, svg, make("div", { class: "fanaoi-loss-said" }, big, how, pull, cut)));

    // --- draw ------------------------------------------------------------------------------------------------------
    let axis = 0; // the reach that the axis was drawn for
    function drawAxis() {
      axis = reach;
      const texts = [-reach, -reach / 2, 0, reach / 2, reach].map((at) => make("text", { x: x(at), y: HEIGHT - BOTTOM + 18, "text-anchor": Math.abs(at) < reach ? "middle" : at > 0 ? "end" : "start" }, shortly(at, 3)));
      for (const part of [0, 0.5, 1]) {
        const at = part * (binary ? reach : 2 * reach);
        texts.push(make("text", { x: LEFT - 6, y: y(at) + 5, "text-anchor": "end" }, shortly(at, 3)));
        texts.push(make("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(at), y2: y(at), stroke: "var(--line)" }));
      }
      ticks.replaceChildren(...texts);
      rows.forEach(({ logit }) => change(logit.box, { "aria-valuemin": -reach, "aria-valuemax": reach }));
    }

    function traced(lossAt) {
      let d = "M";
      for (let n = 0; n <= 120; n += 1) {
        const score = ((n - 60) / 60) * reach;
        d += `${x(score).toFixed(1)} ${y(lossAt(score)).toFixed(1)} `;
      }
      return d;
    }

    function showScore(row) {
      const text = String(Number(z[row].toPrecision(6))), input = rows[row].input;
      if (Number(input.value) !== Number(text) || input.value === "") input.value = text;
    }

    function draw() {
      now = judged(z, truth, binary);
      if (!held) reach = reachOf(z);
      if (axis !== reach) drawAxis();
      rows.forEach((row, k) => {
        row.logit.show((z[k] / reach + 1) / 2, z[k], shortly(z[k]));
        row.probability.show(now.p[k], now.p[k], fixed(now.p[k]));
        row.gradient.show((now.gradient[k] + 1) / 2, now.gradient[k], "", css(signedColor(now.gradient[k], 1)));
        row.p.textContent = fixed(now.p[k]);
        row.g.textContent = (now.gradient[k] > 0 ? "+" : "") + fixed(now.gradient[k]);
        if (row.input !== row.input.getRootNode().activeElement) showScore(k);
      });
      const score = z[now.mine], steep = now.gradient[now.mine], wide = 46 / Math.hypot(1, (steep * (y(0) - y(1))) / (x(1) - x(0)));
      const half = wide / (x(1) - x(0)); // the tangent keeps its length on the page
      curve.setAttribute("d", traced(now.lossAt));
      if (binary) other.setAttribute("d", traced((at) => now.lossAt(at, 1 - truth)));
      change(slope, { x1: x(score - half), x2: x(score + half), y1: y(now.loss - steep * half), y2: y(now.loss + steep * half) });
      change(point, { cx: x(score), cy: y(now.loss), "data-value": now.loss });
      change(big, { textContent: `loss ${shortly(now.loss, 4)}`, "data-value": now.loss });
      how.textContent = binary && truth === 0 ? `−ln(1 − p) = −ln ${fixed(now.given)}, p = P(GO)`
        : `−ln p(${model.get("names")[truth]}) = −ln ${fixed(now.given)}`;
      pull.textContent = `Slope at the point: ${fixed(steep)}. A step against it ${steep < 0 ? "raises" : "lowers"} the score.`;
      if (steep === 0) pull.textContent = "Slope at the point: 0. Nothing is left to learn here.";
      change(cut, { "data-value": now.clipped });
      cut.textContent = now.given < EPSILON ? `Computed from the probability, cut off at 10⁻⁷ as in Keras, it would be ${shortly(now.clipped, 4)}.` : "";
      say(`loss ${shortly(now.loss, 3)}, slope ${fixed(steep)}`);
    }

    /** Draw what belongs to the choice of the true class, too. */
    function load() {
      z = Array.from(arrayOf(model, "logits").data);
      truth = model.get("truth");
      const names = model.get("names");
      choices.forEach((choice, k) => {
        choice.textContent = `${k === truth ? "✓ " : ""}${names[k]}`;
        change(choice, { "aria-pressed": String(k === truth), tabindex: k === truth ? 0 : -1 });
      });
      rows.forEach((row, k) => {
        const who = binary ? "this fan" : names[k];
        change(row.logit.box, { "aria-label": `score of ${who}` });
        change(row.input, { "aria-label": `score of ${who}, as a number` });
        change(row.probability.box, { "aria-label": binary ? "P(GO)" : `probability of ${who}`, "aria-valuemin": 0, "aria-valuemax": 1 });
        for (const { box } of [row.logit, row.probability, row.gradient]) box.classList.toggle("true", !binary && k === truth);
      });
      const color = (label) => (!binary ? "var(--ink)" : label ? "var(--go)" : "var(--ng)"), dash = (label) => (binary && !label ? "7 5" : null);
      change(curve, { stroke: color(truth), "stroke-dasharray": dash(truth) });
      change(other, { stroke: color(1 - truth), "stroke-dasharray": dash(1 - truth), opacity: 0.55 });
      axisName.textContent = binary ? "score z" : `score of ${names[truth].length > 20 ? "the true class" : names[truth]}, the others as they are`;
      change(svg, { "aria-label": `loss over the score${binary ? "" : ` of ${names[truth]}`}, with the present point` });
      draw();
    }

    // --- change ----------------------------------------------------------------------------------------------------
    function put(state) {
      tell(state);
      load();
    }
    const rounded = (score) => {
      const unit = 10 ** Math.floor(Math.log10(reach / 200));
      return Number((Math.round(score / unit) * unit).toPrecision(6));
    };
    function setScore(row, score) {
      z[row] = score;
      tell({ logits: packed([z.length], z) });
      draw();
    }
    function setProbability(row, wanted) {
      const p = between(LOWEST_P, wanted, HIGHEST_P);
      const others = binary ? 0 : logSum(z.filter((_, k) => k !== row));
      setScore(row, between(-LARGEST, Math.log(p) - Math.log1p(-p) + others, LARGEST));
    }

    let frame = null; // where the curve lies while it is dragged
    const follow = (event) => {
      const place = ((event.clientX - frame.left) / frame.width) * WIDTH;
      setScore(now.mine, rounded(between(-1, (2 * (place - LEFT)) / (WIDTH - LEFT - RIGHT) - 1, 1) * reach));
    };
    draggable(svg, {
      begin: (event) => { frame = svg.getBoundingClientRect(); held = true; follow(event); },
      follow,
      end: () => { held = false; draw(); },
    });

    load();
    return listen(["logits", "truth", "names"], load);
  },
};
