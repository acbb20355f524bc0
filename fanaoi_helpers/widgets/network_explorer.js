const MOST_INPUTS = 64; // rows of the table; what the others add is summed up in one more
const MOST_TERMS = 9; // products that are written out
const COLORS = ["red", "green", "blue"];
const HOT_STOPS = [[0, 0, 4], [28, 16, 68], [79, 18, 123], [129, 37, 129], [181, 54, 122], [229, 80, 100], [251, 135, 97], [254, 194, 135], [252, 253, 191]];

// --- pictures ----------------------------------------------------------------------------------------------

/** Return 256 colors, as the words that a canvas holds. */
function palette(color) {
  return Uint32Array.from({ length: 256 }, (_, n) => { const [r, g, b] = color(n / 255); return (255 << 24) | (b << 16) | (g << 8) | r; });
}
const HOT = palette((part) => {
  const place = part * (HOT_STOPS.length - 1), below = Math.min(HOT_STOPS.length - 2, Math.floor(place));
  return HOT_STOPS[below].map((low, n) => Math.round(low + (place - below) * (HOT_STOPS[below + 1][n] - low)));
});
const SIGNED = palette((part) => signedColor(2 * part - 1, 1));
const GRAY = 0xff888888; // outside of the photograph

/** Paint rows × columns numbers; `at(row, column)` says where in `data`, or −1 for none. */
function plot(canvas, data, rows, columns, at, colors, low, high) {
  if (!canvas.image || canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns; canvas.height = rows;
    canvas.image = new ImageData(columns, rows);
    canvas.words = new Uint32Array(canvas.image.data.buffer);
  }
  const scale = high > low ? 255.999 / (high - low) : 0;
  for (let row = 0, to = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1, to += 1) {
      const from = at(row, column);
      canvas.words[to] = from < 0 ? GRAY : colors[Math.max(0, Math.min(255, Math.floor((data[from] - low) * scale)))];
    }
  canvas.getContext("2d").putImageData(canvas.image, 0, 0);
}

/** Let arrows, Home and End move through `box`'s children, which are one tab stop. */
function roving(box, count, now, go, columns = () => 1) {
  box.addEventListener("keydown", (event) => {
    const across = columns();
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? count() - 1 : step ? now() + step : null;
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (to >= 0 && to < count()) go(to);
  });
}

const choose = (element, yes) => { change(element, { "aria-selected": String(yes), tabindex: yes ? 0 : -1 }); };

export default {
  render({ model, el }) {
    const { root, say } = begin(el, "network-explorer", "Network explorer");
    const { tell, listen } = connect(model);
    let network, photographs, labels, names, pixels = 0, current = -1;
    let layer, stats, order = [], channel = null, inputs = []; // `inputs`: which input each row of the table is
    const thumbs = [], steps = [], tiles = [], rows = [];

    // --- what is there to see --------------------------------------------------------------------------
    const strip = make("div", { class: "fanaoi-strip", role: "listbox", "aria-label": "photographs", "aria-orientation": "horizontal" });
    const walk = make("div", { class: "fanaoi-steps", role: "listbox", "aria-label": "layers", "aria-orientation": "horizontal" });
    const photo = make("canvas", { role: "img" }), field = make("div"), title = make("p", { class: "fanaoi-title", "data-role": "title" });
    const logit = make("span", { "data-role": "logit" }), pGo = make("strong", { "data-role": "p-go" }), called = make("strong");
    const verdict = make("div", { class: "fanaoi-verdict" }, make("div", {}, "logit ", logit), make("div", {}, "P(GO) ", pGo), called);
    const truth = make("div", { class: "fanaoi-note" });
    const sort = button("strongest first", () => { tell({ sorted: !model.get("sorted") }); draw(); }, { pressed: true });
    const grid = make("div", { class: "fanaoi-maps", role: "listbox", "aria-label": "maps" });
    const big = make("canvas", { tabindex: 0, role: "application", "data-role": "map" }), mark = make("div"), frame = make("div", { class: "fanaoi-framed map" }, big, mark);
    const scaleNote = make("p", { class: "fanaoi-note" });
    const where = make("p", { class: "fanaoi-title" }), sum = make("p", { class: "fanaoi-sum", "data-role": "sum" }), terms = make("p", { class: "fanaoi-note", "data-role": "terms" });
    const head = make("th"), body = make("tbody", { role: "listbox", "aria-label": "inputs" });
    const table = make("div", { class: "fanaoi-inputs" }, make("table", {}, make("thead", {}, make("tr", {}, head, make("th", {}, "sees"), make("th", {}, "× weights"), make("th", {}, "adds"))), body));
    const why = make("div", { class: "fanaoi-why" }, make("div", { "data-role": "picture" }, frame, scaleNote), make("div", {}, where, sum, terms, table));
    root.append(strip, walk,
      make("div", { class: "fanaoi-inside" },
        make("div", {}, make("div", { class: "fanaoi-framed" }, photo, field), truth, verdict),
        make("div", {}, make("div", { class: "fanaoi-controls" }, title, sort), grid)),
      why);

    const place = () => Math.max(0, network.findIndex(({ name }) => name === model.get("layer")));
    const spot = () => { // where we are, kept inside while Python's settings arrive one by one
      const [h, w, maps] = layer.shape;
      return [Math.min(model.get("row"), h - 1), Math.min(model.get("column"), w - 1), Math.min(model.get("map"), maps - 1)];
    };

    // --- load: once, and again with other photographs -----------------------------------------------------
    function load() {
      if (!network) {
        network = wired(model.get("layers"), arrayOf(model, "weights").data);
        steps.push(...network.map(({ name, shape, type }) => make("button", { type: "button", role: "option", "aria-label": `${name}, ${type}`, title: type, "data-layer": name, onclick: () => goLayer(name) },
          name, make("small", {}, shape[0] * shape[1] === 1 ? String(shape[2]) : shape.join("×")))));
        walk.append(...steps);
      }
      photographs = arrayOf(model, "photographs");
      labels = arrayOf(model, "labels").data;
      names = model.get("names");
      const [count, height, width] = photographs.shape;
      pixels = height * width * 3;
      current = -1;
      strip.replaceChildren();
      thumbs.length = 0;
      for (let n = 0; n < count; n += 1) {
        const canvas = make("canvas");
        paintPhoto(canvas, n);
        const words = [labels.length ? ["✕ NG", "✓ GO"][labels[n]] : "", names[n] ?? ""].filter(Boolean);
        thumbs.push(make("div", { role: "option", "data-photograph": n, title: words.join(" "), "aria-label": `photograph ${n} ${words.join(" ")}`, onclick: () => goPhoto(n) },
          canvas, ...(words.length ? words : [String(n)]).map((one) => make("span", {}, one))));
      }
      strip.append(...thumbs);
      draw();
    }

    function paintPhoto(canvas, n) {
      const [, height, width] = photographs.shape, data = photographs.data;
      const image = new ImageData(width, height);
      for (let at = 0, from = n * pixels; at < image.data.length; at += 4, from += 3) {
        image.data[at] = data[from]; image.data[at + 1] = data[from + 1]; image.data[at + 2] = data[from + 2]; image.data[at + 3] = 255;
      }
      canvas.width = width; canvas.height = height;
      canvas.getContext("2d").putImageData(image, 0, 0);
    }

    // --- draw: the photograph's way, the layer's maps, the number -----------------------------------------
    function draw() {
      const index = Math.min(model.get("index"), thumbs.length - 1);
      if (index !== current) {
        current = index;
        run(network, photographs.data.subarray(index * pixels, (index + 1) * pixels));
        paintPhoto(photo, index);
        thumbs.forEach((one, n) => choose(one, n === index));
        const score = network[network.length - 1].out[0], p = 1 / (1 + Math.exp(-score));
        change(logit, { textContent: shortly(score), "data-value": score });
        change(pGo, { textContent: shortly(p), "data-value": p });
        change(called, { textContent: score >= 0 ? "✓ speaks for GO" : "✕ speaks for NG", style: `color: var(--${score >= 0 ? "go" : "ng"})` });
        truth.textContent = [`photograph ${index}`, labels.length ? `label ${["NG", "GO"][labels[index]]}` : "", names[index] ?? ""].filter(Boolean).join(", ");
        photo.setAttribute("aria-label", truth.textContent);
        say(`${truth.textContent}: P(GO) ${shortly(p, 3)}`); // once the hand rests
      }
      drawLayer();
      drawNumber();
    }

    function drawLayer() {
      const at = place(), now = network[at], [h, w, maps] = now.shape, vector = h * w === 1;
      if (now !== layer) {
        layer = now;
        channel = null;
        steps.forEach((one, n) => choose(one, n === at));
        while (tiles.length < maps) tiles.push(newTile(tiles.length));
        grid.replaceChildren(...tiles.slice(0, maps).map(({ box }) => box));
        grid.classList.toggle("units", vector);
        why.classList.toggle("units", vector);
        change(big, { "aria-label": `map of ${layer.name}: arrows move to another number` });
        newRows();
      }
      stats = summary(layer);
      order = Array.from({ length: maps }, (_, n) => n);
      if (model.get("sorted")) order.sort((one, other) => Math.abs(stats.mean[other]) - Math.abs(stats.mean[one]) || one - other);
      sort.setAttribute("aria-pressed", String(model.get("sorted")));
      const silent = stats.max.reduce((count, most, n) => count + (most === 0 && stats.min[n] === 0), 0);
      const paid = network[at + 1]?.kind === "dense" && network[at + 1].shape[2] === 1;
      title.textContent = `${layer.name}: ${vector ? `${maps} ${maps > 1 ? "units" : "unit"}` : `${maps} maps of ${h}×${w}`}${silent ? `, ${silent} of them 0${vector ? "" : " everywhere"}` : ""}${vector && paid ? "; × its weight to the verdict" : ""}`;
      const pay = vector && paid ? network[at + 1].kernel : null;
      order.forEach((map, n) => drawTile(tiles[n], map, pay));
    }

    function summary({ out, shape: [, , maps] }) {
      const mean = new Float64Array(maps), max = new Float64Array(maps).fill(-Infinity), min = new Float64Array(maps).fill(Infinity);
      for (let at = 0; at < out.length; at += maps)
        for (let f = 0; f < maps; f += 1) {
          const value = out[at + f];
          mean[f] += value;
          if (value > max[f]) max[f] = value;
          if (value < min[f]) min[f] = value;
        }
      for (let f = 0; f < maps; f += 1) mean[f] = (mean[f] * maps) / out.length;
      return { mean, max, min, signed: Math.min(...min) < 0, limit: Math.max(...max, -Math.min(...min)) };
    }

    function newTile(number) {
      const canvas = make("canvas"), text = make("div"), more = make("div");
      const box = make("div", { role: "option", onclick: () => goMap(order[number]) }, canvas, text, more);
      const tile = { box, canvas, text, more, visible: true };
      box.tile = tile;
      watcher.observe(box);
      return tile;
    }

    function drawTile(tile, map, pay) {
      tile.map = map;
      const vector = layer.shape[0] * layer.shape[1] === 1, most = stats.max[map];
      choose(tile.box, map === spot()[2]);
      change(tile.box, { "data-map": map, "data-value": most, "data-mean": stats.mean[map], "aria-label": `${vector ? "unit" : "map"} ${map}, ${vector ? "" : "largest "}${shortly(most, 3)}` });
      tile.text.textContent = `${map}: ${shortly(stats.signed && -stats.min[map] > most ? stats.min[map] : most, 3)}`;
      tile.more.textContent = pay ? `× ${shortly(pay[map], 2)}` : "";
      if (pay) tile.box.setAttribute("data-weight", pay[map]); else tile.box.removeAttribute("data-weight");
      if (tile.visible) paintMap(tile.canvas, map);
    }

    function paintMap(canvas, map) { // each map to its own largest number; a unit to the layer's
      const [h, w, maps] = layer.shape;
      const limit = h * w === 1 ? stats.limit : Math.max(stats.max[map], stats.signed ? -stats.min[map] : 0);
      plot(canvas, layer.out, h, w, (row, column) => (row * w + column) * maps + map, stats.signed ? SIGNED : HOT, stats.signed ? -limit : 0, limit);
    }

    // Tiles that are scrolled out of sight wait with their picture until they come back.
    const watcher = new IntersectionObserver((entries) => {
      for (const { target: { tile }, isIntersecting } of entries) {
        if (isIntersecting && !tile.visible && tile.box.isConnected) paintMap(tile.canvas, tile.map);
        tile.visible = isIntersecting;
      }
    }, { root: grid, rootMargin: "100px" });

    // --- one number: its window, its weights, its sum ------------------------------------------------------
    function newRows() {
      const count = layer.kernel ? Math.min(layer.takes[2], MOST_INPUTS) : 0;
      while (rows.length < count) {
        const n = rows.length;
        const name = make("th", { scope: "row" }), seen = [make("canvas"), make("span")], kernel = [make("canvas"), make("span")], adds = make("td", { "data-role": "adds" });
        const box = make("tr", { role: "option", onclick: () => goInput(n) }, name, make("td", {}, ...seen), make("td", {}, ...kernel), adds);
        rows.push({ box, name, seen, kernel, adds });
      }
      body.replaceChildren(...rows.slice(0, count).map(({ box }) => box));
      const [kh, kw] = layer.size ?? [1, 1];
      for (const { seen, kernel } of rows) for (const [canvas, text] of [seen, kernel]) { canvas.hidden = kh * kw === 1; text.hidden = kh * kw > 1; }
      table.style.display = count ? "" : "none";
      head.textContent = count < (layer.takes[2] ?? 0) ? `the ${count} strongest of ${layer.takes[2]}` : `from ${layer.before}`;
    }

    function drawNumber() {
      const [row, column, map] = spot(), [h, w, maps] = layer.shape, vector = h * w === 1;
      const value = layer.out[(row * w + column) * maps + map];
      if (!vector) {
        paintMap(big, map);
        for (const [key, part] of [["top", row / h], ["left", column / w], ["height", 1 / h], ["width", 1 / w]]) mark.style[key] = `${100 * part}%`;
        scaleNote.textContent = stats.signed ? `blue below 0, red above; from ${shortly(-Math.max(stats.max[map], -stats.min[map]), 3)} to ${shortly(Math.max(stats.max[map], -stats.min[map]), 3)}` : `black 0, bright ${shortly(stats.max[map], 3)}`;
      } else scaleNote.textContent = "";
      const [top, left, rowsSeen, columnsSeen] = seenBy(network, network.indexOf(layer), row, column), [height, width] = network[0].takes;
      for (const [key, part] of [["top", top / height], ["left", left / width], ["height", rowsSeen / height], ["width", columnsSeen / width]]) field.style[key] = `${100 * part}%`;
      where.textContent = vector ? `${layer.name}, unit ${map}` : `${layer.name}, map ${map}, row ${row}, column ${column}; it sees ${rowsSeen}×${columnsSeen} pixels`;
      change(sum, { "data-value": value });
      root.dataset.drawn = [current, layer.name, map, row, column].join(" ");
      terms.textContent = "";
      ({ scale: explainScale, relu: explainRelu, pool: explainPool, conv: explainSum, dense: explainSum })[layer.kind](row, column, map, value);
    }

    const input = () => { const at = network.indexOf(layer); return at ? network[at - 1].out : photographs.data.subarray(current * pixels, (current + 1) * pixels); };
    const brackets = (x) => (x < 0 ? `(${shortly(x)})` : shortly(x));

    function explainScale(row, column, map, value) {
      const x = input()[(row * layer.shape[1] + column) * layer.shape[2] + map];
      sum.textContent = `${shortly(x)} × ${brackets(layer.factor[map])} + ${brackets(layer.shift[map])} = ${shortly(value)}`;
      if (layer.type === "BatchNormalization") terms.textContent = "Factor and shift hold what training found: mean and spread of this map, its own scale and offset.";
    }

    function explainRelu(row, column, map, value) {
      const x = input()[(row * layer.shape[1] + column) * layer.shape[2] + map];
      sum.textContent = `${shortly(x)} → ReLU → ${shortly(value)}`;
    }

    function explainPool(row, column, map, value) {
      const [rowsIn, columnsIn, maps] = layer.takes, x = input(), found = [];
      let best = null;
      for (let dy = 0; dy < layer.size[0]; dy += 1) for (let dx = 0; dx < layer.size[1]; dx += 1) {
        const y = row * layer.strides[0] - layer.pad[0] + dy, z = column * layer.strides[1] - layer.pad[1] + dx;
        if (y < 0 || y >= rowsIn || z < 0 || z >= columnsIn) continue;
        const one = x[(y * columnsIn + z) * maps + map];
        found.push(one);
        if (!best || one > best[0]) best = [one, y, z];
      }
      const some = found.length <= MOST_TERMS ? found.map((one) => shortly(one)).join(", ") : `${found.length.toLocaleString("en-US")} numbers`;
      sum.textContent = `largest of ${some} = ${shortly(value)}`;
      terms.textContent = `It stands in row ${best[1]}, column ${best[2]} of ${layer.before}.`;
    }

    function explainSum(row, column, map, value) {
      const [rowsIn, columnsIn, channels] = layer.takes, [kh, kw] = layer.size, maps = layer.shape[2], x = input(), kernel = layer.kernel;
      const y0 = row * layer.strides[0] - layer.pad[0], z0 = column * layer.strides[1] - layer.pad[1];
      const from = (dy, dx, c) => (y0 + dy < 0 || y0 + dy >= rowsIn || z0 + dx < 0 || z0 + dx >= columnsIn ? -1 : ((y0 + dy) * columnsIn + z0 + dx) * channels + c);
      const adds = new Float64Array(channels);
      let most = 0, limit = 0, low = 0, high = 0;
      for (let dy = 0; dy < kh; dy += 1) for (let dx = 0; dx < kw; dx += 1) for (let c = 0; c < channels; c += 1) {
        const weight = kernel[((dy * kw + dx) * channels + c) * maps + map], at = from(dy, dx, c), seen = at < 0 ? 0 : x[at];
        adds[c] += seen * weight;
        limit = Math.max(limit, Math.abs(weight));
        low = Math.min(low, seen); high = Math.max(high, seen);
      }
      const total = adds.reduce((a, b) => a + b, 0), bias = layer.bias[map];
      const all = Array.from(adds, (_, c) => c);
      // The table's order follows the switch; where not all fit, it is always the strongest that stay.
      if (model.get("sorted") || channels > rows.length) all.sort((one, other) => Math.abs(adds[other]) - Math.abs(adds[one]) || one - other);
      inputs = all.slice(0, MOST_INPUTS);
      const chosen = channel === null || !inputs.includes(channel) ? inputs[0] : channel;
      const called = (c) => (network.indexOf(layer) <= 1 && channels === 3 ? COLORS[c] : `${layer.takes[0] * layer.takes[1] === 1 ? "unit" : "map"} ${c}`);
      inputs.forEach((c, n) => {
        const one = rows[n];
        one.name.textContent = called(c);
        choose(one.box, c === chosen);
        change(one.box, { "data-input": c });
        change(one.adds, { textContent: shortly(adds[c], 3), "data-value": adds[c] });
        if (kh * kw === 1) {
          one.seen[1].textContent = shortly(x[c], 3);
          one.kernel[1].textContent = `× ${brackets(kernel[c * maps + map])}`;
          return;
        }
        plot(one.seen[0], x, kh, kw, (dy, dx) => from(dy, dx, c), low < 0 ? SIGNED : HOT, low < 0 ? -Math.max(high, -low) : 0, Math.max(high, -low));
        plot(one.kernel[0], kernel, kh, kw, (dy, dx) => ((dy * kw + dx) * channels + c) * maps + map, SIGNED, -limit, limit);
      });
      const act = layer.activation === "linear" ? "" : ` → ${layer.activation === "relu" ? "ReLU" : "sigmoid"} → ${shortly(value)}`;
      const last = layer === network[network.length - 1] ? `, the logit; its sigmoid is P(GO) ${shortly(1 / (1 + Math.exp(-value)))}` : "";
      sum.textContent = `sum over ${channels} inputs ${shortly(total)} + bias ${brackets(bias)} = ${shortly(total + bias)}${act}${last}`;
      change(sum, { "data-sum": total, "data-bias": bias });
      const products = [];
      if (kh * kw > 1 && kh * kw <= MOST_TERMS) for (let dy = 0; dy < kh; dy += 1) for (let dx = 0; dx < kw; dx += 1) {
        const at = from(dy, dx, chosen);
        products.push(`${shortly(at < 0 ? 0 : x[at], 3)}×${shortly(kernel[((dy * kw + dx) * channels + chosen) * maps + map], 2)}`);
      }
      terms.textContent = products.length ? `${called(chosen)}: ${products.join(" + ")} = ${shortly(adds[chosen], 3)}` : kh * kw > 1 ? `Each input adds ${kh}×${kw} products of a number and its weight.` : "";
    }

    // --- the hand ------------------------------------------------------------------------------------------
    const inView = (box, one) => { // without moving the notebook
      if (one.offsetTop - box.offsetTop < box.scrollTop) box.scrollTop = one.offsetTop - box.offsetTop;
      else if (one.offsetTop + one.offsetHeight - box.offsetTop > box.scrollTop + box.clientHeight) box.scrollTop = one.offsetTop + one.offsetHeight - box.offsetTop - box.clientHeight;
    };
    const goPhoto = (n) => { tell({ index: n }); draw(); thumbs[n].focus({ preventScroll: true }); strip.scrollLeft = 80 * n - strip.clientWidth / 2 + 40; };
    const goLayer = (name) => {
      const [h, w] = layer.shape, [row, column] = spot(), at = network.findIndex((one) => one.name === name), [newH, newW, maps] = network[at].shape;
      // The same place in the photograph, as nearly as may be.
      tell({ layer: name, row: Math.floor(((row + 0.5) * newH) / h), column: Math.floor(((column + 0.5) * newW) / w) });
      if (maps !== layer.shape[2]) { const sizes = summary(network[at]).mean.map(Math.abs); tell({ map: sizes.indexOf(Math.max(...sizes)) }); }
      drawLayer();
      drawNumber();
      say(title.textContent);
      steps[at].focus({ preventScroll: true });
    };
    const goMap = (map) => {
      const before = tiles.find((one) => one.map === spot()[2] && one.box.isConnected), after = tiles[order.indexOf(map)];
      tell({ map });
      if (before) choose(before.box, false);
      choose(after.box, true);
      drawNumber();
      sayNumber();
      after.box.focus({ preventScroll: true });
      inView(grid, after.box);
    };
    const sayNumber = () => say(`${where.textContent}: ${sum.textContent}`);
    const goNumber = (row, column) => { tell({ row, column }); drawNumber(); sayNumber(); };
    const goInput = (n) => { channel = inputs[n]; drawNumber(); say(terms.textContent); const to = inputs.indexOf(channel); rows[to].box.focus({ preventScroll: true }); inView(table, rows[to].box); };

    roving(strip, () => thumbs.length, () => current, goPhoto);
    roving(walk, () => steps.length, place, (n) => goLayer(network[n].name));
    roving(grid, () => order.length, () => order.indexOf(spot()[2]), (n) => goMap(order[n]), () => Math.max(1, Math.floor((grid.clientWidth - 4) / (tiles[0].box.offsetWidth + 4))));
    roving(body, () => inputs.length, () => rows.findIndex(({ box }) => box.getAttribute("aria-selected") === "true"), goInput);
    big.addEventListener("keydown", (event) => {
      const [row, column] = spot(), [h, w] = layer.shape;
      const to = { ArrowRight: [row, column + 1], ArrowLeft: [row, column - 1], ArrowDown: [row + 1, column], ArrowUp: [row - 1, column], Home: [row, 0], End: [row, w - 1], PageUp: [0, column], PageDown: [h - 1, column] }[event.key];
      if (!to) return;
      event.preventDefault();
      event.stopPropagation();
      if (to[0] >= 0 && to[0] < h && to[1] >= 0 && to[1] < w) goNumber(...to);
    });
    for (const name of ["pointermove", "pointerdown"]) big.addEventListener(name, (event) => {
      const box = big.getBoundingClientRect(), [h, w] = layer.shape, [row, column] = spot();
      const to = [Math.floor(((event.clientY - box.top) / box.height) * h), Math.floor(((event.clientX - box.left) / box.width) * w)];
      if (to[0] >= 0 && to[0] < h && to[1] >= 0 && to[1] < w && (to[0] !== row || to[1] !== column)) goNumber(...to);
    });

    load();
    const ends = [listen(["index", "layer", "sorted", "map"], draw), listen(["row", "column"], drawNumber), listen(["photographs", "labels", "names"], load)];
    return () => { ends.forEach((end) => end()); watcher.disconnect(); };
  },
};
