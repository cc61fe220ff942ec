// The next moment is later than the given one, and on a whole minute.
#include "jobs/cron.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using cartwright::Instant;
    if (size < 4) return 0;
    static const std::array<std::string, 4> zones{
        "UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"};
    const std::string_view text(reinterpret_cast<const char*>(data + 4), size - 4);
    const std::optional<cartwright::jobs::Cron> cron = cartwright::jobs::Cron::parse(text);
    if (!cron) return 0;
    // Some time within 2000 to 2045.
    const std::uint32_t minutes =
        (std::uint32_t{data[1]} | std::uint32_t{data[2]} << 8U | std::uint32_t{data[3]} << 16U) * 3U / 2U;
    const Instant from =
        Instant(std::chrono::sys_days(std::chrono::year(2000) / 1 / 1)) + std::chrono::minutes(minutes);
    const std::optional<Instant> next = cron->next(from, zones[data[0] % zones.size()]);
    if (next && (*next <= from || *next != std::chrono::floor<std::chrono::minutes>(*next))) std::abort();
    return 0;
}
