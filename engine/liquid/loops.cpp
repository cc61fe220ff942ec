#include "liquid/loops.hpp"

namespace cartwright::liquid {

namespace {

template <class Loop, auto Answer>
Value property(Render&, Drop& drop) {
    return Answer(static_cast<const Loop&>(drop));
}

Value number(std::int64_t value) {
    return Value::integer(value);
}

}  // namespace

const DropType forloop_type{
    "forloop",
    "The innermost for loop.",
    {
        {"length",
         "number",
         "Turns in all.",
         &property<ForLoop, [](const ForLoop& l) { return number(l.length); }>},
        {"index",
         "number",
         "The turn, from 1.",
         &property<ForLoop, [](const ForLoop& l) { return number(l.index0 + 1); }>},
        {"index0",
         "number",
         "The turn, from 0.",
         &property<ForLoop, [](const ForLoop& l) { return number(l.index0); }>},
        {"rindex",
         "number",
         "Turns that are left, with this one.",
         &property<ForLoop, [](const ForLoop& l) { return number(l.length - l.index0); }>},
        {"rindex0",
         "number",
         "Turns that are left after this one.",
         &property<ForLoop, [](const ForLoop& l) { return number(l.length - l.index0 - 1); }>},
        {"first",
         "boolean",
         "Whether this is the first turn.",
         &property<ForLoop, [](const ForLoop& l) { return Value::boolean(l.index0 == 0); }>},
        {"last",
         "boolean",
         "Whether this is the last turn.",
         &property<ForLoop, [](const ForLoop& l) { return Value::boolean(l.index0 == l.length - 1); }>},
        {"parentloop",
         "forloop",
         "The loop around this one.",
         &property<ForLoop, [](const ForLoop& l) { return l.parent; }>},
        {"name",
         "string",
         "The loop's item and collection, as item-collection.",
         &property<ForLoop, [](const ForLoop& l) { return Value::string(l.name); }>},
    }};

const DropType tablerowloop_type{
    "tablerowloop",
    "The innermost tablerow loop.",
    {
        {"length",
         "number",
         "Cells in all.",
         &property<TableRowLoop, [](const TableRowLoop& l) { return number(l.length); }>},
        {"index",
         "number",
         "The cell, from 1.",
         &property<TableRowLoop, [](const TableRowLoop& l) { return number(l.index0 + 1); }>},
        {"index0",
         "number",
         "The cell, from 0.",
         &property<TableRowLoop, [](const TableRowLoop& l) { return number(l.index0); }>},
        {"rindex",
         "number",
         "Cells that are left, with this one.",
         &property<TableRowLoop, [](const TableRowLoop& l) { return number(l.length - l.index0); }>},
        {"rindex0",
         "number",
         "Cells that are left after this one.",
         &property<TableRowLoop, [](const TableRowLoop& l) { return number(l.length - l.index0 - 1); }>},
        {"first",
         "boolean",
         "Whether this is the first cell.",
         &property<TableRowLoop, [](const TableRowLoop& l) { return Value::boolean(l.index0 == 0); }>},
        {"last",
         "boolean",
         "Whether this is the last cell.",
         &property<TableRowLoop,
                   [](const TableRowLoop& l) { return Value::boolean(l.index0 == l.length - 1); }>},
        {"row",
         "number",
         "The row, from 1.",
         &property<TableRowLoop, [](const TableRowLoop& l) { return number(l.row); }>},
        {"col",
         "number",
         "The column, from 1.",
         &property<TableRowLoop, [](const TableRowLoop& l) { return number(l.col); }>},
        {"col0",
         "number",
         "The column, from 0.",
         &property<TableRowLoop, [](const TableRowLoop& l) { return number(l.col - 1); }>},
        {"col_first",
         "boolean",
         "Whether this is the first column.",
         &property<TableRowLoop, [](const TableRowLoop& l) { return Value::boolean(l.col == 1); }>},
        {"col_last",
         "boolean",
         "Whether this is the last column.",
         &property<TableRowLoop, [](const TableRowLoop& l) { return Value::boolean(l.col == l.cols); }>},
    }};

}  // namespace cartwright::liquid
