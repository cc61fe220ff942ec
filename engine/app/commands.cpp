#include "app/commands.hpp"

#include "app/desk.hpp"
#include "app/home.hpp"

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
    explicit Session(const Settings& settings)
        : home_(settings, Hold::share, tell), desk_(home_) {
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

}  // namespace

Exit migrate_command(const Settings& settings, std::span<const db::Migration> migrations) {
    const Home home(settings, Hold::share, tell);
    const db::Migrated migrated = db::migrate(home.owner_url(), migrations);
    for (const std::string& name : migrated.applied) { out(fmt::format("applied {}\n", name)); }
    out(fmt::format("the schema is at {:04}\n", migrated.version));
    return Exit::ok;
}

Exit create_shop_command(const Settings& settings, shop::CreateCommand command) {
    Session session(settings);
    const auto created = session.desk().run(shop::create_from_command(session.desk().services(), std::move(command)));
    return print_or_refuse(session.desk(), created, [](const shop::CreatedShop& shop) { return shop.text(); });
}

Exit list_shops_command(const Settings& settings) {
    Session session(settings);
    out(session.desk().run(shop::list_from_command(session.desk().services())));
    return Exit::ok;
}

Exit show_shop_command(const Settings& settings, std::string slug) {
    Session session(settings);
    const auto shown = session.desk().run(shop::show_from_command(session.desk().services(), std::move(slug)));
    return print_or_refuse(session.desk(), shown, [](const std::string& text) { return text; });
}

Exit config_command(const Settings& settings, bool example) {
    if (example) {
        out(example_settings());
        return Exit::ok;
    }
    for (const SettingLine& line : list_settings(settings)) {
        out(fmt::format("{} = {}\n    {} ({}; default {}; {})\n", line.name, line.value, line.sentence, line.kind,
                        line.fallback, line.variable));
    }
    return Exit::ok;
}

}  // namespace cartwright::app
