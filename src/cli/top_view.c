/* The picture of `takt top`: see top_view.h.
 *
 *	takt 0.1.0  ready  up 2 h 05 min  127.0.0.1:8420
 *	submits 1204/s  done 1198/s  failed 0/s  …
 *	commit 0.9/3.2 ms …                               (quantiles: half, and 99 of 100)
 *	cpu 34%  memory 12.3 MiB …
 *	 1 queues 12   2 runs 3   3 agents 8   4 events
 *	QUEUE            READY   LEASED …
 *	…
 *	q quit  ? help …
 */
#include <stdarg.h>
#include <stdio.h>

#include "cli/top_view.h"

#include "cli/progress.h"
#include "cli/top_figures.h"
#include "codec/json.h"

enum { NAME_MIN = 14, NAME_MAX = 48, ROWS_MAX = 64, PAUSED_WIDTH = 7 };

/* --- Lines --- */

enum mark { PLAIN, BOLD, REVERSE, GREEN, YELLOW, RED, DIM };

/* One picture under way: whole lines only. */
struct canvas {
	const struct top_view *v;
	struct buf *out;
	int used; /* columns of the open line */
	int lines;
};

static void mark(struct canvas *c, enum mark m)
{
	static const char *const codes[] = { "\033[0m",  "\033[1m",  "\033[7m", "\033[32m",
		                             "\033[33m", "\033[31m", "\033[2m" };
	bool is_colour = m == GREEN || m == YELLOW || m == RED;
	if (c->v->has_marks && (c->v->has_colour || !is_colour))
		buf_addz(c->out, codes[m]);
}

/* At most what is left of the line. */
static void text(struct canvas *c, enum mark m, struct str s)
{
	int room = c->v->columns - c->used;
	if (room <= 0 || s.len == 0)
		return;
	if (m != PLAIN)
		mark(c, m);
	text_fit(c->out, s, room, c->v->is_utf8);
	if (m != PLAIN)
		mark(c, PLAIN);
	int columns = text_columns(s);
	c->used += columns < room ? columns : room;
}

static void space(struct canvas *c, int n)
{
	for (; n > 0 && c->used < c->v->columns; n--, c->used++)
		buf_addc(c->out, ' ');
}

/* A thing of its own: it stands there whole, or not at all. */
static void item(struct canvas *c, enum mark m, const char *fmt, ...) PRINTF(3, 4);
static void item(struct canvas *c, enum mark m, const char *fmt, ...)
{
	char said[160];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(said, sizeof said, fmt, ap);
	va_end(ap);
	int gap = c->used ? 2 : 0;
	if (c->used + gap + text_columns(str_z(said)) > c->v->columns)
		return;
	space(c, gap);
	text(c, m, str_z(said));
}

static void end_line(struct canvas *c)
{
	if (c->v->rows) /* at a full line the cursor stands on its last character */
		buf_addz(c->out, c->used < c->v->columns ? "\033[K\r" : "\r");
	buf_addc(c->out, '\n');
	c->used = 0;
	c->lines++;
}

/* --- The head --- */

static void head_server(struct canvas *c)
{
	const struct top_view *v = c->v;
	char up[32];
	struct str state = json_get_str(v->now, "state", STR("?"));
	item(c, BOLD, "takt " STR_FMT, STR_ARG(json_get_str(v->now, "version", STR("?"))));
	if (v->trouble)
		item(c, RED, "no answer");
	else
		item(c, str_eqz(state, "ready") ? GREEN : YELLOW, STR_FMT, STR_ARG(state));
	if (v->is_paused)
		item(c, YELLOW, "paused");
	item(c, PLAIN, "up " STR_FMT, STR_ARG(duration_text(figure_age_ms(v->now), up)));
	item(c, PLAIN, "%.100s", v->address);
	struct str now = json_get_str(v->now, "now", STR(""));
	item(c, DIM, STR_FMT " UTC", STR_ARG(str_sub(now, 11, 8)));
	if (v->trouble) {
		space(c, 2);
		text(c, RED, str_z(v->trouble));
	}
	end_line(c);
}

static void rate(struct canvas *c, enum mark m, const char *name, double value, bool is_known)
{
	char n[16];
	if (is_known)
		item(c, value > 0 ? m : PLAIN, "%s %s/s", name, figure_text(value, n));
	else
		item(c, PLAIN, "%s -", name);
}

static void head_rates(struct canvas *c, const struct top_rates *r)
{
	rate(c, BOLD, "submits", r->submitted, r->is_known);
	rate(c, BOLD, "done", r->succeeded, r->is_known);
	rate(c, RED, "failed", r->failed, r->is_known);
	rate(c, YELLOW, "retried", r->retried, r->is_known);
	rate(c, YELLOW, "lost", r->lost, r->is_known);
	rate(c, YELLOW, "refused", r->refused, r->is_known);
	rate(c, PLAIN, "requests", r->requests, r->is_known);
	end_line(c);
}

static void quantiles(struct canvas *c, const char *name, const char *path, const char *unit)
{
	char p50[16], p99[16];
	const struct json *q = json_pointer(c->v->now, str_z(path));
	item(c, PLAIN, "%s %s/%s%s", name, figure_text(figure_of(q, "/p50"), p50),
	     figure_text(figure_of(q, "/p99"), p99), unit);
}

static void head_engine(struct canvas *c)
{
	quantiles(c, "commit", "/engine/commit_ms", " ms");
	quantiles(c, "batch", "/engine/batch", "");
	quantiles(c, "wait", "/engine/wait_ms", " ms");
	quantiles(c, "loop", "/engine/loop_ms", " ms");
	char n[16];
	item(c, PLAIN, "waiting %s", figure_text(figure_of(c->v->now, "/engine/waiting"), n));
	end_line(c);
}

static void head_process(struct canvas *c, const struct top_rates *r)
{
	const struct json *s = c->v->now;
	char a[16], b[16];
	if (r->is_known)
		item(c, PLAIN, "cpu %.0f%%", r->cpu * 100);
	item(c, PLAIN, "memory %s", figure_bytes(figure_of(s, "/process/memory_bytes"), a));
	item(c, PLAIN, "wal %s", figure_bytes(figure_of(s, "/store/wal_bytes"), a));
	double free_bytes = figure_of(s, "/store/free_bytes");
	bool is_low = free_bytes >= 0 && free_bytes < figure_of(s, "/store/low_bytes");
	if (free_bytes >= 0)
		item(c, is_low ? RED : PLAIN, "disk %s free%s", figure_bytes(free_bytes, a),
		     is_low ? ": LOW, new work is refused" : "");
	item(c, PLAIN, "db %s", figure_bytes(figure_of(s, "/store/database_bytes"), a));
	item(c, PLAIN, "connections %s", figure_text(figure_of(s, "/http/connections"), a));
	item(c, PLAIN, "polls %s", figure_text(figure_of(s, "/http/pollers"), a));
	item(c, PLAIN, "streams %s", figure_text(figure_of(s, "/http/streams"), a));
	item(c, PLAIN, "files %s/%s", figure_text(figure_of(s, "/process/fds"), a),
	     figure_text(figure_of(s, "/process/fds_max"), b));
	end_line(c);
}

/* A member that is an array; an empty one when the answer has none. */
static const struct json *list_of(const struct json *v, const char *member)
{
	static const struct json none = { .type = JSON_ARRAY };
	const struct json *list = json_get(v, str_z(member));
	return list && list->type == JSON_ARRAY ? list : &none;
}

static void tab(struct canvas *c, enum top_page page, const char *name, double n)
{
	char said[64], count[16];
	bool has_count = n >= 0 && c->v->columns >= 60;
	snprintf(said, sizeof said, " %d %s%s%s ", page + 1, name, has_count ? " " : "",
	         has_count ? figure_text(n, count) : "");
	if (c->used + text_columns(str_z(said)) > c->v->columns)
		return;
	bool is_here = c->v->page == page;
	if (is_here && !c->v->has_marks)
		said[0] = '>';
	text(c, is_here ? REVERSE : PLAIN, str_z(said));
}

static void head_tabs(struct canvas *c)
{
	static const char *const sorts[] = { "age", "ready", "leased", "blocked", "rate", "name" };
	const struct json *s = c->v->now;
	double runs = figure_of(s, "/runs/running") + figure_of(s, "/runs/waiting") +
	              figure_of(s, "/runs/compensating");
	double queues = (double)list_of(s, "queues")->count + figure_of(s, "/queues_rest/queues");
	tab(c, TOP_QUEUES, "queues", queues);
	tab(c, TOP_RUNS, "runs", runs);
	tab(c, TOP_AGENTS, "agents", figure_or(s, "/agents/live", -1));
	tab(c, TOP_EVENTS, "events", -1);
	if (c->v->page == TOP_QUEUES)
		item(c, DIM, "by %s", sorts[c->v->sort]);
	end_line(c);
}

/* --- Tables --- */

struct column {
	const char *head;
	int width;
};

/* How many number columns stand beside a name of at least NAME_MIN. */
static size_t columns_that_fit(const struct canvas *c, const struct column *columns, size_t n,
                               int *ret_name)
{
	size_t fit = 0;
	int left = c->v->columns - NAME_MIN;
	while (fit < n && left >= columns[fit].width + 1)
		left -= columns[fit++].width + 1;
	*ret_name = NAME_MIN + left < NAME_MAX ? NAME_MIN + left : NAME_MAX;
	return fit;
}

static void cell_left(struct canvas *c, enum mark m, struct str s, int width)
{
	AUTO(buf_fini) struct buf b = BUF_INIT(4096);
	int before = c->used;
	text_fit(&b, s, width, c->v->is_utf8);
	text(c, m, buf_str(&b));
	space(c, width - (c->used - before));
}

static void cell_right(struct canvas *c, enum mark m, const char *s, int width)
{
	space(c, 1 + width - text_columns(str_z(s)));
	text(c, m, str_z(s));
}

static void heads(struct canvas *c, const char *name, int name_width, const struct column *columns,
                  size_t n)
{
	mark(c, BOLD);
	cell_left(c, PLAIN, str_z(name), name_width);
	for (size_t i = 0; i < n; i++)
		cell_right(c, PLAIN, columns[i].head, columns[i].width);
	mark(c, PLAIN);
	end_line(c);
}

/* --- Queues --- */

struct queue_row {
	const struct json *q;
	struct str name;
	double ready, leased, blocked, scheduled, oldest_ms, rate;
	bool is_paused;
};

static void read_row(const struct top_view *v, const struct json *q, struct queue_row *ret)
{
	*ret = (struct queue_row){ .q = q,
		                   .name = json_get_str(q, "name", STR("(rest)")),
		                   .ready = figure_of(q, "/ready"),
		                   .leased = figure_of(q, "/leased"),
		                   .blocked = figure_of(q, "/blocked"),
		                   .scheduled = figure_of(q, "/scheduled"),
		                   .oldest_ms = figure_or(q, "/oldest_ms", -1),
		                   .is_paused = json_get_bool(q, "paused", false),
		                   .rate = figure_queue_rate(v->now, v->before, q) };
}

static double sort_value(const struct queue_row *r, enum top_sort sort)
{
	switch (sort) {
	case TOP_BY_READY:
		return r->ready;
	case TOP_BY_LEASED:
		return r->leased;
	case TOP_BY_BLOCKED:
		return r->blocked;
	case TOP_BY_RATE:
		return r->rate;
	case TOP_BY_NAME:
		return 0;
	case TOP_BY_AGE:
	case TOP_SORTS:
		break;
	}
	return r->oldest_ms;
}

static bool is_sorted(const struct queue_row *a, const struct queue_row *b, enum top_sort sort)
{
	double x = sort_value(a, sort), y = sort_value(b, sort);
	return x > y || (x <= y && x >= y && str_cmp(a->name, b->name) <= 0);
}

/* Few rows, and from one picture to the next they hardly move: insertion. */
static void sort_rows(struct queue_row *rows, size_t n, enum top_sort sort)
{
	for (size_t i = 1; i < n; i++) {
		struct queue_row moved = rows[i];
		size_t k = i;
		for (; k > 0 && !is_sorted(&rows[k - 1], &moved, sort); k--)
			rows[k] = rows[k - 1];
		rows[k] = moved;
	}
}

static void put_row(struct canvas *c, const struct queue_row *r, int name_width,
                    const struct column *columns, size_t fit)
{
	char ready[16], leased[16], age[32], rate_text[16], blocked[16], scheduled[16];
	const char *const cells[] = {
		figure_text(r->ready, ready),
		figure_text(r->leased, leased),
		r->oldest_ms >= 0 ? figure_age(r->oldest_ms, age) : "-",
		r->rate >= 0 ? figure_text(r->rate, rate_text) : "-",
		figure_text(r->blocked, blocked),
		figure_text(r->scheduled, scheduled),
	};
	cell_left(c, PLAIN, r->name, name_width - (r->is_paused ? PAUSED_WIDTH : 0));
	if (r->is_paused)
		cell_right(c, YELLOW, "paused", PAUSED_WIDTH - 1);
	for (size_t i = 0; i < fit; i++)
		cell_right(c, i == 2 && r->oldest_ms > 60000 ? YELLOW : PLAIN, cells[i],
		           columns[i].width);
	end_line(c);
}

static size_t page_queues(struct canvas *c, int room)
{
	static const struct column columns[] = { { "READY", 7 },   { "LEASED", 7 },
		                                 { "OLDEST", 8 },  { "ENDED/S", 8 },
		                                 { "BLOCKED", 8 }, { "DELAYED", 8 } };
	int width;
	struct queue_row rows[ROWS_MAX];
	size_t n = 0, fit = columns_that_fit(c, columns, ARRAY_LEN(columns), &width);
	const struct json *list = list_of(c->v->now, "queues");
	json_each(q, list)
		if (n < ROWS_MAX - 1)
			read_row(c->v, q, &rows[n++]);
	sort_rows(rows, n, c->v->sort);
	const struct json *rest = json_get(c->v->now, STR("queues_rest"));
	if (figure_of(rest, "/queues") > 0)
		read_row(c->v, rest, &rows[n++]);
	heads(c, "QUEUE", width, columns, fit);
	if (n == 0) {
		text(c, DIM, STR("no queue holds a task"));
		end_line(c);
	}
	for (size_t i = c->v->scroll; i < n && (room <= 0 || i - c->v->scroll + 1 < (size_t)room);
	     i++)
		put_row(c, &rows[i], width, columns, fit);
	return n;
}

/* --- Runs --- */

static void bar(struct canvas *c, double done, double total, int width)
{
	int full = total > 0 ? (int)(done / total * width) : 0;
	for (int i = 0; i < width; i++)
		text(c, i < full ? GREEN : DIM,
		     c->v->is_utf8 ? (i < full ? STR("█") : STR("░"))
		                   : (i < full ? STR("#") : STR(".")));
}

static void put_run(struct canvas *c, const struct json *run)
{
	double done = figure_of(run, "/steps_done"), total = figure_of(run, "/steps_total");
	char age[32];
	cell_left(c, PLAIN, json_get_str(run, "id", STR("")), 17);
	space(c, 1);
	cell_left(c, BOLD, json_get_str(run, "workflow", STR("")), c->v->columns >= 70 ? 24 : 12);
	space(c, 1);
	if (c->v->columns >= 60)
		bar(c, done, total, 10);
	item(c, PLAIN, "%.0f/%.0f", done, total);
	item(c, PLAIN, STR_FMT, STR_ARG(json_get_str(run, "state", STR(""))));
	item(c, DIM, "%s", figure_age((double)figure_since_ms(c->v->now, run, "created_at"), age));
	end_line(c);
}

static void nothing(struct canvas *c, const char *words)
{
	text(c, DIM, str_z(words));
	end_line(c);
}

static size_t page_runs(struct canvas *c, int room)
{
	const struct json *list = list_of(c->v->now, "active_runs");
	size_t i = 0;
	char failed[16];
	item(c, BOLD, "RUNS UNDER WAY");
	double bad = figure_of(c->v->now, "/runs/compensation_failed");
	if (bad > 0)
		item(c, RED, "%s could not be compensated", figure_text(bad, failed));
	end_line(c);
	if (list->count == 0)
		nothing(c, "no run is under way");
	json_each(run, list) {
		bool is_shown =
		        i >= c->v->scroll && (room <= 0 || i - c->v->scroll + 1 < (size_t)room);
		if (is_shown)
			put_run(c, run);
		i++;
	}
	return i;
}

/* --- Agents and events --- */

static enum mark mark_of_agent(struct str state)
{
	if (str_eqz(state, "silent") || str_eqz(state, "draining"))
		return YELLOW;
	return str_eqz(state, "gone") ? RED : PLAIN;
}

static void put_agent(struct canvas *c, const struct json *a)
{
	struct str state = json_get_str(a, "state", STR(""));
	char seen[32];
	cell_left(c, PLAIN, json_get_str(a, "name", STR("")), c->v->columns >= 60 ? 28 : 16);
	space(c, 1);
	cell_left(c, mark_of_agent(state), state, 9);
	item(c, PLAIN, "%.0f/%.0f", figure_of(a, "/held"), figure_of(a, "/capacity"));
	item(c, figure_or(a, "/health", 100) < 80 ? YELLOW : PLAIN, "health %.0f",
	     figure_or(a, "/health", 100));
	item(c, DIM, "seen %s",
	     figure_age((double)figure_since_ms(c->v->now, a, "last_seen_at"), seen));
	json_each(kind, list_of(a, "kinds"))
		item(c, DIM, STR_FMT, STR_ARG(kind->text));
	end_line(c);
}

static void agents_head(struct canvas *c)
{
	static const char *const words[] = { "live", "silent", "gone", "draining", "held" };
	char path[32], n[16];
	item(c, BOLD, "AGENTS");
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		snprintf(path, sizeof path, "/agents/%s", words[i]);
		item(c, PLAIN, "%s %s", words[i], figure_text(figure_of(c->v->now, path), n));
	}
	end_line(c);
}

static size_t page_agents(struct canvas *c, int room)
{
	size_t i = 0;
	agents_head(c);
	const struct json *list = list_of(c->v->agents, "agents");
	if (list->count == 0)
		nothing(c, "no agent is known");
	json_each(a, list) {
		bool is_shown =
		        i >= c->v->scroll && (room <= 0 || i - c->v->scroll + 1 < (size_t)room);
		if (is_shown)
			put_agent(c, a);
		i++;
	}
	return i;
}

static enum mark mark_of_event(struct str type)
{
	if (str_ends(type, STR(".failed")) || str_ends(type, STR("_failed")))
		return RED;
	return str_ends(type, STR(".succeeded")) ? GREEN : PLAIN;
}

static void put_event(struct canvas *c, const struct json *e)
{
	struct str at = json_get_str(e, "at", STR("")), type = json_get_str(e, "type", STR(""));
	const struct json *data = json_get(e, STR("data"));
	if (c->v->columns >= 60) {
		text(c, DIM, str_sub(at, 11, 8));
		space(c, 1);
	}
	cell_left(c, mark_of_event(type), type, 20);
	space(c, 1);
	cell_left(c, PLAIN, json_get_str(e, "subject", STR("")), 18);
	space(c, 1);
	text(c, PLAIN, data ? data->raw : STR(""));
	end_line(c);
}

/* The newest at the top. */
static size_t page_events(struct canvas *c, int room)
{
	const struct json *list = list_of(c->v->events, "events");
	size_t n = list->count, shown = 0, at = 0;
	item(c, BOLD, "EVENTS, newest first");
	end_line(c);
	if (n == 0)
		nothing(c, "no events yet");
	while (c->v->scroll + shown < n && (room <= 0 || shown + 1 < (size_t)room)) {
		const struct json *e = list->first;
		for (at = n - 1 - c->v->scroll - shown; at; at--)
			e = e->next;
		put_event(c, e);
		shown++;
	}
	return n;
}

/* --- The whole --- */

static void help(struct canvas *c, int room)
{
	static const char *const lines[] = {
		"1 2 3 4     queues, runs, agents, events",
		"Tab, arrows the next of them, the one before",
		"up, down    scroll a line; PgUp, PgDn a page; g to the top",
		"s           sort queues: age, ready, leased, blocked, rate, name",
		"p, Space    pause: the picture stands still",
		"r           ask now",
		"q, Ctrl-C   quit",
		"",
		"a/b: half of the newest 256 values are below a, 99 of 100 below b.",
		"commit: writing and the disk's sync; batch: commands in a commit;",
		"wait: from request to batch; loop: a turn of the HTTP loop.",
	};
	for (int i = 0; i < (int)ARRAY_LEN(lines) && i < room; i++) {
		text(c, PLAIN, str_z(lines[i]));
		end_line(c);
	}
}

static void head(struct canvas *c)
{
	const struct top_view *v = c->v;
	struct top_rates r = top_rates(v->now, v->before);
	head_server(c);
	head_rates(c, &r);
	if (v->rows == 0 || v->rows >= 11)
		head_engine(c);
	if (v->rows == 0 || v->rows >= 14)
		head_process(c, &r);
	if (v->rows == 0 || v->rows >= 20)
		end_line(c);
	head_tabs(c);
}

static size_t body(struct canvas *c, int room)
{
	switch (c->v->page) {
	case TOP_RUNS:
		return page_runs(c, room);
	case TOP_AGENTS:
		return page_agents(c, room);
	case TOP_EVENTS:
		return page_events(c, room);
	case TOP_QUEUES:
	case TOP_PAGES:
		break;
	}
	return page_queues(c, room);
}

static void foot(struct canvas *c)
{
	item(c, DIM, "q quit");
	item(c, DIM, "? help");
	item(c, DIM, "1-4 Tab view");
	item(c, DIM, "s sort");
	item(c, DIM, "p pause");
	item(c, DIM, "up down scroll");
	if (c->used < c->v->columns)
		buf_addz(c->out, "\033[K");
}

void top_render(const struct top_view *v, struct buf *out, size_t *ret_scroll)
{
	struct canvas c = { .v = v, .out = out };
	if (!v->is_body_only)
		head(&c);
	int room = v->rows ? v->rows - 1 - c.lines : 0;
	size_t n = 0;
	if (v->is_help)
		help(&c, room);
	else if (v->rows == 0 || room > 1)
		n = body(&c, room);
	while (v->rows && c.lines < v->rows - 1)
		end_line(&c);
	if (v->rows)
		foot(&c);
	*ret_scroll = room > 1 && n > (size_t)room - 1 ? n - (size_t)room + 1 : 0;
}
