#include "app/commands.hpp"

#include "app/desk.hpp"
#include "app/home.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "jobs/jobs.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace cartwright::app {

namespace {

void out(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void tell(std::string_view line) {
    fmt::print(stderr, "{}\n", line);
}

// The schema is brought up to date first: a command may be the first thing that an operator types.
class Session {
public:
    explicit Session(const Settings& settings) : home_(settings, Hold::share, tell), desk_(home_) {
        if (settings.database.migrate) {
            db::migrate(home_.owner_url(), db::parse_migrations(db::embedded_migrations()));
        }
    }

    Desk& desk() noexcept { return desk_; }

private:
    Home home_;
    Desk desk_;
};

template <class T>
Exit print_or_refuse(Desk& desk, const Outcome<T>& outcome, const auto& text_of) {
    if (!outcome) {
        tell(fmt::format("cartwright: {}", desk.sentence(outcome.error())));
        return Exit::failed;
    }
    out(text_of(*outcome));
    return Exit::ok;
}

Exit done_or_refused(Desk& desk, const Outcome<>& outcome, std::string_view done) {
    if (!outcome) {
        tell(fmt::format("cartwright: {}", desk.sentence(outcome.error())));
        return Exit::failed;
    }
    out(done);
    return Exit::ok;
}

}  // namespace

Exit migrate_command(const Settings& settings, std::span<const db::Migration> migrations) {
    const Home home(settings, Hold::share, tell);
    const db::Migrated migrated = db::migrate(home.owner_url(), migrations);
    for (const std::string& name : migrated.applied) {
        out(fmt::format("applied {}\n", name));
    }
    out(fmt::format("the schema is at {:04}\n", migrated.version));
    return Exit::ok;
}

Exit create_shop_command(const Settings& settings, shop::CreateCommand command) {
    Session session(settings);
    const auto created =
        session.desk().run(shop::create_from_command(session.desk().services(), std::move(command)));
    return print_or_refuse(
        session.desk(), created, [](const shop::CreatedShop& shop) { return shop.text(); });
}

Exit list_shops_command(const Settings& settings) {
    Session session(settings);
    out(session.desk().run(shop::list_from_command(session.desk().services())));
    return Exit::ok;
}

Exit show_shop_command(const Settings& settings, std::string slug) {
    Session session(settings);
    const auto shown =
        session.desk().run(shop::show_from_command(session.desk().services(), std::move(slug)));
    return print_or_refuse(session.desk(), shown, [](const std::string& text) { return text; });
}

namespace {

constexpr std::int32_t jobs_a_page = 100;

std::string line_of(const jobs::Status& job) {
    std::string due;
    append_timestamp(due, job.run_at);
    std::string_view state;
    for (const auto& [each, word] : db::EnumWords<jobs::State>::words) {
        if (each == job.state) {
            state = word;
        }
    }
    return fmt::format("{}  {:9}  {}  shop {}  {}  attempt {} of {}{}{}\n",
                       job.id.value(),
                       state,
                       due,
                       job.shop.value(),
                       job.kind,
                       job.attempts,
                       job.max_attempts,
                       job.last_error ? "  " : "",
                       job.last_error.value_or(""));
}

std::optional<jobs::State> state_of(const std::string& name) {
    for (const auto& [state, word] : db::EnumWords<jobs::State>::words) {
        if (word == name) {
            return state;
        }
    }
    return std::nullopt;
}

template <class F>
auto in_platform(Desk& desk, F work) {
    return desk.run(desk.services().database.in_platform({}, std::move(work)));
}

}  // namespace

Exit list_jobs_command(const Settings& settings, const std::string& state, std::int64_t before) {
    jobs::Filter filter;
    filter.limit = jobs_a_page;
    if (!state.empty()) {
        filter.state = state_of(state);
        if (!filter.state) {
            throw BadSettings(
                fmt::format("--state {}: choose from waiting, ready, running, done, dead, cancelled", state));
        }
    }
    if (before != 0) {
        filter.before = jobs::JobId(before);
    }
    Session session(settings);
    const auto found =
        in_platform(session.desk(), [&filter](db::PlatformTx& tx) { return jobs::list(tx, filter); });
    for (const jobs::Status& job : found) {
        out(line_of(job));
    }
    if (std::ssize(found) == jobs_a_page) {
        out(fmt::format("more: --before {}\n", found.back().id.value()));
    }
    return Exit::ok;
}

Exit replay_job_command(const Settings& settings, std::int64_t id, std::string kind) {
    Session session(settings);
    const Clock& clock = session.desk().services().clock;
    if (!kind.empty()) {
        const auto count = in_platform(
            session.desk(), [&](db::PlatformTx& tx) { return jobs::replay_kind(tx, clock, kind); });
        out(fmt::format("{} jobs are ready again\n", count));
        return Exit::ok;
    }
    const auto replayed = in_platform(
        session.desk(), [&](db::PlatformTx& tx) { return jobs::replay(tx, clock, jobs::JobId(id)); });
    return done_or_refused(session.desk(), replayed, "the job is ready again\n");
}

Exit cancel_job_command(const Settings& settings, std::int64_t id) {
    Session session(settings);
    const Clock& clock = session.desk().services().clock;
    const auto cancelled = in_platform(
        session.desk(), [&](db::PlatformTx& tx) { return jobs::cancel(tx, clock, jobs::JobId(id)); });
    return done_or_refused(session.desk(), cancelled, "the job is cancelled\n");
}

Exit config_command(const Settings& settings, bool example) {
    if (example) {
        out(example_settings());
        return Exit::ok;
    }
    for (const SettingLine& line : list_settings(settings)) {
        out(fmt::format("{} = {}\n    {} ({}; default {}; {})\n",
                        line.name,
                        line.value,
                        line.sentence,
                        line.kind,
                        line.fallback,
                        line.variable));
    }
    return Exit::ok;
}

}  // namespace cartwright::app
