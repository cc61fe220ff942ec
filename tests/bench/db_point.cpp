// One indexed row through pool, transaction and row level security: fetches a second by 32 coroutines of one
// thread, or of two. db_point.sql prepares the database; to be run beside `pgbench -S -M prepared -c 32 -j 2` on
// the same server, in turns. Prints one line of JSON.
//
//   db_point URL THREADS SECONDS
#include "base/rng.hpp"
#include "base/text.hpp"
#include "db/database.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

using namespace cartwright;

constexpr unsigned coroutines = 32;

const db::Statement<std::string(std::int64_t)> point{
    "bench.point", "select word from bench_rows where shop_id = $1 and id = $2"};

struct Figures {
    std::uint64_t count = 0;
    std::vector<std::uint32_t> micros;
};

void run(const std::string& url,
         unsigned mine,
         unsigned connections,
         std::chrono::seconds time,
         Figures& figures) {
    boost::asio::io_context io(1);
    SystemRng seed;
    SeededRng rng(seed.below(1U << 30U));
    db::Database database(io, {.url = url, .role = {}, .connections = connections}, rng);
    const auto end = ticks() + time;
    unsigned running = mine;
    auto client = [&]() -> Task<> {
        while (ticks() < end) {
            const ShopId shop(static_cast<std::int64_t>(rng.below(100)) + 1);
            const auto began = ticks();
            const auto rows =
                co_await database.fetch(shop, point, static_cast<std::int64_t>(rng.below(1000)) + 1);
            if (rows.size() != 1) std::abort();
            const auto took = std::chrono::duration_cast<std::chrono::microseconds>(ticks() - began);
            figures.micros.push_back(static_cast<std::uint32_t>(took.count()));
            ++figures.count;
        }
        if (--running == 0) database.close();
    };
    for (unsigned i = 0; i < mine; ++i) boost::asio::co_spawn(io, client, boost::asio::detached);
    io.run();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fputs("usage: db_point URL THREADS SECONDS\n", stderr);
        return 2;
    }
    const auto threads = static_cast<std::size_t>(parse_int64(argv[2]).value_or(1));
    const std::chrono::seconds time(parse_int64(argv[3]).value_or(3));
    const auto count = static_cast<unsigned>(threads);
    std::vector<Figures> figures(threads);
    std::vector<std::thread> running;
    for (auto& own : figures) {
        running.emplace_back([&] { run(argv[1], coroutines / count, 8 / count, time, own); });
    }
    for (auto& thread : running) thread.join();
    Figures all;
    for (const auto& own : figures) {
        all.count += own.count;
        all.micros.insert(all.micros.end(), own.micros.begin(), own.micros.end());
    }
    std::ranges::sort(all.micros);
    const auto quantile = [&](std::size_t percent) {
        return all.micros.at(all.micros.size() * percent / 100);
    };
    fmt::print("{{\"rate\": {}, \"p50_us\": {}, \"p99_us\": {}}}\n",
               all.count / static_cast<std::uint64_t>(time.count()),
               quantile(50),
               quantile(99));
    return 0;
}
