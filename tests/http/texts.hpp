// Words for error answers without a catalogue.
#pragma once

#include "http/errors.hpp"

#include <array>
#include <string>

namespace cartwright::http::test {

class Texts final : public ErrorTexts {
public:
    std::span<const std::string_view> locales() const override { return locales_; }

    std::string text(std::string_view locale,
                     std::string_view key,
                     std::span<const std::pair<std::string, std::string>> values) const override {
        const bool ru = locale == "ru";
        if (key == "http.404.title") return ru ? "Страница не найдена" : "Page not found";
        if (key == "http.404.advice") return ru ? "Проверьте адрес." : "Check the address & try <again>.";
        if (key == "shop.handle_taken") {
            return (ru ? "Занято: " : "Taken: ") + (values.empty() ? std::string() : values.front().second);
        }
        return {};
    }

private:
    static constexpr std::array<std::string_view, 2> locales_{"en", "ru"};
};

}  // namespace cartwright::http::test
