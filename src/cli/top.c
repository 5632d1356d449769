/* `takt top`: the live engine on a terminal.
 *
 * Once a second a thread asks GET /v1/status (and what the page shows besides), so a
 * server that is slow or gone never holds up a key; the loop draws.  One bounded question
 * a second is all it costs the server: it does not follow the stream of events, of which
 * a busy engine has more than a screen.
 *
 * The screen is the terminal's other one, and is given back as it was however we end but
 * by SIGKILL.  What is drawn: top_view.c. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/session.h"
#include "cli/top_view.h"
#include "codec/json.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/loop.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "sys/terminal.h"
#include "sys/thread.h"

enum { SCREEN_MAX = 1 << 20, ANSWER_MS = 3000, EVENTS_SHOWN = 100, KEYS_MAX = 256 };

#define OWNER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

struct answer {
	struct arena *arena;
	const struct json *status, *events, *agents;
	int64_t at_ms;
};

struct top {
	struct cli *c;
	struct session session;
	struct takt *asker; /* the thread's own handle */
	struct loop *loop;
	struct pool *pool;
	struct loop_timer tick;
	struct loop_watch signals, key_watch;
	int signal_fd;
	struct terminal_keys *keys;
	int64_t interval_ms;
	bool is_live;   /* on a terminal; else one picture */
	bool is_on;     /* the other screen is up */
	bool is_asking; /* the job is with the thread; it alone touches the next five */
	bool wants_events, wants_agents;
	struct job job;
	struct loop_message answered;
	struct answer *got; /* NULL: `error` says why */
	struct takt_error error;
	struct answer *now, *before;
	struct top_view view;
	size_t scroll_max;
	bool is_failed; /* before the first picture */
};

/* --- Asking, on the thread --- */

static void answer_free(struct answer *a)
{
	if (!a)
		return;
	arena_destroy(a->arena);
	free(a);
}

static bool ask(struct top *t, struct answer *a, const char *path, const struct json **ret)
{
	static const struct json_limits limits = { 4 << 20, 64, 500000 };
	struct takt_request r = { .method = "GET", .path = path, .timeout_ms = ANSWER_MS };
	struct takt_reply reply;
	struct err err = { 0 };
	if (takt_request(t->asker, &r, &reply, &t->error) != TAKT_OK)
		return false;
	struct str text = str_dup(a->arena, (struct str){ reply.body, reply.body_len });
	takt_reply_free(&reply);
	if (json_read(a->arena, text, &limits, ret, &err) == RC_OK)
		return true;
	t->error = (struct takt_error){ .outcome = TAKT_IO, .code = "json_syntax" };
	snprintf(t->error.text, sizeof t->error.text, "the answer is no JSON: %s", err.text);
	return false;
}

static bool ask_events(struct top *t, struct answer *a)
{
	char path[64];
	int64_t last = json_get_int(a->status, "last_event", 0);
	snprintf(path, sizeof path, "/v1/events?limit=%d&after=%lld", EVENTS_SHOWN,
	         (long long)int64_max(last - EVENTS_SHOWN, 0));
	return ask(t, a, path, &a->events);
}

static void ask_on_pool(struct job *j)
{
	struct top *t = OWNER(j, struct top, job);
	struct answer *a = xcalloc(1, sizeof *a);
	a->arena = arena_create(32 << 10);
	bool is_good = ask(t, a, "/v1/status", &a->status) &&
	               (!t->wants_agents || ask(t, a, "/v1/agents?limit=50", &a->agents)) &&
	               (!t->wants_events || ask_events(t, a));
	a->at_ms = env_mono_ms(&env_system);
	if (!is_good) {
		answer_free(a);
		a = NULL;
	}
	t->got = a;
	loop_post(t->loop, &t->answered);
}

static void ask_now(struct top *t)
{
	if (t->is_asking)
		return;
	t->is_asking = true;
	t->wants_events = t->view.page == TOP_EVENTS;
	t->wants_agents = t->view.page == TOP_AGENTS || !t->is_live;
	t->answered.next = NULL;
	pool_submit(t->pool, &t->job);
}

/* --- Drawing --- */

static void screen_on(struct top *t)
{
	if (!t->is_on)
		terminal_write(TERMINAL_OUT, STR("\033[?1049h\033[?25l\033[?7l\033[2J"));
	t->is_on = true;
}

static void screen_off(struct top *t)
{
	if (t->is_on)
		terminal_write(TERMINAL_OUT, STR("\033[?7h\033[?25h\033[?1049l"));
	t->is_on = false;
}

static void fill_view(struct top *t)
{
	t->view.now = t->now->status;
	t->view.before = t->before ? t->before->status : NULL;
	if (t->now->agents || t->view.page != TOP_AGENTS)
		t->view.agents = t->now->agents;
	if (t->now->events || t->view.page != TOP_EVENTS)
		t->view.events = t->now->events;
}

static void draw(struct top *t)
{
	if (!t->now || !t->is_live)
		return;
	AUTO(buf_fini) struct buf out = BUF_INIT(SCREEN_MAX);
	screen_on(t);
	fill_view(t);
	terminal_size(TERMINAL_OUT, &t->view.columns, &t->view.rows);
	buf_addz(&out, "\033[H");
	top_render(&t->view, &out, &t->scroll_max);
	if (t->view.scroll > t->scroll_max) {
		t->view.scroll = t->scroll_max;
		draw(t);
		return;
	}
	if (!terminal_write(TERMINAL_OUT, buf_str(&out)))
		loop_stop(t->loop);
}

/* --- What comes in --- */

/* Rates are taken over about an interval, also when somebody asks in between. */
static void take_answer(struct top *t)
{
	struct answer *a = t->got;
	t->got = NULL;
	if (t->now && a->at_ms - t->now->at_ms < t->interval_ms / 2) {
		answer_free(t->now);
	} else {
		answer_free(t->before);
		t->before = t->now;
	}
	t->now = a;
	t->view.trouble = NULL;
}

static void on_answer(struct loop_message *m)
{
	struct top *t = OWNER(m, struct top, answered);
	t->is_asking = false;
	if (t->got) {
		take_answer(t);
		if (!t->is_live && t->before)
			loop_stop(t->loop);
	} else if (!t->now || !t->is_live) {
		t->is_failed = true;
		loop_stop(t->loop);
	} else {
		t->view.trouble = t->error.text;
	}
	draw(t);
}

static void on_tick(struct loop_timer *timer)
{
	struct top *t = OWNER(timer, struct top, tick);
	if (!t->view.is_paused)
		ask_now(t);
	loop_timer_set(t->loop, timer, env_mono_ms(&env_system) + t->interval_ms);
}

static void on_signal(struct loop_watch *w, unsigned events)
{
	struct top *t = OWNER(w, struct top, signals);
	(void)events;
	for (int s; (s = signals_next(t->signal_fd)) != 0;) {
		if (s != SIGWINCH)
			loop_stop(t->loop);
		else if (t->is_on)
			terminal_write(TERMINAL_OUT, STR("\033[2J"));
	}
	draw(t);
}

/* --- Keys --- */

static void show_page(struct top *t, int page)
{
	t->view.page = (enum top_page)((page + TOP_PAGES) % TOP_PAGES);
	t->view.scroll = 0;
	t->view.is_help = false;
	if (t->view.page == TOP_EVENTS || t->view.page == TOP_AGENTS)
		ask_now(t);
}

static void scroll(struct top *t, int lines)
{
	int64_t to = (int64_t)t->view.scroll + lines;
	t->view.scroll = (size_t)int64_min(int64_max(to, 0), (int64_t)t->scroll_max);
}

static void plain_key(struct top *t, char c)
{
	switch (c) {
	case 'q':
	case 'Q':
		loop_stop(t->loop);
		break;
	case '\t':
		show_page(t, (int)t->view.page + 1);
		break;
	case 's':
		t->view.sort = (enum top_sort)((t->view.sort + 1) % TOP_SORTS);
		break;
	case 'p':
	case ' ':
		t->view.is_paused = !t->view.is_paused;
		break;
	case 'r':
		ask_now(t);
		break;
	case '?':
	case 'h':
		t->view.is_help = !t->view.is_help;
		break;
	case 'g':
		t->view.scroll = 0;
		break;
	case 'j':
		scroll(t, 1);
		break;
	case 'k':
		scroll(t, -1);
		break;
	default:
		if (c >= '1' && c < '1' + TOP_PAGES)
			show_page(t, c - '1');
	}
}

/* What follows ESC [ (or ESC O): true when it is known. */
static bool arrow_key(struct top *t, struct str s)
{
	int page = t->view.rows > 12 ? t->view.rows - 10 : 2;
	if (str_starts(s, STR("A")))
		scroll(t, -1);
	else if (str_starts(s, STR("B")))
		scroll(t, 1);
	else if (str_starts(s, STR("C")))
		show_page(t, (int)t->view.page + 1);
	else if (str_starts(s, STR("D")) || str_starts(s, STR("Z")))
		show_page(t, (int)t->view.page - 1);
	else if (str_starts(s, STR("5~")))
		scroll(t, -page);
	else if (str_starts(s, STR("6~")))
		scroll(t, page);
	else
		return false;
	return true;
}

/* An escape sequence that we do not know is left out whole: to its final byte. */
static struct str take_escape(struct top *t, struct str s)
{
	if (s.len < 2 || (s.ptr[1] != '[' && s.ptr[1] != 'O')) {
		t->view.is_help = false; /* the key Esc itself */
		return str_sub(s, 1, s.len);
	}
	s = str_sub(s, 2, s.len);
	(void)arrow_key(t, s);
	size_t n = 0;
	while (n < s.len && (s.ptr[n] < '@' || s.ptr[n] > '~'))
		n++;
	return str_sub(s, n + 1, s.len);
}

static void on_keys(struct loop_watch *w, unsigned events)
{
	struct top *t = OWNER(w, struct top, key_watch);
	char bytes[KEYS_MAX];
	size_t n;
	bool is_there = terminal_keys_read(t->keys, bytes, sizeof bytes, &n);
	if (!is_there || (n == 0 && (events & LOOP_HANGUP))) {
		loop_stop(t->loop);
		return;
	}
	for (struct str s = { bytes, n }; s.len;) {
		if (s.ptr[0] == '\033') {
			s = take_escape(t, s);
			continue;
		}
		plain_key(t, s.ptr[0]);
		s = str_sub(s, 1, s.len);
	}
	draw(t);
}

/* --- The whole --- */

static enum rc open_all(struct top *t, struct err *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH };
	enum rc rc = loop_create(&t->loop, &env_system, err);
	if (rc == RC_OK)
		rc = signals_open(signals, ARRAY_LEN(signals), &t->signal_fd, err);
	if (rc != RC_OK)
		return rc;
	t->tick.fn = on_tick;
	t->signals.fn = on_signal;
	t->key_watch.fn = on_keys;
	t->answered.fn = on_answer;
	t->job.fn = ask_on_pool;
	t->pool = pool_create("asker", 1);
	rc = loop_add(t->loop, &t->signals, t->signal_fd, LOOP_READ);
	if (rc == RC_OK && t->is_live && terminal_keys_begin(TERMINAL_IN, &t->keys))
		rc = loop_add(t->loop, &t->key_watch, TERMINAL_IN, LOOP_READ);
	return rc == RC_OK ? rc : err_set(err, CODE_IO, "the terminal cannot be watched");
}

static void close_all(struct top *t)
{
	screen_off(t);
	terminal_keys_end(t->keys);
	pool_destroy(t->pool);
	if (t->loop)
		loop_destroy(t->loop);
	close_fd(&t->signal_fd);
	answer_free(t->got);
}

static void print_json(const struct top *t)
{
	AUTO(buf_fini) struct buf out = BUF_INIT(SCREEN_MAX);
	struct json_out o;
	struct top_rates r = top_rates(t->now->status, t->before->status);
	json_out_init(&o, &out);
	json_begin_object(&o);
	json_put_raw(&o, "status", t->now->status->raw);
	json_keyz(&o, "rates");
	json_begin_object(&o);
	top_rates_put(&o, &r);
	json_end_object(&o);
	json_end_object(&o);
	buf_addc(&out, '\n');
	terminal_write(TERMINAL_OUT, buf_str(&out));
}

static void print_once(struct top *t)
{
	AUTO(buf_fini) struct buf out = BUF_INIT(SCREEN_MAX);
	int rows;
	terminal_size(TERMINAL_OUT, &t->view.columns, &rows);
	fill_view(t);
	for (int page = TOP_QUEUES; page <= TOP_AGENTS; page++) {
		struct buf part = BUF_INIT(SCREEN_MAX);
		t->view.page = (enum top_page)page;
		t->view.is_body_only = page != TOP_QUEUES;
		if (page != TOP_QUEUES)
			buf_addc(&part, '\n');
		top_render(&t->view, &part, &t->scroll_max);
		buf_add(&out, buf_str(&part));
		buf_fini(&part);
	}
	terminal_write(TERMINAL_OUT, buf_str(&out));
}

static int follow(struct top *t)
{
	struct err err = { 0 };
	if (open_all(t, &err) != RC_OK) {
		close_all(t);
		return cli_fail_err(t->c, &err);
	}
	ask_now(t);
	loop_timer_set(t->loop, &t->tick, env_mono_ms(&env_system) + t->interval_ms);
	loop_run(t->loop);
	close_all(t);
	if (t->is_failed)
		return cli_fail(t->c, &t->error);
	if (t->is_live || !t->before)
		return EXIT_OK; /* somebody has quit */
	if (t->c->is_json)
		print_json(t);
	else
		print_once(t);
	return EXIT_OK;
}

static const char *address_of(const struct session *s)
{
	return s->url ? s->url : s->unix_path ? s->unix_path : "";
}

static bool sort_of(struct str word, enum top_sort *ret)
{
	static const char *const words[TOP_SORTS] = { "age",     "ready", "leased",
		                                      "blocked", "rate",  "name" };
	for (int i = 0; i < TOP_SORTS; i++) {
		if (str_eqz(word, words[i])) {
			*ret = (enum top_sort)i;
			return true;
		}
	}
	return false;
}

static int run(struct top *t)
{
	struct takt_error e;
	if (session_open(t->c, false, NULL, NULL, &t->session, &e) != TAKT_OK)
		return cli_fail(t->c, &e);
	int code;
	if (session_handle(&t->session, &t->asker, &e) == TAKT_OK) {
		t->view.address = address_of(&t->session);
		code = follow(t);
		takt_close(t->asker);
	} else {
		code = cli_fail(t->c, &e);
	}
	session_close(&t->session);
	return code;
}

int top_command(struct cli *c)
{
	struct err err = { 0 };
	struct top t = { .c = c, .signal_fd = -1 };
	if (args_int(&c->args, "interval-ms", 250, 60000, 1000, &t.interval_ms, &err) != RC_OK)
		return cli_usage(c, "%s", err.text);
	t.is_live = terminal_is(TERMINAL_OUT) && !c->is_json && !args_has(&c->args, "once");
	t.view = (struct top_view){ .is_utf8 = c->is_utf8,
		                    .has_marks = t.is_live,
		                    .has_colour = t.is_live && c->has_colour };
	const char *sort = args_get(&c->args, "sort");
	if (sort && !sort_of(str_z(sort), &t.view.sort))
		return cli_usage(c, "--sort is age, ready, leased, blocked, rate or name");
	int code = run(&t);
	answer_free(t.now);
	answer_free(t.before);
	return code;
}
