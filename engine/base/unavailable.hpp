// Something that the server needs is away or overloaded for now: the face answers 503 with Retry-After.
// Nobody on the page could have caused it, so it is an exception (decisions/0002).
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

namespace cartwright {

class Unavailable : public std::runtime_error {
public:
    // `retry_after`: when it is worth asking again, as the answer's Retry-After says.
    explicit Unavailable(const std::string& what, std::chrono::seconds retry_after = std::chrono::seconds(1))
        : std::runtime_error(what), retry_after_(retry_after) {}

    std::chrono::seconds retry_after() const noexcept { return retry_after_; }

private:
    std::chrono::seconds retry_after_;
};

}  // namespace cartwright
