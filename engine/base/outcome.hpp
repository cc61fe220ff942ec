// The channel for what a person can cause: a bad form, an unknown page, a wrong password. What nobody on
// the page could have caused (a database gone, a broken invariant) is an exception instead, caught once a
// request and once a job; decisions/0002 tells why there are two.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cartwright {

// What sort of refusal; a face maps each to one HTTP status (invalid 422, unauthenticated 401,
// forbidden 403, not_found 404, conflict 409, limited 429, busy 503).
enum class Kind : std::uint8_t { invalid, unauthenticated, forbidden, not_found, conflict, limited, busy };

// A stable, machine-readable reason, declared as a constant by the slice that refuses. `code` is the
// message key in the locales and the type of the problem document: "shop.handle_taken".
struct Reason {
    std::string_view code;
    Kind kind;

    friend constexpr bool operator==(const Reason&, const Reason&) = default;
};

// A reason and what belongs to it: the field of the form that is at fault, if one is, and named values
// for the message ("limit" → "20").
class Refusal {
public:
    explicit Refusal(Reason reason, std::string field = {}) : reason_(reason), field_(std::move(field)) {}

    Refusal with(std::string name, std::string value) && {
        values_.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }

    const Reason& reason() const noexcept { return reason_; }

    std::string_view code() const noexcept { return reason_.code; }

    Kind kind() const noexcept { return reason_.kind; }

    const std::string& field() const noexcept { return field_; }

    const std::vector<std::pair<std::string, std::string>>& values() const noexcept { return values_; }

    friend bool operator==(const Refusal&, const Refusal&) = default;

private:
    Reason reason_;
    std::string field_;
    std::vector<std::pair<std::string, std::string>> values_;
};

template <class T = void>
using Outcome = std::expected<T, Refusal>;

// `return refuse(handle_taken, "handle");`
inline std::unexpected<Refusal> refuse(Reason reason, std::string field = {}) {
    return std::unexpected<Refusal>(Refusal(reason, std::move(field)));
}

inline std::unexpected<Refusal> refuse(Refusal refusal) {
    return std::unexpected<Refusal>(std::move(refusal));
}

}  // namespace cartwright
