// A PostgreSQL of one test's own, that may be stopped, killed and started again while others go on with the
// shared one of database.hpp. Migrated; on a unix socket only.
#pragma once

#include <filesystem>
#include <string>

namespace cartwright::test {

class OwnPostgres {
public:
    OwnPostgres();
    ~OwnPostgres();
    OwnPostgres(const OwnPostgres&) = delete;
    OwnPostgres& operator=(const OwnPostgres&) = delete;

    // Ready when it returns.
    void start();

    // Ends all connections with an error message (fast), or without one, as a crash does (immediate).
    void stop(bool crash);

    // The whole server stands still, and goes on.
    void freeze();
    void thaw();

    std::string app_url() const;
    std::string owner_url() const;

    const std::filesystem::path& folder() const noexcept { return folder_; }

private:
    void signal_all(int number);

    std::filesystem::path folder_;
};

}  // namespace cartwright::test
