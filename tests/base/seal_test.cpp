#include "base/seal.hpp"

#include "base/rng.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include <sys/stat.h>

namespace cartwright {
namespace {

const std::string one_key = "one:" + to_base64(Bytes(32, std::byte{1})) + "\n";
const std::string two_key = "two:" + to_base64(Bytes(32, std::byte{2})) + "\n";

std::string complaint_about(std::string_view text) {
    try {
        static_cast<void>(KeyRing::parse(text));
    } catch (const BadKeyFile& error) {
        return error.what();
    }
    return "(none)";
}

class KeyFileTest : public testing::Test {
protected:
    KeyFileTest() {
        std::string pattern = testing::TempDir() + "keysXXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }

    ~KeyFileTest() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_;
    SystemRng rng_;
};

TEST(KeyRingTest, OpensWhatItSealed) {
    SystemRng rng;
    const KeyRing ring = KeyRing::parse(one_key);
    for (const std::string& secret : {std::string(),
                                      std::string("sk_live_1"),
                                      std::string("\0\xff", 2),
                                      std::string(KeyRing::secret_max_bytes, 'x')}) {
        const std::string sealed = ring.seal(secret, "shop:7/payment", rng);
        EXPECT_TRUE(sealed.starts_with("s1.one."));
        EXPECT_EQ(ring.open(sealed, "shop:7/payment"), secret);
    }
    EXPECT_NE(ring.seal("x", "p", rng), ring.seal("x", "p", rng)) << "a nonce came twice";
    EXPECT_THROW(ring.seal(std::string(KeyRing::secret_max_bytes + 1, 'x'), "p", rng), std::length_error);
}

TEST(KeyRingTest, DecryptsTheCipherOfTheStandard) {
    // Made by another implementation (Python's cryptography): key 01…01, nonce 00…0b, "hello", and the
    // associated data "s1.one\nshop:7/payment".
    const KeyRing ring = KeyRing::parse(one_key);
    EXPECT_EQ(ring.open("s1.one.AAAAAAAAAAAAAAALXVaHTs71gntQLteAIL1xaNv6UI4v", "shop:7/payment"), "hello");
}

TEST(KeyRingTest, DoesNotOpenWhatWasChangedOrMoved) {
    SystemRng rng;
    const KeyRing ring = KeyRing::parse(one_key);
    const std::string sealed = ring.seal("secret", "shop:7/payment", rng);
    EXPECT_EQ(ring.open(sealed, "shop:8/payment"), std::nullopt);
    EXPECT_EQ(ring.open(sealed, ""), std::nullopt);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(ring.open(changed, "shop:7/payment"), std::nullopt) << i;
    }
    for (const std::string_view text : {"", "s1.", "s1.one", "s1.one.", "s1.one.AAAA", "secret"}) {
        EXPECT_EQ(ring.open(text, "shop:7/payment"), std::nullopt) << text;
    }
    EXPECT_EQ(ring.open(sealed + "AAAA", "shop:7/payment"), std::nullopt);
}

TEST(KeyRingTest, RotatesByPuttingANewKeyFirst) {
    SystemRng rng;
    const KeyRing old_ring = KeyRing::parse(one_key);
    const KeyRing ring = KeyRing::parse("# rotated\n\n" + two_key + one_key);
    const KeyRing new_ring = KeyRing::parse(two_key);
    const std::string sealed = old_ring.seal("secret", "place", rng);
    EXPECT_EQ(ring.open(sealed, "place"), "secret");
    EXPECT_FALSE(ring.is_current(sealed));
    EXPECT_EQ(new_ring.open(sealed, "place"), std::nullopt);
    const std::string again = ring.reseal(sealed, "place", rng).value();
    EXPECT_TRUE(ring.is_current(again));
    EXPECT_EQ(new_ring.open(again, "place"), "secret");
    EXPECT_EQ(ring.reseal(sealed, "other place", rng), std::nullopt);
}

TEST(KeyRingTest, TwoKeysOfTheSameBytesAreStillTwo) {
    SystemRng rng;
    const KeyRing ring = KeyRing::parse(one_key + "uno" + one_key.substr(3));
    std::string sealed = ring.seal("secret", "place", rng);
    sealed.replace(3, 3, "uno");
    EXPECT_EQ(ring.open(sealed, "place"), std::nullopt);
}

TEST(KeyRingTest, NamesTheLineThatIsWrong) {
    EXPECT_EQ(complaint_about(one_key), "(none)");
    EXPECT_EQ(complaint_about(""), "there is no key in it");
    EXPECT_EQ(complaint_about("# nothing\n"), "there is no key in it");
    EXPECT_EQ(complaint_about(one_key + "two:AAAA\n"), "line 2 is not `id:base64 of 32 bytes`");
    EXPECT_EQ(complaint_about("two\n"), "line 1 is not `id:base64 of 32 bytes`");
    EXPECT_EQ(complaint_about("\nONE" + one_key.substr(3)), "line 2 is not `id:base64 of 32 bytes`");
    EXPECT_EQ(complaint_about(one_key + one_key), "line 2 repeats the key id one");
}

TEST_F(KeyFileTest, IsMadeForItsOwnerAlone) {
    const auto file = folder_ / "keys";
    KeyRing::create(file, rng_);
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    const KeyRing ring = KeyRing::read(file);
    EXPECT_EQ(ring.open(ring.seal("secret", "place", rng_), "place"), "secret");
}

TEST_F(KeyFileTest, IsNeverOverwritten) {
    const auto file = folder_ / "keys";
    KeyRing::create(file, rng_);
    const std::string sealed = KeyRing::read(file).seal("secret", "place", rng_);
    EXPECT_THROW(KeyRing::create(file, rng_), BadKeyFile);
    EXPECT_EQ(KeyRing::read(file).open(sealed, "place"), "secret");
}

TEST_F(KeyFileTest, IsRefusedWhenOthersMayReadIt) {
    const auto file = folder_ / "keys";
    KeyRing::create(file, rng_);
    ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
    try {
        static_cast<void>(KeyRing::read(file));
        ADD_FAILURE() << "was read";
    } catch (const BadKeyFile& error) {
        EXPECT_EQ(std::string(error.what()),
                  "the key file " + file.string() + " may be read or written by others; run: chmod 600 " +
                      file.string());
    }
}

TEST_F(KeyFileTest, IsRefusedWhenItIsNoPlainReadableFile) {
    EXPECT_THROW(static_cast<void>(KeyRing::read(folder_ / "none")), BadKeyFile);
    EXPECT_THROW(static_cast<void>(KeyRing::read(folder_)), BadKeyFile);
    const auto file = folder_ / "keys";
    KeyRing::create(file, rng_);
    std::filesystem::create_symlink(file, folder_ / "link");
    EXPECT_THROW(static_cast<void>(KeyRing::read(folder_ / "link")), BadKeyFile);
    std::ofstream(file) << "nonsense\n";
    EXPECT_THROW(static_cast<void>(KeyRing::read(file)), BadKeyFile);
}

}  // namespace
}  // namespace cartwright
