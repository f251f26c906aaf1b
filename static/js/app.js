// Small comforts on top of pages that work without them: drafts, one submit only, questions, file sizes, lists, phrases.
const DRAFT_PAUSE_MS = 1500;
const TEXT_TYPES = ["text", "search", "email", "url", "tel", "number", "date", "time", "datetime-local", "month"];
const drafts = new WeakMap();

document.documentElement.classList.add("js");

function text(name, otherwise) {
  return document.body.dataset[name] || otherwise;
}

function on(type, selector, handle) {
  document.addEventListener(type, (event) => {
    const element = event.target instanceof Element && event.target.closest(selector);
    if (element) handle(element, event);
  });
}

// --- (a) server-side drafts ---------------------------------------------------------------------------------

function draftOf(form) {
  if (!drafts.has(form)) drafts.set(form, { edits: 0, saved: 0, sentLeaving: 0, timer: 0, request: null });
  return drafts.get(form);
}

function textFields(form) {
  const fields = {};
  Array.from(form.elements).forEach((element) => {
    const isText = element.tagName === "TEXTAREA" || element.tagName === "SELECT" || TEXT_TYPES.includes(element.type);
    if (isText && element.name && !element.disabled && !element.multiple) fields[element.name] = element.value;
  });
  return fields;
}

function showDraftStatus(form, saved) {
  const status = form.querySelector("[data-draft-status]");
  if (!status) return;
  const now = new Date();
  const clock = [now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
  status.classList.toggle("is-unsaved", !saved);
  status.textContent = saved
    ? `${text("textSaved", "草稿已保存")} ${clock}`
    : text("textUnsaved", "草稿没有保存上，请检查网络；您写的内容仍在本页，请先不要关闭。");
}

async function saveDraft(form, leaving) {
  const draft = draftOf(form);
  const token = form.querySelector("[name=csrfmiddlewaretoken]");
  clearTimeout(draft.timer);
  if (draft.request) draft.request.abort();
  const request = new AbortController();
  draft.request = request;
  const edits = draft.edits;
  try {
    const response = await fetch(form.dataset.draftUrl, {
      method: "POST",
      credentials: "same-origin",
      keepalive: leaving,
      signal: request.signal,
      headers: { "Content-Type": "application/json", "X-CSRFToken": token ? token.value : "" },
      body: JSON.stringify({ fields: textFields(form) }),
    });
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    draft.saved = edits;
    showDraftStatus(form, true);
  } catch (problem) {
    if (problem.name !== "AbortError") showDraftStatus(form, false);
  }
}

function noteTyping(form) {
  const draft = draftOf(form);
  draft.edits += 1;
  clearTimeout(draft.timer);
  draft.timer = setTimeout(() => saveDraft(form, false), DRAFT_PAUSE_MS);
}

// Leaving by the browser calls this as an event handler; logging out waits for the answer.
function saveBeforeLeaving() {
  const unsaved = Array.from(document.querySelectorAll("form[data-draft-url]")).filter((form) => {
    const draft = draftOf(form);
    return draft.edits !== draft.saved && draft.edits !== draft.sentLeaving;
  });
  return Promise.all(unsaved.map((form) => {
    draftOf(form).sentLeaving = draftOf(form).edits;
    return saveDraft(form, true);
  }));
}

function forgetDraft(form) {
  const draft = draftOf(form);
  clearTimeout(draft.timer);
  if (draft.request) draft.request.abort();
  draft.saved = draft.edits;
}

on("input", "form[data-draft-url]", noteTyping);
on("change", "form[data-draft-url]", noteTyping);
window.addEventListener("pagehide", saveBeforeLeaving);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") saveBeforeLeaving();
});

// --- (b) one submit only; data-repeat marks forms that answer with a download --------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.hasAttribute("data-leaves")) {
    event.preventDefault();
    saveBeforeLeaving().then(() => form.submit());
    return;
  }
  if (form.dataset.draftUrl) forgetDraft(form);
  if ((form.getAttribute("method") || "get").toLowerCase() !== "post" || form.hasAttribute("data-repeat")) return;
  form.dataset.sent = "yes";
  // After this turn, so that the pressed button's own name and value still travel.
  setTimeout(() => {
    const buttons = Array.from(form.elements).filter((element) => element.type === "submit" && !element.disabled);
    buttons.forEach((button) => {
      button.disabled = true;
      button.dataset.wasSent = "yes";
    });
  }, 0);
});

window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  document.querySelectorAll("[data-was-sent]").forEach((button) => {
    button.disabled = false;
    delete button.dataset.wasSent;
  });
});

// --- (c) ask first -------------------------------------------------------------------------------------------

on("click", "[data-confirm]", (element, event) => {
  if (!window.confirm(element.dataset.confirm)) event.preventDefault();
});

// --- (d) chosen files ----------------------------------------------------------------------------------------

function readableSize(bytes) {
  if (!bytes) return "0 KB";
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function fileRow(file, limit) {
  const row = document.createElement("li");
  [file.name, readableSize(file.size)].forEach((words) => {
    const span = document.createElement("span");
    span.textContent = words;
    row.append(span);
  });
  if (file.size > limit || !file.size) {
    const warning = document.createElement("strong");
    warning.textContent = file.size
      ? `${text("textTooLarge", "这个文件太大，请换一个较小的文件，上限为")} ${readableSize(limit)}。`
      : text("textEmpty", "这个文件是空的，请重新选择。");
    row.classList.add("is-too-large");
    row.append(warning);
  }
  return row;
}

on("change", "input[type=file][data-max-bytes]", (input) => {
  const anchor = input.closest(".dropzone") || input;
  let list = anchor.nextElementSibling;
  if (!list || !list.matches(".file-list")) {
    list = document.createElement("ul");
    list.className = "file-list";
    list.setAttribute("aria-live", "polite");
    anchor.after(list);
  }
  const limit = Number(input.dataset.maxBytes);
  list.replaceChildren(...Array.from(input.files, (file) => fileRow(file, limit)));
});

// --- (e) tick all, (f) print, (g) ready phrases --------------------------------------------------------------

on("change", "[data-check-all]", (all) => {
  const scope = all.form || all.closest("table") || document;
  scope.querySelectorAll("input[type=checkbox]").forEach((box) => {
    if (box !== all && !box.disabled && (!all.dataset.checkAll || box.name === all.dataset.checkAll)) box.checked = all.checked;
  });
});

on("click", "[data-print]", () => window.print());

on("click", "[data-fill]", (button) => {
  const target = document.querySelector(button.dataset.fill);
  if (!target) return;
  const phrase = button.dataset.phrase || button.textContent.trim();
  const replaceable = !target.value.trim() || target.value === target.dataset.filled;
  target.value = replaceable ? phrase : `${target.value.trimEnd()}\n${phrase}`;
  target.dataset.filled = target.value;
  target.dispatchEvent(new Event("input", { bubbles: true }));
  target.focus();
});

// A list whose entries carry notes: the note of the one that is chosen stands below it.
on("change", "select[data-notes]", (list) => {
  const help = document.getElementById(`${list.id}_helptext`);
  if (help) help.textContent = list.selectedOptions[0].dataset.note || "";
});

// Proposals while typing: a datalist filled from the address in data-lookup.
for (const input of document.querySelectorAll("input[data-lookup]")) {
  const list = document.createElement("datalist");
  list.id = `${input.id}_options`;
  input.setAttribute("list", list.id);
  const none = Object.assign(document.createElement("small"), { className: "lookup-none", hidden: true });
  none.setAttribute("role", "status");
  input.after(list, none);
  let timer = 0;
  let asked = "";
  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(async () => {
      const typed = input.value.split(/[、，,；;]/).pop().trim();
      if (!typed) none.hidden = true;
      if (!typed || typed === asked) return;
      asked = typed;
      const answer = await fetch(`${input.dataset.lookup}?q=${encodeURIComponent(typed)}`).catch(() => null);
      if (!answer || !answer.ok) return;
      const head = input.value.slice(0, input.value.length - typed.length);
      const { options, none: words } = await answer.json();
      none.textContent = options.length ? "" : words;
      none.hidden = options.length > 0;
      // The browser hides what holds the typed letters neither in value nor in label: initials stand in the label.
      list.replaceChildren(...options.map((name) => Object.assign(document.createElement("option"), {
        value: head + name,
        label: name.includes(typed) ? "" : head + typed,
      })));
    }, 200);
  });
}
