// A server that is nothing but its cluster: starts it, prints `ready POSTMASTER URL`, and stops it when what
// it was handed as descriptor 3 ends. The second argument is the user it becomes first, or `-`. Tests kill it.
#include "base/process.hpp"
#include "db/cluster.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include <grp.h>
#include <unistd.h>

int main(int count, char** arguments) {
    if (count != 3) return 2;
    const std::string name = arguments[2];
    if (name != "-") {
        const auto user = cartwright::find_user(name);
        if (!user || ::setgroups(0, nullptr) != 0 || ::setgid(user->gid) != 0 || ::setuid(user->uid) != 0)
            return 2;
    }
    try {
        cartwright::db::Cluster cluster({
            .folder = arguments[1],
            .progress = [](std::string_view line) { fmt::print(stderr, "{}\n", line); },
        });
        fmt::print("ready {} {}\n", cluster.pid(), cluster.owner_url());
        std::fflush(stdout);
        char byte = 0;
        while (::read(cartwright::handed_over_number, &byte, 1) > 0) {
        }
    } catch (const cartwright::db::ClusterError& refused) {
        fmt::print("refused {}\n", refused.what());
        return 1;
    }
    return 0;
}
