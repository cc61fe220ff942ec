// The catalogues as error answers want them, and those that are built into the binary.
#pragma once

#include "base/messages.hpp"
#include "http/errors.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace cartwright::app {

// Language → TOML, of themes/locales.
std::map<std::string, std::string> embedded_catalogues();

// Of one thread, as Messages is.
class Texts final : public http::ErrorTexts {
public:
    explicit Texts(const Messages& messages) : messages_(messages) {}

    std::span<const std::string_view> locales() const override { return messages_.catalogues().languages(); }

    std::string text(std::string_view locale,
                     std::string_view key,
                     std::span<const std::pair<std::string, std::string>> values) const override {
        return messages_.find(locale, key, values).value_or("");
    }

private:
    const Messages& messages_;
};

}  // namespace cartwright::app
