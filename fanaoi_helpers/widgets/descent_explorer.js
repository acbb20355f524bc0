const WIDTH = 614, HEIGHT = 334, LEFT = 44, TOP = 8, ACROSS = 560, DOWN = 280; // the picture: 2 to 1, as the surfaces are
const CHART = { width: 330, height: 334, left: 52, right: 10, top: 30, bottom: 46 };
const MOST_STEPS = 200, PLAY_EVERY = 120; // ms
const BANDS = 12, LEAST_LOSS = 1e-12, MOST_LOSS = 1e12;
const RUN_AWAY = 1e6; // times the loss at the start
const BETA1 = 0.9, BETA2 = 0.999, ADAM_EPSILON = 1e-7; // of Adam, as in byhand and Keras

// The same formulas as in descent_explorer.py; a test compares them. `places`: where the gradient is 0.
const SURFACES = {
  parabola: { loss: ([w]) => (2 * w - 6) * (2 * w - 6), gradient: ([w]) => [4 * (2 * w - 6)], formula: "(2 · gain − 6)²",
    names: ["gain"], low: [-1], high: [7], start: [0.5], places: [[[3], "the minimum"]] },
  valley: { loss: ([a, b]) => a * a + 10 * b * b, gradient: ([a, b]) => [2 * a, 20 * b], formula: "a² + 10 b²",
    names: ["a", "b"], low: [-10, -4], high: [6, 4], start: [-8, 2.5], places: [[[0, 0], "the minimum"]] },
  bowl: { loss: ([a, b]) => a * a + b * b, gradient: ([a, b]) => [2 * a, 2 * b], formula: "a² + b²",
    names: ["a", "b"], low: [-8, -4], high: [8, 4], start: [-6, 3], places: [[[0, 0], "the minimum"]] },
  saddle: { loss: ([a, b]) => a * a + ((b * b - 4) * (b * b - 4)) / 8, gradient: ([a, b]) => [2 * a, (b * (b * b - 4)) / 2], formula: "a² + (b² − 4)² / 8",
    names: ["a", "b"], low: [-6, -3], high: [6, 3], start: [-4, 0.01],
    places: [[[0, 0], "the saddle: the gradient is nearly 0, but this is no minimum"], [[0, 2], "one of the two minima"], [[0, -2], "one of the two minima"]] },
  "two minima": { loss: ([a, b]) => ((a + 3) * (a + 3) * ((a - 3) * (a - 3) + 1)) / 20 + b * b, gradient: ([a, b]) => [((a + 3) * (2 * a * a - 6 * a + 1)) / 10, 2 * b],
    formula: "(a + 3)² ((a − 3)² + 1) / 20 + b²", names: ["a", "b"], low: [-6, -3], high: [6, 3], start: [5, 2],
    places: [[[-3, 0], "the deep minimum"], [[(6 + Math.sqrt(28)) / 4, 0], "the shallow minimum; a deeper one lies to the left"], [[(6 - Math.sqrt(28)) / 4, 0], "the pass between the minima"]] },
};

/** Return the points of byhand.sgd or byhand.adam, the start first. */
function walked({ gradient }, { optimizer, rate, momentum, start, step }) {
  const path = [start], keeps = optimizer === "momentum" ? momentum : 0;
  let velocity = start.map(() => 0), mean = velocity, square = velocity;
  for (let t = 1; t <= step; t += 1) {
    const point = path[t - 1], g = gradient(point);
    if (optimizer === "Adam") {
      mean = mean.map((one, n) => BETA1 * one + (1 - BETA1) * g[n]);
      square = square.map((one, n) => BETA2 * one + (1 - BETA2) * g[n] * g[n]);
      const c = Math.sqrt(1 - BETA2 ** t) / (1 - BETA1 ** t);
      path.push(point.map((one, n) => one - (rate * c * mean[n]) / (Math.sqrt(square[n]) + ADAM_EPSILON)));
    } else {
      velocity = velocity.map((one, n) => keeps * one - rate * g[n]);
      path.push(point.map((one, n) => one + velocity[n]));
    }
  }
  return path;
}

const between = (low, x, high) => Math.min(high, Math.max(low, x));
const size = (vector) => Math.hypot(...vector);
const apart = (one, other) => size(one.map((x, n) => x - other[n]));

/** Say in a sentence how it goes; {words, bad, ended}. */
function judged(surface, path, losses) {
  const step = path.length - 1, loss = losses[step], span = surface.high[0] - surface.low[0];
  const outside = (point) => !point.every((x, n) => x >= surface.low[n] && x <= surface.high[n]); // NaN is outside, too
  const left = path.findIndex(outside), grown = loss / losses[0];
  if (!Number.isFinite(loss)) return { words: `Diverged: by step ${losses.findIndex((one) => !Number.isFinite(one))} the numbers are too large for the computer. Try a smaller learning rate.`, bad: true, ended: true };
  if (outside(path[step]) && grown > 1) return { words: `Diverging: step ${left} left the picture, and the loss is ${shortly(grown, 2)} times that at the start. Try a smaller learning rate.`, bad: true, ended: grown > RUN_AWAY };
  if (outside(path[step])) return { words: "The ball is outside the picture just now." };
  const last = step ? apart(path[step], path[step - 1]) : 0;
  const place = surface.places.find(([point]) => apart(point, path[step]) < 0.004 * span);
  if (step && place && last < 0.001 * span) return { words: `At rest, or nearly, at ${place[1]}.`, ended: last < 1e-6 };
  if (step && loss > losses[step - 1]) return { words: "This step went up.", bad: false };
  return { words: "" };
}

/** Paint bands of equal ratios of the loss, light where it is low. */
function paintBands(canvas, { loss, low, high }) {
  const columns = 840, rows = 420, heights = new Float64Array(columns * rows);
  let most = 0;
  for (let at = 0; at < heights.length; at += 1) {
    const part = [((at % columns) + 0.5) / columns, 1 - (Math.floor(at / columns) + 0.5) / rows];
    heights[at] = loss(part.map((one, n) => low[n] + one * (high[n] - low[n])));
    most = Math.max(most, heights[at]);
  }
  const colors = Array.from({ length: BANDS + 1 }, (_, band) => [250, 252, 238].map((light, n) => Math.round(light + (band / BANDS) * ([84, 150, 156][n] - light))));
  paint(canvas, rows, columns, (row, column) => {
    const share = Math.log(heights[row * columns + column] / most) / Math.log(3000); // −1 to 0, as in the still picture
    return colors[between(0, Math.ceil((share + 1) * BANDS), BANDS)];
  });
}

export default {
  render({ model, el }) {
    const { root, say } = begin(el, "descent-explorer", "Descent explorer");
    const { tell, listen } = connect(model);
    let state = {}, surface = null, path = [], verdict = {}, playing = null;

    // --- controls ------------------------------------------------------------------------------------------------
    const controls = {
      surface: menu("loss", { choices: Object.keys(SURFACES), value: "valley", onInput: (name) => { pause(); put({ surface: name, start: SURFACES[name].start, step: 0 }); } }),
      optimizer: menu("optimizer", { choices: ["SGD", "momentum", "Adam"], value: "SGD", onInput: (optimizer) => put({ optimizer }) }),
      rate: slider("learning rate", { min: -4, max: 1, step: 0.01, value: -1, text: (power) => shortly(Number((10 ** power).toPrecision(3))), onInput: (power) => put({ rate: Number((10 ** power).toPrecision(3)) }) }),
      momentum: slider("momentum", { min: 0, max: 0.99, step: 0.01, value: 0.9, text: (x) => x.toFixed(2), onInput: (momentum) => put({ momentum }) }),
      step: slider("step", { min: 0, max: MOST_STEPS, step: 1, value: 0, text: String, onInput: (step) => { pause(); put({ step }); } }),
    };
    for (const [name, { input }] of Object.entries(controls)) input.setAttribute("data-role", name);
    const go = (step) => { pause(); put({ step: between(0, step, MOST_STEPS) }); };
    const press = button("▶ Play", () => (playing ? pause() : play()), { label: "play" });
    press.classList.add("fanaoi-descent-play");
    const back = button("◀ Back", () => go(state.step - 1), { label: "one step back" });
    const next = button("Step ▶", () => go(state.step + 1), { label: "one step" });
    const reset = button("Reset", () => go(0), { label: "reset to the start" });
    const box = (...parts) => make("div", { class: "fanaoi-controls" }, ...parts);
    root.append(box(controls.surface.box, controls.optimizer.box, controls.rate.box, controls.momentum.box), box(make("div", { class: "fanaoi-descent-buttons" }, press, back, next, reset), controls.step.box));

    // --- picture: bands on a canvas, all that moves above it ---------------------------------------------------------
    const clip = `fanaoi-clip-${(counted += 1)}`;
    const canvas = make("canvas", { "aria-hidden": "true" }), axes = make("g");
    const stroke = (color, width, more = {}) => make("path", { fill: "none", stroke: color, "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round", ...more });
    const curve = stroke("var(--ink)", 2), slope = stroke("var(--mark)", 3);
    const halo = stroke("var(--halo)", 5), line = stroke("var(--path)", 1.8, { "data-role": "path" });
    const dotsHalo = stroke("var(--halo)", 9), dots = stroke("var(--path)", 6);
    const square = make("rect", { x: -7, y: -7, width: 14, height: 14, fill: "var(--halo)", stroke: "var(--path)", "stroke-width": 2, "data-role": "start" });
    const ball = make("circle", { r: 10, fill: "var(--mark)", stroke: "var(--path)", "stroke-width": 2, "data-role": "ball" });
    const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, tabindex: 0, role: "application", "data-role": "picture" },
      make("defs", {}, make("clipPath", { id: clip }, make("rect", { x: LEFT, y: TOP, width: ACROSS, height: DOWN }))),
      axes, make("g", { "clip-path": `url(#${clip})` }, curve, slope, halo, line, dotsHalo, dots, square, ball));
    const plot = make("div", { class: "fanaoi-descent-plot" }, canvas, svg);

    // --- the loss at each step, and the numbers -----------------------------------------------------------------------
    const chartTicks = make("g"), lossLine = stroke("var(--ink)", 2), lossPoint = make("circle", { r: 6, fill: "var(--mark)", stroke: "var(--ink)" });
    const chart = make("svg", { class: "fanaoi-descent-chart", viewBox: `0 0 ${CHART.width} ${CHART.height}`, role: "img", "aria-label": "the loss at each step" },
      make("text", { x: CHART.left, y: 16, "font-weight": 600 }, "loss at each step"), chartTicks, lossLine, lossPoint,
      make("text", { x: (CHART.left + CHART.width) / 2, y: CHART.height - 6, "text-anchor": "middle" }, "step"));
    const said = Object.fromEntries(["point", "loss", "gradient"].map((name) => [name, make("span", { "data-role": name })]));
    const numbers = { point: [], gradient: [] }, names = { point: make("b"), loss: make("b", {}, "loss"), gradient: make("b", {}, "gradient") };
    const sentence = make("p", { "data-role": "sentence" });
    root.append(make("div", { class: "fanaoi-row" }, plot, chart,
      make("div", { class: "fanaoi-descent-said" }, make("div", { class: "fanaoi-descent-numbers" }, ...["point", "loss", "gradient"].map((name) => make("div", {}, names[name], said[name]))), sentence,
        make("p", { class: "fanaoi-note" }, "Drag the ball: a new descent begins there. Drag the square, its start: the whole path follows. Space plays."))));

    // --- places ------------------------------------------------------------------------------------------------------
    const across = (value) => LEFT + ((value - surface.low[0]) / (surface.high[0] - surface.low[0])) * ACROSS;
    const bottom = () => (surface.names.length > 1 ? surface.low[1] : -0.08 * surface.most), top = () => (surface.names.length > 1 ? surface.high[1] : 1.06 * surface.most);
    const down = (value) => TOP + DOWN - ((value - bottom()) / (top() - bottom())) * DOWN;
    // Far outside is far enough: SVG need not draw 1e300.
    const placed = (point) => [across(point[0]), down(surface.names.length > 1 ? point[1] : surface.loss(point))].map((one) => between(-5000, one, 5000));

    function drawSurface() {
      const { low, high, names: weights, formula } = surface, flat = weights.length === 1;
      plot.classList.toggle("curve", flat);
      canvas.hidden = flat;
      axes.replaceChildren(make("rect", { x: LEFT, y: TOP, width: ACROSS, height: DOWN, fill: "none", stroke: "var(--line)" }));
      const text = (x, y, words, anchor) => axes.append(make("text", { x, y, "text-anchor": anchor }, words));
      if (flat) {
        surface.most = Math.max(surface.loss(low), surface.loss(high));
        const some = Array.from({ length: 141 }, (_, n) => placed([low[0] + (n / 140) * (high[0] - low[0])]).map((one) => one.toFixed(1)).join(" "));
        curve.setAttribute("d", `M${some.join("L")}`);
        for (const part of [0, 0.5, 1]) text(LEFT - 6, down(part * surface.most) + 5, shortly(part * surface.most, 3), "end");
      } else {
        curve.setAttribute("d", "");
        paintBands(canvas, surface);
        for (let at = 2 * Math.ceil(low[1] / 2); at < high[1]; at += 2) text(LEFT - 6, down(at) + 5, shortly(at), "end");
        text(LEFT - 6, down(high[1]) + 12, weights[1], "end");
      }
      for (let at = Math.ceil(low[0]); at < high[0]; at += flat ? 1 : 2) text(across(at), TOP + DOWN + 18, shortly(at), "middle");
      text(LEFT + ACROSS, TOP + DOWN + 18, weights[0], "end");
      text(LEFT + ACROSS / 2, HEIGHT - 6, `loss ${formula}${flat ? "" : "; light is low"}`, "middle");
      names.point.textContent = weights.join(", ");
      for (const [name, list] of Object.entries(numbers)) {
        list.splice(0, list.length, ...weights.map((_, n) => make("span", { "data-role": `${name}-${n}` })));
        said[name].replaceChildren(...list.flatMap((one, n) => (n ? [", ", one] : [one])));
      }
      svg.setAttribute("aria-label", `descent on the ${state.surface}: arrows move its start, Page Up takes a step, Page Down goes one back`);
    }

    let ticked = ""; // what the axes of the chart show by now
    function drawChart(losses) {
      const step = losses.length - 1, steps = [20, 50, 100, 200].find((one) => one >= step);
      const logs = losses.map((one) => Math.log10(between(LEAST_LOSS, Number.isNaN(one) ? MOST_LOSS : one, MOST_LOSS)));
      const low = Math.floor(Math.min(-1, ...logs)), high = Math.max(low + 1, Math.ceil(Math.max(1, ...logs)));
      const x = (at) => CHART.left + (at / steps) * (CHART.width - CHART.left - CHART.right);
      const y = (log) => CHART.height - CHART.bottom - ((log - low) / (high - low)) * (CHART.height - CHART.top - CHART.bottom);
      if (ticked !== `${steps} ${low} ${high}`) {
        ticked = `${steps} ${low} ${high}`;
        const parts = [], every = Math.ceil((high - low) / 7);
        for (let log = low; log <= high; log += every)
          parts.push(make("line", { x1: CHART.left, x2: CHART.width - CHART.right, y1: y(log), y2: y(log), stroke: "var(--line)" }),
            make("text", { x: CHART.left - 6, y: y(log) + 5, "text-anchor": "end" }, Math.abs(log) < 4 ? shortly(10 ** log) : `1e${shortly(log)}`));
        for (const at of [0, steps / 2, steps]) parts.push(make("text", { x: x(at), y: CHART.height - CHART.bottom + 18, "text-anchor": at === steps ? "end" : "middle" }, String(at)));
        chartTicks.replaceChildren(...parts);
      }
      lossLine.setAttribute("d", `M${logs.map((log, at) => `${x(at).toFixed(1)} ${y(log).toFixed(1)}`).join("L")}`);
      change(lossPoint, { cx: x(step), cy: y(logs[step]) });
    }

    function draw() {
      path = walked(surface, state);
      const losses = path.map(surface.loss), { step } = state, point = path[step], gradient = surface.gradient(point);
      // Nothing can be drawn from where the numbers end.
      const end = path.findIndex((one) => !one.every(Number.isFinite)), drawn = (end < 0 ? path : path.slice(0, end)).map(placed);
      const d = `M${drawn.map((one) => `${one[0].toFixed(1)} ${one[1].toFixed(1)}`).join("L")}`;
      const spots = drawn.slice(0, end < 0 ? -1 : undefined).map((one) => `M${one[0].toFixed(1)} ${one[1].toFixed(1)}h0`).join("");
      for (const one of [halo, line]) one.setAttribute("d", d);
      for (const one of [dotsHalo, dots]) one.setAttribute("d", spots);
      const at = drawn[drawn.length - 1];
      ball.setAttribute("transform", `translate(${at[0]} ${at[1]})`);
      square.setAttribute("transform", `translate(${drawn[0][0]} ${drawn[0][1]})`);
      let tangent = "";
      if (surface.names.length === 1 && end < 0) {
        const [right, up] = [across(1) - across(0), (down(0) - down(1)) * gradient[0]], part = 60 / Math.hypot(right, up);
        tangent = `M${at[0] - part * right} ${at[1] + part * up}L${at[0] + part * right} ${at[1] - part * up}`;
      }
      slope.setAttribute("d", tangent);
      numbers.point.forEach((one, n) => change(one, { textContent: shortly(point[n], 4), "data-value": point[n] }));
      numbers.gradient.forEach((one, n) => change(one, { textContent: shortly(gradient[n], 4), "data-value": gradient[n] }));
      change(said.loss, { textContent: shortly(losses[step], 4), "data-value": losses[step] });
      verdict = judged(surface, path, losses);
      sentence.textContent = verdict.words;
      sentence.className = verdict.bad ? "fanaoi-trouble" : "";
      svg.setAttribute("data-value", [state.surface, state.optimizer, state.rate, state.momentum, step, ...state.start].join(" "));
      back.disabled = reset.disabled = step === 0;
      next.disabled = step === MOST_STEPS;
      drawChart(losses);
      say(`step ${step}, loss ${shortly(losses[step], 3)}. ${verdict.words}`);
    }

    function load() {
      const before = state.surface;
      for (const name of ["surface", "optimizer", "rate", "momentum", "step"]) state[name] = model.get(name);
      surface = SURFACES[state.surface];
      const start = Array.from(arrayOf(model, "start").data);
      // When Python changes the surface, its start comes a message later.
      state.start = start.length === surface.names.length ? start : surface.start;
      controls.surface.show(state.surface);
      controls.optimizer.show(state.optimizer);
      controls.rate.show(Math.log10(state.rate), shortly(state.rate));
      controls.momentum.show(state.momentum);
      controls.momentum.input.disabled = state.optimizer !== "momentum";
      controls.step.show(state.step);
      if (before !== state.surface) drawSurface();
      draw();
    }

    function put(changes) {
      const sent = { ...changes };
      if (sent.start) sent.start = packed([sent.start.length], sent.start);
      tell(sent);
      load();
    }

    // --- play ----------------------------------------------------------------------------------------------------------
    function play() {
      if (state.step === MOST_STEPS || verdict.ended) put({ step: 0 });
      const one = () => {
        put({ step: state.step + 1 });
        playing = state.step === MOST_STEPS || verdict.ended ? null : setTimeout(one, PLAY_EVERY);
        if (!playing) pause();
      };
      playing = setTimeout(one, PLAY_EVERY);
      press.textContent = "❚❚ Pause";
      press.setAttribute("aria-label", "pause");
    }
    function pause() {
      clearTimeout(playing);
      playing = null;
      press.textContent = "▶ Play";
      press.setAttribute("aria-label", "play");
    }

    // --- mouse: the ball begins anew, the square takes its path along ----------------------------------------------------
    let frame = null;
    const follow = (event, changes = {}) => {
      const at = [((event.clientX - frame.left) / frame.width) * WIDTH, ((event.clientY - frame.top) / frame.height) * HEIGHT];
      const part = [(at[0] - LEFT) / ACROSS, 1 - (at[1] - TOP) / DOWN];
      const start = surface.low.map((low, n) => Number((low + between(0, part[n], 1) * (surface.high[n] - low)).toFixed(3)));
      put({ start, ...changes });
      return at;
    };
    const begins = (event) => {
      frame = svg.getBoundingClientRect();
      svg.focus({ preventScroll: true });
      pause();
      const at = [((event.clientX - frame.left) / frame.width) * WIDTH, ((event.clientY - frame.top) / frame.height) * HEIGHT];
      const near = (place) => apart(place, at) < 15;
      const onSquare = near(placed(path[0])) && !near(placed(path[path.length - 1]));
      follow(event, onSquare ? {} : { step: 0 });
    };
    draggable(svg, { begin: begins, follow });

    // --- keys ---------------------------------------------------------------------------------------------------------------
    const taken = (event) => { event.preventDefault(); event.stopPropagation(); };
    svg.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      const step = { PageUp: state.step + 1, PageDown: state.step - 1, Home: 0, End: MOST_STEPS }[event.key];
      if (!move && step === undefined) return;
      taken(event);
      if (step !== undefined) return go(step);
      pause();
      put({ start: state.start.map((one, n) => Number(between(surface.low[n], one + (move[n] * (surface.high[0] - surface.low[0])) / 160, surface.high[n]).toFixed(6))) });
    });
    root.addEventListener("keydown", (event) => {
      if (event.key !== " " || ["BUTTON", "SELECT"].includes(event.target.tagName)) return; // their own Space
      taken(event);
      if (playing) pause(); else play();
    });

    load();
    const end = listen(["surface", "optimizer", "rate", "momentum", "start", "step"], load);
    return () => { pause(); end(); };
  },
};
