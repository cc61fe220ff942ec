#include "app/server_process.hpp"

#include "app/http_client.hpp"
#include "base/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cartwright::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// What is set in the test's own environment must not decide how a server behaves.
std::vector<std::string> with_basics(std::vector<std::string> environment) {
    const auto has = [&](std::string_view name) {
        return std::ranges::any_of(environment,
                                   [&](const std::string& entry) { return entry.starts_with(name); });
    };
    if (!has("PATH=")) environment.emplace_back("PATH=/usr/local/bin:/usr/bin:/bin");
    if (!has("LANG=")) environment.emplace_back("LANG=C.UTF-8");
    return environment;
}

}  // namespace

fs::path cartwright_program() {
    return CARTWRIGHT_BINARY_DIR "/engine/app/cartwright";
}

std::uint16_t free_port() {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket.number(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("no free port");
    }
    return ntohs(address.sin_port);
}

TemporaryFolder::TemporaryFolder() {
    std::string name = "/tmp/cartwright-app-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path_ = name;
    ::chmod(name.c_str(), 0755);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
}

SmallDisk::SmallDisk(fs::path at, int megabytes) : at_(std::move(at)) {
    fs::create_directories(at_);
    mounted_ =
        ::mount("tmpfs", at_.c_str(), "tmpfs", 0, fmt::format("size={}m,mode=755", megabytes).c_str()) == 0;
}

SmallDisk::~SmallDisk() {
    if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
}

bool comes_true(const std::function<bool()>& condition) {
    const auto until = ticks() + patience;
    while (!condition()) {
        if (ticks() > until) return false;
        ::poll(nullptr, 0, 5);
    }
    return true;
}

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

std::vector<std::string> inventory(const fs::path& folder) {
    std::vector<std::string> all;
    if (!fs::exists(folder)) return all;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        std::string line = fs::relative(entry.path(), folder).string();
        if (entry.is_symlink()) {
            line += " -> " + fs::read_symlink(entry.path()).string();
        } else if (entry.is_regular_file()) {
            line += ": " + content_of(entry.path());
        }
        all.push_back(std::move(line));
    }
    std::ranges::sort(all);
    return all;
}

Finished finish(std::vector<std::string> arguments,
                std::vector<std::string> environment,
                const fs::path& program) {
    // A shell parts the two outputs; Child has one.
    const TemporaryFolder folder;
    std::vector<std::string> words{"-c",
                                   R"(out=$1; err=$2; shift 2; exec "$@" >"$out" 2>"$err")",
                                   "sh",
                                   (folder.path() / "out").string(),
                                   (folder.path() / "err").string(),
                                   program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const Ran ran =
        run({.program = "/bin/sh", .arguments = words, .environment = with_basics(std::move(environment))},
            patience);
    Finished finished{.output = content_of(folder.path() / "out"),
                      .errors = content_of(folder.path() / "err")};
    if (ran.exit && ran.exit->signal == 0) finished.code = ran.exit->code;
    return finished;
}

Child ServerProcess::start(std::vector<std::string> arguments,
                           std::vector<std::string> environment,
                           const fs::path& program,
                           int output) {
    return Child::start({.program = program,
                         .arguments = std::move(arguments),
                         .environment = with_basics(std::move(environment)),
                         .output = output});
}

ServerProcess::ServerProcess(std::vector<std::string> arguments,
                             std::vector<std::string> environment,
                             const fs::path& program)
    : output_(memory_file("server")),
      child_(start(std::move(arguments), std::move(environment), program, output_.number())) {}

bool ServerProcess::ready(std::uint16_t port) {
    HttpClient client(port, "localhost");
    bool answered = false;
    comes_true([&] {
        answered = client.get("/readyz").status == 200;
        return answered || !running();
    });
    return answered;
}

void ServerProcess::kill() {
    child_.signal(SIGKILL);
    child_.wait(patience);
}

std::optional<ProcessExit> ServerProcess::stop() {
    child_.signal(SIGTERM);
    return child_.wait(patience);
}

}  // namespace cartwright::test
