// The fields of a form or a query. Names and values are decoded once and are valid UTF-8 without NUL; a
// body that breaks the encoding or a limit is refused as a whole.
#pragma once

#include "base/outcome.hpp"
#include "http/message.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cartwright::http {

inline constexpr Reason bad_form{"http.bad_form", Kind::invalid};
inline constexpr Reason form_too_large{"http.form_too_large", Kind::invalid};

struct FormLimits {
    std::size_t fields = 1000;        // an order form of 200 lines has 600; PHP's limit is the same
    std::size_t name = 256;           // bytes
    std::size_t value = 1024 * 1024;  // bytes: a long description; routes' body limits are below
};

class Form {
public:
    Form() = default;

    // The media type application/x-www-form-urlencoded (WHATWG URL 5.1), and a query.
    static Outcome<Form> parse_urlencoded(std::string_view text, const FormLimits& limits = {});

    // The fields of a multipart/form-data body that is whole in memory; parts with a file name are left out
    // (http/multipart.hpp streams them).
    static Outcome<Form> parse_multipart(std::string_view content_type,
                                         std::string_view body,
                                         const FormLimits& limits = {});

    // Whichever of both the request's Content-Type names; bad_form for any other type. An empty body
    // without a type is an empty form.
    static Outcome<Form> of(const Request& request, const FormLimits& limits = {});

    // The first value of that name, "" if there is none.
    std::string_view value(std::string_view name) const noexcept;
    bool has(std::string_view name) const noexcept;
    std::vector<std::string_view> values(std::string_view name) const;

    const std::vector<std::pair<std::string, std::string>>& fields() const noexcept { return fields_; }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

// The first value of that name in a query or an encoded body, without taking the rest apart; nullopt if it
// is absent or badly encoded.
std::optional<std::string> first_value(std::string_view encoded, std::string_view name);

}  // namespace cartwright::http
