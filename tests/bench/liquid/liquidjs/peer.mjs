// The workload in liquidjs, speaking the protocol of ../README.md.
//
//   node peer.mjs DATA_FOLDER

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { add_shop } from './shop.mjs'

const folder = process.argv[2]
const require = createRequire(import.meta.url)
const liquidjs = require('liquidjs')
const { version } = require('liquidjs/package.json')

const load = name => JSON.parse(readFileSync(join(folder, name + '.json'), 'utf8'))

// Replaces {"$ref": "/a/b/0"} by the very object that stands there.
function resolve_references (root) {
  const target = node => {
    while (typeof node?.$ref === 'string') {
      node = node.$ref.slice(1).split('/').reduce((at, step) => target(at[step]), root)
    }
    return node
  }
  const walk = node => {
    if (node === null || typeof node !== 'object') return
    for (const [key, value] of Object.entries(node)) {
      if (typeof value?.$ref === 'string') node[key] = target(value)
      else walk(value)
    }
  }
  walk(root)
}

const engine = new liquidjs.Liquid()
add_shop(engine, liquidjs)

const data = load('data')
resolve_references(data)
let now
const pages = ['dropify', 'tribble'].flatMap(theme => {
  const description = load(theme)
  now = Date.parse(description.now)
  const layout = engine.parse(description.layout)
  return Object.entries(description.pages).map(([name, page]) => ({
    ...page,
    name: `${theme}/${name}`,
    layout_source: description.layout,
    program: engine.parse(page.template),
    layout,
    globals: { ...data, page_title: 'Page title', template: name }
  }))
})

function render () {
  for (const page of pages) {
    const content = engine.renderSync(page.program, page.globals)
    engine.renderSync(page.layout, { ...page.globals, content_for_layout: content })
  }
}

function parse () {
  for (const page of pages) {
    engine.parse(page.template)
    engine.parse(page.layout_source)
  }
}

// Only here stands the clock still: measuring, a Date is the plain one.
function check () {
  const PlainDate = Date
  globalThis.Date = class extends PlainDate {
    constructor (...given) {
      super(...(given.length ? given : [now]))
    }
  }
  const different = pages.filter(page => {
    const content = engine.renderSync(page.program, page.globals)
    const whole = engine.renderSync(page.layout, { ...page.globals, content_for_layout: content })
    if (process.env.SHOW_DIFFERENCES && (content !== page.expected_content || whole !== page.expected_page)) {
      const at = [...page.expected_page].findIndex((byte, i) => byte !== whole[i])
      console.error(page.name, at, JSON.stringify(page.expected_page.slice(at - 60, at + 80)),
        JSON.stringify(whole.slice(at - 60, at + 80)))
    }
    return content !== page.expected_content || whole !== page.expected_page
  })
  globalThis.Date = PlainDate
  return JSON.stringify({ version, pages: pages.length, different: different.map(page => page.name) })
}

function measure (work, seconds) {
  let passes = 0
  let wall
  const cpu = process.cpuUsage()
  const start = performance.now()
  do {
    work()
    passes++
    wall = (performance.now() - start) / 1000
  } while (wall < seconds)
  const { user, system } = process.cpuUsage(cpu)
  return `${passes} ${((user + system) / 1e6).toFixed(6)} ${wall.toFixed(6)}`
}

const commands = {
  check,
  render: seconds => measure(render, seconds),
  parse: seconds => measure(parse, seconds)
}
for await (const line of createInterface({ input: process.stdin })) {
  const [command, seconds] = line.split(' ')
  console.log(commands[command]?.(Number(seconds)) ?? 'unknown')
}
