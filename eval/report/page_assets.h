// Texts that are part of the command and go into every page as they are (src/setup/Vega.cmake).
#pragma once

#include <string_view>

namespace polar {

std::string_view pageStyle();    // eval/page/page.css
std::string_view pageScript();   // eval/page/page.js
std::string_view vegaScript();   // Vega, Vega-Lite and Vega-Embed; sets window.vegaEmbed
std::string_view vegaLicence();  // eval/page/vega_licence.txt: must go where the script goes

}  // namespace polar
