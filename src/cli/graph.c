/* Drawing a definition: see graph.h.
 *
 * The layer of a step is one more than the deepest it waits for.  Arrows between all of
 * them would cross in most real workflows; names in the boxes do not. */
#include "cli/graph.h"

#include "base/arena.h"
#include "codec/json.h"

enum { BOX_LINES = 4, BOX_WIDTH_MAX = 60 };

struct box {
	const struct json *step;
	bool *after; /* by step */
	size_t layer;
	struct str lines[BOX_LINES];
	size_t n_lines, width;
};
struct graph {
	struct arena *a;
	struct box *boxes;
	size_t n, layers;
	bool is_utf8;
	struct buf *out;
};

/* --- What waits for what --- */

static void wait_for(struct graph *g, struct box *b, struct str name)
{
	for (size_t i = 0; i < g->n; i++)
		if (str_eq(g->boxes[i].step->name, name) && &g->boxes[i] != b)
			b->after[i] = true;
}

static void find_references(struct graph *g, struct box *b, const struct json *v)
{
	struct str tail, ref = json_get_str(v, "ref", STR(""));
	if (v->type == JSON_OBJECT && v->count == 1 && str_starts(ref, STR("/steps/"))) {
		wait_for(g, b, str_cut(str_sub(ref, STR("/steps/").len, SIZE_MAX), '/', &tail));
		return;
	}
	for (const struct json *m = v->first; m; m = m->next)
		find_references(g, b, m);
}

static void find_after(struct graph *g, struct box *b)
{
	const struct json *after = json_getz(b->step, "after");
	b->after = arena_new(g->a, bool, g->n);
	if (after && after->type == JSON_ARRAY)
		for (const struct json *m = after->first; m; m = m->next)
			wait_for(g, b, m->text);
	find_references(g, b, b->step);
}

/* Each round settles at least one layer; a circle, which the server would have refused,
 * ends with the rounds. */
static void find_layers(struct graph *g)
{
	for (size_t round = 0; round < g->n; round++)
		for (size_t i = 0; i < g->n; i++)
			for (size_t j = 0; j < g->n; j++)
				if (g->boxes[i].after[j] &&
				    g->boxes[i].layer <= g->boxes[j].layer &&
				    g->boxes[j].layer + 1 < g->n)
					g->boxes[i].layer = g->boxes[j].layer + 1;
	for (size_t i = 0; i < g->n; i++)
		if (g->boxes[i].layer >= g->layers)
			g->layers = g->boxes[i].layer + 1;
}

/* --- What stands in a box --- */

/* Columns of ASCII and of the few marks used here. */
static size_t columns(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}

static struct str fit(struct graph *g, struct str s)
{
	size_t end = 0;
	if (columns(s) <= BOX_WIDTH_MAX)
		return s;
	for (size_t n = 0; end < s.len; end++) {
		n += ((unsigned char)s.ptr[end] & 0xc0) != 0x80;
		if (n == BOX_WIDTH_MAX - 2)
			break;
	}
	return str_fmt(g->a, STR_FMT "%s", STR_ARG(str_sub(s, 0, end)), g->is_utf8 ? "…" : "..");
}

static void add_line(struct graph *g, struct box *b, struct str line)
{
	line = fit(g, line);
	b->lines[b->n_lines++] = line;
	b->width = columns(line) > b->width ? columns(line) : b->width;
}

static struct str work_of(struct graph *g, const struct json *step)
{
	const struct json *wait = json_getz(step, "wait"), *approve = json_getz(step, "approve");
	struct str kind = json_get_str(step, "kind", STR(""));
	struct str workflow = json_get_str(step, "workflow", STR(""));
	struct str event = json_get_str(wait, "event", STR(""));
	const struct json *time = json_getz(wait, "timer_ms") ? json_getz(wait, "timer_ms")
	                                                      : json_getz(wait, "until");
	const char *unit = json_getz(wait, "timer_ms") ? " ms" : "";
	if (kind.len)
		return kind;
	if (workflow.len)
		return str_fmt(g->a, "workflow " STR_FMT, STR_ARG(workflow));
	if (event.len)
		return str_fmt(g->a, "event " STR_FMT, STR_ARG(event));
	if (time)
		return str_fmt(g->a, "wait " STR_FMT "%s", STR_ARG(time->raw), unit);
	return approve ? STR("approval") : STR("?");
}

static void fill_box(struct graph *g, struct box *b)
{
	struct buf names = BUF_INIT(64 << 10);
	const struct json *undo = json_getz(b->step, "compensate");
	const char *mark = !json_getz(b->step, "each") ? "" : g->is_utf8 ? "  ×each" : "  x each";
	const char *maybe = json_getz(b->step, "when") ? "  when" : "";
	add_line(g, b, str_fmt(g->a, STR_FMT "%s%s", STR_ARG(b->step->name), mark, maybe));
	add_line(g, b, work_of(g, b->step));
	for (size_t i = 0; i < g->n; i++)
		if (b->after[i])
			buf_addf(&names, "%s" STR_FMT, names.len ? ", " : "",
			         STR_ARG(g->boxes[i].step->name));
	if (names.len)
		add_line(g, b,
		         str_fmt(g->a, "%s " STR_FMT, g->is_utf8 ? "←" : "<-",
		                 STR_ARG(buf_str(&names))));
	if (undo)
		add_line(g, b,
		         str_fmt(g->a, "%s " STR_FMT, g->is_utf8 ? "↩" : "undo:",
		                 STR_ARG(json_get_str(undo, "kind", STR("?")))));
	buf_fini(&names);
}

/* --- Rows of boxes --- */

static void repeat(struct buf *out, const char *what, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addz(out, what);
}

static void edge(struct graph *g, const struct box *b, bool is_top)
{
	const char *left = !g->is_utf8 ? "+" : is_top ? "┌" : "└";
	const char *right = !g->is_utf8 ? "+" : is_top ? "┐" : "┘";
	buf_addz(g->out, left);
	repeat(g->out, g->is_utf8 ? "─" : "-", b->width + 2);
	buf_addz(g->out, right);
}

static void inside(struct graph *g, const struct box *b, size_t line)
{
	const char *side = g->is_utf8 ? "│" : "|";
	struct str text = line < b->n_lines ? b->lines[line] : STR("");
	buf_addf(g->out, "%s " STR_FMT, side, STR_ARG(text));
	repeat(g->out, " ", b->width - columns(text));
	buf_addf(g->out, " %s", side);
}

static void draw_row(struct graph *g, struct box *const *row, size_t n)
{
	size_t lines = 0;
	for (size_t i = 0; i < n; i++)
		lines = row[i]->n_lines > lines ? row[i]->n_lines : lines;
	for (size_t line = 0; line < lines + 2; line++) {
		for (size_t i = 0; i < n; i++) {
			buf_addz(g->out, i ? "  " : "");
			if (line == 0 || line == lines + 1)
				edge(g, row[i], line == 0);
			else
				inside(g, row[i], line - 1);
		}
		buf_addc(g->out, '\n');
	}
}

static void draw_layer(struct graph *g, size_t layer, size_t width)
{
	struct box **row = arena_new(g->a, struct box *, g->n);
	size_t n = 0, used = 0;
	for (size_t i = 0; i < g->n; i++) {
		size_t need = g->boxes[i].width + 4;
		if (g->boxes[i].layer != layer)
			continue;
		if (n && used + 2 + need > width) {
			draw_row(g, row, n);
			n = used = 0;
		}
		used += (n ? 2 : 0) + need;
		row[n++] = &g->boxes[i];
	}
	if (n)
		draw_row(g, row, n);
}

void graph_render(struct arena *a, const struct json *definition, size_t width, bool is_utf8,
                  struct buf *out)
{
	const struct json *steps = json_getz(definition, "steps");
	if (!steps || steps->type != JSON_OBJECT || !steps->count)
		return;
	struct graph g = { .a = a,
		           .n = steps->count,
		           .boxes = arena_new(a, struct box, steps->count),
		           .is_utf8 = is_utf8,
		           .out = out };
	size_t i = 0;
	for (const struct json *step = steps->first; step; step = step->next)
		g.boxes[i++].step = step;
	for (i = 0; i < g.n; i++)
		find_after(&g, &g.boxes[i]);
	find_layers(&g);
	for (i = 0; i < g.n; i++)
		fill_box(&g, &g.boxes[i]);
	for (size_t layer = 0; layer < g.layers; layer++) {
		if (layer)
			buf_addz(out, is_utf8 ? "    │\n    ▼\n" : "    |\n    v\n");
		draw_layer(&g, layer, width);
	}
}
