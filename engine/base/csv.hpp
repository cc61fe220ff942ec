// CSV (RFC 4180) as spreadsheets really write it. The reader takes pieces of any size and gives rows: it finds
// out the encoding and the delimiter, takes CR, LF and CRLF, and refuses what it can't read with the number of
// the row. The writer makes cells that no spreadsheet takes for a formula.
#pragma once

#include "base/charset.hpp"
#include "base/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright {

// All have the value "row". The encoding is another one than the text began in, or there are NULs.
inline constexpr Reason csv_bad_encoding{"csv.bad_encoding", Kind::invalid};
// A quote is never closed, or something stands between a closing quote and the delimiter.
inline constexpr Reason csv_bad_quote{"csv.bad_quote", Kind::invalid};
// Value "limit".
inline constexpr Reason csv_field_too_large{"csv.field_too_large", Kind::invalid};
inline constexpr Reason csv_too_many_columns{"csv.too_many_columns", Kind::invalid};
inline constexpr Reason csv_too_many_rows{"csv.too_many_rows", Kind::invalid};

// Bounds of what a shop's owner may send; memory is that of one row and one piece.
struct CsvLimits {
    std::size_t field_bytes = 1024 * 1024;  // a product's description with its HTML
    std::size_t columns = 1000;
    std::size_t row_bytes = 4 * 1024 * 1024;
    std::size_t rows = 2'000'000;
};

enum class FormulaMarks : std::uint8_t { kept, removed };

struct CsvReading {
    std::optional<char> delimiter = {};   // nothing: one of , ; tab | is found out
    std::optional<Charset> charset = {};  // nothing: found out
    FormulaMarks marks = FormulaMarks::removed;
    CsvLimits limits = {};
};

struct CsvRow {
    std::vector<std::string> fields;  // UTF-8
    std::size_t number = 0;           // as a spreadsheet counts: the first is 1, empty lines count
};

enum class CsvStep : std::uint8_t { row, needs_more, end };

class CsvReader {
public:
    explicit CsvReader(CsvReading reading = {});

    // The next piece. Call `next` until it needs more before the piece after it.
    void add(std::string_view bytes);

    // There are no more pieces.
    void end();

    // Fills `row` and says CsvStep::row; empty lines are passed over. After a refusal nothing comes any more.
    Outcome<CsvStep> next(CsvRow& row);

    // Known once a row has come.
    char delimiter() const noexcept { return reading_.delimiter.value_or(','); }

    std::optional<Charset> charset() const noexcept { return decoder_.charset(); }

private:
    enum class State : std::uint8_t { field_start, plain, quoted, quote_seen };

    void find_delimiter();
    Outcome<bool> parse();
    Outcome<> take(std::size_t count);
    Outcome<> end_field();
    bool end_row();
    Refusal refusal(Reason reason) const;

    CsvReading reading_;
    TextDecoder decoder_;
    std::string text_;  // decoded, not yet parsed from position_ on
    std::size_t position_ = 0;
    std::size_t row_bytes_ = 0;
    CsvRow row_;
    std::string field_;
    State state_ = State::field_start;
    bool knows_delimiter_ = false;
    bool after_cr_ = false;
    bool ended_ = false;
    bool failed_decoding_ = false;
    std::optional<Refusal> refused_;
};

struct CsvWriting {
    char delimiter = ',';
    bool is_for_spreadsheets = true;  // formula marks; without them cells are exactly the fields
};

// What Excel needs at the front of a file to take it for UTF-8.
inline constexpr std::string_view csv_byte_order_mark = "\xEF\xBB\xBF";

// Appends one row and CRLF. Where the writing is for spreadsheets, fields that would be taken for a formula
// (= + - @, their full-width forms, tab, CR or LF at the front) get an apostrophe before them, which
// FormulaMarks::removed takes off again; numbers and telephone numbers (-5, +7 999 123-45-67) stay (decisions/0011).
void append_csv(std::string& out, std::span<const std::string_view> fields, CsvWriting writing = {});
void append_csv(std::string& out, std::initializer_list<std::string_view> fields, CsvWriting writing = {});

}  // namespace cartwright
