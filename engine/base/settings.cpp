#include "base/settings.hpp"

#include "base/file.hpp"
#include "base/host.hpp"
#include "base/settings_rows.hpp"
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

// Variables that are for scripts and tests, not for the server.
constexpr auto foreign_variables = std::to_array<std::string_view>(
    {"CARTWRIGHT_SHARED", "CARTWRIGHT_CONFIG", "CARTWRIGHT_PRESET", "CARTWRIGHT_JOBS"});

struct Alias {
    std::string_view variable;
    std::string_view setting;
};

constexpr auto aliases = std::to_array<Alias>(
    {{"PORT", "server.port"}, {"DATABASE_URL", "database.url"}, {"CARTWRIGHT_DATA", "data.folder"}});

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

// The larger first, for printing.
constexpr auto durations =
    std::to_array<Unit>({{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}});
constexpr auto sizes = std::to_array<Unit>({{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}});

std::optional<std::int64_t> parse_unit(std::string_view text, std::span<const Unit> units) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_int64(text.substr(0, end));
    const auto unit = std::ranges::find(units, text.substr(end), &Unit::name);
    std::int64_t value = 0;
    if (!number || unit == units.end() || __builtin_mul_overflow(*number, unit->factor, &value)) {
        return std::nullopt;
    }
    return value;
}

std::string print_unit(std::int64_t value, std::span<const Unit> units) {
    const auto unit = std::ranges::find_if(
        units, [value](const Unit& candidate) { return value != 0 && value % candidate.factor == 0; });
    const Unit& chosen = unit == units.end() ? units.back() : *unit;
    return fmt::format("{}{}", value / chosen.factor, chosen.name);
}

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

// "number from 1 to 65535"
std::string kind_of(const SettingRow& row) {
    struct Describe {
        const SettingRow& row;

        std::string operator()(bool& (*)(Settings&)) const { return "true or false"; }

        std::string operator()(unsigned& (*)(Settings&)) const {
            return fmt::format("a number from {} to {}", row.least, row.most);
        }

        std::string operator()(std::size_t& (*)(Settings&)) const {
            return fmt::format(
                "a size from {} to {}", print_unit(row.least, sizes), print_unit(row.most, sizes));
        }

        std::string operator()(Milliseconds& (*)(Settings&)) const {
            return fmt::format("a duration from {} to {}",
                               print_unit(row.least, durations),
                               print_unit(row.most, durations));
        }

        std::string operator()(std::string& (*)(Settings&)) const {
            if (!row.choices.empty()) {
                return fmt::format("one of {}", fmt::join(row.choices, ", "));
            }
            return row.least == 0 ? "a text" : "a text that is not empty";
        }

        std::string operator()(Strings& (*)(Settings&)) const {
            return row.least == 0 ? "a list of texts" : "a list of texts that is not empty";
        }
    };

    return std::visit(Describe{row}, row.place);
}

using RawValue = decltype(TomlEntry::value);

Strings split_list(std::string_view text) {
    Strings parts;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view part = trim(text.substr(0, comma));
        if (!part.empty()) {
            parts.emplace_back(part);
        }
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

// Puts a value into its place. `is_text` tells that it came from a variable or an option, where numbers and
// lists are text. False where it isn't of the setting's kind or out of its bounds.
struct Assign {
    const SettingRow& row;
    Settings& settings;
    const RawValue& value;
    bool is_text;

    std::optional<std::int64_t> bounded(std::optional<std::int64_t> number) const {
        return number && *number >= row.least && *number <= row.most ? number : std::nullopt;
    }

    const std::string* text() const { return std::get_if<std::string>(&value); }

    bool operator()(bool& (*place)(Settings&)) const {
        if (const bool* const flag = std::get_if<bool>(&value)) {
            place(settings) = *flag;
            return true;
        }
        if (!is_text || (*text() != "true" && *text() != "false")) {
            return false;
        }
        place(settings) = *text() == "true";
        return true;
    }

    bool operator()(unsigned& (*place)(Settings&)) const {
        const auto* const integer = std::get_if<std::int64_t>(&value);
        const auto number = bounded(integer != nullptr ? std::optional(*integer)
                                    : is_text          ? parse_int64(*text())
                                                       : std::nullopt);
        if (number) {
            place(settings) = static_cast<unsigned>(*number);
        }
        return number.has_value();
    }

    bool operator()(std::size_t& (*place)(Settings&)) const {
        const auto* const integer = std::get_if<std::int64_t>(&value);
        const auto number = bounded(integer != nullptr  ? std::optional(*integer)
                                    : text() != nullptr ? parse_unit(*text(), sizes)
                                                        : std::nullopt);
        if (number) {
            place(settings) = static_cast<std::size_t>(*number);
        }
        return number.has_value();
    }

    bool operator()(Milliseconds& (*place)(Settings&)) const {
        const auto number = bounded(text() != nullptr ? parse_unit(*text(), durations) : std::nullopt);
        if (number) {
            place(settings) = Milliseconds(*number);
        }
        return number.has_value();
    }

    bool operator()(std::string& (*place)(Settings&)) const {
        if (text() == nullptr || !is_utf8(*text()) || text()->find('\0') != std::string::npos ||
            !bounded(static_cast<std::int64_t>(text()->size())) ||
            (!row.choices.empty() && std::ranges::find(row.choices, *text()) == row.choices.end())) {
            return false;
        }
        place(settings) = *text();
        return true;
    }

    bool operator()(Strings& (*place)(Settings&)) const {
        const auto* const list = std::get_if<Strings>(&value);
        if (list == nullptr && !is_text) {
            return false;
        }
        Strings parts = list != nullptr ? *list : split_list(*text());
        if (!bounded(static_cast<std::int64_t>(parts.size()))) {
            return false;
        }
        place(settings) = std::move(parts);
        return true;
    }
};

void assign(
    Settings& settings, const SettingRow& row, const RawValue& value, bool is_text, std::string_view origin) {
    if (!std::visit(Assign{row, settings, value, is_text}, row.place)) {
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
            assign(settings, *row, entry.value, false, origin);
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
                   true,
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
        assign(settings, *found->second, value, true, fmt::format("Environment variable {}", variable));
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
    const HttpSettings& http = settings.http;
    require(http.read_ahead >= http.head_limit,
            "http.read_ahead is below http.head_limit; a head of that size could not be read.");
    require(http.request_line_limit <= http.head_limit,
            "http.request_line_limit is above http.head_limit, of which it is a part.");
    require(settings.accounts.session_idle <= settings.accounts.session_lifetime,
            "accounts.session_idle is above accounts.session_lifetime, and would never count.");
    const FilesSettings& files = settings.files;
    require(files.kind != "s3" || (!files.s3_bucket.empty() && !files.s3_endpoint.empty()),
            "files.kind is \"s3\"; set files.s3_endpoint and files.s3_bucket too.");
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + '"';
}

// As it is written in a file of settings.
std::string print(const SettingRow& row, Settings& settings) {
    struct Print {
        Settings& settings;

        std::string operator()(bool& (*place)(Settings&)) const { return place(settings) ? "true" : "false"; }

        std::string operator()(unsigned& (*place)(Settings&)) const {
            return std::to_string(place(settings));
        }

        std::string operator()(std::size_t& (*place)(Settings&)) const {
            const auto value = static_cast<std::int64_t>(place(settings));
            return in_quotes(print_unit(value, sizes));
        }

        std::string operator()(Milliseconds& (*place)(Settings&)) const {
            return in_quotes(print_unit(place(settings).count(), durations));
        }

        std::string operator()(std::string& (*place)(Settings&)) const { return in_quotes(place(settings)); }

        std::string operator()(Strings& (*place)(Settings&)) const {
            Strings parts;
            std::ranges::transform(place(settings), std::back_inserter(parts), in_quotes);
            return fmt::format("[{}]", fmt::join(parts, ", "));
        }
    };

    return std::visit(Print{settings}, row.place);
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
        assign(settings, *row, value, true, "Command line");
    }
    check(settings);
    return settings;
}

std::vector<SettingLine> list_settings(const Settings& settings) {
    Settings current = settings;
    Settings defaults;
    std::vector<SettingLine> lines;
    for (const SettingRow& row : setting_rows()) {
        std::string value = print(row, current);
        std::string fallback = print(row, defaults);
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
