#include "http/access_log.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace cartwright::http {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

struct Collected {
    std::vector<std::string> writes;

    LogSink sink() {
        return [this](std::string_view lines) { writes.emplace_back(lines); };
    }
};

AccessLine example() {
    AccessLine line;
    line.time = std::chrono::sys_days(std::chrono::year(2026) / 11 / 5) + 7h + 8min + 9s + 42us;
    line.id = "0123456789abcdef";
    line.method = "GET";
    line.host = "a.test";
    line.path = "/p";
    line.shop = 7;
    line.route = "shop.page";
    line.status = 200;
    line.took = 1234us;
    line.sql = 3;
    line.bytes = 30'720;
    line.peer = "127.0.0.1";
    return line;
}

constexpr const char* expected =
    R"({"time":"2026-11-05T07:08:09.000042Z","id":"0123456789abcdef","method":"GET","host":"a.test","path":"/p",)"
    R"("shop":7,"route":"shop.page","status":200,"us":1234,"sql":3,"bytes":30720,"peer":"127.0.0.1"})"
    "\n";

TEST(AccessLog, WritesOneJsonLine) {
    Collected collected;
    AccessLog log(collected.sink());
    log.add(example());
    EXPECT_TRUE(log.dirty());
    EXPECT_EQ(collected.writes.size(), 0U);
    log.flush();
    EXPECT_FALSE(log.dirty());
    ASSERT_EQ(collected.writes.size(), 1U);
    EXPECT_EQ(collected.writes[0], expected);
    log.flush();
    EXPECT_EQ(collected.writes.size(), 1U);
}

TEST(AccessLog, CannotBeForged) {
    Collected collected;
    AccessLog log(collected.sink());
    AccessLine line = example();
    line.path = "/\"},\n{\\\x01\x7f\xff";
    log.add(line);
    log.flush();
    ASSERT_EQ(collected.writes.size(), 1U);
    EXPECT_NE(collected.writes[0].find(R"("path":"/\u0022},\u000a{\u005c\u0001\u007f\u00ff","shop")"),
              std::string::npos);
    EXPECT_EQ(collected.writes[0].find('\n'), collected.writes[0].size() - 1);
}

TEST(AccessLog, CutsLongValues) {
    Collected collected;
    AccessLog log(collected.sink());
    AccessLine line = example();
    const std::string worst(5000, '\xff');
    line.id = line.method = line.host = line.path = line.route = line.peer = worst;
    log.add(line);
    log.flush();
    std::size_t escapes = 0;
    for (std::size_t at = 0; (at = collected.writes[0].find("\\u00ff", at)) != std::string::npos; ++at)
        ++escapes;
    EXPECT_EQ(escapes, 6U * 1024U);
}

TEST(AccessLog, WritesManyLinesAtOnce) {
    Collected collected;
    {
        AccessLog log(collected.sink());
        for (int i = 0; i < 1000; ++i) log.add(example());
    }
    std::string all;
    for (const std::string& write : collected.writes) {
        EXPECT_TRUE(write.ends_with("}\n"));
        all += write;
    }
    const std::size_t line_size = std::string_view(expected).size();
    EXPECT_EQ(all.size(), 1000 * line_size);
    EXPECT_EQ(collected.writes.size(),
              (1000 * line_size + AccessLog::flush_bytes - 1) / AccessLog::flush_bytes);
}

TEST(AccessLog, FollowsTheClockFromSecondToSecond) {
    Collected collected;
    AccessLog log(collected.sink());
    AccessLine line = example();
    line.time += 999'958us;
    log.add(line);
    line.time -= 24h;
    log.add(line);
    log.flush();
    EXPECT_NE(collected.writes[0].find("2026-11-05T07:08:10.000000Z"), std::string::npos);
    EXPECT_NE(collected.writes[0].find("2026-11-04T07:08:10.000000Z"), std::string::npos);
}

}  // namespace
}  // namespace cartwright::http
