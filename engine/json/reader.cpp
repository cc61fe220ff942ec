#include "json/reader.hpp"

#include "base/json_text.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace cartwright::json {

namespace {

constexpr std::size_t most_faults = 20;  // a form has no more fields that a person mends at once

enum class Type : std::uint8_t { null, flag, integer, real, text, array, object };

struct Node {
    Type type = Type::null;
    bool flag = false;
    std::int64_t integer = 0;
    double real = 0;
    std::string key;   // in an object
    std::string text;  // of a string, and of a number as it was written
    std::vector<Node> items;
};

// Builds the tree from the parser's events, and stops it at the limits.
class Builder {
public:
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    using error_code = boost::json::error_code;
    using string_view = boost::json::string_view;

    explicit Builder(std::size_t values) : values_left_(values) {}

    Node root;
    bool too_many = false;
    bool duplicate = false;
    std::string place;  // of the duplicate

    bool on_document_begin(error_code&) { return true; }

    bool on_document_end(error_code&) { return true; }

    bool on_object_begin(error_code& error) { return open(Type::object, error); }

    bool on_array_begin(error_code& error) { return open(Type::array, error); }

    bool on_array_end(std::size_t, error_code&) { return close(); }

    bool on_object_end(std::size_t, error_code& error) {
        std::vector<std::string_view> names;
        for (const Node& item : open_.back().items) names.emplace_back(item.key);
        std::ranges::sort(names);
        if (std::ranges::adjacent_find(names) != names.end()) {
            duplicate = true;
            for (std::size_t at = 1; at < open_.size(); ++at) place += "/" + place_of(at);
            error = boost::json::error::syntax;
            return false;
        }
        return close();
    }

    bool on_key_part(string_view part, std::size_t, error_code&) {
        key_.append(part.data(), part.size());
        return true;
    }

    bool on_key(string_view part, std::size_t, error_code&) {
        key_.append(part.data(), part.size());
        return true;
    }

    bool on_string_part(string_view part, std::size_t, error_code&) {
        text_.append(part.data(), part.size());
        return true;
    }

    bool on_string(string_view part, std::size_t, error_code& error) {
        text_.append(part.data(), part.size());
        Node node;
        node.type = Type::text;
        node.text = std::exchange(text_, {});
        return add(std::move(node), error);
    }

    bool on_number_part(string_view part, error_code&) {
        text_.append(part.data(), part.size());
        return true;
    }

    bool on_int64(std::int64_t value, string_view part, error_code& error) {
        Node node = number(Type::integer, part);
        node.integer = value;
        return add(std::move(node), error);
    }

    bool on_uint64(std::uint64_t value, string_view part, error_code& error) {
        return on_double(static_cast<double>(value), part, error);  // above int64: out of every range
    }

    // The library's own value is off by a bit now and then, so the text is read again.
    bool on_double(double value, string_view part, error_code& error) {
        Node node = number(Type::real, part);
        node.real = value;
        std::from_chars(node.text.data(), node.text.data() + node.text.size(), node.real);
        return add(std::move(node), error);
    }

    bool on_bool(bool value, error_code& error) {
        Node node;
        node.type = Type::flag;
        node.flag = value;
        return add(std::move(node), error);
    }

    bool on_null(error_code& error) { return add(Node(), error); }

    bool on_comment_part(string_view, error_code&) { return true; }

    bool on_comment(string_view, error_code&) { return true; }

private:
    bool count(error_code& error) {
        if (values_left_-- > 0) return true;
        too_many = true;
        error = boost::json::error::array_too_large;
        return false;
    }

    Node number(Type type, string_view part) {
        Node node;
        node.type = type;
        node.text = std::exchange(text_, {}).append(part.data(), part.size());
        return node;
    }

    bool open(Type type, error_code& error) {
        if (!count(error)) return false;
        Node node;
        node.type = type;
        node.key = std::exchange(key_, {});
        open_.push_back(std::move(node));
        return true;
    }

    bool add(Node node, error_code& error) {
        if (!count(error)) return false;
        node.key = std::exchange(key_, {});
        put(std::move(node));
        return true;
    }

    bool close() {
        Node node = std::move(open_.back());
        open_.pop_back();
        put(std::move(node));
        return true;
    }

    void put(Node node) {
        if (open_.empty()) {
            root = std::move(node);
        } else {
            open_.back().items.push_back(std::move(node));
        }
    }

    std::string place_of(std::size_t at) const {
        if (open_[at - 1].type == Type::array) return std::to_string(open_[at - 1].items.size());
        return open_[at].key;
    }

    std::vector<Node> open_;
    std::string key_;
    std::string text_;
    std::size_t values_left_;
};

void write(std::string& out, const Node& node) {
    const auto list = [&](char first, char last, bool keys) {
        out.push_back(first);
        for (const Node& item : node.items) {
            if (&item != &node.items.front()) out.push_back(',');
            if (keys) {
                append_json_string(out, item.key);
                out.push_back(':');
            }
            write(out, item);
        }
        out.push_back(last);
    };
    switch (node.type) {
        case Type::null:
            out.append("null");
            break;
        case Type::flag:
            out.append(node.flag ? "true" : "false");
            break;
        case Type::integer:
        case Type::real:
            out.append(node.text);
            break;
        case Type::text:
            append_json_string(out, node.text);
            break;
        case Type::array:
            list('[', ']', false);
            break;
        case Type::object:
            list('{', '}', true);
            break;
    }
}

// RFC 6901: "~" and "/" of a name are written "~0" and "~1".
std::string pointer_part(std::string_view name) {
    std::string part = "/";
    for (const char c : name) {
        if (c == '~') {
            part += "~0";
        } else if (c == '/') {
            part += "~1";
        } else {
            part += c;
        }
    }
    return part;
}

// Faults and the opened objects of one document.
struct Record {
    std::vector<Refusal> faults;

    void add(Reason reason, std::string place) {
        if (faults.size() < most_faults) faults.emplace_back(reason, std::move(place));
    }
};

std::string read_text(const Node& node, std::size_t longest, Record& record, const std::string& place) {
    if (node.type != Type::text) {
        record.add(wrong_type, place);
    } else if (node.text.size() > longest || node.text.find('\0') != std::string::npos) {
        record.add(out_of_range, place);  // PostgreSQL's text has no NUL
    } else {
        return node.text;
    }
    return {};
}

std::int64_t read_integer(
    const Node& node, std::int64_t least, std::int64_t most, Record& record, const std::string& place) {
    std::int64_t value = node.integer;
    if (node.type == Type::real) {
        constexpr double exact = 9007199254740992.0;  // 2^53: whole numbers up to here are what was written
        if (!(std::abs(node.real) < 9.3e18) || node.real != std::floor(node.real)) {
            record.add(std::abs(node.real) < 9.3e18 ? wrong_type : out_of_range, place);
            return 0;
        }
        if (std::abs(node.real) > exact) {
            record.add(out_of_range, place);
            return 0;
        }
        value = static_cast<std::int64_t>(node.real);
    } else if (node.type != Type::integer) {
        record.add(wrong_type, place);
        return 0;
    }
    if (value >= least && value <= most) return value;
    record.add(out_of_range, place);
    return 0;
}

std::int64_t read_id(const Node& node, Record& record, const std::string& place) {
    std::int64_t value = 0;
    if (node.type != Type::text) {
        record.add(wrong_type, place);
        return 0;
    }
    const char* end = node.text.data() + node.text.size();
    const auto [stop, error] = std::from_chars(node.text.data(), end, value);
    if (error == std::errc() && stop == end && value > 0 && node.text.front() != '0') return value;
    record.add(out_of_range, place);
    return 0;
}

const Node& nothing() {
    static const Node node;
    return node;
}

}  // namespace

struct Object::State {
    const Node* node = nullptr;
    std::shared_ptr<Record> record;
    std::string place;
    Document::Tree* tree = nullptr;
    std::vector<std::string> asked;

    const Node* find(std::string_view name) {
        if (std::ranges::find(asked, name) == asked.end()) asked.emplace_back(name);
        const auto found = std::ranges::find(node->items, name, &Node::key);
        return node->type == Type::object && found != node->items.end() ? &*found : nullptr;
    }

    // Null where it is absent, which is a fault.
    const Node* need(std::string_view name) {
        const Node* found = find(name);
        // Inside an object that isn't there itself nothing more is reported.
        if (!found && node->type == Type::object) record->add(missing_member, at(name));
        return found;
    }

    const Node* may(std::string_view name) {
        const Node* found = find(name);
        return found && found->type != Type::null ? found : nullptr;
    }

    std::string at(std::string_view name) const { return place + pointer_part(name); }
};

struct Array::State {
    const Node* node = nullptr;
    std::shared_ptr<Record> record;
    Document::Tree* tree = nullptr;
    std::string place;

    std::string at(std::size_t index) const { return place + "/" + std::to_string(index); }
};

struct Document::Tree {
    Node root;
    std::shared_ptr<Record> record = std::make_shared<Record>();
    std::vector<std::shared_ptr<Object::State>> opened;

    std::shared_ptr<Object::State> open(const Node* node, std::string place) {
        if (node && node->type != Type::object) record->add(wrong_type, place);
        const bool good = node && node->type == Type::object;
        auto state = std::make_shared<Object::State>();
        state->node = good ? node : &nothing();
        state->record = record;
        state->place = std::move(place);
        state->tree = this;
        if (good) opened.push_back(state);
        return state;
    }
};

std::string Object::text(std::string_view name, std::size_t longest) {
    const Node* node = state_->need(name);
    return node ? read_text(*node, longest, *state_->record, state_->at(name)) : std::string();
}

std::int64_t Object::integer(std::string_view name, std::int64_t least, std::int64_t most) {
    const Node* node = state_->need(name);
    return node ? read_integer(*node, least, most, *state_->record, state_->at(name)) : 0;
}

bool Object::flag(std::string_view name) {
    const Node* node = state_->need(name);
    if (node && node->type != Type::flag) state_->record->add(wrong_type, state_->at(name));
    return node && node->flag;
}

std::int64_t Object::id_number(std::string_view name) {
    const Node* node = state_->need(name);
    return node ? read_id(*node, *state_->record, state_->at(name)) : 0;
}

Object Object::object(std::string_view name) {
    return Object(state_->tree->open(state_->need(name), state_->at(name)));
}

Array Object::array(std::string_view name, std::size_t longest) {
    const Node* node = state_->need(name);
    auto state = std::make_shared<Array::State>();
    state->node = &nothing();
    state->record = state_->record;
    state->tree = state_->tree;
    state->place = state_->at(name);
    if (node && node->type != Type::array) {
        state->record->add(wrong_type, state->place);
    } else if (node && node->items.size() > longest) {
        state->record->add(out_of_range, state->place);
    } else if (node) {
        state->node = node;
    }
    return Array(std::move(state));
}

std::optional<std::string> Object::maybe_text(std::string_view name, std::size_t longest) {
    const Node* node = state_->may(name);
    if (!node) return std::nullopt;
    return read_text(*node, longest, *state_->record, state_->at(name));
}

std::optional<std::int64_t> Object::maybe_integer(std::string_view name,
                                                  std::int64_t least,
                                                  std::int64_t most) {
    const Node* node = state_->may(name);
    if (!node) return std::nullopt;
    return read_integer(*node, least, most, *state_->record, state_->at(name));
}

std::optional<bool> Object::maybe_flag(std::string_view name) {
    if (!state_->may(name)) return std::nullopt;
    return flag(name);
}

std::optional<std::int64_t> Object::maybe_id_number(std::string_view name) {
    const Node* node = state_->may(name);
    if (!node) return std::nullopt;
    return read_id(*node, *state_->record, state_->at(name));
}

std::optional<Object> Object::maybe_object(std::string_view name) {
    const Node* node = state_->may(name);
    if (!node) return std::nullopt;
    return Object(state_->tree->open(node, state_->at(name)));
}

bool Object::has(std::string_view name) {
    return state_->find(name) != nullptr;
}

bool Object::is_null(std::string_view name) {
    const Node* node = state_->find(name);
    return node && node->type == Type::null;
}

std::string Object::raw(std::string_view name, std::size_t longest) {
    const Node* node = state_->need(name);
    if (!node) return {};
    std::string out;
    write(out, *node);
    if (out.size() <= longest) return out;
    state_->record->add(out_of_range, state_->at(name));
    return {};
}

void Object::fault(std::string_view name, Reason reason) {
    state_->record->add(reason, state_->at(name));
}

std::size_t Array::size() const noexcept {
    return state_->node->items.size();
}

std::string Array::text(std::size_t at, std::size_t longest) {
    return read_text(state_->node->items.at(at), longest, *state_->record, state_->at(at));
}

std::int64_t Array::integer(std::size_t at, std::int64_t least, std::int64_t most) {
    return read_integer(state_->node->items.at(at), least, most, *state_->record, state_->at(at));
}

std::int64_t Array::id_number(std::size_t at) {
    return read_id(state_->node->items.at(at), *state_->record, state_->at(at));
}

Object Array::object(std::size_t at) {
    return Object(state_->tree->open(&state_->node->items.at(at), state_->at(at)));
}

Document::Document(std::unique_ptr<Tree> tree) noexcept : tree_(std::move(tree)) {}

Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Outcome<Document> Document::parse(std::string_view text, const Limits& limits) {
    if (text.size() > limits.bytes) return refuse(too_large);
    boost::json::parse_options options;
    options.max_depth = limits.depth;
    boost::json::basic_parser<Builder> parser(options, limits.values);
    boost::json::error_code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    const Builder& built = parser.handler();
    if (built.duplicate) return refuse(duplicate_member, built.place);
    if (built.too_many || error == boost::json::error::too_deep) return refuse(too_large);
    if (error || read != text.size() || !parser.done()) return refuse(malformed);
    auto tree = std::make_unique<Tree>();
    tree->root = std::move(parser.handler().root);
    return Document(std::move(tree));
}

Object Document::object() {
    return Object(tree_->open(&tree_->root, {}));
}

std::vector<Refusal> Document::faults() const {
    Record all = *tree_->record;
    for (const auto& object : tree_->opened) {
        for (const Node& item : object->node->items) {
            if (std::ranges::find(object->asked, item.key) == object->asked.end()) {
                all.add(unknown_member, object->at(item.key));
            }
        }
    }
    return std::move(all.faults);
}

Outcome<> Document::check() const {
    auto all = faults();
    if (all.empty()) return {};
    return refuse(std::move(all.front()));
}

}  // namespace cartwright::json
