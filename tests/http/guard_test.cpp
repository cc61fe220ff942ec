#include "http/guard.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::http {
namespace {

using namespace std::string_literals;

// What the guard makes of some bytes: 0 = it wants more, 200 = a whole head, else the refusal.
struct Read {
    std::unique_ptr<Head> head = std::make_unique<Head>();
    std::string bytes;
    int status = 0;
    std::size_t size = 0;
};

int verdict(Guard& guard, std::string_view bytes) {
    switch (guard.feed(bytes)) {
        case Guard::Verdict::more:
            return 0;
        case Guard::Verdict::head:
            return 200;
        case Guard::Verdict::refused:
            return guard.status();
    }
    return -1;
}

Read read(std::string bytes) {
    Read read;
    read.bytes = std::move(bytes);
    Guard guard(*read.head);
    read.status = verdict(guard, read.bytes);
    read.size = guard.size();
    // However the bytes are cut, the verdict is the same.
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}}) {
        Head head;
        Guard again(head);
        int status = 0;
        for (std::size_t end = step; status == 0; end += step) {
            status = verdict(again, std::string_view(read.bytes).substr(0, end));
            if (end >= read.bytes.size()) break;
        }
        EXPECT_EQ(status, read.status) << "in steps of " << step << ": " << read.bytes;
    }
    return read;
}

// A GET with these lines behind its Host.
Read with(const std::string& lines) {
    return read("GET /p HTTP/1.1\r\nHost: a.test\r\n" + lines + "\r\n");
}

Read host(const std::string& value) {
    return read("GET /p HTTP/1.1\r\nHost: " + value + "\r\n\r\n");
}

Read line(const std::string& request_line) {
    return read(request_line + "\r\nHost: a.test\r\n\r\n");
}

TEST(Guard, ReadsAPlainHead) {
    const Read it = read(
        "GET /a/b%20c?x=1&y=2 HTTP/1.1\r\nHost: Shop.Example:8080\r\nX-A: \t 1 2 \t\r\nX-B:\r\n\r\nrest");
    ASSERT_EQ(it.status, 200);
    EXPECT_EQ(it.size, it.bytes.size() - 4);
    const Head& head = *it.head;
    EXPECT_EQ(head.method, Method::get);
    EXPECT_EQ(head.method_text, "GET");
    EXPECT_EQ(head.version_minor, 1U);
    EXPECT_EQ(head.target, "/a/b%20c?x=1&y=2");
    EXPECT_EQ(head.path, "/a/b%20c");
    EXPECT_EQ(head.query, "x=1&y=2");
    EXPECT_EQ(head.host, "shop.example");
    EXPECT_EQ(head.framing, Framing::none);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_EQ(head.expect, Expect::nothing);
    ASSERT_EQ(head.field_count, 3U);
    EXPECT_EQ(head.fields[0].name, "Host");
    EXPECT_EQ(head.fields[1].name, "X-A");
    EXPECT_EQ(head.fields[1].value, "1 2");
    EXPECT_EQ(head.fields[2].value, "");
}

TEST(Guard, KnowsTheMethods) {
    const std::vector<std::pair<std::string, Method>> known{{"GET", Method::get},
                                                            {"HEAD", Method::head},
                                                            {"POST", Method::post},
                                                            {"PUT", Method::put},
                                                            {"PATCH", Method::patch},
                                                            {"DELETE", Method::del},
                                                            {"OPTIONS", Method::options}};
    for (const auto& [text, method] : known) {
        const Read it = line(text + " /p HTTP/1.1");
        ASSERT_EQ(it.status, 200) << text;
        EXPECT_EQ(it.head->method, method) << text;
    }
    EXPECT_EQ(line("TRACE /p HTTP/1.1").status, 405);
    EXPECT_EQ(line("CONNECT a.test:443 HTTP/1.1").status, 405);
    EXPECT_EQ(line("get /p HTTP/1.1").status, 501);  // methods are case-sensitive (RFC 9110 9.1)
    EXPECT_EQ(line("BREW /p HTTP/1.1").status, 501);
    EXPECT_EQ(line("GETX /p HTTP/1.1").status, 501);
    EXPECT_EQ(line("PRI * HTTP/2.0").status, 505);
    EXPECT_EQ(line("PRI * HTTP/1.1").status, 400);
}

// A refusal for the method comes only when the rest is in order: framing errors go first.
TEST(Guard, RefusesFramingBeforeMethods) {
    EXPECT_EQ(read("BREW /p HTTP/1.1\r\n\r\n").status, 400);
    EXPECT_EQ(read("BREW /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: x\r\n\r\n").status, 400);
    EXPECT_EQ(read("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nTransfer-Encoding: x\r\n\r\n").status,
              400);
}

TEST(Guard, TakesOnlyExactRequestLines) {
    for (const std::string& bad : {"GET  /p HTTP/1.1"s,
                                   "GET /p  HTTP/1.1"s,
                                   " GET /p HTTP/1.1"s,
                                   "GET /p HTTP/1.1 "s,
                                   "GET\t/p\tHTTP/1.1"s,
                                   "GET /p\tHTTP/1.1"s,
                                   "GET /p"s,
                                   "GET /p "s,
                                   "GET"s,
                                   "GET "s,
                                   "GET  "s,
                                   "/p HTTP/1.1"s,
                                   "GET /p http/1.1"s,
                                   "GET /p HTTP/1"s,
                                   "GET /p HTTP/1.10"s,
                                   "GET /p HTTP/11"s,
                                   "GET /p HTTP/1,1"s,
                                   "GET /p HTTP/1.a"s,
                                   "GET /p HTTP/+1.1"s,
                                   "GET /p HTTP /1.1"s,
                                   "GET /p RTSP/1.1"s,
                                   "GET /p XHTTP/1.1"s,
                                   "GET /p HTTP/1.1\v"s,
                                   "GET /p q HTTP/1.1"s,
                                   "G(E)T /p HTTP/1.1"s,
                                   "GE:T /p HTTP/1.1"s,
                                   "G\xc3\x89T /p HTTP/1.1"s,
                                   "GET /p\x7f HTTP/1.1"s,
                                   "GET /p\x80 HTTP/1.1"s,
                                   "GET /caf\xc3\xa9 HTTP/1.1"s,
                                   "GET /p#f HTTP/1.1"s,
                                   "GET /p\x01 HTTP/1.1"s,
                                   "G\0T /p HTTP/1.1"s,
                                   "GET /\0 HTTP/1.1"s,
                                   "\"GET\" /p HTTP/1.1"s}) {
        EXPECT_EQ(line(bad).status, 400) << bad;
    }
    for (const char* version :
         {"HTTP/0.9", "HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9", "HTTP/0.0"}) {
        EXPECT_EQ(line("GET /p "s + version).status, 505) << version;
    }
}

TEST(Guard, TakesLineEndsOnlyAsCrLf) {
    for (const std::string& bad : {"GET /p HTTP/1.1\nHost: a.test\r\n\r\n"s,
                                   "GET /p HTTP/1.1\r\nHost: a.test\n\r\n"s,
                                   "GET /p HTTP/1.1\r\nHost: a.test\r\n\n"s,
                                   "GET /p HTTP/1.1\rHost: a.test\r\n\r\n"s,
                                   "GET /p HTTP/1.1\r\nHost: a.test\r\r\n\r\n"s,
                                   "GET /p HTTP/1.1\r\nHost: a.test\r\n\r\r\n"s,
                                   "GET /p HTTP/1.1\r\nHost: a\r.test\r\n\r\n"s,
                                   "GET /p HTTP/1.1\r\n\rHost: a.test\r\n\r\n"s,
                                   "GET /p HTTP/1.1\r\nHost\r\n: a.test\r\n\r\n"s,
                                   "\nGET /p HTTP/1.1\r\nHost: a.test\r\n\r\n"s,
                                   "\rGET /p HTTP/1.1\r\nHost: a.test\r\n\r\n"s,
                                   "\r\n\nGET /p HTTP/1.1\r\nHost: a.test\r\n\r\n"s,
                                   "\n\r\nGET /p HTTP/1.1\r\nHost: a.test\r\n\r\n"s,
                                   "GET /p HTTP/1.1\r\nHost: a.test\r\n\rx"s}) {
        EXPECT_EQ(read(bad).status, 400) << bad;
    }
}

TEST(Guard, SkipsOneEmptyLineBeforeTheRequest) {
    const Read one = read("\r\nGET /p HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(one.status, 200);
    EXPECT_EQ(one.size, one.bytes.size());
    EXPECT_EQ(read("\r\n\r\nGET /p HTTP/1.1\r\nHost: a.test\r\n\r\n").status, 400);

    Head head;
    Guard guard(head);
    EXPECT_EQ(verdict(guard, "\r\n"), 0);
    EXPECT_FALSE(guard.begun());
    EXPECT_EQ(verdict(guard, "\r\nG"), 0);
    EXPECT_TRUE(guard.begun());
}

TEST(Guard, RefusesFolding) {
    EXPECT_EQ(with("X-A: a\r\n b\r\n").status, 400);
    EXPECT_EQ(with("X-A: a\r\n\tb\r\n").status, 400);
    EXPECT_EQ(with("X-A: a\r\n \r\n").status, 400);
    EXPECT_EQ(with("X-A:\r\n b\r\n").status, 400);
    EXPECT_EQ(read("GET /p HTTP/1.1\r\n X-A: a\r\nHost: a.test\r\n\r\n").status, 400);
    EXPECT_EQ(read("GET /p HTTP/1.1\r\n\tHost: a.test\r\n\r\n").status, 400);
}

TEST(Guard, RefusesMalformedFields) {
    for (const std::string& bad :
         {"X-A : 1"s,      "X-A\t: 1"s,  " X-A: 1"s,    ": 1"s,        ":"s,          "X-A"s,
          "X A: 1"s,       "X@A: 1"s,    "X(A): 1"s,    "X,A: 1"s,     "X;A: 1"s,     "X=A: 1"s,
          "X{A: 1"s,       "X[A: 1"s,    "X/A: 1"s,     "X?A: 1"s,     "X\\A: 1"s,    "\"X\": 1"s,
          "X\xc3\xa9: 1"s, "X\x7f: 1"s,  "X\x01: 1"s,   "X\0A: 1"s,    "X-A: \0"s,    "X-A: a\0b"s,
          "X-A: \x01"s,    "X-A: \x1f"s, "X-A: a\x7f"s, "X-A: a\x0b"s, "X-A: a\x0c"s, "X-A: a\x1b"s}) {
        EXPECT_EQ(with(bad + "\r\n").status, 400) << bad;
    }
    const Read it = with("!#$%&'*+-.^`|~9aZ: obs \x80\xff text\r\n");
    ASSERT_EQ(it.status, 200);
    EXPECT_EQ(it.head->fields[1].name, "!#$%&'*+-.^`|~9aZ");
    EXPECT_EQ(it.head->fields[1].value, "obs \x80\xff text");
}

TEST(Guard, WantsExactlyOneHost) {
    EXPECT_EQ(read("GET /p HTTP/1.1\r\n\r\n").status, 400);
    EXPECT_EQ(read("GET /p HTTP/1.1\r\nX-Forwarded-Host: a.test\r\n\r\n").status, 400);
    EXPECT_EQ(with("Host: a.test\r\n").status, 400);
    EXPECT_EQ(with("host: b.test\r\n").status, 400);
    EXPECT_EQ(with("HOST:\r\n").status, 400);
    EXPECT_EQ(read("GET /p HTTP/1.0\r\nHost: a.test\r\nHost: b.test\r\n\r\n").status, 400);

    const Read without = read("GET /p HTTP/1.0\r\n\r\n");
    EXPECT_EQ(without.status, 200);
    EXPECT_EQ(without.head->host, "");
}

TEST(Guard, MakesHostsCanonical) {
    const std::vector<std::pair<std::string, std::string>> good{
        {"a.test", "a.test"},
        {"A.TEST", "a.test"},
        {"a.test.", "a.test"},
        {"a.test:80", "a.test"},
        {"a.test.:80", "a.test"},
        {"a.test:", "a.test"},
        {"a.test:0", "a.test"},
        {"a.test:99999999", "a.test"},
        {"127.0.0.1:8080", "127.0.0.1"},
        {"[::1]", "[::1]"},
        {"[::1]:443", "[::1]"},
        {"[2001:DB8::A]", "[2001:db8::a]"},
        {"[v1.fe:80]", "[v1.fe:80]"},
        {"a_b.test", "a_b.test"},
        {"a%2etest", "a%2etest"},
        {"xn--e1afmkfd.test", "xn--e1afmkfd.test"},
        {"a.test,b.test", "a.test,b.test"},
        {"(a)", "(a)"},
        {std::string(255, 'a'), std::string(255, 'a')},
        {std::string(255, 'a') + ".", std::string(255, 'a')}};
    for (const auto& [value, canonical] : good) {
        const Read it = host(value);
        ASSERT_EQ(it.status, 200) << value;
        EXPECT_EQ(it.head->host, canonical) << value;
    }
}

TEST(Guard, RefusesMalformedHosts) {
    for (const std::string& bad : {""s,
                                   "."s,
                                   ":80"s,
                                   "u@a.test"s,
                                   "u:p@a.test"s,
                                   "a.test:80x"s,
                                   "a.test:x"s,
                                   "a.test:+80"s,
                                   "a.test:-1"s,
                                   "a.test:80:81"s,
                                   "a.test:8 0"s,
                                   "a.test/"s,
                                   "a.test/p"s,
                                   "a.test?"s,
                                   "a.test#b"s,
                                   "a.test\\b"s,
                                   "a test"s,
                                   "a.test\tb"s,
                                   "a.test b.test"s,
                                   "<a.test>"s,
                                   "{{7*7}}"s,
                                   "a^b"s,
                                   "a|b"s,
                                   "a`b"s,
                                   "\"a\""s,
                                   "a%2"s,
                                   "a%"s,
                                   "a%zz"s,
                                   "a%2g"s,
                                   "[::1"s,
                                   "::1"s,
                                   "[::1]x"s,
                                   "[::1]]"s,
                                   "[]"s,
                                   "[:::]"s,
                                   "[::g]"s,
                                   "[127.0.0.1]"s,
                                   "[::1%25eth0]"s,
                                   "[v.a]"s,
                                   "[v1.]"s,
                                   "[v1]"s,
                                   "[vg.a]"s,
                                   "[1::2::3]"s,
                                   "\xd0\xb0.test"s,
                                   "a\x80"s,
                                   "http://a.test"s,
                                   std::string(256, 'a')}) {
        EXPECT_EQ(host(bad).status, 400) << bad;
    }
}

TEST(Guard, TakesTheHostOfAnAbsoluteTarget) {
    const Read it = line("GET http://B.test:81/x?y HTTP/1.1");
    ASSERT_EQ(it.status, 200);
    EXPECT_EQ(it.head->host, "b.test");
    EXPECT_EQ(it.head->target, "/x?y");
    EXPECT_EQ(it.head->path, "/x");
    EXPECT_EQ(it.head->query, "y");
    EXPECT_EQ(line("GET HTTPS://b.test/x HTTP/1.1").head->host, "b.test");
    EXPECT_EQ(line("GET http://b.test HTTP/1.1").head->target, "/");
    EXPECT_EQ(line("GET http://b.test HTTP/1.1").head->path, "/");
    const Read query = line("GET http://b.test?q=1 HTTP/1.1");
    ASSERT_EQ(query.status, 200);
    EXPECT_EQ(query.head->path, "/");
    EXPECT_EQ(query.head->query, "q=1");
    EXPECT_EQ(read("GET http://b.test/x HTTP/1.0\r\n\r\n").head->host, "b.test");

    EXPECT_EQ(read("GET http://a.test/x HTTP/1.1\r\n\r\n").status, 400);  // Host is due all the same
    EXPECT_EQ(read("GET http://a.test/x HTTP/1.1\r\nHost: a b\r\n\r\n").status, 400);
    for (const char* bad : {"http:///x",
                            "http://",
                            "http://?q",
                            "http://u@a.test/",
                            "http://a.test:x/",
                            "http:/a.test/",
                            "http:a.test",
                            "ftp://a.test/x",
                            "ws://a.test/",
                            "javascript:alert(1)",
                            "file:///etc/passwd",
                            "http//a.test/",
                            "//a.test\\@b.test http://x/"}) {
        EXPECT_EQ(line("GET "s + bad + " HTTP/1.1").status, 400) << bad;
    }
    EXPECT_EQ(line("GET //b.test/x HTTP/1.1").head->host, "a.test");  // a path, not an authority
}

TEST(Guard, TakesOtherTargetFormsOnlyWhereTheyBelong) {
    EXPECT_EQ(line("OPTIONS * HTTP/1.1").status, 200);
    EXPECT_EQ(line("OPTIONS * HTTP/1.1").head->path, "*");
    EXPECT_EQ(line("GET * HTTP/1.1").status, 400);
    EXPECT_EQ(line("OPTIONS *x HTTP/1.1").status, 400);
    EXPECT_EQ(line("OPTIONS a.test:80 HTTP/1.1").status, 400);
    EXPECT_EQ(line("GET a.test:80 HTTP/1.1").status, 400);
    EXPECT_EQ(line("GET p HTTP/1.1").status, 400);
    EXPECT_EQ(line("GET ?a=b HTTP/1.1").status, 400);
    EXPECT_EQ(line("GET \\p HTTP/1.1").status, 400);
    EXPECT_EQ(line("CONNECT /p HTTP/1.1").status, 400);
    EXPECT_EQ(line("CONNECT u@a.test:443 HTTP/1.1").status, 400);
    // Spelling is the router's business.
    for (const char* odd : {"/p%zz",
                            "/p%",
                            "/%00",
                            "/a/../b",
                            "/:80",
                            "/p;s=1",
                            "/a|b",
                            "/p\"q",
                            "/{}",
                            "/p?a=1?b",
                            "/?",
                            "//"}) {
        EXPECT_EQ(line("GET "s + odd + " HTTP/1.1").status, 200) << odd;
    }
}

TEST(Guard, FramesByLength) {
    const Read five = with("Content-Length: 5\r\n");
    ASSERT_EQ(five.status, 200);
    EXPECT_EQ(five.head->framing, Framing::length);
    EXPECT_EQ(five.head->length, 5U);
    EXPECT_EQ(with("content-length:0000005\r\n").head->length, 5U);
    EXPECT_EQ(with("Content-Length: 999999999999999\r\n").head->length, 999999999999999U);
    const Read zero = with("Content-Length: 0\r\n");
    ASSERT_EQ(zero.status, 200);
    EXPECT_EQ(zero.head->framing, Framing::none);

    for (const std::string& bad : {""s,
                                   "x"s,
                                   "5x"s,
                                   "x5"s,
                                   "+5"s,
                                   "-5"s,
                                   "-0"s,
                                   "0x5"s,
                                   "5.0"s,
                                   "5e1"s,
                                   "5 "s + "5"s,
                                   "5,5"s,
                                   "5, 5"s,
                                   "5,6"s,
                                   ",5"s,
                                   "5,"s,
                                   "1_0"s,
                                   "\"5\""s,
                                   "5;a"s,
                                   "\xd9\xa5"s,
                                   "5\xa0"s,
                                   "18446744073709551621"s,
                                   "1000000000000000"s}) {
        EXPECT_EQ(with("Content-Length: " + bad + "\r\n").status, 400) << bad;
    }
    EXPECT_EQ(with("Content-Length: 5\r\nContent-Length: 5\r\n").status, 400);
    EXPECT_EQ(with("Content-Length: 5\r\ncontent-length: 6\r\n").status, 400);
    EXPECT_EQ(with("Content-Length: 0\r\nContent-Length: 0\r\n").status, 400);
    EXPECT_EQ(with("Content-Length : 5\r\n").status, 400);
}

TEST(Guard, FramesByChunks) {
    for (const std::string& good : {"chunked"s, "Chunked"s, "CHUNKED"s, " \t chunked \t "s}) {
        const Read it = with("Transfer-Encoding:" + good + "\r\n");
        ASSERT_EQ(it.status, 200) << good;
        EXPECT_EQ(it.head->framing, Framing::chunked) << good;
    }
    for (const std::string& bad : {""s,
                                   "identity"s,
                                   "gzip"s,
                                   "gzip, chunked"s,
                                   "chunked, gzip"s,
                                   "chunked, chunked"s,
                                   "chunked,"s,
                                   ",chunked"s,
                                   ","s,
                                   "xchunked"s,
                                   "chunkedx"s,
                                   "chunk"s,
                                   "chunked;q=1"s,
                                   "chunked; a"s,
                                   "\"chunked\""s,
                                   "'chunked'"s,
                                   "chunked/1"s,
                                   "chunked\xa0"s,
                                   "\xc2\xa0"
                                   "chunked"s,
                                   "chun\xe2\x84\xaa"
                                   "ed"s,
                                   "chunked identity"s,
                                   "[chunked]"s}) {
        EXPECT_EQ(with("Transfer-Encoding: " + bad + "\r\n").status, 400) << bad;
    }
    EXPECT_EQ(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n").status, 400);
    EXPECT_EQ(with("Transfer-Encoding: chunked\r\ntransfer-encoding: identity\r\n").status, 400);
    EXPECT_EQ(with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n").status, 400);
    EXPECT_EQ(with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n").status, 400);
    EXPECT_EQ(with("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n").status, 400);
    EXPECT_EQ(read("POST /p HTTP/1.0\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n").status, 400);
    // Names that only look like it frame nothing.
    EXPECT_EQ(with("X-Transfer-Encoding: chunked\r\nContent-Encoding: chunked\r\n").head->framing,
              Framing::none);
}

TEST(Guard, DropsNamesWithAnUnderscore) {
    const Read it =
        with("Content_Length: 41\r\nTransfer_Encoding: chunked\r\nX_A: 1\r\n__Host: b.test\r\nX-B: 2\r\n");
    ASSERT_EQ(it.status, 200);
    EXPECT_EQ(it.head->framing, Framing::none);
    ASSERT_EQ(it.head->field_count, 2U);
    EXPECT_EQ(it.head->fields[1].name, "X-B");
}

TEST(Guard, KeepsProxyClaimsApart) {
    const Read it = with(
        "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2, 3.3.3.3\r\nX-Forwarded-Proto: https\r\n"
        "X-Forwarded-Host: b.test\r\nX-Forwarded-Port: 1\r\nForwarded: for=4.4.4.4\r\nX-Real-IP: 5.5.5.5\r\n"
        "X-Request-Id: abc\r\nX-C: 1\r\n");
    ASSERT_EQ(it.status, 200);
    EXPECT_EQ(it.head->forwarded_for, "2.2.2.2, 3.3.3.3");
    EXPECT_EQ(it.head->forwarded_proto, "https");
    EXPECT_EQ(it.head->forwarded_host, "b.test");
    EXPECT_EQ(it.head->request_id, "abc");
    EXPECT_EQ(it.head->host, "a.test");
    ASSERT_EQ(it.head->field_count, 2U);
    EXPECT_EQ(it.head->fields[1].name, "X-C");
}

TEST(Guard, ReadsConnectionOptions) {
    EXPECT_TRUE(with("").head->keep_alive);
    EXPECT_FALSE(with("Connection: close\r\n").head->keep_alive);
    EXPECT_FALSE(with("Connection: keep-alive, Close\r\n").head->keep_alive);
    EXPECT_FALSE(with("Connection: close, keep-alive\r\n").head->keep_alive);
    EXPECT_FALSE(with("Connection: keep-alive\r\nConnection: x ,close\t\r\n").head->keep_alive);
    EXPECT_TRUE(with("Connection: closed, xclose, close1\r\n").head->keep_alive);
    for (const char* bad : {"\"close\"", "clos e", "close;q=1", "close, (x)", "close\xff", "close=1"}) {
        EXPECT_EQ(with(std::string("Connection: ") + bad + "\r\n").status, 400) << bad;
    }
    EXPECT_TRUE(with("Connection: ,,\r\n").head->keep_alive);
    const auto old = [](const std::string& lines) {
        return read("GET /p HTTP/1.0\r\nHost: a.test\r\n" + lines + "\r\n").head->keep_alive;
    };
    EXPECT_FALSE(old(""));
    EXPECT_TRUE(old("Connection: Keep-Alive\r\n"));
    EXPECT_FALSE(old("Connection: keep-alive, close\r\n"));
    EXPECT_EQ(read("GET /p HTTP/1.0\r\n\r\n").head->version_minor, 0U);
    // An upgrade that we don't know is not one (RFC 9110 7.8).
    EXPECT_EQ(with("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n").status,
              200);
}

TEST(Guard, ReadsExpectations) {
    EXPECT_EQ(with("Expect: 100-continue\r\n").head->expect, Expect::continue_100);
    EXPECT_EQ(with("Expect: 100-Continue\r\n").head->expect, Expect::continue_100);
    EXPECT_EQ(with("Expect: 100-continue\r\nExpect: 100-continue\r\n").head->expect, Expect::continue_100);
    EXPECT_EQ(with("Expect: cookies\r\n").head->expect, Expect::unknown);
    EXPECT_EQ(with("Expect:\r\n").head->expect, Expect::unknown);
    EXPECT_EQ(with("Expect: y 100-continue\r\n").head->expect, Expect::unknown);
    EXPECT_EQ(with("Expect: 100-continue, x\r\n").head->expect, Expect::unknown);
    EXPECT_EQ(with("Expect: x\r\nExpect: 100-continue\r\n").head->expect, Expect::unknown);
    EXPECT_EQ(read("POST /p HTTP/1.0\r\nHost: a.test\r\nExpect: x\r\n\r\n").head->expect, Expect::nothing);
}

TEST(Guard, LimitsTheRequestLine) {
    const auto target = [](std::size_t line_size) { return "/" + std::string(line_size - 14, 'a'); };
    EXPECT_EQ(line("GET " + target(max_request_line - 1) + " HTTP/1.1").status, 200);
    EXPECT_EQ(line("GET " + target(max_request_line) + " HTTP/1.1").status, 414);
    EXPECT_EQ(read("GET /" + std::string(max_request_line, 'a')).status, 414);
    EXPECT_EQ(read(std::string(max_request_line, 'A')).status, 414);
    EXPECT_EQ(read(std::string(max_request_line - 1, 'A')).status, 0);
}

TEST(Guard, LimitsTheHead) {
    const std::string front = "GET /p HTTP/1.1\r\nHost: a.test\r\nX-A: ";
    const auto of_size = [&](std::size_t size) {
        return front + std::string(size - front.size() - 4, 'a') + "\r\n\r\n";
    };
    EXPECT_EQ(read(of_size(max_head_bytes)).status, 200);
    EXPECT_EQ(read(of_size(max_head_bytes + 1)).status, 431);
    EXPECT_EQ(read(front + std::string(max_head_bytes, 'a')).status, 431);
    EXPECT_EQ(read("GET /p HTTP/1.1\r\n" + std::string(max_head_bytes, 'N')).status, 431);
}

TEST(Guard, LimitsTheNumberOfFields) {
    const auto fields = [](std::size_t count) {
        std::string lines;
        for (std::size_t i = 0; i < count; ++i) lines += "X-" + std::to_string(i) + ": 1\r\n";
        return lines;
    };
    const Read most = with(fields(max_fields - 1));
    ASSERT_EQ(most.status, 200);
    EXPECT_EQ(most.head->field_count, max_fields);
    EXPECT_EQ(with(fields(max_fields)).status, 431);
    // Fields that are dropped count as well.
    std::string dropped;
    for (std::size_t i = 0; i < max_fields; ++i) dropped += "X_A: 1\r\n";
    EXPECT_EQ(with(dropped).status, 431);
}

TEST(Guard, RefusesOtherProtocols) {
    EXPECT_EQ(read("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status, 505);
    EXPECT_EQ(read("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s).status, 400);
    EXPECT_EQ(read("\r\n\r\n\0\r\nQUIT\n!\x11"s).status, 400);
    EXPECT_EQ(read("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n").status, 400);
    EXPECT_EQ(read("*1\r\n$4\r\nPING\r\n").status, 400);
    EXPECT_EQ(read("EHLO x\r\n").status, 400);
    EXPECT_EQ(read("SSH-2.0-OpenSSH_9.2\r\n").status, 400);
}

TEST(Guard, StartsAnewAfterReset) {
    Head head;
    Guard guard(head);
    ASSERT_EQ(
        verdict(
            guard,
            "POST /p HTTP/1.0\r\nHost: b.test\r\nContent-Length: 3\r\nExpect: x\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n"),
        200);
    guard.reset();
    ASSERT_EQ(verdict(guard, "GET /q HTTP/1.1\r\nHost: a.test\r\n\r\n"), 200);
    EXPECT_EQ(head.framing, Framing::none);
    EXPECT_EQ(head.length, 0U);
    EXPECT_EQ(head.host, "a.test");
    EXPECT_EQ(head.forwarded_for, "");
    EXPECT_EQ(head.field_count, 1U);
    EXPECT_TRUE(head.keep_alive);
    guard.reset();
    ASSERT_EQ(verdict(guard, "bad\r\n"), 400);
    ASSERT_EQ(verdict(guard, "bad\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n"), 400);
}

}  // namespace
}  // namespace cartwright::http
