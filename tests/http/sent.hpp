// A request as the session would hand it over, with the storage that its views need, and a way to run a Task
// to its end.
#pragma once

#include "base/task.hpp"
#include "http/message.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cartwright::http::test {

class Sent {
public:
    using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    explicit Sent(Method method = Method::get, std::string_view target = "/", Fields fields = {})
        : target_(target) {
        for (const auto& [name, value] : fields) add(name, value);
        request.method = method;
        request.target = target_;
        request.path = std::string_view(target_).substr(0, target_.find('?'));
        request.host = "demo.example";
        request.peer = "192.0.2.7";
        request.id = "r-17";
        request.secure = true;
        site(7);
    }

    Sent(const Sent&) = delete;
    Sent& operator=(const Sent&) = delete;

    void add(std::string_view name, std::string_view value) {
        texts_.push_back(std::make_unique<std::pair<std::string, std::string>>(name, value));
        fields_.push_back({texts_.back()->first, texts_.back()->second});
        request.fields = fields_;
    }

    void site(std::int64_t tenant, std::string_view redirect_to = {}) {
        auto known = std::make_shared<Site>();
        known->tenant = tenant;
        known->host = request.host;
        known->redirect_to = redirect_to;
        request.site = std::move(known);
    }

    void body(std::string_view bytes) {
        body_ = bytes;
        request.body = body_;
    }

    Request request;

private:
    std::string target_;
    std::string body_;
    std::vector<std::unique_ptr<std::pair<std::string, std::string>>> texts_;
    std::vector<Field> fields_;
};

template <class T>
T run(Task<T> task) {
    boost::asio::io_context io(1);
    std::optional<T> result;
    std::exception_ptr failure;
    boost::asio::co_spawn(io.get_executor(), std::move(task), [&](std::exception_ptr thrown, T value) {
        failure = thrown;
        if (!thrown) result.emplace(std::move(value));
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
    if (!result) throw std::logic_error("the task waits for something that the test doesn't have");
    return std::move(*result);
}

}  // namespace cartwright::http::test
