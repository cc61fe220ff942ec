#include "base/csv.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cartwright {

namespace {

// The likelier one first where several fit: decimal commas stand in files whose delimiter is a semicolon, hardly
// ever the reverse.
constexpr std::array<char, 4> delimiters{'\t', ';', '|', ','};

// What the delimiter is found out from: so many bytes, and so many rows of them.
constexpr std::size_t sample_bytes = 64 * 1024;
constexpr std::size_t sample_rows = 20;

// "sep=;" in the first line is Excel's own way to name the delimiter.
constexpr std::string_view excel_hint = "sep=";

constexpr auto formula_starts = std::to_array<std::string_view>(
    {"=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"});

// A sign, then digits with what people put between them. Nothing of it can name a function or a cell.
bool is_number(std::string_view field) {
    field.remove_prefix(field.starts_with('-') || field.starts_with('+') ? 1 : 0);
    bool has_digit = false;
    while (!field.empty()) {
        if (field.starts_with("\u00A0")) {
            field.remove_prefix(std::string_view("\u00A0").size());
            continue;
        }
        const bool is_digit = field.front() >= '0' && field.front() <= '9';
        if (!is_digit && std::string_view(" .,-()").find(field.front()) == std::string_view::npos)
            return false;
        has_digit = has_digit || is_digit;
        field.remove_prefix(1);
    }
    return has_digit;
}

// Apostrophes in front count as part of the start, so that a field that has one of its own gets a second and
// keeps it when one is taken off.
bool needs_mark(std::string_view field) {
    field.remove_prefix(std::min(field.find_first_not_of('\''), field.size()));
    const bool looks_like_formula = std::ranges::any_of(
        formula_starts, [field](std::string_view start) { return field.starts_with(start); });
    return looks_like_formula && !is_number(field);
}

struct Columns {
    std::size_t first = 0;  // of the first row
    std::size_t same = 0;   // rows with as many
    std::size_t rows = 0;
};

// Counts with quotes in mind; a row that is cut by the end of the sample doesn't count, unless it is the only
// one.
Columns count_columns(std::string_view text, char delimiter) {
    Columns columns;
    std::size_t fields = 1;
    bool is_quoted = false;
    bool has_content = false;
    const auto end_row = [&] {
        if (has_content) {
            if (columns.rows == 0) columns.first = fields;
            columns.same += fields == columns.first ? 1U : 0U;
            ++columns.rows;
        }
        fields = 1;
        has_content = false;
    };
    for (const char c : text) {
        if (c == '"') is_quoted = !is_quoted;
        if (!is_quoted && (c == '\n' || c == '\r')) {
            end_row();
            if (columns.rows == sample_rows) break;
            continue;
        }
        has_content = true;
        if (!is_quoted && c == delimiter) ++fields;
    }
    if (columns.rows == 0) end_row();
    return columns;
}

bool ends_run(char c, char delimiter) {
    return c == delimiter || c == '\n' || c == '\r';
}

}  // namespace

CsvReader::CsvReader(CsvReading reading) : reading_(reading), decoder_(reading.charset) {}

void CsvReader::add(std::string_view bytes) {
    text_.erase(0, position_);
    position_ = 0;
    failed_decoding_ = !decoder_.add(bytes, false, text_);
}

void CsvReader::end() {
    failed_decoding_ = !decoder_.add({}, true, text_);
    ended_ = true;
}

Refusal CsvReader::refusal(Reason reason) const {
    return Refusal(reason).with("row", std::to_string(row_.number + 1));
}

void CsvReader::find_delimiter() {
    knows_delimiter_ = true;
    const std::string_view text = text_;
    const std::size_t hint_bytes = excel_hint.size() + 1;
    if (text.starts_with(excel_hint) && text.size() > hint_bytes && ends_run(text[hint_bytes], '\n')) {
        if (!reading_.delimiter) reading_.delimiter = text[excel_hint.size()];
        position_ = hint_bytes;
        position_ += text.substr(position_).starts_with("\r\n") ? 2 : 1;
        ++row_.number;
    }
    if (reading_.delimiter) return;
    char best = ',';
    std::size_t best_percent = 0;
    for (const char candidate : delimiters) {
        const Columns columns = count_columns(text.substr(position_, sample_bytes), candidate);
        const std::size_t percent = columns.first < 2 ? 0 : columns.same * 100 / columns.rows;
        if (percent > best_percent) {
            best = candidate;
            best_percent = percent;
        }
    }
    reading_.delimiter = best;
}

Outcome<CsvStep> CsvReader::next(CsvRow& row) {
    if (refused_) return refuse(*refused_);
    if (!knows_delimiter_) {
        if (text_.size() < sample_bytes && !ended_ && !failed_decoding_) return CsvStep::needs_more;
        find_delimiter();
    }
    auto parsed = parse();
    if (!parsed) {
        refused_ = parsed.error();
        return refuse(*refused_);
    }
    if (!*parsed) return ended_ ? CsvStep::end : CsvStep::needs_more;
    ++row_.number;
    row.number = row_.number;
    row.fields.swap(row_.fields);
    row_.fields.clear();
    row_bytes_ = 0;
    return CsvStep::row;
}

Outcome<> CsvReader::take(std::size_t count) {
    if (field_.size() + count > reading_.limits.field_bytes ||
        row_bytes_ + count > reading_.limits.row_bytes) {
        return refuse(
            refusal(csv_field_too_large).with("limit", std::to_string(reading_.limits.field_bytes)));
    }
    field_.append(text_, position_, count);
    row_bytes_ += count;
    position_ += count;
    return {};
}

Outcome<> CsvReader::end_field() {
    if (row_.fields.size() == reading_.limits.columns) {
        return refuse(refusal(csv_too_many_columns).with("limit", std::to_string(reading_.limits.columns)));
    }
    if (reading_.marks == FormulaMarks::removed && field_.starts_with('\'') && needs_mark(field_)) {
        field_.erase(0, 1);
    }
    row_.fields.push_back(std::move(field_));
    field_.clear();
    state_ = State::field_start;
    return {};
}

// True where a whole row stands in row_.
Outcome<bool> CsvReader::parse() {
    const char delimiter = *reading_.delimiter;
    while (position_ < text_.size()) {
        const char c = text_[position_];
        const bool was_after_cr = std::exchange(after_cr_, false);
        if (was_after_cr && c == '\n') {
            ++position_;
            continue;
        }
        if (row_.number == reading_.limits.rows) {
            return refuse(refusal(csv_too_many_rows).with("limit", std::to_string(reading_.limits.rows)));
        }
        if (state_ == State::quoted) {
            const std::size_t quote = std::min(text_.find('"', position_), text_.size());
            if (auto taken = take(quote - position_); !taken) return refuse(taken.error());
            if (quote < text_.size()) {
                state_ = State::quote_seen;
                ++position_;
            }
        } else if (state_ == State::quote_seen && c == '"') {
            if (auto taken = take(1); !taken) return refuse(taken.error());
            state_ = State::quoted;
        } else if (state_ == State::field_start && c == '"') {
            state_ = State::quoted;
            ++position_;
        } else if (c == delimiter) {
            ++position_;
            if (auto ended = end_field(); !ended) return refuse(ended.error());
        } else if (c == '\r' || c == '\n') {
            ++position_;
            after_cr_ = c == '\r';
            if (end_row()) {
                if (auto ended = end_field(); !ended) return refuse(ended.error());
                return true;
            }
        } else if (state_ == State::quote_seen) {
            return refuse(refusal(csv_bad_quote));
        } else {
            state_ = State::plain;
            const auto begin = text_.begin() + static_cast<std::ptrdiff_t>(position_);
            const auto stop =
                std::find_if(begin, text_.end(), [delimiter](char at) { return ends_run(at, delimiter); });
            if (auto taken = take(static_cast<std::size_t>(stop - begin)); !taken)
                return refuse(taken.error());
        }
    }
    if (failed_decoding_) return refuse(refusal(csv_bad_encoding));
    if (!ended_) return false;
    if (state_ == State::quoted) return refuse(refusal(csv_bad_quote));
    if (state_ == State::field_start && row_.fields.empty()) return false;
    if (auto ended = end_field(); !ended) return refuse(ended.error());
    return true;
}

// False for an empty line, which only counts.
bool CsvReader::end_row() {
    const bool is_empty = state_ == State::field_start && row_.fields.empty();
    row_.number += is_empty ? 1U : 0U;
    return !is_empty;
}

void append_csv(std::string& out, std::span<const std::string_view> fields, CsvWriting writing) {
    bool is_first = true;
    for (const std::string_view field : fields) {
        if (!is_first) out += writing.delimiter;
        is_first = false;
        const bool is_marked = writing.is_for_spreadsheets && needs_mark(field);
        // An only field that is empty would make an empty line, which is no row.
        const bool is_quoted = is_marked || (fields.size() == 1 && field.empty()) ||
                               field.find_first_of("\",;\t|\r\n") != std::string_view::npos ||
                               field.find(writing.delimiter) != std::string_view::npos ||
                               field.starts_with(' ') || field.ends_with(' ');
        if (!is_quoted) {
            out += field;
            continue;
        }
        out += '"';
        if (is_marked) out += '\'';
        for (const char c : field) {
            if (c == '"') out += '"';
            out += c;
        }
        out += '"';
    }
    out += "\r\n";
}

void append_csv(std::string& out, std::initializer_list<std::string_view> fields, CsvWriting writing) {
    append_csv(out, std::span(fields.begin(), fields.size()), writing);
}

}  // namespace cartwright
