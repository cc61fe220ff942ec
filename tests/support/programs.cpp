#include "support/programs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cartwright::test {

const std::filesystem::path postgres_programs = "/usr/lib/postgresql/15/bin";

void run_program(std::vector<std::string> arguments) {
    std::vector<char*> raw;
    for (auto& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    // Whoever reads this program's standard error must not wait for the server that is started here.
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    const int error = posix_spawnp(&child, raw[0], &files, nullptr, raw.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0) throw std::system_error(error, std::generic_category(), arguments[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0) throw std::runtime_error(fmt::format("{} failed", fmt::join(arguments, " ")));
}

// PostgreSQL refuses to run as root.
std::vector<std::string> unprivileged(std::vector<std::string> command) {
    if (geteuid() != 0) return command;
    std::vector<std::string> whole{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"};
    whole.insert(whole.end(), command.begin(), command.end());
    return whole;
}

void own_folder(const std::filesystem::path& path) {
    std::filesystem::create_directories(path);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    if (geteuid() == 0) run_program({"chown", "postgres:postgres", path.string()});
}

}  // namespace cartwright::test
