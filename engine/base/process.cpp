#include "base/process.hpp"

#include "base/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <memory>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" {
#include <sys/pidfd.h>  // that of glibc 2.36 forgets to say that it is C
}

namespace cartwright {
namespace {

using std::chrono::milliseconds;

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

std::optional<OsUser> user_of(const passwd* entry) {
    if (!entry) return std::nullopt;
    return OsUser{.uid = entry->pw_uid, .gid = entry->pw_gid, .name = entry->pw_name};
}

// The entry's strings lie in a buffer of our own: the plain calls share one between threads.
template <class Call>
std::optional<OsUser> look_up(Call call) {
    std::vector<char> text(16384);
    passwd entry{};
    passwd* found = nullptr;
    const int error = call(&entry, text.data(), text.size(), &found);
    return error == 0 ? user_of(found) : std::nullopt;
}

// Becomes the user for good. Async-signal-safe, for between fork and exec.
bool become(const OsUser& user) noexcept {
    return ::setgroups(1, &user.gid) == 0 && ::setresgid(user.gid, user.gid, user.gid) == 0 &&
           ::setresuid(user.uid, user.uid, user.uid) == 0;
}

void close_others_at_exec() noexcept {
    if (::close_range(3, std::numeric_limits<unsigned>::max(), CLOSE_RANGE_CLOEXEC) == 0) return;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const int most = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1U << 20U));
    for (int number = 3; number < most; ++number) ::fcntl(number, F_SETFD, FD_CLOEXEC);
}

bool ended(int handle, milliseconds limit) {
    pollfd wanted{.fd = handle, .events = POLLIN, .revents = 0};
    const auto until = ticks() + limit;
    while (true) {
        const auto left = std::chrono::ceil<milliseconds>(until - ticks());
        const int timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30));
        const int ready = ::poll(&wanted, 1, timeout);
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) fail("poll of a process");
    }
}

// A small file of /proc; empty when it is gone.
std::string slurp(const std::string& path, std::size_t most = 65536) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    if (!file) return text;
    std::array<char, 4096> piece;
    while (text.size() < most) {
        const ssize_t got = ::read(file.number(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
    return text;
}

std::optional<pid_t> parse_pid(std::string_view text) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
    if (error != std::errc() || end != text.data() + text.size() || pid <= 0) return std::nullopt;
    return pid;
}

// What a child that couldn't exec sends to its parent.
struct Failure {
    int error;
    char step;
};

const char* step_name(char step) {
    switch (step) {
        case 'u':
            return "change to the user";
        case 'd':
            return "tie to the parent";
        case 'i':
            return "prepare the descriptors";
        default:
            return "run the program";
    }
}

// What the child needs, made before the fork: afterwards nothing may be allocated.
struct Prepared {
    const char* program;
    char* const* arguments;
    char* const* environment;
    const OsUser* user;
    int output;
    int handed_over;
    int death_signal;
    pid_t parent;
    int report;
};

// Runs in the child, where only async-signal-safe calls are allowed.
[[noreturn]] void become_program(const Prepared& wanted) noexcept {
    const auto give_up = [&](char step) noexcept {
        const Failure failure{.error = errno, .step = step};
        [[maybe_unused]] const ssize_t sent = ::write(wanted.report, &failure, sizeof failure);
        ::_exit(127);
    };
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::setsid();
    const int nothing = ::open("/dev/null", O_RDWR);
    const int output = wanted.output >= 0 ? wanted.output : nothing;
    if (nothing < 0 || ::dup2(nothing, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) give_up('i');
    close_others_at_exec();
    if (wanted.handed_over == handed_over_number) {
        if (::fcntl(wanted.handed_over, F_SETFD, 0) < 0) give_up('i');
    } else if (wanted.handed_over >= 0 && ::dup2(wanted.handed_over, handed_over_number) < 0) {
        give_up('i');
    }
    if (wanted.user && !become(*wanted.user)) give_up('u');
    // After the change of user, which would clear it. The parent may have gone before we asked.
    if (::prctl(PR_SET_PDEATHSIG, wanted.death_signal) != 0) give_up('d');
    if (::getppid() != wanted.parent) ::_exit(127);
    ::execve(wanted.program, wanted.arguments, wanted.environment);
    give_up('x');
    ::_exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

}  // namespace

std::optional<OsUser> find_user(const std::string& name) {
    return look_up([&](passwd* entry, char* text, std::size_t size, passwd** found) {
        return ::getpwnam_r(name.c_str(), entry, text, size, found);
    });
}

std::optional<OsUser> find_user(uid_t uid) {
    return look_up([&](passwd* entry, char* text, std::size_t size, passwd** found) {
        return ::getpwuid_r(uid, entry, text, size, found);
    });
}

uid_t effective_uid() noexcept {
    return ::geteuid();
}

bool may_enter(const OsUser& user, const std::filesystem::path& folder) {
    const pid_t child = ::fork();
    if (child < 0) fail("fork");
    if (child == 0) {
        const bool same = ::geteuid() == user.uid;
        ::_exit((same || become(user)) && ::access(folder.c_str(), R_OK | X_OK) == 0 ? 0 : 1);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) fail("waitpid");
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::vector<std::filesystem::path> program_folders() {
    std::vector<std::filesystem::path> folders;
    const char* path = std::getenv("PATH");
    std::string_view rest = path ? path : "";
    while (!rest.empty()) {
        const auto colon = std::min(rest.find(':'), rest.size());
        if (rest.starts_with('/')) folders.emplace_back(rest.substr(0, colon));
        rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    return folders;
}

std::filesystem::path runtime_folder() {
    std::error_code error;
    if (::geteuid() == 0 && std::filesystem::is_directory("/run", error)) return "/run";
    const char* own = std::getenv("XDG_RUNTIME_DIR");
    if (own && *own == '/' && std::filesystem::is_directory(own, error)) return own;
    return "/tmp";
}

std::string describe(ProcessExit exit) {
    return exit.signal ? fmt::format("was ended by signal {}", exit.signal)
                       : fmt::format("ended with code {}", exit.code);
}

Child Child::start(const Launch& launch) {
    std::vector<std::string> arguments{launch.program.string()};
    arguments.insert(arguments.end(), launch.arguments.begin(), launch.arguments.end());
    std::vector<std::string> environment = launch.environment;
    const auto argument_pointers = pointers(arguments);
    const auto environment_pointers = pointers(environment);

    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw LaunchError(errno, "make a pipe");
    const Descriptor listen(ends[0]);
    Descriptor report(ends[1]);
    // Out of the way of what is handed over.
    Descriptor high(::fcntl(report.number(), F_DUPFD_CLOEXEC, 10));
    {
        const Descriptor closed = std::move(report);
    }
    const Prepared prepared{
        .program = launch.program.c_str(),
        .arguments = argument_pointers.data(),
        .environment = environment_pointers.data(),
        .user = launch.user ? &*launch.user : nullptr,
        .output = launch.output,
        .handed_over = launch.handed_over,
        .death_signal = launch.death_signal,
        .parent = ::getpid(),
        .report = high.number(),
    };
    const pid_t pid = ::fork();
    if (pid < 0) throw LaunchError(errno, "fork");
    if (pid == 0) become_program(prepared);

    {
        const Descriptor closed = std::move(high);
    }
    Child child(pid, Descriptor(::pidfd_open(pid, 0)));
    if (!child.handle_) throw LaunchError(errno, "pidfd_open");
    Failure failure{};
    ssize_t got = 0;
    do {
        got = ::read(listen.number(), &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
    if (got == static_cast<ssize_t>(sizeof failure)) {
        throw LaunchError(failure.error,
                          fmt::format("{}: {}", launch.program.string(), step_name(failure.step)));
    }
    return child;
}

Child& Child::operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(handle_, other.handle_);
    std::swap(exit_, other.exit_);
    return *this;
}

Child::~Child() {
    kill_and_reap();
}

void Child::kill_and_reap() noexcept {
    if (pid_ <= 0 || exit_ || !handle_) return;
    signal(SIGKILL);
    siginfo_t info{};
    while (::waitid(P_PIDFD, static_cast<id_t>(handle_.number()), &info, WEXITED) < 0 && errno == EINTR) {
    }
}

std::optional<ProcessExit> Child::wait(milliseconds limit) {
    if (exit_) return exit_;
    if (!ended(handle_.number(), limit)) return std::nullopt;
    siginfo_t info{};
    while (::waitid(P_PIDFD, static_cast<id_t>(handle_.number()), &info, WEXITED) < 0) {
        // With SIGCHLD ignored the kernel reaps, and the status is lost.
        if (errno == ECHILD) return exit_ = ProcessExit{.code = -1, .signal = 0};
        if (errno != EINTR) fail("waitid");
    }
    exit_ = info.si_code == CLD_EXITED ? ProcessExit{.code = info.si_status, .signal = 0}
                                       : ProcessExit{.code = 0, .signal = info.si_status};
    return exit_;
}

void Child::signal(int number) const noexcept {
    ::pidfd_send_signal(handle_.number(), number, nullptr, 0);
}

Descriptor memory_file(const char* name) {
    Descriptor file(::memfd_create(name, MFD_CLOEXEC));
    if (!file) fail("memfd_create");
    return file;
}

std::string tail_of(int descriptor, std::size_t most) {
    struct stat facts{};
    if (::fstat(descriptor, &facts) != 0 || facts.st_size <= 0) return {};
    const auto size = static_cast<std::size_t>(facts.st_size);
    std::string text(std::min(size, most), '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const auto at = static_cast<off_t>(size - text.size() + have);
        const ssize_t got = ::pread(descriptor, text.data() + have, text.size() - have, at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        have += static_cast<std::size_t>(got);
    }
    text.resize(have);
    return text;
}

Ran run(Launch launch, milliseconds limit, std::size_t keep) {
    const Descriptor output = memory_file("output");
    launch.output = output.number();
    Child child = Child::start(launch);
    Ran ran;
    ran.exit = child.wait(limit);
    ran.output = tail_of(output.number(), keep);
    return ran;
}

std::optional<ForeignProcess> ForeignProcess::find(pid_t pid) {
    Descriptor handle(::pidfd_open(pid, 0));
    if (!handle) return std::nullopt;
    return ForeignProcess(pid, std::move(handle));
}

bool ForeignProcess::wait(milliseconds limit) const {
    return ended(handle_.number(), limit);
}

void ForeignProcess::signal(int number) const noexcept {
    ::pidfd_send_signal(handle_.number(), number, nullptr, 0);
}

std::optional<ProcessFacts> process_facts(pid_t pid) {
    // "pid (name) state parent …"; the name may hold anything, parentheses too.
    const std::string stat = slurp(fmt::format("/proc/{}/stat", pid));
    const auto open = stat.find('(');
    const auto close = stat.rfind(')');
    if (open == std::string::npos || close == std::string::npos || close + 4 > stat.size())
        return std::nullopt;
    ProcessFacts facts;
    facts.pid = pid;
    facts.name = stat.substr(open + 1, close - open - 1);
    facts.state = stat[close + 2];
    const std::string_view rest = std::string_view(stat).substr(close + 4);
    facts.parent = parse_pid(rest.substr(0, rest.find(' '))).value_or(0);
    const std::string command = slurp(fmt::format("/proc/{}/cmdline", pid));
    for (std::size_t at = 0; at < command.size();) {
        const auto end = std::min(command.find('\0', at), command.size());
        facts.arguments.push_back(command.substr(at, end - at));
        at = end + 1;
    }
    return facts;
}

std::vector<ProcessFacts> processes_in(const std::filesystem::path& folder, std::string_view name) {
    std::vector<ProcessFacts> found;
    struct stat wanted{};
    if (::stat(folder.c_str(), &wanted) != 0) return found;
    std::error_code error;
    for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
         entry.increment(error)) {
        const auto pid = parse_pid(entry->path().filename().native());
        struct stat there{};
        if (!pid || ::stat(fmt::format("/proc/{}/cwd", *pid).c_str(), &there) != 0) continue;
        if (there.st_dev != wanted.st_dev || there.st_ino != wanted.st_ino) continue;
        auto facts = process_facts(*pid);
        if (facts && facts->name == name && facts->state != 'Z') found.push_back(std::move(*facts));
    }
    return found;
}

std::expected<LockFile, pid_t> LockFile::take(const std::filesystem::path& path, milliseconds patience) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file) fail(path.string());
    struct stat folder{};
    if (::geteuid() == 0 && ::stat(path.parent_path().c_str(), &folder) == 0) {
        [[maybe_unused]] const int given = ::fchown(file.number(), folder.st_uid, folder.st_gid);
    }
    const auto until = ticks() + patience;
    while (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) fail(path.string());
        if (ticks() >= until) {
            std::string holder = tail_of(file.number(), 32);
            while (holder.ends_with('\n')) holder.pop_back();
            return std::unexpected(parse_pid(holder).value_or(0));
        }
        ::poll(nullptr, 0, 20);
    }
    const std::string pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(file.number(), 0) != 0 ||
        ::pwrite(file.number(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        fail(path.string());
    }
    return LockFile(std::move(file));
}

}  // namespace cartwright
