// Draws a peer network where the server placed it. Nothing is moved by chance: the same network is the same picture.
(() => {
  const box = document.getElementById("peer-map");
  if (!box || !window.cytoscape) return;
  box.hidden = false;
  const elements = JSON.parse(document.getElementById(box.dataset.elements).textContent);
  const ink = "#0b0c0c";
  const shapes = { child: "ellipse", adult: "rectangle", person: "hexagon" };
  const fills = { child: "#bfd9ee", adult: "#f3e2b3", person: "#e3e5e8" };
  const map = window.cytoscape({
    container: box,
    elements,
    layout: { name: "preset", fit: true, padding: 24 },
    autoungrabify: true,
    boxSelectionEnabled: false,
    userZoomingEnabled: false,
    userPanningEnabled: true,
    minZoom: 0.2,
    maxZoom: 3,
    style: [
      { selector: "node", style: {
        width: 46, height: 46, label: "data(label)", "text-valign": "bottom", "text-margin-y": 6,
        "font-family": "system-ui, Segoe UI, Noto Sans, Liberation Sans, Arial, sans-serif", "font-size": 19, "font-weight": 700, color: ink,
        "text-wrap": "wrap", "text-max-width": 170, "text-background-color": "#ffffff", "text-background-opacity": 0.85, "text-background-padding": 2,
        "background-color": (node) => fills[node.data("kind")] || "#e3e5e8",
        shape: (node) => shapes[node.data("kind")] || "diamond",
        "border-width": 3, "border-color": ink } },
      { selector: "node.unknown", style: { "border-style": "dashed", "background-color": "#ffffff" } },
      { selector: "node.centre", style: { width: 62, height: 62, "border-width": 6 } },
      { selector: "edge", style: { width: "data(width)", "curve-style": "bezier", "line-color": "#6f777b", "line-style": "dashed", "line-dash-pattern": [1, 10], "line-cap": "round" } },
      { selector: "edge[said != '']", style: { label: "data(said)", "font-size": 15, "font-weight": 700, color: "#8f3f0a", "text-rotation": "autorotate", "text-background-color": "#ffffff", "text-background-opacity": 0.9, "text-background-padding": 2 } },
      { selector: "edge.concern", style: { "line-color": "#8f3f0a", "line-style": "solid", "line-cap": "butt" } },
      { selector: "edge.strength", style: { "line-color": "#00643b", "line-style": "dashed", "line-dash-pattern": [16, 8], "line-cap": "butt" } },
      { selector: "edge.neutral.thin", style: { "line-color": "#484f54", "line-dash-pattern": [1, 6] } },
      { selector: ":selected", style: { "overlay-color": "#ffdd00", "overlay-opacity": 0.45, "overlay-padding": 6 } },
    ],
  });
  const refit = () => { map.resize(); map.fit(undefined, 24); };
  new ResizeObserver(refit).observe(box);
  window.addEventListener("beforeprint", refit);
  map.on("tap", "edge", (event) => {
    const row = document.getElementById(`link-${event.target.data("row")}`);
    if (!row) return; // beyond the rows that are shown
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "center" });
    row.querySelector("a.evidence-link")?.click();
  });
  map.on("tap", "node", (event) => { if (!event.target.hasClass("centre")) window.location = event.target.data("href"); });
  box.dataset.drawn = "yes";
})();
