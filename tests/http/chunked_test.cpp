#include "http/chunked.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace cartwright::http {
namespace {

using namespace std::string_literals;
using Verdict = ChunkedBody::Verdict;

struct Decoded {
    Verdict verdict = Verdict::more;
    std::string body;
    std::size_t taken = 0;
};

Decoded decode_in_steps(std::string_view bytes, std::size_t step_size, std::uint64_t limit) {
    ChunkedBody chunks(limit);
    Decoded decoded;
    while (decoded.taken < bytes.size()) {
        const std::string_view piece = bytes.substr(decoded.taken, step_size);
        const ChunkedBody::Step step = chunks.next(piece);
        decoded.taken += step.taken;
        decoded.body += step.data;
        decoded.verdict = step.verdict;
        if (step.verdict == Verdict::more) EXPECT_EQ(step.taken, piece.size());
        if (step.verdict != Verdict::more && step.verdict != Verdict::data) break;
    }
    EXPECT_EQ(chunks.decoded(), decoded.body.size());
    return decoded;
}

Decoded decode(std::string_view bytes, std::uint64_t limit = 1000) {
    const Decoded whole = decode_in_steps(bytes, bytes.size(), limit);
    const Decoded single = decode_in_steps(bytes, 1, limit);
    EXPECT_EQ(single.body, whole.body) << bytes;
    EXPECT_EQ(single.taken, whole.taken) << bytes;
    if (whole.verdict != Verdict::data) EXPECT_EQ(single.verdict, whole.verdict) << bytes;
    return whole;
}

Verdict verdict(std::string_view bytes) {
    return decode(bytes).verdict;
}

TEST(ChunkedBody, Decodes) {
    const Decoded it = decode("5\r\nhello\r\nA\r\n, world 12\r\n0\r\n\r\nGET / HTTP/1.1\r\n");
    EXPECT_EQ(it.verdict, Verdict::end);
    EXPECT_EQ(it.body, "hello, world 12");
    EXPECT_EQ(it.taken, 30U);
    EXPECT_EQ(decode("0\r\n\r\n").verdict, Verdict::end);
    EXPECT_EQ(decode("000005\r\nhello\r\n0000000000000000\r\n\r\n").body, "hello");
    EXPECT_EQ(decode("a\r\n0123456789\r\n0\r\n\r\n").body, "0123456789");
    EXPECT_EQ(decode("2\r\n\r\n\r\n0\r\n\r\n").body, "\r\n");
}

TEST(ChunkedBody, WaitsForTheEnd) {
    for (const char* unfinished : {"",
                                   "5",
                                   "5\r",
                                   "5\r\n",
                                   "5\r\nhello\r",
                                   "5\r\nhello\r\n",
                                   "5\r\nhello\r\n0\r\n",
                                   "5\r\nhello\r\n0\r\n\r",
                                   "0\r\nX-A: 1\r\n",
                                   "5;a=\"b"}) {
        EXPECT_EQ(verdict(unfinished), Verdict::more) << unfinished;
    }
}

TEST(ChunkedBody, TakesSizesOfHexDigitsOnly) {
    for (const std::string& bad : {"0x5"s,
                                   "+5"s,
                                   "-5"s,
                                   "-0"s,
                                   " 5"s,
                                   "5 "s,
                                   "5\t"s,
                                   "g"s,
                                   "5g"s,
                                   "5,"s,
                                   "5.0"s,
                                   "\xa0"
                                   "5"s,
                                   "5\xa0"s,
                                   "5\x0b"s,
                                   "5\x0c"s,
                                   ""s,
                                   "\""s,
                                   "5\0"s,
                                   "00000000000000005"s,
                                   "FFFFFFFFFFFFFFFFF"s,
                                   "5\r"s,
                                   "_5"s,
                                   "5_0"s,
                                   "\xef\xbc\x95"s}) {
        EXPECT_EQ(verdict(bad + "\r\nhello\r\n0\r\n\r\n"), Verdict::malformed) << bad;
    }
}

TEST(ChunkedBody, TakesCrLfOnly) {
    for (const char* bad : {"5\nhello\r\n0\r\n\r\n",
                            "5\r\nhello\n0\r\n\r\n",
                            "5\r\nhello\r\n0\n\r\n",
                            "5\r\nhello\r\n0\r\n\n",
                            "5\rhello\r\n0\r\n\r\n",
                            "5\r\r\nhello\r\n",
                            "5\r\nhelloXX0\r\n\r\n",
                            "6\r\nhello\r\n0\r\n\r\n",
                            "4\r\nhello\r\n0\r\n\r\n",
                            "5\r\nhello\r\r\n",
                            "\r\n5\r\nhello\r\n",
                            "5\r\nhello\r\n\r\n0\r\n\r\n",
                            "5\r\nhello\r\n0\r\n\rX",
                            "5\r\nhello0\r\n\r\n"}) {
        EXPECT_EQ(verdict(bad), Verdict::malformed) << bad;
    }
}

TEST(ChunkedBody, RefusesMoreThanTheLimit) {
    EXPECT_EQ(decode("5\r\nhello\r\n0\r\n\r\n", 5).verdict, Verdict::end);
    EXPECT_EQ(decode("5\r\nhello\r\n0\r\n\r\n", 4).verdict, Verdict::too_large);
    EXPECT_EQ(decode("5\r\nhello\r\n0\r\n\r\n", 4).taken, 3U);  // before a byte of it is read
    EXPECT_EQ(decode("3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n", 5).verdict, Verdict::too_large);
    EXPECT_EQ(decode("3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n", 5).body, "hel");
    EXPECT_EQ(decode("FFFFFFFFFFFFFFFF\r\nhello").verdict, Verdict::too_large);
    EXPECT_EQ(decode("3\r\nhel\r\nFFFFFFFFFFFFFFFD\r\nlo!").verdict, Verdict::too_large);
    EXPECT_EQ(decode("100000005\r\nhello").verdict, Verdict::too_large);
    EXPECT_EQ(decode("0\r\n\r\n", 0).verdict, Verdict::end);
}

TEST(ChunkedBody, ChecksExtensions) {
    for (const std::string& good : {";a"s,
                                    ";a=b"s,
                                    ";a=\"b\""s,
                                    ";a=\"\""s,
                                    ";a;b;c"s,
                                    " ; a = b"s,
                                    "\t;\ta\t=\tb"s,
                                    ";a=\"x;y=z \xff\""s,
                                    ";a=\"\\\"\\\\\""s,
                                    ";!#$%&'*+-.^_`|~=1"s,
                                    ";a=b ;c"s,
                                    ";a=\"b\" ;c"s}) {
        const Decoded it = decode("5" + good + "\r\nhello\r\n0" + good + "\r\n\r\n");
        EXPECT_EQ(it.verdict, Verdict::end) << good;
        EXPECT_EQ(it.body, "hello") << good;
    }
    for (const std::string& bad :
         {";"s,      "; "s,      ";;a"s,         ";=b"s,       ";a="s,       ";a=;b"s,
          ";a=\""s,  ";a=\"b"s,  ";a=\"b\"c"s,   ";a b"s,      ";a "s,       " a"s,
          ";a=b c"s, ";a=b "s,   ";a=\n"s,       ";a=\"\n\""s, ";a=\"\r\""s, ";a=\"\\\r\""s,
          ";a\x7f"s, ";a=\x7f"s, ";a=\"\x7f\""s, ";a\0"s,      ";a=\"\0\""s, ";a=\xff"s,
          ";a\n"s,   ";\n"s,     ";a,b"s,        ";a=@"s,      "=a"s}) {
        EXPECT_EQ(verdict("5" + bad + "\r\nhello\r\n0\r\n\r\n"), Verdict::malformed) << bad;
    }
}

TEST(ChunkedBody, BoundsExtensionsOfTheWholeBody) {
    const std::string chunk = "1;" + std::string(1022, 'e') + "\r\nx\r\n";
    std::string body;
    for (int i = 0; i < 7; ++i) body += chunk;
    EXPECT_EQ(verdict(body + "0\r\n\r\n"), Verdict::end);
    EXPECT_EQ(verdict(body + chunk + chunk + "0\r\n\r\n"), Verdict::malformed);
    EXPECT_EQ(verdict("1;" + std::string(100'000, 'e')), Verdict::malformed);
}

TEST(ChunkedBody, ThrowsTrailersAwayButChecksThem) {
    for (const std::string& good : {"X-Sum: 1"s,
                                    "X-Sum:"s,
                                    "x: \t\xff"s,
                                    "X-A: 1\r\nX-B: 2"s,
                                    "X-Forwarded-Host: b.test"s,
                                    "ETag: \"1\""s,
                                    "A-Very-Long-Name-That-Nobody-Has-Forbidden: 1"s}) {
        EXPECT_EQ(verdict("0\r\n" + good + "\r\n\r\n"), Verdict::end) << good;
    }
    for (const std::string& bad : {"X-A : 1"s,
                                   " X-A: 1"s,
                                   ":1"s,
                                   ": 1"s,
                                   "X-A"s,
                                   "X A: 1"s,
                                   "X-A: \0"s,
                                   "X-A: 1\x7f"s,
                                   "X-A: 1\r\n b"s,
                                   "X-A: 1\n"s,
                                   "X-A: 1\rX"s,
                                   "X\xe9: 1"s,
                                   "Content-Length: 5"s,
                                   "content-length: 5"s,
                                   "Transfer-Encoding: chunked"s,
                                   "TRANSFER-ENCODING: x"s,
                                   "Host: b.test"s,
                                   "Cookie: a=b"s,
                                   "Set-Cookie: a=b"s,
                                   "Authorization: x"s,
                                   "Connection: close"s,
                                   "Content-Type: a/b"s,
                                   "Content-Encoding: gzip"s,
                                   "Content-A-Very-Long-Name-Indeed: x"s,
                                   "If-Match: *"s,
                                   "TE: x"s,
                                   "Trailer: x"s,
                                   "Upgrade: h2c"s,
                                   "Expect: 100-continue"s,
                                   "Range: bytes=0-"s,
                                   "Origin: x"s,
                                   "Keep-Alive: x"s,
                                   "Proxy-Authorization: x"s}) {
        EXPECT_EQ(verdict("0\r\n" + bad + "\r\n\r\n"), Verdict::malformed) << bad;
    }
    EXPECT_EQ(verdict("0\r\nX-A: " + std::string(max_trailer_bytes, 'a')), Verdict::malformed);
}

TEST(ChunkedBody, SaysTheSameForever) {
    ChunkedBody over(10);
    EXPECT_EQ(over.next("0\r\n\r\n").verdict, Verdict::end);
    EXPECT_EQ(over.next("5\r\n").verdict, Verdict::end);
    EXPECT_EQ(over.next("5\r\n").taken, 0U);
    ChunkedBody broken(10);
    EXPECT_EQ(broken.next("x").verdict, Verdict::malformed);
    EXPECT_EQ(broken.next("5\r\n").verdict, Verdict::malformed);
    EXPECT_EQ(broken.next("").verdict, Verdict::malformed);
}

}  // namespace
}  // namespace cartwright::http
