#include "eval/report/figures.h"

#include "eval/report/figure_spec.h"

namespace polar {
namespace {

using Draw = Figure (*)(const Report&);

// A figure is a line here and a file under eval/report/figures/.
constexpr Draw kFigures[] = {drawAccuracyCost,  drawPassAtK,    drawLevels,       drawFirstChoiceLayers,
                             drawEditTolerance, drawSearchCost, drawShortestRight};

}  // namespace

std::vector<Figure> drawFigures(const Report& report) {
  std::vector<Figure> figures;
  for (const Draw draw : kFigures) {
    Figure figure = draw(report);
    if (!figure.panels.empty()) figures.push_back(std::move(figure));
  }
  return figures;
}

std::string figureFile(const Figure& figure) {
  Json file;
  file["$schema"] = "https://vega.github.io/schema/vega-lite/v6.json";
  file["title"] = {{"text", figure.title}, {"fontSize", 16}};
  file["description"] = figure.caption;
  file["config"] = vegaTheme(false);
  file["columns"] = figure.wide ? 1 : 2;
  file["concat"] = Json::array();
  for (const Panel& panel : figure.panels) {
    Json view = {{"title", panel.title}, {"description", panel.description}};
    view["width"] = kPanelWidth * (figure.wide ? 2 : 1);
    if (!panel.spec.contains("height")) view["height"] = kPanelHeight;
    view.update(panel.spec);
    file["concat"].push_back(std::move(view));
  }
  return file.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace polar
