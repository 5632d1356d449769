// Plays the quiz in a browser. Texts reach the page as text nodes only, so nothing in them can act.
"use strict";
(() => {
  const lesson = JSON.parse(document.getElementById("lesson").textContent);
  const stage = document.getElementById("stage");
  const live = document.getElementById("live");
  const total = lesson.questions.length;
  const SELECT_LETTERS = 24; // as many as a phone's select shows
  let at = 0;
  let results = [];
  let pressOption = null;

  function make(tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }

  function button(className, onPress, ...children) {
    const element = make("button", className, ...children);
    element.type = "button";
    element.addEventListener("click", onPress);
    return element;
  }

  function heading(level, text) {
    const element = make(level, "", text);
    element.tabIndex = -1;
    return element;
  }

  const score = () => results.filter(Boolean).length;

  function showProgress(isPlaying) {
    const track = document.getElementById("track");
    const points = document.getElementById("score");
    track.hidden = points.hidden = document.getElementById("name").hidden = !isPlaying;
    track.setAttribute("aria-valuenow", String(results.length));
    document.getElementById("fill").style.width = `${(100 * results.length) / total}%`;
    points.textContent = `Score ${score()}`;
  }

  function show(card, focused) {
    stage.replaceChildren(card);
    window.scrollTo(0, 0);
    if (focused) focused.focus({ preventScroll: true });
  }

  // As the game's server compares: case, white space and typographic signs make no difference.
  function plain(text) {
    return text
      .replace(/[\u2018\u2019]/g, "'")
      .replace(/[\u201c\u201d]/g, '"')
      .replace(/[\u2010\u2011\u2013\u2014]/g, "-")
      .replace(/\s+/g, " ")
      .replace(/\u0130/g, "i")
      .trim()
      .toLowerCase();
  }

  const isSame = (list, other) => list.length === other.length && list.every((v, i) => v === other[i]);

  function start() {
    at = 0;
    results = [];
    ask();
  }

  function showStart() {
    const goals = make("ul", "goals", ...lesson.objectives.map((text) => make("li", "", text)));
    const title = heading("h1", lesson.title);
    const words = total === 1 ? "Start: 1 question" : `Start: ${total} questions`;
    const card = make("section", "card", title, make("p", "tag", "In this lesson"), goals, button("main", start, words));
    showProgress(false);
    show(card, null);
  }

  // Called once per question, when it has been answered.
  function finish(card, isRight) {
    const question = lesson.questions[at];
    results.push(isRight);
    pressOption = null;
    showProgress(true);
    const verdict = isRight ? "Right!" : "Not quite.";
    const box = make("div", `feedback ${isRight ? "is-right" : "is-wrong"}`, make("h3", "", verdict));
    if (!isRight) box.append(make("p", "solution", question.solution));
    box.append(make("p", "", question.explanation));
    const isLast = results.length === total;
    const next = button("main onward", isLast ? showResult : advance, isLast ? "See the result" : "Next question");
    card.append(box, next);
    live.textContent = `${verdict} ${isRight ? "" : question.solution + ". "}${question.explanation}`;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  function advance() {
    at += 1;
    ask();
  }

  function askOptions(card, texts, right) {
    const buttons = texts.map((option, i) => {
      const letter = make("span", "letter", option.letter);
      letter.setAttribute("aria-hidden", "true");
      return button("option", () => press(i), letter, make("span", "text", option.text));
    });
    const mark = (i, className, sign, words) => {
      const symbol = make("span", "mark", sign);
      symbol.setAttribute("role", "img");
      symbol.setAttribute("aria-label", words);
      buttons[i].classList.add(className);
      buttons[i].append(symbol);
    };
    let isOpen = true;
    const press = (i) => {
      if (!isOpen || i >= buttons.length) return;
      isOpen = false;
      for (const one of buttons) one.setAttribute("aria-disabled", "true");
      mark(right, "is-right", "✓", "right answer");
      if (i !== right) mark(i, "is-wrong", "✗", "your answer");
      finish(card, i === right);
    };
    pressOption = press;
    card.append(make("div", "options", ...buttons));
  }

  // A typed number may come with its unit, which stands beside the field.
  function askTyped(card, question) {
    const input = make("input");
    input.type = "text";
    input.autocomplete = "off";
    input.autocapitalize = "none";
    input.spellcheck = false;
    input.maxLength = 200;
    input.setAttribute("aria-label", question.is_number ? "Your answer, a number" : "Your answer");
    if (question.is_number) input.inputMode = "decimal";
    const words = question.is_number ? "Type a number." : question.prompt.includes("_____") ? "Type what belongs in the gap." : "Type your answer.";
    const unit = make("span", "unit", question.unit);
    unit.id = "unit";
    if (question.unit !== "") input.setAttribute("aria-describedby", unit.id);
    const check = make("button", "main", "Check");
    const row = make("div", "typed", input, ...(question.unit === "" ? [] : [unit]));
    const form = make("form", "field", row, check);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (input.readOnly || input.value.trim() === "") return;
      input.readOnly = true;
      check.remove();
      const isOne = (option) => plain(option.text) === plain(input.value);
      const isRight = question.is_number ? figures.is(question.figure, input.value) : question.accepted.some(isOne);
      row.classList.add(isRight ? "is-right" : "is-wrong");
      finish(card, isRight);
    });
    card.append(make("p", "hint", words), form);
  }

  function askMatch(card, question) {
    // On a phone the box cuts a long text short, so it stands below it once more.
    const picked = question.lefts.map(() => make("p", "picked"));
    const selects = question.lefts.map((left, i) => {
      const select = make("select");
      select.id = `pair${i}`;
      select.append(make("option", "", "Choose …"));
      select.addEventListener("change", () => {
        const text = question.options[select.selectedIndex - 1]?.text ?? "";
        picked[i].textContent = text.length > SELECT_LETTERS ? text : "";
      });
      question.options.forEach((option) => select.append(make("option", "", `${option.letter}. ${option.text}`)));
      return select;
    });
    const pairs = question.lefts.map((left, i) => {
      const label = make("label", "", left.text);
      label.htmlFor = `pair${i}`;
      return make("div", "pair", label, selects[i], picked[i]);
    });
    const hint = make("p", "hint", "Choose a different partner for each.");
    const check = button("main", () => {
      const chosen = selects.map((select) => select.selectedIndex - 1);
      if (chosen.includes(-1) || new Set(chosen).size < chosen.length) {
        live.textContent = hint.textContent = "Give each one a different partner, then check.";
        return;
      }
      for (const select of selects) select.disabled = true;
      check.remove();
      finish(card, isSame(chosen, question.places));
    }, "Check");
    card.append(hint, make("div", "pairs", ...pairs), check);
  }

  function askOrder(card, question) {
    const order = question.options.map((_, i) => i);
    const list = make("ol", "lines");
    let isOpen = true;
    const draw = (moved, sign) => {
      list.replaceChildren(...order.map((option, place) => line(option, place)));
      if (moved === undefined) return;
      list.children[moved].querySelector(sign).focus();
      live.textContent = `Now in place ${moved + 1}.`;
    };
    const swap = (place, by) => {
      const other = (place + by + order.length) % order.length;
      order.splice(other, 0, order.splice(place, 1)[0]);
      draw(other, by < 0 ? ".up" : ".down");
    };
    const arrow = (className, sign, place, by, text) => {
      const element = button(`move ${className}`, () => swap(place, by), sign);
      element.setAttribute("aria-label", `Move ${by < 0 ? "up" : "down"}: ${text}`);
      return element;
    };
    const line = (option, place) => {
      const text = question.options[option].text;
      const item = make("li", "", make("span", "place", `${place + 1}.`), make("span", "text", text));
      if (isOpen) item.append(arrow("up", "↑", place, -1, text), arrow("down", "↓", place, 1, text));
      return item;
    };
    const check = button("main", () => {
      isOpen = false;
      draw();
      check.remove();
      finish(card, isSame(order, question.places));
    }, "Check");
    draw();
    card.append(make("p", "hint", "Move the lines until their order is right."), list, check);
  }

  function ask() {
    const question = lesson.questions[at];
    const prompt = heading("h2", question.prompt);
    const card = make("section", "card", make("p", "tag", `Question ${at + 1} of ${total} · ${question.section}`), prompt);
    pressOption = null;
    live.textContent = "";
    if (question.is_choice) {
      askOptions(card, question.options, question.places[0]);
    } else if (question.is_true_false) {
      askOptions(card, [{ letter: "A", text: "True" }, { letter: "B", text: "False" }], question.truth ? 0 : 1);
    } else if (question.is_match) {
      askMatch(card, question);
    } else if (question.is_order) {
      askOrder(card, question);
    } else {
      askTyped(card, question);
    }
    showProgress(true);
    show(card, prompt);
  }

  function showResult() {
    const title = heading("h1", "Your result");
    const words = score() === total ? "Everything right. Well done!" : "Look at the ones below, then try again.";
    const review = lesson.questions.map((question, i) => {
      const mark = make("span", `mark ${results[i] ? "is-right" : "is-wrong"}`, results[i] ? "✓" : "✗");
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", results[i] ? "right" : "wrong");
      const text = make("div", "", make("p", "", question.prompt), make("p", "solution", question.solution));
      return make("li", "", mark, text);
    });
    const points = make("p", "points", `${score()} of ${total}`);
    const card = make("section", "card", make("div", "result", title, points, make("p", "words", words), button("main", start, "Play again")), make("ol", "review", ...review));
    live.textContent = `${score()} of ${total} right.`;
    showProgress(false);
    show(card, title);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !pressOption) return;
    const place = "123456".indexOf(event.key);
    const letter = "abcdef".indexOf(event.key.toLowerCase());
    if (event.key.length === 1 && (place >= 0 || letter >= 0)) pressOption(Math.max(place, letter));
  });

  showStart();
})();
