#include "liquid/render.hpp"

#include "liquid/frame.hpp"
#include "liquid/loops.hpp"
#include "liquid/profile.hpp"

#include <algorithm>
#include <utility>

namespace cartwright::liquid {

namespace {

constexpr std::int64_t fuel_between_looks = 256;
constexpr std::uint32_t deepest_nesting = 2'000;  // blocks, far within a thread's stack of 8 MiB
constexpr std::string_view memory_exceeded = "Memory limits exceeded";
constexpr std::string_view time_exceeded = "Time limit exceeded";

}  // namespace

Render::Render(const RenderOptions& options, Arena& arena, Output& output)
    : options_(options), arena_(arena), output_(output), template_name_(options.template_name) {
    arena_.limit(options.limits.memory);
    kept_.limit(options.limits.memory);
    bindings_.reserve(16);
    fuel_ = fuel_between_looks;
    if (options.ticks != nullptr && options.limits.time_ns > 0) {
        deadline_ = options.ticks() + options.limits.time_ns;
    }
}

Render::~Render() = default;

RenderResult Render::run(const Program& program) {
    Frame frame(arena_);
    frame_ = &frame;
    const std::size_t from = output_.size();
    const Flow flow = render(program.body());
    frame_ = nullptr;
    RenderResult result;
    if (flow == Flow::stop || stopped_) {
        const Error error{.kind = ErrorKind::memory,
                          .message = std::string(stop_message_.empty() ? memory_exceeded : stop_message_)};
        output_.truncate(from);
        output_.append(error.text());
        errors_.push_back(error);
        result.exceeded = true;
    }
    result.errors = std::move(errors_);
    result.render_score = render_score_;
    result.assign_score = assign_score_;
    return result;
}

Value Render::fail(ErrorKind kind, std::string_view message) {
    return Value::failure(*arena_.make<Failure>(Failure{kind, arena_.copy(message)}));
}

Value Render::exhausted() {
    stopped_ = true;
    return fail(ErrorKind::memory, stop_message_.empty() ? memory_exceeded : stop_message_);
}

bool Render::refuel() {
    if (stopped_) {
        return false;
    }
    fuel_ = fuel_between_looks;
    if (deadline_ != 0 && options_.ticks() > deadline_) {
        stop_message_ = time_exceeded;
        stopped_ = true;
        return false;
    }
    return true;
}

Flow Render::limit_flow() {
    stopped_ = true;
    return Flow::stop;
}

Flow Render::render(const Block& block) {
    render_score_ += block.score;
    // The output is looked at here, too: tablerow prints around a block that has no nodes.
    if (render_score_ > options_.limits.render_score || output_.size() > options_.limits.output_bytes ||
        !spend(0)) {
        return limit_flow();
    }
    if (++nesting_ > deepest_nesting) {
        --nesting_;
        stop_message_ = "Nesting too deep";
        return limit_flow();
    }
    const Flow flow = options_.profile == nullptr ? render_nodes(block) : render_measured(block);
    --nesting_;
    return flow;
}

Flow Render::render_measured(const Block& block) {
    Block one;
    for (const Node* const& node : block.nodes) {
        one.nodes = {&node, 1};
        options_.profile->enter(*node, template_name_, arena_.used() + kept_.used());
        const Flow flow = render_nodes(one);
        options_.profile->leave(arena_.used() + kept_.used());
        if (flow != Flow::next) {
            return flow;
        }
    }
    return Flow::next;
}

Flow Render::render_nodes(const Block& block) {
    for (const Node* node : block.nodes) {
        if (const Flow flow = node->render(*node, *this); flow != Flow::next) {
            return flow;
        }
        if (captures_ != 0) {
            const std::size_t size = output_.size();
            if (!add_assign_score(size - std::min(capture_from_, size))) {
                return limit_flow();
            }
            capture_from_ = size;
        }
        if (output_.size() > options_.limits.output_bytes || arena_.exceeded() || kept_.exceeded() ||
            stopped_) {
            return limit_flow();
        }
    }
    return Flow::next;
}

Flow Render::report(const Node& node, const Failure& failure) {
    if (failure.kind == ErrorKind::memory || stopped_) {
        return limit_flow();
    }
    return report(node,
                  Error{.kind = failure.kind,
                        .message = std::string(failure.message),
                        .line = node.line,
                        .template_name = std::string(template_name_)});
}

Flow Render::report(const Node& node, const Error& error) {
    const bool shown = !node.blank && error.kind != ErrorKind::undefined_variable &&
                       error.kind != ErrorKind::undefined_drop_method &&
                       error.kind != ErrorKind::undefined_filter;
    if (shown) {
        output_.append(error.text());
    }
    if (errors_.size() < options_.limits.errors) {
        errors_.push_back(error);
    }
    return spend(0) ? Flow::next : limit_flow();
}

void Render::assign(const Name& name, const Value& value) {
    if (value.is(Kind::drop) && &value.as_drop().type() == &forloop_type) {
        static_cast<ForLoop&>(value.as_drop()).escaped = true;
    }
    frame_->assigns.set(name, value);
}

bool Render::add_assign_score(std::uint64_t amount) {
    assign_score_ += amount;
    if (assign_score_ > options_.limits.assign_score) {
        stopped_ = true;
        return false;
    }
    return true;
}

std::size_t Render::begin_capture() noexcept {
    ++captures_;
    return std::exchange(capture_from_, output_.size());
}

// The outer capture goes on counting where it was: what was captured is cut off again.
void Render::end_capture(std::size_t outer) noexcept {
    --captures_;
    capture_from_ = outer;
}

std::uint64_t Render::assign_score_of(const Value& value) {
    switch (value.kind()) {
        case Kind::string:
            return value.as_string().size();
        case Kind::array: {
            std::uint64_t sum = 1;
            for (const Value& item : value.as_array()) {
                if (!spend(0)) {
                    break;
                }
                sum += item.is(Kind::array) || item.is(Kind::map) ? 1 : assign_score_of(item);
            }
            return sum;
        }
        case Kind::map:
            return 1 + value.as_map().size() * 2;
        default:
            return 1;
    }
}

}  // namespace cartwright::liquid
