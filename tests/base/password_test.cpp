#include "base/password.hpp"

#include "base/rng.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace cartwright {
namespace {

constexpr PasswordCost cheap{.log_n = 4, .r = 8, .p = 1};

TEST(PasswordTest, IsVerifiedAgainstWhatWasStored) {
    SystemRng rng;
    const std::string stored = hash_password("correct horse", rng, cheap);
    EXPECT_TRUE(stored.starts_with("$scrypt$ln=4,r=8,p=1$")) << stored;
    EXPECT_TRUE(verify_password("correct horse", stored));
    EXPECT_FALSE(verify_password("correct horsf", stored));
    EXPECT_FALSE(verify_password("", stored));
    EXPECT_NE(hash_password("correct horse", rng, cheap), stored) << "two salts are the same";
}

TEST(PasswordTest, IsScryptOfRfc7914) {
    // Made by another implementation, Python's hashlib.scrypt
    // (password "pleaseletmein", salt of 16 "A", n=16384, r=8, p=1, dklen=32).
    const std::string stored =
        "$scrypt$ln=14,r=8,p=1$QUFBQUFBQUFBQUFBQUFBQQ$b6S3Da7wjE2nvThlTG5dhbZXyUTpH7e1RibYoRxKrKc";
    EXPECT_TRUE(verify_password("pleaseletmein", stored));
}

TEST(PasswordTest, MayBeEmptyOrHoldAnyBytes) {
    SystemRng rng;
    const std::string odd("\0\xFFпароль", 14);
    EXPECT_TRUE(verify_password(odd, hash_password(odd, rng, cheap)));
    EXPECT_TRUE(verify_password("", hash_password("", rng, cheap)));
}

TEST(PasswordTest, OfMoreThan1024BytesIsNeverHashed) {
    SystemRng rng;
    const std::string longest(password_max_bytes, 'x');
    const std::string stored = hash_password(longest, rng, cheap);
    EXPECT_TRUE(verify_password(longest, stored));
    EXPECT_FALSE(verify_password(longest + "x", stored));
    EXPECT_THROW(hash_password(longest + "x", rng, cheap), std::length_error);
}

TEST(PasswordTest, StoredTextThatIsDamagedVerifiesNothing) {
    SystemRng rng;
    const std::string good = hash_password("secret", rng, cheap);
    const std::string tail = good.substr(std::string("$scrypt$ln=4,r=8,p=1").size());
    for (const std::string& stored : {std::string(),
                                      std::string("$scrypt$"),
                                      "$argon2id$" + good.substr(8),
                                      "$scrypt$ln=31,r=8,p=1" + tail,
                                      "$scrypt$ln=4,r=0,p=1" + tail,
                                      "$scrypt$ln=4,r=8,p=99" + tail,
                                      "$scrypt$ln=4,r=8" + tail,
                                      "$scrypt$ln=-4,r=8,p=1" + tail,
                                      good.substr(0, good.size() - 1),
                                      good + "A"}) {
        EXPECT_FALSE(verify_password("secret", stored)) << stored;
        EXPECT_TRUE(needs_rehash(stored, cheap)) << stored;
    }
}

TEST(PasswordTest, NeedsANewHashWhenTheCostHasChanged) {
    SystemRng rng;
    const std::string stored = hash_password("secret", rng, cheap);
    EXPECT_FALSE(needs_rehash(stored, cheap));
    EXPECT_TRUE(needs_rehash(stored, {.log_n = 5, .r = 8, .p = 1}));
    EXPECT_THROW(hash_password("secret", rng, {.log_n = 40, .r = 8, .p = 1}), std::invalid_argument);
}

TEST(PasswordTest, OfTheDefaultCostFitsIntoMemory) {
    SystemRng rng;
    const std::string stored = hash_password("secret", rng);
    EXPECT_TRUE(stored.starts_with("$scrypt$ln=15,r=8,p=3$")) << stored;
    EXPECT_TRUE(verify_password("secret", stored));
    EXPECT_NO_THROW(verify_nobody("secret"));
}

}  // namespace
}  // namespace cartwright
