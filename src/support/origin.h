// Where numbers were computed: kept beside them in every record, so
// that nobody joins parts of unlike machines without noticing.
#pragma once

#include <algorithm>
#include <compare>
#include <span>
#include <string>
#include <vector>

namespace polar {

struct Origin {
  std::string machine;   // machineInWords(): "AMD EPYC 9B45, 2 cores, 24 GiB"
  std::string libtorch;  // its version: "2.13.0"
  std::string command;   // "polar eval configs/quickstart.yaml"

  auto operator<=>(const Origin&) const = default;
  // The command aside: whether both compute alike.
  bool sameMachine(const Origin& other) const { return machine == other.machine && libtorch == other.libtorch; }
};

// Adds one that is not there yet.
inline void addOrigin(std::vector<Origin>& origins, const Origin& origin) {
  if (std::ranges::find(origins, origin) == origins.end()) origins.push_back(origin);
}

// Whether all come from one kind of machine with one libtorch.
inline bool sameMachines(std::span<const Origin> origins) {
  return std::ranges::all_of(origins, [&](const Origin& one) { return one.sameMachine(origins.front()); });
}

}  // namespace polar
