// Reads JSON that came from outside (RFC 8259) into checked values. A document is parsed whole, strictly and
// within limits; then an Object hands out its members by name and type, remembers each fault with its place
// ("/lines/3/quantity", RFC 6901) and, at the end, refuses members that nobody asked for. So one pass tells a
// client everything that is wrong, and no unexpected member ever reaches an operation.
//
//     auto document = json::Document::parse(request.body);
//     if (!document) co_return errors.refused(request, document.error());
//     json::Object in = document->object();
//     Login command{.email = in.text("email", 254), .password = in.text("password", 1024)};
//     if (auto faults = document->faults(); !faults.empty()) co_return errors.refused(request, faults);
#pragma once

#include "base/id.hpp"
#include "base/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cartwright::json {

inline constexpr Reason malformed{"json.malformed", Kind::invalid};
inline constexpr Reason too_large{"json.too_large", Kind::invalid};
inline constexpr Reason duplicate_member{"json.duplicate_member", Kind::invalid};
inline constexpr Reason missing_member{"json.missing_member", Kind::invalid};
inline constexpr Reason wrong_type{"json.wrong_type", Kind::invalid};
inline constexpr Reason out_of_range{"json.out_of_range", Kind::invalid};
inline constexpr Reason unknown_member{"json.unknown_member", Kind::invalid};

struct Limits {
    std::size_t bytes = 1 << 20;
    std::size_t depth = 32;       // nobody's order is deeper; recursion stays off the stack's end
    std::size_t values = 50'000;  // of all kinds
};

class Array;

// An object of a document, good for as long as the Document. Copies share what was asked for and the faults.
// A member that is absent or of a wrong kind yields an empty value and a fault.
class Object {
public:
    // A string of at most `longest` bytes.
    std::string text(std::string_view name, std::size_t longest);
    // A whole number: 12 or 12.0 or 1.2e1, never "12".
    std::int64_t integer(std::string_view name,
                         std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                         std::int64_t most = std::numeric_limits<std::int64_t>::max());
    bool flag(std::string_view name);
    // Ids travel as decimal strings.
    std::int64_t id_number(std::string_view name);
    Object object(std::string_view name);
    Array array(std::string_view name, std::size_t longest);

    template <class Identity>
    Identity id(std::string_view name) {
        return Identity(id_number(name));
    }

    // The same for members that may be absent; null counts as absent.
    std::optional<std::string> maybe_text(std::string_view name, std::size_t longest);
    std::optional<std::int64_t> maybe_integer(std::string_view name,
                                              std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                                              std::int64_t most = std::numeric_limits<std::int64_t>::max());
    std::optional<bool> maybe_flag(std::string_view name);
    std::optional<std::int64_t> maybe_id_number(std::string_view name);
    std::optional<Object> maybe_object(std::string_view name);

    // The member is there, be it null. Asking makes it a known one.
    bool has(std::string_view name);
    bool is_null(std::string_view name);

    // Takes all members as they are: "settings":{…} of a free shape. The text is compact JSON.
    std::string raw(std::string_view name, std::size_t longest);

    // Adds a fault of the caller's own at that member.
    void fault(std::string_view name, Reason reason);

private:
    friend class Array;
    friend class Document;
    struct State;

    explicit Object(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

    std::shared_ptr<State> state_;
};

class Array {
public:
    std::size_t size() const noexcept;

    std::string text(std::size_t at, std::size_t longest);
    std::int64_t integer(std::size_t at, std::int64_t least, std::int64_t most);
    std::int64_t id_number(std::size_t at);
    Object object(std::size_t at);

private:
    friend class Object;
    struct State;

    explicit Array(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

    std::shared_ptr<State> state_;
};

class Document {
public:
    // Refuses with malformed, too_large or duplicate_member (its field is the place of the object).
    static Outcome<Document> parse(std::string_view text, const Limits& limits = {});

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    // The document as an object; a fault if it is none.
    Object object();

    // Everything that was wrong so far, in order, at most 20; members of objects that were opened and that
    // nobody asked for are among it. Empty: the values that were read are good.
    std::vector<Refusal> faults() const;

    // The same as an Outcome: the first fault.
    Outcome<> check() const;

private:
    friend class Object;
    friend class Array;
    struct Tree;

    explicit Document(std::unique_ptr<Tree> tree) noexcept;

    std::unique_ptr<Tree> tree_;
};

}  // namespace cartwright::json
