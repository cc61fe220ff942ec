// The embedded PostgreSQL against everything that a machine does to it: kills at the wrong moment, numbers of
// processes used again, full and read-only disks, other users, other owners.
#include "db/cluster.hpp"

#include "base/clock.hpp"
#include "base/process.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cartwright::db {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

// How long a test waits for what must happen; none waits that long unless it fails.
constexpr seconds patience{60};

const char* const probe = CARTWRIGHT_BINARY_DIR "/tests/db/cluster_probe";

bool is_root() {
    return effective_uid() == 0;
}

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

std::set<std::string> names_in(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
    return names;
}

// Looks again each 5 ms.
template <class Condition>
bool comes_true(Condition condition) {
    const auto until = ticks() + patience;
    while (!condition()) {
        if (ticks() > until) return false;
        ::poll(nullptr, 0, 5);
    }
    return true;
}

// The first cell of the answer; the error's text instead if there is one.
std::string ask(const std::string& url, const std::string& sql) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> session(PQconnectdb(url.c_str()), &PQfinish);
    if (PQstatus(session.get()) != CONNECTION_OK) return PQerrorMessage(session.get());
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(session.get(), sql.c_str()), &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK) return "done";
    if (status != PGRES_TUPLES_OK) return PQerrorMessage(session.get());
    return PQntuples(result.get()) ? PQgetvalue(result.get(), 0, 0) : "";
}

// A folder under /tmp that every user may enter, gone with the object.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = "/tmp/cartwright-cluster-XXXXXX";
        if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
        path_ = name;
        ::chmod(name.c_str(), 0755);
    }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    ~TemporaryFolder() {
        std::error_code error;
        fs::remove_all(path_, error);
    }

    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

// A file system of its own, of so many MB. Root only.
class SmallDisk {
public:
    SmallDisk(const fs::path& at, int megabytes) : at_(at) {
        fs::create_directories(at);
        mounted_ =
            ::mount("tmpfs", at.c_str(), "tmpfs", 0, fmt::format("size={}m,mode=755", megabytes).c_str()) ==
            0;
    }

    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    ~SmallDisk() {
        if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
    }

    bool is_there() const { return mounted_; }

    void make_read_only(bool wanted) const {
        EXPECT_EQ(::mount("tmpfs", at_.c_str(), "tmpfs", MS_REMOUNT | (wanted ? MS_RDONLY : 0UL), nullptr),
                  0);
    }

private:
    fs::path at_;
    bool mounted_ = false;
};

// The probe as a child: a server to be killed.
class Server {
public:
    explicit Server(const fs::path& folder, const std::string& user = {}) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
        output_ = memory_file("server");
        Launch launch{.program = probe,
                      .arguments = {folder.string()},
                      .environment = {"PATH=/usr/bin:/bin"},
                      .output = output_.number(),
                      .death_signal = SIGKILL};
        // The probe reads its handed-over end until the test lets go of the other.
        input_ = Descriptor(ends[1]);
        const Descriptor reading(ends[0]);
        launch.handed_over = reading.number();
        launch.arguments.push_back(user.empty() ? "-" : user);
        child_.emplace(Child::start(launch));
    }

    std::string output() const { return tail_of(output_.number(), 65536); }

    // The postmaster's pid, when it has said that it is ready; 0 when it ended instead.
    pid_t ready() {
        comes_true(
            [&] { return output().find("ready ") != std::string::npos || child_->wait(milliseconds(0)); });
        const std::string text = output();
        const auto at = text.find("ready ");
        return at == std::string::npos ? 0 : std::stoi(text.substr(at + 6));
    }

    Child& process() { return *child_; }

    void kill() {
        child_->signal(SIGKILL);
        EXPECT_TRUE(child_->wait(patience));
    }

    std::optional<ProcessExit> stop() {
        {
            const Descriptor closed = std::move(input_);
        }
        return child_->wait(patience);
    }

private:
    Descriptor output_;
    Descriptor input_;
    std::optional<Child> child_;
};

// One data folder for the tests that leave it as they found it: initdb is the slowest step here.
class ClusterTest : public testing::Test {
protected:
    static void SetUpTestSuite() {
        shared_ = std::make_unique<TemporaryFolder>();
        Cluster cluster({.folder = folder()});
        ASSERT_EQ(ask(cluster.owner_url(), "create table kept as select 7 as n"), "done");
    }

    static void TearDownTestSuite() { shared_.reset(); }

    // The process that writes the log ends just after its postmaster.
    void TearDown() override {
        EXPECT_TRUE(comes_true([] { return processes_in(data(), "postgres").empty(); }));
    }

    static fs::path folder() { return shared_->path() / "postgres"; }

    static fs::path data() { return folder() / "data"; }

    static void expect_kept(const Cluster& cluster) {
        EXPECT_EQ(ask(cluster.owner_url(), "select n from kept"), "7");
    }

    // PostgreSQL itself, with the marker of a server (0: without).
    static Child start_postgres(pid_t server) {
        Launch launch{.program = "/usr/lib/postgresql/15/bin/postgres",
                      .arguments = {"-D",
                                    data().string(),
                                    "-c",
                                    "unix_socket_directories=" + (folder() / "run").string()},
                      .environment = {"LANG=C.UTF-8"},
                      .user = is_root() ? find_user("postgres") : std::nullopt};
        if (server) {
            launch.arguments.insert(launch.arguments.end(),
                                    {"-c", fmt::format("cartwright.server={}", server)});
        }
        Child child = Child::start(launch);
        EXPECT_TRUE(comes_true(
            [&] { return content_of(data() / "postmaster.pid").find("\nready") != std::string::npos; }));
        return child;
    }

    // The number of a process that is gone and was ours.
    static pid_t dead_pid() {
        Child child = Child::start({.program = "/bin/true"});
        child.wait(patience);
        return child.pid();
    }

    static std::optional<ClusterError> refusal(ClusterOptions options) {
        try {
            Cluster cluster(std::move(options));
            return std::nullopt;
        } catch (const ClusterError& error) {
            return error;
        }
    }

    static std::unique_ptr<TemporaryFolder> shared_;
};

std::unique_ptr<TemporaryFolder> ClusterTest::shared_;

TEST_F(ClusterTest, KeepsItsDataFromStartToStart) {
    std::string identity;
    for (int start = 0; start < 2; ++start) {
        Cluster cluster({.folder = folder()});
        expect_kept(cluster);
        const std::string now = ask(cluster.owner_url(), "select system_identifier from pg_control_system()");
        if (start == 0) identity = now;
        EXPECT_EQ(now, identity);
        EXPECT_TRUE(cluster.running());
        EXPECT_EQ(cluster.restarts(), 0U);
    }
}

TEST_F(ClusterTest, IsMadeWithChecksumsAndBytewiseOrder) {
    Cluster cluster({.folder = folder()});
    const auto shown = [&](const std::string& name) { return ask(cluster.owner_url(), "show " + name); };
    EXPECT_EQ(shown("data_checksums"), "on");
    EXPECT_EQ(shown("server_encoding"), "UTF8");
    EXPECT_EQ(shown("lc_collate"), "C");
    EXPECT_EQ(shown("lc_ctype"), "C.UTF-8");
    EXPECT_EQ(ask(cluster.owner_url(), "select lower('ЁЖ')"), "ёж");
    EXPECT_EQ(ask(cluster.owner_url(), "select current_database() || ' ' || current_user"),
              "cartwright cartwright");
}

TEST_F(ClusterTest, RunsWithItsSettings) {
    Cluster cluster({.folder = folder(), .max_connections = 33});
    const auto shown = [&](const std::string& name) { return ask(cluster.owner_url(), "show " + name); };
    EXPECT_EQ(shown("fsync"), "on");
    EXPECT_EQ(shown("full_page_writes"), "on");
    EXPECT_EQ(shown("synchronous_commit"), "on");
    EXPECT_EQ(shown("listen_addresses"), "");
    EXPECT_EQ(shown("max_connections"), "33");
    EXPECT_EQ(shown("jit"), "off");
    EXPECT_EQ(shown("timezone"), "UTC");
    EXPECT_EQ(shown("unix_socket_permissions"), "0700");
    EXPECT_EQ(shown("log_parameter_max_length_on_error"), "0");
    EXPECT_EQ(ask(cluster.owner_url(), "select count(*) from pg_file_settings where error is not null"), "0");
    EXPECT_EQ(ask(cluster.owner_url(), "select count(*) from pg_hba_file_rules where error is not null"),
              "0");
    EXPECT_EQ(ask(cluster.owner_url(), "select count(*) from pg_ident_file_mappings where error is not null"),
              "0");
}

TEST_F(ClusterTest, NobodyTurnsDurabilityOffOrTcpOn) {
    {
        Cluster cluster({.folder = folder()});
        ASSERT_EQ(ask(cluster.owner_url(), "alter system set fsync = off"), "done");
        ASSERT_EQ(ask(cluster.owner_url(), "alter system set full_page_writes = off"), "done");
        ASSERT_EQ(ask(cluster.owner_url(), "alter system set listen_addresses = '*'"), "done");
        ASSERT_EQ(ask(cluster.owner_url(), "alter system set work_mem = '5MB'"), "done");
    }
    Cluster cluster({.folder = folder()});
    EXPECT_EQ(ask(cluster.owner_url(), "show fsync"), "on");
    EXPECT_EQ(ask(cluster.owner_url(), "show full_page_writes"), "on");
    EXPECT_EQ(ask(cluster.owner_url(), "show listen_addresses"), "");
    EXPECT_EQ(ask(cluster.owner_url(), "show work_mem"), "5MB");  // the rest is the operator's
    EXPECT_EQ(ask(cluster.owner_url(), "alter system reset all"), "done");
}

TEST_F(ClusterTest, ListensOnAUnixSocketOnly) {
    Cluster cluster({.folder = folder()});
    // Sockets of the postmaster, and those that /proc/net lists for TCP.
    std::set<std::string> own;
    for (const auto& entry : fs::directory_iterator(fmt::format("/proc/{}/fd", cluster.pid()))) {
        const std::string target = fs::read_symlink(entry.path()).string();
        if (target.starts_with("socket:[")) own.insert(target.substr(8, target.size() - 9));
    }
    EXPECT_GE(own.size(), 1U);
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream lines(table);
        std::string line;
        while (std::getline(lines, line)) {
            std::istringstream words(line);
            const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
            if (fields.size() > 9) EXPECT_FALSE(own.contains(fields[9])) << line;
        }
    }
    EXPECT_EQ(names_in(cluster.socket_folder()),
              (std::set<std::string>{".s.PGSQL.5432", ".s.PGSQL.5432.lock"}));
}

TEST_F(ClusterTest, LetsInOnlyKnownRolesOfTheServersUser) {
    Cluster cluster({.folder = folder()});
    EXPECT_EQ(ask(cluster.owner_url(), "create role cw_app login; create role stranger login superuser"),
              "done");
    EXPECT_EQ(ask(cluster.app_url(), "select current_user"), "cw_app");
    EXPECT_NE(ask(cluster.url("stranger"), "select 1").find("no pg_hba.conf entry"), std::string::npos);
    EXPECT_EQ(ask(cluster.owner_url(), "drop role cw_app; drop role stranger"), "done");
}

TEST_F(ClusterTest, TheTerminalsCtrlCDoesNotReachIt) {
    Cluster cluster({.folder = folder()});
    EXPECT_EQ(::getsid(cluster.pid()), cluster.pid());
}

TEST_F(ClusterTest, InheritsNothingOpenFromTheServer) {
    // Neither close-on-exec: what a library opened carelessly.
    const Descriptor listening(::socket(AF_UNIX, SOCK_STREAM, 0));
    const std::string ours = fs::read_symlink(fmt::format("/proc/self/fd/{}", listening.number())).string();
    Cluster cluster({.folder = folder()});
    for (const auto& entry : fs::directory_iterator(fmt::format("/proc/{}/fd", cluster.pid()))) {
        EXPECT_NE(fs::read_symlink(entry.path()).string(), ours);
    }
}

TEST_F(ClusterTest, StopLeavesNothingRunningAndMayBeCalledTwice) {
    Cluster cluster({.folder = folder()});
    const pid_t postmaster = cluster.pid();
    cluster.stop();
    EXPECT_FALSE(cluster.running());
    EXPECT_EQ(cluster.pid(), 0);
    EXPECT_FALSE(process_facts(postmaster));
    EXPECT_EQ(processes_in(data(), "postgres").size(), 0U);
    EXPECT_FALSE(fs::exists(data() / "postmaster.pid"));
    EXPECT_TRUE(fs::is_empty(folder() / "run"));
    cluster.stop();
}

TEST_F(ClusterTest, StopEndsSessionsInTheMiddleOfWork) {
    Cluster cluster({.folder = folder()});
    const std::unique_ptr<PGconn, decltype(&PQfinish)> session(PQconnectdb(cluster.owner_url().c_str()),
                                                               &PQfinish);
    ASSERT_EQ(PQsendQuery(session.get(), "select pg_sleep(600)"), 1);
    ASSERT_TRUE(comes_true([&] {
        return ask(cluster.owner_url(),
                   "select count(*) from pg_stat_activity where query like '%sleep(600)' "
                   "and state = 'active'") == "1";
    }));
    cluster.stop();
    EXPECT_EQ(processes_in(data(), "postgres").size(), 0U);
}

TEST_F(ClusterTest, AKilledPostmasterIsStartedAgain) {
    Cluster cluster({.folder = folder()});
    ASSERT_EQ(ask(cluster.owner_url(), "create table last_word as select 'acknowledged' as word"), "done");
    const pid_t first = cluster.pid();
    ASSERT_EQ(::kill(first, SIGKILL), 0);
    ASSERT_TRUE(comes_true([&] { return cluster.restarts() == 1; }));
    EXPECT_TRUE(cluster.running());
    EXPECT_NE(cluster.pid(), first);
    EXPECT_EQ(ask(cluster.owner_url(), "select word from last_word"), "acknowledged");
    EXPECT_EQ(ask(cluster.owner_url(), "drop table last_word"), "done");
    expect_kept(cluster);
}

TEST_F(ClusterTest, KilledChildrenAreThePostmastersOwnMatter) {
    Cluster cluster({.folder = folder()});
    const pid_t postmaster = cluster.pid();
    const auto children = processes_in(data(), "postgres");
    EXPECT_GE(children.size(), 5U);
    for (const auto& child : children) {
        if (child.pid != postmaster) ::kill(child.pid, SIGKILL);
    }
    ASSERT_TRUE(comes_true([&] { return ask(cluster.owner_url(), "select n from kept") == "7"; }));
    EXPECT_EQ(cluster.pid(), postmaster);
    EXPECT_EQ(cluster.restarts(), 0U);
}

TEST_F(ClusterTest, APostgresThatIsShutDownBehindItsBackComesBack) {
    Cluster cluster({.folder = folder()});
    ASSERT_EQ(::kill(cluster.pid(), SIGQUIT), 0);
    ASSERT_TRUE(comes_true([&] { return cluster.restarts() == 1; }));
    expect_kept(cluster);
}

TEST_F(ClusterTest, NothingKeepsRunningWhenTheServerIsKilled) {
    Server server(folder());
    ASSERT_NE(server.ready(), 0);
    server.kill();
    EXPECT_TRUE(comes_true([] { return processes_in(data(), "postgres").empty(); }));
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
}

TEST_F(ClusterTest, StartsRightAfterTheServerWasKilled) {
    for (int round = 0; round < 5; ++round) {
        Server server(folder());
        ASSERT_NE(server.ready(), 0);
        server.kill();
        Cluster cluster({.folder = folder()});
        expect_kept(cluster);
    }
}

TEST_F(ClusterTest, StartsAfterServerAndPostmasterWereKilledAtOnce) {
    Server server(folder());
    const pid_t postmaster = server.ready();
    ASSERT_NE(postmaster, 0);
    ::kill(postmaster, SIGKILL);
    server.kill();
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
}

TEST_F(ClusterTest, StartsAfterEverythingWasKilledAtOnce) {
    Server server(folder());
    ASSERT_NE(server.ready(), 0);
    server.process().signal(SIGSTOP);
    for (const auto& process : processes_in(data(), "postgres")) ::kill(process.pid, SIGKILL);
    server.kill();
    EXPECT_TRUE(fs::exists(data() / "postmaster.pid"));
    EXPECT_TRUE(fs::exists(folder() / "run/.s.PGSQL.5432.lock"));
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
}

TEST_F(ClusterTest, StartsBesideAZombiePostmaster) {
    Child zombie = start_postgres(dead_pid());
    zombie.signal(SIGKILL);
    ASSERT_TRUE(comes_true([&] { return process_facts(zombie.pid())->state == 'Z'; }));
    EXPECT_TRUE(fs::exists(data() / "postmaster.pid"));
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
    EXPECT_EQ(process_facts(zombie.pid())->state, 'Z');
}

TEST_F(ClusterTest, StartsWhenThePidInTheFileIsAStrangersNow) {
    Child stranger = Child::start({.program = "/bin/sleep", .arguments = {"600"}});
    {
        Child postgres = start_postgres(dead_pid());
        const std::string file = content_of(data() / "postmaster.pid");
        postgres.signal(SIGKILL);
        ASSERT_TRUE(postgres.wait(patience));
        ASSERT_TRUE(comes_true([] { return processes_in(data(), "postgres").empty(); }));
        put(data() / "postmaster.pid", fmt::format("{}{}", stranger.pid(), file.substr(file.find('\n'))));
        put(folder() / "run/.s.PGSQL.5432.lock", fmt::format("{}\n", stranger.pid()));
    }
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
    EXPECT_FALSE(stranger.wait(milliseconds(0))) << "the stranger was ended";
}

TEST_F(ClusterTest, StartsWithAPidFileOfRubbish) {
    put(data() / "postmaster.pid", std::string("\0\xff rubbish", 10));
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
}

TEST_F(ClusterTest, EndsAPostmasterOfOursThatHangs) {
    Child hanging = start_postgres(dead_pid());
    hanging.signal(SIGSTOP);
    ASSERT_TRUE(comes_true([&] { return process_facts(hanging.pid())->state == 'T'; }));
    Cluster cluster({.folder = folder(), .leftover_limit = milliseconds(300)});
    EXPECT_EQ(hanging.wait(patience), (ProcessExit{.code = 0, .signal = SIGKILL}));
    expect_kept(cluster);
}

TEST_F(ClusterTest, RefusesAPostgresThatSomebodyElseStarted) {
    Child foreign = start_postgres(0);
    const std::string file = content_of(data() / "postmaster.pid");
    const auto refused = refusal({.folder = folder()});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::in_use);
    EXPECT_EQ(
        std::string(refused->what()),
        fmt::format(
            "A PostgreSQL that Cartwright didn't start (process {0}) works on {1}: stop it (kill -INT {0}), "
            "or choose another data folder.",
            foreign.pid(),
            data().string()));
    EXPECT_FALSE(foreign.wait(milliseconds(0)));
    EXPECT_EQ(content_of(data() / "postmaster.pid"), file);
    foreign.signal(SIGINT);
    ASSERT_TRUE(foreign.wait(patience));
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
}

TEST_F(ClusterTest, RefusesAPostgresWhoseServerLivesThoughItsLockIsGone) {
    Child running = start_postgres(::getpid());
    const auto refused = refusal({.folder = folder()});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::in_use);
    EXPECT_FALSE(running.wait(milliseconds(0)));
    running.signal(SIGINT);
    EXPECT_EQ(running.wait(patience), ProcessExit{});
}

TEST_F(ClusterTest, RefusesASecondOwner) {
    Server first(folder());
    const pid_t postmaster = first.ready();
    ASSERT_NE(postmaster, 0);
    const auto refused = refusal({.folder = folder()});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::in_use);
    EXPECT_EQ(std::string(refused->what()),
              fmt::format(
                  "The data folder {} is in use by another Cartwright (process {}): stop that one first, or "
                  "choose another data folder.",
                  folder().string(),
                  first.process().pid()));
    EXPECT_TRUE(process_facts(postmaster));
    EXPECT_EQ(first.stop(), ProcessExit{});
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
}

TEST_F(ClusterTest, WorksAsAnOrdinaryUser) {
    if (!is_root()) GTEST_SKIP() << "all the other tests ran as an ordinary user";
    const TemporaryFolder place;
    ::chmod(place.path().c_str(), 0777);
    const fs::path own = place.path() / "postgres";
    for (int start = 0; start < 2; ++start) {
        Server server(own, "nobody");
        const pid_t postmaster = server.ready();
        ASSERT_NE(postmaster, 0) << server.output();
        EXPECT_EQ(server.stop(), ProcessExit{});
    }
    struct stat facts{};
    ASSERT_EQ(::stat((own / "data").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_uid, find_user("nobody")->uid);
    // Root goes on with the same folder as its owner, and leaves it usable for that one.
    {
        const Cluster cluster({.folder = own});
    }
    Server server(own, "nobody");
    EXPECT_NE(server.ready(), 0) << server.output();
    EXPECT_EQ(server.stop(), ProcessExit{});
}

TEST_F(ClusterTest, AnotherUsersFolderIsRefused) {
    if (!is_root()) GTEST_SKIP() << "needs root to become another user";
    const auto before = names_in(folder());
    Server server(folder(), "nobody");
    EXPECT_EQ(server.ready(), 0);
    EXPECT_NE(server.output().find(
                  fmt::format("refused {} can't be used: permission denied; give it to the user who "
                              "starts Cartwright (chown), or choose another data folder.",
                              folder().string())),
              std::string::npos)
        << server.output();
    EXPECT_EQ(names_in(folder()), before);
}

TEST_F(ClusterTest, WorksWhereTheUnprivilegedUserMayNotGo) {
    if (!is_root()) GTEST_SKIP() << "needs root, whose PostgreSQL is another user";
    const TemporaryFolder place;
    ::chmod(place.path().c_str(), 0700);
    const fs::path own = place.path() / "postgres";
    fs::path socket;
    for (int start = 0; start < 2; ++start) {
        Cluster cluster({.folder = own});
        EXPECT_EQ(ask(cluster.owner_url(), "show data_directory"), "/proc/self/fd/3/data");
        EXPECT_EQ(ask(cluster.owner_url(), "create table if not exists here (n int)"), "done");
        socket = cluster.socket_folder();
        EXPECT_EQ(socket.parent_path(), runtime_folder());
        if (start == 0) {
            ::kill(cluster.pid(), SIGKILL);
            ASSERT_TRUE(comes_true([&] { return cluster.restarts() == 1; }));
            EXPECT_EQ(ask(cluster.owner_url(), "select count(*) from here"), "0");
        }
    }
    EXPECT_FALSE(fs::exists(socket));
    EXPECT_EQ(processes_in(own / "data", "postgres").size(), 0U);
}

TEST_F(ClusterTest, WorksUnderAPathTooLongForASocket) {
    const TemporaryFolder place;
    const fs::path own = place.path() / std::string(120, 'x') / "with, a 'comma'";
    fs::path socket;
    for (int start = 0; start < 2; ++start) {
        Cluster cluster({.folder = own});
        EXPECT_EQ(ask(cluster.owner_url(), "show data_directory"), (own / "data").string());
        socket = cluster.socket_folder();
        EXPECT_EQ(socket.parent_path(), runtime_folder());
        struct stat facts{};
        ASSERT_EQ(::stat(socket.c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 0777U, 0700U);
    }
    EXPECT_FALSE(fs::exists(socket));
}

TEST_F(ClusterTest, AFolderMayBeMoved) {
    const fs::path moved = shared_->path() / "moved";
    {
        const Cluster cluster({.folder = folder()});
    }
    fs::rename(folder(), moved);
    {
        Cluster cluster({.folder = moved});
        expect_kept(cluster);
    }
    fs::rename(moved, folder());
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
}

TEST_F(ClusterTest, AKilledFirstStartIsBegunAgain) {
    const TemporaryFolder place;
    const fs::path own = place.path() / "postgres";
    for (const char* sign : {"data.new/PG_VERSION", "data.new/global/pg_control", "data.new/base/1"}) {
        Server server(own);
        ASSERT_TRUE(comes_true([&] { return fs::exists(own / sign); }));
        server.kill();
        EXPECT_FALSE(fs::exists(own / "data"));
    }
    Cluster cluster({.folder = own});
    EXPECT_EQ(ask(cluster.owner_url(), "select 1"), "1");
    EXPECT_EQ(
        names_in(own),
        (std::set<std::string>{"cartwright.conf", "data", "hba.conf", "ident.conf", "lock", "log", "run"}));
}

TEST_F(ClusterTest, AKilledInitdbIsOneSentenceAndLeavesNothingHalfMade) {
    const TemporaryFolder place;
    const fs::path own = place.path() / "postgres";
    {
        Server server(own);
        pid_t initdb = 0;
        ASSERT_TRUE(comes_true([&] {
            // It works where the test does.
            for (const auto& process : processes_in(fs::current_path(), "initdb")) {
                if (process.parent == server.process().pid()) initdb = process.pid;
            }
            return initdb != 0 && fs::exists(own / "data.new/PG_VERSION");
        }));
        ::kill(initdb, SIGKILL);
        EXPECT_EQ(server.ready(), 0);
        EXPECT_NE(
            server.output().find(fmt::format("refused PostgreSQL couldn't make {}", (own / "data").string())),
            std::string::npos)
            << server.output();
        EXPECT_EQ(names_in(own), (std::set<std::string>{"lock"}));
    }
    Cluster cluster({.folder = own});
    EXPECT_EQ(ask(cluster.owner_url(), "select 1"), "1");
}

TEST_F(ClusterTest, MissingProgramsAreNamed) {
    const TemporaryFolder place;
    const fs::path own = place.path() / "postgres";
    const auto refused = refusal({.folder = own, .programs = place.path() / "none"});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::no_programs);
    EXPECT_EQ(std::string(refused->what()),
              fmt::format(
                  "PostgreSQL's programs initdb and postgres (version 14 or later) weren't found in {}/none: "
                  "install them (Debian: apt-get install postgresql-15), or name a database with --database.",
                  place.path().string()));
    EXPECT_EQ(names_in(own), (std::set<std::string>{"lock"}));
}

TEST_F(ClusterTest, DataOfAnotherVersionAreLeftAlone) {
    put(data() / "PG_VERSION", "99\n");
    const auto before = names_in(data());
    const auto refused = refusal({.folder = folder()});
    put(data() / "PG_VERSION", "15\n");
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::wrong_version);
    EXPECT_EQ(std::string(refused->what()),
              fmt::format("{} was made by PostgreSQL 99, but only version 15 is here: install postgresql-99 "
                          "(or convert the data with pg_upgrade).",
                          data().string()));
    EXPECT_EQ(names_in(data()), before);
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
}

TEST_F(ClusterTest, AFolderOfSomethingElseIsLeftAlone) {
    const TemporaryFolder place;
    fs::create_directories(place.path() / "data/photos");
    const auto refused = refusal({.folder = place.path()});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::damaged);
    EXPECT_EQ(
        std::string(refused->what()),
        fmt::format(
            "{}/data isn't a data folder of PostgreSQL: its PG_VERSION is missing; restore it from a backup, "
            "or move it away to begin with an empty one.",
            place.path().string()));
    EXPECT_EQ(names_in(place.path() / "data"), (std::set<std::string>{"photos"}));
}

TEST_F(ClusterTest, AFileInTheWayIsNamed) {
    const TemporaryFolder place;
    put(place.path() / "postgres", "");
    const auto refused = refusal({.folder = place.path() / "postgres"});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::damaged);
    EXPECT_EQ(std::string(refused->what()),
              fmt::format(
                  "{}/postgres is in the way: a folder is needed there; move it away, or choose another data "
                  "folder.",
                  place.path().string()));
}

TEST_F(ClusterTest, WhatPostgresSaysIsPassedOn) {
    fs::rename(data() / "global/pg_control", data() / "global/pg_control.away");
    const auto refused = refusal({.folder = folder()});
    fs::rename(data() / "global/pg_control.away", data() / "global/pg_control");
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::damaged);
    EXPECT_NE(refused->log.find("pg_control"), std::string::npos) << refused->log;
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
}

TEST_F(ClusterTest, AnOperatorsTypingErrorIsNamed) {
    const fs::path file = data() / "postgresql.conf";
    const std::string before = content_of(file);
    put(file, before + "shared_bufers = 1GB\n");
    const auto refused = refusal({.folder = folder()});
    put(file, before);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::damaged);
    EXPECT_NE(refused->log.find("shared_bufers"), std::string::npos) << refused->log;
    Cluster cluster({.folder = folder()});
    expect_kept(cluster);
}

TEST_F(ClusterTest, ATooSmallDiskIsRefusedBeforeAnythingIsMade) {
    const TemporaryFolder place;
    const SmallDisk disk(place.path() / "disk", 50);
    if (!disk.is_there()) GTEST_SKIP() << "needs root, to mount a small file system";
    const fs::path own = place.path() / "disk/postgres";
    const auto refused = refusal({.folder = own});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::no_space);
    EXPECT_EQ(
        std::string(refused->what()),
        fmt::format(
            "The disk that holds {} is full: make room (PostgreSQL needs about 100 MB to begin) and start "
            "again.",
            own.string()));
    EXPECT_EQ(names_in(own), (std::set<std::string>{"lock"}));
}

TEST_F(ClusterTest, AFullDiskIsOneSentenceAndRoomHeals) {
    const TemporaryFolder place;
    const SmallDisk disk(place.path() / "disk", 250);
    if (!disk.is_there()) GTEST_SKIP() << "needs root, to mount a small file system";
    const fs::path own = place.path() / "disk/postgres";
    {
        const Cluster cluster({.folder = own});
    }
    const fs::path ballast = place.path() / "disk/ballast";
    {
        const Descriptor file(::open(ballast.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        const std::string piece(65536, 'x');
        while (::write(file.number(), piece.data(), piece.size()) > 0) {
        }
    }
    const auto refused = refusal({.folder = own});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::no_space) << refused->what() << refused->log;
    EXPECT_EQ(processes_in(own / "data", "postgres").size(), 0U);
    fs::remove(ballast);
    Cluster cluster({.folder = own});
    EXPECT_EQ(ask(cluster.owner_url(), "select 1"), "1");
}

TEST_F(ClusterTest, AReadOnlyDiskIsOneSentence) {
    const TemporaryFolder place;
    const SmallDisk disk(place.path() / "disk", 250);
    if (!disk.is_there()) GTEST_SKIP() << "needs root, to mount a small file system";
    const fs::path own = place.path() / "disk/postgres";
    {
        const Cluster cluster({.folder = own});
    }
    disk.make_read_only(true);
    const auto refused = refusal({.folder = own});
    disk.make_read_only(false);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->trouble, ClusterTrouble::read_only) << refused->what();
    EXPECT_EQ(
        std::string(refused->what()),
        fmt::format("{} lies on a read-only file system: mount it writable, or choose another data folder.",
                    own.string()));
    Cluster cluster({.folder = own});
    EXPECT_EQ(ask(cluster.owner_url(), "select 1"), "1");
}

TEST_F(ClusterTest, DataThatVanishWhileItRunsAreNotReplacedByEmptyOnes) {
    const TemporaryFolder place;
    const fs::path own = place.path() / "postgres";
    std::atomic<int> complaints = 0;
    const auto count = [&](std::string_view line) {
        if (line.starts_with("PostgreSQL couldn't start on")) ++complaints;
    };
    Cluster cluster({.folder = own, .progress = count});
    fs::rename(own / "data", own / "elsewhere");
    ::kill(cluster.pid(), SIGKILL);
    ASSERT_TRUE(comes_true([&] { return complaints >= 2; }));
    EXPECT_FALSE(cluster.running());
    EXPECT_FALSE(fs::exists(own / "data"));
    fs::rename(own / "elsewhere", own / "data");
    ASSERT_TRUE(comes_true([&] { return cluster.restarts() == 1; }));
    EXPECT_EQ(ask(cluster.owner_url(), "select 1"), "1");
}

}  // namespace
}  // namespace cartwright::db
