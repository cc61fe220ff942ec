#include "db/rows.hpp"

#include <libpq-fe.h>

#include <charconv>
#include <string_view>

namespace cartwright::db {

void ReleaseResult::operator()(pg_result* result) const noexcept {
    PQclear(result);
}

int Rows::count() const noexcept {
    return PQntuples(result_.get());
}

int Rows::width() const noexcept {
    return PQnfields(result_.get());
}

Field Rows::at(int row, int column) const noexcept {
    if (PQgetisnull(result_.get(), row, column) != 0) return Field{.bytes = {}, .null = true};
    const auto size = static_cast<std::size_t>(PQgetlength(result_.get(), row, column));
    return Field{.bytes = std::string_view(PQgetvalue(result_.get(), row, column), size), .null = false};
}

std::int64_t Rows::touched() const {
    const std::string_view text = PQcmdTuples(result_.get());
    std::int64_t touched = 0;
    std::from_chars(text.data(), text.data() + text.size(), touched);
    return touched;
}

std::string_view Rows::tag() const noexcept {
    return result_ == nullptr ? std::string_view() : PQcmdStatus(result_.get());
}

}  // namespace cartwright::db
