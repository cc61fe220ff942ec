"""Random Liquid templates with data and partials, from a seed.

The grammar `common` keeps to what Shopify/liquid 5.13, ruby-liquid 5.4 and liquidjs agree upon by definition;
what it leaves out for liquidjs' sake stands in the grammar `ruby`:

  a body that is blank and prints nothing     tablerow's line breaks       ifchanged
  whole quotients, decimals, 1.0 as a text    && and || of equal rank      `"` as &quot;
  characters outside of the BMP               several `when` that match    counters below variables
  errors in the output                        nil, blank and empty in odd places       offset:continue
  `for … limit … else` that limits to nothing url_encode, escape_once, truncatewords and split: " " at the edges

Left out of both: what differs from 5.4 to 5.13 (find, has, sum, reject, doc, blank, col_last without cols), hashes
as text, the order of equal items, and whatever depends on the clock.
"""

import random

WORDS = ["apple", "Banana", "cherry", "Date", "elder", "fig", "Grape", "honey dew", "kiwi", "Lemon tree", "mango"]
SPECIAL = ["a < b", "x & y", "<b>bold</b>", "caf\u00e9 cr\u00e8me", "it's", " padded ", "two\nlines", "a,b,,c", "\u65e5\u672c",
           "1 2 3", "<p class=x>para</p>", "", "don&amp;t"]
RUBY_SPECIAL = ['say "hi"', "\U0001f600 smile", "42", "3.5", "0", "stra\u00dfe", "\t", "!*'()~", "-7 apples"]
STRING_FILTERS = ["upcase", "downcase", "capitalize", "strip", "lstrip", "rstrip", "escape",
                  "strip_newlines", "newline_to_br", "strip_html", "append", "prepend", "replace", "replace_first",
                  "replace_last", "remove", "remove_first", "remove_last", "truncate", "slice", "default"]
RUBY_FILTERS = ["escape_once", "url_encode", "url_decode", "truncatewords", "base64_encode", "base64_url_safe_encode", "size"]
FORLOOP = ["index", "index0", "rindex", "rindex0", "first", "last", "length"]
MAX_DEPTH = 4

# What is assigned stays small, or loops would double it at every turn.
BOUNDED = {"str": " | slice: 0, 60", "int": " | at_most: 9999 | at_least: -9999", "strs": " | slice: 0, 6",
           "ints": " | slice: 0, 6", "objs": " | slice: 0, 6"}


class Generator:
    """One template for each call of `task`; the same seed makes the same templates."""

    def __init__(self, seed, grammar="common"):
        self.random = random.Random(seed)
        self.is_ruby = grammar == "ruby"
        self.special = SPECIAL + (RUBY_SPECIAL if self.is_ruby else [])

    def task(self):
        self.names = {
            "str": ["title", "shop.name", "shop.address.city"], "int": ["count", "shop.visits"], "bool": ["flag"],
            "strs": ["words"], "ints": ["numbers"], "objs": ["products"], "obj": ["featured"], "float": ["ratio"]}
        self.made = 0
        self.loops = 0
        self.partials = {}
        self.is_partial = False
        # Text at the end of all files: a tag there that strips white space strips it, in 5.4, from the file that is
        # parsed next.
        template = self.body(0, top=True) + "."
        return {"template": template, "data": self.data(), "partials": self.partials}

    # Data

    def data(self):
        prices = self.random.sample(range(1, 5000), 6)
        titles = self.random.sample(WORDS, 6)
        products = [self.product(titles[i], prices[i]) for i in range(self.random.randint(0, 5))]
        return {
            "title": self.text(), "count": self.random.randint(-3, 12), "flag": self.chance(0.5),
            "ratio": self.random.randint(-9, 9) + self.random.choice([0.25, 0.75]),
            "words": [self.text() for _ in range(self.random.randint(0, 6))],
            "numbers": [self.random.randint(-20, 99) for _ in range(self.random.randint(0, 6))],
            "products": products, "featured": self.product(titles[5], prices[5]),
            "shop": {"name": self.text(), "visits": self.random.randint(0, 9), "address": {"city": self.text()}}}

    def product(self, title, price):
        made = {"title": title, "price": price, "available": self.chance(0.6),
                "tags": self.random.sample(WORDS, self.random.randint(0, 3)),
                "vendor": self.random.choice(["acme", "zenith", "orbit"])}
        if self.chance(0.3):
            made["note"] = self.text()
        return made

    def text(self):
        return self.random.choice(WORDS if self.chance(0.6) else self.special)

    # Expressions: each returns source text whose value has the type asked for.

    def chance(self, share):
        return self.random.random() < share

    def literal(self, kind):
        if kind == "int":
            return str(self.random.randint(-5, 30))
        if kind == "float":
            return f"{self.random.randint(0, 20)}.{self.random.choice(['25', '75'])}"
        if kind == "bool":
            return self.random.choice(["true", "false"])
        if kind == "str":
            text = self.text()
            if '"' in text:
                return f"'{text}'" if "'" not in text else "''"
            return f"'{text}'" if "'" not in text and self.chance(0.5) else f'"{text}"'
        return self.random.choice(self.names[kind])

    def term(self, kind):
        choices = [self.literal] if self.chance(0.35) else [self.path]
        return choices[0](kind)

    def path(self, kind):
        if kind == "str" and self.chance(0.3):
            return self.random.choice(self.names["obj"]) + self.random.choice([".title", ".vendor", "['title']"])
        if kind == "str" and self.chance(0.15):
            return self.random.choice(self.names["strs"]) + self.random.choice([".first", ".last", "[0]", "[1]"])
        if kind == "int" and self.chance(0.2):
            return self.random.choice(self.names["obj"]) + ".price"
        if kind == "int" and self.chance(0.3):
            return self.random.choice(self.names[self.random.choice(["strs", "ints", "objs"])]) + ".size"
        if kind == "int" and self.loops and self.chance(0.2):
            return "forloop." + self.random.choice(["index", "index0", "rindex", "rindex0", "length"])
        if kind == "bool" and self.chance(0.3):
            return self.random.choice(self.names["obj"]) + ".available"
        if kind == "bool" and self.loops and self.chance(0.3):
            return "forloop." + self.random.choice(["first", "last"])
        if kind == "strs" and self.chance(0.3):
            return self.random.choice(self.names["obj"]) + ".tags"
        return self.random.choice(self.names[kind])

    def filtered(self, kind, longest=3):
        """A chain of filters; the type may change on the way, but ends as `kind`."""
        length = self.random.randint(0, longest)
        if kind == "str":
            return self.string_chain(length)
        if kind == "int":
            return self.int_chain(length)
        if kind in ("strs", "ints", "objs"):
            return self.array_chain(kind, length)
        return self.term(kind)

    def string_chain(self, length):
        source = self.random.random()
        if source < 0.12:
            text = self.array_chain("strs", 1) + " | join" + self.random.choice(["", ": ', '", ": '-'", ": ''"])
        elif source < 0.2:
            text = self.array_chain("ints", 1) + " | join: '+'"
        elif source < 0.25:
            text = self.array_chain("objs", 1) + " | map: 'title' | join: '/'"
        else:
            text = self.term("str")
        for _ in range(length):
            text += " | " + self.string_filter()
        return text

    def string_filter(self):
        name = self.random.choice(STRING_FILTERS + (RUBY_FILTERS if self.is_ruby else []))
        if name in ("append", "prepend", "remove", "remove_first", "remove_last", "default"):
            return f"{name}: {self.term('str') if name in ('append', 'prepend') else self.needle()}"
        if name in ("replace", "replace_first", "replace_last"):
            return f"{name}: {self.needle()}, {self.literal('str')}"
        if name == "truncate":
            tail = self.random.choice(["", ", ''", ", '--'"])
            return f"truncate: {self.random.randint(4, 30)}{tail}"
        if name == "truncatewords":
            return f"truncatewords: {self.random.randint(1, 5)}" + self.random.choice(["", ", '--'"])
        if name == "slice":
            return f"slice: {self.random.randint(0, 3)}, {self.random.randint(1, 6)}"
        return name

    def needle(self):
        return self.random.choice(['"a"', '"e"', '" "', "'an'", '"<"', '"zz"', "'Ba'"])

    def int_chain(self, length):
        source = self.random.random()
        if source < 0.1:
            text = self.term("str") + " | size"
        elif source < 0.2:
            text = self.array_chain(self.random.choice(["strs", "ints", "objs"]), 1) + " | size"
        elif source < 0.28:
            text = self.term("float") + " | " + self.random.choice(["round", "ceil", "floor"])
        else:
            text = self.term("int")
        for _ in range(length):
            name = self.random.choice(["plus", "minus", "times", "modulo", "abs", "at_least", "at_most", "divided_by"])
            if name == "divided_by":
                text += f" | divided_by: {self.random.choice([2, 3, -4])}" if self.is_ruby else ""
            elif name == "modulo":
                text += f" | abs | modulo: {self.random.randint(1, 9)}"
                if self.is_ruby:
                    text += f" | minus: 5 | modulo: {self.random.choice([3, -3])}"
            elif name == "abs":
                text += " | abs"
            elif name == "times":
                text += f" | times: {self.random.randint(-3, 9)}"
            else:
                text += f" | {name}: {self.term('int')}"
        return text

    def array_chain(self, kind, length):
        if kind == "strs" and self.chance(0.25):
            text = self.term("str") + " | split: " + self.random.choice(["','", "'a'", "''"] + (['" "'] if self.is_ruby else []))
        elif kind == "strs" and self.chance(0.15):
            text = self.path("objs") + " | map: 'title'"
        elif kind == "ints" and self.chance(0.15):
            text = self.path("objs") + " | map: 'price'"
        else:
            text = self.path(kind)
        for _ in range(length):
            text += " | " + self.array_filter(kind)
        return text

    def array_filter(self, kind):
        if kind == "objs":
            return self.random.choice([
                "reverse", "sort: 'price'", "sort: 'title'", "where: 'available'", "where: 'available', true",
                "where: 'vendor', 'acme'", "where: 'available', false", "compact", "slice: 0, 2"])
        name = self.random.choice(["reverse", "sort", "uniq", "compact", "concat", "slice: 0, 3", "slice: 1, 2"])
        return f"concat: {self.path(kind)}" if name == "concat" else name

    def condition(self):
        text = self.comparison()
        if self.chance(0.25):
            operator = self.random.choice(["and", "or"])
            for _ in range(self.random.randint(1, 3)):
                if self.is_ruby:
                    operator = self.random.choice(["and", "or"])
                text += f" {operator} {self.comparison()}"
        return text

    def comparison(self):
        pick = self.random.random()
        if pick < 0.3:
            operator = self.random.choice(["==", "!=", "<", ">", "<=", ">="])
            return f"{self.term('int')} {operator} {self.term('int')}"
        if pick < 0.5:
            return f"{self.term('str')} {self.random.choice(['==', '!='])} {self.term('str')}"
        if pick < 0.6:
            return f"{self.path('str')} contains {self.needle()}"
        if pick < 0.7:
            return f"{self.path('strs')} contains {self.literal('str')}"
        if pick < 0.78:
            return f"{self.path(self.random.choice(['str', 'strs', 'objs']))} {self.random.choice(['==', '!='])} empty"
        if pick < 0.84:
            return self.random.choice(["missing", "featured.note", "products", "title", "shop.nowhere.at_all"])
        if self.is_ruby and pick < 0.9:
            return self.random.choice([f"{self.path('str')} < {self.term('int')}",
                                       f"missing {self.random.choice(['<', '==', '!='])} {self.term('int')}",
                                       "nil == empty", f"{self.term('int')} == {self.term('float')}"])
        return self.path("bool")

    # Markup

    def tag(self, inside):
        left, right = ("-" if self.chance(0.12) else ""), ("-" if self.chance(0.12) else "")
        return "{%" + left + " " + inside + " " + right + "%}"

    def output(self, inside):
        left, right = ("-" if self.chance(0.08) else ""), ("-" if self.chance(0.08) else "")
        return "{{" + left + " " + inside + " " + right + "}}"

    def plain(self):
        return self.random.choice(["a", "b ", " c", "\n", "  ", ", ", "<p>", "{ }", "}", "text\n  more", "%", "\u00e9"])

    def body(self, depth, top=False):
        """Text, outputs and tags. A block's own body holds ink, for a blank one is a matter of its own."""
        parts = [] if self.is_ruby and not top and self.chance(0.3) else ["x"]
        for _ in range(self.random.randint(1, 6 if top else 3)):
            parts.append(self.piece(depth, top))
        return "".join(parts)

    def piece(self, depth, top):
        pick = self.random.random()
        if pick < 0.2:
            return self.plain()
        if pick < 0.5:
            return self.printed()
        if pick < 0.6:
            return self.assignment(top)
        if depth >= MAX_DEPTH or pick < 0.68:
            return self.small(top)
        makers = [self.if_block, self.if_block, self.unless_block, self.case_block, self.for_block, self.for_block,
                  self.capture_block, self.partial]
        if self.is_ruby:
            makers += [self.tablerow_block, self.ifchanged_block]
        return self.random.choice(makers)(depth)

    def printed(self):
        kind = self.random.choice(["str", "str", "str", "int", "int", "strs", "ints", "bool", "float"])
        if kind == "float" and self.is_ruby and self.chance(0.6):
            maths = self.random.choice(["plus: 0.1", "times: 1.5", "minus: 2", "divided_by: 4.0", "round: 1", "plus: '1.05'"])
            return self.output(f"{self.term('float')} | {maths}")
        return self.output(self.filtered(kind))

    def assignment(self, top):
        kind = self.random.choice(["str", "str", "int", "strs", "ints", "objs"])
        value = self.filtered(kind) + BOUNDED[kind]
        if top and not self.loops and not self.is_partial:
            self.made += 1
            name = f"v{self.made}"
            text = self.tag(f"assign {name} = {value}")
            self.names[kind].append(name)
            return text
        own = [name for name in self.names[kind] if name.startswith("v")]
        return self.tag(f"assign {self.random.choice(own)} = {value}") if own else self.plain()

    def small(self, top):
        pick = self.random.randint(0, 8)
        if pick == 0:
            return self.tag("comment") + self.plain() + self.output("title") + self.tag("endcomment")
        if pick == 1:
            return "{% raw %}{{ raw }}" + self.random.choice(["a", " ", "\n", "{% if %}"]) + "{% endraw %}"
        if pick == 2:
            return self.tag("increment " + self.random.choice(["up", "other"]))
        if pick == 3:
            return self.tag("decrement down")
        if pick == 4:
            return self.tag("cycle 'a', 'b', 'c'")
        if pick == 5:
            return self.tag("cycle 'group': 1, 2")
        if pick == 6:
            return self.tag("# a remark")
        if pick == 7:
            return self.tag("echo " + self.filtered("str"))
        lines = [f"echo {self.filtered('int')}", f"if {self.condition()}", f"  echo {self.filtered('str')}",
                 "else", f"  echo {self.literal('int')}", "endif"]
        # A line break in a literal would end the line.
        return "{% liquid\n" + "\n".join(line.replace("\n", " ") for line in lines) + "\n%}"

    def if_block(self, depth):
        text = self.tag("if " + self.condition()) + self.body(depth + 1)
        for _ in range(self.random.choice([0, 0, 1, 2])):
            text += self.tag("elsif " + self.condition()) + self.body(depth + 1)
        if self.chance(0.5):
            text += self.tag("else") + self.body(depth + 1)
        return text + self.tag("endif")

    def unless_block(self, depth):
        text = self.tag("unless " + self.condition()) + self.body(depth + 1)
        if self.chance(0.3):
            text += self.tag("elsif " + self.condition()) + self.body(depth + 1)
        if self.chance(0.5):
            text += self.tag("else") + self.body(depth + 1)
        return text + self.tag("endunless")

    def case_block(self, depth):
        kind = self.random.choice(["int", "str"])
        text = self.tag("case " + self.path(kind))
        values = [str(n) for n in range(-3, 13)] if kind == "int" else [f"'{word}'" for word in WORDS]
        if self.is_ruby:
            values += values[:4]
        self.random.shuffle(values)
        for _ in range(self.random.randint(1, 3)):
            taken = [values.pop() for _ in range(self.random.randint(1, 3))]
            text += self.tag("when " + self.random.choice([", ", " or "]).join(taken)) + self.body(depth + 1)
        if self.chance(0.6):
            text += self.tag("else") + self.body(depth + 1)
        return text + self.tag("endcase")

    def loop_source(self):
        kind = self.random.choice(["strs", "ints", "objs", "range"])
        if kind == "range":
            first, last = self.random.randint(-2, 4), self.random.randint(-2, 8)
            last = self.names["int"][0] if self.chance(0.2) else last
            return "int", f"({first}..{last})"
        return {"strs": "str", "ints": "int", "objs": "obj"}[kind], self.path(kind)

    def loop_options(self, is_table=False):
        text = ""
        if self.chance(0.3):
            text += f" limit:{self.random.randint(0, 4)}"
        if self.chance(0.25):
            goes_on = self.is_ruby and not is_table and self.chance(0.3)
            text += " offset:" + ("continue" if goes_on else str(self.random.randint(0, 3)))
        return text

    def for_block(self, depth):
        kind, source = self.loop_source()
        self.made += 1
        name = f"item{self.made}"
        reversed_ = " reversed" if self.chance(0.2) else ""
        options = self.loop_options()
        text = self.tag(f"for {name} in {source}{reversed_}{options}")
        self.names[kind].append(name)
        self.loops += 1
        text += self.body(depth + 1)
        if self.chance(0.5):
            text += self.output("forloop." + self.random.choice(FORLOOP))
        if self.is_ruby and self.loops > 1 and self.chance(0.3):
            text += self.output("forloop.parentloop.index")
        if self.chance(0.2):
            way = self.random.choice(["break", "continue"])
            text += self.tag("if " + self.condition()) + "!" + self.tag(way) + self.tag("endif") + self.body(depth + 1)
        self.loops -= 1
        self.names[kind].remove(name)
        if self.chance(0.3) and (self.is_ruby or not options):
            text += self.tag("else") + self.body(depth + 1)
        return text + self.tag("endfor")

    def tablerow_block(self, depth):
        kind, source = self.loop_source()
        self.made += 1
        name = f"cell{self.made}"
        cols = f" cols:{self.random.randint(1, 4)}" if self.chance(0.7) else ""
        fields = FORLOOP + ["col", "row"] + (["col_last"] if cols else [])
        text = self.tag(f"tablerow {name} in {source}{cols}{self.loop_options(is_table=True)}")
        self.names[kind].append(name)
        text += self.body(depth + 1) + self.output("tablerowloop." + self.random.choice(fields))
        self.names[kind].remove(name)
        return text + self.tag("endtablerow")

    def ifchanged_block(self, depth):
        return self.tag("ifchanged") + self.body(depth + 1) + self.tag("endifchanged")

    def capture_block(self, depth):
        own = [name for name in self.names["str"] if name.startswith("v")]
        if not own:
            return self.plain()
        name = self.random.choice(own)
        return (self.tag(f"capture {name}") + self.body(depth + 1) + self.tag("endcapture")
                + self.tag(f"assign {name} = {name}{BOUNDED['str']}"))

    def partial(self, depth):
        """A file of its own, that prints what it is given; or one of those there are."""
        if self.is_partial or len(self.partials) >= 3:
            return self.plain()
        name = f"part{len(self.partials)}"
        outer, loops, self.loops, self.is_partial = self.names, self.loops, 0, True
        # What stands in every task's data is handed on by these names.
        self.names = {"str": ["heading"], "int": ["amount"], "bool": ["shown"], "strs": ["list"], "ints": ["sums"],
                      "objs": ["goods"], "obj": ["one"], "float": ["share"]}
        self.partials[name] = ""
        self.partials[name] = self.body(max(depth + 1, 2)) + "."
        self.names, self.loops, self.is_partial = outer, loops, False
        pairs = {"heading": "str", "amount": "int", "shown": "bool", "list": "strs", "sums": "ints", "goods": "objs",
                 "one": "obj", "share": "float"}
        given = ", ".join(f"{key}: {self.path(kind)}" for key, kind in pairs.items())
        return self.tag(f"{self.random.choice(['render', 'include'])} '{name}', {given}")
