// Pages that notice what others do. The socket says “look”, HTTP says what; without a socket the page asks once a minute.
const POLL_MS = 60 * 1000;
const SETTLE_MS = 200;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60 * 1000;

const page = document.body.dataset;
let socket = null;
let wait = FIRST_WAIT_MS;
let pending = 0;
let over = !page.liveUrl;

// --- numbers -------------------------------------------------------------------------------------------------

function showNumber(name, number) {
  document.querySelectorAll(`[data-live="${name}"]`).forEach((badge) => {
    badge.textContent = String(number);
    badge.hidden = number === 0;
  });
}

function showNews() {
  if (document.querySelector("[data-live-news]")) return;
  // A link and never a reload by itself: what somebody is typing stays until they choose to look.
  const bar = document.createElement("div");
  bar.className = "alert alert--warn live-news";
  bar.setAttribute("role", "status");
  bar.dataset.liveNews = "";
  const link = document.createElement("a");
  link.href = window.location.href;
  link.textContent = page.textNews || "有人刚刚办理了这个问题，点这里查看最新情况";
  link.addEventListener("click", (event) => {
    event.preventDefault();
    window.location.reload();
  });
  bar.append(link);
  const content = document.getElementById("content");
  if (content) content.prepend(bar);
}

function show(numbers) {
  showNumber("inbox", numbers.inbox);
  showNumber("notices", numbers.notices);
  if (page.liveCase && numbers.case !== null && numbers.case > Number(page.liveSeen)) showNews();
}

async function ask() {
  pending = 0;
  const address = page.liveCase ? `${page.liveUrl}?case=${encodeURIComponent(page.liveCase)}` : page.liveUrl;
  try {
    const answer = await fetch(address, { credentials: "same-origin", headers: { "X-Live": "1" } });
    if (answer.redirected || answer.status === 403) {
      stop(); // logged out meanwhile: the next click says so
      return;
    }
    if (answer.ok) show(await answer.json());
  } catch (problem) {
    // The line is down; the next round asks again.
  }
}

// Many words in one moment are one question.
function askSoon() {
  if (!pending) pending = window.setTimeout(ask, SETTLE_MS + Math.random() * SETTLE_MS);
}

// --- the socket ----------------------------------------------------------------------------------------------

function connect() {
  if (over || !page.liveSocket || document.visibilityState === "hidden") return;
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  try {
    socket = new WebSocket(`${scheme}://${window.location.host}${page.liveSocket}`);
  } catch (problem) {
    socket = null;
    return;
  }
  let opened = false;
  socket.addEventListener("open", () => {
    const again = wait !== FIRST_WAIT_MS;
    opened = true;
    wait = FIRST_WAIT_MS;
    if (page.liveCase) socket.send(JSON.stringify({ watch: page.liveCase }));
    if (again) askSoon(); // something may have happened while nobody listened
  });
  socket.addEventListener("message", askSoon);
  socket.addEventListener("close", (event) => {
    socket = null;
    if (event.code === 4401 || over) return;
    // Everybody comes back at a moment of their own, or a restarted server would be run over.
    const pause = opened ? FIRST_WAIT_MS : wait;
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    window.setTimeout(connect, pause * (0.5 + Math.random()));
  });
}

function stop() {
  over = true;
  if (socket) socket.close();
}

// --- when ----------------------------------------------------------------------------------------------------

window.setInterval(() => {
  const listens = socket && socket.readyState === WebSocket.OPEN;
  if (!over && !listens && document.visibilityState === "visible") ask();
}, POLL_MS);

document.addEventListener("visibilitychange", () => {
  if (over || document.visibilityState === "hidden") return;
  askSoon();
  if (!socket) connect();
});

// A page taken from the browser's memory shows what was true when it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && !over) askSoon();
});
window.addEventListener("pagehide", () => {
  if (socket) socket.close();
});

connect();
