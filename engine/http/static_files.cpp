#include "http/static_files.hpp"

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/descriptor.hpp"
#include "base/text.hpp"
#include "http/compress.hpp"
#include "http/conditional.hpp"
#include "http/security.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cartwright::http {

namespace {

struct MediaType {
    std::string_view ending;
    std::string_view type;
};

constexpr std::array<MediaType, 27> media_types{{
    {".avif", "image/avif"},
    {".css", "text/css; charset=utf-8"},
    {".csv", "text/csv; charset=utf-8"},
    {".gif", "image/gif"},
    {".htm", "text/html; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/x-icon"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".mp4", "video/mp4"},
    {".otf", "font/otf"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".ttf", "font/ttf"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".webm", "video/webm"},
    {".webmanifest", "application/manifest+json"},
    {".webp", "image/webp"},
    {".woff", "font/woff"},
    {".woff2", "font/woff2"},
    {".xml", "application/xml"},
}};

constexpr std::string_view forever = "public, max-age=31536000, immutable";
constexpr std::string_view revalidated = "public, no-cache";

std::shared_ptr<const int> open_file(const std::filesystem::path& path) {
    struct Open {
        explicit Open(int descriptor) : owner(descriptor), number(descriptor) {}

        Descriptor owner;
        int number;
    };

    const auto file = std::make_shared<const Open>(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file->owner) throw std::system_error(errno, std::generic_category(), path.string());
    return {file, &file->number};
}

std::string read_file(int descriptor, std::size_t size, const std::filesystem::path& path) {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count = ::pread(descriptor, bytes.data() + done, size - done, static_cast<off_t>(done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0)
            throw std::system_error(count < 0 ? errno : EIO, std::generic_category(), path.string());
        done += static_cast<std::size_t>(count);
    }
    return bytes;
}

Digest digest_of(int descriptor, std::size_t size, const std::filesystem::path& path) {
    constexpr std::size_t block = 64 << 10;
    Sha256 hash;
    std::array<std::byte, block> bytes;
    for (std::size_t done = 0; done < size;) {
        const ssize_t count = ::pread(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0)
            throw std::system_error(count < 0 ? errno : EIO, std::generic_category(), path.string());
        hash.add(std::span(bytes).first(static_cast<std::size_t>(count)));
        done += static_cast<std::size_t>(count);
    }
    return hash.finish();
}

// "fonts/a.woff2" and a hash: "fonts/a.HASH.woff2".
std::string hashed_name(std::string_view name, std::string_view hash) {
    const std::size_t slash = name.rfind('/');
    const std::size_t dot = name.rfind('.');
    const bool has_ending = dot != std::string_view::npos && (slash == std::string_view::npos || dot > slash);
    std::string full(name.substr(0, has_ending ? dot : name.size()));
    full.append(".").append(hash);
    return has_ending ? full.append(name.substr(dot)) : full;
}

}  // namespace

struct StaticFiles::Index {
    // What is sent under one address.
    struct Address {
        std::shared_ptr<const Page> page;  // null: from disk
        Response response;                 // without a body where there is a page
    };

    std::string prefix;
    std::map<std::string, Address, std::less<>> addresses;
    std::map<std::string, std::string, std::less<>> urls;
    std::size_t files = 0;

    const Address* find(std::string_view name) const noexcept {
        const auto found = addresses.find(name);
        return found == addresses.end() ? nullptr : &found->second;
    }

    void add(const std::string& name, const std::filesystem::path& path, const StaticLimits& limits) {
        const auto file = open_file(path);
        struct stat info{};
        if (::fstat(*file, &info) != 0)
            throw std::system_error(errno, std::generic_category(), path.string());
        const auto size = static_cast<std::size_t>(info.st_size);
        constexpr std::size_t hash_bytes = 10;
        const Digest digest = digest_of(*file, size, path);
        const std::string hash = to_hex(std::span(digest).first(hash_bytes));
        const std::string hashed = hashed_name(name, hash);
        urls.emplace(name, prefix + "/" + hashed);
        for (const bool lasting : {false, true}) {
            Response response(200);
            response.set("Content-Type", media_type_of(name));
            response.set("ETag", '"' + hash + '"');
            response.set("Last-Modified", http_date(info.st_mtime));
            response.set("Accept-Ranges", "bytes");
            response.set("Cache-Control", lasting ? forever : revalidated);
            add_security(response, false, false);
            Address address;
            if (size <= limits.bytes_in_memory) {
                response.body = read_file(*file, size, path);
                address.page =
                    std::make_shared<const Page>(make_page(response, 0, precompressed(path, limits)));
                response.body = std::monostate();
            } else {
                response.body = FileBody{file, 0, size};
            }
            address.response = std::move(response);
            addresses.insert_or_assign(lasting ? hashed : name, std::move(address));
        }
        ++files;
    }

    static Precompressed precompressed(const std::filesystem::path& path, const StaticLimits& limits) {
        const auto neighbour = [&](const char* ending) -> std::optional<std::string> {
            std::filesystem::path other = path;
            other += ending;
            if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(other)))
                return std::nullopt;
            const auto size = static_cast<std::size_t>(std::filesystem::file_size(other));
            if (size > limits.bytes_in_memory) return std::nullopt;
            return read_file(*open_file(other), size, other);
        };
        return {neighbour(".gz"), neighbour(".br")};
    }
};

StaticFiles::StaticFiles(const std::filesystem::path& folder,
                         std::string_view prefix,
                         const StaticLimits& limits)
    : index_(std::make_unique<Index>()) {
    index_->prefix = prefix;
    using Walk = std::filesystem::recursive_directory_iterator;
    for (auto entry = Walk(folder); entry != Walk(); ++entry) {
        const std::filesystem::path& path = entry->path();
        const bool hidden = path.filename().native().starts_with('.');
        if (hidden || entry->is_symlink()) {
            entry.disable_recursion_pending();
            continue;
        }
        if (!entry->is_regular_file()) continue;
        const std::string ending = path.extension().string();
        if ((ending == ".br" || ending == ".gz") && std::filesystem::exists(path.parent_path() / path.stem()))
            continue;
        if (index_->files == limits.files) throw std::runtime_error("too many files in " + folder.string());
        index_->add(path.lexically_relative(folder).generic_string(), path, limits);
    }
}

StaticFiles::StaticFiles(StaticFiles&&) noexcept = default;

StaticFiles::~StaticFiles() = default;

std::string_view StaticFiles::url_of(std::string_view name) const noexcept {
    const auto found = index_->urls.find(name);
    return found == index_->urls.end() ? std::string_view() : std::string_view(found->second);
}

std::shared_ptr<const Page> StaticFiles::page(std::string_view name) const noexcept {
    const Index::Address* address = index_->find(name);
    return address ? address->page : nullptr;
}

std::optional<Response> StaticFiles::response(std::string_view name) const {
    const Index::Address* address = index_->find(name);
    if (!address) return std::nullopt;
    Response response = address->response;
    if (address->page) response.body = address->page->identity.body;
    return response;
}

std::size_t StaticFiles::size() const noexcept {
    return index_->files;
}

void add_static_files(Router& router, std::string name, std::shared_ptr<const StaticFiles> files, Host host) {
    const auto answer = [files](Request& request) -> Task<Response> {
        auto response = files->response(request.parameter("file"));
        co_return response ? std::move(*response) : Response(404);
    };
    const auto ready = [files](const Request& request) { return files->page(request.parameter("file")); };
    router.add({.name = std::move(name),
                .methods = {Method::get},
                .pattern = files->index_->prefix + "/{file:rest}",
                .handler = answer,
                .rate = Rate::none,
                .host = host,
                .ready = ready});
}

std::string_view media_type_of(std::string_view file_name) noexcept {
    const std::size_t dot = file_name.rfind('.');
    if (dot != std::string_view::npos) {
        for (const MediaType& known : media_types) {
            if (same_ignoring_case(known.ending, file_name.substr(dot))) return known.type;
        }
    }
    return "application/octet-stream";
}

}  // namespace cartwright::http
