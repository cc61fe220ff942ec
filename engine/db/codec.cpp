#include "db/codec.hpp"

#include <limits>

namespace cartwright::db {

namespace {

constexpr Instant instant_zero = std::chrono::sys_days(std::chrono::year{2000} / 1 / 1);
constexpr std::chrono::sys_days date_zero = std::chrono::year{2000} / 1 / 1;

std::uint32_t take_word(std::string_view& in) {
    if (in.size() < 4) throw BadValue("an array cut short");
    const auto word = wire::get<std::uint32_t>(in.substr(0, 4));
    in.remove_prefix(4);
    return word;
}

}  // namespace

namespace wire {

// Format of array_send in PostgreSQL's arrayfuncs.c: dimensions, whether there are nulls, element type,
// for each dimension its length and lower bound, for each element its length (-1: null) and bytes.
std::vector<std::optional<std::string_view>> array_elements(std::string_view in, Oid element) {
    const std::uint32_t dimensions = take_word(in);
    take_word(in);
    if (take_word(in) != element) throw BadValue("an array of another type");
    if (dimensions == 0) {
        if (!in.empty()) throw BadValue("bytes after an empty array");
        return {};
    }
    if (dimensions != 1) throw BadValue("an array of " + std::to_string(dimensions) + " dimensions");
    const std::uint32_t count = take_word(in);
    take_word(in);
    if (count > in.size() / 4) throw BadValue("an array longer than its bytes");
    std::vector<std::optional<std::string_view>> elements;
    elements.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t size = take_word(in);
        if (size == std::numeric_limits<std::uint32_t>::max()) {
            elements.emplace_back();
            continue;
        }
        if (size > in.size()) throw BadValue("an array element longer than its array");
        elements.emplace_back(in.substr(0, size));
        in.remove_prefix(size);
    }
    if (!in.empty()) throw BadValue("bytes after an array");
    return elements;
}

void put_array_head(std::string& out, std::size_t count, Oid element) {
    put(out, std::uint32_t{count == 0 ? 0U : 1U});
    put(out, std::uint32_t{0});
    put(out, element);
    if (count == 0) return;
    put(out, static_cast<std::uint32_t>(count));
    put(out, std::uint32_t{1});
}

void put_array_element(std::string& out, std::size_t start) {
    std::string length;
    put(length, static_cast<std::uint32_t>(out.size() - start - 4));
    out.replace(start, 4, length);
}

}  // namespace wire

void Codec<Instant>::encode(std::string& out, Instant value) {
    Codec<std::int64_t>::encode(out, (value - instant_zero).count());
}

Instant Codec<Instant>::decode(std::string_view in) {
    const std::int64_t since = Codec<std::int64_t>::decode(in);
    if (since == std::numeric_limits<std::int64_t>::max() ||
        since == std::numeric_limits<std::int64_t>::min()) {
        throw BadValue("an infinite time");
    }
    std::int64_t micros = 0;
    if (__builtin_add_overflow(since, instant_zero.time_since_epoch().count(), &micros)) {
        throw BadValue("a time too far away");
    }
    return Instant(std::chrono::microseconds(micros));
}

void Codec<std::chrono::sys_days>::encode(std::string& out, std::chrono::sys_days value) {
    Codec<std::int32_t>::encode(out, static_cast<std::int32_t>((value - date_zero).count()));
}

std::chrono::sys_days Codec<std::chrono::sys_days>::decode(std::string_view in) {
    const std::int32_t since = Codec<std::int32_t>::decode(in);
    if (since == std::numeric_limits<std::int32_t>::max() ||
        since == std::numeric_limits<std::int32_t>::min()) {
        throw BadValue("an infinite date");
    }
    const std::int64_t days = std::int64_t{since} + date_zero.time_since_epoch().count();
    if (days > std::numeric_limits<std::int32_t>::max()) throw BadValue("a date too far away");
    return std::chrono::sys_days(std::chrono::days(static_cast<std::int32_t>(days)));
}

}  // namespace cartwright::db
