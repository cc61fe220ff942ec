#include "db/platform_tables.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace cartwright::test {

std::vector<PlatformTable> platform_tables() {
    std::ifstream file(CARTWRIGHT_SOURCE_DIR "/storage/platform_tables.txt");
    if (!file) throw std::runtime_error("storage/platform_tables.txt can't be read");
    std::vector<PlatformTable> tables;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() == '#') continue;
        std::istringstream words(line);
        PlatformTable table;
        std::string place;
        std::string size;
        words >> table.name >> place >> size;
        if ((place != "local" && place != "reference") || (!size.empty() && size != "small")) {
            throw std::runtime_error("storage/platform_tables.txt: " + line);
        }
        table.reference = place == "reference";
        table.small = size == "small";
        tables.push_back(table);
    }
    return tables;
}

}  // namespace cartwright::test
