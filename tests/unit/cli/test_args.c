/* The command line: what is understood, what is refused with which words, and help. */
#include <stdio.h>

#include "../unit.h"

#include "cli/cli.h"

static struct args args;
static struct err err;

static enum rc read_words(const char *line)
{
	static char text[512];
	char *argv[32] = { "takt" };
	int argc = 1;
	snprintf(text, sizeof text, "%s", line);
	for (char *at = text; *at;) {
		argv[argc++] = at;
		at += strcspn(at, " ");
		if (*at)
			*at++ = '\0';
	}
	err = (struct err){ 0 };
	static char *kept[32];
	memcpy(kept, argv, sizeof argv);
	return args_read(argc, kept, takt_commands, common_options, &args, &err);
}

static void refused(const char *line, const char *says)
{
	ck_assert_msg(read_words(line) == RC_INVALID, "%s is understood", line);
	ck_assert_msg(strstr(err.text, says), "%s: \"%s\" does not say \"%s\"", line, err.text,
	              says);
}

START_TEST(options_stand_anywhere_and_in_every_spelling)
{
	ck_assert_ok(read_words("--json run start lesson -i {} --key=k --watch"));
	ck_assert_str_eq(args.group->name, "run");
	ck_assert_str_eq(args.command->name, "start");
	ck_assert_str_eq(args.words[0], "lesson");
	ck_assert_str_eq(args_get(&args, "input"), "{}");
	ck_assert_str_eq(args_get(&args, "key"), "k");
	ck_assert(args_has(&args, "watch"));
	ck_assert(args_has(&args, "json"));
	ck_assert(!args_has(&args, "workflow-version"));
	ck_assert_ok(read_words("make lesson f.md -oout -h"));
	ck_assert_str_eq(args_get(&args, "output"), "out");
	ck_assert(args.wants_help);
}
END_TEST

START_TEST(settings_are_options_where_they_belong)
{
	ck_assert_ok(read_words("serve --drain-ms 5 --listen :1"));
	ck_assert_str_eq(args_get(&args, "drain-ms"), "5");
	refused("run list --drain-ms 5", "--drain-ms");
}
END_TEST

START_TEST(a_program_keeps_its_own_options)
{
	ck_assert_ok(read_words("worker --kind a --kind b -- sh -c --json"));
	ck_assert_uint_eq(args.n_program, 3);
	ck_assert_str_eq(args.program[2], "--json");
	ck_assert(!args_has(&args, "json"));
	ck_assert_str_eq(args_nth(&args, "kind", 0), "a");
	ck_assert_str_eq(args_nth(&args, "kind", 1), "b");
	ck_assert_ptr_null(args_nth(&args, "kind", 2));
	ck_assert_ok(read_words("make lesson -- -odd.md"));
	ck_assert_str_eq(args.words[1], "-odd.md");
}
END_TEST

START_TEST(mistakes_name_the_nearest)
{
	refused("serv", "did you mean takt serve");
	refused("run strat x", "did you mean takt run start");
	refused("make lesson f --otput x", "did you mean --output");
	refused("serve --lisen :1", "did you mean --listen");
	refused("make lesson", "wants MAKER FILE");
	refused("make lesson a b", "\"b\" is one argument too many");
	refused("make lesson a -o", "--output wants a value");
	refused("make lesson a --force=yes", "--force takes no value");
	refused("make lesson a -z", "no option -z");
	refused("run", "wants a verb");
	refused("elephant", "no command takt elephant");
}
END_TEST

START_TEST(numbers_have_a_range)
{
	int64_t n;
	ck_assert_ok(read_words("run list -n 7"));
	ck_assert_ok(args_int(&args, "limit", 1, 200, 20, &n, &err));
	ck_assert_int_eq(n, 7);
	ck_assert_ok(read_words("run list"));
	ck_assert_ok(args_int(&args, "limit", 1, 200, 20, &n, &err));
	ck_assert_int_eq(n, 20);
	const char *const bad[] = { "run list -n 0", "run list -n 201", "run list -n 1x",
		                    "run list -n ", "run list -n 99999999999999999999" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (read_words(bad[i]) == RC_OK)
			ck_assert_int_eq(args_int(&args, "limit", 1, 200, 20, &n, &err),
			                 RC_INVALID);
	}
}
END_TEST

static void help_says(const char *line, const char *word)
{
	struct buf out = BUF_INIT(1 << 20);
	ck_assert_ok(read_words(line));
	args_help(&args, takt_commands, common_options, &out);
	ck_assert_msg(str_find(buf_str(&out), str_z(word), 0) != SIZE_MAX,
	              "help of \"%s\" does not say %s", line, word);
	for (struct str rest = buf_str(&out); rest.len;)
		ck_assert_uint_le(str_cut(rest, '\n', &rest).len, 100);
	buf_fini(&out);
}

START_TEST(help_comes_from_the_tables)
{
	help_says("--help", "  completion ");
	help_says("serve --help", "--disk-low-bytes");
	help_says("serve --help", "--print-config");
	help_says("run --help", "--workflow-version");
	help_says("make --help", "takt make lesson tides.md");
	help_says("make --help", "Exit codes");
	help_says("help run show", "Usage: takt run show RUN");
}
END_TEST

/* Every command can be called, and nothing internal shows. */
START_TEST(the_table_is_whole)
{
	for (const struct command *c = takt_commands; c->name; c++) {
		ck_assert_msg(c->sub || c->fn, "%s", c->name);
		ck_assert_msg(c->summary, "%s", c->name);
		for (const struct command *s = c->sub; s && s->name; s++)
			ck_assert_msg(s->fn && s->arguments, "%s %s", c->name, s->name);
	}
	struct buf out = BUF_INIT(1 << 20);
	ck_assert_ok(read_words("serve --help"));
	args_help(&args, takt_commands, common_options, &out);
	ck_assert_uint_eq(str_find(buf_str(&out), STR("--as-server"), 0), SIZE_MAX);
	buf_fini(&out);
}
END_TEST

UNIT_MAIN("cli/args", options_stand_anywhere_and_in_every_spelling,
          settings_are_options_where_they_belong, a_program_keeps_its_own_options,
          mistakes_name_the_nearest, numbers_have_a_range, help_comes_from_the_tables,
          the_table_is_whole)
