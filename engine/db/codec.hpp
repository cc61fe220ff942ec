// How C++ values travel to PostgreSQL and back: its binary formats, chosen by type. A value that does not
// fit its type (a null where none was declared, a wrong length) throws BadValue: it is a mistake of ours
// that tests/db/statements_pgtest finds before a request does.
//
// Known are the types that statement.hpp lists. A type of a slice joins by specialising Codec, most simply as
//
//   template <> struct db::Codec<Handle> : db::CodecAs<Handle, std::string> {
//       static std::string to_stored(const Handle& handle);
//       static Handle from_stored(std::string text);          // may throw BadValue
//   };
//
// and an enumeration, stored as text, by its table of words:
//
//   template <> struct db::EnumWords<State> {
//       static constexpr std::array words{db::word(State::open, "open"), db::word(State::closed, "closed")};
//   };
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/id.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace cartwright::db {

// PostgreSQL's number of a type, fixed for all built-in ones (its catalog/pg_type.dat).
using Oid = std::uint32_t;

namespace oid {
inline constexpr Oid boolean = 16, bytea = 17, int8 = 20, int2 = 21, int4 = 23, text = 25, float8 = 701;
inline constexpr Oid bpchar = 1042, varchar = 1043, date = 1082, timestamptz = 1184, jsonb = 3802,
                     xid8 = 5069;
inline constexpr Oid boolean_array = 1000, bytea_array = 1001, int2_array = 1005, int4_array = 1007,
                     text_array = 1009, int8_array = 1016, float8_array = 1022, date_array = 1182,
                     timestamptz_array = 1185, jsonb_array = 3807, xid8_array = 271;
}  // namespace oid

class BadValue : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// JSON as text, stored as jsonb. PostgreSQL checks it; its own text may come back spaced otherwise.
struct Json {
    std::string text;

    friend bool operator==(const Json&, const Json&) = default;
};

using cartwright::Bytes;  // bytea

// The 64-bit number of a transaction, PostgreSQL's xid8: the event feed's cursor.
struct Xid {
    std::uint64_t number = 0;

    friend auto operator<=>(Xid, Xid) = default;
};

// What a statement that yields no rows yields.
struct Nothing {};

struct Column {
    std::string_view name;  // empty for a statement of one scalar
    Oid type = 0;
    bool nullable = false;
};

// Values on their way out, in binary format. Reused, so that a statement costs no allocation.
class Parameters {
public:
    void clear() noexcept {
        bytes_.clear();
        ends_.clear();
        null_.clear();
    }

    std::size_t count() const noexcept { return ends_.size(); }

    std::string& bytes() noexcept { return bytes_; }

    // Ends the value whose bytes were appended.
    void close(bool null = false) {
        ends_.push_back(bytes_.size());
        null_.push_back(null);
    }

    bool is_null(std::size_t index) const { return null_[index] != 0; }

    std::string_view operator[](std::size_t index) const {
        const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
        return std::string_view(bytes_).substr(begin, ends_[index] - begin);
    }

private:
    std::string bytes_;
    std::vector<std::size_t> ends_;
    std::vector<char> null_;
};

namespace wire {

template <std::unsigned_integral T>
void put(std::string& out, T value) {
    for (int shift = static_cast<int>(sizeof(T) * 8) - 8; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>(static_cast<unsigned char>(value >> static_cast<unsigned>(shift))));
    }
}

// Throws BadValue unless `in` is exactly as long as T.
template <std::unsigned_integral T>
T get(std::string_view in) {
    if (in.size() != sizeof(T)) throw BadValue("a number of " + std::to_string(in.size()) + " bytes");
    T value = 0;
    for (const char byte : in) {
        value = static_cast<T>(static_cast<T>(value << 7U << 1U) | static_cast<unsigned char>(byte));
    }
    return value;
}

// The elements of a one-dimensional array; std::nullopt is a null. Throws BadValue on anything else.
std::vector<std::optional<std::string_view>> array_elements(std::string_view in, Oid element);

void put_array_head(std::string& out, std::size_t count, Oid element);
void put_array_element(std::string& out, std::size_t start);

}  // namespace wire

template <class T>
struct Codec;

template <class T>
concept Scalar = requires {
    { Codec<T>::type } -> std::convertible_to<Oid>;
};

template <class Integer, Oid Type, Oid Array>
struct IntegerCodec {
    static constexpr Oid type = Type;
    static constexpr Oid array = Array;

    static void encode(std::string& out, Integer value) {
        wire::put(out, static_cast<std::make_unsigned_t<Integer>>(value));
    }

    static Integer decode(std::string_view in) {
        return static_cast<Integer>(wire::get<std::make_unsigned_t<Integer>>(in));
    }
};

template <>
struct Codec<std::int16_t> : IntegerCodec<std::int16_t, oid::int2, oid::int2_array> {};

template <>
struct Codec<std::int32_t> : IntegerCodec<std::int32_t, oid::int4, oid::int4_array> {};

template <>
struct Codec<std::int64_t> : IntegerCodec<std::int64_t, oid::int8, oid::int8_array> {};

template <>
struct Codec<bool> {
    static constexpr Oid type = oid::boolean;
    static constexpr Oid array = oid::boolean_array;

    static void encode(std::string& out, bool value) { out.push_back(value ? '\1' : '\0'); }

    static bool decode(std::string_view in) { return wire::get<std::uint8_t>(in) != 0; }
};

template <>
struct Codec<double> {
    static constexpr Oid type = oid::float8;
    static constexpr Oid array = oid::float8_array;

    static void encode(std::string& out, double value) {
        wire::put(out, std::bit_cast<std::uint64_t>(value));
    }

    static double decode(std::string_view in) { return std::bit_cast<double>(wire::get<std::uint64_t>(in)); }
};

// Text must be UTF-8 without a zero byte; PostgreSQL refuses the rest (sqlstate 22021).
template <>
struct Codec<std::string> {
    static constexpr Oid type = oid::text;
    static constexpr Oid array = oid::text_array;

    static void encode(std::string& out, std::string_view value) { out.append(value); }

    static std::string decode(std::string_view in) { return std::string(in); }
};

// An argument only: there is nothing that a decoded view could point to.
template <>
struct Codec<std::string_view> {
    static constexpr Oid type = oid::text;
    static constexpr Oid array = oid::text_array;

    static void encode(std::string& out, std::string_view value) { out.append(value); }
};

template <>
struct Codec<Json> {
    static constexpr Oid type = oid::jsonb;
    static constexpr Oid array = oid::jsonb_array;

    static void encode(std::string& out, const Json& value) {
        out.push_back('\1');  // jsonb's version of its binary format, followed by the text
        out.append(value.text);
    }

    static Json decode(std::string_view in) {
        if (in.empty() || in.front() != '\1') throw BadValue("jsonb of an unknown version");
        return Json{std::string(in.substr(1))};
    }
};

template <>
struct Codec<Bytes> {
    static constexpr Oid type = oid::bytea;
    static constexpr Oid array = oid::bytea_array;

    static void encode(std::string& out, const Bytes& value) { out.append(as_text(value)); }

    static Bytes decode(std::string_view in) {
        const auto bytes = as_bytes(in);
        return Bytes(bytes.begin(), bytes.end());
    }
};

// A hash or another value of a fixed length.
template <std::size_t Size>
struct Codec<std::array<std::byte, Size>> {
    static constexpr Oid type = oid::bytea;
    static constexpr Oid array = oid::bytea_array;

    static void encode(std::string& out, const std::array<std::byte, Size>& value) {
        out.append(as_text(value));
    }

    static std::array<std::byte, Size> decode(std::string_view in) {
        if (in.size() != Size) throw BadValue("bytea of another length");
        std::array<std::byte, Size> value;
        std::ranges::copy(as_bytes(in), value.begin());
        return value;
    }
};

template <>
struct Codec<Xid> {
    static constexpr Oid type = oid::xid8;
    static constexpr Oid array = oid::xid8_array;

    static void encode(std::string& out, Xid value) { wire::put(out, value.number); }

    static Xid decode(std::string_view in) { return Xid{wire::get<std::uint64_t>(in)}; }
};

// Microseconds since 2000-01-01 UTC; -infinity and infinity have no Instant.
template <>
struct Codec<Instant> {
    static constexpr Oid type = oid::timestamptz;
    static constexpr Oid array = oid::timestamptz_array;
    static void encode(std::string& out, Instant value);
    static Instant decode(std::string_view in);
};

// Days since 2000-01-01.
template <>
struct Codec<std::chrono::sys_days> {
    static constexpr Oid type = oid::date;
    static constexpr Oid array = oid::date_array;
    static void encode(std::string& out, std::chrono::sys_days value);
    static std::chrono::sys_days decode(std::string_view in);
};

template <class Tag>
struct Codec<Id<Tag>> {
    static constexpr Oid type = oid::int8;
    static constexpr Oid array = oid::int8_array;

    static void encode(std::string& out, Id<Tag> id) { Codec<std::int64_t>::encode(out, id.value()); }

    static Id<Tag> decode(std::string_view in) { return Id<Tag>(Codec<std::int64_t>::decode(in)); }
};

template <class T, class Stored>
struct CodecAs {
    static constexpr Oid type = Codec<Stored>::type;
    static constexpr Oid array = Codec<Stored>::array;

    static void encode(std::string& out, const T& value) {
        Codec<Stored>::encode(out, Codec<T>::to_stored(value));
    }

    static T decode(std::string_view in) { return Codec<T>::from_stored(Codec<Stored>::decode(in)); }
};

template <class Enum>
constexpr std::pair<Enum, std::string_view> word(Enum value, std::string_view text) {
    return {value, text};
}

template <class Enum>
struct EnumWords;

template <class Enum>
    requires requires { EnumWords<Enum>::words; }
struct Codec<Enum> : CodecAs<Enum, std::string> {
    static std::string to_stored(Enum value) {
        for (const auto& [each, text] : EnumWords<Enum>::words) {
            if (each == value) return std::string(text);
        }
        throw BadValue("an enumeration's value without a word");
    }

    static Enum from_stored(const std::string& text) {
        for (const auto& [each, its_text] : EnumWords<Enum>::words) {
            if (its_text == text) return each;
        }
        throw BadValue("a word that the enumeration does not have: " + text);
    }
};

template <class T>
    requires Scalar<T>
struct Codec<std::vector<T>> {
    static constexpr Oid type = Codec<T>::array;

    static void encode(std::string& out, const std::vector<T>& values) {
        wire::put_array_head(out, values.size(), Codec<T>::type);
        for (const auto& value : values) {
            const std::size_t start = out.size();
            wire::put(out, std::uint32_t{0});
            Codec<T>::encode(out, value);
            wire::put_array_element(out, start);
        }
    }

    static std::vector<T> decode(std::string_view in) {
        std::vector<T> values;
        for (const auto& element : wire::array_elements(in, Codec<T>::type)) {
            if (!element) throw BadValue("a null in an array");
            values.push_back(Codec<T>::decode(*element));
        }
        return values;
    }
};

template <class T>
struct Codec<std::optional<T>> {
    static constexpr Oid type = Codec<T>::type;
};

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

}  // namespace detail

// One field of a row as it came; valid as long as its Rows.
struct Field {
    std::string_view bytes;
    bool null = false;
};

template <Scalar T>
void add_parameter(Parameters& parameters, const T& value) {
    if constexpr (detail::is_optional<T>) {
        if (value) Codec<typename T::value_type>::encode(parameters.bytes(), *value);
        parameters.close(!value);
    } else {
        Codec<T>::encode(parameters.bytes(), value);
        parameters.close();
    }
}

template <Scalar T>
T decode_field(const Field& field) {
    if constexpr (detail::is_optional<T>) {
        if (field.null) return std::nullopt;
        return Codec<typename T::value_type>::decode(field.bytes);
    } else {
        if (field.null) throw BadValue("a null where none was declared");
        return Codec<T>::decode(field.bytes);
    }
}

template <Scalar T>
constexpr Oid oid_of() {
    return Codec<T>::type;
}

// The columns of a row's struct, in the order of the select list.
template <class Row, class... Members>
struct ColumnList {
    std::array<std::string_view, sizeof...(Members)> names;
    std::tuple<Members Row::*...> members;
};

namespace detail {

template <class Row, class... Members, class Given, std::size_t... I>
constexpr auto pair_up(const Given& given, std::tuple<Members Row::*...>, std::index_sequence<I...>) {
    return ColumnList<Row, Members...>{{std::string_view(std::get<2 * I>(given))...},
                                       {std::get<2 * I + 1>(given)...}};
}

template <class Given, std::size_t... I>
constexpr auto members_of(const Given& given, std::index_sequence<I...>) {
    return std::tuple(std::get<2 * I + 1>(given)...);
}

}  // namespace detail

// columns("host", &DomainRow::host, "is_primary", &DomainRow::is_primary)
template <class... Given>
constexpr auto columns(Given... given) {
    static_assert(sizeof...(Given) % 2 == 0, "a name and a member for each column");
    constexpr auto indices = std::make_index_sequence<sizeof...(Given) / 2>();
    const std::tuple<Given...> all(given...);
    return detail::pair_up(all, detail::members_of(all, indices), indices);
}

template <class Row>
std::vector<Column> columns_of() {
    if constexpr (std::is_same_v<Row, Nothing>) {
        return {};
    } else if constexpr (Scalar<Row>) {
        return {Column{{}, oid_of<Row>(), detail::is_optional<Row>}};
    } else {
        std::vector<Column> all;
        const auto add = [&]<class... Members>(const ColumnList<Row, Members...>& list) {
            std::size_t i = 0;
            (all.push_back(Column{list.names[i++], oid_of<Members>(), detail::is_optional<Members>}), ...);
        };
        add(Row::columns);
        return all;
    }
}

}  // namespace cartwright::db
