// What the interactive figures share. Python puts this text in front of a figure's own script: one module,
// no build step, nothing fetched. So nothing is exported here, and these names belong to all figures.

const SVG = "http://www.w3.org/2000/svg";

// --- arrays: {shape, dtype, data} as Python sends them, {shape, data} with a typed array here -------------

const TYPES = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };

/** Return the array that the trait `name` holds, as {shape, data}; null where there is none. */
function arrayOf(model, name) {
  const value = model.get(name);
  if (!value) return null;
  const type = TYPES[value.dtype];
  const view = value.data;
  // A buffer may begin anywhere in the message, a typed array may not: take a copy of it.
  const bytes = view.buffer ? view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) : view.slice(0);
  return { shape: value.shape, data: new type(bytes) };
}

/** Return `data` (a typed array or a list) as Python takes it. */
function packed(shape, data, dtype = "float64") {
  return { shape, dtype, data: new DataView(TYPES[dtype].from(data).buffer) };
}

// --- state: to Python and back -----------------------------------------------------------------------------

// ms: each message makes Python and JupyterLab work, so it waits until the hand rests, if that is not too long.
const REST = 100, LONGEST_WAIT = 500;

/** Return {tell, listen} of one view.
 *
 *  `tell({row: 1})` sets the model at once, for all views of it, and lets Python know soon. Our traits are not echoed
 *  (traits.py): the echo of an earlier state would come in between and undo a step.
 *  `listen(names, draw)` calls `draw` when Python or another view changes one of `names`, and returns what ends
 *  that. What a view tells it does not hear: it draws it itself, once, however many values there were. */
function connect(model) {
  let telling = false, waiting = null, since = 0, unsaved = {};
  const set = (name, value) => {
    telling = true;
    model.set(name, value);
    telling = false;
  };
  const save = () => {
    clearTimeout(waiting);
    waiting = null;
    for (const [name, told] of Object.entries(unsaved)) {
      const now = model.get(name);
      // Python changed it meanwhile: set again, or the older value would be sent.
      if (now !== told) { set(name, told); set(name, now); }
    }
    unsaved = {};
    model.save_changes();
  };
  const tell = (state) => {
    for (const [name, value] of Object.entries(state)) set(name, value);
    Object.assign(unsaved, state);
    const now = performance.now();
    if (waiting === null) since = now;
    clearTimeout(waiting);
    waiting = setTimeout(save, Math.max(0, Math.min(REST, since + LONGEST_WAIT - now)));
  };
  const listen = (names, draw) => {
    const events = names.map((name) => `change:${name}`), hear = () => { if (!telling) draw(); };
    for (const event of events) model.on(event, hear);
    return () => {
      for (const event of events) model.off(event, hear);
      if (waiting !== null) save();
    };
  };
  return { tell, listen };
}

// --- page --------------------------------------------------------------------------------------------------

/** Make an element: `make("button", {class: "x", onclick: f, "aria-label": "y"}, "text", child)`. */
function make(tag, properties = {}, ...children) {
  const drawn = ["svg", "g", "rect", "line", "path", "text", "circle", "polyline", "title", "defs", "pattern",
    "clipPath", "polygon", "tspan"].includes(tag);
  const element = drawn ? document.createElementNS(SVG, tag) : document.createElement(tag);
  change(element, properties);
  element.append(...children);
  return element;
}

/** Set attributes, `on…` listeners, and the properties `value`, `checked`, `disabled`, `textContent`. */
function change(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (["value", "checked", "disabled", "textContent"].includes(name)) element[name] = value;
    else if (value === null || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : value);
  }
  return element;
}

/** Begin a figure in `el`: a labelled group; return {root, say}: say(text) speaks to a screen reader. */
function begin(el, name, label) {
  const voice = make("div", { class: "fanaoi-voice", role: "status", "aria-live": "polite" });
  const root = make("div", { class: `fanaoi fanaoi-${name}`, role: "group", "aria-label": label });
  // JupyterLab takes keys for itself unless the focused element (not the figure around it) says otherwise. With
  // Ctrl or Cmd they stay its own: Ctrl+S saves the notebook. The window hears of a key before JupyterLab does.
  const hush = (event) => {
    if (root.contains(event.target)) event.target.toggleAttribute("data-lm-suppress-shortcuts", !event.ctrlKey && !event.metaKey);
    else window.removeEventListener("keydown", hush, true); // the focus was lost without a word: its element is gone
  };
  root.addEventListener("focusin", () => window.addEventListener("keydown", hush, true));
  root.addEventListener("focusout", () => window.removeEventListener("keydown", hush, true));
  // What is selected (a number, by the focus; a figure's text, by Ctrl+A) the browser would take along instead,
  // and drop it into the next field; the hand that drags in a figure means the figure.
  root.addEventListener("dragstart", (event) => event.preventDefault());
  root.append(voice);
  el.append(root);
  let waiting = null;
  const say = (text) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { voice.textContent = text; }, 400); // once the hand rests
  };
  return { root, say };
}

let counted = 0;

/** A slider with its label and value: {box, input, show(value, text)}; `onInput(number)` while it moves. */
function slider(label, { min, max, step, value, text = (x) => shortly(x), onInput }) {
  const id = `fanaoi-${(counted += 1)}`;
  const shown = make("output", { for: id });
  const input = make("input", { id, type: "range", min, max, step, value });
  const show = (x, words = text(x)) => {
    input.value = x;
    shown.textContent = words;
    input.setAttribute("aria-valuetext", words);
  };
  input.addEventListener("input", () => {
    const x = Number(input.value);
    show(x);
    onInput(x);
  });
  show(value);
  return { box: make("div", { class: "fanaoi-control" }, make("label", { for: id }, label), input, shown), input, show };
}

/** A menu with its label: {box, input, show(value)}; `choices` is a list of values or [value, words]. */
function menu(label, { choices, value, onInput }) {
  const id = `fanaoi-${(counted += 1)}`;
  const pairs = choices.map((choice) => (Array.isArray(choice) ? choice : [choice, String(choice)]));
  const options = pairs.map(([one, words]) => make("option", { value: String(one) }, words));
  const input = make("select", { id }, ...options);
  const show = (chosen) => { input.selectedIndex = pairs.findIndex(([one]) => String(one) === String(chosen)); };
  input.addEventListener("input", () => onInput(pairs[input.selectedIndex][0]));
  show(value);
  return { box: make("div", { class: "fanaoi-control" }, make("label", { for: id }, label), input), input, show };
}

/** A button; `pressed` (true or false) makes it one that stays down. */
function button(words, onclick, { label = words, pressed = null } = {}) {
  const made = make("button", { type: "button", "aria-label": label, onclick }, words);
  if (pressed !== null) made.setAttribute("aria-pressed", String(pressed));
  return made;
}

/** Let a hand drag on `element`: `begin(event)`, and unless it says false `follow(event)` as long as the hand goes on.
 *
 *  With `after`, what moves less than so many px stays the element's own click; `end(moved)` tells them apart. */
function draggable(element, { begin, follow, end = () => {}, after = 0 }) {
  let from = null, moves = false;
  const take = (event) => { moves = true; element.setPointerCapture(event.pointerId); event.preventDefault(); };
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return; // the menu of the other button may swallow its end
    moves = false;
    from = begin(event) === false ? null : [event.clientX, event.clientY];
    if (from && !after) take(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (!from) return;
    if (!moves && Math.hypot(event.clientX - from[0], event.clientY - from[1]) >= after) take(event);
    if (moves) follow(event);
  });
  for (const name of ["pointerup", "pointercancel"]) element.addEventListener(name, () => {
    if (!from) return;
    from = null;
    end(moves);
  });
}

// --- numbers and colors ------------------------------------------------------------------------------------

/** A number for people: up to `digits` significant ones, a true minus sign, no tail of zeros. */
function shortly(x, digits = 4) {
  if (Number.isNaN(x)) return "–";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const size = Math.abs(x);
  const text = size >= 1e6 || size < 1e-4 ? x.toExponential(Math.max(0, digits - 1)) : String(Number(x.toPrecision(digits)));
  return text.replace("e+", "e").replaceAll("-", "−");
}

// RdBu, turned round: blue below zero, red above, white at zero; told apart by people who see no red or green.
const SIGNED_STOPS = [[5, 48, 97], [67, 147, 195], [209, 229, 240], [247, 247, 247], [253, 219, 199], [214, 96, 77], [103, 0, 31]];

/** Return [r, g, b] of `value` on a scale from −limit to limit. */
function signedColor(value, limit) {
  const place = limit > 0 ? (Math.min(1, Math.max(-1, value / limit)) + 1) * 3 : 3;
  const below = Math.min(5, Math.floor(place)), part = place - below;
  return SIGNED_STOPS[below].map((low, channel) => Math.round(low + part * (SIGNED_STOPS[below + 1][channel] - low)));
}

/** Return [g, g, g] of `value` between black at `low` and white at `high`. */
function grayColor(value, low = 0, high = 255) {
  const gray = high > low ? Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low)))) : 128;
  return [gray, gray, gray];
}

const css = ([r, g, b]) => `rgb(${r}, ${g}, ${b})`;

/** Black or white, whichever is easier to read on `color`. */
function inkOn([r, g, b]) {
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#111" : "#fff";
}

/** Paint a picture of rows × columns into `canvas`; `color(row, column)` gives [r, g, b]. */
function paint(canvas, rows, columns, color) {
  if (canvas.width !== columns || canvas.height !== rows) { canvas.width = columns; canvas.height = rows; }
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  let at = 0;
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      const [r, g, b] = color(row, column);
      image.data[at] = r; image.data[at + 1] = g; image.data[at + 2] = b; image.data[at + 3] = 255;
      at += 4;
    }
  context.putImageData(image, 0, 0);
}

// --- arithmetic of convolution, as in byhand ---------------------------------------------------------------

/** Return [before, after], the zeros that "same" adds to one axis; [0, 0] for "valid". */
function paddingSides(size, kernel, stride, padding) {
  if (padding !== "same") return [0, 0];
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

/** Return how many windows fit on one axis; 0 where not even one does. */
function windowsOn(size, kernel, stride, [before, after]) {
  const room = size + before + after - kernel;
  return room < 0 ? 0 : Math.floor(room / stride) + 1;
}
