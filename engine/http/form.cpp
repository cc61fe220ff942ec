#include "http/form.hpp"

#include "base/text.hpp"
#include "http/multipart.hpp"

#include <algorithm>

namespace cartwright::http {

namespace {

struct Pair {
    std::string_view name;
    std::string_view value;
};

// Takes the first pair off; empty ones ("a=1&&b=2") are passed over.
std::optional<Pair> next_pair(std::string_view& rest) noexcept {
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view pair = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        return Pair{pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size()))};
    }
    return std::nullopt;
}

class FieldCollector final : public PartSink {
public:
    FieldCollector(std::vector<std::pair<std::string, std::string>>& fields, const FormLimits& limits)
        : fields_(&fields), limits_(limits) {}

    Outcome<> begin(const PartHead& head) override {
        keeps_ = !head.filename;
        if (keeps_) fields_->emplace_back(head.name, std::string());
        return {};
    }

    Outcome<> data(std::string_view bytes) override {
        if (!keeps_) return {};
        std::string& value = fields_->back().second;
        if (value.size() + bytes.size() > limits_.value) return refuse(form_too_large, fields_->back().first);
        value.append(bytes);
        return {};
    }

    Outcome<> end() override {
        if (!keeps_) return {};
        const auto& [name, value] = fields_->back();
        if (!is_utf8(value) || value.find('\0') != std::string::npos) return refuse(bad_form, name);
        return {};
    }

private:
    std::vector<std::pair<std::string, std::string>>* fields_;
    FormLimits limits_;
    bool keeps_ = false;
};

}  // namespace

Outcome<Form> Form::parse_urlencoded(std::string_view text, const FormLimits& limits) {
    Form form;
    while (const auto pair = next_pair(text)) {
        if (form.fields_.size() == limits.fields) return refuse(form_too_large);
        // Three bytes at most stand for one.
        if (pair->name.size() > 3 * limits.name || pair->value.size() > 3 * limits.value) {
            return refuse(form_too_large);
        }
        auto name = url_decode(pair->name, Plus::is_space, 3 * limits.name);
        auto value = url_decode(pair->value, Plus::is_space, 3 * limits.value);
        if (!name || !value) return refuse(bad_form);
        if (name->size() > limits.name || value->size() > limits.value) return refuse(form_too_large);
        form.fields_.emplace_back(std::move(*name), std::move(*value));
    }
    return form;
}

Outcome<Form> Form::parse_multipart(std::string_view content_type,
                                    std::string_view body,
                                    const FormLimits& limits) {
    const auto boundary = boundary_of(content_type);
    if (!boundary) return refuse(bad_form);
    Form form;
    FieldCollector collector(form.fields_, limits);
    MultipartReader reader(*boundary, collector, {.parts = limits.fields, .name = limits.name});
    auto done = reader.feed(body);
    if (done) done = reader.finish();
    if (!done) return refuse(std::move(done.error()));
    return form;
}

Outcome<Form> Form::of(const Request& request, const FormLimits& limits) {
    const std::string_view type = request.media_type();
    if (same_ignoring_case(type, "application/x-www-form-urlencoded"))
        return parse_urlencoded(request.body, limits);
    if (same_ignoring_case(type, "multipart/form-data")) {
        return parse_multipart(request.field("Content-Type"), request.body, limits);
    }
    if (type.empty() && request.body.empty()) return Form();
    return refuse(bad_form);
}

std::string_view Form::value(std::string_view name) const noexcept {
    const auto found =
        std::ranges::find(fields_, name, [](const auto& field) { return std::string_view(field.first); });
    return found == fields_.end() ? std::string_view() : std::string_view(found->second);
}

bool Form::has(std::string_view name) const noexcept {
    return std::ranges::any_of(fields_, [&](const auto& field) { return field.first == name; });
}

std::vector<std::string_view> Form::values(std::string_view name) const {
    std::vector<std::string_view> all;
    for (const auto& [known, value] : fields_) {
        if (known == name) all.push_back(value);
    }
    return all;
}

std::optional<std::string> first_value(std::string_view encoded, std::string_view name) {
    while (const auto pair = next_pair(encoded)) {
        if (pair->name != name) {
            // Only an escape can spell the name in another way.
            if (pair->name.find_first_of("%+") == std::string_view::npos) continue;
            if (url_decode(pair->name, Plus::is_space, pair->name.size()) != name) continue;
        }
        return url_decode(pair->value, Plus::is_space, pair->value.size());
    }
    return std::nullopt;
}

}  // namespace cartwright::http
