// What scripts add to pages that work without them: GOV.UK behaviour, copying, and evidence opened in place.
import { initAll } from "./vendor/govuk-frontend.min.js";

initAll();

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copies).textContent;
    await navigator.clipboard.writeText(text);
    const before = button.firstChild.textContent;
    button.firstChild.textContent = "Copied";
    setTimeout(() => { button.firstChild.textContent = before; }, 2000);
  });
}

// A count opens its evidence below the row or the hop that it stands in, and closes it again.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.evidence-link");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0 || !window.htmx) return;
  event.preventDefault();
  const row = link.closest("tr");
  const place = row || link.closest("li, dd, p") || link.parentElement;
  const next = place.nextElementSibling;
  if (next && next.dataset.evidenceOf === link.href) { next.remove(); link.setAttribute("aria-expanded", "false"); return; }
  if (next && next.dataset.evidenceOf) next.remove();
  let target;
  let outer;
  if (row) {
    outer = document.createElement("tr");
    outer.className = "evidence-row";
    target = document.createElement("td");
    target.colSpan = row.cells.length;
    outer.append(target);
  } else {
    outer = target = document.createElement(place.tagName === "LI" ? "li" : "div");
    outer.className = "evidence-row";
  }
  outer.dataset.evidenceOf = link.href;
  target.textContent = "Opening the evidence…";
  target.setAttribute("aria-live", "polite");
  place.after(outer);
  link.setAttribute("aria-expanded", "true");
  const path = new URL(link.href);
  window.htmx.ajax("GET", path.pathname + path.search, { target, swap: "innerHTML" }).catch(() => { window.location = link.href; });
});

// If the store or the session is gone, the fragment is an error page: go to the page itself, which says so in full.
document.addEventListener("htmx:responseError", (event) => {
  event.detail.target.textContent = "This could not be opened now. Reload the page and try again.";
});
