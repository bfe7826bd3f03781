#include "eval/report/page_assets.h"

// .incbin takes the bytes as they are; the labels around them are the text's ends.
#define POLAR_ASSET(name, file)               \
  asm(".pushsection .rodata\n"                \
      ".global polar_asset_" #name            \
      "\n"                                    \
      ".global polar_asset_" #name            \
      "_end\n"                                \
      "polar_asset_" #name                    \
      ":\n"                                   \
      ".incbin \"" file                       \
      "\"\n"                                  \
      "polar_asset_" #name                    \
      "_end:\n"                               \
      ".byte 0\n"                             \
      ".popsection\n");                       \
  extern "C" const char polar_asset_##name[]; \
  extern "C" const char polar_asset_##name##_end[];

POLAR_ASSET(style, POLAR_PAGE_FOLDER "/page.css")
POLAR_ASSET(script, POLAR_PAGE_FOLDER "/page.js")
POLAR_ASSET(licence, POLAR_PAGE_FOLDER "/vega_licence.txt")
POLAR_ASSET(vega, POLAR_VEGA_SCRIPT)

namespace polar {

std::string_view pageStyle() { return {polar_asset_style, polar_asset_style_end}; }
std::string_view pageScript() { return {polar_asset_script, polar_asset_script_end}; }
std::string_view vegaScript() { return {polar_asset_vega, polar_asset_vega_end}; }
std::string_view vegaLicence() { return {polar_asset_licence, polar_asset_licence_end}; }

}  // namespace polar
