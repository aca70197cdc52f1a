// A question with its options as buttons; question.js stands before this. With no kernel it still answers:
// all it needs is in the model, and only the note of what was chosen is lost.

function render({ model, el }) {
  const card = ask(model, "cu-choice", el);
  const group = make("div", "cu-choice-options", card);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", model.get("question").replaceAll("`", ""));
  const said = make("div", "cu-choice-said", card);
  said.setAttribute("role", "status");
  said.setAttribute("aria-live", "polite");

  const options = model.get("options");
  const buttons = options.map((option) => {
    const button = make("button", "cu-choice-option", group);
    button.type = "button";
    keepKeys(button);
    const mark = make("span", "cu-choice-mark", button);
    mark.setAttribute("aria-hidden", "true");
    write(make("span", "cu-choice-text", button), `${option.letter}) ${option.text}`);
    button.addEventListener("click", () => choose(option.letter));
    return button;
  });

  function choose(letter) {
    model.set("chosen", letter);
    model.save_changes();
  }

  function draw() {
    const chosen = model.get("chosen");
    said.replaceChildren();
    options.forEach((option, at) => {
      const here = option.letter === chosen;
      const state = here ? option.state : "";
      buttons[at].setAttribute("aria-pressed", String(here));
      buttons[at].dataset.state = state;
      buttons[at].firstChild.textContent = { good: "✓", bad: "✕", noted: "•" }[state] ?? "";
      if (!here) return;
      const line = make("p", "cu-choice-answer", said);
      line.dataset.state = state;
      if (option.verdict) {
        make("b", "", line).textContent = option.verdict;
        line.append(" ");
      }
      write(line, option.said);
    });
    if (model.get("problem")) write(make("p", "cu-question-prompt", said), model.get("problem"));
  }

  group.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target.closest("button"));
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = buttons.length - 1;
    const next = {
      ArrowDown: at === last ? 0 : at + 1,
      ArrowRight: at === last ? 0 : at + 1,
      ArrowUp: at === 0 ? last : at - 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    const named = options.findIndex((option) => option.letter === event.key.toLowerCase());
    if (next === undefined && named < 0) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[next ?? named].focus();
    if (next === undefined) choose(options[named].letter);
  });

  model.on("change:chosen", draw);
  model.on("change:problem", draw);
  draw();
  return () => {
    model.off("change:chosen", draw);
    model.off("change:problem", draw);
  };
}

export default { render };
