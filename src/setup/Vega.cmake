# polar_page_assets(TARGET SOURCE): puts Vega's script and the page's own style and script into one object, byte for
# byte (the assembler's .incbin: a C array of a megabyte takes longer to compile than to link).
#
# -DPOLAR_VEGA=FILE names a script made before; else src/setup/fetch_vega.sh finds it in its cache or makes it.
set(POLAR_VEGA "" CACHE FILEPATH "Vega, Vega-Lite, Vega-Embed as one script; empty: src/setup/fetch_vega.sh makes it")
set(polar_vega_script "${POLAR_VEGA}")
if(NOT polar_vega_script)
  set(polar_python python3)
  if(EXISTS ${POLAR_VENV}/bin/python)
    set(polar_python ${POLAR_VENV}/bin/python)
  endif()
  execute_process(COMMAND ${CMAKE_COMMAND} -E env POLAR_PYTHON=${polar_python}
                          ${CMAKE_SOURCE_DIR}/src/setup/fetch_vega.sh
                  OUTPUT_VARIABLE polar_vega_script OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE polar_vega_failed)
  if(polar_vega_failed)
    message(FATAL_ERROR "Vega's script, which every report carries, could not be made (the reason is above): mend "
                        "that, or pass -DPOLAR_VEGA=FILE with a script that src/setup/fetch_vega.sh made elsewhere")
  endif()
endif()
if(NOT EXISTS "${polar_vega_script}")
  message(FATAL_ERROR "Vega's script was not found: no file '${polar_vega_script}'; POLAR_VEGA must name one or be empty")
endif()

function(polar_page_assets target source)
  set(folder ${CMAKE_SOURCE_DIR}/eval/report/page)
  set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON
    COMPILE_DEFINITIONS "POLAR_PAGE_FOLDER=\"${folder}\";POLAR_VEGA_SCRIPT=\"${polar_vega_script}\""
    OBJECT_DEPENDS "${polar_vega_script};${folder}/page.css;${folder}/page.js;${folder}/vega_licence.txt")
endfunction()
