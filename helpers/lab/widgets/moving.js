// A prediction whose parts are moved to their places; question.js stands before this. A part is dragged; or it is
// picked up by a click (or Enter) and put down by a click on a place; or its place's number is pressed. On lanes a part
// can be in several places at once: each number puts it there, or takes it away again.

const FAR = 4; // pixels from which on a press is a drag

function render({ model, el }) {
  const several = model.get("look") === "lanes";
  const parts = model.get("parts");
  const names = model.get("places");
  const where = new Map(parts.map((part) => [part.letter, new Set(part.at)]));
  let picked = null; // { letter, from }: the part that was picked up, and the place it was picked up from

  const card = ask(model, "cu-moving", el);
  card.dataset.look = model.get("look");
  const shelf = place("0", several ? "Drag from here" : "Not placed yet");
  const board = make("div", "cu-moving-board", card);
  const places = new Map([["0", shelf]]);
  names.forEach((name, at) => places.set(String(at + 1), place(String(at + 1), `${at + 1}) ${name}`, board)));
  write(
    make("p", "cu-question-prompt", card),
    several
      ? "Drag a part to where it belongs; it can be in several places, and goes back to the top row from each. Or give it the focus and press the numbers of its places."
      : "Drag each part to where it belongs. Or give it the focus and press the number of its place.",
  );
  const done = make("button", "cu-moving-done", card);
  done.type = "button";
  done.textContent = "That is my guess";
  keepKeys(done);
  done.addEventListener("click", commit);
  const said = make("div", "cu-moving-said", card);
  said.setAttribute("role", "status");
  said.setAttribute("aria-live", "polite");

  function place(number, words, parent = card) {
    const row = make("div", "cu-moving-place", parent);
    row.dataset.place = number;
    write(make("span", "cu-moving-name", row), words);
    const holds = make("div", "cu-moving-holds", row);
    row.addEventListener("click", (event) => {
      if (picked && !event.target.closest("button")) put(picked.letter, picked.from, number);
    });
    return holds;
  }

  // from: the place the part came from; to: "0" takes it off. On lanes a part that comes from another lane moves, and
  // one that comes from the top row is there in addition.
  function put(letter, from, to) {
    const at = where.get(letter);
    if (!several) at.clear();
    else if (from !== "0") at.delete(from);
    if (to !== "0") at.add(to);
    settle(letter, to);
  }

  function toggle(letter, number) {
    const at = where.get(letter);
    if (several && at.has(number)) {
      at.delete(number);
      settle(letter, "0");
      return;
    }
    if (!several) at.clear();
    at.add(number);
    settle(letter, number);
  }

  function settle(letter, to) {
    picked = null;
    draw();
    const part = parts.find((one) => one.letter === letter);
    const at = [...where.get(letter)].sort().map((number) => names[number - 1]);
    tell(`${part.text.replaceAll("`", "")}: ${at.join(" and ") || "not placed"}.`);
    const home = several && !where.get(letter).has(to) ? "0" : to;
    places.get(home)?.querySelector(`[data-part="${letter}"]`)?.focus();
  }

  function tell(words, style = "") {
    said.replaceChildren();
    write(make("p", style, said), words);
  }

  function missing() {
    return parts.filter((part) => !where.get(part.letter).size);
  }

  function commit() {
    const open = missing();
    if (open.length) {
      tell(`Not placed yet: ${open.map((part) => part.text).join(", ")}.`);
      return;
    }
    const words = parts.map((part) => part.letter + [...where.get(part.letter)].sort().join(""));
    model.set("guess", words.join(" "));
    model.save_changes();
  }

  function chip(part, number) {
    const button = make("button", "cu-moving-part", places.get(number));
    button.type = "button";
    button.dataset.part = part.letter;
    write(button, part.text);
    keepKeys(button);
    const at = number === "0" ? "not placed" : names[number - 1];
    button.setAttribute("aria-label", `${part.text.replaceAll("`", "")}, ${at}`);
    button.setAttribute("aria-pressed", String(picked?.letter === part.letter && picked.from === number));
    button.addEventListener("keydown", (event) => keys(event, part.letter, number));
    button.addEventListener("pointerdown", (event) => drag(event, button, part.letter, number));
    button.addEventListener("click", (event) => {
      if (event.detail && button.dataset.dragged) return; // the click at the end of a drag
      const same = picked?.letter === part.letter && picked.from === number;
      picked = same ? null : { letter: part.letter, from: number };
      draw();
      places.get(number).querySelector(`[data-part="${part.letter}"]`)?.focus();
    });
    return button;
  }

  function keys(event, letter, number) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[1-9]$/.test(event.key) && Number(event.key) <= names.length) toggle(letter, event.key);
    else if (event.key === "0" || event.key === "Backspace" || event.key === "Delete") put(letter, number, "0");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function drag(event, button, letter, number) {
    if (event.button) return;
    delete button.dataset.dragged;
    const [x, y] = [event.clientX, event.clientY];
    const under = (now) => {
      button.style.visibility = "hidden"; // so that what lies under it is found
      const found = document.elementFromPoint(now.clientX, now.clientY)?.closest(".cu-moving-place");
      button.style.visibility = "";
      return found && card.contains(found) ? found : null;
    };
    const move = (now) => {
      if (!button.dataset.dragged && Math.hypot(now.clientX - x, now.clientY - y) < FAR) return;
      button.dataset.dragged = "yes";
      button.style.transform = `translate(${now.clientX - x}px, ${now.clientY - y}px)`;
      light(under(now));
    };
    const end = (now) => {
      button.removeEventListener("pointermove", move);
      button.removeEventListener("pointerup", end);
      button.removeEventListener("pointercancel", end);
      light(null);
      button.style.transform = "";
      const found = button.dataset.dragged && now.type === "pointerup" ? under(now) : null;
      if (found && found.dataset.place !== number) put(letter, number, found.dataset.place);
    };
    button.setPointerCapture(event.pointerId);
    button.addEventListener("pointermove", move);
    button.addEventListener("pointerup", end);
    button.addEventListener("pointercancel", end);
  }

  function light(row) {
    card.querySelectorAll(".cu-moving-place").forEach((one) => one.classList.toggle("cu-moving-here", one === row));
  }

  function draw() {
    for (const holds of places.values()) holds.replaceChildren();
    for (const part of parts) {
      const at = [...where.get(part.letter)].sort();
      // on lanes a part stays in the top row, to be put on one more
      if (several || !at.length) chip(part, "0").dataset.placed = at.length ? "yes" : "";
      for (const number of at) chip(part, number);
    }
    card.dataset.picked = picked ? "yes" : "";
  }

  function told() {
    if (model.get("said")) tell(model.get("said"), "cu-moving-noted");
  }

  model.on("change:said", told);
  draw();
  told();
  return () => model.off("change:said", told);
}

export default { render };
