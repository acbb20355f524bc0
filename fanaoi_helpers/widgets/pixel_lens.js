const PHOTOGRAPH = 400, CHANNEL = 140; // CSS pixels
const NAMES = ["red", "green", "blue"];
const FONTS = { 3: 18, 5: 17, 7: 16, 9: 14, 11: 13 };

/** Draw all channels of `picture` into a canvas, or only the one of number `only`: gray or in its color. */
function drawPicture(canvas, { height, width, depth, data }, only = -1, colored = false) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  for (let pixel = 0; pixel < height * width; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const taken = depth === 1 ? 0 : only < 0 || colored ? channel : only;
      image.data[4 * pixel + channel] = colored && channel !== only ? 0 : data[depth * pixel + taken];
    }
    image.data[4 * pixel + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** A picture with a mark on it: {box, canvas, place(row, column, size), fit(picture, side)}. */
function looked(properties = {}) {
  const canvas = make("canvas");
  const frames = [["#000", 5], ["var(--mark)", 2.5]].map(([stroke, wide]) => make("rect", { fill: "none", stroke, "stroke-width": wide, "vector-effect": "non-scaling-stroke" }));
  const svg = make("svg", { preserveAspectRatio: "none", "aria-hidden": "true" }, ...frames);
  const box = make("div", { class: "fanaoi-looked", ...properties }, canvas, svg);
  return { box, canvas,
    place(row, column, size) {
      for (const frame of frames) change(frame, { x: column - (size >> 1), y: row - (size >> 1), width: size, height: size });
    },
    fit({ height, width }, side) {
      const longest = Math.max(height, width);
      // Whole multiples where there is room, so that all pixels are equally large.
      const scale = longest <= side && side === PHOTOGRAPH ? Math.floor(side / longest) : side / longest;
      box.style.width = `${width * scale}px`;
      box.style.aspectRatio = `${width} / ${height}`;
      change(svg, { viewBox: `0 0 ${width} ${height}` });
    } };
}

export default {
  render({ model, el }) {
    const { root, say } = begin(el, "pixel-lens", "Pixel lens");
    const { tell, listen } = connect(model);
    let picture, size, cells = [], rows = [], columns = [];

    // --- what is there -------------------------------------------------------------------------------------
    const sizes = menu("lens", { choices: [3, 5, 7, 9, 11].map((n) => [n, `${n} × ${n} pixels`]), value: model.get("size"), onInput: (n) => set({ size: n }) });
    const views = menu("channels", { choices: [["gray", "each in gray"], ["color", "each in its color"]], value: model.get("channels"), onInput: (view) => set({ channels: view }) });
    const freeze = button("Freeze", () => set({ frozen: !model.get("frozen") }), { label: "Freeze the lens", pressed: false });
    const told = Object.fromEntries(["row", "column", "red", "green", "blue", "hex"].map((name) => [name, make("span", { "data-role": name })]));
    const spaces = [make("span", {}, " "), make("span", {}, " ")], brackets = [make("span", {}, "["), make("span", {}, "]")];
    const swatch = make("span", { class: "fanaoi-swatch", "aria-hidden": "true" });
    const readout = make("div", { class: "fanaoi-readout", "data-role": "readout" },
      make("span", { class: "number" }, "pixels[", told.row, ", ", told.column, "] → ", brackets[0], told.red, spaces[0], told.green, spaces[1], told.blue, brackets[1]),
      swatch, make("span", { class: "number" }, told.hex));
    const photograph = looked({ tabindex: 0, role: "application", "data-role": "photograph", "aria-roledescription": "photograph under a lens" });
    const channels = NAMES.map((name, number) => {
      const value = make("output", { "data-role": `channel-${name}` });
      const one = looked({ "data-role": `picture-${name}` });
      return { ...one, value, figure: make("figure", {}, make("figcaption", {}, `[..., ${number}] ${name} `, value), one.box) };
    });
    const channelColumn = make("div", { class: "fanaoi-channels" }, ...channels.map((one) => one.figure));
    const order = make("span", {}, " In each cell: red, green, blue, from above.");
    const lensCanvas = make("canvas", { "aria-hidden": "true" }), pen = lensCanvas.getContext("2d");
    const stock = { canvas: make("canvas"), font: "" };
    const lens = make("div", { class: "fanaoi-lens", role: "img", "data-role": "lens" });
    root.append(make("div", { class: "fanaoi-controls" }, sizes.box, views.box, freeze), readout,
      make("div", { class: "fanaoi-row" }, photograph.box, channelColumn, lens),
      make("p", { class: "fanaoi-note" }, "The lens follows the mouse; a click or Enter freezes and frees it. Arrows move it by one pixel, Page Up and Page Down by ten.", order));

    function load() {
      const { shape, data } = arrayOf(model, "pixels");
      picture = { height: shape[0], width: shape[1], depth: shape.length === 3 ? 3 : 1, data };
      drawPicture(photograph.canvas, picture);
      photograph.fit(picture, PHOTOGRAPH);
      for (const one of channels) one.fit(picture, CHANNEL);
      const gray = picture.depth === 1;
      for (const element of [channelColumn, views.box, order, ...spaces, ...brackets, told.green, told.blue]) element.style.display = gray ? "none" : "";
      size = view = null; // build and draw all anew
      draw();
    }

    let view = null;
    function drawChannels() {
      if (view === model.get("channels")) return;
      view = model.get("channels");
      views.show(view);
      if (picture.depth === 3) channels.forEach(({ canvas }, number) => drawPicture(canvas, picture, number, view === "color"));
    }

    function buildLens() {
      if (size === model.get("size")) return;
      size = model.get("size");
      sizes.show(size);
      lens.style.setProperty("--size", size);
      lens.style.setProperty("--font", `${FONTS[size]}px`);
      const index = (place) => make("div", { class: `fanaoi-index${place === size >> 1 ? " now" : ""}` });
      columns = Array.from({ length: size }, (_, place) => index(place));
      rows = Array.from({ length: size }, (_, place) => index(place));
      cells = [];
      const parts = [lensCanvas, make("div"), ...columns];
      for (let row = 0; row < size; row += 1) {
        parts.push(rows[row]);
        for (let column = 0; column < size; column += 1) {
          const middle = row === size >> 1 && column === size >> 1 ? " middle" : "";
          const box = make("div", { class: `cell${middle}`, "data-role": "cell", "data-row": row, "data-column": column });
          cells.push({ box, inside: true });
          parts.push(box);
        }
      }
      lens.replaceChildren(...parts);
      fitLens();
    }

    /** Give the canvas the pixels of the screen that it covers; write all numbers, dark and light, once into a stock. */
    function fitLens() {
      const scale = window.devicePixelRatio || 1, { fontSize, fontFamily } = getComputedStyle(lens);
      const side = Math.round(lensCanvas.clientWidth * scale), font = `${Math.round(parseFloat(fontSize) * scale)}px ${fontFamily}`;
      if (!side) return; // not on the page yet; the observer of its size calls again
      if (lensCanvas.width !== side) lensCanvas.width = lensCanvas.height = side;
      if (stock.font === font) return;
      stock.font = font;
      const writer = stock.canvas.getContext("2d");
      writer.font = font;
      stock.wide = Math.ceil(writer.measureText("000").width) + 2;
      stock.high = Math.ceil(1.05 * parseFloat(font));
      stock.canvas.width = 256 * stock.wide;
      stock.canvas.height = 2 * stock.high;
      Object.assign(writer, { font, textAlign: "center", textBaseline: "middle" });
      ["#111", "#fff"].forEach((ink, line) => {
        writer.fillStyle = ink;
        for (let n = 0; n < 256; n += 1) writer.fillText(n, (n + 0.5) * stock.wide, (line + 0.5) * stock.high);
      });
    }

    /** Paint the pixels around [row, column] and their numbers.
     *  Into a canvas, from the stock: the layout of so many texts, or writing them, takes longer than a frame leaves. */
    function drawLens(row, column) {
      const { height, width, depth, data } = picture, half = size >> 1, side = lensCanvas.width / size;
      for (let place = 0; place < size; place += 1) {
        const r = row - half + place, c = column - half + place;
        rows[place].textContent = r >= 0 && r < height ? r : "";
        columns[place].textContent = c >= 0 && c < width ? c : "";
      }
      pen.clearRect(0, 0, lensCanvas.width, lensCanvas.width);
      cells.forEach((cell, number) => {
        const down = Math.floor(number / size), across = number % size, r = row - half + down, c = column - half + across;
        const inside = r >= 0 && r < height && c >= 0 && c < width;
        if (inside !== cell.inside) { cell.inside = inside; cell.box.textContent = inside ? "" : "no\npixel"; }
        if (!inside) { cell.box.dataset.value = ""; return; }
        const start = depth * (r * width + c), values = data.subarray(start, start + depth);
        const color = depth === 3 ? values : [values[0], values[0], values[0]];
        cell.box.dataset.value = values.join(" ");
        if (!stock.font) return;
        pen.fillStyle = css(color);
        pen.fillRect(Math.floor(across * side), Math.floor(down * side), Math.ceil(side), Math.ceil(side));
        const { canvas, wide, high } = stock, line = inkOn(color) === "#111" ? 0 : high;
        const left = Math.round((across + 0.5) * side - wide / 2), top = Math.round((down + 0.5) * side - (depth / 2) * high);
        values.forEach((value, channel) => pen.drawImage(canvas, value * wide, line, wide, high, left, top + channel * high, wide, high));
      });
    }

    const spot = () => [Math.min(model.get("row"), picture.height - 1), Math.min(model.get("column"), picture.width - 1)];

    function draw() {
      const { height, width, depth, data } = picture;
      const [row, column] = spot();
      drawChannels();
      buildLens();
      drawLens(row, column);
      photograph.place(row, column, size);
      const start = depth * (row * width + column);
      const values = NAMES.map((_, channel) => data[start + (depth === 3 ? channel : 0)]);
      if (depth === 3) channels.forEach((one, channel) => {
        one.place(row, column, size);
        change(one.value, { textContent: values[channel], "data-value": values[channel] });
      });
      for (const [name, value] of [["row", row], ["column", column], ...NAMES.map((name, channel) => [name, values[channel]])]) {
        // As NumPy prints a row of numbers: all as wide as the widest.
        const wide = name === "row" || name === "column" || depth === 1 ? 0 : String(Math.max(...values)).length;
        change(told[name], { textContent: String(value).padStart(wide), "data-value": value });
      }
      told.hex.textContent = `#${values.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
      swatch.style.background = css(values);
      const frozen = model.get("frozen");
      change(freeze, { textContent: frozen ? "Frozen: free it" : "Freeze", "aria-pressed": String(frozen), "aria-label": frozen ? "Free the lens" : "Freeze the lens" });
      const words = depth === 3 ? NAMES.map((name, channel) => `${name} ${values[channel]}`).join(", ") : `gray ${values[0]}`;
      lens.setAttribute("aria-label", `${size} × ${size} pixels around [${row}, ${column}]`);
      photograph.box.setAttribute("aria-label", `photograph, ${height} × ${width}; row ${row}, column ${column}: ${words}`);
      say(`row ${row}, column ${column}: ${words}${frozen ? ", frozen" : ""}`);
    }

    function set(state) {
      tell(state);
      draw();
    }

    function move(row, column) {
      row = Math.min(picture.height - 1, Math.max(0, row));
      column = Math.min(picture.width - 1, Math.max(0, column));
      if (row !== model.get("row") || column !== model.get("column")) set({ row, column });
    }

    // --- mouse on any of the pictures; keys on the photograph ----------------------------------------------
    const follow = (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      move(Math.floor(((event.clientY - box.top) / box.height) * picture.height), Math.floor(((event.clientX - box.left) / box.width) * picture.width));
    };
    for (const { box } of [photograph, ...channels]) {
      box.addEventListener("pointermove", (event) => { if (!model.get("frozen")) follow(event); });
      box.addEventListener("click", (event) => {
        if (model.get("frozen")) { set({ frozen: false }); follow(event); } else { follow(event); set({ frozen: true }); }
      });
    }
    photograph.box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const [row, column, far] = [model.get("row"), model.get("column"), event.shiftKey ? 10 : 1];
      const act = {
        ArrowUp: () => move(row - far, column), ArrowDown: () => move(row + far, column),
        ArrowLeft: () => move(row, column - far), ArrowRight: () => move(row, column + far),
        PageUp: () => move(row - 10, column), PageDown: () => move(row + 10, column),
        Home: () => move(row, 0), End: () => move(row, picture.width - 1),
        Enter: () => set({ frozen: !model.get("frozen") }), " ": () => set({ frozen: !model.get("frozen") }),
      }[event.key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    });

    load();
    const resized = new ResizeObserver(() => { fitLens(); drawLens(...spot()); });
    resized.observe(lens);
    const ends = [() => resized.disconnect(), listen(["row", "column", "size", "frozen", "channels"], draw), listen(["pixels"], load)];
    return () => ends.forEach((end) => end());
  },
};
