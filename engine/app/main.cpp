#include "app/commands.hpp"
#include "app/exit_codes.hpp"
#include "app/liquid_commands.hpp"
#include "app/serve.hpp"
#include "base/file.hpp"
#include "base/messages.hpp"
#include "base/seal.hpp"
#include "base/settings.hpp"
#include "base/text.hpp"
#include "base/unavailable.hpp"
#include "db/cluster.hpp"
#include "db/migrate.hpp"
#include "http/server.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace cartwright::app {

namespace {

// What was typed, until the command runs.
struct Invocation {
    std::string config;
    std::vector<std::string> set;
    std::string data;
    std::string database;
    std::string port;
    std::string migrations;
    bool demo = false;
    bool no_migrate = false;
    bool no_worker = false;
    bool example = false;
    shop::CreateCommand create;
    std::string password_file;
    std::string slug;
    std::string state;
    std::string kind;
    std::int64_t id = 0;
    std::int64_t before = 0;
};

Exit complain(Exit exit, std::string_view sentence) {
    fmt::print(stderr, "cartwright: {}\n", sentence);
    return exit;
}

Settings settings_of(const Invocation& typed) {
    SettingsSources sources{.file = typed.config, .environment = process_environment(), .options = {}};
    if (sources.file.empty()) {
        sources.file = environment_variable("CARTWRIGHT_CONFIG");
    }
    for (const std::string& pair : typed.set) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos) {
            throw BadSettings(
                fmt::format("--set {}: write it as name=value, as in --set server.port=9000", pair));
        }
        sources.options[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    if (!typed.data.empty()) {
        sources.options["data.folder"] = typed.data;
    }
    if (!typed.database.empty()) {
        sources.options["database.url"] = typed.database;
    }
    if (!typed.port.empty()) {
        sources.options["server.port"] = typed.port;
    }
    if (typed.no_migrate) {
        sources.options["database.migrate"] = "false";
    }
    if (typed.no_worker) {
        sources.options["server.worker"] = "false";
    }
    return load_settings(sources);
}

std::vector<db::Migration> migrations_of(const Invocation& typed) {
    return db::parse_migrations(typed.migrations.empty() ? db::embedded_migrations()
                                                         : db::read_migrations(typed.migrations));
}

Exit create_shop(const Settings& settings, Invocation& typed) {
    if (!typed.password_file.empty()) {
        std::string password = read_file(typed.password_file, 4096);
        while (password.ends_with('\n') || password.ends_with('\r')) {
            password.pop_back();
        }
        typed.create.password = std::move(password);
    }
    return create_shop_command(settings, typed.create);
}

Exit exit_of(const db::ClusterError& error) {
    switch (error.trouble) {
        case db::ClusterTrouble::in_use:
            return Exit::data_in_use;
        case db::ClusterTrouble::no_space:
        case db::ClusterTrouble::read_only:
        case db::ClusterTrouble::no_permission:
            return Exit::no_space;
        default:
            return Exit::no_database;
    }
}

// Every way to fail ends here, in one sentence and a status that README.md lists.
Exit guarded(const std::function<Exit()>& command) {
    try {
        return command();
    } catch (const BadSettings& error) {
        return complain(Exit::usage, error.what());
    } catch (const db::ClusterError& error) {
        const Exit exit = complain(exit_of(error), error.what());
        if (!error.log.empty()) {
            fmt::print(stderr, "{}\n", error.log);
        }
        return exit;
    } catch (const db::SchemaTooNew& error) {
        return complain(Exit::schema_newer, error.what());
    } catch (const db::DatabaseAway& error) {
        return complain(Exit::no_database, error.what());
    } catch (const db::MigrationFailed& error) {
        return complain(Exit::migration_failed, error.what());
    } catch (const http::CannotListen& error) {
        return complain(error.in_use ? Exit::port_in_use : Exit::failed, error.what());
    } catch (const Unavailable& error) {
        return complain(Exit::no_database, error.what());
    } catch (const BadKeyFile& error) {
        return complain(Exit::usage, error.what());
    } catch (const std::filesystem::filesystem_error& error) {
        return complain(Exit::no_space,
                        fmt::format("{}: {}. Make the folder writable, or name another one with --data.",
                                    error.path1().string(),
                                    error.code().message()));
    } catch (const std::exception& error) {
        return complain(Exit::failed, error.what());
    }
}

// Where a command was due and something else came: what is wrong, and perhaps what was meant. Empty where a
// whole command was typed, and something else about it is wrong.
std::string wrong_command(const CLI::App& cli) {
    const CLI::App* group = &cli;
    std::string path;
    while (!group->get_subcommands().empty()) {
        group = group->get_subcommands().front();
        path += group->get_name() + ' ';
    }
    std::vector<std::string> names;
    for (const CLI::App* each : group->get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(path + each->get_name());
    }
    const std::vector<std::string> words = cli.remaining(true);
    if (names.empty() || words.empty()) {
        return {};
    }
    if (words.front().starts_with('-')) {
        return fmt::format("There is no option \"{}\" here.", words.front());
    }
    const std::string wrong = path + words.front();
    const std::vector<std::string_view> known(names.begin(), names.end());
    const auto meant = nearest(wrong, known);
    return fmt::format("There is no command \"{}\"{}",
                       wrong,
                       meant ? fmt::format("; did you mean \"{}\"?", *meant) : std::string("."));
}

Exit run(int count, char** arguments) {
    Invocation typed;
    std::function<Exit()> command;

    CLI::App cli{"Cartwright hosts shops: storefronts, their admin, and the platform around them."};
    cli.name("cartwright");
    cli.require_subcommand(1);
    cli.set_version_flag("--version", std::string("cartwright ") + CARTWRIGHT_VERSION);
    cli.add_option(
        "--config", typed.config, "a TOML file of settings (cartwright config --example shows one)");
    cli.add_option("--set", typed.set, "one setting, name=value; may be repeated")->allow_extra_args(false);
    cli.fallthrough();

    const auto add_place = [&typed](CLI::App* to) {
        to->add_option("--data", typed.data, "the data folder (default: var)");
        to->add_option(
            "--database", typed.database, "a PostgreSQL, postgresql://…, instead of the embedded one");
    };
    const auto serving = [&typed](bool http) {
        const Settings settings = settings_of(typed);
        return serve(settings,
                     migrations_of(typed),
                     {.http = http, .jobs = !http || settings.server.worker, .demo = typed.demo});
    };

    CLI::App* serve_command = cli.add_subcommand("serve", "serve shops, and work on background jobs");
    add_place(serve_command);
    serve_command->add_option("--port", typed.port, "the port for HTTP (default: 8080)");
    serve_command->add_option(
        "--migrations", typed.migrations, "a folder of migrations instead of the built-in ones");
    serve_command->add_flag("--demo", typed.demo, "make two demo shops, unless they are there");
    serve_command->add_flag("--no-migrate", typed.no_migrate, "refuse to start on an old schema");
    serve_command->add_flag("--no-worker", typed.no_worker, "leave background jobs to `cartwright worker`");
    serve_command->final_callback([&] { command = [&] { return serving(true); }; });

    CLI::App* worker_command = cli.add_subcommand("worker", "work on background jobs only");
    add_place(worker_command);
    worker_command->final_callback([&] { command = [&] { return serving(false); }; });

    CLI::App* migrate = cli.add_subcommand("migrate", "bring the database to this release's schema");
    add_place(migrate);
    migrate->add_option(
        "--migrations", typed.migrations, "a folder of migrations instead of the built-in ones");
    migrate->final_callback(
        [&] { command = [&] { return migrate_command(settings_of(typed), migrations_of(typed)); }; });

    CLI::App* config = cli.add_subcommand("config", "show all settings and what they mean");
    config->add_flag("--example", typed.example, "as a file of the defaults");
    config->final_callback(
        [&] { command = [&] { return config_command(settings_of(typed), typed.example); }; });

    CLI::App* shop = cli.add_subcommand("shop", "make and show shops");
    shop->require_subcommand(1);
    CLI::App* create = shop->add_subcommand("create", "make a shop and its owner's account");
    add_place(create);
    create->add_option("name", typed.create.slug, "the first word of its address: NAME.localhost")
        ->required();
    create->add_option("--owner", typed.create.owner, "the owner's e-mail address")->required();
    create->add_option("--title", typed.create.name, "what people read (default: NAME)");
    create->add_option("--locale", typed.create.locale, "its language: ru, en, … (default: en)");
    create->add_option("--currency", typed.create.currency, "RUB, EUR, … (default: that of the language)");
    create->add_option("--timezone", typed.create.tz, "as in Europe/Moscow");
    create->add_option("--country", typed.create.country, "two letters, as in RU");
    create->add_option(
        "--password-file", typed.password_file, "the new owner's password (default: one is generated)");
    create->final_callback([&] { command = [&] { return create_shop(settings_of(typed), typed); }; });
    CLI::App* list = shop->add_subcommand("list", "all shops, a line each");
    add_place(list);
    list->final_callback([&] { command = [&] { return list_shops_command(settings_of(typed)); }; });
    CLI::App* show = shop->add_subcommand("show", "one shop");
    add_place(show);
    show->add_option("name", typed.slug, "its NAME")->required();
    show->final_callback(
        [&] { command = [&] { return show_shop_command(settings_of(typed), typed.slug); }; });

    CLI::App* jobs = cli.add_subcommand("jobs", "look after background jobs");
    jobs->require_subcommand(1);
    CLI::App* list_jobs = jobs->add_subcommand("list", "jobs, newest first");
    add_place(list_jobs);
    list_jobs->add_option("--state", typed.state, "waiting, ready, running, done, dead or cancelled");
    list_jobs->add_option("--before", typed.before, "go on before this id");
    list_jobs->final_callback(
        [&] { command = [&] { return list_jobs_command(settings_of(typed), typed.state, typed.before); }; });
    CLI::App* replay = jobs->add_subcommand("replay", "give a dead job its attempts again");
    add_place(replay);
    auto* replay_id = replay->add_option("id", typed.id, "the job");
    replay->add_option("--kind", typed.kind, "all dead jobs of this kind")->excludes(replay_id);
    replay->final_callback([&] {
        if (typed.id == 0 && typed.kind.empty()) {
            throw CLI::RequiredError("an id or --kind");
        }
        command = [&] { return replay_job_command(settings_of(typed), typed.id, typed.kind); };
    });
    CLI::App* cancel = jobs->add_subcommand("cancel", "end a job that isn't done");
    add_place(cancel);
    cancel->add_option("id", typed.id, "the job")->required();
    cancel->final_callback(
        [&] { command = [&] { return cancel_job_command(settings_of(typed), typed.id); }; });

    add_liquid_commands(cli, command);

    try {
        cli.parse(count, arguments);
    } catch (const CLI::Success& wish) {
        return static_cast<Exit>(cli.exit(wish));
    } catch (const CLI::ParseError& error) {
        if (const std::string wrong = wrong_command(cli); !wrong.empty()) {
            return complain(Exit::usage,
                            fmt::format("{} `cartwright --help` lists commands and options.", wrong));
        }
        return complain(Exit::usage,
                        fmt::format("{}. `cartwright --help` lists commands and options.", error.what()));
    }
    return guarded(command);
}

}  // namespace

}  // namespace cartwright::app

int main(int count, char** arguments) {
    return static_cast<int>(cartwright::app::run(count, arguments));
}
