// The grid of numbers that the convolution stepper is made of; Python puts it between common.js and the figure.

const HIGH = 30; // px of a cell
const CROWDED = 8; // a grid with more columns has smaller digits

/** A number with at most `digits` behind the point. */
function upTo(digits, x) {
  const size = Math.abs(x);
  if (Number.isInteger(x) && size < 1e6) return String(x).replace("-", "−");
  if (size >= 1e6 || size < 0.005) return x === 0 ? "0" : shortly(x, 2);
  return String(Number(x.toFixed(digits))).replace("-", "−");
}
const inCell = (x) => upTo(Math.abs(x) < 10 ? 2 : Math.abs(x) < 100 ? 1 : 0, x); // a cell has room for little
const inLine = (x) => upTo(2, x);
const factor = (x) => (x < 0 ? `(${inLine(x)})` : inLine(x));

/** A grid of numbers with one tab stop. `hands`: look(row, column) at a number, edit(row, column, value) or none. */
function numberGrid(role, hands) {
  const title = make("p", { class: "fanaoi-title" }), frame = make("div", { class: "stepper-frame", "aria-hidden": "true", hidden: true });
  const box = make("div", { class: `stepper-cells stepper-${role}`, role: "grid" });
  const whole = make("div", {}, title, box);
  let cells = [], values = [], drawn = [], shape = [0, 0], before = [0, 0], wide = 0, stop = 0, editing = null, crowded = false;

  /** Make the cells anew, with `sides` zeros around them. */
  function build(rows, columns, sides = [[0, 0], [0, 0]]) {
    const focused = box.contains(document.activeElement);
    finish();
    shape = [rows, columns];
    before = [sides[0][0], sides[1][0]];
    cells = []; drawn = []; wide = 0;
    crowded = columns > CROWDED;
    box.classList.toggle("stepper-crowded", crowded);
    const lines = [];
    for (let row = -before[0]; row < rows + sides[0][1]; row += 1) {
      const inside = row >= 0 && row < rows;
      const line = make("div", inside ? { class: "stepper-row", role: "row" } : { class: "stepper-row", "aria-hidden": "true" });
      for (let column = -before[1]; column < columns + sides[1][1]; column += 1) {
        const counts = inside && column >= 0 && column < columns;
        const cell = counts ? make("div", { role: "gridcell", tabindex: -1, "data-role": role, "data-row": row, "data-column": column })
          : make("div", { class: "stepper-zero", "aria-hidden": "true" }, "0");
        if (counts) cells.push(cell);
        line.append(cell);
      }
      lines.push(line);
    }
    box.style.gridTemplateColumns = `repeat(${before[1] + columns + sides[1][1]}, max-content)`;
    box.replaceChildren(...lines, frame);
    rove(Math.max(0, Math.min(stop, cells.length - 1)), focused);
  }

  /** Write the numbers; `color(value)` gives each its [r, g, b], and `key` changes when the colors do. */
  function show(numbers, color, key) {
    values = numbers;
    let longest = 0;
    cells.forEach((cell, place) => {
      const now = `${numbers[place]} ${key}`, text = inCell(numbers[place]);
      longest = Math.max(longest, text.length);
      if (drawn[place] === now) return;
      drawn[place] = now;
      const filled = color(numbers[place]);
      cell.dataset.value = String(numbers[place]);
      cell.style.background = css(filled);
      cell.style.color = inkOn(filled);
      if (editing?.cell !== cell) cell.textContent = text;
    });
    const needed = Math.max(30, (crowded ? 7 : 10) + 8 * longest);
    if (needed > wide) { wide = needed; box.style.setProperty("--wide", `${wide}px`); } // grows only: nothing jumps
  }

  /** Put the frame around a window, by its first row and column among the zeros; null takes it away. */
  function enclose(row, column, [rows, columns]) {
    frame.hidden = row === null;
    if (row === null) return;
    frame.style.transform = `translate(${column * wide}px, ${row * HIGH}px)`;
    frame.style.width = `${columns * wide}px`;
    frame.style.height = `${rows * HIGH}px`;
  }

  function rove(place, focus = false) {
    cells[stop]?.setAttribute("tabindex", "-1");
    stop = place;
    cells[stop]?.setAttribute("tabindex", "0");
    if (focus) cells[stop]?.focus({ preventScroll: true });
  }

  const placeOf = (cell) => Number(cell.dataset.row) * shape[1] + Number(cell.dataset.column);
  const cellOf = (event) => event.target.closest?.("[role=gridcell]");
  const look = (cell, hovered = false) => hands.look(Number(cell.dataset.row), Number(cell.dataset.column), hovered);

  function edit(cell, begun = null) {
    finish();
    const place = placeOf(cell), old = values[place];
    const change = (value) => hands.edit(Number(cell.dataset.row), Number(cell.dataset.column), value);
    const field = make("input", { type: "text", inputmode: "decimal", "aria-label": `${role} [${cell.dataset.row}, ${cell.dataset.column}]`,
      value: begun ?? String(old) });
    const typed = () => {
      const value = Number(field.value.replace("−", "-").replace(",", "."));
      if (field.value.trim() && Math.abs(value) <= 1e6) change(value);
    };
    editing = { cell, place };
    cell.replaceChildren(field);
    field.addEventListener("input", typed);
    field.addEventListener("blur", finish);
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (!["Enter", "Escape", "Tab"].includes(event.key)) return;
      if (event.key !== "Tab") event.preventDefault();
      if (event.key === "Escape") change(old);
      finish();
      rove(place, true);
    });
    field.focus({ preventScroll: true });
    if (begun === null) field.select(); else typed();
  }
  function finish() {
    if (!editing) return;
    const { cell, place } = editing;
    editing = null; // first: taking the field away blurs it, which comes here again
    cell.textContent = inCell(values[place]);
  }

  box.addEventListener("pointerover", (event) => { const cell = cellOf(event); if (cell && !event.buttons) look(cell, true); });
  box.addEventListener("focusin", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    rove(placeOf(cell));
    look(cell);
  });
  if (hands.edit) box.addEventListener("dblclick", (event) => { const cell = cellOf(event); if (cell && editing?.cell !== cell) edit(cell); });
  box.addEventListener("keydown", (event) => {
    const [rows, columns] = shape, row = Math.floor(stop / columns), column = stop % columns;
    const goal = { ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
      Home: [0, 0], End: [rows - 1, columns - 1] }[event.key];
    const begins = hands.edit && !event.ctrlKey && !event.metaKey && !event.altKey && /^([-−.,0-9]|Enter|F2)$/.test(event.key);
    if (!goal && !begins) return;
    event.preventDefault();
    event.stopPropagation();
    if (begins) return edit(cells[stop], event.key.length === 1 ? event.key : null);
    const [to, beside] = goal;
    if (to >= 0 && to < rows && beside >= 0 && beside < columns) rove(to * columns + beside, true);
  });
  return { whole, box, title, build, show, enclose, rove, cells: () => cells, wide: () => wide };
}
