// Processes of the operating system: start a child as another user, look at foreign ones, hold a lock file.
// Linux only: processes are held by pidfd, so that a signal never reaches a stranger who got the number of
// a process that has ended meanwhile.
//
// Nothing here belongs on an io thread: calls wait.
#pragma once

#include "base/descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <sys/types.h>

namespace cartwright {

struct OsUser {
    uid_t uid;
    gid_t gid;
    std::string name;
};

std::optional<OsUser> find_user(const std::string& name);
std::optional<OsUser> find_user(uid_t uid);

// The user of this process, as the kernel checks permissions.
uid_t effective_uid() noexcept;

// Whether `user` may enter the folder, asked of the kernel by a short-lived child, so that access lists and
// all parents count. Only root can ask for another user.
bool may_enter(const OsUser& user, const std::filesystem::path& folder);

// The folders of PATH that are absolute, in order.
std::vector<std::filesystem::path> program_folders();

// Where sockets of this user may stand under a short path: /run for root, XDG_RUNTIME_DIR, else /tmp (where
// anybody may have taken a name).
std::filesystem::path runtime_folder();

struct ProcessExit {
    int code = 0;    // of exit(), when no signal ended it
    int signal = 0;  // that ended it, or 0

    bool clean() const noexcept { return code == 0 && signal == 0; }

    friend bool operator==(const ProcessExit&, const ProcessExit&) = default;
};

// "ended with code 3", "was ended by signal 9".
std::string describe(ProcessExit exit);

// How a child is to be started. Standard input is /dev/null; descriptors other than 0 to 2 and
// `handed_over` are closed in it; signal handlers and masks are the defaults; it leads a session of its own,
// so that Ctrl-C on the terminal reaches the server alone.
struct Launch {
    std::filesystem::path program;
    std::vector<std::string> arguments{};    // without the program's name
    std::vector<std::string> environment{};  // all of it: "NAME=value"
    std::optional<OsUser> user{};            // root only; its groups are just its own
    int output = -1;                         // descriptor for standard output and error; -1: /dev/null
    int handed_over = -1;                    // this descriptor becomes number 3 of the child
    // Sent to the child when the *thread* that started it ends, hence also when this process is killed.
    int death_signal = 9;
};

inline constexpr int handed_over_number = 3;

// The child couldn't be started; `step` says at what.
class LaunchError : public std::system_error {
public:
    LaunchError(int error, const std::string& step)
        : std::system_error(error, std::generic_category(), step) {}
};

// A child of this process. One that still runs when its Child goes is killed and reaped.
class Child {
public:
    // Throws LaunchError.
    static Child start(const Launch& launch);

    Child(Child&& other) noexcept = default;
    Child& operator=(Child&& other) noexcept;
    ~Child();

    pid_t pid() const noexcept { return pid_; }

    // For poll(): readable when the process has ended.
    int descriptor() const noexcept { return handle_.number(); }

    // Waits at most so long; nothing while it still runs. Reaps; may be called again afterwards.
    std::optional<ProcessExit> wait(std::chrono::milliseconds limit);

    void signal(int number) const noexcept;

private:
    Child(pid_t pid, Descriptor handle) noexcept : pid_(pid), handle_(std::move(handle)) {}

    void kill_and_reap() noexcept;

    pid_t pid_ = -1;
    Descriptor handle_;
    std::optional<ProcessExit> exit_;
};

// Runs a program to its end and keeps the last `keep` bytes of its output. Nothing in `exit`: it took longer
// than the limit and was killed.
struct Ran {
    std::optional<ProcessExit> exit;
    std::string output;
};

Ran run(Launch launch, std::chrono::milliseconds limit, std::size_t keep = 16384);

// A file in memory, for the output of a child.
Descriptor memory_file(const char* name);

// The last `most` bytes of a file, whatever is being written to it meanwhile.
std::string tail_of(int descriptor, std::size_t most);

// A process that isn't ours to wait for.
class ForeignProcess {
public:
    // Nothing when there is no such process (a zombie is one).
    static std::optional<ForeignProcess> find(pid_t pid);

    pid_t pid() const noexcept { return pid_; }

    // True when it has ended, reaped or not.
    bool wait(std::chrono::milliseconds limit) const;

    void signal(int number) const noexcept;

private:
    ForeignProcess(pid_t pid, Descriptor handle) noexcept : pid_(pid), handle_(std::move(handle)) {}

    pid_t pid_;
    Descriptor handle_;
};

// What /proc tells of a process.
struct ProcessFacts {
    pid_t pid = 0;
    pid_t parent = 0;
    char state = '?';  // Z: zombie
    std::string name;  // the kernel's short name of the program
    std::vector<std::string> arguments;
};

std::optional<ProcessFacts> process_facts(pid_t pid);

// Programs called `name` whose working folder is `folder` (the folder itself, whatever path leads to it),
// without zombies. A process that we may not look at isn't found.
std::vector<ProcessFacts> processes_in(const std::filesystem::path& folder, std::string_view name);

// A lock that the kernel takes back when its holder is gone, however it went. The file stays and names the
// last holder's pid.
class LockFile {
public:
    // Tries for at most `patience`; else the pid of the holder (0 if it hasn't written it yet). Throws
    // std::system_error when the file can't be opened. As root the file gets the owner of its folder.
    static std::expected<LockFile, pid_t> take(const std::filesystem::path& path,
                                               std::chrono::milliseconds patience);

private:
    explicit LockFile(Descriptor file) noexcept : file_(std::move(file)) {}

    Descriptor file_;
};

}  // namespace cartwright
