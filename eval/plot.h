// One panel of a figure as inline SVG: two axes and marks in data coordinates. Colours are the page's CSS classes, so
// that light and dark come from one drawing; a <title> on every mark is its tooltip.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eval/statistics.h"

namespace polar {

struct Tick {
  double at = 0;
  std::string text;
};

struct Axis {
  std::string label;
  double low = 0, high = 1;
  std::vector<Tick> ticks;
};

// Round ticks (1, 2 or 5 × a power of ten) that enclose [low, high], about `wanted` of them; the axis ends at the outer
// ones. low == high is widened.
Axis niceAxis(std::string label, double low, double high, int wanted = 5);

// Series colours and marker shapes repeat after this many.
inline constexpr std::size_t kSeriesStyles = 8;

// The marker of a series, centred at (x, y) in SVG units.
std::string markerShape(std::size_t series, double x, double y);

class Plot {
 public:
  static constexpr double kWidth = 460, kHeight = 320;

  // label: read out by screen readers.
  Plot(std::string label, Axis x, Axis y);

  // SVG units of a data coordinate.
  double x(double value) const;
  double y(double value) const;

  // A marker with its interval as a whisker, moved `shift` SVG units to the right.
  void point(std::size_t series, double xValue, double yValue, const Interval& whisker, const std::string& tooltip,
             double shift = 0);
  void marker(std::size_t series, double xValue, double yValue, const std::string& tooltip);
  void line(std::size_t series, const std::vector<std::pair<double, double>>& points, const std::string& tooltip);
  // From the x axis up, `width` SVG units wide, with its interval as a whisker.
  void bar(std::size_t series, double xPixel, double width, double yValue, const Interval& whisker,
           const std::string& tooltip);
  // A dashed horizontal line over the whole panel.
  void reference(double yValue, const std::string& tooltip);

  std::string svg() const;

 private:
  void group(const std::string& classes, const std::string& tooltip, const std::string& shapes);
  std::string whiskerPath(double xPixel, const Interval& whisker) const;
  std::string axes() const;

  std::string label_;
  Axis x_, y_;
  std::string marks_;
};

// Pixels in any order, moved as little as needed so that no two stand closer than `gap`: returns the shifts.
std::vector<double> spread(const std::vector<double>& pixels, double gap);

}  // namespace polar
