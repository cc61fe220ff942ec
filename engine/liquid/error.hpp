// What goes wrong in a template, in the words of the reference (Shopify/liquid 5.13, errors.rb and
// locales/en.yml): shown in place, collected for the author, or refused at parsing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cartwright::liquid {

enum class ErrorKind : std::uint8_t {
    syntax,
    argument,
    zero_division,
    float_domain,
    file_system,
    stack_level,
    memory,  // a limit: ends the render
    undefined_variable,
    undefined_drop_method,
    undefined_filter,
    disabled,
    context,
    standard,
    internal,
};

// What an evaluation comes to instead of a value (Kind::failure). The message lives as long as the render.
struct Failure {
    ErrorKind kind = ErrorKind::internal;
    std::string_view message;
};

struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string message{};
    std::uint32_t line = 0;        // from 1; 0 is unknown
    std::uint32_t column = 0;      // bytes, from 1; 0 is unknown; never part of the text
    std::string template_name{};   // of a partial
    std::string markup_context{};  // "in \"{{ a b }}\"", or nothing

    // "Liquid error (snippet line 3): divided by 0".
    std::string text() const;

    bool operator==(const Error&) const = default;
};

}  // namespace cartwright::liquid
