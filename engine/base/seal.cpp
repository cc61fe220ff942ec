#include "base/seal.hpp"

#include "base/crypto.hpp"
#include "base/file.hpp"
#include "base/releaser.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cartwright {

namespace {

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Releaser<EVP_CIPHER_CTX_free>>;

constexpr std::string_view version = "s1.";
constexpr std::size_t nonce_bytes = 12;  // NIST SP 800-38D: random nonces of 96 bits, at most 2^32 a key
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t max_file_bytes = 8 * 1024;
constexpr std::size_t max_id_bytes = 32;

bool is_id(std::string_view id) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !id.empty() && id.size() <= max_id_bytes && std::ranges::all_of(id, is_allowed);
}

// The key's id is authenticated along with the place, or a text could be moved to a key of the same bytes.
std::string bound_to(std::string_view id, std::string_view place) {
    return fmt::format("{}{}\n{}", version, id, place);
}

void expect(int result) {
    if (result != 1) {
        throw std::runtime_error("AES-256-GCM failed");
    }
}

const unsigned char* raw(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* raw(std::byte* bytes) {
    return reinterpret_cast<unsigned char*>(bytes);
}

[[noreturn]] void fail(const std::filesystem::path& file, std::string_view what) {
    throw BadKeyFile(fmt::format("the key file {} {}", file.string(), what));
}

std::string read_private(const std::filesystem::path& file) {
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!opened) {
        fail(file, fmt::format("can't be opened: {}", std::strerror(errno)));
    }
    struct stat status{};
    if (::fstat(opened.number(), &status) != 0 || !S_ISREG(status.st_mode)) {
        fail(file, "is not a plain file");
    }
    if ((status.st_mode & 077U) != 0) {
        fail(file, fmt::format("may be read or written by others; run: chmod 600 {}", file.string()));
    }
    try {
        return read_all(opened, max_file_bytes);
    } catch (const std::system_error& error) {
        fail(file, fmt::format("can't be read: {}", error.code().message()));
    }
}

// Random and not a date: the clock may be wrong when the first key is made.
std::string new_id(Rng& rng) {
    std::array<std::byte, 4> random;
    rng.fill(random);
    return "k" + to_hex(random);
}

}  // namespace

KeyRing KeyRing::parse(std::string_view text) {
    KeyRing ring;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view id = line.substr(0, colon);
        auto key = from_base64(line.substr(std::min(colon + 1, line.size())), sizeof(Key));
        if (!is_id(id) || !key || key->size() != sizeof(Key)) {
            throw BadKeyFile(fmt::format("line {} is not `id:base64 of 32 bytes`", number));
        }
        if (ring.find(id) != nullptr) {
            throw BadKeyFile(fmt::format("line {} repeats the key id {}", number, id));
        }
        if (ring.keys_.size() == max_keys) {
            throw BadKeyFile(fmt::format("line {} is one key too many; {} are allowed", number, max_keys));
        }
        Named named{.id = std::string(id), .key = {}};
        std::ranges::copy(*key, named.key.begin());
        wipe(*key);
        ring.keys_.push_back(std::move(named));
    }
    if (ring.keys_.empty()) {
        throw BadKeyFile("there is no key in it");
    }
    return ring;
}

KeyRing KeyRing::read(const std::filesystem::path& file) {
    std::string text = read_private(file);
    try {
        KeyRing ring = parse(text);
        wipe(text);
        return ring;
    } catch (const BadKeyFile& error) {
        wipe(text);
        fail(file, fmt::format("can't be used: {}", error.what()));
    }
}

void KeyRing::create(const std::filesystem::path& file, Rng& rng) {
    Key key;
    rng.fill(key);
    std::string text = fmt::format("{}:{}\n", new_id(rng), to_base64(key));
    wipe(key);
    const Descriptor made(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!made) {
        fail(file,
             errno == EEXIST ? "is there already" : fmt::format("can't be made: {}", std::strerror(errno)));
    }
    const ssize_t written = ::write(made.number(), text.data(), text.size());
    const bool complete = written == static_cast<ssize_t>(text.size()) && ::fsync(made.number()) == 0;
    const int error = errno;
    wipe(text);
    if (!complete) {
        ::unlink(file.c_str());
        fail(file, fmt::format("can't be written: {}", std::strerror(error)));
    }
    const std::filesystem::path folder =
        file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.number()) != 0) {
        fail(file, fmt::format("can't be made to last: {}", std::strerror(errno)));
    }
}

KeyRing::~KeyRing() {
    for (Named& named : keys_) {
        wipe(named.key);
    }
}

const KeyRing::Named* KeyRing::find(std::string_view id) const noexcept {
    const auto found = std::ranges::find(keys_, id, &Named::id);
    return found == keys_.end() ? nullptr : &*found;
}

std::string KeyRing::seal(std::string_view secret, std::string_view place, Rng& rng) const {
    if (secret.size() > secret_max_bytes) {
        throw std::length_error("a secret of more than 64 KiB is not sealed");
    }
    const Named& named = keys_.front();
    const std::string bound = bound_to(named.id, place);
    Bytes sealed(nonce_bytes + secret.size() + tag_bytes);
    rng.fill(std::span(sealed).first(nonce_bytes));
    unsigned char* const body = raw(sealed.data()) + nonce_bytes;
    const CipherContext context(EVP_CIPHER_CTX_new());
    int length = 0;
    expect(EVP_EncryptInit_ex(context.get(),
                              EVP_aes_256_gcm(),
                              nullptr,
                              reinterpret_cast<const unsigned char*>(named.key.data()),
                              raw(sealed.data())));
    expect(EVP_EncryptUpdate(context.get(), nullptr, &length, raw(bound), static_cast<int>(bound.size())));
    expect(EVP_EncryptUpdate(context.get(), body, &length, raw(secret), static_cast<int>(secret.size())));
    expect(EVP_EncryptFinal_ex(context.get(), body + length, &length));
    expect(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, body + secret.size()));
    return fmt::format("{}{}.{}", version, named.id, to_base64url(sealed));
}

std::optional<std::string> KeyRing::open(std::string_view sealed, std::string_view place) const {
    if (!sealed.starts_with(version)) {
        return std::nullopt;
    }
    sealed.remove_prefix(version.size());
    const std::size_t dot = sealed.find('.');
    const Named* const named = dot == std::string_view::npos ? nullptr : find(sealed.substr(0, dot));
    if (named == nullptr) {
        return std::nullopt;
    }
    auto bytes = from_base64url(sealed.substr(dot + 1), nonce_bytes + secret_max_bytes + tag_bytes);
    if (!bytes || bytes->size() < nonce_bytes + tag_bytes) {
        return std::nullopt;
    }
    const std::string bound = bound_to(named->id, place);
    std::string secret(bytes->size() - nonce_bytes - tag_bytes, '\0');
    unsigned char* const body = raw(bytes->data()) + nonce_bytes;
    auto* const out = reinterpret_cast<unsigned char*>(secret.data());
    const CipherContext context(EVP_CIPHER_CTX_new());
    int length = 0;
    expect(EVP_DecryptInit_ex(context.get(),
                              EVP_aes_256_gcm(),
                              nullptr,
                              reinterpret_cast<const unsigned char*>(named->key.data()),
                              raw(bytes->data())));
    expect(EVP_DecryptUpdate(context.get(), nullptr, &length, raw(bound), static_cast<int>(bound.size())));
    expect(EVP_DecryptUpdate(context.get(), out, &length, body, static_cast<int>(secret.size())));
    expect(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, body + secret.size()));
    if (EVP_DecryptFinal_ex(context.get(), out + length, &length) != 1) {
        wipe(secret);
        return std::nullopt;
    }
    return secret;
}

std::optional<std::string> KeyRing::reseal(std::string_view sealed, std::string_view place, Rng& rng) const {
    auto secret = open(sealed, place);
    if (!secret) {
        return std::nullopt;
    }
    std::string again = seal(*secret, place, rng);
    wipe(*secret);
    return again;
}

bool KeyRing::is_current(std::string_view sealed) const noexcept {
    const std::string& id = keys_.front().id;
    return sealed.starts_with(version) && sealed.substr(version.size()).starts_with(id) &&
           sealed.substr(version.size() + id.size()).starts_with('.');
}

std::vector<std::string> KeyRing::derive(std::string_view purpose) const {
    std::vector<std::string> derived;
    for (const Named& named : keys_) {
        const Digest code =
            hmac_sha256(std::as_bytes(std::span(named.key)), std::as_bytes(std::span(purpose)));
        derived.emplace_back(reinterpret_cast<const char*>(code.data()), code.size());
    }
    return derived;
}

}  // namespace cartwright
