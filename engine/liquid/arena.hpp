// Memory that is given back all at once: a program's nodes, the values of one render. What is made in it is
// trivially destructible or registered to be destroyed with it. Not for sharing between threads while it grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cartwright::liquid {

class Arena {
public:
    // `first` bytes are taken with the first allocation; more comes in pieces of `step` bytes, or for 0 in pieces
    // of double size each.
    explicit Arena(std::size_t first = 8192, std::size_t step = 0) noexcept
        : next_piece_(first), step_(step) {}

    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    ~Arena();

    void* allocate(std::size_t bytes, std::size_t alignment = alignof(std::max_align_t)) {
        const std::size_t padding = padding_at(next_, alignment);
        const auto left = static_cast<std::size_t>(end_ - next_);
        if (padding <= left && bytes <= left - padding) [[likely]] {
            char* const at = next_ + padding;
            next_ = at + bytes;
            return at;
        }
        return allocate_in_new_piece(bytes, alignment);
    }

    // Uninitialised room for `count` values that need no constructor.
    template <class T>
    T* room(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T>);

        struct Item {
            T value;
        };

        return static_cast<T*>(allocate(count * sizeof(Item), alignof(T)));
    }

    template <class T, class... Arguments>
    T* make(Arguments&&... arguments) {
        T* made = std::construct_at(static_cast<T*>(allocate(sizeof(T), alignof(T))),
                                    std::forward<Arguments>(arguments)...);
        if constexpr (!std::is_trivially_destructible_v<T>) {
            finalizers_.push_back({made, [](void* object) { std::destroy_at(static_cast<T*>(object)); }});
        }
        return made;
    }

    std::string_view copy(std::string_view text) {
        char* to = static_cast<char*>(allocate(text.size(), 1));
        if (!text.empty()) {
            std::memcpy(to, text.data(), text.size());
        }
        return {to, text.size()};
    }

    // Gives bytes of the newest allocation back: room was taken for more than was written.
    void shrink(const void* end_of_use) noexcept {
        next_ = const_cast<char*>(static_cast<const char*>(end_of_use));
    }

    // A place to go back to. Whatever was allocated after it is forgotten by rewind(), so nothing that lives on
    // may point there. Objects with destructors stay until the arena's end, and keep their memory.
    struct Mark {
        std::size_t piece;
        char* next;
        std::size_t finalizers;
    };

    Mark mark() const noexcept { return {pieces_.size(), next_, finalizers_.size()}; }

    void rewind(const Mark& mark) noexcept {
        if (pieces_.size() == mark.piece && finalizers_.size() == mark.finalizers) [[likely]] {
            next_ = mark.next;
        } else {
            rewind_pieces(mark);
        }
    }

    // Forgets everything, keeping the first piece for the next use.
    void clear() noexcept;

    // Bytes taken from the system.
    std::size_t footprint() const noexcept { return footprint_; }

    // Bytes of those that are given out.
    std::size_t used() const noexcept { return footprint_ - static_cast<std::size_t>(end_ - next_); }

    // Taking more than this from the system sets exceeded(), and the memory is given all the same: its user
    // checks at places where it can stop. A single request far above the limit throws std::bad_alloc.
    void limit(std::size_t bytes) noexcept { limit_ = bytes; }

    bool exceeded() const noexcept { return footprint_ > limit_; }

private:
    struct Piece {
        std::unique_ptr<char[]> bytes;
        std::size_t size;
    };

    struct Finalizer {
        void* object;
        void (*destroy)(void*);
    };

    static std::size_t padding_at(const char* place, std::size_t alignment) noexcept {
        return -reinterpret_cast<std::uintptr_t>(place) & (alignment - 1);
    }

    void* allocate_in_new_piece(std::size_t bytes, std::size_t alignment);
    void rewind_pieces(const Mark& mark) noexcept;
    void destroy_objects() noexcept;

    char* next_ = nullptr;
    char* end_ = nullptr;
    std::vector<Piece> pieces_;
    std::vector<Finalizer> finalizers_;
    std::size_t next_piece_;
    std::size_t step_;
    std::size_t footprint_ = 0;
    std::size_t limit_ = std::numeric_limits<std::size_t>::max();
};

}  // namespace cartwright::liquid
