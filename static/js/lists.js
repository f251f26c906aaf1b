// 批量交办 at once instead of by way of the server: one unit for many rows, the day that follows the kind.
const sheet = document.querySelector("form[data-bulk]");

function unitBoxes() {
  return Array.from(sheet.querySelectorAll("input[data-unit]"));
}

function isTicked(box) {
  const tick = box.closest("tr").querySelector("input[name=tick]");
  return Boolean(tick && tick.checked);
}

function sayMissing() {
  const line = sheet.querySelector("[data-missing]");
  const missing = unitBoxes().filter((box) => !box.value.trim()).length;
  line.textContent = missing ? line.dataset.missing.split("{n}").join(missing) : line.dataset.complete;
}

function give(button) {
  const source = sheet.querySelector(`#for_${button.dataset.give}`);
  const unit = source.value.trim();
  const rows = unitBoxes().filter((box) => (button.dataset.give === "ticked" ? isTicked(box) : !box.value.trim()));
  // What is missing is said by the server, in its own words.
  if (!unit || !rows.length) return false;
  rows.forEach((box) => {
    box.value = unit;
    const tick = box.closest("tr").querySelector("input[name=tick]");
    if (tick) tick.checked = false;
  });
  source.value = "";
  sheet.querySelectorAll("[data-check-all]").forEach((all) => { all.checked = false; });
  sayMissing();
  return true;
}

if (sheet) {
  sheet.addEventListener("click", (event) => {
    const button = event.target.closest("[data-give]");
    if (button && give(button)) event.preventDefault();
  });
  sheet.addEventListener("change", (event) => {
    const kind = event.target.closest("select[data-kind]");
    if (kind) document.getElementById(kind.dataset.kind).value = kind.selectedOptions[0].dataset.day;
  });
  sheet.addEventListener("input", sayMissing);
  // Enter in a box must not send the whole page.
  sheet.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault();
    const fill = event.target.closest(".bulk-give");
    if (fill) fill.querySelector("button").click();
  });
}
