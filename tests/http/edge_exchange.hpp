// An Exchange for tests of the edge: knows the shops a.test and b.test (and localhost), takes any path, and
// answers with what it saw.
#pragma once

#include "http/edge.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>

namespace cartwright::http {

class EdgeExchange final : public Exchange {
public:
    // `page_bytes` > 0: GET /page comes from memory, of that size.
    explicit EdgeExchange(std::size_t page_bytes = 0) {
        const auto site = [](std::int64_t tenant, std::string host) {
            return std::make_shared<const Site>(
                Site{.tenant = tenant, .host = std::move(host), .redirect_to = {}});
        };
        shop_a_ = site(1, "a.test");
        shop_b_ = site(2, "b.test");
        if (page_bytes > 0) {
            auto page = std::make_shared<Page>();
            page->identity.body.assign(page_bytes, 'x');
            page->identity.head = fmt::format(
                "Content-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nETag: \"1-{}\"\r\n"
                "Cache-Control: public, max-age=60\r\nVary: Accept-Encoding\r\n"
                "X-Content-Type-Options: nosniff\r\n",
                page_bytes,
                page_bytes);
            page_ = std::move(page);
        }
        any_.name = "test.any";
        any_.body = Body::whole;
        stream_.name = "test.stream";
        stream_.body = Body::stream;
        none_.name = "test.none";
    }

    Sending cached(Request& request) override {
        if (!page_ || request.path != "/page") return {};
        request.site = site_of(request.host);
        if (!request.site) return {};
        return {page_, &page_->identity, 200, "test.page"};
    }

    Task<Plan> plan(Request& request) override {
        Plan plan;
        request.site = site_of(request.host);
        if (!request.site && request.host != "localhost" && request.host != "127.0.0.1" &&
            !request.host.empty()) {
            plan.refusal = refuse(request, 421);
            co_return plan;
        }
        if (request.path.starts_with("/missing")) {
            plan.refusal = refuse(request, 404);
            co_return plan;
        }
        plan.match.route = &any_;
        if (request.path.starts_with("/stream")) plan.match.route = &stream_;
        if (request.path.starts_with("/none")) plan.match.route = &none_;
        plan.body = plan.match.route->body;
        plan.body_limit = body_limit;
        co_return plan;
    }

    Task<Response> respond(Request& request, Plan&) override {
        if (request.path == "/throw") throw std::runtime_error("a handler's bug");
        if (request.path == "/big") co_return text(200, std::string(8 << 20, 'b'));
        if (request.path == "/file") {
            Response response;
            response.set("Content-Type", "application/octet-stream");
            response.body = FileBody{.file = file, .offset = 0, .length = file_size};
            co_return response;
        }
        std::string streamed;
        if (request.stream != nullptr) {
            std::array<char, 777> piece;
            for (std::size_t size = 0; (size = co_await request.stream->read(piece)) > 0;)
                streamed.append(piece.data(), size);
        }
        co_return text(200,
                       fmt::format("{} {} {} {} {} [{}]\n",
                                   static_cast<int>(request.method),
                                   request.host,
                                   request.target,
                                   request.peer,
                                   request.secure ? "https" : "http",
                                   request.stream != nullptr ? std::string_view(streamed) : request.body));
    }

    Response refuse(const Request& request, int status) override {
        return text(status, fmt::format("{} {}\n", status, request.id));
    }

    std::size_t body_limit = 1 << 20;
    std::shared_ptr<const int> file;  // what GET /file sends
    std::uint64_t file_size = 0;

private:
    std::shared_ptr<const Site> site_of(std::string_view host) const {
        if (host == "a.test") return shop_a_;
        if (host == "b.test") return shop_b_;
        return nullptr;
    }

    std::shared_ptr<const Site> shop_a_;
    std::shared_ptr<const Site> shop_b_;
    std::shared_ptr<const Page> page_;
    Route any_;
    Route stream_;
    Route none_;
};

}  // namespace cartwright::http
