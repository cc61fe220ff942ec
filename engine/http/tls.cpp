#include "http/tls.hpp"

#include "http/guard.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <map>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::http {
namespace {

struct ContextDeleter {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};

using Context = std::unique_ptr<SSL_CTX, ContextDeleter>;

struct NamesDeleter {
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

std::string reason() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* text = code != 0 ? ERR_reason_error_string(code) : nullptr;
    return text != nullptr ? text : "unknown reason";
}

// Clients that speak only something else are told so, instead of being answered in HTTP/1.1 (RFC 7301 3.2).
int choose_protocol(SSL*,
                    const unsigned char** out,
                    unsigned char* out_size,
                    const unsigned char* in,
                    unsigned in_size,
                    void*) {
    static constexpr std::array<unsigned char, 9> http11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    const int result = SSL_select_next_proto(&chosen, out_size, http11.data(), http11.size(), in, in_size);
    *out = chosen;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

struct Pair {
    std::string name;
    std::filesystem::path chain;
    std::filesystem::path key;
};

std::vector<Pair> pairs_in(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    if (error)
        throw std::runtime_error(
            fmt::format("can't read the folder of certificates {}: {}", folder.string(), error.message()));
    std::vector<Pair> pairs;
    for (const auto& entry : entries) {
        const auto& path = entry.path();
        if (entry.is_directory() && std::filesystem::exists(path / "fullchain.pem")) {
            pairs.push_back({path.filename().string(), path / "fullchain.pem", path / "privkey.pem"});
        } else if (path.extension() == ".crt" || path.extension() == ".pem") {
            auto key = path;
            pairs.push_back({path.stem().string(), path, key.replace_extension(".key")});
        }
    }
    if (pairs.empty()) {
        throw std::runtime_error(
            fmt::format("there is no certificate in {}: put NAME.crt and NAME.key there", folder.string()));
    }
    // "default" first, the others by name.
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
        return std::pair(a.name != "default", a.name) < std::pair(b.name != "default", b.name);
    });
    return pairs;
}

std::vector<std::string> names_of(X509* certificate) {
    std::vector<std::string> names;
    const std::unique_ptr<GENERAL_NAMES, NamesDeleter> all(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
        if (name->type != GEN_DNS) continue;
        const auto* text = ASN1_STRING_get0_data(name->d.dNSName);
        std::string lowered(reinterpret_cast<const char*>(text),
                            static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        for (char& c : lowered) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        }
        names.push_back(std::move(lowered));
    }
    return names;
}

Context load(const Pair& pair) {
    ERR_clear_error();
    Context context(SSL_CTX_new(TLS_server_method()));
    if (!context) throw std::bad_alloc();
    SSL_CTX* raw = context.get();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_options(raw,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20");
    // Idle connections give their buffers back; a write that was refused is repeated from another address.
    SSL_CTX_set_mode(
        raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Resumption by tickets alone: a cache would be shared by the threads, and locked.
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(raw, &choose_protocol, nullptr);
    const auto fail = [](const std::filesystem::path& file) {
        return std::runtime_error(fmt::format("can't use {}: {}", file.string(), reason()));
    };
    if (SSL_CTX_use_certificate_chain_file(raw, pair.chain.c_str()) != 1) throw fail(pair.chain);
    if (SSL_CTX_use_PrivateKey_file(raw, pair.key.c_str(), SSL_FILETYPE_PEM) != 1) throw fail(pair.key);
    if (SSL_CTX_check_private_key(raw) != 1) throw fail(pair.key);
    return context;
}

}  // namespace

struct Certificates::Set {
    std::vector<Context> contexts;                         // the first is the default
    std::map<std::string, SSL_CTX*, std::less<>> by_name;  // "*.example.com" for wildcards

    SSL_CTX* find(std::string_view name) const {
        if (const auto exact = by_name.find(name); exact != by_name.end()) return exact->second;
        // A wildcard stands for one label, the leftmost (RFC 6125 6.4.3).
        const auto dot = name.find('.');
        if (dot == std::string_view::npos || dot == 0) return nullptr;
        const auto wild = by_name.find(fmt::format("*{}", name.substr(dot)));
        return wild != by_name.end() ? wild->second : nullptr;
    }
};

Certificates::Certificates(std::filesystem::path folder) : folder_(std::move(folder)) {
    reload();
}

Certificates::~Certificates() = default;

void Certificates::reload() {
    auto fresh = std::make_shared<Set>();
    for (const Pair& pair : pairs_in(folder_)) {
        Context context = load(pair);
        SSL_CTX_set_tlsext_servername_callback(context.get(), &Certificates::choose);
        SSL_CTX_set_tlsext_servername_arg(context.get(), this);
        X509* certificate = SSL_CTX_get0_certificate(context.get());
        for (const std::string& name : names_of(certificate)) {
            SSL_CTX*& serving = fresh->by_name[name];
            const bool longer =
                serving == nullptr || ASN1_TIME_compare(X509_get0_notAfter(SSL_CTX_get0_certificate(serving)),
                                                        X509_get0_notAfter(certificate)) < 0;
            if (longer) serving = context.get();
        }
        fresh->contexts.push_back(std::move(context));
    }
    const std::scoped_lock lock(mutex_);
    set_ = std::move(fresh);
}

std::size_t Certificates::size() const {
    return current()->contexts.size();
}

std::shared_ptr<const Certificates::Set> Certificates::current() const {
    const std::scoped_lock lock(mutex_);
    return set_;
}

Ssl Certificates::accept() const {
    Ssl ssl(SSL_new(current()->contexts.front().get()));
    if (!ssl) throw std::bad_alloc();
    SSL_set_accept_state(ssl.get());
    return ssl;
}

int Certificates::choose(ssl_st* ssl, int*, void* self) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
    std::array<char, max_host_bytes> lowered;
    const auto canonical = canonical_host(name, lowered);
    if (!canonical) return SSL_TLSEXT_ERR_NOACK;
    const auto set = static_cast<const Certificates*>(self)->current();
    SSL_CTX* context = set->find(*canonical);
    if (context == nullptr) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_SSL_CTX(ssl, context);
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace cartwright::http
