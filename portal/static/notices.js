// Notices: the page's title counts them while the user is elsewhere, and the browser tells of a
// new one where the user asked for that. Only one of several open pages does.

const WANTED = "portal-notices";
const COUNTED = /^\(\d+\) /;
const badge = () => document.getElementById("notice-count");

const showInTitle = () => {
  const count = Number(badge()?.dataset.notices ?? 0);
  const title = document.title.replace(COUNTED, "");
  document.title = document.hidden && count ? `(${count}) ${title}` : title;
};

const mayTell = () =>
  "Notification" in window && Notification.permission === "granted" && localStorage.getItem(WANTED) === "yes";

let known = badge()?.dataset.latest;

const tell = () => {
  const { latest, title: words } = badge()?.dataset ?? {};
  if (latest && latest !== known && document.hidden && mayTell()) {
    const shown = new Notification(words, { tag: latest });
    shown.addEventListener("click", () => {
      window.focus();
      location.assign(badge().closest("a").href);
    });
  }
  known = latest ?? known;
};

document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  if (target?.id === "notice-count" || target?.querySelector?.("#notice-count")) {
    showInTitle();
    tell();
  }
});
document.addEventListener("visibilitychange", showInTitle);

// <button data-ask-notices>: the browser asks for permission only when it is pressed.
const button = document.querySelector("[data-ask-notices]");

const showState = () => {
  const refused = Notification.permission === "denied";
  button.hidden = refused;
  button.textContent = mayTell() ? "Stop telling me in this browser" : "Tell me in this browser too";
  document.querySelector("[data-notices-state]").textContent = refused
    ? "This browser refuses to show notices of the portal; its settings say so."
    : "";
};

if (button && "Notification" in window) {
  button.addEventListener("click", async () => {
    const wants = !mayTell();
    const permission = wants ? await Notification.requestPermission() : "granted";
    localStorage.setItem(WANTED, wants && permission === "granted" ? "yes" : "no");
    showState();
  });
  showState();
}
