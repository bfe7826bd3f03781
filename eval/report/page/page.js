// Draws the panels of the page, again where the reader changes between light and dark or the page's width.
"use strict";
(() => {
  const { themes, panels } = JSON.parse(document.getElementById("panels").textContent);
  const places = Array.from(document.querySelectorAll(".plot"));
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function fitted(panel, width) {
    const spec = structuredClone(panel.spec);
    spec.config = structuredClone(dark.matches ? themes.dark : themes.light);
    spec.config.legend.columns = Math.max(1, Math.floor(width / 170));
    spec.width = width;
    spec.height ??= Math.min(300, Math.max(200, Math.round(0.7 * width)));
    spec.autosize = { type: "fit-x", contains: "padding" };
    return spec;
  }

  async function draw(place, panel) {
    try {
      await vegaEmbed(place, fitted(panel, place.clientWidth), {
        mode: "vega-lite",
        renderer: "svg",
        ast: true,  // interprets expressions: the page's policy forbids making functions from text
        tooltip: { theme: dark.matches ? "dark" : "light" },
        actions: { export: true, source: false, compiled: false, editor: false },
        downloadFileName: panel.name,
      });
    } catch (error) {
      place.textContent = "This figure could not be drawn; its numbers are in the table below.";
      place.classList.add("failed");
      console.error(panel.name, error);
    }
  }

  async function drawAll() {
    await Promise.all(places.map((place, i) => draw(place, panels[i])));
    document.documentElement.dataset.figures = String(places.length);
  }

  let width = innerWidth, waiting = 0;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 200);
  });
  dark.addEventListener("change", drawAll);
  drawAll();
})();
