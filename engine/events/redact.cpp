#include "events/redact.hpp"

#include "events/change.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace cartwright::events {

namespace {

constexpr int most_levels = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

class Walker {
public:
    explicit Walker(std::string_view json) : rest_(json) {}

    Redacted walk() {
        value(0);
        space();
        if (!rest_.empty()) refuse();
        return std::move(result_);
    }

private:
    [[noreturn]] static void refuse() { throw std::invalid_argument("an event's value is not JSON"); }

    // Copies nothing where a secret is being left out.
    void copy(std::size_t size) {
        if (!leaving_out_) result_.text.append(rest_.substr(0, size));
        rest_.remove_prefix(size);
    }

    void space() {
        const std::size_t size = std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size());
        copy(size);
    }

    bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }

    void take(char c) {
        if (!next_is(c)) refuse();
        copy(1);
    }

    void value(int level) {
        if (level > most_levels) refuse();
        space();
        if (next_is('{')) {
            object(level);
        } else if (next_is('[')) {
            array(level);
        } else if (next_is('"')) {
            string();
        } else {
            scalar();
        }
    }

    void object(int level) {
        take('{');
        space();
        if (!next_is('}')) {
            member(level);
            for (space(); next_is(','); space()) {
                copy(1);
                space();
                member(level);
            }
        }
        take('}');
    }

    void member(int level) {
        const std::string_view name = string();
        space();
        take(':');
        // A name with an escape in it could be any; none of ours has one.
        const bool secret =
            !leaving_out_ && (looks_secret(name) || name.find('\\') != std::string_view::npos);
        if (!secret) {
            value(level + 1);
            return;
        }
        leaving_out_ = true;
        value(level + 1);
        leaving_out_ = false;
        result_.text += Value::withheld_secret;
        result_.withheld = true;
    }

    void array(int level) {
        take('[');
        space();
        if (!next_is(']')) {
            value(level + 1);
            for (space(); next_is(','); space()) {
                copy(1);
                value(level + 1);
            }
        }
        take(']');
    }

    // Answers what stands between the quotes.
    std::string_view string() {
        const std::string_view begin = rest_;
        if (!next_is('"')) refuse();
        std::size_t at = 1;
        while (at < begin.size() && begin[at] != '"') {
            if (static_cast<unsigned char>(begin[at]) < 0x20) refuse();
            at += begin[at] == '\\' ? escape(begin.substr(at)) : 1;
        }
        if (at >= begin.size()) refuse();
        copy(at + 1);
        return begin.substr(1, at - 1);
    }

    static std::size_t escape(std::string_view text) {
        if (text.size() < 2) refuse();
        if (text[1] != 'u') {
            if (std::string_view("\"\\/bfnrt").find(text[1]) == std::string_view::npos) refuse();
            return 2;
        }
        const std::string_view digits = text.substr(2, 4);
        constexpr std::string_view hex = "0123456789abcdefABCDEF";
        if (digits.size() < 4 || digits.find_first_not_of(hex) != std::string_view::npos) refuse();
        return 6;
    }

    void scalar() {
        for (const std::string_view word : {"true", "false", "null"}) {
            if (rest_.starts_with(word)) return copy(word.size());
        }
        number();
    }

    void number() {
        if (next_is('-')) copy(1);
        if (next_is('0')) {
            copy(1);
        } else {
            digits();
        }
        if (next_is('.')) {
            copy(1);
            digits();
        }
        if (next_is('e') || next_is('E')) {
            copy(1);
            if (next_is('+') || next_is('-')) copy(1);
            digits();
        }
    }

    void digits() {
        const auto end = std::ranges::find_if_not(rest_, is_digit);
        if (end == rest_.begin()) refuse();
        copy(static_cast<std::size_t>(end - rest_.begin()));
    }

    std::string_view rest_;
    Redacted result_;
    bool leaving_out_ = false;
};

}  // namespace

Redacted redact(std::string_view json) {
    return Walker(json).walk();
}

std::string quoted(std::string_view text) {
    std::string json = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            json += '\\';
            json += c;
        } else if (c == '\0') {
            json += "\xEF\xBF\xBD";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            json += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            json += c;
        }
    }
    json += '"';
    return json;
}

bool looks_secret(std::string_view field_name) {
    // Parts of names, and whole names too short to be looked for inside others ("otp" is in "notpaid").
    static constexpr std::array<std::string_view, 13> parts{"password",
                                                            "passwd",
                                                            "passphrase",
                                                            "secret",
                                                            "token",
                                                            "apikey",
                                                            "authorization",
                                                            "credential",
                                                            "privatekey",
                                                            "signingkey",
                                                            "accesskey",
                                                            "cardnumber",
                                                            "cvv"};
    static constexpr std::array<std::string_view, 5> names{"pan", "pin", "otp", "cvc", "cookie"};
    std::string plain;
    for (const char c : field_name) {
        if (c >= 'A' && c <= 'Z') {
            plain += static_cast<char>(c - 'A' + 'a');
        } else if (c != '_' && c != '-' && c != ' ' && c != '.') {
            plain += c;
        }
    }
    return std::ranges::find(names, plain) != names.end() ||
           std::ranges::any_of(parts,
                               [&](std::string_view part) { return plain.find(part) != std::string::npos; });
}

}  // namespace cartwright::events
