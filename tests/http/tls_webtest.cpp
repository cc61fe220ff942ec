// TLS as other programs see it: openssl s_client and curl are the clients.
#include "http/tls.hpp"

#include "edge_client.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace cartwright::http {
namespace {

using namespace std::chrono_literals;

// What a command prints on both its outputs.
std::string run(const std::string& command) {
    std::string output;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return output;
    std::array<char, 4096> piece;
    for (std::size_t size = 0; (size = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
        output.append(piece.data(), size);
    ::pclose(pipe);
    return output;
}

class TlsTest : public EdgeTest {
public:
    TlsTest() : folder(std::filesystem::path(::testing::TempDir()) / fmt::format("tls_{}", ::getpid())) {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
    }

    ~TlsTest() override {
        stop();
        std::filesystem::remove_all(folder);
    }

    void issue(const std::string& name, const std::string& alternatives, int days = 3) const {
        const std::string made = run(fmt::format(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days {} -subj /CN={} "
            "-addext subjectAltName={} -keyout {}/{}.key -out {}/{}.crt",
            days,
            name,
            alternatives,
            folder.string(),
            name,
            folder.string(),
            name));
        ASSERT_TRUE(std::filesystem::exists(folder / (name + ".crt"))) << made;
    }

    void start_tls() {
        options.certificates = std::make_shared<Certificates>(folder);
        start({}, {.kind = Listener::Kind::tls});
    }

    std::string s_client(const std::string& arguments, const std::string& input = "") const {
        return run(fmt::format(
            "printf '{}' | timeout 10 openssl s_client -connect 127.0.0.1:{} {}", input, port(), arguments));
    }

    // The CN of the certificate that is shown for a name.
    std::string shown(const std::string& server_name) const {
        const std::string asked = server_name.empty() ? "-noservername" : "-servername " + server_name;
        const std::string subject = run(fmt::format(
            "timeout 10 openssl s_client -connect 127.0.0.1:{} {} </dev/null 2>/dev/null | openssl x509 -noout -subject",
            port(),
            asked));
        const auto at = subject.rfind("CN = ");
        return at == std::string::npos ? subject : subject.substr(at + 5, subject.find('\n') - at - 5);
    }

    std::string curl(const std::string& arguments) const {
        return run(
            fmt::format("curl -sS --max-time 10 --cacert {}/a.crt --resolve a.test:{}:127.0.0.1 {}",
                        folder.string(),
                        port(),
                        fmt::format(fmt::runtime(arguments), fmt::format("https://a.test:{}", port()))));
    }

    std::filesystem::path folder;
};

TEST_F(TlsTest, ChoosesTheCertificateByName) {
    issue("a", "DNS:a.test,DNS:www.A.test");
    issue("wild", "DNS:*.shops.test");
    issue("short", "DNS:twice.test", 2);
    issue("long", "DNS:twice.test", 9);
    std::filesystem::create_directories(folder / "acme");
    issue("acme", "DNS:acme.test");
    std::filesystem::rename(folder / "acme.crt", folder / "acme/fullchain.pem");
    std::filesystem::rename(folder / "acme.key", folder / "acme/privkey.pem");
    issue("default", "DNS:nobody.test");
    start_tls();
    EXPECT_EQ(options.certificates->size(), 6U);
    EXPECT_EQ(shown("a.test"), "a");
    EXPECT_EQ(shown("WWW.a.TEST"), "a");
    EXPECT_EQ(shown("one.shops.test"), "wild");
    EXPECT_EQ(shown("shops.test"), "default");
    EXPECT_EQ(shown("two.levels.shops.test"), "default");
    EXPECT_EQ(shown("twice.test"), "long");
    EXPECT_EQ(shown("acme.test"), "acme");
    EXPECT_EQ(shown("unknown.test"), "default");
    EXPECT_EQ(shown(""), "default");
}

TEST_F(TlsTest, SpeaksHttpWithCurl) {
    issue("a", "DNS:a.test");
    start_tls();
    EXPECT_EQ(curl("{}/p"), "0 a.test /p 127.0.0.1 https []\n");
    EXPECT_EQ(curl("--http2 {}/p"), "0 a.test /p 127.0.0.1 https []\n");  // offered, not taken
    EXPECT_EQ(curl("{}/big").size(), std::size_t{8} << 20);
    EXPECT_EQ(curl("{}/page"), std::string(page_bytes, 'x'));
    const std::string upload = (folder / "upload").string();
    std::ofstream(upload) << std::string(700'000, 'u');
    EXPECT_EQ(curl("--data-binary @" + upload + " {}/stream"),
              "2 a.test /stream 127.0.0.1 https [" + std::string(700'000, 'u') + "]\n");
    EXPECT_EQ(curl("--tls-max 1.2 {}/p"), "0 a.test /p 127.0.0.1 https []\n");
}

TEST_F(TlsTest, AnswersPipelinedRequests) {
    issue("a", "DNS:a.test");
    start_tls();
    const std::string out = s_client(
        "-quiet -ign_eof -servername a.test",
        "GET /1 HTTP/1.1\\r\\nHost: a.test\\r\\n\\r\\nGET /2 HTTP/1.1\\r\\nHost: a.test\\r\\nConnection: close\\r\\n\\r\\n");
    const auto first = out.find("0 a.test /1 127.0.0.1 https []\n");
    const auto second = out.find("0 a.test /2 127.0.0.1 https []\n");
    ASSERT_NE(first, std::string::npos) << out;
    ASSERT_NE(second, std::string::npos) << out;
    EXPECT_LT(first, second);
}

TEST_F(TlsTest, RefusesOldProtocolsAndOthers) {
    issue("a", "DNS:a.test");
    start_tls();
    EXPECT_NE(s_client("-tls1_1 -cipher ALL:@SECLEVEL=0").find("alert protocol version"), std::string::npos);
    EXPECT_NE(s_client("-tls1_2 -cipher AES128-SHA").find("handshake failure"), std::string::npos);
    EXPECT_NE(s_client("-alpn h2").find("alert no application protocol"), std::string::npos);
    EXPECT_NE(s_client("-alpn h2,http/1.1").find("ALPN protocol: http/1.1"), std::string::npos);
    EXPECT_NE(s_client("-tls1_2").find("Protocol  : TLSv1.2"), std::string::npos);
    EXPECT_NE(s_client("-tls1_3").find("TLSv1.3, Cipher is"), std::string::npos);
    Client plain(port());
    plain.send("GET /p HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(plain.answer().status, 0);
    EXPECT_EQ(curl("{}/p"), "0 a.test /p 127.0.0.1 https []\n");
}

TEST_F(TlsTest, ResumesSessions) {
    issue("a", "DNS:a.test");
    start_tls();
    const std::string session = (folder / "session").string();
    s_client("-tls1_2 -servername a.test -sess_out " + session);
    EXPECT_NE(s_client("-tls1_2 -servername a.test -sess_in " + session).find("Reused, TLSv1.2"),
              std::string::npos);
}

TEST_F(TlsTest, ReloadsWithoutARestart) {
    issue("a", "DNS:a.test");
    start_tls();
    EXPECT_EQ(shown("new.test"), "a");
    const std::string slow = fmt::format(
        "(printf 'GET /1 HTTP/1.1\\r\\nHost: a.test\\r\\n\\r\\n'; while [ ! -e {0}/go ]; do sleep 0.02; done; "
        "printf 'GET /2 HTTP/1.1\\r\\nHost: a.test\\r\\nConnection: close\\r\\n\\r\\n') | "
        "timeout 10 openssl s_client -quiet -ign_eof -connect 127.0.0.1:{1}",
        folder.string(),
        port());
    FILE* old = ::popen((slow + " 2>/dev/null").c_str(), "r");
    while (server->open_connections() == 0) usleep(1000);
    issue("new", "DNS:new.test");
    options.certificates->reload();
    EXPECT_EQ(options.certificates->size(), 2U);
    EXPECT_EQ(shown("new.test"), "new");
    EXPECT_EQ(shown("a.test"), "a");

    // A broken pair leaves everything as it was, and is named.
    std::ofstream(folder / "broken.crt") << "no certificate";
    try {
        options.certificates->reload();
        FAIL() << "broken.crt is no certificate";
    } catch (const std::runtime_error& problem) {
        EXPECT_NE(std::string(problem.what()).find((folder / "broken.crt").string()), std::string::npos)
            << problem.what();
    }
    EXPECT_EQ(options.certificates->size(), 2U);
    EXPECT_EQ(shown("new.test"), "new");

    std::ofstream(folder / "go") << "";
    std::string seen;
    std::array<char, 4096> piece;
    for (std::size_t size = 0; (size = std::fread(piece.data(), 1, piece.size(), old)) > 0;)
        seen.append(piece.data(), size);
    ::pclose(old);
    EXPECT_NE(seen.find("0 a.test /2 127.0.0.1 https []"), std::string::npos) << seen;
}

TEST_F(TlsTest, RefusesFoldersWithoutAUsablePair) {
    EXPECT_THROW(Certificates{folder}, std::runtime_error);
    EXPECT_THROW(Certificates{folder / "missing"}, std::runtime_error);
    issue("a", "DNS:a.test");
    issue("b", "DNS:b.test");
    std::filesystem::copy_file(
        folder / "b.key", folder / "a.key", std::filesystem::copy_options::overwrite_existing);
    try {
        Certificates mismatched(folder);
        FAIL() << "a.key is not the key of a.crt";
    } catch (const std::runtime_error& problem) {
        EXPECT_NE(std::string(problem.what()).find("a.key"), std::string::npos) << problem.what();
    }
    std::filesystem::remove(folder / "a.key");
    EXPECT_THROW(Certificates{folder}, std::runtime_error);
}

TEST_F(TlsTest, EndsSlowHandshakes) {
    options.limits.handshake = 100ms;
    issue("a", "DNS:a.test");
    start_tls();
    Client silent(port());
    EXPECT_EQ(silent.rest().find("(open)"), std::string::npos);
    Client half(port());
    half.send("\x16\x03\x01");
    EXPECT_EQ(half.rest().find("(open)"), std::string::npos);
    EXPECT_EQ(curl("{}/p"), "0 a.test /p 127.0.0.1 https []\n");
}

TEST_F(TlsTest, NeedsCertificates) {
    EXPECT_THROW(start({}, {.kind = Listener::Kind::tls}), std::runtime_error);
    server.reset();
}

}  // namespace
}  // namespace cartwright::http
