// SQL as named constants. A Statement is declared once, at namespace scope at the top of a slice's
// store.cpp, and registers itself; tests/db/statements_pgtest prepares every one against the migrated
// schema, checks its parameters, its columns and, for a shop's statements, that $1 is the shop.
//
//   struct DomainRow {
//       std::string host;
//       bool is_primary;
//       static constexpr auto columns =
//           db::columns("host", &DomainRow::host, "is_primary", &DomainRow::is_primary);
//   };
//   const db::Statement<DomainRow(std::string)> find_domain{"shop.find_domain", R"sql(
//       select host, is_primary from shop_domains where shop_id = $1 and host = $2
//   )sql"};
//
// Statement: of one shop; $1 is the shop and comes from the transaction, the declared arguments are $2, $3 …
// PlatformStatement: of tables that belong to no shop; the arguments are $1, $2 …
// A row is a struct with `columns`, one scalar type, or db::Nothing for statements without rows.
// Types: bool, int16/32/64, double (never money), std::string, Json, Bytes (or a std::array of bytes), Instant,
// std::chrono::sys_days, Id<…>, Xid, std::optional<T> (null), std::vector<T> (array of a scalar), and what a
// slice adds (codec.hpp).
#pragma once

#include "db/codec.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::db {

enum class Reach : std::uint8_t { shop, platform };

// What a statement is, without its C++ types.
class StatementInfo {
public:
    StatementInfo(const StatementInfo&) = delete;
    StatementInfo& operator=(const StatementInfo&) = delete;

    std::string_view name() const noexcept { return name_; }

    std::string_view sql() const noexcept { return sql_; }

    Reach reach() const noexcept { return reach_; }

    std::span<const Oid> parameter_types() const noexcept { return parameters_; }

    std::span<const Column> columns() const noexcept { return columns_; }

    // Small and dense: the place of the statement in each connection's table of prepared ones.
    std::size_t index() const noexcept { return index_; }

    // Its name on the wire, short.
    const std::string& handle() const noexcept { return handle_; }

    // All statements linked into the program.
    static const std::vector<const StatementInfo*>& all();

protected:
    StatementInfo(std::string_view name,
                  std::string_view sql,
                  Reach reach,
                  std::vector<Oid> parameters,
                  std::vector<Column> columns);
    ~StatementInfo() = default;

private:
    std::string_view name_;
    std::string_view sql_;
    Reach reach_;
    std::vector<Oid> parameters_;
    std::vector<Column> columns_;
    std::size_t index_;
    std::string handle_;
};

template <class Signature>
class Statement;

template <class Row, class... Arguments>
class Statement<Row(Arguments...)> final : public StatementInfo {
public:
    Statement(std::string_view name, std::string_view sql)
        : StatementInfo(
              name, sql, Reach::shop, {oid_of<ShopId>(), oid_of<Arguments>()...}, columns_of<Row>()) {}
};

template <class Signature>
class PlatformStatement;

template <class Row, class... Arguments>
class PlatformStatement<Row(Arguments...)> final : public StatementInfo {
public:
    PlatformStatement(std::string_view name, std::string_view sql)
        : StatementInfo(name, sql, Reach::platform, {oid_of<Arguments>()...}, columns_of<Row>()) {}
};

}  // namespace cartwright::db
