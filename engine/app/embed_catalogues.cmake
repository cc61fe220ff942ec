# Writes the catalogues of themes/locales into one C++ source, so that the binary can speak without its folder.
#   cmake -DLOCALES=… -DOUTPUT=… -P embed_catalogues.cmake
set(text "#include \"app/texts.hpp\"\n\nnamespace cartwright::app {\n\n")
string(APPEND text "std::map<std::string, std::string> embedded_catalogues() {\n    return {\n")
file(GLOB paths "${LOCALES}/*.toml")
list(SORT paths)
foreach(path IN LISTS paths)
    get_filename_component(language "${path}" NAME_WE)
    file(READ "${path}" words)
    string(APPEND text "        {\"${language}\", R\"cartwright_toml(${words})cartwright_toml\"},\n")
endforeach()
string(APPEND text "    };\n}\n\n}  // namespace cartwright::app\n")
file(WRITE "${OUTPUT}" "${text}")
