#include "app/http_client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <new>

namespace cartwright::test {
namespace {

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* into) {
    static_cast<HttpAnswer*>(into)->body.append(data, size * count);
    return size * count;
}

std::size_t take_field(char* data, std::size_t size, std::size_t count, void* into) {
    const std::string_view line(data, size * count);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return line.size();
    std::string name(line.substr(0, colon));
    std::ranges::transform(
        name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto from = line.find_first_not_of(' ', colon + 1);
    const auto to = line.find_last_not_of(" \r\n");
    const bool empty = from == std::string_view::npos || to < from;
    static_cast<HttpAnswer*>(into)->fields[name] = empty ? "" : std::string(line.substr(from, to - from + 1));
    return line.size();
}

}  // namespace

struct HttpClient::Handle {
    CURL* curl = nullptr;
};

HttpClient::HttpClient(std::uint16_t port, std::string host)
    : handle_(std::make_unique<Handle>()), port_(port), host_(std::move(host)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    handle_->curl = curl_easy_init();
    if (!handle_->curl) throw std::bad_alloc();
}

HttpClient::~HttpClient() {
    curl_easy_cleanup(handle_->curl);
}

HttpAnswer HttpClient::send(std::string_view method,
                            std::string_view path,
                            std::string_view body,
                            const std::vector<std::string>& fields) {
    CURL* curl = handle_->curl;
    HttpAnswer answer;
    curl_slist* list = nullptr;
    const auto add = [&](const std::string& field) { list = curl_slist_append(list, field.c_str()); };
    add("Host: " + host_);
    add("Expect:");
    if (!body.empty()) add("Content-Type: application/json");
    for (const auto& field : fields) add(field);
    const std::string url = fmt::format("http://127.0.0.1:{}{}", port_, path);
    const std::string verb(method);

    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limit_.count()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &take_field);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
    if (method == "HEAD") {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else if (!body.empty() || (method != "GET" && method != "DELETE")) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
        curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, body.empty() ? "" : std::string(body).c_str());
    }
    if (method != "HEAD") curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, verb.c_str());
    const CURLcode code = curl_easy_perform(curl);
    curl_slist_free_all(list);
    if (code != CURLE_OK) return {};
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
}

}  // namespace cartwright::test
