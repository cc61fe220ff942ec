// What a slice says about a change of its data: the object, its new version, and the fields that changed with
// their values before and after. Values that are secret never get here; values that look secret by their field's
// name are withheld even where a slice forgot to say so.
//
//   events::record(tx, origin, events::Change::changed("shop.settings_changed", {"setting", key}, version)
//                                  .field("value", before, after));
#pragma once

#include "base/id.hpp"
#include "db/codec.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cartwright::events {

// Says that a field changed, and nothing of its value.
struct Secret {};

// A field's value as JSON. Nothing (std::nullopt) is null.
class Value {
public:
    Value(bool value) : json_(value ? "true" : "false") {}  // NOLINT(google-explicit-constructor)

    Value(std::integral auto value) : json_(std::to_string(value)) {}

    Value(std::string_view text);

    Value(const std::string& text) : Value(std::string_view(text)) {}

    Value(const char* text) : Value(std::string_view(text)) {}

    Value(std::nullopt_t) : json_("null") {}

    Value(Secret) : json_(withheld_secret), withheld_(true) {}

    // Fields inside it that look secret are withheld one by one. Throws std::invalid_argument on what isn't
    // JSON, and on more than 64 levels.
    Value(const db::Json& json);

    template <class Tag>
    Value(Id<Tag> id) : Value(std::to_string(id.value())) {}  // ids are strings in JSON

    template <class T>
    Value(const std::optional<T>& value) : Value(value ? Value(*value) : Value(std::nullopt)) {}

    const std::string& json() const noexcept { return json_; }

    bool withheld() const noexcept { return withheld_; }

    static constexpr std::string_view withheld_secret = R"({"withheld": "secret"})";
    static constexpr std::string_view withheld_length = R"({"withheld": "length"})";

private:
    std::string json_;
    bool withheld_ = false;
};

// What the change is about. Ids are decimal; objects without a number (a setting) go by their key.
struct Object {
    std::string kind;
    std::string id;

    Object(std::string kind_, std::string id_) : kind(std::move(kind_)), id(std::move(id_)) {}

    template <class Tag>
    Object(std::string kind_, Id<Tag> id_) : kind(std::move(kind_)), id(std::to_string(id_.value())) {}

    friend bool operator==(const Object&, const Object&) = default;
};

class Change {
public:
    // `topic` is "slice.what_happened"; `version` is the object's own after the change, 0 if it keeps none.
    static Change created(std::string topic, Object object, std::int64_t version);
    static Change changed(std::string topic, Object object, std::int64_t version);
    static Change removed(std::string topic, Object object, std::int64_t version);

    // A field that didn't change is left out. Of an object that was created `before` is left out, of one that
    // was removed `after`. A value of more than 256 KiB is withheld.
    Change& field(std::string_view name, Value before, Value after) &;
    Change&& field(std::string_view name, Value before, Value after) &&;

    const std::string& topic() const noexcept { return topic_; }

    const Object& object() const noexcept { return object_; }

    std::int64_t version() const noexcept { return version_; }

    // The fields as JSON objects; nothing before a creation, nothing after a removal.
    std::optional<db::Json> before() const;
    std::optional<db::Json> after() const;

    bool withheld() const noexcept { return withheld_; }

private:
    enum class Kind : std::uint8_t { created, changed, removed };

    Change(Kind kind, std::string topic, Object object, std::int64_t version);

    std::string topic_;
    Object object_;
    std::int64_t version_;
    Kind kind_;
    std::string before_;  // members, separated by commas
    std::string after_;
    bool withheld_ = false;
};

}  // namespace cartwright::events
