// One connection: reads requests through the guard, asks the exchange, writes answers in order. One request
// at a time; what a pipelining client sends ahead waits in a bounded buffer, and answers that fit together
// leave in one write. While nothing happens the connection holds no buffer.
#pragma once

#include "base/task.hpp"
#include "http/address.hpp"
#include "http/chunked.hpp"
#include "http/edge.hpp"
#include "http/guard.hpp"
#include "http/lane.hpp"
#include "http/wire.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright::http {

class Session {
public:
    // The caller has counted the connection in lane.connections; the session takes it off again.
    // `counted` is the cap per address under which it was counted, 0 if under none.
    Session(Lane& lane, Wire wire, const Address& peer, std::size_t counted);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    // To the connection's end. Throws nothing.
    Task<> run();

    // Called by the lane's clock: ends what is past its deadline.
    void check(std::chrono::steady_clock::time_point now);
    // Ends the connection if no request is in it; the present one is the last.
    void drain();
    void cut();

private:
    friend class Lane;
    class Stream;

    using TimePoint = std::chrono::steady_clock::time_point;

    enum class Phase : std::uint8_t { handshake, idle, head, body, handler, write, linger };
    // What the bytes of a body, or the lack of them, came to.
    enum class BodyEnd : std::uint8_t { whole, malformed, too_large, slow, lost };

    void enter(Phase phase, std::chrono::milliseconds limit);
    Task<bool> wait(Io readiness);
    Task<bool> handshake();
    Task<bool> next_head();
    Task<bool> answer();
    Task<bool> answer_slowly();
    void begin_request();
    void believe_proxy(Head& head);
    bool enter_shop();

    std::string_view unread() const noexcept { return {block_->input.data() + at_, end_ - at_}; }

    Io receive();
    Task<BodyEnd> next_piece(std::string_view& piece, Phase phase);
    Task<BodyEnd> read_whole(std::uint64_t limit, std::string& into);
    Task<BodyEnd> discard_body(Phase phase);
    void begin_body(std::uint64_t limit);

    void start_answer(int status, bool keep);
    Task<bool> send_response(Response response, bool keep);
    Task<bool> send_body(std::string_view body);
    Task<bool> send_parts(std::span<iovec> parts);
    Task<bool> send_file(const FileBody& file);
    Task<bool> flush();
    Task<> refuse(int status);
    Task<> linger();
    void log(int status) noexcept;

    Lane& lane_;
    Wire wire_;
    Address peer_;
    std::size_t counted_;
    std::string peer_text_;
    bool trusted_;
    Session* next_ = nullptr;  // of the lane's list
    Session* previous_ = nullptr;

    Phase phase_ = Phase::idle;
    TimePoint deadline_;
    bool expired_ = false;  // past the deadline, drained or cut: the next wait ends at once
    bool waiting_ = false;
    bool broken_ = false;    // the connection can't be used any more
    bool answered_ = false;  // it has brought a request already
    bool reused_ = false;    // … before the present one

    std::unique_ptr<Block> block_;
    std::size_t begin_ = 0;  // of the current request, in block_->input
    std::size_t at_ = 0;     // first byte not understood yet
    std::size_t end_ = 0;    // of what was received
    std::optional<Guard> guard_;

    Request request_;
    std::array<char, 16> id_{};
    std::string believed_peer_;
    std::array<char, max_host_bytes> believed_host_;
    std::string_view route_;
    std::uint32_t sql_ = 0;
    std::int64_t tenant_ = 0;  // counted in lane_.connections
    Instant received_;
    TimePoint started_;
    std::uint64_t sent_ = 0;          // bytes of the connection so far
    std::uint64_t answer_start_ = 0;  // `sent_` before the current answer
    std::uint64_t write_start_ = 0;   // … when the kernel last took no more
    unsigned in_a_row_ = 0;

    std::optional<ChunkedBody> chunks_;
    std::uint64_t body_left_ = 0;  // of Framing::length
    std::uint64_t body_received_ = 0;
    std::chrono::steady_clock::duration
        body_time_{};  // left for the client; the handler's own time is not its
    bool body_over_ = true;
    bool continue_wanted_ = false;
};

}  // namespace cartwright::http
