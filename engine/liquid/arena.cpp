#include "liquid/arena.hpp"

#include <algorithm>

namespace cartwright::liquid {

Arena::~Arena() {
    destroy_objects();
}

void Arena::destroy_objects() noexcept {
    while (!finalizers_.empty()) {
        const Finalizer last = finalizers_.back();
        finalizers_.pop_back();
        last.destroy(last.object);
    }
}

void* Arena::allocate_in_new_piece(std::size_t bytes, std::size_t alignment) {
    constexpr std::size_t largest_step = 1 << 20;
    constexpr std::size_t far_above = 4;
    if (bytes / far_above > limit_) {
        throw std::bad_alloc();
    }
    const std::size_t size = std::max(next_piece_, bytes + alignment);
    pieces_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    footprint_ += size;
    next_piece_ = step_ != 0 ? step_ : std::min(std::max(next_piece_, std::size_t{512}) * 2, largest_step);
    next_ = pieces_.back().bytes.get();
    end_ = next_ + size;
    char* const at = next_ + padding_at(next_, alignment);
    next_ = at + bytes;
    return at;
}

void Arena::rewind_pieces(const Mark& mark) noexcept {
    if (finalizers_.size() != mark.finalizers) {
        return;
    }
    while (pieces_.size() > std::max(mark.piece, std::size_t{1})) {
        footprint_ -= pieces_.back().size;
        pieces_.pop_back();
    }
    if (pieces_.empty()) {
        return;
    }
    next_ = mark.piece == 0 ? pieces_.front().bytes.get() : mark.next;
    end_ = pieces_.back().bytes.get() + pieces_.back().size;
}

void Arena::clear() noexcept {
    destroy_objects();
    rewind_pieces({0, nullptr, 0});
}

}  // namespace cartwright::liquid
