#include "base/csv.hpp"

#include "base/rng.hpp"
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cartwright {
namespace {

using Fields = std::vector<std::string>;
using Table = std::vector<Fields>;

struct Read {
    Table rows;
    std::vector<std::size_t> numbers;
    std::optional<Refusal> refusal;
    char delimiter = 0;
    std::optional<Charset> charset;
};

Read read_in(std::string_view bytes, std::size_t piece, const CsvReading& reading) {
    CsvReader reader(reading);
    Read read;
    bool has_ended = false;
    while (true) {
        CsvRow row;
        const auto step = reader.next(row);
        if (!step) {
            read.refusal = step.error();
            EXPECT_FALSE(reader.next(row).has_value()) << "went on after a refusal";
            break;
        }
        if (*step == CsvStep::end) break;
        if (*step == CsvStep::row) {
            read.rows.push_back(row.fields);
            read.numbers.push_back(row.number);
        } else if (bytes.empty()) {
            EXPECT_FALSE(has_ended) << "wants more than there is";
            if (has_ended) break;
            has_ended = true;
            reader.end();
        } else {
            reader.add(bytes.substr(0, piece));
            bytes.remove_prefix(std::min(piece, bytes.size()));
        }
    }
    read.delimiter = reader.delimiter();
    read.charset = reader.charset();
    return read;
}

// Reads as a whole and byte by byte, which must give the same.
Read read(std::string_view bytes, const CsvReading& reading = {}) {
    Read whole = read_in(bytes, 1 << 20, reading);
    const Read pieces = read_in(bytes, 1, reading);
    EXPECT_EQ(whole.rows, pieces.rows);
    EXPECT_EQ(whole.numbers, pieces.numbers);
    EXPECT_EQ(whole.refusal, pieces.refusal);
    EXPECT_EQ(whole.delimiter, pieces.delimiter);
    return whole;
}

std::string utf16(std::u16string_view text, bool is_little, bool has_mark) {
    std::string bytes;
    const auto add = [&](char16_t unit) {
        const char high = static_cast<char>(unit >> 8U);
        const char low = static_cast<char>(unit & 0xFFU);
        bytes += is_little ? low : high;
        bytes += is_little ? high : low;
    };
    if (has_mark) add(u'\uFEFF');
    for (const char16_t unit : text) add(unit);
    return bytes;
}

TEST(CsvReaderTest, TakesAllLineEndsAndQuotes) {
    const Table expected{{"a", "b"}, {"1", "2, \"3\"\r\n4"}, {"", ""}};
    EXPECT_EQ(read("a,b\r\n1,\"2, \"\"3\"\"\r\n4\"\r\n,\r\n").rows, expected);
    EXPECT_EQ(read("a,b\n1,\"2, \"\"3\"\"\r\n4\"\n,").rows, expected);
    EXPECT_EQ(read("a,b\r1,\"2, \"\"3\"\"\r\n4\"\r,\r").rows, expected);
}

TEST(CsvReaderTest, PassesOverEmptyLinesButCountsThem) {
    const Read table = read("a,b\n\n\r\n1,2\n\n");
    EXPECT_EQ(table.rows, (Table{{"a", "b"}, {"1", "2"}}));
    EXPECT_EQ(table.numbers, (std::vector<std::size_t>{1, 4}));
    EXPECT_EQ(read("").rows, Table());
    EXPECT_EQ(read("\n\n").rows, Table());
    EXPECT_EQ(read("\"\"\n").rows, Table{{""}});
    EXPECT_EQ(read("a").rows, Table{{"a"}});
}

TEST(CsvReaderTest, AQuoteWithinAFieldIsItself) {
    EXPECT_EQ(read("5\" pipe,x\n").rows, (Table{{"5\" pipe", "x"}}));
}

TEST(CsvReaderTest, FindsTheDelimiter) {
    EXPECT_EQ(read("name;price\nA;1,5\nB;2\n").delimiter, ';');
    EXPECT_EQ(read("1,5;2,5\n3,5;4,5\n").delimiter, ';');
    EXPECT_EQ(read("a\tb,c\n1\t2\n").delimiter, '\t');
    EXPECT_EQ(read("a|b\n1|2\n").delimiter, '|');
    EXPECT_EQ(read("a,b\n\"x;y;z\",2\n").delimiter, ',');
    EXPECT_EQ(read("alone\nlines\n").delimiter, ',');
    const Read hinted = read("sep=;\r\na;b,c\r\n");
    EXPECT_EQ(hinted.rows, (Table{{"a", "b,c"}}));
    EXPECT_EQ(hinted.numbers, std::vector<std::size_t>{2});
    EXPECT_EQ(read("a;b\n", {.delimiter = ','}).rows, Table{{"a;b"}});
}

TEST(CsvReaderTest, FindsTheEncoding) {
    const Table expected{{"Название", "Цена"}, {"Футболка «Ёж»", "№5"}};
    const std::u16string_view wide = u"Название;Цена\r\nФутболка «Ёж»;№5\r\n";
    const std::string utf8 = "Название;Цена\r\nФутболка «Ёж»;№5\r\n";
    EXPECT_EQ(read(utf8).rows, expected);
    EXPECT_EQ(read(utf8).charset, Charset::utf8);
    EXPECT_EQ(read("\xEF\xBB\xBF" + utf8).rows, expected);
    EXPECT_EQ(read(utf16(wide, true, true)).rows, expected);
    EXPECT_EQ(read(utf16(wide, false, true)).rows, expected);
    EXPECT_EQ(read(utf16(wide, true, false)).charset, Charset::utf16le);
    EXPECT_EQ(read(utf16(wide, true, false)).rows, expected);
    EXPECT_EQ(read(utf16(wide, false, false)).charset, Charset::utf16be);
    EXPECT_EQ(read(utf16(wide, false, false)).rows, expected);
    const std::string windows =
        "\xCD\xE0\xE7\xE2\xE0\xED\xE8\xE5;\xD6\xE5\xED\xE0\r\n\xD4\xF3\xF2\xE1\xEE\xEB\xEA\xE0 "
        "\xAB\xA8\xE6\xBB;\xB9"
        "5\r\n";
    EXPECT_EQ(read(windows).rows, expected);
    EXPECT_EQ(read(windows).charset, Charset::windows1251);
    EXPECT_EQ(read(utf16(u"\U0001F600,x\n", true, true)).rows, (Table{{"\U0001F600", "x"}}));
}

TEST(CsvReaderTest, DecidesLateWhereTheTextBeginsInAscii) {
    std::string ascii;
    Table expected;
    for (int i = 0; i < 20'000; ++i) {
        ascii += "abc,12345\n";
        expected.push_back({"abc", "12345"});
    }
    expected.push_back({"Ж", "x"});
    EXPECT_EQ(read(ascii + "\xC6,x\n").rows, expected);
    EXPECT_EQ(read(ascii + "\xC6,x\n").charset, Charset::windows1251);
    EXPECT_EQ(read(ascii + "\xD0\x96,x\n").rows, expected);
    EXPECT_EQ(read(ascii + "\xD0\x96,x\n").charset, Charset::utf8);
    EXPECT_EQ(read("a,b\n").charset, std::nullopt);
}

TEST(CsvReaderTest, RefusesWhatChangesItsEncodingAndNamesTheRow) {
    std::string text;
    for (int i = 0; i < 3000; ++i) text += "я,б\n";
    const Read broken = read(text + "x,\xFF\n");
    EXPECT_EQ(broken.rows.size(), 3000U);
    EXPECT_EQ(broken.refusal, Refusal(csv_bad_encoding).with("row", "3001"));
    EXPECT_EQ(read(std::string_view("a,b\n1,\0\n", 8)).refusal, Refusal(csv_bad_encoding).with("row", "2"));
    EXPECT_EQ(read(utf16(u"a,b\n", true, true) + "\x01").refusal, Refusal(csv_bad_encoding).with("row", "2"));
    EXPECT_EQ(read(utf16(u"a\xD800, b\n", true, true)).refusal, Refusal(csv_bad_encoding).with("row", "1"));
}

TEST(CsvReaderTest, RefusesBrokenQuotes) {
    EXPECT_EQ(read("a,b\n\"x\"y,2\n").refusal, Refusal(csv_bad_quote).with("row", "2"));
    EXPECT_EQ(read("a,b\n1,\"never closed\n2,3\n").refusal, Refusal(csv_bad_quote).with("row", "2"));
    EXPECT_EQ(read("a,b\n1,\"never closed\n2,3\n").rows, (Table{{"a", "b"}}));
}

TEST(CsvReaderTest, HasLimits) {
    const CsvLimits limits{.field_bytes = 10, .columns = 3, .row_bytes = 20, .rows = 2};
    const CsvReading reading{.limits = limits};
    EXPECT_EQ(read("1234567890,b\n", reading).rows, (Table{{"1234567890", "b"}}));
    EXPECT_EQ(read("12345678901\n", reading).refusal,
              Refusal(csv_field_too_large).with("row", "1").with("limit", "10"));
    EXPECT_EQ(read("1234567890,1234567890,1\n", reading).refusal,
              Refusal(csv_field_too_large).with("row", "1").with("limit", "10"));
    EXPECT_EQ(read("1,2,3\n1,2,3,4\n", reading).refusal,
              Refusal(csv_too_many_columns).with("row", "2").with("limit", "3"));
    EXPECT_EQ(read("1,2\n1,2\n", reading).rows.size(), 2U);
    EXPECT_EQ(read("1,2\n1,2\n1,2\n", reading).refusal,
              Refusal(csv_too_many_rows).with("row", "3").with("limit", "2"));
}

TEST(CsvWriterTest, QuotesWhatNeedsIt) {
    std::string out;
    append_csv(out, {"plain", "with, comma", "with \"quote\"", "two\nlines", "a;b", " space"});
    append_csv(out, {""});
    append_csv(out, {"", ""});
    EXPECT_EQ(
        out,
        "plain,\"with, comma\",\"with \"\"quote\"\"\",\"two\nlines\",\"a;b\",\" space\"\r\n\"\"\r\n,\r\n");
    out.clear();
    append_csv(out, {"a", "b,c"}, {.delimiter = ';'});
    EXPECT_EQ(out, "a;\"b,c\"\r\n");
}

TEST(CsvWriterTest, WritesNoFormulas) {
    const std::pair<std::string_view, std::string_view> cells[] = {
        {"=1+1", "\"'=1+1\""},
        {"+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""},
        {"-2+3", "\"'-2+3\""},
        {"@SUM(A1)", "\"'@SUM(A1)\""},
        {"\t=1", "\"'\t=1\""},
        {"\r=1", "\"'\r=1\""},
        {"\n=1", "\"'\n=1\""},
        {"\uFF1D1", "\"'\uFF1D1\""},
        {"\uFF20x", "\"'\uFF20x\""},
        {"'=1", "\"''=1\""},
        {"-", "\"'-\""},
        {"-5", "-5"},
        {"+7 999 123-45-67", "+7 999 123-45-67"},
        {"+7\u00A0(999)\u00A01", "+7\u00A0(999)\u00A01"},
        {"-1.5", "-1.5"},
        {"'quoted'", "'quoted'"},
        {"'-5", "'-5"},
        {"a=1", "a=1"}};
    for (const auto& [field, cell] : cells) {
        std::string out;
        append_csv(out, {field, "x"});
        EXPECT_EQ(out, std::string(cell) + ",x\r\n");
        EXPECT_EQ(read(out, {.delimiter = ','}).rows, (Table{{std::string(field), "x"}})) << field;
    }
    std::string plain;
    append_csv(plain, {"=1"}, {.is_for_spreadsheets = false});
    EXPECT_EQ(plain, "=1\r\n");
    EXPECT_EQ(read("\"'=1\"\r\n", {.marks = FormulaMarks::kept}).rows, Table{{"'=1"}});
}

// Any table that is written is read again as it was, in any pieces.
TEST(CsvRoundTripTest, GivesBackWhatWasWritten) {
    const std::vector<std::string> parts{"a",  "Ж",      ",",      ";",          "\t",   "|", "\"", "\r",
                                         "\n", "\r\n",   "'",      "=",          "+",    "-", "@",  " ",
                                         "1",  "\u00A0", "\uFF0B", "\U0001F600", "sep=", ""};
    SeededRng rng(2026);
    for (int round = 0; round < 1500; ++round) {
        Table table(1 + rng.below(6));
        const std::size_t columns = 1 + rng.below(5);
        for (Fields& row : table) {
            row.resize(columns);
            for (std::string& field : row) {
                for (std::uint64_t n = rng.below(8); n > 0; --n) field += parts[rng.below(parts.size())];
            }
        }
        const char delimiter = std::string_view(",;\t|")[rng.below(4)];
        const CsvWriting writing{.delimiter = delimiter, .is_for_spreadsheets = rng.below(2) == 0};
        std::string out;
        // An unmarked first cell may say "sep=" by itself; a file for machines begins with no hint.
        if (table.front().front().starts_with("sep=")) table.front().front().insert(0, "x");
        for (const Fields& row : table) {
            append_csv(out, std::vector<std::string_view>(row.begin(), row.end()), writing);
        }
        const CsvReading reading{
            .delimiter = delimiter,
            .charset = Charset::utf8,
            .marks = writing.is_for_spreadsheets ? FormulaMarks::removed : FormulaMarks::kept};
        const Read back = read_in(out, 1 + rng.below(20), reading);
        ASSERT_EQ(back.refusal, std::nullopt) << out;
        ASSERT_EQ(back.rows, table) << out;
    }
}

}  // namespace
}  // namespace cartwright
