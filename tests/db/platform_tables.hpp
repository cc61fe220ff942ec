// storage/platform_tables.txt, read.
#pragma once

#include <string>
#include <vector>

namespace cartwright::test {

struct PlatformTable {
    std::string name;
    bool reference = false;  // copied to every node of a sharded database; else local to the coordinator
    bool small = false;      // may be read whole
};

std::vector<PlatformTable> platform_tables();

}  // namespace cartwright::test
