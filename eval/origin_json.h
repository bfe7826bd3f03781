// An origin as JSON.
#pragma once

#include "eval/json_members.h"
#include "support/origin.h"

namespace polar {

inline Json originJson(const Origin& origin) {
  return {{"machine", origin.machine}, {"libtorch", origin.libtorch}, {"command", origin.command}};
}

inline Origin readOrigin(const Members& members) {
  return {members.text("machine"), members.text("libtorch"), members.text("command")};
}

}  // namespace polar
