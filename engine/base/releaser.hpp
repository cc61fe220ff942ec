// Wraps a C library's handle where it is born: `using Context = std::unique_ptr<EVP_MD_CTX,
// Releaser<EVP_MD_CTX_free>>;`. Handles never leave the .cpp that made them.
#pragma once

#include <memory>

namespace cartwright {

template <auto Release>
struct Releaser {
    template <class T>
    void operator()(T* handle) const noexcept {
        Release(handle);
    }
};

}  // namespace cartwright
