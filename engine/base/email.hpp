// E-mail addresses. The check asks whether an address is plausible, to catch slips of the keyboard; only
// a letter that arrives proves one.
#pragma once

#include "base/outcome.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace cartwright {

inline constexpr Reason bad_email{"email.bad", Kind::invalid};

// local@domain: the local part as it was typed (1 to 64 bytes of UTF-8 without spaces, quotes and
// brackets, no dot at an end or next to another), the domain in canonical form with at least one dot; at
// most 254 bytes (RFC 5321 section 4.5.3.1).
class Email {
public:
    // Blanks around it are taken off. Refuses with bad_email.
    static Outcome<Email> parse(std::string_view text);

    // What letters are sent to.
    const std::string& text() const noexcept { return text_; }

    // What accounts are looked up by: the local part case-folded as well, since no mailbox of note tells
    // Anna@ from anna@.
    const std::string& key() const noexcept { return key_; }

    friend auto operator<=>(const Email& one, const Email& other) { return one.key_ <=> other.key_; }

    friend bool operator==(const Email& one, const Email& other) { return one.key_ == other.key_; }

private:
    Email(std::string text, std::string key) noexcept : text_(std::move(text)), key_(std::move(key)) {}

    std::string text_;
    std::string key_;
};

}  // namespace cartwright
