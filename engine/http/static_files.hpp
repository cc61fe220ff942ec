// Files of a folder, such as style sheets and fonts, served from memory. The folder is read once, when the
// object is made; requests look names up in that index and never touch the file system, so there is no path
// to traverse. Each file has two addresses: its plain name, which is revalidated, and one with its content's
// hash in it, which a browser may keep forever.
#pragma once

#include "http/router.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace cartwright::http {

struct StaticLimits {
    std::size_t bytes_in_memory = 256 << 10;  // a larger file is kept open and sent from disk
    std::size_t files = 10'000;
};

class StaticFiles {
public:
    // Reads `folder` with all below it. Symbolic links and names that start with a dot are passed over.
    // "app.css.br" and "app.css.gz" are taken for app.css where that exists. `prefix`: where the files stand
    // in URLs, "/assets". Throws std::filesystem::filesystem_error or std::runtime_error.
    StaticFiles(const std::filesystem::path& folder,
                std::string_view prefix,
                const StaticLimits& limits = {});
    StaticFiles(StaticFiles&&) noexcept;
    ~StaticFiles();

    // "/assets/app.3f2a….css" for "app.css", "" for an unknown file. For templates.
    std::string_view url_of(std::string_view name) const noexcept;

    // By what follows the prefix and its slash, of either address; a null pointer where there is no such
    // file or it is too large for memory.
    std::shared_ptr<const Page> page(std::string_view name) const noexcept;

    // The same as an answer, for files of any size, ready for conditions and ranges. nullopt: no such file.
    std::optional<Response> response(std::string_view name) const;

    std::size_t size() const noexcept;

private:
    friend void add_static_files(Router& router,
                                 std::string name,
                                 std::shared_ptr<const StaticFiles> files,
                                 Host host);

    struct Index;
    std::unique_ptr<Index> index_;
};

// Declares the route "prefix/{file:rest}".
void add_static_files(Router& router,
                      std::string name,
                      std::shared_ptr<const StaticFiles> files,
                      Host host = Host::any);

// By the name's ending; "application/octet-stream" where it isn't known.
std::string_view media_type_of(std::string_view file_name) noexcept;

}  // namespace cartwright::http
