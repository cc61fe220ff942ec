#include "app/liquid_reports.hpp"

#include "json/writer.hpp"
#include "liquid/drop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace cartwright::app {

namespace {

using Rows = std::vector<liquid::Profile::Row>;

constexpr std::size_t shown_lines = 40;

json::Writer& position(json::Writer& json, std::string_view name, std::uint32_t number) {
    json.key(name);
    return number == 0 ? json.null() : json.value(number);
}

std::string finished(json::Writer& json) {
    return json.take() + "\n";
}

std::string row_name(const liquid::Profile::Row& row) {
    std::string name = row.template_name;
    if (row.line != 0) {
        name += fmt::format(":{}", row.line);
    }
    if (name.empty() && row.kind.empty()) {
        return "(the template itself)";
    }
    return name.empty() || row.kind.empty() ? name + row.kind : name + " " + row.kind;
}

std::string table(std::string_view title, const Rows& rows, std::int64_t passes) {
    std::string text = fmt::format("\n{:<40} {:>10} {:>12} {:>12} {:>12} {:>12}\n",
                                   title,
                                   "nodes",
                                   "self µs",
                                   "total µs",
                                   "self B",
                                   "total B");
    for (const auto& row : std::span(rows).first(std::min(rows.size(), shown_lines))) {
        const auto mean = [passes](auto sum) {
            return static_cast<double>(sum) / static_cast<double>(passes);
        };
        text += fmt::format("{:<40} {:>10.0f} {:>12.2f} {:>12.2f} {:>12.0f} {:>12.0f}\n",
                            row_name(row),
                            mean(row.cost.calls),
                            mean(row.cost.self_ns) / 1000,
                            mean(row.cost.total_ns) / 1000,
                            mean(row.cost.self_bytes),
                            mean(row.cost.total_bytes));
    }
    if (rows.size() > shown_lines) {
        text += fmt::format("… and {} more\n", rows.size() - shown_lines);
    }
    return text;
}

void write_rows(json::Writer& json, std::string_view name, const Rows& rows) {
    json.key(name).begin_array();
    for (const auto& [template_name, line, kind, cost] : rows) {
        json.begin_object().member("template", template_name);
        position(json, "line", line);
        json.member("tag", kind)
            .member("nodes", static_cast<std::int64_t>(cost.calls))
            .member("self_ns", cost.self_ns)
            .member("total_ns", cost.total_ns)
            .member("self_bytes", static_cast<std::int64_t>(cost.self_bytes))
            .member("total_bytes", static_cast<std::int64_t>(cost.total_bytes))
            .end_object();
    }
    json.end_array();
}

std::size_t count(std::span<const liquid::Finding> findings, liquid::Severity severity) {
    return static_cast<std::size_t>(std::ranges::count(findings, severity, &liquid::Finding::severity));
}

}  // namespace

std::string findings_text(std::span<const liquid::Finding> findings) {
    std::string text;
    for (const liquid::Finding& finding : findings) {
        text += finding.text() + "\n";
    }
    return text + fmt::format("{} errors, {} warnings, {} hints\n",
                              count(findings, liquid::Severity::error),
                              count(findings, liquid::Severity::warning),
                              count(findings, liquid::Severity::info));
}

std::string findings_json(std::span<const liquid::Finding> findings) {
    json::Writer json;
    json.begin_object().key("findings").begin_array();
    for (const liquid::Finding& finding : findings) {
        json.begin_object()
            .member("code", finding.code)
            .member("severity", liquid::word_of(finding.severity))
            .member("file", finding.file);
        position(json, "line", finding.line);
        position(json, "column", finding.column);
        json.member("message", finding.message).end_object();
    }
    json.end_array().end_object();
    return finished(json);
}

std::string profile_text(const ProfileReport& report) {
    const Rows templates = report.profile.by_template();
    std::int64_t total_ns = 0;
    for (const auto& row : templates) {
        total_ns += row.cost.self_ns;
    }
    return fmt::format("{} passes, {:.3f} ms and {} bytes of output each\n",
                       report.passes,
                       static_cast<double>(total_ns) / 1e6 / static_cast<double>(report.passes),
                       report.output_bytes) +
           table("by tag", report.profile.by_kind(), report.passes) +
           table("by template", templates, report.passes) +
           table("by line", report.profile.by_place(), report.passes);
}

std::string profile_json(const ProfileReport& report) {
    json::Writer json;
    json.begin_object()
        .member("passes", report.passes)
        .member("output_bytes", static_cast<std::int64_t>(report.output_bytes));
    write_rows(json, "by_tag", report.profile.by_kind());
    write_rows(json, "by_template", report.profile.by_template());
    write_rows(json, "by_line", report.profile.by_place());
    json.end_object();
    return finished(json);
}

std::string docs_text(const liquid::Environment& environment,
                      std::span<const liquid::DropType* const> types) {
    std::string text = "Tags\n";
    for (const liquid::Tag& tag : environment.tags()) {
        text += fmt::format("  {:<24} {}\n", tag.name, tag.summary);
    }
    text += "\nFilters\n";
    for (const liquid::Filter& filter : environment.filters()) {
        text += fmt::format("  {:<24} {}\n", filter.name, filter.summary);
    }
    for (const liquid::DropType* type : types) {
        text += fmt::format("\n{}: {}\n", type->name(), type->summary());
        for (const liquid::DropProperty& property : type->properties()) {
            text += fmt::format("  {:<24} {:<16} {}\n", property.name, property.type, property.summary);
        }
    }
    return text;
}

std::string docs_json(const liquid::Environment& environment,
                      std::span<const liquid::DropType* const> types) {
    json::Writer json;
    json.begin_object().key("tags").begin_array();
    for (const liquid::Tag& tag : environment.tags()) {
        json.begin_object()
            .member("name", tag.name)
            .member("end", tag.end)
            .member("summary", tag.summary)
            .end_object();
    }
    json.end_array().key("filters").begin_array();
    for (const liquid::Filter& filter : environment.filters()) {
        json.begin_object()
            .member("name", filter.name)
            .member("least_arguments", filter.least)
            .member("most_arguments", filter.most)
            .member("summary", filter.summary)
            .end_object();
    }
    json.end_array().key("objects").begin_array();
    for (const liquid::DropType* type : types) {
        json.begin_object()
            .member("name", type->name())
            .member("summary", type->summary())
            .key("properties")
            .begin_array();
        for (const liquid::DropProperty& property : type->properties()) {
            json.begin_object()
                .member("name", property.name)
                .member("type", property.type)
                .member("summary", property.summary)
                .end_object();
        }
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return finished(json);
}

}  // namespace cartwright::app
