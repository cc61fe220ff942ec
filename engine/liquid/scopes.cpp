#include "liquid/frame.hpp"
#include "liquid/loops.hpp"
#include "liquid/render.hpp"

#include <utility>

// Scopes of loops and partials, and `self`, which is one of them as an object.

namespace cartwright::liquid {

bool Render::push_scope() {
    if (depth_ + 1 > options_.limits.depth) {
        return false;
    }
    ++depth_;
    scopes_.push_back(static_cast<std::uint32_t>(bindings_.size()));
    return true;
}

void Render::pop_scope() {
    bindings_.resize(scopes_.back());
    scopes_.pop_back();
    --depth_;
}

std::size_t Render::bind(const Name& name, const Value& value) {
    for (std::size_t at = scopes_.back(); at < bindings_.size(); ++at) {
        if (bindings_[at].name == name) {
            bindings_[at].value = value;
            return at;
        }
    }
    bindings_.push_back({name, value});
    return bindings_.size() - 1;
}

// --- Partials ---

std::expected<const Program*, Flow> Render::partial(const Node& node, std::string_view name) {
    if (++partials_ > options_.limits.partials) {
        return std::unexpected(limit_flow());
    }
    if (const auto known = programs_.find(name); known != programs_.end()) {
        return known->second.get();
    }
    std::expected<std::shared_ptr<const Program>, Error> found = std::unexpected(
        Error{.kind = ErrorKind::file_system, .message = "This liquid context does not allow includes."});
    if (options_.partials != nullptr) {
        found = options_.partials->find(name);
    }
    if (found) {
        return programs_.emplace(name, std::move(*found)).first->second.get();
    }
    Error error = std::move(found.error());
    if (error.line == 0) {
        error.line = node.line;
        error.template_name = template_name_;
    } else if (error.template_name.empty()) {
        error.template_name = name;
    }
    return std::unexpected(report(node, error));
}

Render::Isolated::Isolated(Render& render, std::string_view template_name) : render_(render) {
    if (render.depth_ > render.limits().depth) {
        return;
    }
    frame_ = render.kept_.make<Frame>(render.arena_);
    frame_->outer = render.frame_;
    frame_->outer_depth = render.depth_;
    frame_->outer_template = render.template_name_;
    frame_->isolated = true;
    frame_->first_binding = render.bindings_.size();
    frame_->base_depth = render.frame_->base_depth + 1;
    render.depth_ = frame_->base_depth + 1;
    render.frame_ = frame_;
    render.visible_ = frame_->first_binding;
    render.template_name_ = template_name;
}

Render::Isolated::~Isolated() {
    if (frame_ != nullptr) {
        render_.frame_ = frame_->outer;
        render_.depth_ = frame_->outer_depth;
        render_.visible_ = frame_->outer->first_binding;
        render_.template_name_ = frame_->outer_template;
    }
}

ForLoop& Render::take_loop() {
    if (free_loops_.empty()) {
        return *kept_.make<ForLoop>();
    }
    ForLoop& loop = *free_loops_.back();
    free_loops_.pop_back();
    return loop;
}

void Render::give_back(ForLoop& loop) {
    if (!loop.escaped) {
        free_loops_.push_back(&loop);
    }
}

// --- self ---

// The variables of a scope as a drop: self['name'].
struct SelfDrop final : Drop {
    static const DropType own_type;

    explicit SelfDrop(Render::Frame& frame) noexcept : Drop(own_type), frame_(&frame) { never_recorded(); }

    std::string_view text(Render&) override { return "Liquid::SelfDrop"; }

    Value get(Render& render, const Value& key) override {
        if (!key.is_string()) {
            return {};
        }
        // Where the frame isn't the innermost, its bindings end where the next frame's begin.
        std::size_t end = render.bindings_.size();
        for (Render::Frame* frame = render.frame_; frame != frame_ && frame != nullptr;
             frame = frame->outer) {
            end = frame->first_binding;
        }
        Render::Frame* current = std::exchange(render.frame_, frame_);
        const std::size_t visible = std::exchange(render.visible_, frame_->first_binding);
        const Name name(key.as_string());
        Value found;
        bool bound = false;
        for (std::size_t at = end; at > frame_->first_binding && !bound; --at) {
            bound = render.bindings_[at - 1].name == name;
            found = bound ? render.bindings_[at - 1].value : found;
        }
        if (!bound) {
            const Value* assigned = frame_->assigns.find(name);
            found = assigned != nullptr ? *assigned : render.find_global(name, false);
        }
        render.frame_ = current;
        render.visible_ = visible;
        return found;
    }

    bool equal(Render&, const Value& other) override {
        return other.is(Kind::drop) && &other.as_drop().type() == &own_type &&
               static_cast<const SelfDrop&>(other.as_drop()).frame_ == frame_;
    }

private:
    Render::Frame* frame_;
};

const DropType SelfDrop::own_type{"self", "The variables in sight, by name.", {}};

Value Render::self_of(Frame& frame) {
    if (frame.self.is_nil()) {
        frame.self = Value::drop(*kept_.make<SelfDrop>(frame));
    }
    return frame.self;
}

}  // namespace cartwright::liquid
