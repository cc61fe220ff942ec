#include "base/crypto.hpp"

#include "base/rng.hpp"

#include <gtest/gtest.h>

namespace cartwright {
namespace {

TEST(BytesTest, HexIsStrict) {
    EXPECT_EQ(to_hex(as_bytes("\x01\xaf\xff")), "01afff");
    EXPECT_EQ(as_text(*from_hex("4A4b", 2)), "JK");
    EXPECT_EQ(from_hex("", 0), Bytes());
    EXPECT_EQ(from_hex("4A4", 2), std::nullopt);
    EXPECT_EQ(from_hex("4G", 2), std::nullopt);
    EXPECT_EQ(from_hex("4A4b4c", 2), std::nullopt);
}

TEST(BytesTest, Base64MatchesTheVectorsOfRfc4648) {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
        EXPECT_EQ(as_text(from_base64(encoded, 6).value()), plain);
        const std::string_view bare = encoded.substr(0, encoded.find('='));
        EXPECT_EQ(to_base64url(as_bytes(plain)), bare);
        EXPECT_EQ(as_text(from_base64url(bare, 6).value()), plain);
    }
    EXPECT_EQ(to_base64(as_bytes("\xfb\xff")), "+/8=");
    EXPECT_EQ(to_base64url(as_bytes("\xfb\xff")), "-_8");
}

TEST(BytesTest, Base64RefusesWhatIsNotTheOneSpelling) {
    for (const std::string_view wrong : {"Zg==", "Zh", "Z", "Zm9vY", "Zm 9", "Zm+/", "Zg\n"}) {
        EXPECT_EQ(from_base64url(wrong, 100), std::nullopt) << wrong;
    }
    for (const std::string_view wrong :
         {"Zg", "Zg=", "Zh==", "Zg===", "====", "Zm9v====", "Z===", "-_8=", "Zg==Zg=="}) {
        EXPECT_EQ(from_base64(wrong, 100), std::nullopt) << wrong;
    }
    EXPECT_EQ(from_base64url("Zm9v", 2), std::nullopt);
    EXPECT_NE(from_base64url("Zm9v", 3), std::nullopt);
}

TEST(Sha256Test, MatchesTheVectorsOfFips180) {
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256Test, OfPiecesIsThatOfTheWhole) {
    Sha256 sum;
    sum.add(as_bytes("a"));
    sum.add(as_bytes(""));
    sum.add(as_bytes("bc"));
    EXPECT_EQ(sum.finish(), sha256("abc"));
}

TEST(HmacTest, MatchesTheVectorsOfRfc4231) {
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(to_hex(hmac_sha256("", "")),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(SecretTest, SameSecretComparesContentAndLength) {
    EXPECT_TRUE(same_secret("abc", "abc"));
    EXPECT_FALSE(same_secret("abc", "abd"));
    EXPECT_FALSE(same_secret("abc", "ab"));
    EXPECT_TRUE(same_secret("", ""));
}

TEST(SecretTest, WipeLeavesNothing) {
    std::string secret = "hunter2 hunter2 hunter2 hunter2";
    const char* const place = secret.data();
    wipe(secret);
    EXPECT_EQ(secret, "");
    EXPECT_EQ(std::string(place + 1, 8), std::string(8, '\0'));
}

TEST(TokenTest, IsBase64UrlOfTheAskedBits) {
    SeededRng rng(1);
    const std::string lasting = make_token(rng);
    const std::string short_lived = make_token(rng, TokenBits::short_lived);
    EXPECT_EQ(lasting.size(), 43U);
    EXPECT_EQ(short_lived.size(), 22U);
    EXPECT_EQ(from_base64url(lasting, 32)->size(), 32U);
    EXPECT_EQ(from_base64url(short_lived, 16)->size(), 16U);
    SeededRng again(1);
    EXPECT_EQ(make_token(again), lasting);
    EXPECT_EQ(token_hash(lasting), sha256(lasting));
}

}  // namespace
}  // namespace cartwright
