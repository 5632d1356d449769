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

static const char *list_path(struct cli *c, const struct list *l, int64_t limit)
{
	struct buf b = BUF_INIT(16384);
	buf_addf(&b, "%s?limit=%lld", l->path, (long long)limit);
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

static void print_table(struct cli *c, const struct list *l, const struct json *rows)
{
	const char *heads[TABLE_COLUMNS];
	struct table t;
	struct buf out = BUF_INIT(8 << 20);
	if (!rows || rows->type != JSON_ARRAY || rows->count == 0) {
		printf("%s\n", l->none);
		return;
	}
	for (size_t i = 0; i < l->n_columns; i++)
		heads[i] = l->columns[i].head;
	table_init(&t, c->arena, l->n_columns, heads);
	for
		json_each(row, rows)
		{
			struct str cells[TABLE_COLUMNS];
			for (size_t i = 0; i < l->n_columns; i++)
				cells[i] = cell(c, row, &l->columns[i]);
			table_row(&t, cells);
		}
	table_print(&t, &out);
	terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
}

int list_command(struct cli *c, const struct list *l)
{
	struct session s;
	struct takt_error e;
	struct err err = { 0 };
	const struct json *answer;
	int64_t limit;
	if (args_int(&c->args, "limit", 1, 200, 20, &limit, &err) != RC_OK)
		return cli_usage(c, "%s", err.text);
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	enum takt_outcome outcome =
	        cli_ask(c, s.t, "GET", list_path(c, l, limit), NULL, &answer, &e);
	session_close(&s);
	if (outcome != TAKT_OK)
		return cli_fail(c, &e);
	if (c->is_json)
		print_json(answer);
	else
		print_table(c, l, json_get(answer, str_z(l->member)));
	return EXIT_OK;
}
