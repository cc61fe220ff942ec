// Other programs that tests start, and wait for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cartwright::test {

extern const std::filesystem::path postgres_programs;

// Runs it to its end, without input and output; throws when it fails.
void run_program(std::vector<std::string> arguments);

// The command as the user that may run PostgreSQL, which refuses to run as root.
std::vector<std::string> unprivileged(std::vector<std::string> command);

// Makes the folder, of that user and for it alone.
void own_folder(const std::filesystem::path& path);

}  // namespace cartwright::test
