// Names and texts of migration files, before a database is asked.
#include "db/migrate.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

namespace cartwright::db {

namespace {

std::string complaint(const std::function<void()>& work) {
    try {
        work();
    } catch (const MigrationFailed& failed) {
        return failed.what();
    }
    return "";
}

std::string parse_complaint(const std::vector<MigrationFile>& files) {
    return complaint([&] { parse_migrations(files); });
}

}  // namespace

TEST(MigrateTest, FilesAreOrderedByNumber) {
    const std::vector<MigrationFile> files{{"0010_b_two.sql", "select 2"},
                                           {"0002_a_one.sql", "-- migrate: no-transaction\nselect 1"}};
    const auto parsed = parse_migrations(files);
    ASSERT_EQ(parsed.size(), 2U);
    EXPECT_EQ(parsed[0].number, 2U);
    EXPECT_EQ(parsed[0].transactional, false);
    EXPECT_EQ(parsed[1].number, 10U);
    EXPECT_EQ(parsed[1].transactional, true);
    // sha256sum of "select 2"
    EXPECT_EQ(parsed[1].checksum, "3cf988cc782b44bc24ceb17e445d9c3cfd06b6c848ecfff949e1bfdb9f705a61");
}

TEST(MigrateTest, BadFilesAreNamed) {
    for (const std::string name : {"",
                                   "0001.sql",
                                   "1_a_b.sql",
                                   "0001_.sql",
                                   "0001_A.sql",
                                   "0001_a.txt",
                                   "0001_a b.sql",
                                   "abcd_a.sql",
                                   "0001_a_b.sql.orig"}) {
        EXPECT_EQ(parse_complaint({{name, "select 1"}}),
                  "\"" + name +
                      "\" is no migration: its name must be four digits, an underscore, lower-case words and "
                      ".sql, as in 0010_events.sql");
    }
    EXPECT_EQ(parse_complaint({{"0001_a.sql", " \n"}}),
              "migration 0001_a.sql is corrupt: it is empty; restore the file");
    EXPECT_EQ(parse_complaint({{"0001_a.sql", "select '\xff'"}}),
              "migration 0001_a.sql is corrupt: it is not UTF-8 text; restore the file");
    EXPECT_EQ(parse_complaint({{"0001_a.sql", std::string("select 1\0", 9)}}),
              "migration 0001_a.sql is corrupt: it is not UTF-8 text; restore the file");
    EXPECT_EQ(parse_complaint({{"0001_a.sql", "select 1"}, {"0001_b.sql", "select 1"}}),
              "migrations 0001_a.sql and 0001_b.sql have the same number: give one of them another");
}

TEST(MigrateTest, AFolderHoldsTheSameFilesAsTheBinary) {
    const auto built_in = parse_migrations(embedded_migrations());
    const auto in_folder = parse_migrations(read_migrations(CARTWRIGHT_SOURCE_DIR "/storage/migrations"));
    ASSERT_EQ(built_in.size(), in_folder.size());
    for (std::size_t i = 0; i < built_in.size(); ++i) {
        EXPECT_EQ(built_in[i].name, in_folder[i].name);
        EXPECT_EQ(built_in[i].checksum, in_folder[i].checksum);
    }
    EXPECT_EQ(complaint([] { read_migrations("/nowhere/at/all"); }),
              "the migrations folder /nowhere/at/all can't be read: No such file or directory");
}

}  // namespace cartwright::db
