#include "files/s3_listing.hpp"

#include "files/backend.hpp"

#include <charconv>
#include <optional>

namespace cartwright::files {

namespace {

[[noreturn]] void refuse_listing(std::string_view why) {
    throw StorageFailure("the S3 service answered with a listing that can't be read: " + std::string(why));
}

// The text between the next <name> and its end; `rest` goes on behind it.
std::optional<std::string_view> next_element(std::string_view& rest, std::string_view name) {
    const std::string open = "<" + std::string(name) + ">";
    const std::string close = "</" + std::string(name) + ">";
    const std::size_t begin = rest.find(open);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t end = rest.find(close, begin + open.size());
    if (end == std::string_view::npos) refuse_listing("an element without an end");
    const std::string_view inside = rest.substr(begin + open.size(), end - begin - open.size());
    rest.remove_prefix(end + close.size());
    return inside;
}

std::string_view element(std::string_view inside, std::string_view name) {
    const std::optional<std::string_view> found = next_element(inside, name);
    if (!found) refuse_listing("no " + std::string(name));
    return *found;
}

template <class Number>
Number number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) refuse_listing("a number");
    return value;
}

// "2026-01-31T12:00:00.000Z", the fraction optional and not kept.
Instant moment(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
        text[16] != ':' || text.back() != 'Z') {
        refuse_listing("a date");
    }
    const std::chrono::year_month_day date(std::chrono::year(number<int>(text.substr(0, 4))),
                                           std::chrono::month(number<unsigned>(text.substr(5, 2))),
                                           std::chrono::day(number<unsigned>(text.substr(8, 2))));
    const auto hour = number<unsigned>(text.substr(11, 2));
    const auto minute = number<unsigned>(text.substr(14, 2));
    const auto second = number<unsigned>(text.substr(17, 2));
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) refuse_listing("a date");
    return Instant(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

}  // namespace

std::vector<S3Object> parse_listing(std::string_view xml) {
    if (xml.find("<ListBucketResult") == std::string_view::npos) refuse_listing("no ListBucketResult");
    std::vector<S3Object> objects;
    while (const std::optional<std::string_view> inside = next_element(xml, "Contents")) {
        objects.push_back({.key = std::string(element(*inside, "Key")),
                           .size = number<std::uint64_t>(element(*inside, "Size")),
                           .modified = moment(element(*inside, "LastModified"))});
    }
    return objects;
}

}  // namespace cartwright::files
