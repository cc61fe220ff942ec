#include "http/multipart.hpp"

#include "base/text.hpp"
#include "http/form.hpp"
#include "http/negotiate.hpp"

#include <algorithm>
#include <vector>

namespace cartwright::http {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::size_t longest_boundary = 70;

// A parameter's value, with or without quotes. Browsers send backslashes of file names as they are and
// quotes as "%22"; curl puts a backslash before both: so only \" and \\ are escapes.
std::optional<std::string> parameter_value(std::string_view text) {
    if (!text.starts_with('"')) return std::string(text);
    std::string value;
    for (std::size_t at = 1; at < text.size(); ++at) {
        char c = text[at];
        if (c == '"') return at + 1 == text.size() ? std::optional(value) : std::nullopt;
        if (c == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\'))
            c = text[++at];
        value.push_back(c);
    }
    return std::nullopt;
}

// name=value of a parameter list such as `form-data; name="a"; filename="b"`; the first member stands alone.
std::optional<std::string> parameter_of(std::string_view list, std::string_view name) {
    ListReader parts(list, ';');
    parts.next();
    while (const auto part = parts.next()) {
        const std::size_t equals = part->find('=');
        if (equals == std::string_view::npos) continue;
        if (same_ignoring_case(trim(part->substr(0, equals)), name)) {
            return parameter_value(trim(part->substr(equals + 1)));
        }
    }
    return std::nullopt;
}

bool is_clean(std::string_view text) noexcept {
    return is_utf8(text) && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
}

class OneField final : public PartSink {
public:
    explicit OneField(std::string_view name) : name_(name) {}

    Outcome<> begin(const PartHead& head) override {
        takes_ = !value && !head.filename && head.name == name_;
        if (takes_) value.emplace();
        return {};
    }

    Outcome<> data(std::string_view bytes) override {
        if (takes_) value->append(bytes);
        return {};
    }

    Outcome<> end() override { return {}; }

    std::optional<std::string> value;

private:
    std::string_view name_;
    bool takes_ = false;
};

}  // namespace

MultipartReader::MultipartReader(std::string_view boundary, PartSink& sink, const MultipartLimits& limits)
    : sink_(&sink), limits_(limits), delimiter_("\r\n--") {
    delimiter_.append(boundary);
}

Outcome<> MultipartReader::feed(std::string_view bytes) {
    buffer_.append(bytes);
    for (;;) {
        auto more = step();
        if (!more) return refuse(std::move(more.error()));
        if (!*more) break;
    }
    buffer_.erase(0, at_);
    at_ = 0;
    return {};
}

Outcome<> MultipartReader::finish() const {
    if (state_ != State::closed) return refuse(bad_form);
    return {};
}

Outcome<bool> MultipartReader::step() {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    switch (state_) {
        case State::start: {
            const std::string_view opening = std::string_view(delimiter_).substr(line_end.size());
            if (!opening.starts_with(rest.substr(0, opening.size()))) return refuse(bad_form);
            if (rest.size() < opening.size()) return false;
            at_ += opening.size();
            state_ = State::after_boundary;
            return true;
        }
        case State::after_boundary:
            if (rest.size() < 2) return false;
            if (rest.starts_with("--")) {
                state_ = State::closed;
            } else if (rest.starts_with(line_end)) {
                if (++parts_ > limits_.parts) return refuse(form_too_large);
                state_ = State::head;
            } else {
                return refuse(bad_form);
            }
            at_ += 2;
            return true;
        case State::head: {
            const std::size_t end = rest.find(head_end);
            const bool whole = end != std::string_view::npos;
            const std::size_t longest = whole ? limits_.head : limits_.head + head_end.size() - 1;
            if (std::min(end, rest.size()) > longest) return refuse(form_too_large);
            if (!whole) return false;
            auto taken = read_head(rest.substr(0, end));
            if (!taken) return refuse(std::move(taken.error()));
            at_ += end + head_end.size();
            state_ = State::data;
            return true;
        }
        case State::data:
            return read_data();
        case State::closed:
            // An epilogue is allowed (RFC 2046 5.1.1) and means nothing.
            at_ = buffer_.size();
            return false;
    }
    return false;
}

Outcome<bool> MultipartReader::read_data() {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    const std::size_t end = rest.find(delimiter_);
    const bool ends = end != std::string_view::npos;
    // What could be the front of a delimiter stays until more bytes tell.
    const std::size_t ready = ends ? end : rest.size() - std::min(rest.size(), delimiter_.size() - 1);
    if (ready > 0) {
        auto taken = sink_->data(rest.substr(0, ready));
        if (!taken) return refuse(std::move(taken.error()));
    }
    at_ += ready;
    if (!ends) return false;
    auto ended = sink_->end();
    if (!ended) return refuse(std::move(ended.error()));
    at_ += delimiter_.size();
    state_ = State::after_boundary;
    return true;
}

Outcome<> MultipartReader::read_head(std::string_view head) {
    PartHead part;
    bool named = false;
    while (!head.empty()) {
        const std::size_t end = std::min(head.find(line_end), head.size());
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(end + line_end.size(), head.size()));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_clean(line)) return refuse(bad_form);
        const std::string_view value = trim(line.substr(colon + 1));
        if (same_ignoring_case(line.substr(0, colon), "Content-Type")) part.type = value;
        if (!same_ignoring_case(line.substr(0, colon), "Content-Disposition")) continue;
        auto name = parameter_of(value, "name");
        if (named || !name || name->empty() ||
            !same_ignoring_case(trim(value.substr(0, value.find(';'))), "form-data")) {
            return refuse(bad_form);
        }
        named = true;
        part.name = std::move(*name);
        part.filename = parameter_of(value, "filename");
        if (part.filename) part.filename->erase(0, part.filename->find_last_of("/\\") + 1);
    }
    if (!named) return refuse(bad_form);
    if (part.name.size() > limits_.name || (part.filename && part.filename->size() > limits_.name)) {
        return refuse(form_too_large);
    }
    return sink_->begin(part);
}

std::optional<std::string> boundary_of(std::string_view content_type) {
    if (!same_ignoring_case(trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data")) {
        return std::nullopt;
    }
    auto boundary = parameter_of(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > longest_boundary || boundary->back() == ' ') {
        return std::nullopt;
    }
    const bool legal = std::ranges::all_of(*boundary, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
    });
    return legal ? boundary : std::nullopt;
}

std::optional<std::string> first_part(std::string_view content_type,
                                      std::string_view body,
                                      std::string_view name) {
    const auto boundary = boundary_of(content_type);
    if (!boundary) return std::nullopt;
    OneField field(name);
    MultipartReader reader(*boundary, field);
    if (!reader.feed(body) || !reader.finish()) return std::nullopt;
    return std::move(field.value);
}

Task<Outcome<>> read_parts(BodyReader& body, MultipartReader& reader) {
    constexpr std::size_t block = 16 << 10;
    std::vector<char> bytes(block);
    for (;;) {
        const std::size_t count = co_await body.read(bytes);
        if (count == 0) break;
        auto taken = reader.feed({bytes.data(), count});
        if (!taken) co_return refuse(std::move(taken.error()));
    }
    co_return reader.finish();
}

}  // namespace cartwright::http
