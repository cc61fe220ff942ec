// What a statement answered: rows in PostgreSQL's binary format, and their decoding into C++ values by
// position. Names are not looked at here: tests/db/statements_pgtest has compared them before.
#pragma once

#include "db/codec.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

struct pg_result;

namespace cartwright::db {

struct ReleaseResult {
    void operator()(pg_result* result) const noexcept;
};

class Rows {
public:
    Rows() = default;

    explicit Rows(pg_result* result) noexcept : result_(result) {}

    int count() const noexcept;
    int width() const noexcept;
    Field at(int row, int column) const noexcept;

    // How many rows an insert, update or delete touched, a select yielded.
    std::int64_t touched() const;

    // The command's tag, for instance "COMMIT".
    std::string_view tag() const noexcept;

private:
    std::unique_ptr<pg_result, ReleaseResult> result_;
};

template <class Row>
Row decode_row(const Rows& rows, int row) {
    if constexpr (Scalar<Row>) {
        return decode_field<Row>(rows.at(row, 0));
    } else {
        Row decoded{};
        int column = 0;
        std::apply(
            [&]<class... Members>(Members Row::*... members) {
                ((decoded.*members = decode_field<Members>(rows.at(row, column++))), ...);
            },
            Row::columns.members);
        return decoded;
    }
}

template <class Row>
constexpr int width_of() {
    if constexpr (std::is_same_v<Row, Nothing>) {
        return 0;
    } else if constexpr (Scalar<Row>) {
        return 1;
    } else {
        return static_cast<int>(Row::columns.names.size());
    }
}

template <class Row>
void check_width(const Rows& rows) {
    if (rows.width() != width_of<Row>())
        throw std::logic_error("a statement yields other columns than declared");
}

template <class Row>
std::vector<Row> decode_all(const Rows& rows) {
    check_width<Row>(rows);
    std::vector<Row> decoded;
    if constexpr (!std::is_same_v<Row, Nothing>) {
        decoded.reserve(static_cast<std::size_t>(rows.count()));
        for (int row = 0; row < rows.count(); ++row) decoded.push_back(decode_row<Row>(rows, row));
    }
    return decoded;
}

template <class Row>
std::optional<Row> decode_maybe(const Rows& rows) {
    check_width<Row>(rows);
    if (rows.count() > 1) throw std::logic_error("two rows or more where at most one was meant");
    if (rows.count() == 0) return std::nullopt;
    return decode_row<Row>(rows, 0);
}

template <class Row>
Row decode_one(const Rows& rows) {
    check_width<Row>(rows);
    if (rows.count() != 1) throw std::logic_error("not exactly one row");
    return decode_row<Row>(rows, 0);
}

}  // namespace cartwright::db
