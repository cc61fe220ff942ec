cartwright_fuzz(liquid_json SOURCES liquid_json_fuzz.cpp USES liquid)
cartwright_fuzz(liquid_lint SOURCES liquid_lint_fuzz.cpp USES liquid)
cartwright_fuzz(liquid_parse SOURCES liquid_parse_fuzz.cpp USES liquid)
cartwright_fuzz(liquid_render SOURCES liquid_render_fuzz.cpp USES liquid)
