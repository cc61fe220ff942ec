#include "base/settings.hpp"

#include "base/file.hpp"
#include "base/host.hpp"
#include "base/settings_values.hpp"
#include "base/text.hpp"
#include "base/toml.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <variant>

#include <arpa/inet.h>
#include <unistd.h>

namespace cartwright {

namespace {

constexpr std::size_t max_file_bytes = 1024 * 1024;
constexpr std::string_view prefix = "CARTWRIGHT_";

// Variables that are no settings: where tests find shared data, and the name of the settings file itself.
constexpr auto foreign_variables =
    std::to_array<std::string_view>({"CARTWRIGHT_SHARED", "CARTWRIGHT_CONFIG"});

struct Alias {
    std::string_view variable;
    std::string_view setting;
};

constexpr auto aliases = std::to_array<Alias>(
    {{"PORT", "server.port"}, {"DATABASE_URL", "database.url"}, {"CARTWRIGHT_DATA", "data.folder"}});

const SettingRow* find_row(std::string_view name) {
    const auto found = std::ranges::find(setting_rows(), name, &SettingRow::name);
    return found == setting_rows().end() ? nullptr : &*found;
}

std::string variable_of(std::string_view name) {
    std::string variable(prefix);
    for (const char c : name) {
        variable += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return variable;
}

void assign(Settings& settings,
            const SettingRow& row,
            const RawSetting& value,
            Written written,
            std::string_view origin) {
    if (!assign_setting(settings, row, value, written)) {
        const auto* const text = std::get_if<std::string>(&value);
        const std::string got = text != nullptr && row.shown == Shown::openly
                                    ? fmt::format(", not \"{}\"", utf8_prefix(*text, 100))
                                    : "";
        throw BadSettings(fmt::format("{}: {} must be {}{}.", origin, row.name, kind_of(row), got));
    }
}

[[noreturn]] void unknown(std::string_view origin,
                          std::string_view name,
                          std::span<const std::string_view> names) {
    const auto meant = nearest(name, names);
    const std::string advice = meant ? fmt::format("did you mean {}?", *meant)
                                     : std::string("`cartwright config` lists all of them.");
    throw BadSettings(fmt::format("{}: {} is not a setting; {}", origin, name, advice));
}

std::vector<std::string_view> all_names() {
    std::vector<std::string_view> names;
    std::ranges::transform(setting_rows(), std::back_inserter(names), &SettingRow::name);
    return names;
}

void apply_text(Settings& settings, std::string_view text, const std::string& name) {
    try {
        for (const TomlEntry& entry : read_toml(text)) {
            const std::string origin = fmt::format("{} line {}", name, entry.line);
            const SettingRow* const row = find_row(entry.name);
            if (row == nullptr) unknown(origin, entry.name, all_names());
            assign(settings, *row, entry.value, Written::in_toml, origin);
        }
    } catch (const BadToml& error) {
        throw BadSettings(fmt::format("{} line {}: not good TOML: {}.", name, error.line(), error.what()));
    }
}

void apply_file(Settings& settings, const std::filesystem::path& file) {
    std::string text;
    try {
        text = read_file(file, max_file_bytes);
    } catch (const std::system_error& error) {
        throw BadSettings(fmt::format("The settings file {}: {}; name another one or make it readable.",
                                      file.string(),
                                      error.code().message()));
    }
    apply_text(settings, text, file.string());
}

void apply_environment(Settings& settings, const std::map<std::string, std::string>& environment) {
    for (const Alias& alias : aliases) {
        const auto found = environment.find(std::string(alias.variable));
        if (found != environment.end()) {
            assign(settings,
                   *find_row(alias.setting),
                   found->second,
                   Written::as_text,
                   fmt::format("Environment variable {}", alias.variable));
        }
    }
    std::map<std::string, const SettingRow*, std::less<>> by_variable;
    for (const SettingRow& row : setting_rows()) {
        by_variable.emplace(variable_of(row.name), &row);
    }
    for (const auto& [variable, value] : environment) {
        if (std::ranges::find(aliases, variable, &Alias::variable) != aliases.end() ||
            std::ranges::find(foreign_variables, variable) != foreign_variables.end() ||
            !variable.starts_with(prefix)) {
            continue;
        }
        const auto found = by_variable.find(variable);
        if (found == by_variable.end()) {
            std::vector<std::string_view> names;
            std::ranges::transform(by_variable, std::back_inserter(names), [](const auto& known) {
                return std::string_view(known.first);
            });
            unknown("Environment", variable, names);
        }
        assign(settings,
               *found->second,
               value,
               Written::as_text,
               fmt::format("Environment variable {}", variable));
    }
}

bool is_network(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::string address = text.substr(0, slash);
    std::array<unsigned char, 16> bytes;
    const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
    if (!is_v4 && ::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) {
        return false;
    }
    if (slash == std::string::npos) {
        return true;
    }
    const auto length = parse_int64(std::string_view(text).substr(slash + 1));
    return length && *length >= 0 && *length <= (is_v4 ? 32 : 128);
}

bool is_address(const std::string& text) {
    return text.find('/') == std::string::npos && is_network(text);
}

// "127.0.0.1:9180" or "[::1]:9180"
bool is_endpoint(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
        return false;
    }
    std::string address = text.substr(0, colon);
    const bool is_bracketed = address.starts_with('[') && address.ends_with(']');
    if (is_bracketed) {
        address = address.substr(1, address.size() - 2);
    }
    const auto port = parse_int64(std::string_view(text).substr(colon + 1));
    const bool is_v6 = address.find(':') != std::string::npos;
    return is_address(address) && is_v6 == is_bracketed && port && *port >= 1 && *port <= 65535;
}

void require(bool holds, std::string_view sentence) {
    if (!holds) {
        throw BadSettings(std::string(sentence));
    }
}

// What no single setting can be asked.
void check(Settings& settings) {
    ServerSettings& server = settings.server;
    for (const std::string& address : server.listen) {
        require(is_address(address), fmt::format("server.listen: \"{}\" is not an IP address.", address));
    }
    for (const std::string& network : server.trusted_proxies) {
        require(is_network(network),
                fmt::format("server.trusted_proxies: \"{}\" is neither an IP address nor a "
                            "network such as 10.0.0.0/8.",
                            network));
    }
    require(server.admin_listen.empty() || is_endpoint(server.admin_listen),
            fmt::format("server.admin_listen: \"{}\" is not an address with a port such as 127.0.0.1:9180.",
                        server.admin_listen));
    auto host = canonical_host(server.platform_host);
    require(host.has_value(),
            fmt::format("server.platform_host: \"{}\" is not the name of a host.", server.platform_host));
    server.platform_host = std::move(*host);
    require(server.tls_port == 0 || !server.tls_folder.empty(),
            "server.tls_port is set; set server.tls_folder to the folder of certificates too.");
    require(server.tls_port == 0 || server.tls_port != server.port,
            "server.tls_port and server.port are the same; choose two ports.");
    require(settings.accounts.session_idle <= settings.accounts.session_lifetime,
            "accounts.session_idle is above accounts.session_lifetime, and would never count.");
    const FilesSettings& files = settings.files;
    require(files.kind != "s3" || (!files.s3_bucket.empty() && !files.s3_endpoint.empty()),
            "files.kind is \"s3\"; set files.s3_endpoint and files.s3_bucket too.");
}

}  // namespace

std::map<std::string, std::string> process_environment() {
    std::map<std::string, std::string> ours;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        const std::string_view name = text.substr(0, equals);
        const bool is_alias = std::ranges::find(aliases, name, &Alias::variable) != aliases.end();
        if (equals != std::string_view::npos && (is_alias || name.starts_with(prefix))) {
            ours.emplace(name, text.substr(equals + 1));
        }
    }
    return ours;
}

std::string environment_variable(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
}

Settings parse_settings(std::string_view toml, const std::string& name) {
    Settings settings;
    apply_text(settings, toml, name);
    check(settings);
    return settings;
}

Settings load_settings(const SettingsSources& sources) {
    Settings settings;
    if (!sources.file.empty()) {
        apply_file(settings, sources.file);
    }
    apply_environment(settings, sources.environment);
    for (const auto& [name, value] : sources.options) {
        const SettingRow* const row = find_row(name);
        if (row == nullptr) {
            unknown("Command line", name, all_names());
        }
        assign(settings, *row, value, Written::as_text, "Command line");
    }
    check(settings);
    return settings;
}

std::vector<SettingLine> list_settings(const Settings& settings) {
    Settings current = settings;
    Settings defaults;
    std::vector<SettingLine> lines;
    for (const SettingRow& row : setting_rows()) {
        std::string value = print_setting(row, current);
        std::string fallback = print_setting(row, defaults);
        if (row.shown == Shown::as_secret) {
            value = value == fallback ? "(not set)" : "(set)";
        }
        lines.push_back({.name = std::string(row.name),
                         .variable = variable_of(row.name),
                         .kind = kind_of(row),
                         .value = std::move(value),
                         .fallback = std::move(fallback),
                         .sentence = std::string(row.sentence)});
    }
    return lines;
}

std::string example_settings() {
    std::string text;
    std::string section;
    for (const SettingLine& line : list_settings(Settings())) {
        const std::size_t dot = line.name.find('.');
        if (line.name.substr(0, dot) != section) {
            section = line.name.substr(0, dot);
            text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
        }
        text += fmt::format("# {}\n# {}; {}\n{} = {}\n",
                            line.sentence,
                            line.kind,
                            line.variable,
                            line.name.substr(dot + 1),
                            line.fallback);
    }
    return text;
}

}  // namespace cartwright
