// What is wrong with a form is seen at once. Loaded before app.js: a form stopped here counts as not sent.

function show(element) {
  const fold = element.closest("details");
  if (fold) fold.open = true;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center" });
}

// A page that came back with errors opens at the first of them.
const wrong =
  document.querySelector(".field--error input, .field--error select, .field--error textarea") ||
  document.querySelector("form .alert--error");
if (wrong) {
  if (wrong.matches(".alert")) wrong.tabIndex = -1;
  show(wrong);
}

function sentenceAt(input, words) {
  const list = document.createElement("ul");
  const row = document.createElement("li");
  list.className = "errorlist";
  list.dataset.unreadable = "yes";
  list.setAttribute("role", "alert");
  row.textContent = words;
  list.append(row);
  input.before(list);
}

// Of 2月30日 in a date field, or letters in a number, the browser would send nothing at all.
document.addEventListener("submit", (event) => {
  const form = event.target;
  form.querySelectorAll("[data-unreadable]").forEach((list) => list.remove());
  const unreadable = Array.from(form.elements).filter((element) => element.validity && element.validity.badInput);
  if (!unreadable.length) return;
  event.preventDefault();
  const { textBadNumber, textBadDate } = document.body.dataset;
  unreadable.forEach((input) => sentenceAt(input, input.type === "number" ? textBadNumber : textBadDate));
  show(unreadable[0]);
});
