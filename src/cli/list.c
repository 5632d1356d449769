/* Asking and printing: see list.h. */
#include <stdio.h>

#include "cli/list.h"

#include "base/arena.h"
#include "cli/table.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "sys/terminal.h"

void print_json(const struct json *v)
{
	struct buf out = BUF_INIT(32 << 20);
	buf_add(&out, v->raw);
	buf_addc(&out, '\n');
	terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
}

int ask_command(struct cli *c, const char *method, const char *path, const char *body,
                void (*print)(struct cli *c, const struct json *answer))
{
	struct session s;
	struct takt_error e;
	const struct json *answer;
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	enum takt_outcome outcome = cli_ask(c, s.t, method, path, body, &answer, &e);
	session_close(&s);
	if (outcome != TAKT_OK)
		return cli_fail(c, &e);
	if (c->is_json)
		print_json(answer);
	else
		print(c, answer);
	return EXIT_OK;
}

const char *reason_body(struct cli *c)
{
	const char *reason = args_get(&c->args, "reason");
	struct buf b = BUF_INIT(16384);
	struct json_out o;
	if (reason && utf8_check(str_z(reason)) != strlen(reason))
		reason = NULL;
	json_out_init(&o, &b);
	json_begin_object(&o);
	if (reason)
		json_put_str(&o, "reason", str_z(reason));
	json_end_object(&o);
	const char *ret = str_dupz(c->arena, buf_str(&b));
	buf_fini(&b);
	return ret;
}

enum { ROWS_MAX = 200, PAGES_MAX = 10000 };

/* What was asked for may come in several pages: some lists look at so many rows at a time. */
struct rows_read {
	const struct json *list[ROWS_MAX];
	size_t n;
	struct str next;           /* cursor; empty: there is no more */
	const struct json *answer; /* the only page, as it came; NULL: there were several */
};

static const char *list_path(struct cli *c, const struct list *l, int64_t limit, struct str cursor)
{
	struct buf b = BUF_INIT(16384);
	buf_addf(&b, "%s?limit=%lld", l->path, (long long)limit);
	if (cursor.len) {
		buf_addz(&b, "&cursor=");
		percent_encode(&b, cursor);
	}
	for (size_t i = 0; l->filters && l->filters[i]; i++) {
		const char *value = args_get(&c->args, l->filters[i]);
		if (!value)
			continue;
		buf_addf(&b, "&%s=", l->filters[i]);
		percent_encode(&b, str_z(value));
	}
	const char *ret = str_dupz(c->arena, buf_str(&b));
	buf_fini(&b);
	return ret;
}

static struct str cell(struct cli *c, const struct json *row, const struct column *column)
{
	const struct json *v = json_get(row, str_z(column->member));
	if (!v || v->type == JSON_NULL)
		return STR("");
	if (v->type == JSON_STRING)
		return column->is_time ? time_short(c->arena, v->text) : v->text;
	return v->raw;
}

static void print_table(struct cli *c, const struct list *l, const struct rows_read *rows)
{
	const char *heads[TABLE_COLUMNS];
	struct table t;
	struct buf out = BUF_INIT(8 << 20);
	if (rows->n == 0) {
		printf("%s\n", l->none);
		return;
	}
	for (size_t i = 0; i < l->n_columns; i++)
		heads[i] = l->columns[i].head;
	table_init(&t, c->arena, l->n_columns, heads);
	for (size_t i = 0; i < rows->n; i++) {
		struct str cells[TABLE_COLUMNS];
		for (size_t k = 0; k < l->n_columns; k++)
			cells[k] = cell(c, rows->list[i], &l->columns[k]);
		table_row(&t, cells);
	}
	table_print(&t, &out);
	terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
}

static void print_rows_json(const struct list *l, const struct rows_read *rows)
{
	struct buf out = BUF_INIT(32 << 20);
	struct json_out o;
	json_out_init(&o, &out);
	json_begin_object(&o);
	json_key(&o, str_z(l->member));
	json_begin_array(&o);
	for (size_t i = 0; i < rows->n; i++)
		json_raw(&o, rows->list[i]->raw);
	json_end_array(&o);
	json_keyz(&o, "next_cursor");
	if (rows->next.len)
		json_str(&o, rows->next);
	else
		json_null(&o);
	json_end_object(&o);
	buf_addc(&out, '\n');
	terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
}

static void add_page(const struct list *l, const struct json *answer, struct rows_read *rows)
{
	const struct json *list = json_get(answer, str_z(l->member));
	rows->next = json_get_str(answer, "next_cursor", STR(""));
	if (!list || list->type != JSON_ARRAY)
		return;
	json_each(row, list) {
		if (rows->n < ROWS_MAX)
			rows->list[rows->n++] = row;
	}
}

static enum takt_outcome read_rows(struct cli *c, struct takt *t, const struct list *l,
                                   int64_t limit, struct rows_read *rows, struct takt_error *e)
{
	for (int page = 0; page < PAGES_MAX && rows->n < (size_t)limit; page++) {
		const struct json *answer;
		int64_t left = limit - (int64_t)rows->n;
		const char *path = list_path(c, l, left, rows->next);
		enum takt_outcome outcome = cli_ask(c, t, "GET", path, NULL, &answer, e);
		if (outcome != TAKT_OK)
			return outcome;
		add_page(l, answer, rows);
		rows->answer = page == 0 ? answer : NULL;
		if (!rows->next.len)
			break;
	}
	return TAKT_OK;
}

int list_command(struct cli *c, const struct list *l)
{
	struct session s;
	struct takt_error e;
	struct err err = { 0 };
	struct rows_read rows = { 0 };
	int64_t limit;
	if (args_int(&c->args, "limit", 1, ROWS_MAX, 20, &limit, &err) != RC_OK)
		return cli_usage(c, "%s", err.text);
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	enum takt_outcome outcome = read_rows(c, s.t, l, limit, &rows, &e);
	session_close(&s);
	if (outcome != TAKT_OK)
		return cli_fail(c, &e);
	if (!c->is_json)
		print_table(c, l, &rows);
	else if (rows.answer)
		print_json(rows.answer);
	else
		print_rows_json(l, &rows);
	return EXIT_OK;
}
