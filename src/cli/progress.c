/* A run as text: live lines, plain lines, the tree.  See progress.h. */
#include <stdio.h>

#include "cli/progress.h"

#include "base/arena.h"
#include "codec/json.h"
#include "codec/rfc3339.h"

enum {
	NAME_MAX_COLUMNS = 24,
	BAR_COLUMNS = 14,
	TIME_COLUMNS = 11,
	NARROW = 60,
	ITEMS_SHOWN = 20,
	ERROR_COLUMNS = 4000
};

/* Reading */

static int64_t read_time(const struct json *v, const char *name)
{
	int64_t ms;
	struct str text = json_get_str(v, name, STR(""));
	return text.len && rfc3339_parse(text, &ms) == RC_OK ? ms : 0;
}

static struct str join(struct arena *a, const struct json *list)
{
	struct buf b = BUF_INIT(4096);
	if (list && list->type == JSON_ARRAY)
		json_each(v, list) {
			if (b.len)
				buf_addz(&b, ", ");
			buf_add(&b, v->text);
		}
	struct str ret = str_dup(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}

static void read_step(struct arena *a, const struct json *v, struct step_view *s)
{
	const struct json *error = json_getz(v, "error");
	const struct json *progress = json_getz(v, "progress");
	*s = (struct step_view){
		.name = json_get_str(v, "name", STR("?")),
		.kind = json_get_str(v, "kind", STR("")),
		.state = json_get_str(v, "state", STR("?")),
		.message = json_get_str(v, "message", STR("")),
		.reason = json_get_str(v, "reason", STR("")),
		.error_code = json_get_str(error, "code", STR("")),
		.error_message = json_get_str(error, "message", STR("")),
		.is_each = json_get_bool(v, "each", false),
		.items = json_get_int(v, "items", 0),
		.items_done = json_get_int(v, "items_done", 0),
		.items_failed = json_get_int(v, "items_failed", 0),
		.started_ms = read_time(v, "started_at"),
		.finished_ms = read_time(v, "finished_at"),
		.attempt = json_get_int(v, "attempt", 0),
		.progress = progress && progress->type == JSON_NUMBER ? progress->number : -1,
		.after = join(a, json_getz(v, "after")),
	};
}

void run_view_read(struct arena *a, const struct json *run, struct run_view *ret)
{
	const struct json *error = json_getz(run, "error");
	const struct json *steps = json_getz(run, "steps");
	*ret = (struct run_view){
		.id = json_get_str(run, "id", STR("")),
		.workflow = json_get_str(run, "workflow", STR("")),
		.state = json_get_str(run, "state", STR("")),
		.error_code = json_get_str(error, "code", STR("")),
		.error_message = json_get_str(error, "message", STR("")),
		.error_step = json_get_str(error, "step", STR("")),
		.version = json_get_int(run, "version", 0),
		.created_ms = read_time(run, "created_at"),
		.finished_ms = read_time(run, "finished_at"),
	};
	if (!steps || steps->type != JSON_ARRAY || steps->count == 0)
		return;
	ret->steps = arena_new(a, struct step_view, steps->count);
	json_each(v, steps)
		read_step(a, v, &ret->steps[ret->n_steps++]);
}

/* Signs of a state */

struct sign {
	const char *state, *utf8, *ascii, *colour;
};
static const struct sign signs[] = {
	{ "succeeded", "✓", "+", "\033[32m" }, { "failed", "✗", "x", "\033[31m" },
	{ "cancelled", "⊘", "-", "\033[33m" }, { "skipped", "↷", ">", "\033[2m" },
	{ "waiting", "·", ".", "\033[2m" },    { "scheduled", "·", ".", "\033[2m" },
	{ "blocked", "·", ".", "\033[2m" },    { "ready", "·", ".", "\033[2m" },
	{ "running", "●", "*", "\033[36m" },   { "leased", "●", "*", "\033[36m" },
};
static const struct sign sign_other = { "", "?", "?", "" };

static const struct sign *sign_of(struct str state)
{
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (str_eqz(state, signs[i].state))
			return &signs[i];
	return &sign_other;
}

static void put_sign(struct buf *out, struct str state, const struct look *l, bool is_live)
{
	static const char *const turning[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" };
	static const char *const turning_ascii[] = { "|", "/", "-", "\\" };
	const struct sign *s = sign_of(state);
	const char *text = l->is_utf8 ? s->utf8 : s->ascii;
	if (is_live && str_eqz(state, "running"))
		text = l->is_utf8 ? turning[l->frame % ARRAY_LEN(turning)]
		                  : turning_ascii[l->frame % ARRAY_LEN(turning_ascii)];
	buf_addf(out, "%s%s%s", l->has_colour ? s->colour : "", text,
	         l->has_colour && *s->colour ? "\033[0m" : "");
}

static void put_dim(struct buf *out, const struct look *l, const char *text)
{
	buf_addf(out, "%s%s%s", l->has_colour ? "\033[2m" : "", text,
	         l->has_colour ? "\033[0m" : "");
}

static void pad(struct buf *out, int n)
{
	for (int i = 0; i < n; i++)
		buf_addc(out, ' ');
}

/* Time */

static int64_t lasted_ms(int64_t started, int64_t finished, const struct look *l)
{
	if (!started)
		return -1;
	return int64_max(0, (finished ? finished : l->now_ms) - started);
}

static struct str step_time(const struct step_view *s, const struct look *l, char text[32])
{
	int64_t ms = lasted_ms(s->started_ms, s->finished_ms, l);
	return ms < 0 ? STR("") : duration_text(ms, text);
}

/* Live lines */

/* 0 … 1 of what is known; negative: nothing is. */
static double share_of(const struct step_view *s)
{
	if (s->is_each && s->items > 0)
		return (double)(s->items_done + s->items_failed) / (double)s->items;
	return s->progress > 1 ? 1 : s->progress;
}

static void put_bar(struct buf *out, double share, const struct look *l)
{
	int full = (int)(share * BAR_COLUMNS + 0.5);
	for (int i = 0; i < BAR_COLUMNS; i++) {
		if (l->is_utf8)
			buf_addz(out, i < full ? "━" : "─");
		else
			buf_addc(out, i < full ? '#' : '-');
	}
}

/* "━━━━──── 3/8 message": what is known of a step's way, in `room` columns. */
static void put_middle(struct buf *out, const struct step_view *s, const struct look *l, int room)
{
	char count[64] = "";
	double share = share_of(s);
	bool is_running = str_eqz(s->state, "running");
	if (s->is_each && s->items > 0)
		snprintf(count, sizeof count, "%lld/%lld",
		         (long long)(s->items_done + s->items_failed), (long long)s->items);
	else if (is_running && share >= 0)
		snprintf(count, sizeof count, "%d %%", (int)(share * 100));
	int used = 0;
	if (is_running && share >= 0 && l->width >= NARROW && room > BAR_COLUMNS + 8) {
		put_bar(out, share, l);
		buf_addc(out, ' ');
		used += BAR_COLUMNS + 1;
	}
	if (*count && used + (int)strlen(count) + 1 <= room) {
		buf_addf(out, "%s ", count);
		used += (int)strlen(count) + 1;
	}
	struct str words = s->error_message.len ? s->error_message : s->message;
	if (!words.len && is_running && !str_eqz(s->reason, "leased"))
		words = s->reason;
	struct buf fitted = BUF_INIT(8192);
	text_fit(&fitted, words, room - used, l->is_utf8);
	buf_add(out, buf_str(&fitted));
	pad(out, room - used - text_columns(buf_str(&fitted)));
	buf_fini(&fitted);
}

static int name_columns(const struct run_view *r, const struct look *l)
{
	int widest = 4;
	for (size_t i = 0; i < r->n_steps; i++) {
		int n = text_columns(r->steps[i].name);
		widest = n > widest ? n : widest;
	}
	int most = l->width < NARROW ? 12 : NAME_MAX_COLUMNS;
	return widest < most ? widest : most;
}

static void live_line(const struct step_view *s, const struct look *l, int name, struct buf *out)
{
	char text[32];
	struct str time = step_time(s, l, text);
	struct buf fitted = BUF_INIT(1024);
	buf_addc(out, ' ');
	put_sign(out, s->state, l, true);
	buf_addc(out, ' ');
	text_fit(&fitted, s->name, name, l->is_utf8);
	buf_add(out, buf_str(&fitted));
	pad(out, name - text_columns(buf_str(&fitted)) + 2);
	buf_fini(&fitted);
	/* A terminal that is full to the last column may wrap: one stays free. */
	int room = l->width - 1 - (3 + name + 2) - TIME_COLUMNS;
	if (room > 0)
		put_middle(out, s, l, room);
	pad(out, TIME_COLUMNS - (int)time.len);
	buf_add(out, time);
	buf_addc(out, '\n');
}

size_t progress_render(const struct run_view *r, const struct look *l, struct buf *out)
{
	int name = name_columns(r, l);
	for (size_t i = 0; i < r->n_steps; i++)
		live_line(&r->steps[i], l, name, out);
	return r->n_steps;
}

/* Plain lines */

static void plain_line(const struct step_view *s, struct buf *out)
{
	struct look l = { .width = 200, .is_utf8 = true };
	char text[32];
	struct str time = s->finished_ms ? step_time(s, &l, text) : STR("");
	buf_addc(out, ' ');
	text_fit(out, s->name, 60, true);
	buf_addz(out, ": ");
	buf_add(out, s->state);
	if (s->is_each && s->items)
		buf_addf(out, ", %lld of %lld", (long long)(s->items_done + s->items_failed),
		         (long long)s->items);
	if (time.len)
		buf_addf(out, " in " STR_FMT, STR_ARG(time));
	if (s->error_message.len) {
		buf_addz(out, ": ");
		text_fit(out, s->error_message, 400, true);
	}
	buf_addc(out, '\n');
}

void progress_plain(const struct run_view *before, const struct run_view *now, struct buf *out)
{
	for (size_t i = 0; i < now->n_steps; i++) {
		const struct step_view *s = &now->steps[i];
		bool is_new = !before || i >= before->n_steps ||
		              !str_eq(before->steps[i].state, s->state);
		if (is_new && !str_eqz(s->state, "waiting"))
			plain_line(s, out);
	}
}

/* The tree */

struct branch {
	const char *tee, *last, *bar, *gap;
};
static const struct branch branch_utf8 = { "├── ", "└── ", "│   ", "    " };
static const struct branch branch_ascii = { "|-- ", "`-- ", "|   ", "    " };

static const struct branch *branches(const struct look *l)
{
	return l->is_utf8 ? &branch_utf8 : &branch_ascii;
}

static void error_line(const char *indent, const char *bar, struct str code, struct str message,
                       const struct look *l, struct buf *out)
{
	if (!code.len && !message.len)
		return;
	struct buf line = BUF_INIT(8192);
	buf_addf(&line, STR_FMT "%s" STR_FMT, STR_ARG(code), code.len && message.len ? ": " : "",
	         STR_ARG(message));
	buf_addf(out, "%s%s  ", indent, bar);
	text_fit(out, buf_str(&line), ERROR_COLUMNS, l->is_utf8); /* whole: nothing redraws it */
	buf_addc(out, '\n');
	buf_fini(&line);
}

static void item_line(const struct json *task, int64_t number, bool is_last, const char *indent,
                      const struct look *l, struct buf *out)
{
	const struct branch *b = branches(l);
	const struct json *error = json_getz(task, "error");
	struct str state = json_get_str(task, "state", STR("?"));
	buf_addf(out, "%s%s", indent, is_last ? b->last : b->tee);
	put_sign(out, state, l, false);
	if (number >= 0)
		buf_addf(out, " [%lld]", (long long)number);
	buf_addf(out, " " STR_FMT, STR_ARG(json_get_str(task, "id", STR(""))));
	int64_t attempt = json_get_int(task, "attempt", 0);
	if (attempt > 1)
		buf_addf(out, "  attempt %lld", (long long)attempt);
	buf_addc(out, '\n');
	char deeper[64];
	snprintf(deeper, sizeof deeper, "%s%s", indent, is_last ? b->gap : b->bar);
	error_line(deeper, "", json_get_str(error, "code", STR("")),
	           json_get_str(error, "message", STR("")), l, out);
}

static size_t count_items(const struct json *tasks, struct str kind)
{
	size_t n = 0;
	if (tasks && tasks->type == JSON_ARRAY)
		json_each(t, tasks)
			n += str_eq(json_get_str(t, "kind", STR("")), kind);
	return n;
}

/* Lists are newest first; items are told in their order. */
static const struct json *item_at(const struct json *tasks, struct str kind, size_t n_of_kind,
                                  size_t index)
{
	size_t at = n_of_kind - 1 - index;
	json_each(t, tasks)
		if (str_eq(json_get_str(t, "kind", STR("")), kind) && at-- == 0)
			return t;
	return NULL;
}

/* Of a list that does not have all items nobody can say which number one has.  What has
 * failed is what people look for. */
static void failed_lines(const struct run_view *r, const struct step_view *s,
                         const struct json *tasks, const char *indent, const struct look *l,
                         struct buf *out)
{
	size_t shown = 0;
	json_each(t, tasks) {
		bool is_failed = str_eqz(json_get_str(t, "state", STR("")), "failed") &&
		                 str_eq(json_get_str(t, "kind", STR("")), s->kind);
		if (is_failed && shown++ < ITEMS_SHOWN)
			item_line(t, -1, false, indent, l, out);
	}
	buf_addf(out, "%s%sall: takt task list --run " STR_FMT "\n", indent, branches(l)->last,
	         STR_ARG(r->id));
}

static void item_lines(const struct run_view *r, const struct step_view *s,
                       const struct json *tasks, const char *indent, const struct look *l,
                       struct buf *out)
{
	size_t n = count_items(tasks, s->kind);
	size_t shown = size_min(n, ITEMS_SHOWN);
	if (tasks && tasks->count >= TREE_TASKS_MAX && (int64_t)n < s->items) {
		failed_lines(r, s, tasks, indent, l, out);
		return;
	}
	for (size_t i = 0; i < shown; i++) {
		const struct json *t = item_at(tasks, s->kind, n, i);
		if (t)
			item_line(t, (int64_t)i, i == n - 1, indent, l, out);
	}
	if (n > shown)
		buf_addf(out, "%s%s%zu more\n", indent, branches(l)->last, n - shown);
}

static void step_words(const struct step_view *s, const struct look *l, struct buf *out)
{
	char text[32], words[64];
	struct str time = step_time(s, l, text);
	buf_addz(out, "  ");
	buf_add(out, s->state);
	if (time.len)
		buf_addf(out, "  " STR_FMT, STR_ARG(time));
	if (s->is_each) {
		buf_addf(out, "  %lld/%lld items", (long long)s->items_done, (long long)s->items);
		if (s->items_failed)
			buf_addf(out, ", %lld failed", (long long)s->items_failed);
	}
	if (s->attempt > 1)
		buf_addf(out, "  attempt %lld", (long long)s->attempt);
	if (s->reason.len) {
		snprintf(words, sizeof words, "  " STR_FMT, STR_ARG(s->reason));
		put_dim(out, l, words);
	}
	if (s->after.len && l->width >= NARROW) {
		snprintf(words, sizeof words, "  after " STR_FMT, STR_ARG(s->after));
		put_dim(out, l, words);
	}
}

/* A task does not say which step it belongs to; its kind does when no other step has it. */
static bool has_own_kind(const struct run_view *r, const struct step_view *s)
{
	for (size_t i = 0; i < r->n_steps; i++)
		if (&r->steps[i] != s && str_eq(r->steps[i].kind, s->kind))
			return false;
	return true;
}

static void step_node(const struct run_view *r, const struct step_view *s, int name,
                      const struct json *tasks, const struct look *l, struct buf *out)
{
	bool is_last = s == &r->steps[r->n_steps - 1];
	const struct branch *b = branches(l);
	struct buf fitted = BUF_INIT(1024);
	buf_addz(out, is_last ? b->last : b->tee);
	put_sign(out, s->state, l, false);
	buf_addc(out, ' ');
	text_fit(&fitted, s->name, name, l->is_utf8);
	buf_add(out, buf_str(&fitted));
	pad(out, name - text_columns(buf_str(&fitted)));
	buf_fini(&fitted);
	step_words(s, l, out);
	buf_addc(out, '\n');
	const char *indent = is_last ? b->gap : b->bar;
	if (s->is_each && has_own_kind(r, s))
		item_lines(r, s, tasks, indent, l, out);
	if (!str_eqz(s->state, "succeeded")) /* an attempt before the last one had it */
		error_line(indent, "", s->error_code, s->error_message, l, out);
}

/* A run fails with the error of its step, which stands in the tree already. */
static bool is_said_by_step(const struct run_view *r)
{
	for (size_t i = 0; i < r->n_steps; i++)
		if (r->error_message.len && str_eq(r->steps[i].error_message, r->error_message))
			return true;
	return false;
}

void tree_render(const struct run_view *r, const struct json *tasks, const struct look *l,
                 struct buf *out)
{
	char text[32];
	int64_t ms = lasted_ms(r->created_ms, r->finished_ms, l);
	int name = name_columns(r, l);
	put_sign(out, r->state, l, false);
	buf_addf(out, " " STR_FMT "  " STR_FMT " v%lld  " STR_FMT, STR_ARG(r->id),
	         STR_ARG(r->workflow), (long long)r->version, STR_ARG(r->state));
	if (ms >= 0)
		buf_addf(out, "  " STR_FMT, STR_ARG(duration_text(ms, text)));
	buf_addc(out, '\n');
	for (size_t i = 0; i < r->n_steps; i++)
		step_node(r, &r->steps[i], name, tasks, l, out);
	if (!is_said_by_step(r))
		error_line("", "", r->error_code, r->error_message, l, out);
}
