#include "base/settings.hpp"

#include "base/toml.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace cartwright {
namespace {

using namespace std::chrono_literals;

class SettingsTest : public testing::Test {
protected:
    SettingsTest() {
        std::string pattern = testing::TempDir() + "settingsXXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        file_ = folder_ / "cartwright.toml";
    }

    ~SettingsTest() override { std::filesystem::remove_all(folder_); }

    Settings of_file(const std::string& text) const {
        std::ofstream(file_) << text;
        return load_settings({.file = file_, .environment = {}, .options = {}});
    }

    // What is said about a file; without the file's path.
    std::string complaint(const std::string& text) const {
        try {
            of_file(text);
        } catch (const BadSettings& error) {
            std::string said = error.what();
            if (said.starts_with(file_.string())) {
                said = "FILE" + said.substr(file_.string().size());
            }
            return said;
        }
        return "(none)";
    }

    static std::string environment_complaint(const std::string& name, const std::string& value) {
        try {
            load_settings({.file = {}, .environment = {{name, value}}, .options = {}});
        } catch (const BadSettings& error) {
            return error.what();
        }
        return "(none)";
    }

    std::filesystem::path folder_;
    std::filesystem::path file_;
};

TEST_F(SettingsTest, HaveDefaults) {
    const Settings settings = load_settings({});
    EXPECT_EQ(settings.server.port, 8080U);
    EXPECT_EQ(settings.server.platform_host, "localhost");
    EXPECT_EQ(settings.http.body_rate, 16384U);
    EXPECT_EQ(settings.database.connect_timeout, 5s);
    EXPECT_EQ(settings.files.kind, "local");
}

TEST_F(SettingsTest, AreReadFromTheFile) {
    const Settings settings = of_file(R"(
[server]
listen = ["0.0.0.0", "::"]
port = 80
platform_host = "Магазины.РФ"
trusted_proxies = ["10.0.0.0/8", "::1"]
drain = "5m"
[http]
body_rate = "8KiB"
page_cache = 2048
[database]
prepared_statements = false
url = "postgresql://cartwright:pass@db/cartwright"
[log]
level = "debug"
)");
    EXPECT_EQ(settings.server.listen, (std::vector<std::string>{"0.0.0.0", "::"}));
    EXPECT_EQ(settings.server.port, 80U);
    EXPECT_EQ(settings.server.platform_host, "xn--80aairftm6i.xn--p1ai");
    EXPECT_EQ(settings.server.trusted_proxies, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
    EXPECT_EQ(settings.server.drain, 5min);
    EXPECT_EQ(settings.http.body_rate, 8192U);
    EXPECT_EQ(settings.http.page_cache, 2048U);
    EXPECT_FALSE(settings.database.prepared_statements);
    EXPECT_EQ(settings.database.url, "postgresql://cartwright:pass@db/cartwright");
    EXPECT_EQ(settings.log.level, "debug");
}

TEST_F(SettingsTest, LaterSourcesWin) {
    std::ofstream(file_) << "server.port = 1\nserver.threads = 1\nserver.node = 1\n";
    SettingsSources sources{.file = file_,
                            .environment = {{"CARTWRIGHT_SERVER_PORT", "2"},
                                            {"CARTWRIGHT_SERVER_THREADS", "2"},
                                            {"PORT", "9"},
                                            {"CARTWRIGHT_DATA", "/srv/data"},
                                            {"CARTWRIGHT_SHARED", "/anything"},
                                            {"DATABASE_URL", "postgresql://x"},
                                            {"CARTWRIGHT_SERVER_LISTEN", "127.0.0.1, ::1"},
                                            {"CARTWRIGHT_SERVER_WORKER", "false"},
                                            {"CARTWRIGHT_JOBS_POLL", "50ms"}},
                            .options = {{"server.port", "3"}}};
    const Settings settings = load_settings(sources);
    EXPECT_EQ(settings.server.port, 3U);
    EXPECT_EQ(settings.server.threads, 2U);
    EXPECT_EQ(settings.server.node, 1U);
    EXPECT_EQ(settings.data.folder, "/srv/data");
    EXPECT_EQ(settings.database.url, "postgresql://x");
    EXPECT_EQ(settings.server.listen, (std::vector<std::string>{"127.0.0.1", "::1"}));
    EXPECT_FALSE(settings.server.worker);
    EXPECT_EQ(settings.jobs.poll, 50ms);
    sources.options.clear();
    EXPECT_EQ(load_settings(sources).server.port, 2U) << "the long name comes before PORT";
    sources.environment.erase("CARTWRIGHT_SERVER_PORT");
    EXPECT_EQ(load_settings(sources).server.port, 9U);
}

TEST_F(SettingsTest, UnknownNamesAreRefusedWithTheNearestOne) {
    EXPECT_EQ(complaint("[server]\n\nprot = 80\n"),
              "FILE line 3: server.prot is not a setting; did you mean server.port?");
    EXPECT_EQ(complaint("[servr]\nport = 80\n"),
              "FILE line 2: servr.port is not a setting; did you mean server.port?");
    EXPECT_EQ(complaint("zzz = 1\n"),
              "FILE line 1: zzz is not a setting; `cartwright config` lists all of them.");
    EXPECT_EQ(environment_complaint("CARTWRIGHT_SERVER_PROT", "80"),
              "Environment: CARTWRIGHT_SERVER_PROT is not a setting; did you mean CARTWRIGHT_SERVER_PORT?");
    try {
        load_settings({.file = {}, .environment = {}, .options = {{"log.levle", "info"}}});
        ADD_FAILURE() << "was taken";
    } catch (const BadSettings& error) {
        EXPECT_STREQ(error.what(), "Command line: log.levle is not a setting; did you mean log.level?");
    }
}

TEST_F(SettingsTest, WrongValuesAreRefusedWithWhatWouldBeRight) {
    EXPECT_EQ(complaint("server.port = 0"), "FILE line 1: server.port must be a number from 1 to 65535.");
    EXPECT_EQ(complaint("server.port = \"80\""),
              "FILE line 1: server.port must be a number from 1 to 65535, not \"80\".");
    EXPECT_EQ(complaint("server.drain = 30"), "FILE line 1: server.drain must be a duration from 0ms to 1h.");
    EXPECT_EQ(complaint("server.drain = \"30 s\""),
              "FILE line 1: server.drain must be a duration from 0ms to 1h, not \"30 s\".");
    EXPECT_EQ(complaint("http.body_rate = \"2GiB\""),
              "FILE line 1: http.body_rate must be a size from 1 to 1GiB, not \"2GiB\".");
    EXPECT_EQ(complaint("http.body_rate = \"99999999999999999999GiB\"").substr(0, 44),
              "FILE line 1: http.body_rate must be a size f");
    EXPECT_EQ(complaint("log.level = \"loud\""),
              "FILE line 1: log.level must be one of debug, info, warning, error, not \"loud\".");
    EXPECT_EQ(complaint("server.worker = \"true\""),
              "FILE line 1: server.worker must be true or false, not \"true\".");
    EXPECT_EQ(complaint("server.listen = \"::\""),
              "FILE line 1: server.listen must be a list of texts that is not empty, not \"::\".");
    EXPECT_EQ(complaint("database.url = 5"), "FILE line 1: database.url must be a text.");
    EXPECT_EQ(environment_complaint("PORT", "http"),
              "Environment variable PORT: server.port must be a number from 1 to 65535, not \"http\".");
    EXPECT_EQ(
        environment_complaint("CARTWRIGHT_SERVER_WORKER", "yes"),
        "Environment variable CARTWRIGHT_SERVER_WORKER: server.worker must be true or false, not \"yes\".");
}

TEST_F(SettingsTest, AreCheckedTogether) {
    EXPECT_EQ(complaint("server.listen = [\"localhost\"]"),
              "server.listen: \"localhost\" is not an IP address.");
    EXPECT_EQ(
        complaint("server.trusted_proxies = [\"10.0.0.0/33\"]"),
        "server.trusted_proxies: \"10.0.0.0/33\" is neither an IP address nor a network such as 10.0.0.0/8.");
    EXPECT_EQ(complaint("server.admin_listen = \"9180\""),
              "server.admin_listen: \"9180\" is not an address with a port such as 127.0.0.1:9180.");
    EXPECT_EQ(complaint("server.admin_listen = \"[::1]:9180\""), "(none)");
    EXPECT_EQ(complaint("server.admin_listen = \"\""), "(none)");
    EXPECT_EQ(complaint("server.platform_host = \"a b\""),
              "server.platform_host: \"a b\" is not the name of a host.");
    EXPECT_EQ(complaint("server.tls_port = 8443"),
              "server.tls_port is set; set server.tls_folder to the folder of certificates too.");
    EXPECT_EQ(complaint("server.tls_port = 8080\nserver.tls_folder = \"x\""),
              "server.tls_port and server.port are the same; choose two ports.");
    EXPECT_EQ(complaint("files.kind = \"s3\""),
              "files.kind is \"s3\"; set files.s3_endpoint and files.s3_bucket too.");
    EXPECT_EQ(complaint("accounts.session_idle = \"60d\""),
              "accounts.session_idle is above accounts.session_lifetime, and would never count.");
}

TEST_F(SettingsTest, BrokenFilesAreNamedWithTheirLine) {
    const std::string said = complaint("[server]\nport = \n");
    EXPECT_TRUE(said.starts_with("FILE line 2: not good TOML: ")) << said;
    const std::string missing = (folder_ / "none").string();
    try {
        load_settings({.file = missing, .environment = {}, .options = {}});
        ADD_FAILURE() << "was read";
    } catch (const BadSettings& error) {
        EXPECT_EQ(std::string(error.what()),
                  "The settings file " + missing +
                      ": No such file or directory; name another one or make it readable.");
    }
}

TEST_F(SettingsTest, ExampleIsAllDefaultsAndReadsBack) {
    const auto before = list_settings(Settings());
    const auto after = list_settings(of_file(example_settings()));
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        EXPECT_EQ(after[i].value, before[i].value) << before[i].name;
        EXPECT_FALSE(before[i].sentence.empty());
        EXPECT_TRUE(before[i].sentence.ends_with('.')) << before[i].name;
    }
}

TEST_F(SettingsTest, ListShowsValuesButNoSecrets) {
    const auto lines = list_settings(
        load_settings({.file = {},
                       .environment = {},
                       .options = {{"database.url", "postgresql://u:hunter2@h/d"}, {"jobs.poll", "2s"}}}));
    const auto line = [&](std::string_view name) {
        return *std::ranges::find(lines, name, &SettingLine::name);
    };
    EXPECT_EQ(line("database.url").value, "(set)");
    EXPECT_EQ(line("database.direct_url").value, "(not set)");
    EXPECT_EQ(line("jobs.poll").value, "\"2s\"");
    EXPECT_EQ(line("jobs.poll").fallback, "\"1s\"");
    EXPECT_EQ(line("jobs.poll").variable, "CARTWRIGHT_JOBS_POLL");
    EXPECT_EQ(line("http.page_cache").value, "\"64MiB\"");
    for (const SettingLine& shown : lines) {
        EXPECT_EQ(shown.value.find("hunter2"), std::string::npos);
    }
}

TEST_F(SettingsTest, EnvironmentOfTheProcessIsFiltered) {
    ::setenv("CARTWRIGHT_LOG_LEVEL", "debug", 1);
    ::setenv("CARTWRONG", "x", 1);
    const auto environment = process_environment();
    EXPECT_EQ(environment.at("CARTWRIGHT_LOG_LEVEL"), "debug");
    EXPECT_FALSE(environment.contains("CARTWRONG"));
    EXPECT_FALSE(environment.contains("PATH"));
    EXPECT_EQ(environment_variable("CARTWRONG"), "x");
    EXPECT_EQ(environment_variable("CARTWRIGHT_NOT_SET_ANYWHERE"), "");
    ::unsetenv("CARTWRIGHT_LOG_LEVEL");
    ::unsetenv("CARTWRONG");
}

TEST(TomlTest, IsFlat) {
    const auto entries = read_toml("a = 1\n[b.c]\nd = \"x\"\ne = [\"y\"]\nf = true\n");
    ASSERT_EQ(entries.size(), 4U);
    EXPECT_EQ(entries[1].name, "b.c.d");
    EXPECT_EQ(std::get<std::string>(entries[1].value), "x");
    EXPECT_EQ(entries[1].line, 3U);
    for (const std::string_view bad :
         {"a = 1979-05-27", "a = [1]", "\"a b\" = 1", "a", "a = 1\na = 2", "[\x01"}) {
        EXPECT_THROW(read_toml(bad), BadToml) << bad;
    }
    for (const std::string_view bad :
         {"g\u00A0= 1", "g.\uFEBB = 1", "a = \"\"\"x\\\n я\"\"\"", "a = 1 \u0440", "a = \"\xff\"", "я = 1"}) {
        EXPECT_THROW(read_toml(bad), BadToml) << bad;
    }
    const auto long_ones = read_toml(
        "\xEF\xBB\xBF# я\na = \"\"\"\"я\"\" #\\\"\"\"\"\nb = '''\\я'''\nc = 'я\"'\nd = \"'\\\"я\"\n");
    ASSERT_EQ(long_ones.size(), 4U);
    EXPECT_EQ(std::get<std::string>(long_ones[0].value), "\"я\"\" #\"");
    EXPECT_EQ(std::get<std::string>(long_ones[1].value), "\\я");
    EXPECT_EQ(std::get<std::string>(long_ones[2].value), "я\"");
    EXPECT_EQ(std::get<std::string>(long_ones[3].value), "'\"я");
    std::string deep = "a";
    for (int i = 0; i < 40; ++i) {
        deep += ".a";
    }
    EXPECT_THROW(read_toml(deep + " = 1"), BadToml);
    EXPECT_THROW(read_toml("a = " + std::string(1000, '[')), BadToml);
}

}  // namespace
}  // namespace cartwright
