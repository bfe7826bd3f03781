#include "eval/plot.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "eval/number_text.h"
#include "eval/table.h"

namespace polar {
namespace {

constexpr double kLeft = 52, kRight = 14, kTop = 12, kBottom = 48;

std::string unit(double value) { return fixed(value, 1); }

std::string at(double x, double y) { return unit(x) + " " + unit(y); }

std::string segment(const std::string& classes, double x1, double y1, double x2, double y2) {
  return "<path class=\"" + classes + "\" d=\"M" + at(x1, y1) + "L" + at(x2, y2) + "\"/>\n";
}

std::string textAt(const std::string& classes, double x, double y, const std::string& text,
                   const std::string& more = "") {
  return "<text class=\"" + classes + "\" x=\"" + unit(x) + "\" y=\"" + unit(y) + "\"" + more + ">" +
         escapeMarkup(text) + "</text>\n";
}

double niceStep(double rough) {
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (rough <= factor * power * (1 + 1e-9)) return factor * power;
  return 10 * power;
}

}  // namespace

Axis niceAxis(std::string label, double low, double high, int wanted) {
  if (!(high - low > 1e-9)) {
    low -= 0.5;
    high += 0.5;
  }
  const double step = niceStep((high - low) / wanted);
  // The small slack keeps 0.3 / 0.1 from becoming a tick too many.
  const auto first = static_cast<long>(std::floor(low / step + 1e-9));
  const auto last = static_cast<long>(std::ceil(high / step - 1e-9));
  const int digits = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
  Axis axis{std::move(label), static_cast<double>(first) * step, static_cast<double>(last) * step, {}};
  for (long i = first; i <= last; ++i) {
    const double value = static_cast<double>(i) * step;
    axis.ticks.push_back({value, fixed(value, digits)});
  }
  return axis;
}

std::string markerShape(std::size_t series, double x, double y) {
  const auto polygon = [&](std::initializer_list<std::pair<double, double>> corners) {
    std::string path;
    for (const auto& [dx, dy] : corners) path += (path.empty() ? "M" : "L") + at(x + dx, y + dy);
    return "<path class=\"fill\" d=\"" + path + "Z\"/>";
  };
  switch (series % kSeriesStyles) {
    case 0: return "<circle class=\"fill\" cx=\"" + unit(x) + "\" cy=\"" + unit(y) + "\" r=\"4.5\"/>";
    case 1: return polygon({{-4, -4}, {4, -4}, {4, 4}, {-4, 4}});
    case 2: return polygon({{0, -5.5}, {5.2, 4}, {-5.2, 4}});
    case 3: return polygon({{0, -5.8}, {5.8, 0}, {0, 5.8}, {-5.8, 0}});
    case 4: return polygon({{0, 5.5}, {5.2, -4}, {-5.2, -4}});
    case 5: return polygon({{-2, -5.5}, {2, -5.5}, {2, -2}, {5.5, -2}, {5.5, 2}, {2, 2}, {2, 5.5}, {-2, 5.5}, {-2, 2},
                            {-5.5, 2}, {-5.5, -2}, {-2, -2}});
    case 6: return polygon({{-5.5, 0}, {4, -5.2}, {4, 5.2}});
    default: return polygon({{5.5, 0}, {-4, -5.2}, {-4, 5.2}});
  }
}

Plot::Plot(std::string label, Axis x, Axis y) : label_(std::move(label)), x_(std::move(x)), y_(std::move(y)) {}

double Plot::x(double value) const {
  return kLeft + (value - x_.low) / (x_.high - x_.low) * (kWidth - kLeft - kRight);
}

double Plot::y(double value) const {
  return kHeight - kBottom - (value - y_.low) / (y_.high - y_.low) * (kHeight - kTop - kBottom);
}

void Plot::group(const std::string& classes, const std::string& tooltip, const std::string& shapes) {
  marks_ += "<g class=\"" + classes + "\"><title>" + escapeMarkup(tooltip) + "</title>" + shapes + "</g>\n";
}

std::string Plot::whiskerPath(double xPixel, const Interval& whisker) const {
  const double high = y(whisker.high), low = y(whisker.low);
  return "<path class=\"whisker\" d=\"M" + at(xPixel - 4, high) + "h8M" + at(xPixel, high) + "V" + unit(low) + "M" +
         at(xPixel - 4, low) + "h8\"/>";
}

void Plot::point(std::size_t series, double xValue, double yValue, const Interval& whisker, const std::string& tooltip,
                 double shift) {
  const double pixel = x(xValue) + shift;
  group("s" + std::to_string(series % kSeriesStyles), tooltip,
        whiskerPath(pixel, whisker) + markerShape(series, pixel, y(yValue)));
}

void Plot::marker(std::size_t series, double xValue, double yValue, const std::string& tooltip) {
  group("s" + std::to_string(series % kSeriesStyles), tooltip, markerShape(series, x(xValue), y(yValue)));
}

void Plot::line(std::size_t series, const std::vector<std::pair<double, double>>& points, const std::string& tooltip) {
  std::string path;
  for (const auto& [xValue, yValue] : points) path += (path.empty() ? "M" : "L") + at(x(xValue), y(yValue));
  group("s" + std::to_string(series % kSeriesStyles), tooltip, "<path class=\"line\" d=\"" + path + "\"/>");
}

void Plot::bar(std::size_t series, double xPixel, double width, double yValue, const Interval& whisker,
               const std::string& tooltip) {
  const double top = y(yValue), bottom = y(y_.low);
  group("bar s" + std::to_string(series % kSeriesStyles), tooltip,
        "<rect class=\"fill\" x=\"" + unit(xPixel) + "\" y=\"" + unit(top) + "\" width=\"" + unit(width) +
            "\" height=\"" + unit(bottom - top) + "\"/>" + whiskerPath(xPixel + width / 2, whisker));
}

void Plot::reference(double yValue, const std::string& tooltip) {
  group("reference", tooltip,
        "<path class=\"dashes\" d=\"M" + at(kLeft, y(yValue)) + "H" + unit(kWidth - kRight) + "\"/>");
}

std::string Plot::axes() const {
  const double bottom = kHeight - kBottom, right = kWidth - kRight;
  std::string text;
  for (const Tick& tick : y_.ticks) {
    text += segment("grid", kLeft, y(tick.at), right, y(tick.at));
    text += textAt("tick end", kLeft - 7, y(tick.at) + 4, tick.text);
  }
  for (const Tick& tick : x_.ticks) {
    text += segment("axis", x(tick.at), bottom, x(tick.at), bottom + 4);
    text += textAt("tick middle", x(tick.at), bottom + 18, tick.text);
  }
  text += segment("axis", kLeft, bottom, right, bottom);
  text += textAt("label middle", (kLeft + right) / 2, kHeight - 8, x_.label);
  const double middle = (kTop + bottom) / 2;
  text += textAt("label middle", 14, middle, y_.label, " transform=\"rotate(-90 14 " + unit(middle) + ")\"");
  return text;
}

std::string Plot::svg() const {
  return "<svg class=\"plot\" viewBox=\"0 0 " + fixed(kWidth, 0) + " " + fixed(kHeight, 0) +
         "\" role=\"img\" aria-label=\"" + escapeMarkup(label_) + "\">\n" + axes() + marks_ + "</svg>\n";
}

std::vector<double> spread(const std::vector<double>& pixels, double gap) {
  std::vector<std::size_t> order(pixels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return pixels[a] < pixels[b]; });
  // Clusters of neighbours, each laid out with `gap` around its own mean; clusters that then touch become one.
  struct Cluster {
    std::size_t first, count;
    double sum;
    double mean() const { return sum / static_cast<double>(count); }
  };
  std::vector<Cluster> clusters;
  const auto reach = [&](const Cluster& c) { return gap * static_cast<double>(c.count - 1) / 2; };
  for (std::size_t i = 0; i < order.size(); ++i) {
    Cluster cluster{i, 1, pixels[order[i]]};
    while (!clusters.empty()) {
      const Cluster& before = clusters.back();
      if (before.mean() + reach(before) + gap <= cluster.mean() - reach(cluster)) break;
      cluster = {before.first, before.count + cluster.count, before.sum + cluster.sum};
      clusters.pop_back();
    }
    clusters.push_back(cluster);
  }
  std::vector<double> shifts(pixels.size());
  for (const Cluster& cluster : clusters)
    for (std::size_t j = 0; j < cluster.count; ++j) {
      const std::size_t index = order[cluster.first + j];
      shifts[index] = cluster.mean() - reach(cluster) + gap * static_cast<double>(j) - pixels[index];
    }
  return shifts;
}

}  // namespace polar
