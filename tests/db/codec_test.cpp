// Values become PostgreSQL's binary formats and come back; what does not fit is refused. The bytes are those
// that PostgreSQL's own send functions make (checked once more against a server in codec_pgtest).
#include "db/codec.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace cartwright::db {

enum class Colour : std::uint8_t { red, green, unnamed };

template <>
struct EnumWords<Colour> {
    static constexpr std::array words{word(Colour::red, "red"), word(Colour::green, "green")};
};

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

template <class T>
std::string bytes_of(const T& value) {
    std::string out;
    Codec<T>::encode(out, value);
    return out;
}

template <class T>
T back(const T& value) {
    return Codec<T>::decode(bytes_of(value));
}

}  // namespace

TEST(CodecTest, NumbersAreBigEndian) {
    EXPECT_EQ(bytes_of(std::int16_t{-2}), "\xff\xfe"s);
    EXPECT_EQ(bytes_of(std::int32_t{258}), "\0\0\1\2"s);
    EXPECT_EQ(bytes_of(std::int64_t{-1}), "\xff\xff\xff\xff\xff\xff\xff\xff"s);
    EXPECT_EQ(bytes_of(1.5), "\x3f\xf8\0\0\0\0\0\0"s);
    EXPECT_EQ(bytes_of(true), "\1"s);
    for (const std::int64_t each : {std::numeric_limits<std::int64_t>::min(),
                                    std::int64_t{0},
                                    std::int64_t{1} << 40U,
                                    std::numeric_limits<std::int64_t>::max()}) {
        EXPECT_EQ(back(each), each);
    }
    EXPECT_EQ(back(std::int32_t{-7}), -7);
    EXPECT_EQ(back(ShopId(77)), ShopId(77));
    EXPECT_EQ(back(Xid{~0ULL}), Xid{~0ULL});
}

TEST(CodecTest, TimesCountFromTheYear2000) {
    const Instant epoch = std::chrono::sys_days(std::chrono::year{2000} / 1 / 1);
    EXPECT_EQ(bytes_of(epoch), "\0\0\0\0\0\0\0\0"s);
    EXPECT_EQ(bytes_of(epoch - std::chrono::microseconds(1)), "\xff\xff\xff\xff\xff\xff\xff\xff"s);
    const Instant now =
        std::chrono::sys_days(std::chrono::year{2026} / 3 / 14) + std::chrono::microseconds(123456789);
    EXPECT_EQ(back(now), now);
    const std::chrono::sys_days day = std::chrono::year{1969} / 7 / 20;
    EXPECT_EQ(back(day), day);
    EXPECT_THROW(Codec<Instant>::decode("\x7f\xff\xff\xff\xff\xff\xff\xff"s), BadValue);
    EXPECT_THROW(Codec<Instant>::decode("\x80\0\0\0\0\0\0\0"s), BadValue);
    EXPECT_THROW(Codec<Instant>::decode("\x7f\xff\xff\xff\xff\xff\xff\xfe"s), BadValue);
    EXPECT_THROW(Codec<std::chrono::sys_days>::decode("\x7f\xff\xff\xff"s), BadValue);
}

TEST(CodecTest, TextJsonAndBytes) {
    EXPECT_EQ(bytes_of("кот"s), "кот");
    EXPECT_EQ(back(Json{R"({"a": 1})"}), Json{R"({"a": 1})"});
    EXPECT_EQ(bytes_of(Json{"{}"}), "\1{}"s);
    EXPECT_THROW(Codec<Json>::decode("\2{}"), BadValue);
    EXPECT_THROW(Codec<Json>::decode(""), BadValue);
    const Bytes bytes{std::byte{0}, std::byte{255}};
    EXPECT_EQ(bytes_of(bytes), "\0\xff"s);
    EXPECT_EQ(back(bytes), bytes);
    const std::array<std::byte, 2> two{std::byte{1}, std::byte{2}};
    EXPECT_EQ(back(two), two);
    EXPECT_THROW((Codec<std::array<std::byte, 2>>::decode("\1"s)), BadValue);
}

TEST(CodecTest, Arrays) {
    EXPECT_EQ(bytes_of(std::vector<std::int32_t>{}), "\0\0\0\0\0\0\0\0\0\0\0\x17"s);
    EXPECT_EQ(bytes_of(std::vector<std::int16_t>{7}),
              "\0\0\0\1\0\0\0\0\0\0\0\x15\0\0\0\1\0\0\0\1\0\0\0\2\0\7"s);
    const std::vector<std::string> words{"", "кот", "{}"};
    EXPECT_EQ(back(words), words);
    const std::string good = bytes_of(std::vector<std::int16_t>{7});
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_THROW(Codec<std::vector<std::int16_t>>::decode(good.substr(0, size)), BadValue) << size;
    }
    EXPECT_THROW(Codec<std::vector<std::int16_t>>::decode(good + "x"), BadValue);
    EXPECT_THROW(Codec<std::vector<std::int32_t>>::decode(good), BadValue);
    EXPECT_THROW(Codec<std::vector<std::int16_t>>::decode(
                     "\0\0\0\1\0\0\0\1\0\0\0\x15\0\0\0\1\0\0\0\1\xff\xff\xff\xff"s),
                 BadValue);
    EXPECT_THROW(Codec<std::vector<std::int16_t>>::decode(
                     "\0\0\0\2\0\0\0\0\0\0\0\x15\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\2\0\7"s),
                 BadValue);
    EXPECT_THROW(
        Codec<std::vector<std::int16_t>>::decode("\0\0\0\1\0\0\0\0\0\0\0\x15\xff\xff\xff\xff\0\0\0\1"s),
        BadValue);
}

TEST(CodecTest, NumbersOfAnotherLengthAreRefused) {
    EXPECT_THROW(Codec<std::int32_t>::decode("\0\0"s), BadValue);
    EXPECT_THROW(Codec<std::int64_t>::decode(""), BadValue);
    EXPECT_THROW(Codec<bool>::decode("\1\1"s), BadValue);
}

TEST(CodecTest, NullsNeedAnOptional) {
    EXPECT_EQ(decode_field<std::optional<std::int32_t>>(Field{.bytes = {}, .null = true}), std::nullopt);
    EXPECT_EQ(decode_field<std::optional<std::int32_t>>(Field{.bytes = "\0\0\0\5"sv, .null = false}), 5);
    EXPECT_THROW(decode_field<std::int32_t>(Field{.bytes = {}, .null = true}), BadValue);
}

TEST(CodecTest, EnumerationsAreWords) {
    EXPECT_EQ(bytes_of(Colour::green), "green");
    EXPECT_EQ(Codec<Colour>::decode("red"), Colour::red);
    EXPECT_THROW(Codec<Colour>::decode("blue"), BadValue);
    EXPECT_THROW(bytes_of(Colour::unnamed), BadValue);
    EXPECT_EQ(oid_of<Colour>(), oid::text);
}

TEST(CodecTest, ParametersKeepTheirPlaces) {
    Parameters parameters;
    add_parameter<std::string>(parameters, "one");
    add_parameter<std::optional<std::string>>(parameters, std::nullopt);
    add_parameter<std::string>(parameters, "");
    ASSERT_EQ(parameters.count(), 3U);
    EXPECT_EQ(parameters[0], "one");
    EXPECT_TRUE(parameters.is_null(1));
    EXPECT_EQ(parameters[2], "");
    EXPECT_FALSE(parameters.is_null(2));
    parameters.clear();
    EXPECT_EQ(parameters.count(), 0U);
}

}  // namespace cartwright::db
