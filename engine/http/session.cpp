#include "http/session.hpp"

#include "base/text.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace cartwright::http {
namespace {

// Pipelined answers up to this size gather in the output before they are sent.
constexpr std::size_t small_body = 4 << 10;
constexpr std::size_t output_bytes = 16 << 10;

// After an answer that ends the connection, what still comes in is read and dropped, so that the kernel does
// not throw the answer away with a reset before the client has read it (RFC 9112 9.6).
constexpr std::uint64_t linger_bytes = 1 << 20;

constexpr std::size_t max_believed_id = 64;

std::string_view status_line(int status) noexcept {
    switch (status) {
        case 200:
            return "HTTP/1.1 200 OK\r\n";
        case 201:
            return "HTTP/1.1 201 Created\r\n";
        case 202:
            return "HTTP/1.1 202 Accepted\r\n";
        case 204:
            return "HTTP/1.1 204 No Content\r\n";
        case 206:
            return "HTTP/1.1 206 Partial Content\r\n";
        case 301:
            return "HTTP/1.1 301 Moved Permanently\r\n";
        case 302:
            return "HTTP/1.1 302 Found\r\n";
        case 303:
            return "HTTP/1.1 303 See Other\r\n";
        case 304:
            return "HTTP/1.1 304 Not Modified\r\n";
        case 307:
            return "HTTP/1.1 307 Temporary Redirect\r\n";
        case 308:
            return "HTTP/1.1 308 Permanent Redirect\r\n";
        case 400:
            return "HTTP/1.1 400 Bad Request\r\n";
        case 401:
            return "HTTP/1.1 401 Unauthorized\r\n";
        case 402:
            return "HTTP/1.1 402 Payment Required\r\n";
        case 403:
            return "HTTP/1.1 403 Forbidden\r\n";
        case 404:
            return "HTTP/1.1 404 Not Found\r\n";
        case 405:
            return "HTTP/1.1 405 Method Not Allowed\r\n";
        case 406:
            return "HTTP/1.1 406 Not Acceptable\r\n";
        case 408:
            return "HTTP/1.1 408 Request Timeout\r\n";
        case 409:
            return "HTTP/1.1 409 Conflict\r\n";
        case 410:
            return "HTTP/1.1 410 Gone\r\n";
        case 412:
            return "HTTP/1.1 412 Precondition Failed\r\n";
        case 413:
            return "HTTP/1.1 413 Content Too Large\r\n";
        case 414:
            return "HTTP/1.1 414 URI Too Long\r\n";
        case 415:
            return "HTTP/1.1 415 Unsupported Media Type\r\n";
        case 416:
            return "HTTP/1.1 416 Range Not Satisfiable\r\n";
        case 417:
            return "HTTP/1.1 417 Expectation Failed\r\n";
        case 421:
            return "HTTP/1.1 421 Misdirected Request\r\n";
        case 422:
            return "HTTP/1.1 422 Unprocessable Content\r\n";
        case 428:
            return "HTTP/1.1 428 Precondition Required\r\n";
        case 429:
            return "HTTP/1.1 429 Too Many Requests\r\n";
        case 431:
            return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
        case 500:
            return "HTTP/1.1 500 Internal Server Error\r\n";
        case 501:
            return "HTTP/1.1 501 Not Implemented\r\n";
        case 502:
            return "HTTP/1.1 502 Bad Gateway\r\n";
        case 503:
            return "HTTP/1.1 503 Service Unavailable\r\n";
        case 504:
            return "HTTP/1.1 504 Gateway Timeout\r\n";
        case 505:
            return "HTTP/1.1 505 HTTP Version Not Supported\r\n";
        default:
            return {};
    }
}

// What the session writes itself, and what would say otherwise how the answer is framed.
bool own_field(std::string_view name) noexcept {
    return same_ignoring_case(name, "Content-Length") || same_ignoring_case(name, "Transfer-Encoding") ||
           same_ignoring_case(name, "Connection") || same_ignoring_case(name, "Date") ||
           same_ignoring_case(name, "X-Request-Id");
}

// RFC 9110 6.4.1: the answers that have no content whatever their fields say.
bool bodiless(int status) noexcept {
    return status == 204 || status == 304;
}

std::string_view last_element(std::string_view list) noexcept {
    const auto comma = list.rfind(',');
    if (comma != std::string_view::npos) list.remove_prefix(comma + 1);
    while (!list.empty() && (list.front() == ' ' || list.front() == '\t')) list.remove_prefix(1);
    while (!list.empty() && (list.back() == ' ' || list.back() == '\t')) list.remove_suffix(1);
    return list;
}

iovec part(std::span<const char> bytes) noexcept {
    return {const_cast<char*>(bytes.data()), bytes.size()};  // sendmsg only reads
}

// Thrown to a handler that streams; the session knows the cause and answers.
struct BodyFailed final : std::runtime_error {
    BodyFailed() : std::runtime_error("the client's request body ended early or was malformed") {}
};

}  // namespace

class Session::Stream final : public BodyReader {
public:
    explicit Stream(Session& session) noexcept : session_(session) {}

    Task<std::size_t> read(std::span<char> into) override {
        if (into.empty()) co_return 0;
        if (failure_ != BodyEnd::whole) throw BodyFailed();
        if (piece_.empty()) {
            failure_ = co_await session_.next_piece(piece_, Phase::body);
            session_.body_time_ = session_.deadline_ - ticks();
            session_.phase_ = Phase::handler;
            if (failure_ != BodyEnd::whole) throw BodyFailed();
        }
        const std::size_t size = std::min(into.size(), piece_.size());
        std::ranges::copy(piece_.substr(0, size), into.begin());
        piece_.remove_prefix(size);
        co_return size;
    }

    BodyEnd failure() const noexcept { return failure_; }

private:
    Session& session_;
    std::string_view piece_;
    BodyEnd failure_ = BodyEnd::whole;
};

Session::Session(Lane& lane, Wire wire, const Address& peer, std::size_t counted)
    : lane_(lane),
      wire_(std::move(wire)),
      peer_(peer),
      counted_(counted),
      peer_text_(peer.text()),
      trusted_(lane.proxies.contain(peer)) {
    enter(wire_.secure() ? Phase::handshake : Phase::idle,
          wire_.secure() ? lane_.limits.handshake : lane_.limits.head);
    lane_.add(*this);
}

Session::~Session() {
    lane_.remove(*this);
    if (tenant_ != 0) lane_.connections.leave_shop(tenant_);
    lane_.connections.leave(peer_, counted_);
}

void Session::enter(Phase phase, std::chrono::milliseconds limit) {
    phase_ = phase;
    deadline_ = ticks() + limit;
}

void Session::check(TimePoint now) {
    if (expired_ || phase_ == Phase::handler) return;
    std::chrono::seconds earned{0};
    if (phase_ == Phase::body) {
        earned = std::chrono::seconds(body_received_ / lane_.limits.body_rate);
    } else if (phase_ == Phase::write) {
        earned = std::chrono::seconds((sent_ - write_start_) / lane_.limits.write_rate);
    }
    if (now < deadline_ + earned) return;
    expired_ = true;
    if (waiting_) wire_.socket().cancel();
}

void Session::drain() {
    if (phase_ != Phase::idle) return;
    if (!answered_) {
        // A client that has just connected means to ask something: its request is on the way.
        deadline_ = std::min(deadline_, ticks() + lane_.limits.linger);
        return;
    }
    expired_ = true;
    if (waiting_) wire_.socket().cancel();
}

void Session::cut() {
    broken_ = true;
    expired_ = true;
    if (waiting_) wire_.socket().cancel();
}

Task<bool> Session::wait(Io readiness) {
    if (expired_ || broken_) co_return false;
    if (readiness != Io::want_read && readiness != Io::want_write) {
        broken_ = true;
        co_return false;
    }
    waiting_ = true;
    boost::system::error_code error;
    co_await wire_.socket().async_wait(readiness == Io::want_write ? Socket::wait_write : Socket::wait_read,
                                       boost::asio::redirect_error(use_task, error));
    waiting_ = false;
    if (error && !expired_) broken_ = true;
    co_return !expired_ && !broken_;
}

Task<bool> Session::handshake() {
    for (;;) {
        const Io io = wire_.handshake();
        if (io == Io::done) break;
        if (!co_await wait(io)) {
            broken_ = true;
            co_return false;
        }
    }
    enter(Phase::idle, lane_.limits.head);
    co_return true;
}

Io Session::receive() {
    if (!block_) {
        block_ = lane_.take_block();
        begin_ = at_ = end_ = 0;
        guard_.emplace(block_->head);
    }
    std::size_t received = 0;
    const Io io = wire_.receive(std::span(block_->input).subspan(end_), received);
    if (io == Io::done) end_ += received;
    return io;
}

Task<> Session::run() {
    try {
        if (!wire_.secure() || co_await handshake()) {
            while (co_await next_head() && co_await answer()) {
            }
        }
        if (!broken_) co_await linger();
    } catch (...) {
        // Memory ran out, or the exchange failed while it refused. The connection is closed, no more.
    }
    if (block_) lane_.give_block(std::move(block_));
}

// To a request's whole head. False: the connection is to be ended.
Task<bool> Session::next_head() {
    Io io = Io::want_read;
    for (;;) {
        if (end_ > begin_) {
            const auto verdict = guard_->feed({block_->input.data() + begin_, end_ - begin_});
            if (verdict == Guard::Verdict::head) co_return true;
            if (verdict == Guard::Verdict::refused) {
                co_await refuse(guard_->status());
                co_return false;
            }
            if (begin_ > 0) {
                // The front half of a head moves to the front, where there is room for all of it.
                std::memmove(block_->input.data(), block_->input.data() + begin_, end_ - begin_);
                end_ -= begin_;
                begin_ = 0;
                guard_->reset();
                std::ignore = guard_->feed({block_->input.data(), end_});
            }
        }
        if (block_ && !block_->output.empty() && !co_await flush()) co_return false;
        const bool begun = guard_ && guard_->begun();
        if (begun && phase_ != Phase::head) enter(Phase::head, lane_.limits.head);
        if (!begun && phase_ != Phase::idle) enter(Phase::idle, lane_.limits.idle);

        // A server that drains looks once more at a connection before it ends it: what was sent before the
        // client could know is answered.
        const auto last_look = [&] { return !begun && answered_ && lane_.draining(); };
        if (io != Io::done && !last_look() && !wire_.holds_bytes()) {
            if (block_ && end_ == begin_) {
                lane_.give_block(std::move(block_));
                guard_.reset();
            }
            in_a_row_ = 0;
            if (!co_await wait(io)) {
                // Not on a connection that was used before: a proxy in front may hold an answer that comes
                // unasked for that to another request (RFC 9112 9.5).
                if (begun && !broken_ && !answered_) co_await refuse(408);
                if (begun || broken_ || !last_look()) co_return false;
                expired_ = false;
            }
        }
        io = receive();
        if (io == Io::lost) broken_ = true;
        if (io == Io::lost || io == Io::end || (io != Io::done && last_look())) co_return false;
    }
}

void Session::believe_proxy(Head& head) {
    if (!head.forwarded_for.empty()) {
        // The nearest proxy wrote the last address; those before it may be the client's invention.
        if (const auto address = Address::parse(last_element(head.forwarded_for))) {
            believed_peer_ = address->text();
            request_.peer = believed_peer_;
        }
    }
    if (!head.forwarded_proto.empty()) {
        request_.secure = same_ignoring_case(last_element(head.forwarded_proto), "https");
    }
    if (!head.forwarded_host.empty()) {
        if (const auto host = canonical_host(last_element(head.forwarded_host), believed_host_)) {
            request_.host = *host;
        }
    }
    if (head.request_id.size() <= max_believed_id && is_token(head.request_id)) request_.id = head.request_id;
}

void Session::begin_request() {
    Head& head = block_->head;
    at_ = begin_ + guard_->size();
    phase_ = Phase::handler;
    reused_ = std::exchange(answered_, true);
    answer_start_ = sent_ + block_->output.size();
    started_ = ticks();
    received_ = lane_.clock.now();
    sql_ = 0;
    route_ = {};
    lane_.next_request_id(id_);
    request_ = Request();
    request_.method = head.method;
    request_.version_minor = head.version_minor;
    request_.target = head.target;
    request_.path = head.path;
    request_.query = head.query;
    request_.host = head.host;
    request_.fields = std::span(head.fields).first(head.field_count);
    request_.peer = peer_text_;
    request_.secure = wire_.secure();
    request_.id = {id_.data(), id_.size()};
    request_.sql_count = &sql_;
    if (trusted_) believe_proxy(head);
    chunks_.reset();
    body_left_ = head.framing == Framing::length ? head.length : 0;
    body_received_ = 0;
    body_time_ = lane_.limits.body;
    body_over_ = head.framing == Framing::none;
    continue_wanted_ = head.expect == Expect::continue_100 && !body_over_;
}

// Connections of a proxy carry many shops; only those of clients are counted for one.
bool Session::enter_shop() {
    if (trusted_ || !request_.site || request_.site->tenant == tenant_) return true;
    if (tenant_ != 0) lane_.connections.leave_shop(std::exchange(tenant_, 0));
    const std::int64_t tenant = request_.site->tenant;
    if (tenant == 0) return true;
    if (!lane_.connections.enter_shop(tenant, lane_.limits.connections_per_shop)) return false;
    tenant_ = tenant;
    return true;
}

void Session::log(int status) noexcept {
    const Head& head = block_->head;
    const bool understood = !request_.path.empty();
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(ticks() - started_);
    const std::uint64_t bytes = sent_ + block_->output.size() - answer_start_;
    AccessLine line;
    line.time = received_;
    line.id = request_.id;
    line.method = understood ? head.method_text : std::string_view();
    line.host = request_.host;
    line.path = understood ? head.path : std::string_view();
    line.shop = request_.site ? request_.site->tenant : 0;
    line.route = route_;
    line.status = status;
    line.took = took;
    line.sql = sql_;
    line.bytes = bytes;
    line.peer = request_.peer;
    lane_.log.add(line);
    lane_.wake();
    lane_.exchange.finished(request_, route_, status, took, bytes);
}

// Answers the request whose head stands at begin_. False: the connection is to be ended.
Task<bool> Session::answer() {
    begin_request();
    const Head& head = block_->head;
    bool keep = false;
    Sending sending;
    if (body_over_ && (head.method == Method::get || head.method == Method::head) &&
        head.expect != Expect::unknown) {
        sending = lane_.exchange.cached(request_);
    }
    if (sending.page && enter_shop()) {
        keep = head.keep_alive && !lane_.draining();
        route_ = sending.route;
        start_answer(sending.status, keep);
        std::string& output = block_->output;
        output += sending.variant->head;
        output += "\r\n";
        const bool with_body = head.method != Method::head && !bodiless(sending.status);
        if (!co_await send_body(with_body ? std::string_view(sending.variant->body) : std::string_view())) {
            keep = false;
        }
        log(sending.status);
    } else {
        keep = co_await answer_slowly();
    }
    if (broken_) co_return false;
    begin_ = at_;
    if (begin_ == end_) begin_ = at_ = end_ = 0;
    guard_->reset();
    if (keep && ++in_a_row_ >= lane_.limits.burst) {
        in_a_row_ = 0;
        co_await boost::asio::post(lane_.executor, use_task);
    }
    if (!keep && !block_->output.empty()) co_await flush();
    co_return keep && !broken_;
}

Task<bool> Session::answer_slowly() {
    const Head& head = block_->head;
    bool keep = head.keep_alive;
    int failed = head.expect == Expect::unknown ? 417 : 0;
    Plan plan;
    std::string body;
    std::optional<Response> response;
    if (failed == 0) {
        try {
            plan = co_await lane_.exchange.plan(request_);
        } catch (...) {
            failed = 500;
        }
    }
    if (plan.match.route != nullptr) route_ = plan.match.route->name;
    if (failed == 0 && !enter_shop()) failed = 503;

    const auto failure_status = [](BodyEnd end) {
        switch (end) {
            case BodyEnd::malformed:
                return 400;
            case BodyEnd::too_large:
                return 413;
            case BodyEnd::slow:
                return 408;
            case BodyEnd::whole:
            case BodyEnd::lost:
                break;
        }
        return 0;
    };

    BodyEnd end = BodyEnd::whole;
    if (failed == 0 && plan.refusal) {
        response = std::move(plan.refusal);
        if (continue_wanted_) {
            // The client waits for leave to send; whether it sends the body now can't be known.
            keep = false;
        } else if (!body_over_) {
            // The body is read first, so that a malformed one is a 400 here as it is elsewhere.
            begin_body(lane_.limits.drain_bytes);
            end = co_await discard_body(Phase::body);
            if (end == BodyEnd::malformed || end == BodyEnd::slow ||
                (end == BodyEnd::too_large && plan.match.route == nullptr)) {
                failed = failure_status(end);
            }
            keep = keep && end == BodyEnd::whole;
        }
    } else if (failed == 0) {
        Stream stream(*this);
        const Body kind = plan.body;
        begin_body(kind == Body::none ? lane_.limits.drain_bytes : plan.body_limit);
        if (kind == Body::none) {
            end = co_await discard_body(Phase::body);
        } else if (kind == Body::whole) {
            if (head.framing == Framing::length && head.length <= plan.body_limit &&
                unread().size() >= head.length) {
                request_.body = unread().substr(0, static_cast<std::size_t>(head.length));
                at_ += static_cast<std::size_t>(head.length);
                body_over_ = true;
            } else {
                end = co_await read_whole(plan.body_limit, body);
                request_.body = body;
            }
        } else if (body_left_ > plan.body_limit) {
            end = BodyEnd::too_large;
        } else {
            request_.stream = &stream;
        }
        failed = failure_status(end);
        if (end == BodyEnd::whole) {
            phase_ = Phase::handler;
            try {
                response = co_await lane_.exchange.respond(request_, plan);
            } catch (...) {
                failed = 500;
            }
            if (stream.failure() != BodyEnd::whole) {
                end = stream.failure();
                failed = failure_status(end);
            } else if (!body_over_ && failed == 0) {
                keep = keep && !continue_wanted_ && co_await discard_body(Phase::linger) == BodyEnd::whole;
            }
        }
    }
    // Half a request on a connection that was used before is left without an answer, as half a head is.
    const bool silent = failed == 408 && reused_;
    if (end == BodyEnd::lost || broken_ || silent) {
        broken_ = true;
        log(silent ? 408 : 0);
        co_return false;
    }
    expired_ = false;
    if (failed != 0) {
        keep = false;
        response = lane_.exchange.refuse(request_, failed);
    }
    co_return co_await send_response(std::move(*response), keep);
}

void Session::begin_body(std::uint64_t limit) {
    if (block_->head.framing == Framing::chunked) chunks_.emplace(limit);
}

// The next bytes of the body; whole with an empty piece: its end.
Task<Session::BodyEnd> Session::next_piece(std::string_view& piece, Phase phase) {
    piece = {};
    if (body_over_) co_return BodyEnd::whole;
    if (phase_ == Phase::handler) {
        phase_ = phase;
        deadline_ = ticks() + (phase == Phase::linger ? lane_.limits.linger : body_time_);
    }
    Io io = Io::want_read;
    for (;;) {
        if (at_ < end_) {
            if (!chunks_) {
                piece = unread().substr(
                    0, static_cast<std::size_t>(std::min<std::uint64_t>(unread().size(), body_left_)));
                at_ += piece.size();
                body_left_ -= piece.size();
                body_received_ += piece.size();
                body_over_ = body_left_ == 0;
                co_return BodyEnd::whole;
            }
            const ChunkedBody::Step step = chunks_->next(unread());
            at_ += step.taken;
            body_received_ += step.taken;
            switch (step.verdict) {
                case ChunkedBody::Verdict::data:
                    piece = step.data;
                    co_return BodyEnd::whole;
                case ChunkedBody::Verdict::end:
                    body_over_ = true;
                    co_return BodyEnd::whole;
                case ChunkedBody::Verdict::malformed:
                    co_return BodyEnd::malformed;
                case ChunkedBody::Verdict::too_large:
                    co_return BodyEnd::too_large;
                case ChunkedBody::Verdict::more:
                    break;
            }
        }
        // All that came is used: the room behind the head is free again.
        at_ = end_ = begin_ + guard_->size();
        if (std::exchange(continue_wanted_, false)) block_->output += "HTTP/1.1 100 Continue\r\n\r\n";
        if (!block_->output.empty()) {
            const Phase back = phase_;
            const TimePoint deadline = deadline_;
            if (!co_await flush()) co_return BodyEnd::lost;
            phase_ = back;
            deadline_ = deadline;
        }
        if (io != Io::done && !wire_.holds_bytes() && !co_await wait(io)) {
            co_return broken_ ? BodyEnd::lost : BodyEnd::slow;
        }
        io = receive();
        if (io == Io::end || io == Io::lost) co_return BodyEnd::lost;
    }
}

Task<Session::BodyEnd> Session::read_whole(std::uint64_t limit, std::string& into) {
    if (body_left_ > limit) co_return BodyEnd::too_large;
    for (;;) {
        std::string_view piece;
        const BodyEnd end = co_await next_piece(piece, Phase::body);
        if (end != BodyEnd::whole || (piece.empty() && body_over_)) co_return end;
        into += piece;
    }
}

Task<Session::BodyEnd> Session::discard_body(Phase phase) {
    if (body_over_) co_return BodyEnd::whole;
    if (body_left_ > lane_.limits.drain_bytes) co_return BodyEnd::too_large;
    const std::uint64_t before = body_received_;
    phase_ = Phase::handler;
    for (;;) {
        std::string_view piece;
        const BodyEnd end = co_await next_piece(piece, phase);
        if (end != BodyEnd::whole || (piece.empty() && body_over_)) co_return end;
        if (body_received_ - before > lane_.limits.drain_bytes + max_chunk_extension_bytes)
            co_return BodyEnd::too_large;
    }
}

void Session::start_answer(int status, bool keep) {
    std::string& output = block_->output;
    if (const std::string_view line = status_line(status); !line.empty()) {
        output += line;
    } else {
        fmt::format_to(std::back_inserter(output), FMT_COMPILE("HTTP/1.1 {} \r\n"), status);
    }
    output += lane_.date_line(received_);
    output += "X-Request-Id: ";
    output += request_.id;
    output += "\r\n";
    if (!keep) {
        output += "Connection: close\r\n";
    } else if (request_.version_minor == 0) {
        output += "Connection: keep-alive\r\n";
    }
}

// Returns whether the connection stays.
Task<bool> Session::send_response(Response response, bool keep) {
    keep = keep && !response.close && !lane_.draining();
    Sending sending;
    const auto* file = std::get_if<FileBody>(&response.body);
    if (auto* page = std::get_if<std::shared_ptr<const Page>>(&response.body)) {
        sending = lane_.exchange.choose(request_, std::move(*page));
        response.status = sending.status;
    }
    const int status = response.status;
    start_answer(status, keep);
    std::string& output = block_->output;
    for (const auto& [name, value] : response.fields) {
        if (own_field(name)) continue;
        output += name;
        output += ": ";
        output += value;
        output += "\r\n";
    }
    std::string_view body;
    if (sending.page) {
        output += sending.variant->head;
        body = sending.variant->body;
    } else if (const auto* text = std::get_if<std::string>(&response.body)) {
        body = *text;
    }
    if (!sending.page && !bodiless(status)) {
        fmt::format_to(std::back_inserter(output),
                       FMT_COMPILE("Content-Length: {}\r\n"),
                       file != nullptr ? file->length : body.size());
    }
    output += "\r\n";
    const bool with_body = request_.method != Method::head && !bodiless(status);
    bool sent = false;
    if (with_body && file != nullptr) {
        sent = co_await flush() && co_await send_file(*file);
    } else {
        sent = co_await send_body(with_body ? body : std::string_view());
    }
    if (!keep && sent) sent = co_await flush();
    log(status);
    co_return keep&& sent;
}

// Sends the output and the body behind it. With more requests waiting, small answers gather instead.
Task<bool> Session::send_body(std::string_view body) {
    std::string& output = block_->output;
    if (at_ < end_ && body.size() <= small_body && output.size() + body.size() <= output_bytes) {
        output += body;
        co_return true;
    }
    std::array<iovec, 2> parts{part(output), part(body)};
    const bool sent = co_await send_parts(parts);
    output.clear();
    co_return sent;
}

Task<bool> Session::flush() {
    std::array<iovec, 1> parts{part(block_->output)};
    const bool sent = co_await send_parts(parts);
    block_->output.clear();
    co_return sent;
}

Task<bool> Session::send_parts(std::span<iovec> parts) {
    Io io = wire_.send(parts, sent_);
    if (io == Io::done) co_return true;
    write_start_ = sent_;
    enter(Phase::write, lane_.limits.write);
    while (io != Io::done) {
        if (!co_await wait(io)) {
            broken_ = true;
            co_return false;
        }
        io = wire_.send(parts, sent_);
    }
    co_return true;
}

Task<bool> Session::send_file(const FileBody& file) {
    std::uint64_t offset = file.offset;
    std::uint64_t left = file.length;
    write_start_ = sent_;
    enter(Phase::write, lane_.limits.write);
    for (;;) {
        const Io io = wire_.send_file(*file.file, offset, left, sent_);
        if (io == Io::done) co_return true;
        if (!co_await wait(io)) {
            broken_ = true;
            co_return false;
        }
    }
}

// Answers what is no request, or came too slowly. The connection ends after it.
Task<> Session::refuse(int status) {
    expired_ = false;
    phase_ = Phase::handler;
    answer_start_ = sent_ + block_->output.size();
    started_ = ticks();
    received_ = lane_.clock.now();
    route_ = {};
    sql_ = 0;
    lane_.next_request_id(id_);
    request_ = Request();
    request_.peer = peer_text_;
    request_.secure = wire_.secure();
    request_.id = {id_.data(), id_.size()};
    request_.sql_count = &sql_;
    at_ = end_;
    co_await send_response(lane_.exchange.refuse(request_, status), false);
}

Task<> Session::linger() {
    wire_.finish();
    expired_ = false;
    enter(Phase::linger, lane_.limits.linger);
    std::uint64_t dropped = 0;
    Io io = Io::want_read;
    while (dropped < linger_bytes && !broken_) {
        if (io != Io::done && !co_await wait(io)) co_return;
        begin_ = at_ = end_ = 0;
        io = receive();
        if (io == Io::end || io == Io::lost) co_return;
        dropped += end_;
    }
}

}  // namespace cartwright::http
