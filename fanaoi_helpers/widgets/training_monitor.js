const WIDTH = 300, HEIGHT = 200, LEFT = 46, RIGHT = 10, TOP = 10, BOTTOM = 38;
const TRAINING = "var(--ink)", VALIDATION = "#009e73"; // as in figures.training
const NAMES = ["state", "run", "epochs", "first", "steps", "step", "seconds", "left", "batch_at", "batch_loss", "batch_accuracy", "loss", "accuracy", "val_loss", "val_accuracy"];
const BUSY = ["training", "stopping"];

const clock = (seconds) => { const s = Math.round(seconds); return s < 100 ? `${s} s` : `${Math.floor(s / 60)} min ${s % 60} s`; };

/** Return round numbers from `low` to `high`, about `count` of them. */
function ticks(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const found = [];
  for (let n = Math.ceil(low / step); n * step <= high * (1 + 1e-9); n += 1) found.push(Number((n * step).toPrecision(6)));
  return found;
}

/** A number beside an axis: there is room for five letters. */
const onAxis = (tick) => (tick < 1e4 ? String(tick) : tick.toExponential().replace("+", ""));

/** A chart with its three curves: {svg, draw}. */
function chart(name) {
  const grid = make("g"), batches = make("polyline", { fill: "none", stroke: TRAINING, "stroke-width": 1, opacity: 0.4 });
  const trained = make("g", { "data-role": name }), checked = make("g", { "data-role": `val_${name}` });
  const best = make("line", { y1: TOP, y2: HEIGHT - BOTTOM, stroke: "var(--ink)", "stroke-dasharray": "2 4", "stroke-width": 1.5 });
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", style: "display: block; width: 100%" }, grid, best, batches, trained, checked);

  function draw({ first, epochs, at, batch, values, validation, kept }) {
    const end = Math.max(epochs, first + values.length, 1);
    const seen = [...values, ...validation];
    // The first batches of a training may be far off: they are clipped, unless there is nothing else.
    const most = name === "accuracy" ? 1 : Math.max(0.1, ...(seen.length ? seen.map((one) => 1.15 * one) : batch));
    const least = name === "accuracy" ? Math.min(0.5, Math.floor(10 * Math.min(1, ...seen, ...batch)) / 10) : 0;
    const x = (epoch) => LEFT + ((epoch - first) / Math.max(1e-9, end - first)) * (WIDTH - LEFT - RIGHT);
    const y = (value) => HEIGHT - BOTTOM - ((Math.min(most, Math.max(least, value)) - least) / (most - least)) * (HEIGHT - TOP - BOTTOM);
    const marks = [];
    for (const tick of ticks(least, most, 4)) marks.push(
      make("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick), stroke: "var(--line)" }),
      make("text", { x: LEFT - 6, y: y(tick) + 5, "text-anchor": "end" }, onAxis(tick)));
    for (const tick of ticks(first, end, 6).filter(Number.isInteger)) marks.push(
      make("text", { x: Math.min(x(tick), WIDTH - 5 * String(tick).length), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, String(tick)));
    marks.push(make("text", { x: (LEFT + WIDTH) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, "epoch"));
    grid.replaceChildren(...marks);
    change(batches, { points: Array.from(batch, (value, n) => `${x(at[n])},${y(value)}`).join(" ") });
    const place = (n) => x(first + n + 1);
    const line = (curve, color, dashes, mark) => [
      make("polyline", { fill: "none", stroke: color, "stroke-width": 2, "stroke-dasharray": dashes, points: Array.from(curve, (value, n) => `${place(n)},${y(value)}`).join(" ") }),
      ...Array.from(curve, (value, n) => change(mark(place(n), y(value)), { fill: color, "data-epoch": first + n + 1, "data-value": value }))];
    trained.replaceChildren(...line(values, TRAINING, null, (cx, cy) => make("circle", { cx, cy, r: 3.5 })));
    checked.replaceChildren(...line(validation, VALIDATION, "7 4", (cx, cy) => make("rect", { x: cx - 3.5, y: cy - 3.5, width: 7, height: 7 })));
    change(best, { visibility: kept === null ? "hidden" : "visible", x1: x(kept ?? first), x2: x(kept ?? first) });
    const last = (curve) => (curve.length ? shortly(curve[curve.length - 1], 3) : "none yet");
    svg.setAttribute("aria-label", `${name} by epoch: training ${last(values)}, validation ${last(validation)}`);
  }
  return { svg, draw };
}

export default {
  render({ model, el }) {
    const { root, say } = begin(el, "training-monitor", "Training monitor");
    const charts = { loss: chart("loss"), accuracy: chart("accuracy") };
    const stop = button("■ Stop", () => {
      // A message of its own: what changes a trait waits its turn behind others.
      model.send({ stop: model.get("run") });
      asked = model.get("run");
      draw();
    }, { label: "stop the training after this batch" });
    stop.setAttribute("data-role", "stop");
    // A click is enough, but a key must not run the cell as well.
    stop.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") event.stopPropagation(); });
    const told = make("span", { "data-role": "told" }), bar = make("progress", { max: 1, value: 0, "aria-label": "progress", style: "width: 160px" });
    const key = (mark, words) => make("span", { class: "fanaoi-control" }, make("svg", { width: 30, height: 14, "aria-hidden": "true" }, ...mark), words);
    const legend = make("div", { class: "fanaoi-controls" },
      key([make("line", { x1: 0, x2: 30, y1: 7, y2: 7, stroke: TRAINING, opacity: 0.4 })], "training, so far in the epoch"),
      key([make("line", { x1: 0, x2: 30, y1: 7, y2: 7, stroke: TRAINING, "stroke-width": 2 }), make("circle", { cx: 15, cy: 7, r: 3.5, fill: TRAINING })], "training"),
      key([make("line", { x1: 0, x2: 30, y1: 7, y2: 7, stroke: VALIDATION, "stroke-width": 2, "stroke-dasharray": "7 4" }), make("rect", { x: 11.5, y: 3.5, width: 7, height: 7, fill: VALIDATION })], "validation"),
      key([make("line", { x1: 15, x2: 15, y1: 0, y2: 14, stroke: "var(--ink)", "stroke-dasharray": "2 4", "stroke-width": 1.5 })], "best on validation"));
    const boxes = Object.entries(charts).map(([name, { svg }]) => make("div", { style: "flex: 1 1 280px; max-width: 400px" }, make("p", { class: "fanaoi-title" }, name[0].toUpperCase() + name.slice(1)), svg));
    root.append(make("div", { class: "fanaoi-controls" }, stop, bar, told), make("div", { class: "fanaoi-row" }, ...boxes), legend);

    let asked = null, spoken = "", waiting = null;

    function words(done) {
      const state = model.get("state"), epochs = model.get("epochs"), first = model.get("first"), steps = model.get("steps");
      const of = epochs ? ` of ${epochs}` : "", spent = clock(model.get("seconds"));
      const ask = asked === model.get("run") && BUSY.includes(state);
      if (state === "waiting") return "waiting for the training to begin";
      if (ask || state === "stopping") return "stopping: this epoch is checked on the validation photographs, then it ends";
      if (state === "training") {
        const batch = steps ? `, batch ${model.get("step")} of ${steps}` : "", left = model.get("left");
        return `epoch ${Math.min(first + done + 1, epochs || Infinity)}${of}${batch}; ${left >= 0 ? `${clock(left)} left` : "time left unknown yet"}`;
      }
      return `${{ done: "done", stopped: "stopped", interrupted: "ended by an error or an interrupt" }[state]}: ${first + done}${of} epochs, ${spent}`;
    }

    function draw() {
      waiting = null;
      const array = (name) => arrayOf(model, name).data, state = model.get("state");
      const loss = array("loss"), checked = array("val_loss"), epochs = model.get("epochs"), first = model.get("first");
      const kept = checked.length ? first + checked.indexOf(Math.min(...checked)) + 1 : null;
      const shared = { first, epochs, at: array("batch_at"), kept };
      charts.loss.draw({ ...shared, batch: array("batch_loss"), values: loss, validation: checked });
      charts.accuracy.draw({ ...shared, batch: array("batch_accuracy"), values: array("accuracy"), validation: array("val_accuracy") });
      boxes[1].style.display = state === "waiting" || array("accuracy").length || array("batch_accuracy").length ? "" : "none";
      stop.disabled = !BUSY.includes(state) || asked === model.get("run");
      const part = model.get("steps") ? model.get("step") / model.get("steps") : 0;
      bar.value = epochs > first ? Math.min(1, (loss.length + part) / (epochs - first)) : 0;
      told.textContent = words(loss.length);
      change(root, { "data-state": state, "data-epochs": first + loss.length });
      const speech = `${state} ${loss.length}`;
      if (speech !== spoken) say(`${told.textContent}${loss.length ? `; loss ${shortly(loss[loss.length - 1], 3)}` : ""}${checked.length ? `, on validation ${shortly(checked[checked.length - 1], 3)}` : ""}`);
      spoken = speech;
    }

    draw();
    // One message changes many traits: one drawing is enough for all of them.
    const end = connect(model).listen(NAMES, () => { waiting ??= requestAnimationFrame(draw); });
    return () => { end(); cancelAnimationFrame(waiting); };
  },
};
