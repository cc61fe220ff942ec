// The project's own rules, each a function from files to findings, so that a bad sample can prove that it
// bites. rules_test.cpp runs them over the samples and over the project.
#pragma once

#include "tidy/tree.hpp"

#include <vector>

namespace cartwright::tidy {

// A file of engine/ includes its own folder and lower floors, in floor 3 only slices to its left; a library
// declares its floor in CMake as it stands in the table (engine/README.md).
std::vector<Finding> check_floors(const Tree& tree);

// In engine/: own header first, and each of ours by its path from there. Everywhere: #pragma once.
std::vector<Finding> check_include_style(const Tree& tree);

// Libraries whose umbrella header costs seconds a file are included whole in vendor_*.cpp alone; Beast stays
// inside http.
std::vector<Finding> check_heavy_headers(const Tree& tree);

// Words that have a better place or replacement, outside of comments and literals.
std::vector<Finding> check_words(const Tree& tree);

// A coroutine lambda with captures isn't called on the spot: its closure can die before the coroutine ends.
// Given to a callee that keeps it (in_shop, in_scope, co_spawn), or named beside its await, it is fine.
std::vector<Finding> check_closures(const Tree& tree);

// Comments are sentences: nothing is left to do in them, nothing is switched off, and none is wider than 120
// columns (the formatter leaves them alone).
std::vector<Finding> check_comments(const Tree& tree);

// Amounts are integers: no float or double in a line that names money.
std::vector<Finding> check_money(const Tree& tree);

// SQL stands in store.cpp of a slice and in the storage layer itself (db, events, jobs); time comes from the
// Clock as an argument; the tenant is set with SET LOCAL; text of a statement isn't put together at run time.
std::vector<Finding> check_sql(const Tree& tree);

// A route that loosens a security default says why: `.loosens = "…"` with a reason, and the header of the
// content policy is named in engine/http alone.
std::vector<Finding> check_loosened_routes(const Tree& tree);

// Each source is listed in CMake (those of compile_fail/ by their pattern), each fuzz target has seeds.
std::vector<Finding> check_listed(const Tree& tree);

// NNNN_slice_what.sql, after a folder or a header of engine/, and NNNN-title.md; each number once.
std::vector<Finding> check_numbering(const Tree& tree);

// The same keys in every language of a folder of locales.
std::vector<Finding> check_locales(const Tree& tree);

// Text files: UTF-8 without control characters, lines that end in LF without blanks before it, a last LF;
// under 1 MiB; without paths of a machine or names of a package registry.
std::vector<Finding> check_text(const Tree& tree);

}  // namespace cartwright::tidy
