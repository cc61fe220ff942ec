#include "http/conditional.hpp"

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/text.hpp"
#include "http/negotiate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <span>

namespace cartwright::http {

namespace {

constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> long_day_names{
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> month_names{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_weak(std::string_view etag) noexcept {
    return etag.starts_with("W/");
}

std::string_view opaque(std::string_view etag) noexcept {
    return is_weak(etag) ? etag.substr(2) : etag;
}

// RFC 9110 8.8.3.
bool is_etag(std::string_view etag) noexcept {
    const std::string_view tag = opaque(etag);
    return tag.size() >= 2 && tag.front() == '"' && tag.back() == '"' &&
           std::ranges::all_of(tag.substr(1, tag.size() - 2), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
           });
}

bool matches(std::string_view list, std::string_view etag, bool weakly) noexcept {
    if (trim(list) == "*") return true;
    if (etag.empty()) return false;
    ListReader members(list);
    while (const auto member = members.next()) {
        if (!is_etag(*member)) continue;
        if (!weakly && (is_weak(*member) || is_weak(etag))) continue;
        if (opaque(*member) == opaque(etag)) return true;
    }
    return false;
}

// Takes fixed pieces off a date.
class DateReader {
public:
    explicit DateReader(std::string_view text) noexcept : rest_(text) {}

    void literal(std::string_view text) noexcept {
        ok_ = ok_ && rest_.starts_with(text);
        if (ok_) rest_.remove_prefix(text.size());
    }

    int digits(std::size_t count) noexcept {
        int value = 0;
        ok_ = ok_ && rest_.size() >= count;
        for (std::size_t at = 0; ok_ && at < count; ++at) {
            ok_ = rest_[at] >= '0' && rest_[at] <= '9';
            value = value * 10 + (rest_[at] - '0');
        }
        if (ok_) rest_.remove_prefix(count);
        return value;
    }

    int one_of(std::span<const std::string_view> names) noexcept {
        for (std::size_t at = 0; ok_ && at < names.size(); ++at) {
            if (!rest_.starts_with(names[at])) continue;
            rest_.remove_prefix(names[at].size());
            return static_cast<int>(at);
        }
        ok_ = false;
        return 0;
    }

    bool next_is(char c) const noexcept { return ok_ && !rest_.empty() && rest_.front() == c; }

    bool done() const noexcept { return ok_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool ok_ = true;
};

struct DateParts {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
};

std::optional<std::int64_t> seconds_of(const DateParts& parts) noexcept {
    const std::chrono::year_month_day date{std::chrono::year(parts.year),
                                           std::chrono::month(static_cast<unsigned>(parts.month + 1)),
                                           std::chrono::day(static_cast<unsigned>(parts.day))};
    if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * std::int64_t{86400} + parts.hour * 3600 + parts.minute * 60 + parts.second;
}

void read_time(DateReader& reader, DateParts& parts) noexcept {
    parts.hour = reader.digits(2);
    reader.literal(":");
    parts.minute = reader.digits(2);
    reader.literal(":");
    parts.second = reader.digits(2);
}

// Digits only, saturating: a position past the end is past the end however far.
std::optional<std::uint64_t> parse_position(std::string_view text) noexcept {
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc::result_out_of_range ? UINT64_MAX : value;
}

// nullopt: malformed. A length of 0: lies outside the body.
std::optional<ByteRange> parse_range(std::string_view spec, std::uint64_t size) noexcept {
    const std::size_t dash = spec.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    if (dash == 0) {
        const auto suffix = parse_position(spec.substr(1));
        if (!suffix) return std::nullopt;
        const std::uint64_t length = std::min(*suffix, size);
        return ByteRange{size - length, length};
    }
    const auto first = parse_position(spec.substr(0, dash));
    if (!first) return std::nullopt;
    std::uint64_t last = UINT64_MAX;
    if (dash + 1 < spec.size()) {
        const auto named = parse_position(spec.substr(dash + 1));
        if (!named || *named < *first) return std::nullopt;
        last = *named;
    }
    if (*first >= size) return ByteRange{};
    return ByteRange{*first, std::min(last, size - 1) - *first + 1};
}

// Joins ranges that overlap or touch; they come out in order of position.
void join(std::vector<ByteRange>& ranges) {
    std::ranges::sort(ranges, {}, &ByteRange::first);
    std::vector<ByteRange> joined;
    for (const ByteRange& range : ranges) {
        if (!joined.empty() && range.first <= joined.back().first + joined.back().length) {
            const std::uint64_t end =
                std::max(joined.back().first + joined.back().length, range.first + range.length);
            joined.back().length = end - joined.back().first;
        } else {
            joined.push_back(range);
        }
    }
    ranges = std::move(joined);
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
    return fmt::format("bytes {}-{}/{}", range.first, range.first + range.length - 1, size);
}

// What stands in a 304: not what describes a body that isn't sent (RFC 9110 15.4.5).
void drop_content_fields(Response& response) {
    for (const std::string_view name :
         {"Content-Type", "Content-Encoding", "Content-Language", "Accept-Ranges"}) {
        response.remove(name);
    }
}

Validators validators_of(const Response& response) {
    return {response.field("ETag"), parse_http_date(response.field("Last-Modified"), 0).value_or(0)};
}

}  // namespace

Precondition evaluate(const Request& request, const Validators& validators, bool exists) {
    const bool reads = request.method == Method::get || request.method == Method::head;
    std::string buffer;
    const auto date_of = [&](std::string_view name) {
        return parse_http_date(request.field(name), validators.last_modified);
    };
    if (const auto if_match = request.list_field("If-Match", buffer); !if_match.empty()) {
        const bool holds =
            trim(if_match) == "*" ? exists : exists && matches_strongly(if_match, validators.etag);
        if (!holds) return Precondition::failed;
    } else if (const auto since = date_of("If-Unmodified-Since"); since && validators.last_modified != 0) {
        if (validators.last_modified > *since) return Precondition::failed;
    }
    if (const auto if_none_match = request.list_field("If-None-Match", buffer); !if_none_match.empty()) {
        if (exists && matches_weakly(if_none_match, validators.etag)) {
            return reads ? Precondition::not_modified : Precondition::failed;
        }
    } else if (const auto since = date_of("If-Modified-Since");
               reads && since && validators.last_modified != 0) {
        if (validators.last_modified <= *since) return Precondition::not_modified;
    }
    return Precondition::proceed;
}

bool matches_weakly(std::string_view list, std::string_view etag) noexcept {
    return matches(list, etag, true);
}

bool matches_strongly(std::string_view list, std::string_view etag) noexcept {
    return matches(list, etag, false);
}

std::string make_etag(std::string_view body) {
    constexpr std::size_t enough = 16;  // bytes of the hash: nobody finds two bodies with one tag
    const Digest digest = sha256(body);
    return '"' + to_base64url(std::span(digest).first(enough)) + '"';
}

std::string etag_for(std::string_view etag, Encoding encoding) {
    if (encoding == Encoding::identity || etag.empty()) return std::string(etag);
    std::string text(etag.substr(0, etag.size() - 1));
    return text.append(encoding == Encoding::brotli ? "-br\"" : "-gz\"");
}

std::string http_date(std::int64_t seconds) {
    const std::chrono::sys_seconds moment{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(moment - day);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       day_names[std::chrono::weekday(day).c_encoding()],
                       static_cast<unsigned>(date.day()),
                       month_names[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()),
                       time.hours().count(),
                       time.minutes().count(),
                       time.seconds().count());
}

std::optional<std::int64_t> parse_http_date(std::string_view text, std::int64_t now) noexcept {
    DateParts parts;
    DateReader fixed(text);  // Sun, 06 Nov 1994 08:49:37 GMT
    fixed.one_of(day_names);
    fixed.literal(", ");
    parts.day = fixed.digits(2);
    fixed.literal(" ");
    parts.month = fixed.one_of(month_names);
    fixed.literal(" ");
    parts.year = fixed.digits(4);
    fixed.literal(" ");
    read_time(fixed, parts);
    fixed.literal(" GMT");
    if (fixed.done()) return seconds_of(parts);

    DateReader old(text);  // Sunday, 06-Nov-94 08:49:37 GMT
    old.one_of(long_day_names);
    old.literal(", ");
    parts.day = old.digits(2);
    old.literal("-");
    parts.month = old.one_of(month_names);
    old.literal("-");
    parts.year = old.digits(2);
    old.literal(" ");
    read_time(old, parts);
    old.literal(" GMT");
    if (old.done()) {
        const std::chrono::year_month_day today(
            std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds(now)}));
        const int this_year = static_cast<int>(today.year());
        parts.year += this_year / 100 * 100;
        if (parts.year > this_year + 50) parts.year -= 100;
        return seconds_of(parts);
    }

    DateReader c_style(text);  // Sun Nov  6 08:49:37 1994
    c_style.one_of(day_names);
    c_style.literal(" ");
    parts.month = c_style.one_of(month_names);
    c_style.literal(" ");
    if (c_style.next_is(' ')) {
        c_style.literal(" ");
        parts.day = c_style.digits(1);
    } else {
        parts.day = c_style.digits(2);
    }
    c_style.literal(" ");
    read_time(c_style, parts);
    c_style.literal(" ");
    parts.year = c_style.digits(4);
    return c_style.done() ? seconds_of(parts) : std::nullopt;
}

Ranges parse_ranges(std::string_view range, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    Ranges result;
    if (range.size() < unit.size() || !same_ignoring_case(range.substr(0, unit.size()), unit)) return result;
    ListReader specs(range.substr(unit.size()));
    std::uint64_t total = 0;
    std::size_t count = 0;
    while (const auto spec = specs.next()) {
        const auto parsed = parse_range(*spec, size);
        if (!parsed || ++count > Ranges::most) return {};
        if (parsed->length == 0) continue;
        total += parsed->length;
        result.ranges.push_back(*parsed);
    }
    if (count == 0) return {};
    if (result.ranges.empty()) return {.satisfiable = false, .ranges = {}};
    if (total > size) return {};
    join(result.ranges);
    return result;
}

bool if_range_holds(const Request& request, const Validators& validators) {
    const std::string_view condition = request.field("If-Range");
    if (condition.empty()) return true;
    if (condition.front() == '"') return matches_strongly(condition, validators.etag) && condition != "*";
    const auto date = parse_http_date(condition, validators.last_modified);
    return date && validators.last_modified != 0 && *date == validators.last_modified;
}

void apply_range(const Request& request, Response& response, std::string_view boundary) {
    auto* text = std::get_if<std::string>(&response.body);
    auto* file = std::get_if<FileBody>(&response.body);
    if (response.status != 200 || (!text && !file)) return;
    response.set("Accept-Ranges", "bytes");
    const std::string_view field = request.field("Range");
    if (request.method != Method::get || field.empty()) return;
    if (!if_range_holds(request, validators_of(response))) return;

    const std::uint64_t size = text ? text->size() : file->length;
    const Ranges wanted = parse_ranges(field, size);
    if (!wanted.satisfiable) {
        response.status = 416;
        response.set("Content-Range", fmt::format("bytes */{}", size));
        drop_content_fields(response);
        response.body = std::monostate();
        return;
    }
    if (wanted.ranges.empty() || (file && wanted.ranges.size() > 1)) return;
    response.status = 206;
    const ByteRange& first = wanted.ranges.front();
    if (wanted.ranges.size() == 1) {
        response.set("Content-Range", content_range(first, size));
        if (file) {
            *file = FileBody{file->file, file->offset + first.first, first.length};
        } else {
            *text = text->substr(first.first, first.length);
        }
        return;
    }
    std::string parts;
    for (const ByteRange& range : wanted.ranges) {
        parts += fmt::format("--{}\r\nContent-Type: {}\r\nContent-Range: {}\r\n\r\n",
                             boundary,
                             response.field("Content-Type"),
                             content_range(range, size));
        parts.append(*text, range.first, range.length).append("\r\n");
    }
    parts += fmt::format("--{}--\r\n", boundary);
    response.set("Content-Type", fmt::format("multipart/byteranges; boundary={}", boundary));
    *text = std::move(parts);
}

bool apply_conditions(const Request& request, Response& response) {
    if (response.status != 200) return false;
    const Validators validators = validators_of(response);
    if (validators.etag.empty() && validators.last_modified == 0) return false;
    switch (evaluate(request, validators)) {
        case Precondition::proceed:
            return false;
        case Precondition::not_modified:
            response.status = 304;
            break;
        case Precondition::failed:
            response.status = 412;
            break;
    }
    drop_content_fields(response);
    response.body = std::monostate();
    return true;
}

}  // namespace cartwright::http
