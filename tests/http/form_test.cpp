#include "http/form.hpp"

#include "http/multipart.hpp"
#include "http/sent.hpp"

#include <gtest/gtest.h>

namespace cartwright::http {
namespace {

using test::Sent;

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(UrlencodedForm, IsDecodedOnceInOrder) {
    const auto form = Form::parse_urlencoded("name=%D0%AF+%26+ty&a=1&a=2&&empty=&bare&plus=%2B&twice=%2541");
    ASSERT_TRUE(form);
    const Pairs expected{{"name", "Я & ty"},
                         {"a", "1"},
                         {"a", "2"},
                         {"empty", ""},
                         {"bare", ""},
                         {"plus", "+"},
                         {"twice", "%41"}};
    EXPECT_EQ(form->fields(), expected);
    EXPECT_EQ(form->value("a"), "1");
    EXPECT_EQ(form->values("a"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_TRUE(form->has("bare"));
    EXPECT_FALSE(form->has("none"));
    EXPECT_EQ(form->value("none"), "");
}

TEST(UrlencodedForm, BrokenEncodingRefusesTheWhole) {
    for (const std::string_view body :
         {"a=%", "a=%2", "a=%zz", "a=%00", "a=%ff", "a=%c0%af", "%=1", "\xff=1"}) {
        const auto form = Form::parse_urlencoded(body);
        ASSERT_FALSE(form) << body;
        EXPECT_EQ(form.error().reason(), bad_form) << body;
    }
}

TEST(UrlencodedForm, LimitsAreExact) {
    const FormLimits limits{.fields = 3, .name = 4, .value = 5};
    EXPECT_TRUE(Form::parse_urlencoded("a=1&b=2&c=3", limits));
    EXPECT_EQ(Form::parse_urlencoded("a=1&b=2&c=3&d=4", limits).error().reason(), form_too_large);
    EXPECT_TRUE(Form::parse_urlencoded("abcd=12345", limits));
    EXPECT_EQ(Form::parse_urlencoded("abcde=1", limits).error().reason(), form_too_large);
    EXPECT_EQ(Form::parse_urlencoded("a=123456", limits).error().reason(), form_too_large);
    EXPECT_TRUE(Form::parse_urlencoded("a=%31%32%33%34%35", limits));
    EXPECT_EQ(Form::parse_urlencoded("a=%31%32%33%34%35%36", limits).error().reason(), form_too_large);
}

TEST(FormOfRequest, TheTypeDecides) {
    Sent urlencoded(
        Method::post, "/", {{"Content-Type", "Application/X-WWW-Form-Urlencoded; charset=utf-8"}});
    urlencoded.body("a=1");
    EXPECT_EQ(Form::of(urlencoded.request)->value("a"), "1");
    Sent plain(Method::post, "/", {{"Content-Type", "text/plain"}});
    plain.body("a=1");
    EXPECT_EQ(Form::of(plain.request).error().reason(), bad_form);
    Sent json(Method::post, "/", {{"Content-Type", "application/json"}});
    json.body("{}");
    EXPECT_FALSE(Form::of(json.request));
    EXPECT_TRUE(Form::of(Sent(Method::post).request)->fields().empty());
}

// Writes down what it is told.
class Diary final : public PartSink {
public:
    Outcome<> begin(const PartHead& head) override {
        told += "[" + head.name + (head.filename ? "|" + *head.filename : "") +
                (head.type.empty() ? "" : "|" + head.type) + ":";
        return {};
    }

    Outcome<> data(std::string_view bytes) override {
        told += bytes;
        return {};
    }

    Outcome<> end() override {
        told += "]";
        return {};
    }

    std::string told;
};

std::string read_in_pieces(std::string_view body,
                           std::size_t piece,
                           std::string_view boundary = "b",
                           const MultipartLimits& limits = {}) {
    Diary diary;
    MultipartReader reader(boundary, diary, limits);
    while (!body.empty()) {
        const auto taken = reader.feed(body.substr(0, piece));
        if (!taken) return "refused " + std::string(taken.error().code());
        body.remove_prefix(std::min(piece, body.size()));
    }
    const auto finished = reader.finish();
    return finished ? diary.told : "unfinished";
}

constexpr std::string_view two_parts =
    "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nRed\r\n-shirt\r\n--b-not\r\n"
    "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"C:\\pics\\a b.png\"\r\nContent-Type: image/png\r\n\r\n"
    "\x89PNG\r\n\r\n--\r\n--b--\r\n";

TEST(Multipart, PartsComeOutWhateverThePieces) {
    // "--b-not" looks like the boundary until its next byte, which is a fault of such a boundary in content.
    EXPECT_EQ(read_in_pieces(two_parts, two_parts.size()), "refused http.bad_form");
    std::string body(two_parts);
    body.replace(body.find("--b-not"), 7, "--c-not");
    const std::string good = "[title:Red\r\n-shirt\r\n--c-not][photo|a b.png|image/png:\x89PNG\r\n\r\n--]";
    for (std::size_t piece = 1; piece <= body.size(); ++piece)
        EXPECT_EQ(read_in_pieces(body, piece), good) << piece;
}

TEST(Multipart, EmptyPartsAndEpiloguesAreFine) {
    EXPECT_EQ(read_in_pieces("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--b--", 3), "[a:]");
    EXPECT_EQ(read_in_pieces(
                  "--b\r\ncontent-disposition:form-data;name=\"a\\\"b\"\r\n\r\nx\r\n--b--\r\nepilogue", 5),
              "[a\"b:x]");
    EXPECT_EQ(read_in_pieces("--b--\r\n", 2), "");
}

TEST(Multipart, EverythingElseIsRefused) {
    const auto part = [](std::string_view head) {
        return "--b\r\n" + std::string(head) + "\r\n\r\nx\r\n--b--\r\n";
    };
    for (const std::string& body : {
             std::string("preamble\r\n--b\r\n"),
             std::string("--c\r\n"),
             std::string("--b \r\n"),
             std::string("--b\n\n"),
             part("Content-Disposition: form-data"),
             part("Content-Disposition: form-data; name=\"\""),
             part("Content-Disposition: attachment; name=\"a\""),
             part("Content-Type: text/plain"),
             part("nonsense"),
             part("Content-Disposition: form-data; name=\"a"),
             part("Content-Disposition: form-data; name=\"a\x01\""),
             part("Content-Disposition: form-data; name=\"\xff\""),
             part("Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\""),
         }) {
        EXPECT_EQ(read_in_pieces(body, 7), "refused http.bad_form") << body;
    }
    EXPECT_EQ(read_in_pieces("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx", 4), "unfinished");
    EXPECT_EQ(read_in_pieces("", 1), "unfinished");
}

TEST(Multipart, LimitsAreExact) {
    const std::string one = "--b\r\nContent-Disposition: form-data; name=\"abcd\"\r\n\r\nx\r\n";
    EXPECT_EQ(read_in_pieces(one + one + "--b--", 9, "b", {.parts = 2}), "[abcd:x][abcd:x]");
    EXPECT_EQ(read_in_pieces(one + one + one + "--b--", 9, "b", {.parts = 2}), "refused http.form_too_large");
    EXPECT_EQ(read_in_pieces(one + "--b--", 9, "b", {.name = 4}), "[abcd:x]");
    EXPECT_EQ(read_in_pieces(one + "--b--", 9, "b", {.name = 3}), "refused http.form_too_large");
    EXPECT_EQ(read_in_pieces(one + "--b--", 9, "b", {.head = 43}), "[abcd:x]");
    EXPECT_EQ(read_in_pieces(one + "--b--", 9, "b", {.head = 42}), "refused http.form_too_large");
    EXPECT_EQ(read_in_pieces("--b\r\nX: " + std::string(5000, 'x'), 100), "refused http.form_too_large");
}

TEST(Multipart, BoundariesFollowTheirGrammar) {
    EXPECT_EQ(boundary_of("multipart/form-data; boundary=abc"), "abc");
    EXPECT_EQ(boundary_of("Multipart/Form-Data; charset=x; Boundary=\"a b\""), "a b");
    EXPECT_EQ(boundary_of("multipart/form-data; boundary=" + std::string(70, 'x')), std::string(70, 'x'));
    for (const std::string& type : {std::string("multipart/form-data"),
                                    std::string("multipart/form-data; boundary="),
                                    std::string("multipart/mixed; boundary=a"),
                                    "multipart/form-data; boundary=" + std::string(71, 'x'),
                                    std::string("multipart/form-data; boundary=\"a \""),
                                    std::string("multipart/form-data; boundary=a[b"),
                                    std::string("multipart/form-data; boundary=\"a\r\n\"")}) {
        EXPECT_EQ(boundary_of(type), std::nullopt) << type;
    }
}

TEST(Multipart, AFormLeavesFilesOutAndChecksText) {
    std::string body(two_parts);
    body.replace(body.find("--b-not"), 7, "--c-not");
    const auto form = Form::parse_multipart("multipart/form-data; boundary=b", body);
    ASSERT_TRUE(form);
    const Pairs expected{{"title", "Red\r\n-shirt\r\n--c-not"}};
    EXPECT_EQ(form->fields(), expected);
    const auto bad =
        Form::parse_multipart("multipart/form-data; boundary=b",
                              "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--b--");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().reason(), bad_form);
    EXPECT_EQ(bad.error().field(), "a");
    EXPECT_EQ(first_part("multipart/form-data; boundary=b", body, "title"), "Red\r\n-shirt\r\n--c-not");
    EXPECT_EQ(first_part("multipart/form-data; boundary=b", body, "photo"), std::nullopt);
}

class Pieces final : public BodyReader {
public:
    explicit Pieces(std::string bytes) : bytes_(std::move(bytes)) {}

    Task<std::size_t> read(std::span<char> into) override {
        const std::size_t count = std::min({into.size(), bytes_.size(), std::size_t{11}});
        std::copy_n(bytes_.begin(), count, into.begin());
        bytes_.erase(0, count);
        co_return count;
    }

private:
    std::string bytes_;
};

TEST(Multipart, StreamsFromABody) {
    Pieces body("--b\r\nContent-Disposition: form-data; name=file; filename=x\r\n\r\n" +
                std::string(100, 'y') + "\r\n--b--\r\n");
    Diary diary;
    MultipartReader reader("b", diary);
    EXPECT_TRUE(test::run(read_parts(body, reader)).has_value());
    EXPECT_EQ(diary.told, "[file|x:" + std::string(100, 'y') + "]");
}

}  // namespace
}  // namespace cartwright::http
