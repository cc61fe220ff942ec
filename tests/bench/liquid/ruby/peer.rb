# frozen_string_literal: true

# The workload in ruby-liquid, speaking the protocol of ../README.md.
#
#   ruby [--yjit] peer.rb DATA_FOLDER [liquid-c]

require "date"
require "json"
require "time"
require "liquid"
require "liquid/c" if ARGV[1] == "liquid-c"
require_relative "shop"

THEMES = %w[dropify tribble].freeze

def load_json(folder, name)
  JSON.parse(File.read(File.join(folder, "#{name}.json"), encoding: "UTF-8"))
end

# Replaces {"$ref": "/a/b/0"} by the very object that stands there.
def resolve_references(root)
  target = lambda do |node|
    node = node["$ref"].delete_prefix("/").split("/").inject(root) { |at, step|
      target.call(at.is_a?(Array) ? at[Integer(step)] : at.fetch(step))
    } while node.is_a?(Hash) && node.key?("$ref")
    node
  end
  walk = lambda do |node|
    case node
    when Hash then node.each { |key, value| value.is_a?(Hash) && value.key?("$ref") ? node[key] = target.call(value) : walk.call(value) }
    when Array then node.each_with_index { |value, at| value.is_a?(Hash) && value.key?("$ref") ? node[at] = target.call(value) : walk.call(value) }
    end
  end
  walk.call(root)
end

Page = Struct.new(:name, :template_source, :layout_source, :content, :page, :template, :layout, :globals)

folder = ARGV.fetch(0)
data = load_json(folder, "data")
resolve_references(data)
pages = THEMES.flat_map do |theme|
  description = load_json(folder, theme)
  NOW = Time.iso8601(description["now"]) unless defined?(NOW)
  layout = Liquid::Template.parse(description["layout"])
  description["pages"].map do |name, page|
    Page.new("#{theme}/#{name}", page["template"], description["layout"], page["expected_content"],
             page["expected_page"], Liquid::Template.parse(page["template"]), layout,
             data.merge("page_title" => "Page title", "template" => name))
  end
end
Time.define_singleton_method(:now) { NOW }

render = lambda do
  pages.each do |page|
    content = page.template.render!(page.globals)
    page.layout.render!(page.globals.merge("content_for_layout" => content))
  end
end
parse = lambda do
  pages.each do |page|
    Liquid::Template.parse(page.template_source)
    Liquid::Template.parse(page.layout_source)
  end
end

check = lambda do
  different = pages.reject do |page|
    content = page.template.render!(page.globals)
    content == page.content &&
      page.layout.render!(page.globals.merge("content_for_layout" => content)) == page.page
  end
  JSON.generate("version" => Liquid::VERSION, "pages" => pages.size, "different" => different.map(&:name))
end

clock = ->(which) { Process.clock_gettime(which) }
measure = lambda do |work, seconds|
  passes = 0
  cpu = clock.call(Process::CLOCK_PROCESS_CPUTIME_ID)
  wall = clock.call(Process::CLOCK_MONOTONIC)
  loop do
    work.call
    passes += 1
    break if clock.call(Process::CLOCK_MONOTONIC) - wall >= seconds
  end
  format("%d %.6f %.6f", passes, clock.call(Process::CLOCK_PROCESS_CPUTIME_ID) - cpu,
         clock.call(Process::CLOCK_MONOTONIC) - wall)
end

$stdout.sync = true
$stdin.each_line do |line|
  command, seconds = line.split
  puts(case command
       when "check" then check.call
       when "render" then measure.call(render, Float(seconds))
       when "parse" then measure.call(parse, Float(seconds))
       else "unknown"
       end)
end
