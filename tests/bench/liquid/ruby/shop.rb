# frozen_string_literal: true

# The shop filters and tags of the workload for ruby-liquid, as ../README.md describes them.

require "json"

module ShopFilters
  ASSETS = "/files/1/[shop_id]/[shop_id]/assets/"
  IMAGES = "/files/shops/random_number/products/"
  SIZES = %w[pico icon thumb small compact medium large grande].freeze

  def money(cents)
    cents.nil? ? "" : format("$ %.2f", cents / 100.0)
  end

  def money_with_currency(cents)
    cents.nil? ? "" : format("$ %.2f USD", cents / 100.0)
  end

  def weight(grams)
    format("%.2f", grams / 1000)
  end

  def weight_with_unit(grams)
    "#{weight(grams)} kg"
  end

  def json(object)
    JSON.generate(object.is_a?(Hash) ? object.reject { |key, _| key == "collections" } : object)
  end

  def asset_url(name)
    "#{ASSETS}#{name}"
  end

  def global_asset_url(name)
    "/global/#{name}"
  end

  def shopify_asset_url(name)
    "/shopify/#{name}"
  end

  def script_tag(url)
    %(<script src="#{url}" type="text/javascript"></script>)
  end

  def stylesheet_tag(url, media = "all")
    %(<link href="#{url}" rel="stylesheet" type="text/css"  media="#{media}"  />)
  end

  def img_tag(url, alt = "")
    %(<img src="#{url}" alt="#{alt}" />)
  end

  def link_to(text, url, title = "")
    %(<a href="#{url}" title="#{title}">#{text}</a>)
  end

  def link_to_vendor(name)
    name ? link_to(name, url_for_vendor(name), name) : "Unknown Vendor"
  end

  def link_to_type(name)
    name ? link_to(name, url_for_type(name), name) : "Unknown Vendor"
  end

  def url_for_vendor(name)
    "/collections/#{handleise(name)}"
  end

  def url_for_type(name)
    "/collections/#{handleise(name)}"
  end

  def handleise(text)
    handle = text.downcase
    handle.delete!("'\"()[]")
    handle.gsub!(/\W+/, "-")
    handle.delete_prefix("-").delete_suffix("-")
  end

  def product_img_url(url, size = "small")
    name = url[%r{\Aproducts/(.+)\z}, 1] or raise ArgumentError, "filter product_img_url can only be called on product images"
    return "#{IMAGES}#{name}" if size == "original"
    raise ArgumentError, "valid sizes for filter product_img_url are original, #{SIZES.join(", ")}" unless SIZES.include?(size)

    dot = name.rindex(".")
    "#{IMAGES}#{name[0...dot]}_#{size}#{name[dot..]}"
  end

  def default_pagination(paginate)
    html = []
    previous, following = paginate["previous"], paginate["next"]
    html << %(<span class="prev">#{link_to(previous["title"], previous["url"])}</span>) if previous
    paginate["parts"].each do |part|
      html << if part["is_link"]
        %(<span class="page">#{link_to(part["title"], part["url"])}</span>)
      elsif part["title"].to_i == paginate["current_page"].to_i
        %(<span class="page current">#{part["title"]}</span>)
      else
        %(<span class="deco">#{part["title"]}</span>)
      end
    end
    html << %(<span class="next">#{link_to(following["title"], following["url"])}</span>) if following
    html.join(" ")
  end

  def pluralize(count, one, many)
    count == 1 ? one : many
  end

  def highlight_active_tag(tag, css_class = "active")
    @context["current_tags"]&.include?(tag) ? %(<span class="#{css_class}">#{tag}</span>) : tag
  end

  def link_to_tag(label, tag)
    tag_link("Show products matching tag #{tag}", tag, label)
  end

  def link_to_add_tag(label, tag)
    tag_link("Show products matching tag #{tag}", [*@context["current_tags"], tag].uniq.join("+"), label)
  end

  def link_to_remove_tag(label, tag)
    tag_link("Show products matching tag #{tag}", ([*@context["current_tags"]] - [tag]).join("+"), label)
  end

  private

  def tag_link(title, tags, label)
    %(<a title="#{title}" href="/collections/#{@context["handle"]}/#{tags}">#{label}</a>)
  end
end

class Paginate < Liquid::Block
  SYNTAX = /\A\s*(#{Liquid::QuotedFragment})\s*(?:by\s*(\d+))?/
  WINDOW = 3
  URL = "/collections/frontpage"

  def initialize(tag_name, markup, parse_context)
    super
    @markup = markup[SYNTAX, 1] or raise Liquid::SyntaxError, "Syntax Error in 'paginate' - Valid syntax: paginate COLLECTION by N"
    @collection = Liquid::Expression.parse(@markup)
    @page_size = (markup[SYNTAX, 2] || 20).to_i
  end

  def render_to_output_buffer(context, output)
    context.stack do
      items = context.evaluate(@collection)
      raise Liquid::ArgumentError, "Cannot paginate '#{@markup}'. Not found." unless items.respond_to?(:size)

      current = context["current_page"].to_i
      # One more than there are, as the original counts them.
      pages = items.size.fdiv(@page_size).ceil + 1
      context["paginate"] = {
        "page_size" => @page_size, "current_page" => 5, "current_offset" => @page_size * 5,
        "items" => items.size, "pages" => pages,
        "previous" => (link("&laquo; Previous", current - 1) if current > 1),
        "next" => (link("Next &raquo;", current + 1) if pages > current + 1),
        "parts" => parts(current, pages)
      }
      super
    end
  end

  private

  def parts(current, pages)
    return [] unless pages > 2

    found = []
    gap = false
    1.upto(pages - 1) do |page|
      if page == current
        found << text(page)
      elsif page != 1 && page != pages - 1 && (page - current).abs >= WINDOW
        found << text("&hellip;") unless gap
        gap = true
        next
      else
        found << link(page, page)
      end
      gap = false
    end
    found
  end

  def text(title)
    { "title" => title, "is_link" => false }
  end

  def link(title, page)
    { "title" => title, "url" => "#{URL}?page=#{page}", "is_link" => true }
  end
end

class ArticleForm < Liquid::Block
  def initialize(tag_name, markup, parse_context)
    super
    @article = Liquid::Expression.parse(markup.strip)
  end

  def render_to_output_buffer(context, output)
    article = context.evaluate(@article)
    output << %(<form id="article-#{article["id"]}-comment-form" class="comment-form" method="post" action="">\n)
    context.stack do
      context["form"] = {}
      super
    end
    output << "\n</form>"
  end
end

Liquid::Template.register_filter(ShopFilters)
Liquid::Template.register_tag("paginate", Paginate)
Liquid::Template.register_tag("form", ArticleForm)
