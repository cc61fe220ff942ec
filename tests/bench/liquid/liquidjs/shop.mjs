// The shop filters and tags of the workload for liquidjs, as ../README.md describes them.

const ASSETS = '/files/1/[shop_id]/[shop_id]/assets/'
const IMAGES = '/files/shops/random_number/products/'
const SIZES = ['pico', 'icon', 'thumb', 'small', 'compact', 'medium', 'large', 'grande']
const PAGINATED = '/collections/frontpage'
const WINDOW = 3

const text = value => value === null || value === undefined ? '' : String(value)

const handleise = name =>
  name.toLowerCase().replace(/['"()[\]]/g, '').replace(/\W+/g, '-').replace(/^-|-$/g, '')

const link_to = (label, url, title = '') => `<a href="${text(url)}" title="${text(title)}">${text(label)}</a>`

const collection_url = name => '/collections/' + handleise(name)

const link_to_collection = name =>
  name === null || name === undefined ? 'Unknown Vendor' : link_to(name, collection_url(name), name)

const money = cents => cents === null || cents === undefined ? '' : '$ ' + (cents / 100).toFixed(2)

const weight = grams => Math.floor(grams / 1000).toFixed(2)

const without_collections = object => {
  const { collections, ...rest } = object
  return rest
}

const tag_link = (context, title, tags, label) =>
  `<a title="${title}" href="/collections/${text(context.getSync(['handle']))}/${tags}">${text(label)}</a>`

const current_tags = context => context.getSync(['current_tags']) ?? []

const filters = {
  money,
  money_with_currency: cents => cents === null || cents === undefined ? '' : money(cents) + ' USD',
  weight,
  weight_with_unit: grams => weight(grams) + ' kg',
  json: value => JSON.stringify(
    value !== null && typeof value === 'object' && !Array.isArray(value) ? without_collections(value) : value),
  asset_url: name => ASSETS + text(name),
  global_asset_url: name => '/global/' + text(name),
  shopify_asset_url: name => '/shopify/' + text(name),
  script_tag: url => `<script src="${text(url)}" type="text/javascript"></script>`,
  stylesheet_tag: (url, media = 'all') =>
    `<link href="${text(url)}" rel="stylesheet" type="text/css"  media="${text(media)}"  />`,
  img_tag: (url, alt = '') => `<img src="${text(url)}" alt="${text(alt)}" />`,
  link_to,
  link_to_vendor: link_to_collection,
  link_to_type: link_to_collection,
  url_for_vendor: collection_url,
  url_for_type: collection_url,
  handleise,
  product_img_url (url, size = 'small') {
    if (!url.startsWith('products/')) {
      throw new Error('filter product_img_url can only be called on product images')
    }
    const name = url.slice('products/'.length)
    if (size === 'original') return IMAGES + name
    if (!SIZES.includes(size)) {
      throw new Error(`valid sizes for filter product_img_url are original, ${SIZES.join(', ')}`)
    }
    const dot = name.lastIndexOf('.')
    return `${IMAGES}${name.slice(0, dot)}_${size}${name.slice(dot)}`
  },
  default_pagination (paginate) {
    const html = []
    const { previous, next } = paginate
    if (previous) html.push(`<span class="prev">${link_to(previous.title, previous.url)}</span>`)
    for (const part of paginate.parts) {
      if (part.is_link) {
        html.push(`<span class="page">${link_to(part.title, part.url)}</span>`)
      } else if (parseInt(part.title) === paginate.current_page) {
        html.push(`<span class="page current">${part.title}</span>`)
      } else {
        html.push(`<span class="deco">${part.title}</span>`)
      }
    }
    if (next) html.push(`<span class="next">${link_to(next.title, next.url)}</span>`)
    return html.join(' ')
  },
  pluralize: (count, one, many) => count === 1 ? one : many,
  highlight_active_tag (tag, css_class = 'active') {
    return current_tags(this.context).includes(tag) ? `<span class="${css_class}">${tag}</span>` : tag
  },
  link_to_tag (label, tag) {
    return tag_link(this.context, `Show products matching tag ${tag}`, tag, label)
  },
  link_to_add_tag (label, tag) {
    const tags = [...new Set([...current_tags(this.context), tag])]
    return tag_link(this.context, `Show products matching tag ${tag}`, tags.join('+'), label)
  },
  link_to_remove_tag (label, tag) {
    const tags = current_tags(this.context).filter(other => other !== tag)
    return tag_link(this.context, `Show products matching tag ${tag}`, tags.join('+'), label)
  }
}

const page_link = (title, page) => ({ title, url: `${PAGINATED}?page=${page}`, is_link: true })

const page_parts = (current, pages) => {
  const parts = []
  if (pages <= 2) return parts
  let gap = false
  for (let page = 1; page < pages; page++) {
    if (page === current) {
      parts.push({ title: page, is_link: false })
    } else if (page !== 1 && page !== pages - 1 && Math.abs(page - current) >= WINDOW) {
      if (!gap) parts.push({ title: '&hellip;', is_link: false })
      gap = true
      continue
    } else {
      parts.push(page_link(page, page))
    }
    gap = false
  }
  return parts
}

export function add_shop (engine, { Tag, Value, TypeGuards }) {
  // A tag with a body up to end<name>.
  class Block extends Tag {
    constructor (token, remaining, liquid, parser) {
      super(token, remaining, liquid)
      this.templates = []
      while (remaining.length) {
        const next = remaining.shift()
        if (TypeGuards.isTagToken(next) && next.name === 'end' + token.name) return
        this.templates.push(parser.parseToken(next, remaining))
      }
      throw new Error(`tag ${token.getText()} not closed`)
    }
  }

  class Paginate extends Block {
    constructor (token, remaining, liquid, parser) {
      super(token, remaining, liquid, parser)
      const [, collection, size] = /^\s*(\S+)\s*(?:by\s*(\d+))?/.exec(token.args)
      this.name = collection
      this.collection = new Value(collection, liquid)
      this.page_size = Number(size ?? 20)
    }

    * render (context, emitter) {
      const items = yield this.collection.value(context)
      if (items?.length === undefined) throw new Error(`Cannot paginate '${this.name}'. Not found.`)
      const current = Number((yield context._get(['current_page'])) ?? 0)
      // One more than there are, as the original counts them.
      const pages = Math.ceil(items.length / this.page_size) + 1
      context.push({
        paginate: {
          page_size: this.page_size,
          current_page: 5,
          current_offset: this.page_size * 5,
          items: items.length,
          pages,
          previous: current > 1 ? page_link('&laquo; Previous', current - 1) : null,
          next: pages > current + 1 ? page_link('Next &raquo;', current + 1) : null,
          parts: page_parts(current, pages)
        }
      })
      yield this.liquid.renderer.renderTemplates(this.templates, context, emitter)
      context.pop()
    }
  }

  class ArticleForm extends Block {
    constructor (token, remaining, liquid, parser) {
      super(token, remaining, liquid, parser)
      this.article = new Value(token.args, liquid)
    }

    * render (context, emitter) {
      const article = yield this.article.value(context)
      emitter.write(
        `<form id="article-${text(article.id)}-comment-form" class="comment-form" method="post" action="">\n`)
      context.push({ form: {} })
      yield this.liquid.renderer.renderTemplates(this.templates, context, emitter)
      context.pop()
      emitter.write('\n</form>')
    }
  }

  for (const [name, filter] of Object.entries(filters)) engine.registerFilter(name, filter)
  engine.registerTag('paginate', Paginate)
  engine.registerTag('form', ArticleForm)
}
