const LONGEST = 6; // the longest kernel, window and stride
const SHORTEST_STEP = 120, LONGEST_STEP = 700; // ms from one output to the next while it plays

const most = (values) => values.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);

/** Whether an input looks like a photograph's pixels, 0 to 255; a number typed into it makes it no other thing. */
function asPixels(values) {
  const fitting = values.filter((value) => value >= 0 && value <= 255);
  return fitting.length >= 0.9 * values.length && most(fitting) > 100;
}

/** What follows from the state: sizes and zeros, `out` of all outputs; `why` where there is none. */
function worked({ x, kernel, stride, padding, operation, window }) {
  const pools = operation !== "convolution", sizes = pools ? [window, window] : kernel.shape;
  const sides = [0, 1].map((axis) => paddingSides(x.shape[axis], sizes[axis], stride, pools ? "valid" : padding));
  const shape = [0, 1].map((axis) => windowsOn(x.shape[axis], sizes[axis], stride, sides[axis]));
  const [height, width] = x.shape, [kh, kw] = sizes, top = sides[0][0], left = sides[1][0];
  const at = (row, column) => (row < 0 || column < 0 || row >= height || column >= width ? 0 : x.data[row * width + column]);
  /** The numbers in the window of an output, row by row. */
  const seen = (row, column) => Array.from({ length: kh }, (_, u) =>
    Array.from({ length: kw }, (_, v) => at(row * stride - top + u, column * stride - left + v)));
  const result = (row, column) => {
    const rows = seen(row, column), all = rows.flat();
    if (operation === "max pooling") return Math.max(...all);
    if (operation === "average pooling") return all.reduce((sum, value) => sum + value, 0) / all.length;
    return all.reduce((sum, value, place) => sum + value * kernel.data[place], 0);
  };
  const made = { pools, sizes, sides, shape, seen, out: null, why: "" };
  const short = shape.indexOf(0);
  if (short >= 0) {
    const room = x.shape[short] + sides[short][0] + sides[short][1];
    made.why = pools ? `The window is ${window} long, but the input is only ${room}: take a smaller window.`
      : `The kernel is ${sizes[short]} long, but the input with its padding is only ${room}: take a smaller kernel or more padding.`;
    return made;
  }
  made.out = Float64Array.from({ length: shape[0] * shape[1] }, (_, place) => result(Math.floor(place / shape[1]), place % shape[1]));
  return made;
}

export default {
  render({ model, el }) {
    const { root, say } = begin(el, "convolution-stepper", "Convolution stepper");
    const { tell, listen } = connect(model);
    let x, kernel, made, built = "", busy = false, timer = null, met = null;
    const settings = ["stride", "padding", "operation", "window"];

    function put(state, drawing = draw) {
      tell(state);
      drawing();
    }
    const place = () => [Math.min(model.get("row"), made.shape[0] - 1), Math.min(model.get("column"), made.shape[1] - 1)];
    const changed = (name, array, row, column, value) => {
      array.data[row * array.shape[1] + column] = value;
      put({ [name]: packed(array.shape, array.data) });
    };

    const input = numberGrid("input", { look: showFed, edit: (row, column, value) => changed("x", x, row, column, value) });
    const weights = numberGrid("kernel", { look: showMet, edit: (row, column, value) => changed("kernel", kernel, row, column, value) });
    const output = numberGrid("output", { look: (row, column) => { if (made.out && !busy) put({ row, column }, look); } });

    // --- controls ---------------------------------------------------------------------------------------------
    const lengths = Array.from({ length: LONGEST }, (_, n) => n + 1), squares = lengths.map((n) => [n, `${n}×${n}`]);
    const play = button("▶ Play", () => (timer === null ? run() : pause()));
    const controls = {
      operation: menu("", { choices: ["convolution", "max pooling", "average pooling"], value: "convolution",
        onInput: (operation) => put({ operation, stride: operation === "convolution" ? 1 : model.get("window") }) }),
      size: menu("kernel", { choices: [...squares, ["other", ""]], value: 3, onInput: (size) => { if (size !== "other") resize(size); } }),
      window: menu("window", { choices: squares, value: 2, onInput: (window) => put({ window }) }),
      stride: menu("stride", { choices: lengths, value: 1, onInput: (stride) => put({ stride }) }),
      padding: menu("padding", { choices: ["valid", "same"], value: "valid", onInput: (padding) => put({ padding }) }),
    };
    controls.operation.input.setAttribute("aria-label", "operation");
    for (const [name, { input: field }] of Object.entries(controls)) field.dataset.role = name;
    const soFar = button("so far only", () => put({ so_far: !model.get("so_far") }, look), { label: "show the output so far only", pressed: false });
    const signs = ["×", "="].map((sign) => make("div", { class: "stepper-sign", "aria-hidden": "true" }, sign));
    const trouble = make("p", { class: "fanaoi-trouble", "data-role": "trouble", role: "alert" });
    const sum = make("div", { class: "stepper-sum", "data-role": "explanation" }), rule = make("p", { class: "fanaoi-note", "data-role": "rule" });
    root.append(
      make("div", { class: "fanaoi-controls" }, ...Object.values(controls).map(({ box }) => box)),
      make("div", { class: "fanaoi-controls" }, play, button("‹ Back", () => step(-1)), button("Step ›", () => step(1)), soFar),
      make("div", { class: "stepper-table" }, input.whole, signs[0], weights.whole, signs[1], output.whole, trouble), sum, rule,
      make("p", { class: "fanaoi-note" }, "Point at an output to see its sum, at an input to see where it goes; drag the window. "
        + "To change a number, click it and type."));

    /** A larger kernel gets zeros around the old one, a smaller one is cut out of its middle. */
    function resize(size) {
      const [rows, columns] = kernel.shape, down = Math.trunc((size - rows) / 2), right = Math.trunc((size - columns) / 2);
      const data = new Float64Array(size * size);
      for (let row = 0; row < size; row += 1)
        for (let column = 0; column < size; column += 1) {
          const [from, beside] = [row - down, column - right];
          if (from >= 0 && beside >= 0 && from < rows && beside < columns) data[row * size + column] = kernel.data[from * columns + beside];
        }
      put({ kernel: packed([size, size], data) });
    }

    // --- drawing: everything, or only where one looks -----------------------------------------------------------
    function draw() {
      if (busy) return;
      x = arrayOf(model, "x");
      kernel = arrayOf(model, "kernel");
      const state = Object.fromEntries(settings.map((name) => [name, model.get(name)]));
      made = worked({ x, kernel, ...state });
      const { pools, sizes, sides, shape, out } = made;
      const key = JSON.stringify([x.shape, kernel.shape, pools, sizes, sides, shape, state.stride]);
      if (key !== built) {
        built = key;
        busy = true; // a grid that gets its focus back looks at nothing before all three are there
        input.build(...x.shape, sides);
        weights.build(...kernel.shape);
        output.build(...(out ? shape : [0, 0]));
        busy = false;
        const reached = (place, axis) => lengths.length && Array.from({ length: shape[axis] }, (_, n) => n * state.stride - sides[axis][0])
          .some((first) => first <= place && place < first + sizes[axis]);
        input.cells().forEach((cell) => cell.classList.toggle("stepper-unseen",
          Boolean(out) && !(reached(Number(cell.dataset.row), 0) && reached(Number(cell.dataset.column), 1))));
        const by = (grid, name, [rows, columns]) => { grid.title.textContent = `${name}, ${rows}×${columns}`; grid.box.setAttribute("aria-label", `${name}, ${rows} by ${columns}`); };
        by(input, "input", x.shape);
        by(weights, "kernel", kernel.shape);
        by(output, "output", shape);
        if (sides.flat().some(Boolean)) input.title.textContent += " and zeros";
        weights.whole.hidden = signs[0].hidden = pools;
        signs[1].textContent = pools ? "→" : "=";
        output.whole.hidden = !out;
        sum.style.minHeight = `${22 * (Math.max(...sizes) + 2)}px`;
        rule.textContent = out ? rules(state.stride) : "";
      }
      const largest = [x.data, kernel.data, out ?? []].map((values) => most(values));
      const pixels = asPixels(x.data);
      // Twice the limit: half the range of colors, so that the numbers stay readable on the strongest.
      const signed = (limit) => (value) => signedColor(value, 2 * limit);
      input.show(x.data, pixels ? (value) => (value < 0 ? signed(largest[0])(value) : grayColor(value)) : signed(largest[0]), `${pixels} ${largest[0]}`);
      weights.show(kernel.data, signed(largest[1]), largest[1]);
      if (out) output.show(out, signed(largest[2]), largest[2]);
      trouble.textContent = made.why;
      if (made.why) { pause(); say(made.why); }
      for (const name of settings) controls[name].show(state[name]);
      const square = kernel.shape[0] === kernel.shape[1];
      controls.size.input.options[LONGEST].textContent = square ? "" : kernel.shape.join("×");
      controls.size.input.options[LONGEST].hidden = square;
      controls.size.show(square ? kernel.shape[0] : "other");
      controls.size.box.hidden = pools;
      controls.window.box.hidden = !pools;
      controls.padding.box.hidden = pools;
      look();
    }

    function rules(stride) {
      const one = (axis) => `⌊(${x.shape[axis]} + ${made.sides[axis][0] + made.sides[axis][1]} − ${made.sizes[axis]}) / ${stride}⌋ + 1 = ${made.shape[axis]}`;
      return one(0) === one(1) ? `rows and columns: ${one(0)}` : `rows: ${one(0)}; columns: ${one(1)}`;
    }

    /** Show the output looked at: its window, its sum. */
    function look() {
      if (busy || !made) return;
      clearMarks();
      soFar.setAttribute("aria-pressed", String(model.get("so_far")));
      if (!made.out) {
        input.enclose(null, null, [0, 0]);
        return write([]);
      }
      const [row, column] = place(), stride = model.get("stride"), reached = row * made.shape[1] + column;
      input.enclose(row * stride, column * stride, made.sizes);
      output.enclose(row, column, [1, 1]);
      output.rove(reached);
      const hides = model.get("so_far");
      output.cells().forEach((cell, at) => {
        const later = hides && at > reached;
        if (cell.classList.contains("stepper-later") !== later) cell.classList.toggle("stepper-later", later);
      });
      write(terms(row, column));
      say(`out ${row}, ${column} is ${inLine(made.out[reached])}`);
    }

    /** The sum of one output in lines: [text, role, value]. */
    function terms(row, column) {
      const rows = made.seen(row, column), total = made.out[row * made.shape[1] + column], name = `out[${row}, ${column}]`;
      const all = rows.flat();
      if (made.pools && model.get("operation") === "max pooling")
        return [[`${name} is the largest number of its window:`], [`max(${all.map(inLine).join(", ")}) = ${inLine(total)}`, "sum", total]];
      if (made.pools)
        return [[`${name} is the mean of its window:`], [`(${all.map(factor).join(" + ")}) / ${all.length} = ${inLine(total)}`, "sum", total]];
      const width = kernel.shape[1];
      const sums = rows.map((line, u) => line.reduce((sum, value, v) => sum + value * kernel.data[u * width + v], 0));
      const lines = rows.map((line, u) => [`${line.map((value, v) => `${factor(value)}·${factor(kernel.data[u * width + v])}`).join(" + ")} = ${inLine(sums[u])}`, "row-sum", sums[u]]);
      return [[`${name} is its window times the kernel, added up:`], ...lines, [`${sums.map(factor).join(" + ")} = ${inLine(total)}`, "sum", total]];
    }

    function write(lines) {
      while (sum.childElementCount > lines.length) sum.lastElementChild.remove();
      while (sum.childElementCount < lines.length) sum.append(make("p"));
      lines.forEach(([text, role = "line", value = ""], n) => {
        const line = sum.children[n];
        line.textContent = text;
        line.dataset.role = role;
        line.dataset.value = String(value);
        line.className = role === "row-sum" ? "" : "fanaoi-title";
      });
    }

    // --- an input or a kernel number looked at ---------------------------------------------------------------------
    let marked = [];
    const mark = (cells) => { marked = cells; for (const cell of cells) cell.classList.add("stepper-fed"); };
    function clearMarks() {
      for (const cell of marked) cell.classList.remove("stepper-fed");
      marked = [];
      met = null;
    }
    function showFed(row, column, hovered) {
      if (hovered && dropped) { dropped = false; return; }
      if (!made.out || busy) return;
      clearMarks();
      met = "input";
      output.enclose(null, null, [0, 0]);
      input.enclose(null, null, [0, 0]);
      const stride = model.get("stride"), [[top], [left]] = made.sides, [rows, columns] = made.shape, value = x.data[row * x.shape[1] + column];
      const fed = [], lines = [];
      for (let i = 0; i < rows; i += 1) {
        const u = row + top - i * stride, said = [];
        for (let j = 0; j < columns; j += 1) {
          const v = column + left - j * stride;
          if (u < 0 || v < 0 || u >= made.sizes[0] || v >= made.sizes[1]) continue;
          fed.push(output.cells()[i * columns + j]);
          const weight = kernel.data[u * kernel.shape[1] + v];
          said.push(made.pools ? `out[${i}, ${j}]` : `out[${i}, ${j}] by ${factor(value)}·${factor(weight)}`);
        }
        if (said.length) lines.push([said.join(", "), "row-sum"]);
      }
      mark([input.cells()[row * x.shape[1] + column], ...fed]);
      const head = fed.length ? `x[${row}, ${column}] = ${inLine(value)} feeds ${fed.length} output${fed.length > 1 ? "s" : ""}:`
        : `x[${row}, ${column}] = ${inLine(value)} is in no window: nothing of it comes out.`;
      write([[head, "fed", fed.length], ...lines]);
      say(head);
    }
    function showMet(row, column) {
      if (!made.out || busy) return;
      if (met) look();
      clearMarks();
      met = "kernel";
      const [i, j] = place(), stride = model.get("stride"), u = i * stride - made.sides[0][0] + row, v = j * stride - made.sides[1][0] + column;
      const inside = u >= 0 && v >= 0 && u < x.shape[0] && v < x.shape[1];
      mark([weights.cells()[row * kernel.shape[1] + column], ...(inside ? [input.cells()[u * x.shape[1] + v]] : [])]);
    }
    for (const grid of [input, weights]) {
      grid.box.addEventListener("pointerleave", () => { if (met) look(); });
      grid.box.addEventListener("focusout", (event) => { if (met && !grid.box.contains(event.relatedTarget)) look(); });
    }

    // --- dragging the window over the input --------------------------------------------------------------------------
    let held = null, dropped = false; // just dropped: the window stays in sight, though an input is under the pointer
    const under = (event) => { // the place under the pointer, among the zeros
      const box = input.box.getBoundingClientRect();
      return [(event.clientY - box.top) / HIGH, (event.clientX - box.left) / input.wide()];
    };
    draggable(input.box, {
      begin: (event) => {
        if (!made.out || event.target.closest("input")) return false;
        const [y, z] = under(event), [row, column] = place(), stride = model.get("stride");
        held = [y - row * stride, z - column * stride];
        if (!held.every((one, axis) => one >= 0 && one < made.sizes[axis])) held = made.sizes.map((size) => size / 2);
        dropped = false;
      },
      follow: (event) => {
        const there = under(event), stride = model.get("stride");
        const [row, column] = there.map((one, axis) => Math.min(made.shape[axis] - 1, Math.max(0, Math.round((one - held[axis]) / stride))));
        if (met || row !== model.get("row") || column !== model.get("column")) put({ row, column }, look);
      },
      end: (moved) => { dropped = moved; },
      after: 5,
    });

    // --- playing ------------------------------------------------------------------------------------------------------
    function step(by) {
      if (!made.out) return;
      const [row, column] = place(), to = row * made.shape[1] + column + by, count = made.out.length;
      const next = (to + count) % count;
      put({ row: Math.floor(next / made.shape[1]), column: next % made.shape[1] }, look);
    }
    function run() {
      if (!made.out) return;
      play.textContent = "⏸ Pause";
      play.setAttribute("aria-label", "Pause");
      if (atEnd()) step(1); // from the beginning
      const next = () => {
        if (atEnd()) return pause();
        step(1);
        timer = setTimeout(next, pace());
      };
      timer = setTimeout(next, pace());
    }
    const pace = () => Math.min(LONGEST_STEP, Math.max(SHORTEST_STEP, 15000 / made.out.length));
    const atEnd = () => { const [row, column] = place(); return row === made.shape[0] - 1 && column === made.shape[1] - 1; };
    function pause() {
      clearTimeout(timer);
      timer = null;
      play.textContent = "▶ Play";
      play.setAttribute("aria-label", "Play");
    }
    root.addEventListener("keydown", (event) => {
      if (event.key !== " " || event.target.closest("button, select, input")) return;
      event.preventDefault();
      event.stopPropagation();
      if (timer === null) run(); else pause();
    });

    draw();
    const ends = [listen(["x", "kernel", ...settings], draw), listen(["row", "column", "so_far"], look), () => clearTimeout(timer)];
    return () => ends.forEach((end) => end());
  },
};
