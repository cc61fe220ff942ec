// One indexed row of a shop as JSON, the whole way: guard, router, pool, transaction with row level security,
// access log. db_point.sql prepares the database.
//
//   http_row_server PORT LOGFILE DATABASE-URL     GET /row/ID, 1 to 1000; ends when its standard input does
#include "base/clock.hpp"
#include "base/rng.hpp"
#include "bench/bench_node.hpp"
#include "db/database.hpp"
#include "http/server.hpp"
#include "json/writer.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <unistd.h>

namespace {

using namespace cartwright;
using namespace cartwright::http;

constexpr unsigned threads = 2;      // as many as pgbench's
constexpr unsigned connections = 8;  // of each thread, as `serve` has

const db::Statement<std::string(std::int64_t)> find_word{
    "bench.find_word", "select word from bench_rows where shop_id = $1 and id = $2"};

Task<Response> show_row(db::Database& database, Request& request) {
    const std::int64_t id = request.id_parameter("id");
    const db::TxOptions options{.work = db::Work::page, .read_only = true, .sql_count = request.sql_count};
    const auto rows = co_await database.fetch(options, ShopId(request.site->tenant), find_word, id);
    if (rows.empty()) {
        co_return http::json(404, "{}");
    }
    cartwright::json::Writer out;
    out.begin_object().member("id", std::to_string(id)).member("word", rows.front()).end_object();
    co_return http::json(200, out.take());
}

class RowNode final : public bench::BenchNode {
public:
    RowNode(std::unique_ptr<db::Database> database, Rng& rng)
        : BenchNode(rng, routes(*database)), database_(std::move(database)) {}

    void stop() noexcept override { database_->close(); }

private:
    static Router routes(db::Database& database) {
        Router router;
        router.add({.name = "row",
                    .methods = {Method::get},
                    .pattern = "/row/{id:id}",
                    .handler = [&database](Request& request) { return show_row(database, request); },
                    .answers = Answers::json});
        return router;
    }

    std::unique_ptr<db::Database> database_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        fmt::print(stderr, "usage: http_row_server PORT LOGFILE DATABASE-URL\n");
        return 2;
    }
    const SystemClock clock;
    SystemRng rng;
    ServerOptions options;
    options.threads = threads;
    options.limits.connections_per_address = 0;
    const std::string url = argv[3];
    Server server(
        std::move(options),
        [&](boost::asio::io_context& io, unsigned) {
            db::DatabaseOptions how;
            how.url = url;
            how.connections = connections;
            return std::make_unique<RowNode>(std::make_unique<db::Database>(io, how, rng), rng);
        },
        nullptr,
        file_sink(argv[2]),
        clock,
        rng);
    server.listen({.address = "127.0.0.1", .port = static_cast<std::uint16_t>(std::atoi(argv[1]))});
    server.start();
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    server.stop(std::chrono::seconds(1));
    return 0;
}
