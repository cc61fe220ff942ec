#include "db/statement.hpp"

#include <utility>

namespace cartwright::db {

namespace {

// Filled before main by the constants of all linked slices, and only read afterwards.
std::vector<const StatementInfo*>& registry() {
    static std::vector<const StatementInfo*> statements;
    return statements;
}

}  // namespace

StatementInfo::StatementInfo(std::string_view name,
                             std::string_view sql,
                             Reach reach,
                             std::vector<Oid> parameters,
                             std::vector<Column> columns)
    : name_(name),
      sql_(sql),
      reach_(reach),
      parameters_(std::move(parameters)),
      columns_(std::move(columns)),
      index_(registry().size()),
      handle_("s" + std::to_string(index_)) {
    registry().push_back(this);
}

const std::vector<const StatementInfo*>& StatementInfo::all() {
    return registry();
}

}  // namespace cartwright::db
