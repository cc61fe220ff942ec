#include "base/log.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <new>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

// Counted, since the log promises to take no memory once it runs.
void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

namespace cartwright {
namespace {

using namespace std::chrono_literals;

const Instant moment = std::chrono::sys_days(std::chrono::year{2026} / 2 / 28) + 9h + 5min + 123us;
const std::string head = R"({"time":"2026-02-28T09:05:00.000123Z",)";

class LogTest : public testing::Test {
protected:
    LogTest() {
        std::string pattern = testing::TempDir() + "logXXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        path_ = folder_ / "cartwright.log";
    }

    ~LogTest() override { std::filesystem::remove_all(folder_); }

    static std::string text_of(const std::filesystem::path& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

    std::string text() const { return text_of(path_); }

    std::filesystem::path folder_;
    std::filesystem::path path_;
    ManualClock clock_{moment};
};

TEST_F(LogTest, WritesOneJsonObjectALine) {
    LogFile file(path_);
    Log log(file, clock_);
    log.info("started",
             {{"port", 8080},
              {"ratio", 0.5},
              {"tls", false},
              {"bytes", std::uint64_t{1} << 63U},
              {"host", "demo.localhost"},
              {"delta", -3},
              {"odd", std::nan("")}});
    log.warning("second");
    log.flush();
    EXPECT_EQ(text(),
              head +
                  R"("level":"info","message":"started","port":8080,"ratio":0.5,"tls":false,)"
                  R"("bytes":9223372036854775808,"host":"demo.localhost","delta":-3,"odd":null})"
                  "\n" +
                  head + R"("level":"warning","message":"second"})" + "\n");
}

TEST_F(LogTest, GathersLinesUntilFlushButErrorsGoOutAtOnce) {
    LogFile file(path_);
    Log log(file, clock_);
    log.info("one");
    EXPECT_EQ(text(), "");
    log.error("two");
    EXPECT_EQ(text(),
              head + R"("level":"info","message":"one"})" + "\n" + head +
                  R"("level":"error","message":"two"})" + "\n");
}

TEST_F(LogTest, WritesWhenTheBufferIsFullAndAtItsEnd) {
    LogFile file(path_);
    const std::string line = std::string(999, 'x') + "\n";
    std::size_t lines = 0;
    {
        Log log(file, clock_);
        while (text().empty()) {
            log.append(line);
            ++lines;
        }
        EXPECT_EQ(text().size() % line.size(), 0U) << "a line was split";
        EXPECT_EQ(lines, (Log::buffer_bytes - Log::max_line_bytes) / line.size() + 2);
    }
    EXPECT_EQ(text().size(), lines * line.size());
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
    LogFile file(path_);
    Log log(file, clock_, LogLevel::warning);
    log.debug("a");
    log.info("b");
    log.warning("c");
    log.flush();
    EXPECT_EQ(text(), head + R"("level":"warning","message":"c"})" + "\n");
}

TEST_F(LogTest, CantBeForgedByWhatIsLogged) {
    std::string out;
    append_log_string(out, "a\n\"},{\\ \x1b[31m \x7f \xc2\x85 \xff \xd1\x8f \xd1");
    EXPECT_EQ(out, "\"a\\n\\\"},{\\\\ \\u001b[31m \\u007f \\u0085 \xEF\xBF\xBD я \xEF\xBF\xBD\"");
    out.clear();
    append_log_string(out, std::string_view("\0", 1));
    EXPECT_EQ(out, "\"\\u0000\"");
}

TEST_F(LogTest, LeavesSecretsOut) {
    LogFile file(path_);
    Log log(file, clock_);
    log.info("login",
             {{"password", "hunter2"},
              {"Csrf-Token", "abc"},
              {"AUTHORIZATION", "Bearer x"},
              {"client_secret", 5},
              {"set-cookie", "a=b"},
              {"email", "a@b.c"}});
    log.flush();
    EXPECT_EQ(text(),
              head + R"("level":"info","message":"login","password":"[redacted]",)"
                     R"("Csrf-Token":"[redacted]","AUTHORIZATION":"[redacted]",)"
                     R"("client_secret":"[redacted]","set-cookie":"[redacted]","email":"a@b.c"})"
                     "\n");
}

TEST_F(LogTest, CutsLongValuesAndLeavesOutFieldsThatDontFit) {
    LogFile file(path_);
    Log log(file, clock_);
    const std::string control(Log::max_value_bytes, '\x01');
    const std::string longest(Log::max_value_bytes + 100, 'x');
    log.info(std::string(100'000, 'm'), {{"a", longest}, {"b", control}, {"c", 1}});
    log.flush();
    EXPECT_EQ(text(),
              head + R"("level":"info","message":")" + std::string(1024, 'm') + R"(","a":")" +
                  std::string(Log::max_value_bytes, 'x') + "\"}\n");
    const std::string half(Log::max_value_bytes - 1, 'y');
    log.info("", {{"a", half + "я"}});
    log.flush();
    EXPECT_TRUE(text().ends_with(R"("message":"","a":")" + half + "\"}\n")) << "a character was cut";
}

TEST_F(LogTest, DropsAReadyLineThatIsTooLong) {
    LogFile file(path_);
    Log log(file, clock_);
    log.append(std::string(Log::max_line_bytes, 'x') + "\n");
    log.append("{}\n");
    log.flush();
    EXPECT_EQ(text(), "{}\n");
}

TEST_F(LogTest, OpensItsFileAgainAfterRotation) {
    LogFile file(path_);
    Log log(file, clock_);
    log.append("one\n");
    log.flush();
    std::filesystem::rename(path_, folder_ / "old");
    log.append("two\n");
    log.flush();
    file.reopen();
    log.append("three\n");
    log.flush();
    EXPECT_EQ(text_of(folder_ / "old"), "one\ntwo\n");
    EXPECT_EQ(text(), "three\n");
    std::filesystem::remove_all(folder_);
    EXPECT_THROW(file.reopen(), std::system_error);
    EXPECT_THROW(LogFile(folder_ / "none" / "log"), std::system_error);
}

TEST_F(LogTest, CountsWhatCantBeWritten) {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    LogFile file(full);
    Log log(file, clock_);
    log.append("lost\n");
    log.flush();
    log.append("also lost\n");
    log.flush();
    EXPECT_EQ(file.dropped_bytes(), 15U);
    ::close(full);
}

TEST_F(LogTest, LinesOfManyThreadsStayWhole) {
    LogFile file(path_);
    std::vector<std::thread> threads;
    for (char letter = 'a'; letter < 'e'; ++letter) {
        threads.emplace_back([&, letter] {
            Log log(file, clock_);
            const std::string line = std::string(200, letter) + "\n";
            for (int i = 0; i < 5000; ++i) {
                log.append(line);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    std::ifstream lines(path_);
    std::map<std::string, int> seen;
    for (std::string line; std::getline(lines, line);) {
        ++seen[line];
    }
    std::map<std::string, int> expected;
    for (char letter = 'a'; letter < 'e'; ++letter) {
        expected[std::string(200, letter)] = 5000;
    }
    EXPECT_EQ(seen, expected);
}

TEST_F(LogTest, TakesNoMemoryOnceItRuns) {
    LogFile file(path_);
    Log log(file, clock_);
    const std::string hostile(3000, '\x02');
    log.info("warm", {{"a", 1}});
    const std::size_t before = allocations;
    for (int i = 0; i < 1000; ++i) {
        log.append("{\"status\":200}\n");
        log.info("request", {{"path", "/products/red-shirt"}, {"us", i}, {"hostile", hostile}});
    }
    log.flush();
    EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace cartwright
