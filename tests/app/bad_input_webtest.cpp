// What people and machines do wrong when they start the server: each time one sentence that says what to do, the
// exit status of README.md, nothing half done, and a second try that works.
#include "app/exit_codes.hpp"
#include "app/http_client.hpp"
#include "app/server_process.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cartwright::test {
namespace {

namespace fs = std::filesystem;
using app::Exit;
using testing::ElementsAre;
using testing::HasSubstr;

class BadInputTest : public testing::Test {
protected:
    fs::path data() const { return place_.path() / "data"; }

    fs::path place() const { return place_.path(); }

    std::vector<std::string> serve(std::vector<std::string> more = {}) const {
        std::vector<std::string> all{"serve",
                                     "--data",
                                     data().string(),
                                     "--port",
                                     fmt::to_string(port_),
                                     "--set",
                                     "server.admin_listen="};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    // The one sentence, without the program's name; checks that it is one, and the status.
    static std::string sentence_of(const Finished& finished, Exit status) {
        EXPECT_EQ(finished.code, static_cast<int>(status)) << finished.errors;
        EXPECT_EQ(finished.output, "");
        std::vector<std::string> sentences;
        std::istringstream lines(finished.errors);
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("cartwright: ")) sentences.push_back(line.substr(12));
        }
        EXPECT_EQ(sentences.size(), 1U) << finished.errors;
        return sentences.empty() ? "" : sentences.front();
    }

    std::string refused(std::vector<std::string> arguments,
                        Exit status,
                        std::vector<std::string> environment = {}) const {
        return sentence_of(finish(std::move(arguments), std::move(environment)), status);
    }

    // The same folder and port, with everything in order.
    void expect_second_try_works() const {
        ServerProcess server(serve());
        EXPECT_TRUE(server.ready(port_)) << server.output();
        EXPECT_EQ(server.stop(), ProcessExit{}) << server.output();
        EXPECT_EQ(processes_in(data() / "postgres/data", "postgres").size(), 0U);
    }

    const TemporaryFolder place_;
    const std::uint16_t port_ = free_port();
};

TEST_F(BadInputTest, AWrongOptionOrCommandIsNamed) {
    EXPECT_THAT(refused(serve({"--prot", "1"}), Exit::usage), HasSubstr("--prot"));
    EXPECT_THAT(refused({"serv"}, Exit::usage), HasSubstr("no command \"serv\"; did you mean \"serve\"?"));
    EXPECT_THAT(refused({"--set", "server.port=1", "walk"}, Exit::usage), HasSubstr("no command \"walk\"."));
    EXPECT_THAT(refused({"shop", "crate"}, Exit::usage), HasSubstr("did you mean \"shop create\"?"));
    EXPECT_THAT(refused({"--prot", "1", "serv"}, Exit::usage), HasSubstr("\"--prot\""));
    EXPECT_THAT(refused({"serve", "walk"}, Exit::usage), HasSubstr("walk"));
    EXPECT_THAT(refused(std::vector<std::string>(), Exit::usage), HasSubstr("--help"));
    EXPECT_FALSE(fs::exists(data()));
}

TEST_F(BadInputTest, AnUnreadableConfigurationIsNamed) {
    const fs::path file = place() / "shop.toml";
    EXPECT_THAT(refused(serve({"--config", file.string()}), Exit::usage), HasSubstr(file.string()));
    fs::create_directory(file);
    EXPECT_THAT(refused(serve({"--config", file.string()}), Exit::usage), HasSubstr(file.string()));
    fs::remove(file);
    put(file, std::string("\xff\xfe\0\1", 4));
    EXPECT_THAT(refused(serve({"--config", file.string()}), Exit::usage), HasSubstr(file.string()));
    put(file, "[server]\nport = = 1\n");
    EXPECT_THAT(refused(serve({"--config", file.string()}), Exit::usage),
                HasSubstr(file.string() + " line 2"));
    EXPECT_FALSE(fs::exists(data()));
}

TEST_F(BadInputTest, AnUnknownSettingGetsTheNearestName) {
    const fs::path file = place() / "shop.toml";
    put(file, "[server]\nprot = 1\n");
    EXPECT_THAT(refused(serve({"--config", file.string()}), Exit::usage), HasSubstr("server.port"));
    EXPECT_THAT(refused(serve({"--set", "server.prot=1"}), Exit::usage), HasSubstr("server.port"));
    EXPECT_THAT(refused(serve(), Exit::usage, {"CARTWRIGHT_SERVER_PROT=1"}),
                HasSubstr("CARTWRIGHT_SERVER_PORT"));
    EXPECT_FALSE(fs::exists(data()));
}

TEST_F(BadInputTest, AValueOutOfBoundsIsNamed) {
    EXPECT_THAT(refused({"serve", "--data", data().string(), "--port", "99999"}, Exit::usage),
                HasSubstr("server.port"));
    EXPECT_THAT(refused(serve({"--set", "server.drain=soon"}), Exit::usage), HasSubstr("server.drain"));
    EXPECT_THAT(refused(serve({"--set", "server.port"}), Exit::usage), HasSubstr("name=value"));
    EXPECT_FALSE(fs::exists(data()));
}

TEST_F(BadInputTest, ABusyPortIsNamedAndNothingIsMade) {
    {
        const Descriptor other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port_);
        ASSERT_EQ(::bind(other.number(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        ASSERT_EQ(::listen(other.number(), 1), 0);
        EXPECT_THAT(refused(serve(), Exit::port_in_use), HasSubstr(fmt::to_string(port_)));
        EXPECT_FALSE(fs::exists(data()));
    }
    expect_second_try_works();
}

TEST_F(BadInputTest, MissingPostgresIsNamed) {
    const fs::path nowhere = place() / "nowhere";
    EXPECT_EQ(
        refused(serve({"--set", "database.programs=" + nowhere.string()}), Exit::no_database),
        fmt::format(
            "PostgreSQL's programs initdb and postgres (version 14 or later) weren't found in {}: install "
            "them (Debian: apt-get install postgresql-15), or name a database with --database.",
            nowhere.string()));
    EXPECT_FALSE(fs::exists(data() / "postgres/data"));
    expect_second_try_works();
}

TEST_F(BadInputTest, AnUnreachableDatabaseIsNamed) {
    const auto url = fmt::format("postgresql://127.0.0.1:{}/none", free_port());
    EXPECT_THAT(refused(serve({"--database", url}), Exit::no_database), HasSubstr("can't be reached"));
    EXPECT_FALSE(fs::exists(data() / "postgres"));
}

// The built-in migrations as files, to add to them.
fs::path copied_migrations(const fs::path& to) {
    fs::create_directory(to);
    for (const auto& entry : fs::directory_iterator(CARTWRIGHT_SOURCE_DIR "/storage/migrations")) {
        if (entry.path().extension() == ".sql") fs::copy_file(entry.path(), to / entry.path().filename());
    }
    return to;
}

TEST_F(BadInputTest, ABrokenMigrationLeavesTheEarlierSchema) {
    const fs::path folder = copied_migrations(place() / "migrations");
    const std::vector<std::string> migrate{"migrate", "--data", data().string()};
    const auto with_folder = [&] {
        auto words = migrate;
        words.insert(words.end(), {"--migrations", folder.string()});
        return words;
    };
    const Finished first = finish(migrate);
    ASSERT_EQ(first.code, 0) << first.errors;

    put(folder / "0999_db_broken.sql", "create table half (n int);\n\ncreat table other (n int);\n");
    EXPECT_THAT(refused(with_folder(), Exit::migration_failed), HasSubstr("0999_db_broken.sql line 3"));
    EXPECT_THAT(refused(serve({"--migrations", folder.string()}), Exit::migration_failed),
                HasSubstr("0999_db_broken.sql"));
    put(folder / "0999_db_broken.sql", std::string("select 1; -- \xff\xfe\n"));
    EXPECT_THAT(refused(with_folder(), Exit::migration_failed), HasSubstr("0999_db_broken.sql"));
    fs::remove(folder / "0999_db_broken.sql");
    put(folder / "zzz.sql", "select 1;\n");
    EXPECT_THAT(refused(with_folder(), Exit::migration_failed), HasSubstr("zzz.sql"));
    fs::remove(folder / "zzz.sql");
    const std::string base = content_of(folder / "0001_db_tenancy.sql");
    put(folder / "0001_db_tenancy.sql", base + "-- changed afterwards\n");
    EXPECT_THAT(refused(with_folder(), Exit::migration_failed), HasSubstr("0001_db_tenancy.sql"));
    put(folder / "0001_db_tenancy.sql", base);

    // Of the broken one nothing is left: its mended version finds no table of its name.
    put(folder / "0999_db_mended.sql", "create table half (n int);\ndrop table half;\n");
    const Finished mended = finish(with_folder());
    EXPECT_EQ(mended.code, 0) << mended.errors;
    EXPECT_THAT(mended.output, HasSubstr("applied 0999_db_mended.sql"));
}

TEST_F(BadInputTest, AnOlderBinaryLeavesANewerSchemaAlone) {
    const fs::path folder = copied_migrations(place() / "migrations");
    put(folder / "0999_db_future.sql", "create table future (n int);\n");
    const std::vector<std::string> migrate{"migrate", "--data", data().string()};
    auto newer = migrate;
    newer.insert(newer.end(), {"--migrations", folder.string()});
    ASSERT_EQ(finish(newer).code, 0);
    EXPECT_THAT(refused(migrate, Exit::schema_newer), HasSubstr("does not know"));
    EXPECT_THAT(refused(serve(), Exit::schema_newer), HasSubstr("does not know"));
    EXPECT_EQ(processes_in(data() / "postgres/data", "postgres").size(), 0U);
    const Finished again = finish(newer);
    EXPECT_EQ(again.code, 0) << again.errors;
}

TEST_F(BadInputTest, ASecondServerOnTheSameDataIsRefused) {
    ServerProcess first(serve());
    ASSERT_TRUE(first.ready(port_)) << first.output();
    std::vector<std::string> second{"serve",
                                    "--data",
                                    data().string(),
                                    "--port",
                                    fmt::to_string(free_port()),
                                    "--set",
                                    "server.admin_listen="};
    EXPECT_EQ(
        refused(second, Exit::data_in_use),
        fmt::format(
            "The data folder {}/postgres is in use by another Cartwright (process {}): stop that one first, "
            "or choose another data folder.",
            data().string(),
            first.pid()));
    HttpClient client(port_, "localhost");
    EXPECT_EQ(client.get("/readyz").status, 200);
    // Commands of the operator share the running server's database.
    const Finished list = finish({"shop", "list", "--data", data().string()});
    EXPECT_EQ(list.code, 0) << list.errors;
    EXPECT_EQ(first.stop(), ProcessExit{});
    expect_second_try_works();
}

TEST_F(BadInputTest, AFullDiskIsNamed) {
    {
        const SmallDisk disk(data(), 50);
        if (!disk.is_there()) GTEST_SKIP() << "needs root, to mount a small file system";
        EXPECT_THAT(refused(serve(), Exit::no_space), HasSubstr("is full: make room"));
        EXPECT_FALSE(fs::exists(data() / "postgres/data"));
    }
    expect_second_try_works();
}

TEST_F(BadInputTest, ADiskThatIsFullToTheBrimIsNamed) {
    const SmallDisk disk(data(), 1);
    if (!disk.is_there()) GTEST_SKIP() << "needs root, to mount a small file system";
    put(data() / "ballast", std::string(2 << 20, 'x'));
    EXPECT_THAT(refused(serve(), Exit::no_space), HasSubstr("is full: make room"));
    EXPECT_FALSE(fs::exists(data() / "postgres/data"));
    EXPECT_FALSE(fs::exists(data() / "keys"));
}

TEST_F(BadInputTest, AReadOnlyDiskIsNamed) {
    const SmallDisk disk(data(), 300);
    if (!disk.is_there()) GTEST_SKIP() << "needs root, to mount a small file system";
    ASSERT_EQ(::mount("tmpfs", data().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr), 0);
    EXPECT_NE(refused(serve(), Exit::no_space), "");
    EXPECT_THAT(inventory(data()), ElementsAre());
    ASSERT_EQ(::mount("tmpfs", data().c_str(), "tmpfs", MS_REMOUNT, nullptr), 0);
    expect_second_try_works();
}

TEST_F(BadInputTest, AFileInPlaceOfTheDataFolderIsNamed) {
    put(data(), "a letter");
    EXPECT_THAT(refused(serve(), Exit::no_space), HasSubstr(data().string()));
    EXPECT_EQ(content_of(data()), "a letter");
}

}  // namespace
}  // namespace cartwright::test
