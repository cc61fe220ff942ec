// Reads multipart/form-data (RFC 7578) from bytes that come in any pieces, and hands the parts on as they
// come: nothing larger than a part's head is kept. Strict as browsers are: no preamble, no padding after a
// boundary, CRLF only. It does no I/O.
#pragma once

#include "base/outcome.hpp"
#include "base/task.hpp"
#include "http/message.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright::http {

struct PartHead {
    std::string name;
    std::optional<std::string>
        filename;      // without folders; UTF-8 without controls. A claim, no path to write to
    std::string type;  // the part's Content-Type as sent, "" if it has none; a claim as well
};

// Takes the parts in order: begin, data…, end. A refusal ends the reading.
class PartSink {
public:
    PartSink() = default;
    PartSink(const PartSink&) = delete;
    PartSink& operator=(const PartSink&) = delete;
    virtual ~PartSink() = default;

    virtual Outcome<> begin(const PartHead& head) = 0;
    virtual Outcome<> data(std::string_view bytes) = 0;
    virtual Outcome<> end() = 0;
};

struct MultipartLimits {
    std::size_t parts = 1000;
    std::size_t name = 256;   // bytes of a field's or a file's name
    std::size_t head = 4096;  // bytes of a part's head
};

class MultipartReader {
public:
    MultipartReader(std::string_view boundary, PartSink& sink, const MultipartLimits& limits = {});

    // Refuses with bad_form or form_too_large, or as the sink does; after that nothing more may be fed.
    Outcome<> feed(std::string_view bytes);

    // After the last byte: bad_form unless the closing boundary has come.
    Outcome<> finish() const;

private:
    enum class State : std::uint8_t { start, after_boundary, head, data, closed };

    Outcome<bool> step();  // false: needs more bytes
    Outcome<bool> read_data();
    Outcome<> read_head(std::string_view head);

    PartSink* sink_;
    MultipartLimits limits_;
    std::string delimiter_;  // CRLF, "--", boundary
    std::string buffer_;
    std::size_t at_ = 0;  // consumed bytes of buffer_
    std::size_t parts_ = 0;
    State state_ = State::start;
};

// The boundary of a multipart/form-data Content-Type: 1 to 70 characters of RFC 2046 5.1.1; nullopt for
// another type or a malformed boundary.
std::optional<std::string> boundary_of(std::string_view content_type);

// The value of the first field part of that name in a whole body.
std::optional<std::string> first_part(std::string_view content_type,
                                      std::string_view body,
                                      std::string_view name);

// Streams a request's body through a reader.
Task<Outcome<>> read_parts(BodyReader& body, MultipartReader& reader);

}  // namespace cartwright::http
