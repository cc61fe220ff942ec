#include "http/negotiate.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace cartwright::http {

namespace {

// "0.5" → 500; RFC 9110 12.4.2 allows three digits. nullopt for anything else.
std::optional<int> parse_weight(std::string_view text) noexcept {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    int weight = (text[0] - '0') * 1000;
    int unit = 100;
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (c < '0' || c > '9') return std::nullopt;
        weight += (c - '0') * unit;
        unit /= 10;
    }
    return weight <= 1000 ? std::optional(weight) : std::nullopt;
}

struct Wish {
    std::string_view value;  // without parameters
    int weight = 1000;
    bool parameters = false;  // had others than q
};

std::optional<Wish> parse_wish(std::string_view member) noexcept {
    ListReader parts(member, ';');
    const auto value = parts.next();
    if (!value) return std::nullopt;
    Wish wish{.value = *value};
    while (const auto part = parts.next()) {
        if (part->size() >= 2 && (part->front() == 'q' || part->front() == 'Q') && (*part)[1] == '=') {
            const auto weight = parse_weight(part->substr(2));
            if (!weight) return std::nullopt;
            wish.weight = *weight;
        } else {
            wish.parameters = true;
        }
    }
    return wish;
}

}  // namespace

std::optional<std::string_view> ListReader::next() noexcept {
    while (!rest_.empty()) {
        if (++seen_ > most) break;
        bool quoted = false;
        std::size_t end = 0;
        for (; end < rest_.size(); ++end) {
            const char c = rest_[end];
            if (quoted && c == '\\') {
                ++end;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && c == separator_) {
                break;
            }
        }
        end = std::min(end, rest_.size());
        const std::string_view member = trim(rest_.substr(0, end));
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        if (!member.empty()) return member;
    }
    return std::nullopt;
}

int media_quality(std::string_view accept, std::string_view type, std::string_view subtype) noexcept {
    int best = 0;
    int precision = 0;
    ListReader members(accept);
    while (const auto member = members.next()) {
        const auto wish = parse_wish(*member);
        if (!wish || wish->parameters) continue;  // we offer no type with parameters that would match
        const std::size_t slash = wish->value.find('/');
        if (slash == std::string_view::npos) continue;
        const std::string_view wanted = wish->value.substr(0, slash);
        const std::string_view wanted_sub = wish->value.substr(slash + 1);
        int fits = 0;
        if (wanted == "*" && wanted_sub == "*") fits = 1;
        if (same_ignoring_case(wanted, type) && wanted_sub == "*") fits = 2;
        if (same_ignoring_case(wanted, type) && same_ignoring_case(wanted_sub, subtype)) fits = 3;
        if (fits > precision) {
            precision = fits;
            best = wish->weight;
        }
    }
    return best;
}

Encoding best_encoding(std::string_view accept_encoding, bool gzip, bool brotli) noexcept {
    int any = -1;
    int for_gzip = -1;
    int for_brotli = -1;
    int for_identity = -1;
    ListReader members(accept_encoding);
    while (const auto member = members.next()) {
        const auto wish = parse_wish(*member);
        if (!wish) continue;
        if (wish->value == "*") any = wish->weight;
        if (same_ignoring_case(wish->value, "gzip") || same_ignoring_case(wish->value, "x-gzip"))
            for_gzip = wish->weight;
        if (same_ignoring_case(wish->value, "br")) for_brotli = wish->weight;
        if (same_ignoring_case(wish->value, "identity")) for_identity = wish->weight;
    }
    const auto weight_of = [&](int own) { return own >= 0 ? own : std::max(any, 0); };
    Encoding best = Encoding::identity;
    int weight = std::max(for_identity, 0);  // unnamed identity is allowed, but wanted least
    if (gzip && weight_of(for_gzip) > 0 && weight_of(for_gzip) >= weight) {
        best = Encoding::gzip;
        weight = weight_of(for_gzip);
    }
    if (brotli && weight_of(for_brotli) > 0 && weight_of(for_brotli) >= weight) best = Encoding::brotli;
    return best;
}

std::size_t best_language(std::string_view accept_language,
                          std::span<const std::string_view> offered) noexcept {
    std::size_t best = 0;
    int weight = 0;
    ListReader members(accept_language);
    while (const auto member = members.next()) {
        const auto wish = parse_wish(*member);
        if (!wish || wish->weight <= weight) continue;
        const auto primary = [](std::string_view tag) { return tag.substr(0, tag.find('-')); };
        const auto fits = std::ranges::find_if(offered, [&](std::string_view tag) {
            return same_ignoring_case(tag, wish->value) ||
                   same_ignoring_case(primary(tag), primary(wish->value));
        });
        if (fits == offered.end()) continue;
        best = static_cast<std::size_t>(fits - offered.begin());
        weight = wish->weight;
    }
    return best;
}

}  // namespace cartwright::http
