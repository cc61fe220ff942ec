// What has gone for a while and is expected back: a database that restarts, a full queue. Thrown by floor 1,
// answered at the edge with 503 and Retry-After.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

namespace cartwright {

class Unavailable : public std::runtime_error {
public:
    explicit Unavailable(const std::string& message,
                         std::chrono::seconds retry_after = std::chrono::seconds(1))
        : std::runtime_error(message), retry_after_(retry_after) {}

    std::chrono::seconds retry_after() const noexcept { return retry_after_; }

private:
    std::chrono::seconds retry_after_;
};

}  // namespace cartwright
