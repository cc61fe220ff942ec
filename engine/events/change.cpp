#include "events/change.hpp"

#include "events/redact.hpp"

namespace cartwright::events {

namespace {

constexpr std::size_t longest_value = 256U << 10U;  // a page's text fits; a value over it can't be undone

void add_member(std::string& members, std::string_view name, std::string_view json) {
    if (!members.empty()) members += ", ";
    members += quoted(name);
    members += ": ";
    members += json;
}

}  // namespace

Value::Value(std::string_view text) : json_(quoted(text)) {}

Value::Value(const db::Json& json) {
    Redacted redacted = redact(json.text);
    json_ = std::move(redacted.text);
    withheld_ = redacted.withheld;
}

Change::Change(Kind kind, std::string topic, Object object, std::int64_t version)
    : topic_(std::move(topic)), object_(std::move(object)), version_(version), kind_(kind) {}

Change Change::created(std::string topic, Object object, std::int64_t version) {
    return Change(Kind::created, std::move(topic), std::move(object), version);
}

Change Change::changed(std::string topic, Object object, std::int64_t version) {
    return Change(Kind::changed, std::move(topic), std::move(object), version);
}

Change Change::removed(std::string topic, Object object, std::int64_t version) {
    return Change(Kind::removed, std::move(topic), std::move(object), version);
}

Change& Change::field(std::string_view name, Value before, Value after) & {
    // Two secrets read the same; that the slice names the field says that it changed.
    const bool secret = before.withheld() || after.withheld();
    if (kind_ == Kind::changed && !secret && before.json() == after.json()) return *this;
    const bool looks = looks_secret(name);
    const auto add = [&](std::string& members, const Value& value) {
        const bool long_value = value.json().size() > longest_value;
        withheld_ = withheld_ || looks || long_value || value.withheld();
        add_member(members,
                   name,
                   looks        ? Value::withheld_secret
                   : long_value ? Value::withheld_length
                                : std::string_view(value.json()));
    };
    if (kind_ != Kind::created) add(before_, before);
    if (kind_ != Kind::removed) add(after_, after);
    return *this;
}

Change&& Change::field(std::string_view name, Value before, Value after) && {
    field(name, std::move(before), std::move(after));
    return std::move(*this);
}

std::optional<db::Json> Change::before() const {
    if (kind_ == Kind::created) return std::nullopt;
    return db::Json{"{" + before_ + "}"};
}

std::optional<db::Json> Change::after() const {
    if (kind_ == Kind::removed) return std::nullopt;
    return db::Json{"{" + after_ + "}"};
}

}  // namespace cartwright::events
