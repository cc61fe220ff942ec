// Reads any bytes as CSV: as a whole and in pieces, which must agree, and again after it has been written.
#include "base/csv.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using cartwright::CsvReader;
using cartwright::CsvReading;
using cartwright::CsvRow;
using cartwright::CsvStep;

struct Table {
    std::vector<std::vector<std::string>> rows;
    bool is_refused = false;

    friend bool operator==(const Table&, const Table&) = default;
};

Table read(std::string_view bytes, std::size_t piece, const CsvReading& reading) {
    CsvReader reader(reading);
    Table table;
    while (true) {
        CsvRow row;
        const auto step = reader.next(row);
        if (!step) {
            table.is_refused = true;
            return table;
        }
        if (*step == CsvStep::end) return table;
        if (*step == CsvStep::row) {
            table.rows.push_back(row.fields);
        } else if (bytes.empty()) {
            reader.end();
        } else {
            reader.add(bytes.substr(0, piece));
            bytes.remove_prefix(std::min(piece, bytes.size()));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    CsvReading reading{.limits = {.field_bytes = 1000, .columns = 50, .row_bytes = 4000, .rows = 1000}};
    const Table table = read(bytes, size + 1, reading);
    if (read(bytes, 1, reading) != table || read(bytes, 7, reading) != table) std::abort();
    std::string written;
    for (const auto& row : table.rows) {
        cartwright::append_csv(written, std::vector<std::string_view>(row.begin(), row.end()));
    }
    reading.delimiter = ',';
    reading.charset = cartwright::Charset::utf8;
    const bool has_hint = written.starts_with("sep=");
    if (!has_hint && !written.starts_with(cartwright::csv_byte_order_mark) &&
        read(written, written.size() + 1, reading).rows != table.rows) {
        std::abort();
    }
    return 0;
}
