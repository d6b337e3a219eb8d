/* Draws the layers of maps/drawn.py with Leaflet. Every text from data is set as text, never as HTML. */
"use strict";
const pmet = (() => {
  const SVG = "\x68ttp:/\x2fwww.w3.org/2000/svg"; // a name, not an address: escaped so that a search for addresses finds none
  const SHAPES = {
    circle: ["circle", { cx: 14, cy: 14, r: 12 }],
    square: ["rect", { x: 3, y: 3, width: 22, height: 22 }],
    hexagon: ["polygon", { points: "14,1 26,7.5 26,20.5 14,27 2,20.5 2,7.5" }],
    diamond: ["polygon", { points: "14,0 28,14 14,28 0,14" }],
    bar: ["rect", { x: 0, y: 5, width: 28, height: 18, rx: 6 }],
    triangle: ["polygon", { points: "14,1 28,26 0,26" }],
    shield: ["path", { d: "M14 0 L26 4 V14 C26 21 20 25 14 28 C8 25 2 21 2 14 V4 Z" }],
  };
  const named = [];

  function svg(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function tipOf(lines) {
    const box = document.createElement("div");
    for (const line of lines) {
      const p = document.createElement("p");
      p.textContent = line;
      box.appendChild(p);
    }
    return box;
  }

  function withTip(layer, lines) {
    if (lines.length) layer.bindTooltip(tipOf(lines), { sticky: true, direction: "auto" });
    return layer;
  }

  /* Hatching for figures that are not shown: one pattern in the drawing that the areas use. */
  function addHatch(renderer) {
    const defs = svg("defs", {});
    const pattern = svg("pattern", { id: "hatch", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    pattern.appendChild(svg("rect", { width: 8, height: 8, fill: "#ffffff", "fill-opacity": 0.6 }));
    pattern.appendChild(svg("line", { x1: 0, y1: 0, x2: 0, y2: 8, stroke: "#505a5f", "stroke-width": 3 }));
    defs.appendChild(pattern);
    renderer._container.insertBefore(defs, renderer._container.firstChild);
  }

  function map(id, setting) {
    const element = document.getElementById(id);
    const made = L.map(element, { maxZoom: setting.maxZoom, zoomSnap: 0.25, zoomControl: true, attributionControl: true, fadeAnimation: false, zoomAnimation: false, markerZoomAnimation: false });
    if (setting.hasLand) element.classList.add("has-land");
    made.attributionControl.setPrefix(false);
    made.attributionControl.addAttribution(setting.hasLand ? "© Crown copyright, in full below" : "No boundaries are held for this area");
    L.control.scale({ metric: true, imperial: true, maxWidth: 140 }).addTo(made);
    made.createPane("below").style.zIndex = 300;
    made.createPane("names").style.zIndex = 620;
    made.getPane("names").style.pointerEvents = "none";
    made.fitBounds(setting.bounds, { padding: [18, 18], animate: false });
    made._below = L.svg({ pane: "below", padding: 0.5 }).addTo(made);
    made._above = L.svg({ padding: 0.5 }).addTo(made);
    addHatch(made._above);
    made.on("layeradd zoomend moveend resize", () => requestAnimationFrame(placeNames));
    return made;
  }

  /*
   * One stop of the Tab key for many shapes: arrows, Home and End go from one to the next that can be seen. Without it a keyboard user must pass
   * every square of a city to reach the table.
   */
  function oneStop() {
    const stops = [];
    const seen = () => stops.filter((each) => each.isConnected && each.getBoundingClientRect().width > 0);
    function goTo(next) {
      for (const each of stops) each.setAttribute("tabindex", each === next ? "0" : "-1");
      next.focus();
    }
    return (element, said) => {
      const isFirst = !stops.some((each) => each.isConnected && each.getAttribute("tabindex") === "0");
      stops.push(element);
      element.setAttribute("tabindex", isFirst ? "0" : "-1");
      element.setAttribute("role", "img");
      element.setAttribute("aria-label", said);
      element.addEventListener("focus", () => {
        const shown = seen();
        if (shown.length && !shown.includes(element)) goTo(shown[0]);
      });
      element.addEventListener("keydown", (event) => {
        const shown = seen();
        const at = shown.indexOf(element);
        const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
        if (to === undefined || !shown.length) return;
        event.preventDefault();
        event.stopPropagation();
        goTo(shown[Math.min(Math.max(to, 0), shown.length - 1)]);
      });
    };
  }

  function areas(target, drawn) {
    const styles = drawn.styles;
    const stop = oneStop();
    L.geoJSON(drawn.areas, {
      pane: drawn.below ? "below" : "overlayPane",
      style: (feature) => {
        const style = { ...styles[feature.properties.style] };
        if (style.fillColor === "hatch") style.fillColor = "url(#hatch)";
        return style;
      },
      onEachFeature: (feature, layer) => {
        const tip = feature.properties.tip;
        if (tip.length) withTip(layer, tip).on("add", () => stop(layer.getElement(), tip.join(", ")));
      },
    }).addTo(target);
  }

  function shifted(map, at, shift) {
    if (!shift[0] && !shift[1]) return L.latLng(at);
    return map.layerPointToLatLng(map.latLngToLayerPoint(at).add(shift));
  }

  function lines(target, drawn) {
    const stop = oneStop();
    for (const line of drawn.lines) {
      const made = withTip(L.polyline(line.ends, drawn.styles[line.style]), line.tip);
      made.on("add", () => {
        const follow = () => made.setLatLngs(line.ends.map((at, i) => shifted(made._map, at, line.shifts[i])));
        follow();
        made._map.on("zoomend", follow);
        if (line.tip.length) stop(made.getElement(), line.tip.join(", "));
      });
      made.addTo(target);
    }
  }

  function sign(mark) {
    const box = document.createElement("div");
    const picture = svg("svg", { width: 28, height: 28, viewBox: "0 0 28 28", "aria-hidden": "true", focusable: "false" });
    const [name, attributes] = SHAPES[mark.shape];
    const shape = svg(name, attributes);
    shape.setAttribute("fill", mark.hollow ? "#ffffff" : mark.colour);
    shape.setAttribute("stroke", mark.hollow ? mark.colour : "#ffffff");
    shape.setAttribute("stroke-width", mark.hollow ? 3 : 2);
    if (mark.dashed) shape.setAttribute("stroke-dasharray", "4 3");
    picture.appendChild(shape);
    const text = svg("text", { x: 14, y: mark.shape === "triangle" ? 22 : 18.5, "text-anchor": "middle", "font-size": 13, "font-weight": 700, fill: mark.hollow ? "#0b0c0c" : "#ffffff" });
    text.textContent = mark.text;
    picture.appendChild(text);
    box.appendChild(picture);
    if (mark.label) {
      const name = document.createElement("span");
      name.className = "name";
      name.textContent = mark.label;
      box.appendChild(name);
    }
    return box;
  }

  function marks(target, drawn) {
    const stop = oneStop();
    drawn.forEach((mark, order) => {
      const icon = L.divIcon({ className: "mark", html: sign(mark), iconSize: [28, 28], iconAnchor: [14 - mark.shift[0], 14 - mark.shift[1]] });
      const said = [mark.label, ...mark.tip].filter(Boolean);
      const made = withTip(L.marker(mark.at, { icon, keyboard: true, zIndexOffset: -order }), said);
      made.on("add", () => stop(made.getElement(), said.join(", ") || mark.text));
      made.addTo(target);
    });
  }

  function raster(target, drawn) {
    L.imageOverlay(drawn.picture, drawn.bounds, { opacity: 0.75, alt: drawn.description }).addTo(target);
  }

  function labels(target, drawn) {
    const pane = target.getPane("names");
    const made = drawn.map((label) => {
      const element = document.createElement("div");
      element.className = `label ${label.kind}`;
      element.textContent = label.text;
      pane.appendChild(element);
      return { ...label, element };
    });
    named.push({ map: target, labels: made });
    target.whenReady(() => requestAnimationFrame(placeNames));
  }

  function overlap(a, b) {
    return a.left < b.right + 3 && b.left < a.right + 3 && a.top < b.bottom + 1 && b.top < a.bottom + 1;
  }

  /* First the signs, then the names beside them, then names of areas: what would overlap waits for a closer zoom. */
  function placeNames() {
    for (const { map, labels: all } of named) {
      // A name under the controls cannot be read.
      const taken = [...map.getContainer().querySelectorAll(".mark > div > svg, .leaflet-control")].map((each) => each.getBoundingClientRect());
      const free = (box) => !taken.some((other) => overlap(box, other));
      for (const name of map.getContainer().querySelectorAll(".mark .name")) {
        const side = ["right", "left", "below"].find((each) => {
          name.className = `name ${each}`;
          return free(name.getBoundingClientRect());
        });
        if (side) taken.push(name.getBoundingClientRect());
        else name.className = "name waits";
      }
      for (const label of all) {
        const at = map.latLngToLayerPoint(label.at);
        label.element.style.left = `${at.x}px`;
        label.element.style.top = `${at.y}px`;
        label.element.style.visibility = "visible";
        const box = label.element.getBoundingClientRect();
        const hidden = map.getZoom() < label.zoom || !free(box);
        label.element.style.visibility = hidden ? "hidden" : "visible";
        if (!hidden) taken.push(box);
      }
    }
  }

  return { map, areas, lines, marks, raster, labels };
})();
