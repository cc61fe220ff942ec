// A server as a child of a test: started with its arguments, watched, killed or stopped. It listens on the
// loopback and ends with the test, whatever happens to that.
#pragma once

#include "base/descriptor.hpp"
#include "base/process.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cartwright::test {

// How long a test waits for what must happen; none waits that long unless it fails.
inline constexpr std::chrono::seconds patience{60};

// The binary of this build.
std::filesystem::path cartwright_program();

// A port of the loopback that was free a moment ago.
std::uint16_t free_port();

// A folder under /tmp that any user may enter; gone with the object.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

// A file system of its own, of so many MB, mounted at a new folder. Root only.
class SmallDisk {
public:
    SmallDisk(std::filesystem::path at, int megabytes);
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool is_there() const noexcept { return mounted_; }

private:
    std::filesystem::path at_;
    bool mounted_ = false;
};

// Looks again each 5 ms; false when the test's patience is at its end.
bool comes_true(const std::function<bool()>& condition);

std::string content_of(const std::filesystem::path& path);
void put(const std::filesystem::path& path, const std::string& content);

// Every file, folder and link below a folder, with what files hold: to see that nothing changed.
std::vector<std::string> inventory(const std::filesystem::path& folder);

// A program's whole run, with standard output and error apart.
struct Finished {
    int code = -1;  // -1: ended by a signal, or took too long
    std::string output;
    std::string errors;
};

Finished finish(std::vector<std::string> arguments,
                std::vector<std::string> environment = {},
                const std::filesystem::path& program = cartwright_program());

class ServerProcess {
public:
    // `cartwright` with these arguments.
    explicit ServerProcess(std::vector<std::string> arguments,
                           std::vector<std::string> environment = {},
                           const std::filesystem::path& program = cartwright_program());

    // Standard output and error, so far.
    std::string output() const { return tail_of(output_.number(), 1 << 20); }

    // Waits until /readyz on the port says 200; false when the server ended instead.
    bool ready(std::uint16_t port);

    pid_t pid() const noexcept { return child_.pid(); }

    bool running() { return !child_.wait(std::chrono::milliseconds(0)); }

    void signal(int number) { child_.signal(number); }

    // kill -9, and waits until it is gone.
    void kill();

    // SIGTERM, and waits for the end.
    std::optional<ProcessExit> stop();

    std::optional<ProcessExit> wait() { return child_.wait(patience); }

private:
    static Child start(std::vector<std::string> arguments,
                       std::vector<std::string> environment,
                       const std::filesystem::path& program,
                       int output);

    Descriptor output_;
    Child child_;
};

}  // namespace cartwright::test
