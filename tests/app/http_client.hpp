// A plain, blocking HTTP client for tests against a running server: libcurl, which shares no code with ours.
// One object a thread; keeps its connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::test {

struct HttpAnswer {
    int status = 0;                             // 0: no whole answer came (refused, cut off, too late)
    std::map<std::string, std::string> fields;  // names in lower case; of several the last
    std::string body;

    std::string field(const std::string& name) const {
        const auto found = fields.find(name);
        return found == fields.end() ? "" : found->second;
    }
};

class HttpClient {
public:
    // Speaks to 127.0.0.1:port and names `host` as Host.
    HttpClient(std::uint16_t port, std::string host);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    HttpAnswer get(std::string_view path, const std::vector<std::string>& fields = {}) {
        return send("GET", path, {}, fields);
    }

    // `fields` as "Name: value". A body that isn't empty is JSON.
    HttpAnswer send(std::string_view method,
                    std::string_view path,
                    std::string_view body = {},
                    const std::vector<std::string>& fields = {});

    void limit(std::chrono::milliseconds limit) { limit_ = limit; }

private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
    std::uint16_t port_;
    std::string host_;
    std::chrono::milliseconds limit_{10'000};
};

}  // namespace cartwright::test
