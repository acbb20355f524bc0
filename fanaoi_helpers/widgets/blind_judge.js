const SIDE = 480; // CSS pixels: the largest that fits on a projector with its two buttons
const WORDS = { G: "GO", N: "NG" }, SIGNS = { G: "✓", N: "✕" };

/** Seconds since 1970 by a clock that never goes back while the page lives, and goes on in the next one. */
const now = () => (performance.timeOrigin + performance.now()) / 1000;

export default {
  render({ model, el }) {
    const { root, say } = begin(el, "blind-judge", "Beat the machine: judge fans by eye");
    const { tell, listen } = connect(model);
    const { shape: [count, height, width], data: pixels } = arrayOf(model, "photographs");

    // --- photographs: the next one is made ready while this one is looked at ----------------------------------
    const ready = new Map();
    function imageOf(n) {
      if (!ready.has(n)) {
        const image = new ImageData(width, height), words = new Uint32Array(image.data.buffer);
        for (let pixel = 0, at = 3 * n * height * width; pixel < words.length; pixel += 1, at += 3)
          words[pixel] = pixels[at] | (pixels[at + 1] << 8) | (pixels[at + 2] << 16) | 0xff000000;
        ready.set(n, image);
      }
      return ready.get(n);
    }
    let preparing = null;
    function prepare(n) {
      clearTimeout(preparing);
      preparing = setTimeout(() => {
        for (const kept of ready.keys()) if (Math.abs(kept - n) > 2) ready.delete(kept);
        for (const next of [n + 1, n + 2, n - 1]) if (next >= 0 && next < count) imageOf(next);
      }, 0);
    }
    const canvasOf = () => make("canvas", { width, height, class: SIDE % width ? "smooth" : "" });

    // --- what is there -------------------------------------------------------------------------------------
    const progress = make("output", { "data-role": "progress" });
    const last = make("output", { "data-role": "last" });
    const clock = make("output", { "data-role": "clock", "aria-live": "off" });
    const canvas = canvasOf(), context = canvas.getContext("2d", { alpha: false });
    const start = button("Start", () => { set({ started: now() }); stage.focus({ preventScroll: true }); });
    const key = (name) => make("kbd", {}, name);
    const opening = make("div", { class: "fanaoi-begin" },
      make("p", {}, `${count} photographs, one after the other. Is the fan good?`),
      make("p", {}, key("G"), " GO   ", key("N"), " NG   ", key("Backspace"), " takes the last one back"),
      start, make("p", {}, "The clock starts with the first photograph and stops with your last verdict."));
    const stage = make("div", { class: "fanaoi-stage", tabindex: 0, role: "application", "data-role": "stage" }, canvas, opening);
    const calls = ["G", "N"].map((letter) => make("button", { type: "button", class: WORDS[letter].toLowerCase(), "data-letter": letter, "aria-keyshortcuts": letter, onclick: () => judge(letter) },
      `${SIGNS[letter]} ${WORDS[letter]} (${letter})`));
    const back = make("button", { type: "button", class: "back", "data-role": "back", "aria-keyshortcuts": "Backspace", onclick: () => takeBack() }, "Take back");
    const deaf = make("p", { class: "fanaoi-note fanaoi-deaf" }, "Click the photograph, so that it hears your keys.");
    const round = make("div", {}, make("div", { class: "fanaoi-head" }, progress, last, clock), stage, make("div", { class: "fanaoi-calls" }, ...calls, back), deaf);
    const ending = make("div", { tabindex: -1, "data-role": "ending", role: "region", "aria-label": "How the round went" });
    root.append(round, ending);

    let state = "", shown = -1, told = null;
    function draw() {
      const verdicts = model.get("verdicts"), at = verdicts.length;
      const next = at === count ? "over" : model.get("started") ? "judging" : "waiting";
      if (next === "judging" && shown !== at) { // first of all, since this is waited for
        context.putImageData(imageOf(at), 0, 0);
        prepare(at);
      }
      shown = next === "judging" ? at : -1;
      if (next !== state) change_state(next);
      if (state === "over") return drawEnding(verdicts);
      change(progress, { textContent: state === "judging" ? `${at + 1} of ${count}` : `${count} fans`, "data-value": at + 1 });
      last.textContent = at ? `number ${at} called ${WORDS[verdicts[at - 1]]}` : "";
      back.disabled = state !== "judging" || !at;
      stage.setAttribute("aria-label", state === "judging" ? `photograph ${at + 1} of ${count}: G for GO, N for NG` : "no photograph yet");
      if (state === "judging") say(`photograph ${at + 1} of ${count}`);
      drawClock();
    }

    let ticking = null;
    function change_state(next) {
      const focused = root.contains(document.activeElement);
      state = next;
      clearInterval(ticking);
      opening.style.display = next === "waiting" ? "" : "none";
      round.style.display = next === "over" ? "none" : "";
      ending.style.display = next === "over" ? "" : "none";
      deaf.style.display = next === "judging" ? "" : "none";
      for (const call of calls) call.disabled = next !== "judging";
      told = null;
      ending.replaceChildren(); // what a round has revealed is not for the next one
      if (next === "judging") ticking = setInterval(drawClock, 200);
      // The keys of somebody quick must not go to the notebook.
      if (next === "over" && focused) ending.focus({ preventScroll: true });
    }

    function drawClock() {
      const words = model.get("started") ? `${Math.floor(Math.max(0, now() - model.get("started")))} s` : "";
      if (clock.textContent !== words) clock.textContent = words;
    }

    /** Say how the round went, once Python has compared: before that the page does not know the labels. */
    function drawEnding(verdicts) {
      const truth = model.get("revealed");
      if (truth === told) return;
      told = truth;
      const line = (name, words, value) => [make("dt", {}, name), make("dd", { "data-role": name.toLowerCase(), "data-value": value }, words)];
      if (!truth?.labels) return ending.replaceChildren(make("p", {}, `${count} fans judged. Python holds them against the labels …`));
      const called = (letter) => [...verdicts].filter((one) => one === letter).length;
      const of = (part, whole, words) => `${part} of ${whole} ${words}${whole ? ` (${shortly((100 * part) / whole, 2)} %)` : ""}`;
      const seconds = model.get("seconds");
      const { labels, notes, escapes, ng_total: ng, overkill, go_total: go, kept } = truth;
      const wrong = [...labels].map((label, n) => ({ label, n })).filter(({ label, n }) => label !== verdicts[n]);
      ending.replaceChildren(
        make("p", { class: "fanaoi-title" }, `${count} fans judged, ${count - wrong.length} of them right`),
        make("dl", {},
          ...line("Escapes", `${of(escapes, ng, "NG fans")}; ${of(escapes, called("G"), "called GO")}`, escapes),
          ...line("Overkill", `${of(overkill, go, "GO fans")}; ${of(overkill, called("N"), "called NG")}`, overkill),
          ...line("Pace", `${shortly(seconds / count, 2)} s a fan, ${shortly(seconds, 3)} s in all`, seconds)),
        ...(kept ? [make("p", { "data-role": "kept" }, kept)] : []),
        make("p", {}, wrong.length ? "These were wrong:" : "None was wrong."),
        make("div", { class: "fanaoi-row", "data-role": "wrong" }, ...wrong.map(({ label, n }) => {
          const small = canvasOf(), mistake = label === "N" ? "escape" : "overkill";
          small.getContext("2d").putImageData(imageOf(n), 0, 0);
          ready.delete(n);
          small.classList.add("smooth");
          change(small, { role: "img", "aria-label": `photograph ${n + 1}` });
          const note = notes[n] ? `, ${notes[n]}` : "";
          return make("figure", { class: mistake, "data-photograph": n }, small, make("figcaption", {},
            make("strong", {}, `${n + 1}: ${SIGNS.N} ${mistake}`), `${WORDS[label]}${note}, called ${WORDS[verdicts[n]]}`));
        })));
      say(`${escapes} escapes of ${ng} NG, ${overkill} overkill of ${go} GO, ${shortly(seconds / count, 2)} seconds a fan`);
    }

    function set(values) {
      tell(values);
      draw();
    }
    const seconds = () => Math.max(0, now() - model.get("started"));
    function judge(letter) {
      if (state !== "judging") return;
      set({ verdicts: model.get("verdicts") + letter, seconds: seconds() });
    }
    function takeBack() {
      if (state !== "judging" || !model.get("verdicts")) return;
      set({ verdicts: model.get("verdicts").slice(0, -1), seconds: seconds() });
      if (back.disabled) stage.focus({ preventScroll: true });
    }

    root.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const act = { g: () => judge("G"), n: () => judge("N"), backspace: takeBack }[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      if (!event.repeat) act(); // a key held down is one verdict
    });

    draw();
    if (state === "waiting") imageOf(0);
    const end = listen(["verdicts", "started", "seconds", "revealed"], draw);
    return () => {
      end();
      clearInterval(ticking);
      clearTimeout(preparing);
    };
  },
};
