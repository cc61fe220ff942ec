// Renders with liquidjs: JSON lines {"template", "data", "partials"} in, {"output"} or {"error"} out.
const readline = require('node:readline')
const { Liquid } = require('liquidjs')

process.env.TZ = 'UTC'
readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const task = JSON.parse(line)
    let answer
    try {
        const engine = new Liquid({ templates: task.partials, extname: '' })
        answer = { output: engine.parseAndRenderSync(task.template, task.data) }
    } catch (error) {
        answer = { error: error.message }
    }
    process.stdout.write(JSON.stringify(answer) + '\n')
})
