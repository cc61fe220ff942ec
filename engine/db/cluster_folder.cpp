#include "db/cluster_folder.hpp"

#include "base/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace cartwright::db {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int preferred_version = 15;
constexpr int oldest_version = 14;

// initdb writes 40 MB; the rest is room for the first migrations and their log.
constexpr std::uintmax_t space_for_new_data = 100U << 20U;

// What the kernel's address of a unix socket holds, less the name that PostgreSQL adds and the final zero.
constexpr std::size_t longest_socket_folder = 108 - sizeof "/.s.PGSQL.5432";

// In PostgreSQL's command line: the pid of the server that started it. A postmaster without it was started
// by somebody else.
constexpr std::string_view marker = "cartwright.server=";

constexpr seconds initdb_limit{120};
constexpr milliseconds lock_patience{500};  // for a server that was just killed and isn't quite gone

[[noreturn]] void refuse(ClusterTrouble trouble, const std::string& sentence) {
    throw ClusterError(trouble, sentence);
}

ClusterError trouble_of(int error, const std::string& path) {
    switch (error) {
        case ENOSPC:
        case EDQUOT:
            return {ClusterTrouble::no_space,
                    fmt::format("The disk that holds {} is full: make room (PostgreSQL needs about {} MB to "
                                "begin) and start again.",
                                path,
                                space_for_new_data >> 20U)};
        case EACCES:
        case EPERM:
            return {
                ClusterTrouble::no_permission,
                fmt::format("{} can't be used: permission denied; give it to the user who starts Cartwright "
                            "(chown), or choose another data folder.",
                            path)};
        case EROFS:
            return {
                ClusterTrouble::read_only,
                fmt::format("{} lies on a read-only file system: mount it writable, or choose another data "
                            "folder.",
                            path)};
        case ENOTDIR:
        case EEXIST:
            return {ClusterTrouble::damaged,
                    fmt::format(
                        "{} is in the way: a folder is needed there; move it away, or choose another data "
                        "folder.",
                        path)};
        default:
            return {ClusterTrouble::damaged,
                    fmt::format("{} can't be used: {}; choose another data folder or repair this one.",
                                path,
                                std::generic_category().message(error))};
    }
}

[[noreturn]] void fail(int error, const fs::path& path) {
    throw trouble_of(error, path.string());
}

std::optional<int> parse_int(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// A small file, not following a link at its end: the data folder is another user's. errno on failure.
std::expected<std::string, int> read_file(const fs::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) return std::unexpected(errno);
    return tail_of(file.number(), 4096);
}

// In the syntax of PostgreSQL's configuration files.
std::string conf_text(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') result += c;
        result += c;
    }
    return result + "'";
}

std::optional<int> version_of(const fs::path& programs) {
    // /usr/lib/postgresql/15/bin tells its version by its name.
    if (programs.filename() == "bin" && programs.parent_path().parent_path().filename() == "postgresql") {
        return parse_int(programs.parent_path().filename().native());
    }
    Launch launch{
        .program = programs / "postgres", .arguments = {"--version"}, .environment = {}, .user = {}};
    try {
        const std::string text = run(launch, seconds(10)).output;  // "postgres (PostgreSQL) 15.18 (Debian …)"
        const auto at = text.find("(PostgreSQL) ");
        if (at == std::string::npos) return std::nullopt;
        const auto digits = std::string_view(text).substr(at + 13);
        return parse_int(digits.substr(0, digits.find_first_not_of("0123456789")));
    } catch (const LaunchError&) {
        return std::nullopt;
    }
}

bool holds_programs(const fs::path& folder) {
    return ::access((folder / "postgres").c_str(), X_OK) == 0 &&
           ::access((folder / "initdb").c_str(), X_OK) == 0;
}

std::vector<std::string> environment() {
    // Messages in English, since some are read; nothing of ours (PGDATA, PGPORT…) may change what PostgreSQL does.
    return {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "LC_MESSAGES=C", "TZ=UTC"};
}

// Of the pid file: PostgreSQL's postmaster.pid holds pid, data folder, start, port, socket folder, address,
// shared memory and state, one a line (pidfile.h of PostgreSQL 10 and later).
std::optional<std::string_view> line_of(std::string_view text, int wanted) {
    for (int line = 1; line < wanted; ++line) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        text.remove_prefix(end + 1);
    }
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    return text.substr(0, end);
}

// Of PostgreSQL's children the title says what they do ("postgres: checkpointer"); the postmaster's command
// line stays as it was started.
bool is_postmaster(const ProcessFacts& process) {
    return !process.arguments.empty() && !process.arguments.front().starts_with("postgres: ");
}

std::optional<pid_t> server_of(const ProcessFacts& postmaster) {
    for (const auto& argument : postmaster.arguments) {
        if (argument.starts_with(marker)) return parse_int(std::string_view(argument).substr(marker.size()));
    }
    return std::nullopt;
}

}  // namespace

ClusterFolder::ClusterFolder(const ClusterOptions& options) : options_(options) {
    as_root_ = effective_uid() == 0;
    const std::string& name = options.folder.native();
    if (name.empty() || std::ranges::any_of(name, [](unsigned char c) { return c < ' ' || c == 127; })) {
        refuse(ClusterTrouble::damaged,
               "The data folder's name is empty or holds control characters; choose another.");
    }
    std::error_code error;
    fs::create_directories(options.folder, error);
    if (error) fail(error.value(), options.folder);
    folder_ = fs::canonical(options.folder, error);
    if (error) fail(error.value(), options.folder);
    data_ = folder_ / "data";
    log_ = folder_ / "log";
    try {
        auto lock = LockFile::take(folder_ / "lock", lock_patience);
        if (!lock) {
            refuse(
                ClusterTrouble::in_use,
                fmt::format("The data folder {} is in use by another Cartwright (process {}): stop that one "
                            "first, or choose another data folder.",
                            folder_.string(),
                            lock.error()));
        }
        lock_.emplace(std::move(*lock));
    } catch (const std::system_error& failure) {
        fail(failure.code().value(), folder_);
    }
    user_ = choose_user();
    programs_ = find_programs();
    place_ = folder_.string();
    if (!may_be_entered(folder_)) {
        if (!as_root_) fail(EACCES, folder_);
        handle_ = Descriptor(::open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!handle_) fail(errno, folder_);
        place_ = fmt::format("/proc/self/fd/{}", handed_over_number);
    }
}

void ClusterFolder::say(const std::string& line) const {
    if (options_.progress) options_.progress(line);
}

bool ClusterFolder::may_be_entered(const fs::path& folder) const {
    try {
        return may_enter(user_, folder);
    } catch (const std::system_error& failure) {
        fail(failure.code().value(), folder);
    }
}

// The data folder's owner decides: PostgreSQL accepts no other user. New data made by root belong to the
// user whom the packages of PostgreSQL make for it.
OsUser ClusterFolder::choose_user() const {
    struct stat there{};
    const bool exists = ::stat(data_.c_str(), &there) == 0 && has_data();
    if (!as_root_) {
        const uid_t me = effective_uid();
        if (exists && there.st_uid != me) fail(EACCES, data_);
        const auto user = find_user(me);
        if (!user) {
            refuse(
                ClusterTrouble::no_permission,
                fmt::format(
                    "The user with number {} has no name, and PostgreSQL needs one: add it to /etc/passwd, "
                    "or start Cartwright as another user.",
                    me));
        }
        return *user;
    }
    if (!exists) {
        const auto user = find_user("postgres");
        if (!user) {
            refuse(ClusterTrouble::no_permission,
                   "PostgreSQL doesn't run as root and there is no user postgres: make one (useradd --system "
                   "postgres), "
                   "or start Cartwright as an ordinary user.");
        }
        return *user;
    }
    const auto user = there.st_uid == 0 ? std::nullopt : find_user(there.st_uid);
    if (!user) {
        refuse(
            ClusterTrouble::no_permission,
            fmt::format("{} belongs to {}, as whom PostgreSQL doesn't run: give it back to its user "
                        "(chown -R postgres: {}).",
                        data_.string(),
                        there.st_uid == 0 ? "root" : fmt::format("a user without a name ({})", there.st_uid),
                        data_.string()));
    }
    return *user;
}

bool ClusterFolder::has_data() const {
    struct stat there{};
    if (::stat((data_ / "PG_VERSION").c_str(), &there) == 0) return true;
    if (errno == EACCES) fail(EACCES, data_);
    std::error_code error;
    if (fs::exists(data_, error) && !fs::is_empty(data_, error)) {
        refuse(
            ClusterTrouble::damaged,
            fmt::format(
                "{} isn't a data folder of PostgreSQL: its PG_VERSION is missing; restore it from a backup, "
                "or move it away to begin with an empty one.",
                data_.string()));
    }
    if (error) fail(error.value(), data_);
    return false;
}

std::optional<int> ClusterFolder::data_version() const {
    if (!has_data()) return std::nullopt;
    const auto text = read_file(data_ / "PG_VERSION");
    if (!text) fail(text.error(), data_);
    const auto version = parse_int(std::string_view(*text).substr(0, text->find('\n')));
    if (!version) {
        refuse(ClusterTrouble::damaged,
               fmt::format("{} doesn't name a version of PostgreSQL: restore the data folder from a backup.",
                           (data_ / "PG_VERSION").string()));
    }
    return version;
}

ClusterFolder::Programs ClusterFolder::find_programs() const {
    const auto wanted = data_version();
    std::vector<fs::path> folders;
    if (!options_.programs.empty()) {
        folders.push_back(options_.programs);
    } else {
        const fs::path packages = "/usr/lib/postgresql";
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(packages, error))
            folders.push_back(entry.path() / "bin");
        for (auto& folder : program_folders()) folders.push_back(std::move(folder));
    }
    const auto fitness = [&](int version) {
        if (wanted) return version == *wanted ? 1 : 0;
        if (version < oldest_version) return 0;
        return version == preferred_version ? 1000 : version;
    };
    Programs best;
    std::set<int> others;
    for (const auto& folder : folders) {
        if (!holds_programs(folder)) continue;
        const int version = version_of(folder).value_or(0);
        if (fitness(version) == 0) {
            others.insert(version);
            continue;
        }
        if (best.version == 0 || fitness(version) > fitness(best.version)) best = {folder, version};
        if (wanted || best.version == preferred_version) break;
    }
    if (best.version != 0) return best;
    if (wanted && !others.empty()) {
        refuse(ClusterTrouble::wrong_version,
               fmt::format("{} was made by PostgreSQL {}, but only version {} is here: install postgresql-{} "
                           "(or convert the data with pg_upgrade).",
                           data_.string(),
                           *wanted,
                           fmt::join(others, " and "),
                           *wanted));
    }
    refuse(ClusterTrouble::no_programs,
           fmt::format(
               "PostgreSQL's programs initdb and postgres (version {}) weren't found in {}: install them "
               "(Debian: apt-get install postgresql-{}), or name a database with --database.",
               wanted ? fmt::to_string(*wanted) : fmt::format("{} or later", oldest_version),
               options_.programs.empty() ? "/usr/lib/postgresql/*/bin and PATH" : options_.programs.string(),
               wanted.value_or(preferred_version)));
}

void ClusterFolder::make_folder(const fs::path& path, mode_t mode, const OsUser* owner) const {
    const bool made = ::mkdir(path.c_str(), 0700) == 0;
    if (!made && errno != EEXIST) fail(errno, path);
    const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) fail(errno == ELOOP ? ENOTDIR : errno, path);
    struct stat facts{};
    if (::fstat(folder.number(), &facts) != 0) fail(errno, path);
    const uid_t wanted = owner ? owner->uid : facts.st_uid;
    if (as_root_ && facts.st_uid != wanted && ::fchown(folder.number(), owner->uid, owner->gid) != 0)
        fail(errno, path);
    if (!as_root_ && facts.st_uid != wanted) fail(EACCES, path);
    if ((facts.st_mode & 07777) != mode && ::fchmod(folder.number(), mode) != 0) fail(errno, path);
}

// Under another name first, so that nobody ever reads half a file; written only when it differs.
void ClusterFolder::write_file(const fs::path& path, const std::string& content, const OsUser* owner) const {
    const auto old = read_file(path);
    if (old && *old == content) return;
    const fs::path fresh = path.string() + ".new";
    ::unlink(fresh.c_str());
    const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file) fail(errno, path);
    std::size_t done = 0;
    while (done < content.size()) {
        const ssize_t wrote = ::write(file.number(), content.data() + done, content.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) fail(errno, path);
        done += static_cast<std::size_t>(wrote);
    }
    if (as_root_ && owner && ::fchown(file.number(), owner->uid, owner->gid) != 0) fail(errno, path);
    if (::fchmod(file.number(), 0644) != 0 || ::fsync(file.number()) != 0) fail(errno, path);
    if (::rename(fresh.c_str(), path.c_str()) != 0) fail(errno, path);
}

void ClusterFolder::make_data() {
    struct statvfs disk{};
    if (::statvfs(folder_.c_str(), &disk) == 0 &&
        static_cast<std::uintmax_t>(disk.f_bavail) * disk.f_frsize < space_for_new_data) {
        fail(ENOSPC, folder_);
    }
    say(fmt::format("making a PostgreSQL {} data folder in {}", programs_.version, folder_.string()));
    const fs::path fresh = folder_ / "data.new";
    end_all(processes_in(fresh, "postgres"));
    std::error_code error;
    fs::remove_all(fresh, error);
    if (error) fail(error.value(), fresh);
    make_folder(fresh, 0700, &user_);
    Launch launch{
        .program = programs_.folder / "initdb",
        // Text is compared by its bytes: indexes outlive every upgrade of the C library and of ICU, and serve
        // LIKE 'x%'; character classes are those of Unicode (decisions/0051).
        .arguments = {"--pgdata",
                      place_ + "/data.new",
                      "--username",
                      "cartwright",
                      "--auth",
                      "peer",
                      "--data-checksums",
                      "--encoding",
                      "UTF8",
                      "--lc-collate",
                      "C",
                      "--lc-ctype",
                      "C.UTF-8",
                      "--lc-messages",
                      "C",
                      "--lc-monetary",
                      "C",
                      "--lc-numeric",
                      "C",
                      "--lc-time",
                      "C",
                      "--text-search-config",
                      "simple",
                      "--no-instructions"},
        .environment = environment(),
        .user = as_root_ ? std::optional(user_) : std::nullopt,
        .handed_over = handle_.number(),
    };
    Ran ran;
    try {
        ran = run(launch, initdb_limit);
    } catch (const LaunchError& failure) {
        ran = {.exit = ProcessExit{.code = 127}, .output = failure.what()};
    }
    if (!ran.exit || !ran.exit->clean()) {
        end_all(processes_in(fresh, "postgres"));
        fs::remove_all(fresh, error);
        throw explain("make", ran.output);
    }
    // Our settings take the place of initdb's; of its file just the name is kept.
    ::unlink((fresh / "postgresql.conf").c_str());
    write_file(fresh / "postgresql.conf",
               "# Cartwright's settings stand in the included file, which is rewritten at each start.\n"
               "# Lines below it are yours and win, except over what Cartwright's command line fixes.\n"
               "include '../cartwright.conf'\n",
               &user_);
    if (::rename(fresh.c_str(), data_.c_str()) != 0) fail(errno, data_);
    const Descriptor parent(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent || ::fsync(parent.number()) != 0) fail(errno, folder_);
}

std::optional<pid_t> ClusterFolder::pid_in_file() const {
    const auto text = read_file(data_ / "postmaster.pid");
    if (!text) return std::nullopt;
    const auto line = line_of(*text, 1);
    return line ? parse_int(*line) : std::nullopt;
}

void ClusterFolder::end_all(const std::vector<ProcessFacts>& processes) const {
    std::vector<ForeignProcess> handles;
    for (const auto& process : processes) {
        if (auto handle = ForeignProcess::find(process.pid)) handles.push_back(std::move(*handle));
    }
    // Found again by number: a process that ended meanwhile may have lent its number to a stranger.
    std::erase_if(handles, [](const ForeignProcess& handle) {
        const auto facts = process_facts(handle.pid());
        return !facts || facts->name != "postgres";
    });
    // Fast shutdown, immediate shutdown, kill. To a session SIGINT is a cancelled query, which harms none here.
    for (const int signal : {SIGINT, SIGQUIT, SIGKILL}) {
        for (const auto& handle : handles) handle.signal(signal);
        const auto until = ticks() + options_.leftover_limit;
        std::erase_if(handles, [&](const ForeignProcess& handle) {
            const auto left = std::chrono::ceil<milliseconds>(until - ticks());
            return handle.wait(std::max(left, milliseconds(0)));
        });
        if (handles.empty()) return;
    }
    refuse(ClusterTrouble::in_use,
           fmt::format("Process {} of PostgreSQL still works on {} and can't be ended: see what it waits for "
                       "(a broken disk?), and start again.",
                       handles.front().pid(),
                       data_.string()));
}

void ClusterFolder::end_orphans() {
    end_all(processes_in(data_, "postgres"));
}

void ClusterFolder::end_leftovers() {
    const auto processes = processes_in(data_, "postgres");
    for (const auto& process : processes) {
        if (!is_postmaster(process)) continue;
        const auto server = server_of(process);
        if (!server) {
            refuse(ClusterTrouble::in_use,
                   fmt::format("A PostgreSQL that Cartwright didn't start (process {}) works on {}: stop it "
                               "(kill -INT {}), or choose another data folder.",
                               process.pid,
                               data_.string(),
                               process.pid));
        }
        if (process.parent == *server) {
            refuse(
                ClusterTrouble::in_use,
                fmt::format("The data folder {} is in use by another Cartwright (process {}): stop that one "
                            "first, or choose another data folder.",
                            folder_.string(),
                            *server));
        }
    }
    if (!processes.empty()) {
        say(fmt::format("ending {} processes of PostgreSQL that a killed server left behind",
                        processes.size()));
        end_all(processes);
        end_orphans();
    }
    if (::unlink((data_ / "postmaster.pid").c_str()) == 0) {
        say("PostgreSQL wasn't stopped the last time: it recovers from its log");
    } else if (errno != ENOENT) {
        fail(errno, data_);
    }
}

void ClusterFolder::choose_socket_folder() {
    const fs::path own = folder_ / "run";
    const bool fits = !handle_ && own.native().size() <= longest_socket_folder &&
                      own.native().find_first_of(",\"") == std::string::npos;
    if (fits) {
        socket_folder_ = own;
        private_socket_folder_ = false;
    } else {
        // Named after the folder's inode, so that each start finds the same one.
        struct stat facts{};
        if (::stat(folder_.c_str(), &facts) != 0) fail(errno, folder_);
        socket_folder_ = runtime_folder() / fmt::format("cartwright-{:x}-{:x}", facts.st_dev, facts.st_ino);
        private_socket_folder_ = true;
        // Where everybody may write (/tmp), the name may have been taken by another user.
        struct stat there{};
        if (::lstat(socket_folder_.c_str(), &there) == 0 &&
            (!S_ISDIR(there.st_mode) || (there.st_uid != user_.uid && there.st_uid != effective_uid()))) {
            refuse(ClusterTrouble::no_permission,
                   fmt::format(
                       "{} belongs to another user: remove it, or choose a data folder with a shorter path.",
                       socket_folder_.string()));
        }
    }
    make_folder(socket_folder_, 0700, &user_);
    // Locks of sockets whose owners are gone: PostgreSQL would believe the pid in them.
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(socket_folder_, error)) ::unlink(entry.path().c_str());
}

void ClusterFolder::remove_private_socket_folder() const noexcept {
    if (private_socket_folder_) ::rmdir(socket_folder_.c_str());
}

std::string ClusterFolder::settings() const {
    const auto pages = ::sysconf(_SC_PHYS_PAGES);
    const auto page_size = ::sysconf(_SC_PAGE_SIZE);
    const std::int64_t memory_mb = pages > 0 && page_size > 0 ? pages / 1024 * page_size / 1024 : 1024;
    return fmt::format(R"(# Rewritten at each start of Cartwright; your own lines go to data/postgresql.conf.
listen_addresses = ''
port = 5432
unix_socket_directories = {socket}
unix_socket_permissions = 0700
hba_file = {rules}
ident_file = {map}
max_connections = {connections}

# What was acknowledged survives a crash and a power cut.
fsync = on
full_page_writes = on
synchronous_commit = on

# A machine that has other work too: memory is taken as it is used.
shared_buffers = {buffers}MB
effective_cache_size = {cache}MB
dynamic_shared_memory_type = posix
work_mem = 4MB
maintenance_work_mem = 64MB
random_page_cost = 1.1
jit = off
max_parallel_workers_per_gather = 0
wal_compression = on
min_wal_size = 80MB
max_wal_size = 1GB
checkpoint_timeout = 5min

# One call for the whole file system after a crash, instead of opening each file.
recovery_init_sync_method = syncfs

# A session whose server is stuck doesn't hold its locks for ever.
idle_in_transaction_session_timeout = 5min

timezone = 'UTC'
datestyle = 'ISO, YMD'
lc_messages = 'C'
default_text_search_config = 'pg_catalog.simple'

# A file a weekday, overwritten a week later. Values of statements stay out: they are people's data.
logging_collector = on
log_directory = '../log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_file_mode = 0600
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u '
log_min_duration_statement = 1s
log_lock_waits = on
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
)",
                       fmt::arg("socket", conf_text(socket_folder_.native())),
                       fmt::arg("rules", conf_text(place_ + "/hba.conf")),
                       fmt::arg("map", conf_text(place_ + "/ident.conf")),
                       fmt::arg("connections", options_.max_connections),
                       fmt::arg("buffers", std::clamp<std::int64_t>(memory_mb / 8, 32, 128)),
                       fmt::arg("cache", std::max<std::int64_t>(memory_mb / 2, 128)));
}

std::string ClusterFolder::host_rules() const {
    std::string roles = "cartwright";
    for (const auto& role : options_.login_roles) roles += "," + role;
    return fmt::format(
        "# Rewritten at each start of Cartwright. Anything else is refused.\n"
        "local all {} peer map=cartwright\n"
        "local replication cartwright peer map=cartwright\n",
        roles);
}

// The kernel says who is at the other end of the socket: the server's user, and PostgreSQL's own (for psql).
std::string ClusterFolder::user_map() const {
    std::string map = "# Rewritten at each start of Cartwright.\n";
    std::vector<std::string> users{user_.name};
    if (as_root_) users.push_back(find_user(uid_t{0}).value_or(OsUser{0, 0, "root"}).name);
    for (const auto& user : users) {
        map += fmt::format("cartwright \"{}\" cartwright\n", user);
        for (const auto& role : options_.login_roles)
            map += fmt::format("cartwright \"{}\" {}\n", user, role);
    }
    return map;
}

void ClusterFolder::prepare() {
    choose_socket_folder();
    make_folder(log_, 0700, &user_);
    write_file(folder_ / "cartwright.conf", settings(), nullptr);
    write_file(folder_ / "hba.conf", host_rules(), nullptr);
    write_file(folder_ / "ident.conf", user_map(), nullptr);
}

Launch ClusterFolder::launch(int output) const {
    // What must hold whatever an operator or ALTER SYSTEM wrote stands in the command line, which wins.
    const std::vector<std::string> fixed{
        "listen_addresses=",
        "port=5432",
        "unix_socket_directories=" + socket_folder_.string(),
        "hba_file=" + place_ + "/hba.conf",
        "ident_file=" + place_ + "/ident.conf",
        "fsync=on",
        "full_page_writes=on",
        fmt::format("{}{}", marker, ::getpid()),
    };
    Launch launch{
        .program = programs_.folder / "postgres",
        .arguments = {"-D", place_ + "/data"},
        .environment = environment(),
        .user = as_root_ ? std::optional(user_) : std::nullopt,
        .output = output,
        .handed_over = handle_.number(),
        .death_signal = SIGINT,  // fast shutdown
    };
    for (const auto& setting : fixed) {
        launch.arguments.emplace_back("-c");
        launch.arguments.push_back(setting);
    }
    return launch;
}

bool ClusterFolder::is_ready(pid_t postmaster) const {
    const auto text = read_file(data_ / "postmaster.pid");
    if (!text) return false;
    const auto pid = line_of(*text, 1);
    const auto state = line_of(*text, 8);
    return pid && state && parse_int(*pid) == postmaster && state->starts_with("ready");
}

void ClusterFolder::mark_log() {
    log_sizes_.clear();
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(log_, error)) {
        if (entry.is_regular_file(error)) log_sizes_[entry.path()] = entry.file_size(error);
    }
}

std::string ClusterFolder::log_since_mark() const {
    std::string text;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(log_, error)) {
        const Descriptor file(::open(entry.path().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        struct stat facts{};
        if (!file || ::fstat(file.number(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
        const auto before = log_sizes_.find(entry.path());
        const auto size = static_cast<std::uintmax_t>(facts.st_size);
        const auto from = before == log_sizes_.end() ? 0 : std::min(before->second, size);
        text += tail_of(file.number(), std::min<std::uintmax_t>(size - from, 16384));
    }
    return text;
}

ClusterError ClusterFolder::explain(const std::string& doing, const std::string& output) const {
    const auto mentions = [&](std::string_view words) { return output.find(words) != std::string::npos; };
    const std::string where = data_.string();
    const auto with_log = [&](const ClusterError& error) {
        return ClusterError(error.trouble, error.what(), output);
    };
    if (mentions("No space left on device") || mentions("Disk quota exceeded")) {
        return with_log(trouble_of(ENOSPC, where));
    }
    if (mentions("Read-only file system")) return with_log(trouble_of(EROFS, where));
    if (mentions("Permission denied")) return with_log(trouble_of(EACCES, where));
    if (mentions("still in use") || mentions("lock file \"postmaster.pid\" already exists")) {
        return {ClusterTrouble::in_use,
                fmt::format("Another PostgreSQL works on {}: stop it, or choose another data folder.", where),
                output};
    }
    // The last complaint is the one that ended it.
    std::string reason;
    for (const std::string_view level : {"PANIC:  ", "FATAL:  ", "error: "}) {
        const auto at = output.rfind(level);
        if (at == std::string::npos) continue;
        const auto from = at + level.size();
        reason = output.substr(from, output.find('\n', from) - from);
        break;
    }
    return {ClusterTrouble::damaged,
            fmt::format("PostgreSQL couldn't {} {}: {}; its log in {} says more.",
                        doing,
                        where,
                        reason.empty() ? "it gave no reason" : reason,
                        log_.string()),
            output};
}

}  // namespace cartwright::db
