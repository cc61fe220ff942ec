#include "base/process.hpp"

#include "base/clock.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cartwright {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds patience{30};

Launch shell(std::string script) {
    return {
        .program = "/bin/sh", .arguments = {"-c", std::move(script)}, .environment = {"PATH=/usr/bin:/bin"}};
}

template <class Condition>
bool comes_true(Condition condition) {
    const auto until = ticks() + patience;
    while (!condition()) {
        if (ticks() > until) return false;
        ::poll(nullptr, 0, 2);
    }
    return true;
}

fs::path fresh_folder() {
    std::string name = "/tmp/cartwright-process-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    return name;
}

TEST(ProcessTest, AProgramsOutputAndExitAreKept) {
    const Ran ran = run(shell("echo out; echo err >&2; exit 3"), patience);
    EXPECT_EQ(ran.exit, (ProcessExit{.code = 3, .signal = 0}));
    EXPECT_EQ(ran.output, "out\nerr\n");
    EXPECT_EQ(describe(*ran.exit), "ended with code 3");
}

TEST(ProcessTest, OnlyTheEndOfALongOutputIsKept) {
    EXPECT_EQ(run(shell("seq 1 100000"), patience, 13).output, "99999\n100000\n");
}

TEST(ProcessTest, ASignalIsToldFromAnExit) {
    const Ran ran = run(shell("kill -TERM $$"), patience);
    EXPECT_EQ(ran.exit, (ProcessExit{.code = 0, .signal = SIGTERM}));
    EXPECT_EQ(describe(*ran.exit), "was ended by signal 15");
    EXPECT_FALSE(ran.exit->clean());
}

TEST(ProcessTest, AProgramThatTakesTooLongIsKilled) {
    const Ran ran = run(shell("echo $$; exec sleep 600"), milliseconds(300));
    EXPECT_FALSE(ran.exit);
    if (!ran.output.empty()) EXPECT_FALSE(process_facts(std::stoi(ran.output)));
}

TEST(ProcessTest, AMissingProgramIsNamedWithTheStep) {
    try {
        Child::start({.program = "/nowhere/at-all"});
        ADD_FAILURE() << "started";
    } catch (const LaunchError& error) {
        EXPECT_EQ(error.code().value(), ENOENT);
        EXPECT_STREQ(error.what(), "/nowhere/at-all: run the program: No such file or directory");
    }
}

TEST(ProcessTest, TheChildGetsOnlyTheEnvironmentThatWasMeant) {
    Launch launch{.program = "/usr/bin/env", .environment = {"ONE=1", "TWO=zwei"}};
    EXPECT_EQ(run(launch, patience).output, "ONE=1\nTWO=zwei\n");
}

TEST(ProcessTest, TheChildGetsOnlyTheDescriptorsThatWereMeant) {
    const int careless = ::dup(0);  // not close-on-exec
    const Descriptor closes(careless);
    // Without a fork: a shell in the middle of one has more of them open.
    Launch launch =
        shell("for n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && printf '%s ' $n; done; true");
    EXPECT_EQ(run(launch, patience).output, "0 1 2 ");
    launch.handed_over = careless;
    EXPECT_EQ(run(launch, patience).output, "0 1 2 3 ");
}

TEST(ProcessTest, TheChildLeadsItsOwnSessionWithDefaultSignals) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    // Without a fork: a shell in the middle of one blocks signals itself.
    const Ran ran =
        run(shell("read -r pid name state parent group session rest </proc/$$/stat\n"
                  "echo $pid $session\n"
                  "while read -r line; do case $line in SigBlk*|SigIgn*) echo \"$line\" ;; esac; done"
                  " </proc/$$/status"),
            patience);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    const auto space = ran.output.find(' ');
    const auto line = ran.output.find('\n');
    ASSERT_NE(space, std::string::npos);
    EXPECT_EQ(ran.output.substr(0, space), ran.output.substr(space + 1, line - space - 1));
    EXPECT_EQ(ran.output.substr(line + 1), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST(ProcessTest, TheChildIsToldWhenItsThreadEnds) {
    std::optional<Child> child;
    std::thread([&] {
        Launch launch{.program = "/bin/sleep", .arguments = {"600"}, .death_signal = SIGUSR1};
        child.emplace(Child::start(launch));
    }).join();
    EXPECT_EQ(child->wait(patience), (ProcessExit{.code = 0, .signal = SIGUSR1}));
}

TEST(ProcessTest, AChildGoesWithItsObject) {
    pid_t pid = 0;
    {
        const Child child = Child::start({.program = "/bin/sleep", .arguments = {"600"}});
        pid = child.pid();
        EXPECT_TRUE(process_facts(pid));
    }
    EXPECT_FALSE(process_facts(pid));
}

TEST(ProcessTest, WaitingMayBeRepeated) {
    Child child = Child::start(shell("exit 4"));
    EXPECT_EQ(child.wait(patience)->code, 4);
    EXPECT_EQ(child.wait(milliseconds(0))->code, 4);
}

TEST(ProcessTest, TheUserIsChangedForGood) {
    if (effective_uid() != 0) GTEST_SKIP() << "needs root to become another user";
    const OsUser nobody = find_user("nobody").value();
    Launch launch = shell("id -u; id -g; id -G");
    launch.user = nobody;
    EXPECT_EQ(run(launch, patience).output, fmt::format("{0}\n{1}\n{1}\n", nobody.uid, nobody.gid));
}

TEST(ProcessTest, WhoMayEnterAFolderIsAskedOfTheKernel) {
    if (effective_uid() != 0) GTEST_SKIP() << "needs root to ask for another user";
    const fs::path outer = fresh_folder();  // 0700, root's
    fs::create_directory(outer / "inner");
    fs::permissions(outer / "inner", fs::perms::all);
    const OsUser nobody = find_user("nobody").value();
    EXPECT_FALSE(may_enter(nobody, outer / "inner"));
    fs::permissions(outer, fs::perms::owner_all | fs::perms::others_exec);
    EXPECT_TRUE(may_enter(nobody, outer / "inner"));
    EXPECT_FALSE(may_enter(nobody, outer / "missing"));
    fs::remove_all(outer);
}

TEST(ProcessTest, FactsSurviveAStrangeName) {
    const fs::path folder = fresh_folder();
    const fs::path program = folder / "a) Z (b c";
    fs::copy_file("/bin/sleep", program);
    Child child = Child::start({.program = program, .arguments = {"600"}});
    const auto facts = process_facts(child.pid());
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->name, "a) Z (b c");
    EXPECT_EQ(facts->parent, ::getpid());
    EXPECT_NE(facts->state, 'Z');
    fs::remove_all(folder);
}

TEST(ProcessTest, ProcessesAreFoundByTheFolderThatTheyWorkIn) {
    const fs::path folder = fresh_folder();
    fs::create_directory_symlink(folder, folder / "link");
    Child child = Child::start(shell("cd " + folder.string() + " && exec sleep 600"));
    ASSERT_TRUE(comes_true([&] { return processes_in(folder, "sleep").size() == 1; }));
    EXPECT_EQ(processes_in(folder / "link", "sleep").front().pid, child.pid());
    EXPECT_EQ(processes_in(folder, "postgres").size(), 0U);
    child.signal(SIGKILL);
    ASSERT_TRUE(comes_true([&] { return process_facts(child.pid())->state == 'Z'; }));
    EXPECT_EQ(processes_in(folder, "sleep").size(), 0U) << "a zombie works nowhere";
    fs::remove_all(folder);
}

TEST(ProcessTest, AForeignProcessIsWaitedForUntilItIsAZombie) {
    Child child = Child::start({.program = "/bin/sleep", .arguments = {"600"}});
    const auto foreign = ForeignProcess::find(child.pid());
    ASSERT_TRUE(foreign);
    EXPECT_FALSE(foreign->wait(milliseconds(0)));
    foreign->signal(SIGTERM);
    EXPECT_TRUE(foreign->wait(patience));
    EXPECT_EQ(child.wait(patience), (ProcessExit{.code = 0, .signal = SIGTERM}));
    EXPECT_FALSE(ForeignProcess::find(child.pid()));
}

TEST(ProcessTest, ALockNamesItsHolderAndEndsWithIt) {
    const fs::path folder = fresh_folder();
    const fs::path path = folder / "lock";
    {
        const auto first = LockFile::take(path, milliseconds(0));
        ASSERT_TRUE(first);
        const auto second = LockFile::take(path, milliseconds(0));
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error(), ::getpid());
    }
    EXPECT_TRUE(LockFile::take(path, milliseconds(0)));
    fs::remove_all(folder);
}

TEST(ProcessTest, ALockIsWaitedForForAWhile) {
    const fs::path folder = fresh_folder();
    const fs::path path = folder / "lock";
    auto first = LockFile::take(path, milliseconds(0));
    std::thread release([&] {
        ::poll(nullptr, 0, 30);
        first = std::unexpected(0);
    });
    EXPECT_TRUE(LockFile::take(path, patience));
    release.join();
    fs::remove_all(folder);
}

TEST(ProcessTest, ALockDoesNotFollowALink) {
    const fs::path folder = fresh_folder();
    std::ofstream(folder / "precious") << "content";
    fs::create_symlink(folder / "precious", folder / "lock");
    EXPECT_THROW((void)LockFile::take(folder / "lock", milliseconds(0)), std::system_error);
    EXPECT_EQ(fs::file_size(folder / "precious"), 7U);
    fs::remove_all(folder);
}

}  // namespace
}  // namespace cartwright
