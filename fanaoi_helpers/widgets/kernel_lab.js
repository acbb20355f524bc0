const WIDEST = 320; // px of a picture in the figure: a smaller photograph is magnified by a whole number
const NAMES = ["red", "green", "blue"];
const STEPS = 512; // of the scale on each side of 0
const PER_STEP = 3; // px of a drag that change a number by one step

const parse = (text) => (text.trim() ? Number(text.trim().replace("−", "-").replace(",", ".")) : NaN);
const opaque = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0; // as a canvas keeps a pixel

/** The colors of a scale in 2·STEPS + 1 steps, made once: a picture then costs one lookup for each number. */
const SCALES = {
  signed: Uint32Array.from({ length: 2 * STEPS + 1 }, (_, n) => opaque(signedColor(n - STEPS, STEPS))),
  pixels: Uint32Array.from({ length: 2 * STEPS + 1 }, (_, n) => opaque(grayColor(n, 0, 2 * STEPS))),
};

/** Add up each channel's response, and the bias: one number for each window; the kernel is not flipped. */
function respond({ planes, height, width }, weights, k, bias, padding, old) {
  const [top, bottom] = paddingSides(height, k, 1, padding), [left, right] = paddingSides(width, k, 1, padding);
  const rows = windowsOn(height, k, 1, [top, bottom]), columns = windowsOn(width, k, 1, [left, right]);
  const out = old?.length === rows * columns ? old : new Float64Array(rows * columns);
  out.fill(bias);
  planes.forEach((plane, channel) => {
    for (let u = 0; u < k; u += 1)
      for (let v = 0; v < k; v += 1) {
        const weight = weights[(u * k + v) * planes.length + channel];
        if (weight === 0) continue;
        // The whole photograph, moved, times one weight; what would come from outside is 0 and left out.
        const firstRow = Math.max(0, top - u), lastRow = Math.min(rows, height + top - u);
        const first = Math.max(0, left - v), last = Math.min(columns, width + left - v);
        for (let row = firstRow; row < lastRow; row += 1) {
          const from = (row + u - top) * width + v - left, to = row * columns;
          for (let column = first; column < last; column += 1) out[to + column] += weight * plane[from + column];
        }
      }
  });
  return { out, rows, columns, top, left };
}

/** Paint numbers into a canvas; those from low to high run over the colors of a scale. */
function shade(canvas, rows, columns, numbers, low, high, scale) {
  if (canvas.width !== columns || canvas.height !== rows || !canvas.image) {
    canvas.width = columns;
    canvas.height = rows;
    canvas.image = canvas.getContext("2d").createImageData(columns, rows);
    canvas.words = new Uint32Array(canvas.image.data.buffer);
  }
  const { words, image } = canvas, per = (2 * STEPS) / (high - low);
  for (let n = 0; n < words.length; n += 1) {
    const step = (numbers[n] - low) * per;
    words[n] = scale[step <= 0 ? 0 : step >= 2 * STEPS ? 2 * STEPS : (step + 0.5) | 0];
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** A field with a number to type, to drag, or to change by Page Up and Page Down. */
function numberField(label, attributes, step, onNumber) {
  const input = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label, ...attributes });
  let value = 0, held = null;
  const take = (next) => { if (Math.abs(next) <= 1e6) onNumber(next); };
  const show = (next) => {
    value = next;
    input.dataset.value = String(next);
    if (parse(input.value) !== next) input.value = shortly(next, 3);
  };
  const round = (next) => Math.round(next * 1e6) / 1e6;
  input.addEventListener("input", () => take(parse(input.value)));
  input.addEventListener("blur", () => { input.value = shortly(value, 3); });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("keydown", (event) => {
    const by = { PageUp: 1, PageDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    take(round(value + by * (event.shiftKey ? 0.1 : 1)));
    input.select();
  });
  draggable(input, {
    begin: (event) => { held = { from: event.clientX, value }; },
    follow: (event) => {
      const next = round(held.value + Math.round((event.clientX - held.from) / PER_STEP) * step);
      if (next !== value) take(next);
    },
    end: () => input.select(),
    after: 2 * PER_STEP,
  });
  return { input, show };
}

export default {
  render({ model, el }) {
    const { root, say } = begin(el, "kernel-lab", "Kernel lab");
    const { tell, listen } = connect(model);
    let photo, seen, kernel, made = {}, built = "", channels = [], chosen = "all";

    function put(state, drawing = draw) {
      tell(state);
      drawing();
    }

    // --- what stands on the page ------------------------------------------------------------------------------
    const view = (role, label) => {
      const canvas = make("canvas", { role: "img", "aria-label": label, "data-role": role });
      const place = make("div", { class: "kernel-place", "aria-hidden": "true" }), caption = make("figcaption");
      const box = make("div", { class: "kernel-view" }, canvas, place);
      return { canvas, place, caption, box, whole: make("figure", {}, caption, box) };
    };
    const left = view("photograph", "photograph"), right = view("response", "response");
    change(right.box, { tabindex: 0, role: "group", "aria-label": "response; arrow keys move the place looked at", "data-role": "place" });
    const ends = ["low", "high"].map((role) => make("span", { "data-role": role }));
    const strip = make("canvas", { "aria-hidden": "true" });
    const scale = make("div", { class: "kernel-scale" }, ends[0], strip, ends[1]);
    const range = make("div", { "data-role": "range" }), meaning = make("div");
    right.whole.append(scale, make("div", { class: "kernel-meaning" }, meaning, range));
    const presets = model.get("presets");
    const isColor = (rows) => Array.isArray(rows[0][0]);
    const controls = {
      preset: menu("kernel", { choices: [...Object.keys(presets), ["own", "own numbers"]], value: "own", onInput: (name) => { if (name !== "own") take(presets[name]); } }),
      channel: menu("for", { choices: [["all", "all channels"], ...NAMES], value: "all", onInput: (name) => { chosen = name; showPreset(); } }),
      size: menu("size", { choices: [1, 3, 5].map((k) => [k, `${k}×${k}`]), value: 3, onInput: resize }),
      padding: menu("padding", { choices: ["valid", "same"], value: "valid", onInput: (padding) => put({ padding }) }),
      colors: menu("drawn", { choices: [["signed", "signed"], ["pixels", "as pixels"]], value: "signed", onInput: (colors) => put({ colors }) }),
    };
    for (const [name, { input }] of Object.entries(controls)) input.dataset.role = name;
    const relu = button("ReLU", () => put({ relu: !model.get("relu") }), { pressed: false });
    const gray = button("gray", mix, { label: "in gray: one kernel for the mean of the channels", pressed: false });
    const bias = numberField("bias", { class: "kernel-bias", "data-role": "bias" }, 1, (value) => put({ bias: value }));
    const numbers = make("div", { class: "kernel-channels" }), line = make("p", { class: "fanaoi-title", "data-role": "value" });
    root.append(
      make("div", { class: "fanaoi-controls" }, ...["preset", "channel", "size", "padding"].map((name) => controls[name].box),
        make("label", { class: "fanaoi-control" }, "bias", bias.input), relu, gray, controls.colors.box),
      make("div", { class: "fanaoi-row kernel-pictures" }, left.whole, right.whole, numbers), line,
      make("p", { class: "fanaoi-note" }, "Point at the response to see a number and its window. To change the kernel, drag a number to the "
        + "left or right, or type."));

    // --- changing the kernel ------------------------------------------------------------------------------------
    const deep = () => kernel.shape.length === 3;
    const send = (k, data) => put({ kernel: packed(deep() ? [k, k, 3] : [k, k], data) });
    /** The kernel with other sides: zeros around it, or its middle. */
    function sized(k) {
      const old = kernel.shape[0], count = deep() ? 3 : 1, by = (k - old) / 2, data = new Float64Array(k * k * count);
      for (let u = 0; u < k; u += 1)
        for (let v = 0; v < k; v += 1) {
          const from = u - by, beside = v - by;
          if (from < 0 || beside < 0 || from >= old || beside >= old) continue;
          for (let c = 0; c < count; c += 1) data[(u * k + v) * count + c] = kernel.data[(from * old + beside) * count + c];
        }
      return data;
    }
    function resize(k) { send(k, sized(k)); }

    /** What a preset makes of the kernel that is there: {shape, data}. */
    function preset(rows) {
      const k = rows.length;
      if (isColor(rows)) return { k, count: 3, data: Float64Array.from(rows.flat(2)) };
      if (!deep()) return { k, count: 1, data: Float64Array.from(rows.flat()) };
      // All three together answer as one kernel to the gray photograph: a third for each.
      const side = Math.max(k, chosen === "all" ? k : kernel.shape[0]), by = (side - k) / 2;
      const data = chosen === "all" ? new Float64Array(side * side * 3) : sized(side);
      for (let u = 0; u < side; u += 1)
        for (let v = 0; v < side; v += 1) {
          const weight = rows[u - by]?.[v - by] ?? 0;
          NAMES.forEach((name, c) => {
            if (chosen === "all") data[(u * side + v) * 3 + c] = weight / 3;
            else if (chosen === name) data[(u * side + v) * 3 + c] = weight;
          });
        }
      return { k: side, count: 3, data };
    }
    function take(rows) {
      const { k, count, data } = preset(rows);
      put({ kernel: packed(count === 3 ? [k, k, 3] : [k, k], data) });
    }
    function showPreset() {
      const same = (rows) => {
        if (isColor(rows) && !deep()) return false;
        const { data } = preset(rows);
        return data.length === kernel.data.length && data.every((one, n) => Math.abs(one - kernel.data[n]) < 1e-9);
      };
      controls.preset.show(Object.keys(presets).find((name) => same(presets[name])) ?? "own");
    }
    /** Between one kernel for the gray photograph and one for each channel; where they are equal, nothing changes. */
    function mix() {
      const k = kernel.shape[0], cells = k * k;
      if (deep()) put({ kernel: packed([k, k], Float64Array.from({ length: cells }, (_, n) => kernel.data[3 * n] + kernel.data[3 * n + 1] + kernel.data[3 * n + 2])) });
      else put({ kernel: packed([k, k, 3], Float64Array.from({ length: 3 * cells }, (_, n) => kernel.data[Math.floor(n / 3)] / 3)) });
    }

    // --- drawing: the photograph, the response, the place looked at ------------------------------------------------
    function load() {
      photo = arrayOf(model, "photograph");
      seen = null;
      draw();
    }

    /** Split the photograph into channels, or mix it to gray; paint it. */
    function look_at_photo() {
      const [height, width, count = 1] = photo.shape, size = height * width;
      const planes = Array.from({ length: count }, (_, c) => Float64Array.from({ length: size }, (_, n) => photo.data[n * count + c]));
      seen = { height, width, deep: deep(), planes };
      if (count === 3 && !seen.deep) seen.planes = [planes[0].map((red, n) => (red + planes[1][n] + planes[2][n]) / 3)];
      const shown = (row, column) => seen.planes.length === 3 ? seen.planes.map((plane) => plane[row * width + column]) : Array(3).fill(seen.planes[0][row * width + column]);
      paint(left.canvas, height, width, shown);
      left.caption.textContent = `photograph, ${height}×${width}`;
    }

    function draw() {
      kernel = arrayOf(model, "kernel");
      if (!seen || seen.deep !== deep()) look_at_photo();
      const k = kernel.shape[0], padding = model.get("padding"), colors = model.get("colors");
      made = { k, ...respond(seen, kernel.data, k, model.get("bias"), padding, made.out) };
      const { out, rows, columns } = made;
      let low = Infinity, high = -Infinity;
      const cuts = model.get("relu");
      for (let n = 0; n < out.length; n += 1) {
        if (cuts && out[n] < 0) out[n] = 0;
        if (out[n] < low) low = out[n];
        if (out[n] > high) high = out[n];
      }
      const limit = Math.max(Math.abs(low), Math.abs(high), 1e-12);
      if (colors === "signed") shade(right.canvas, rows, columns, out, -limit, limit, SCALES.signed);
      else shade(right.canvas, rows, columns, out, 0, 255, SCALES.pixels);
      right.canvas.numbers = out; // the tests read it

      const key = `${k} ${seen.planes.length} ${photo.shape} ${rows} ${columns} ${colors}`;
      if (key !== built) { built = key; build(colors); }
      channels.forEach(({ fields }, c) => fields.forEach((field, n) => field.show(kernel.data[n * channels.length + c])));
      bias.show(model.get("bias"));
      right.caption.textContent = `response${cuts ? " after ReLU" : ""}, ${rows}×${columns}`;
      range.textContent = `smallest ${shortly(low)}, largest ${shortly(high)}`;
      const [from, to] = colors === "signed" ? [-limit, limit] : [0, 255];
      change(ends[0], { textContent: shortly(from), "data-value": from });
      change(ends[1], { textContent: `${from < 0 ? "+" : ""}${shortly(to)}`, "data-value": to });
      controls.size.show(k);
      controls.padding.show(padding);
      controls.colors.show(colors);
      relu.setAttribute("aria-pressed", String(cuts));
      gray.setAttribute("aria-pressed", String(!deep()));
      showPreset();
      look();
    }

    /** Make the fields and the windows anew: another size, or another number of channels. */
    function build(colors) {
      const { k } = made, count = seen.planes.length, focused = numbers.contains(document.activeElement);
      const color = photo.shape.length === 3;
      channels = Array.from({ length: count }, (_, c) => {
        const name = count === 3 ? NAMES[c] : "gray", cells = Array.from({ length: k * k }, (_, n) => [Math.floor(n / k), n % k]);
        const fields = cells.map(([u, v], n) => numberField(`${name} kernel, row ${u}, column ${v}`,
          { "data-role": "weight", "data-row": u, "data-column": v, "data-channel": c, tabindex: n ? -1 : 0 }, 0.1, (value) => {
            const data = Float64Array.from(kernel.data);
            data[n * count + c] = value;
            send(k, data);
          }));
        const windows = cells.map(([u, v]) => make("span", { "data-role": "window", "data-row": u, "data-column": v, "data-channel": c }));
        const sum = make("span", { "data-role": "channel-sum" });
        const style = `grid-template-columns: repeat(${k}, max-content)`;
        const grid = make("div", { class: "kernel-numbers", style, role: "group", "aria-label": `kernel, ${name}` }, ...fields.map(({ input }) => input));
        grid.addEventListener("keydown", (event) => rove(event, fields.map(({ input }) => input), k));
        grid.addEventListener("focusin", (event) => { for (const { input } of fields) input.tabIndex = input === event.target ? 0 : -1; });
        const whole = make("div", { class: "kernel-channel" }, make("strong", {}, name), grid, make("span", {}, "×"),
          make("div", { class: "kernel-numbers", style, role: "group", "aria-label": `window, ${name}` }, ...windows), make("span", {}, "="), sum);
        return { fields, windows, sum, whole };
      });
      numbers.replaceChildren(...channels.map(({ whole }) => whole));
      numbers.style.flexDirection = k > 3 ? "row" : "column"; // small ones fit beside the pictures
      if (focused) channels[0].fields[0].input.focus({ preventScroll: true });
      const magnified = Math.max(1, Math.floor(WIDEST / seen.width));
      left.whole.style.width = `${seen.width * magnified + 2}px`;
      right.whole.style.width = `${made.columns * magnified + 2}px`;
      gray.hidden = !color;
      controls.channel.box.hidden = count === 1;
      controls.preset.input.querySelectorAll("option").forEach((option) => { if (presets[option.value] && isColor(presets[option.value])) option.hidden = option.disabled = !color; });
      shade(strip, 1, 2 * STEPS + 1, Float64Array.from({ length: 2 * STEPS + 1 }, (_, n) => n), 0, 2 * STEPS, SCALES[colors]);
      meaning.textContent = colors === "signed" ? "blue below 0, white at 0, red above" : "below 0 black, above 255 white";
    }

    function rove(event, inputs, k) {
      const at = inputs.indexOf(event.target), { selectionStart, selectionEnd, value } = event.target;
      const all = selectionStart === 0 && selectionEnd === value.length;
      const row = Math.floor(at / k), column = at % k;
      const goal = { ArrowUp: row > 0 && at - k, ArrowDown: row < k - 1 && at + k,
        ArrowLeft: (all || selectionEnd === 0) && column > 0 && at - 1, ArrowRight: (all || selectionStart === value.length) && column < k - 1 && at + 1,
        Home: all && 0, End: all && inputs.length - 1 }[event.key];
      event.stopPropagation();
      if (goal === undefined || goal === false) return;
      event.preventDefault();
      inputs[goal].focus({ preventScroll: true });
    }

    const place = () => [Math.min(model.get("row"), made.rows - 1), Math.min(model.get("column"), made.columns - 1)];
    function look() {
      if (!made.out) return;
      const [row, column] = place(), { k, top, left: first, columns, rows } = made, value = made.out[row * columns + column];
      const percent = (element, y, x, size, height, width) => {
        const { style } = element;
        style.top = `${(100 * y) / height}%`; style.left = `${(100 * x) / width}%`;
        style.height = `${(100 * size) / height}%`; style.width = `${(100 * size) / width}%`;
      };
      percent(left.place, row - top, column - first, k, seen.height, seen.width);
      percent(right.place, row, column, 1, rows, columns);
      const sums = channels.map(({ windows, sum }, c) => {
        let total = 0;
        windows.forEach((cell, n) => {
          const y = row - top + Math.floor(n / k), x = column - first + (n % k);
          const outside = y < 0 || x < 0 || y >= seen.height || x >= seen.width;
          const pixel = outside ? 0 : seen.planes[c][y * seen.width + x];
          cell.textContent = shortly(pixel, 3);
          cell.dataset.value = String(pixel);
          cell.className = outside ? "kernel-outside" : "";
          total += pixel * kernel.data[n * channels.length + c];
        });
        change(sum, { textContent: shortly(total, 5), "data-value": total });
        return total;
      });
      const plus = model.get("bias"), before = sums.reduce((total, one) => total + one, plus);
      const words = (x) => (x < 0 ? `(${shortly(x, 5)})` : shortly(x, 5));
      const terms = [...sums, ...(plus ? [plus] : [])];
      const added = terms.length > 1 ? `${sums.map(words).join(" + ")}${plus ? ` + ${words(plus)} (bias)` : ""} = ` : "";
      line.textContent = `response[${row}, ${column}] = ${added}${shortly(before, 5)}${model.get("relu") ? `, after ReLU ${shortly(value, 5)}` : ""}`;
      change(line, { "data-value": value, "data-row": row, "data-column": column });
      say(`response at row ${row}, column ${column}: ${shortly(value)}`);
    }

    // --- looking around: the mouse over either picture, keys on the response --------------------------------------
    const clip = (value, count) => Math.min(count - 1, Math.max(0, value));
    const go = (row, column) => {
      const there = { row: clip(row, made.rows), column: clip(column, made.columns) };
      if (there.row !== model.get("row") || there.column !== model.get("column")) put(there, look);
    };
    const under = (event, box, rows, columns) => {
      const around = box.getBoundingClientRect();
      return [Math.floor(((event.clientY - around.top - 1) / (around.height - 2)) * rows), Math.floor(((event.clientX - around.left - 1) / (around.width - 2)) * columns)];
    };
    right.box.addEventListener("pointermove", (event) => go(...under(event, right.box, made.rows, made.columns)));
    left.box.addEventListener("pointermove", (event) => {
      const [row, column] = under(event, left.box, seen.height, seen.width), middle = (made.k - 1) / 2;
      go(row - middle + made.top, column - middle + made.left);
    });
    right.box.addEventListener("keydown", (event) => {
      const [row, column] = place();
      const goal = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
        PageUp: [row - 10, column], PageDown: [row + 10, column], Home: [0, 0], End: [made.rows - 1, made.columns - 1] }[event.key];
      if (!goal) return;
      event.preventDefault();
      event.stopPropagation();
      go(...goal);
    });

    load();
    const stops = [listen(["photograph"], load), listen(["kernel", "bias", "relu", "padding", "colors"], draw), listen(["row", "column"], look)];
    return () => stops.forEach((stop) => stop());
  },
};
