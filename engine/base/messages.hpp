// What the program says to people, by key and language: `shop.login_failed` → «Неверный адрес или пароль». The
// words stand in `themes/locales/LANGUAGE.toml` in ICU's message syntax, with named values and plurals:
// `orders = "{count, plural, one {# заказ} few {# заказа} many {# заказов} other {# заказа}}"`.
//
// Catalogues are read once, checked, and shared by all threads; each thread has a Messages over them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cartwright {

// A catalogue can't be used: what() names the language, the line or key, and the cause.
class BadCatalogue : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Catalogues {
public:
    // The language whose words stand in where another has none.
    static constexpr std::string_view fallback = "en";

    // All *.toml of the folder, each named after its language. Throws BadCatalogue, also where no `en.toml` is
    // among them, and std::filesystem::filesystem_error.
    static Catalogues read(const std::filesystem::path& folder);

    // Language → TOML. Every message has to be good, and a plural must have all the forms of its language.
    static Catalogues parse(const std::map<std::string, std::string>& texts);

    // "en" first, the others by name.
    std::span<const std::string_view> languages() const noexcept { return languages_; }

    struct Found {
        std::string_view language;
        std::string_view pattern;
    };

    // The pattern for "ru-RU", else that for "ru", else that for "en".
    std::optional<Found> find(std::string_view locale, std::string_view key) const;

    // Keys that another language has and this one hasn't, sorted.
    std::vector<std::string> missing(std::string_view language) const;

private:
    using Words = std::map<std::string, std::string, std::less<>>;

    Catalogues() = default;

    // Held by pointer, so that views into it survive a move.
    std::shared_ptr<const std::map<std::string, Words, std::less<>>> words_;
    std::vector<std::string_view> languages_;
};

// Name and value, as a Refusal carries them. Values that the pattern uses as numbers are written in the
// message's language ("1 024"), all others as they are.
using MessageValues = std::span<const std::pair<std::string, std::string>>;

// One thread's.
class Messages {
public:
    // `catalogues` outlives it.
    explicit Messages(const Catalogues& catalogues);
    Messages(const Messages&) = delete;
    Messages& operator=(const Messages&) = delete;
    ~Messages();

    const Catalogues& catalogues() const noexcept { return *catalogues_; }

    // The message, or the key itself where no language has it, which is counted.
    std::string text(std::string_view locale, std::string_view key, MessageValues values = {}) const;

    // The message, or nothing.
    std::optional<std::string> find(std::string_view locale,
                                    std::string_view key,
                                    MessageValues values = {}) const;

    // How often `text` had nothing but the key, for metrics.
    std::uint64_t missed() const noexcept { return missed_; }

private:
    struct Format;

    const Format& format_of(const Catalogues::Found& found) const;

    const Catalogues* catalogues_;
    // Compiled on first use; there are never more of them than patterns in the catalogues.
    mutable std::map<const char*, std::unique_ptr<const Format>> formats_;
    mutable std::uint64_t missed_ = 0;
};

}  // namespace cartwright
