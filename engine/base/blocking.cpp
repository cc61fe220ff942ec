#include "base/blocking.hpp"

#include "base/check.hpp"

namespace cartwright {

BlockingPool::BlockingPool(unsigned threads, std::size_t queue_limit) : limit_(queue_limit) {
    CHECK(threads > 0 && queue_limit > 0);
    threads_.reserve(threads);
    for (unsigned i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { serve(); });
    }
}

BlockingPool::~BlockingPool() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wakes_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

bool BlockingPool::post(std::move_only_function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() >= limit_) {
            return false;
        }
        queue_.push_back(std::move(work));
    }
    wakes_.notify_one();
    return true;
}

std::size_t BlockingPool::queued() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

void BlockingPool::serve() {
    std::unique_lock lock(mutex_);
    while (true) {
        wakes_.wait(lock, [this] { return ending_ || !queue_.empty(); });
        if (queue_.empty()) {
            return;
        }
        auto work = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        work();
        work = nullptr;  // what it owned ends before the next wait
        lock.lock();
    }
}

}  // namespace cartwright
