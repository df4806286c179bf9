// A part of a page that follows what a worker does: it is read anew every two seconds, and the whole page once there is nothing more to
// follow. Without this file the page reloads itself.

const NO_MORE = 204;
const part = document.querySelector("[data-live]");

async function follow() {
  try {
    const answer = await fetch(part.dataset.live, { headers: { Accept: "text/html" } });
    if (answer.status === NO_MORE || answer.redirected) return location.reload();
    if (answer.ok) part.innerHTML = await answer.text();
  } catch {
    // The network is away for a moment.
  }
  setTimeout(follow, 2000);
}

if (part) setTimeout(follow, 2000);
