# Renders with ruby-liquid: JSON lines {"template", "data", "partials"} in, {"output"} or {"error"} out. Errors
# of rendering stand in the output; a template that can't be parsed is an error.
require "json"
require "liquid"

class Partials
  def initialize(files)
    @files = files
  end

  def read_template_file(name)
    @files.fetch(name) { raise Liquid::FileSystemError, "No such template '#{name}'" }
  end
end

$stdout.sync = false
$stdin.each_line do |line|
  task = JSON.parse(line)
  begin
    template = Liquid::Template.parse(task["template"], error_mode: :lax)
    output = template.render(
      task["data"], registers: { file_system: Partials.new(task["partials"]) })
    answer = { output: output }
  rescue Liquid::Error => error
    answer = { error: error.message }
  end
  puts JSON.generate(answer)
end
