/* Help, made from the tables. */
#include <stdio.h>

#include "cli/args.h"

#include "cli/config.h"

enum { TEXT_COLUMN = 26, WIDTH = 92 };

/* Words wrapped at WIDTH, all lines but the first indented. */
static void wrap(struct buf *out, struct str text, size_t indent, size_t column)
{
	bool is_first = true;
	while (text.len) {
		struct str word = str_cut(text, ' ', &text);
		if (!is_first && column + 1 + word.len > WIDTH) {
			buf_addf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!is_first) {
			buf_addc(out, ' ');
			column++;
		}
		buf_add(out, word);
		column += word.len;
		is_first = false;
	}
	buf_addc(out, '\n');
}

static void row(struct buf *out, const char *left, struct str right)
{
	size_t len = strlen(left) + 2;
	buf_addf(out, "  %s", left);
	if (len + 1 > TEXT_COLUMN)
		buf_addf(out, "\n%*s", TEXT_COLUMN, "");
	else
		buf_addf(out, "%*s", (int)(TEXT_COLUMN - len), "");
	wrap(out, right, TEXT_COLUMN, TEXT_COLUMN);
}

static void option_row(struct buf *out, const struct option *o)
{
	char left[96];
	char letter[8] = "";
	if (o->letter)
		snprintf(letter, sizeof letter, "-%c, ", o->letter);
	snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name, o->value ? " " : "",
	         o->value ? o->value : "");
	row(out, left, str_z(o->help));
}

static void option_rows(struct buf *out, const struct option *list, bool is_local)
{
	for (; list && list->name; list++)
		if (list->help && !(is_local && strcmp(list->name, "server") == 0))
			option_row(out, list);
}

static bool is_listed(const struct option *list, const char *name)
{
	for (; list && list->name; list++)
		if (strcmp(list->name, name) == 0)
			return true;
	return false;
}

static void config_rows(struct buf *out, const struct command *c, const struct option *common)
{
	struct config_property p;
	for (size_t i = 0; config_property_at(i, &p); i++) {
		if (!p.has_flag || is_listed(c->options, p.flag) || is_listed(common, p.flag))
			continue;
		char left[64];
		snprintf(left, sizeof left, "--%s VALUE", p.flag);
		row(out, left, p.description);
	}
}

static void paragraphs(struct buf *out, const char *about)
{
	struct str rest = str_z(about);
	while (rest.len) {
		struct str line = str_cut(rest, '\n', &rest);
		wrap(out, line, 0, 0);
	}
}

static void example_rows(struct buf *out, const char *const *examples)
{
	if (!examples)
		return;
	buf_addz(out, "\nExamples:\n");
	for (; examples[0]; examples += 2)
		buf_addf(out, "  %s\n      %s\n", examples[0], examples[1]);
}

static void exit_codes(struct buf *out)
{
	buf_addz(out,
	         "\nExit codes: 0 done, 1 the work failed, 2 usage, 3 not found, 4 refused,\n"
	         "5 no server or it failed, 6 outcome unknown, 7 bad input, 130 interrupted\n");
}

static void command_rows(struct buf *out, const struct command *list)
{
	for (; list->name; list++)
		if (list->summary) /* else another name of its neighbour */
			row(out, list->name, str_z(list->summary));
}

void args_usage_line(const struct args *a, struct buf *out)
{
	const struct command *c = a->command;
	buf_addf(out, "Usage: takt %s%s%s", a->group ? a->group->name : "", a->group ? " " : "",
	         c          ? c->name
	         : a->group ? "VERB"
	                    : "COMMAND");
	if (c && c->arguments && *c->arguments)
		buf_addf(out, " %s", c->arguments);
	buf_addz(out, " [OPTIONS]\n");
}

static void help_command(const struct args *a, const struct option *common, struct buf *out)
{
	const struct command *c = a->command;
	buf_addz(out, "\n");
	paragraphs(out, c->about ? c->about : c->summary);
	buf_addz(out, "\nOptions:\n");
	option_rows(out, c->options, false);
	if (c->has_config_flags)
		config_rows(out, c, common);
	option_rows(out, common, c->is_local);
	example_rows(out, c->examples);
	exit_codes(out);
}

/* A group's help names the options of all its verbs, once. */
static void help_group(const struct args *a, const struct option *common, struct buf *out)
{
	buf_addf(out, "\n%s\n\nVerbs:\n", a->group->about ? a->group->about : a->group->summary);
	command_rows(out, a->group->sub);
	for (const struct command *c = a->group->sub; c->name; c++) {
		if (!c->options || !c->summary)
			continue;
		buf_addf(out, "\nOptions of %s:\n", c->name);
		option_rows(out, c->options, false);
	}
	buf_addz(out, "\nOptions of all:\n");
	option_rows(out, common, a->group->is_local);
	buf_addf(out, "\nMore: takt %s VERB --help\n", a->group->name);
}

void args_help(const struct args *a, const struct command *commands, const struct option *common,
               struct buf *out)
{
	if (!a->command && !a->group) {
		buf_addz(out,
		         "takt turns a brief into a checked artifact through a crew of agents, "
		         "and never\nloses the thread.\n\n");
	}
	args_usage_line(a, out);
	if (a->command) {
		help_command(a, common, out);
	} else if (a->group) {
		help_group(a, common, out);
	} else {
		buf_addz(out, "\nCommands:\n");
		command_rows(out, commands);
		buf_addz(out, "\nOptions of all:\n");
		option_rows(out, common, false);
		buf_addz(out, "\nMore: takt COMMAND --help\n");
		exit_codes(out);
	}
}
