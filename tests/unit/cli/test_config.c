/* Settings: who wins over whom, and what each mistake says. */
#include <stdio.h>

#include "../unit.h"

#include "base/arena.h"
#include "cli/config.h"
#include "sys/environ.h"
#include "sys/self.h"
#include "sys/file.h"

static struct arena *arena;
static struct config config;
static struct err err;
static const struct config_report *report;

static enum rc read_all(const struct config_flag *flags, size_t n, const char *const *environment)
{
	arena = arena_create(4096);
	err = (struct err){ 0 };
	struct config_sources s = { flags, n, environment, "/h/somebody", report };
	return config_read(arena, &s, &config, &err);
}

static const char *write_file(const char *text)
{
	static char path[64];
	snprintf(path, sizeof path, "/tmp/takt-config-%lld.yaml", (long long)self_pid());
	ck_assert_ok(file_write(path, str_z(text), 0600, NULL));
	return path;
}

static enum rc read_file(const char *text, const char *const *environment)
{
	struct config_flag flag = { "config", write_file(text) };
	enum rc rc = read_all(&flag, 1, environment);
	remove(flag.value);
	return rc;
}

#define ck_assert_says(word)                                                                       \
	ck_assert_msg(strstr(err.text, word), "\"%s\" does not say \"%s\"", err.text, word)

START_TEST(without_anything_the_defaults_hold)
{
	ck_assert_ok(read_all(NULL, 0, NULL));
	ck_assert_str_eq(config.listen, "127.0.0.1:8420");
	ck_assert_str_eq(config.data, "/h/somebody/.local/share/takt");
	ck_assert_int_eq(config.drain_ms, 30000);
	ck_assert_str_eq(config.log_level, "info");
	ck_assert_uint_eq(config.n_hosts, 0);
	ck_assert_ptr_null(config.makers);
	arena_destroy(arena);
}
END_TEST

START_TEST(a_flag_wins_over_the_environment_and_that_over_the_file)
{
	const char *const environment[] = { "TAKT_LISTEN=:2", "TAKT_DRAIN_MS=2", NULL };
	struct config_flag flags[] = { { "config", NULL }, { "listen", ":1" } };
	flags[0].value = write_file("listen: ':3'\ndrain_ms: 3\nmaker_processes: 3\n");
	ck_assert_ok(read_all(flags, 2, environment));
	ck_assert_str_eq(config.listen, ":1");
	ck_assert_int_eq(config.drain_ms, 2);
	ck_assert_int_eq(config.maker_processes, 3);
	ck_assert_str_eq(config.file, flags[0].value);
	remove(flags[0].value);
	arena_destroy(arena);
}
END_TEST

START_TEST(the_environment_names_the_file_and_xdg_the_data)
{
	char variable[128];
	snprintf(variable, sizeof variable, "TAKT_CONFIG=%s", write_file("hosts: [a.example]\n"));
	const char *const environment[] = { variable, "XDG_DATA_HOME=/xdg", NULL };
	ck_assert_ok(read_all(NULL, 0, environment));
	ck_assert_str_eq(config.hosts[0], "a.example");
	ck_assert_str_eq(config.data, "/xdg/takt");
	remove(variable + strlen("TAKT_CONFIG="));
	arena_destroy(arena);
}
END_TEST

START_TEST(a_list_is_written_with_commas)
{
	const char *const environment[] = { "TAKT_HOSTS=a.example, b.example", NULL };
	ck_assert_ok(read_all(NULL, 0, environment));
	ck_assert_uint_eq(config.n_hosts, 2);
	ck_assert_str_eq(config.hosts[1], "b.example");
	arena_destroy(arena);
}
END_TEST

START_TEST(an_unknown_key_names_itself_its_place_and_the_nearest)
{
	ck_assert_int_eq(read_file("drain_ms: 1\nlisten_on: ':1'\n", NULL), RC_INVALID);
	ck_assert_int_eq(err.code, CODE_BAD_CONFIG);
	ck_assert_says("listen_on");
	ck_assert_says("did you mean listen");
	ck_assert_msg(strstr(err.place, ".yaml:2:"), "%s", err.place);
	arena_destroy(arena);
}
END_TEST

START_TEST(a_bad_value_says_what_would_be_right)
{
	ck_assert_int_eq(read_file("log_level: loud\n", NULL), RC_INVALID);
	ck_assert_int_eq(err.code, CODE_BAD_CONFIG);
	ck_assert_says("log_level");
	ck_assert_says("debug");
	ck_assert_msg(strstr(err.place, ".yaml:1:"), "%s", err.place);
	arena_destroy(arena);
	ck_assert_int_eq(read_file("drain_ms: soon\n", NULL), RC_INVALID);
	ck_assert_says("drain_ms");
	arena_destroy(arena);
	ck_assert_int_eq(read_file("drain_ms: -1\n", NULL), RC_INVALID);
	arena_destroy(arena);
}
END_TEST

START_TEST(a_file_that_is_no_yaml_or_missing_is_named)
{
	ck_assert_int_eq(read_file("listen: [\n", NULL), RC_INVALID);
	ck_assert_int_eq(err.code, CODE_BAD_CONFIG);
	ck_assert_msg(strstr(err.place, ".yaml:"), "%s", err.place);
	arena_destroy(arena);
	ck_assert_int_eq(read_file("- a\n", NULL), RC_INVALID);
	ck_assert_says("NAME: VALUE");
	arena_destroy(arena);
	struct config_flag flag = { "config", "/nonexistent/takt.yaml" };
	ck_assert_int_eq(read_all(&flag, 1, NULL), RC_INVALID);
	ck_assert_says("/nonexistent/takt.yaml");
	arena_destroy(arena);
}
END_TEST

START_TEST(an_empty_file_is_fine)
{
	ck_assert_ok(read_file("# nothing yet\n", NULL));
	arena_destroy(arena);
}
END_TEST

START_TEST(variables_are_checked_but_not_those_of_others)
{
	const char *const wrong[] = { "TAKT_LISTNE=:1", NULL };
	ck_assert_int_eq(read_all(NULL, 0, wrong), RC_INVALID);
	ck_assert_str_eq(err.place, "TAKT_LISTNE");
	ck_assert_says("did you mean TAKT_LISTEN");
	arena_destroy(arena);
	const char *const bad[] = { "TAKT_DRAIN_MS=x1", NULL };
	ck_assert_int_eq(read_all(NULL, 0, bad), RC_INVALID);
	ck_assert_str_eq(err.place, "TAKT_DRAIN_MS");
	ck_assert_says("x1");
	arena_destroy(arena);
	/* What an orchestrator sets for a service called takt, and what takt itself sets. */
	const char *const foreign[] = { "TAKT_SERVICE_HOST=10.0.0.1", "TAKT_PORT=tcp://10.0.0.1:1",
		                        "TAKT_TASK_ID=task_1", "TAKT_LISTEN=", NULL };
	ck_assert_ok(read_all(NULL, 0, foreign));
	arena_destroy(arena);
}
END_TEST

START_TEST(a_bad_flag_is_named)
{
	struct config_flag flag = { "listen", "everywhere" };
	ck_assert_int_eq(read_all(&flag, 1, NULL), RC_INVALID);
	ck_assert_str_eq(err.place, "--listen");
	ck_assert_says("HOST:PORT");
	arena_destroy(arena);
	flag = (struct config_flag){ "drain-ms", "99999999999999999999" };
	ck_assert_int_eq(read_all(&flag, 1, NULL), RC_INVALID);
	ck_assert_str_eq(err.place, "--drain-ms");
	arena_destroy(arena);
}
END_TEST

START_TEST(the_key_is_not_handed_to_a_command_line)
{
	const char *const environment[] = { "TAKT_KEY=takt_secret", NULL };
	ck_assert_ok(read_all(NULL, 0, environment));
	ck_assert_str_eq(config.key, "takt_secret");
	ck_assert_uint_eq(str_find(config.json, STR("takt_secret"), 0), SIZE_MAX);
	struct config again;
	ck_assert_ok(config_from_json(arena, config.json, &again, &err));
	ck_assert_str_eq(again.listen, config.listen);
	ck_assert_ptr_null(again.key);
	arena_destroy(arena);
}
END_TEST

START_TEST(the_example_means_the_defaults)
{
	struct buf text = BUF_INIT(1 << 16);
	config_example(&text);
	buf_addc(&text, '\0');
	ck_assert_ok(read_file(text.ptr, NULL));
	ck_assert_str_eq(config.listen, "127.0.0.1:8420");
	struct config_property p;
	for (size_t i = 0; config_property_at(i, &p); i++)
		ck_assert_uint_ne(str_find(buf_str(&text), p.name, 0), SIZE_MAX);
	buf_fini(&text);
	arena_destroy(arena);
}
END_TEST

START_TEST(the_nearest_name_is_near)
{
	const char *const names[] = { "serve", "make", "run", "version", NULL };
	ck_assert_str_eq(nearest_name(STR("sevre"), names), "serve");
	ck_assert_str_eq(nearest_name(STR("ver"), names), "version");
	ck_assert_ptr_null(nearest_name(STR("elephant"), names));
	ck_assert_ptr_null(nearest_name(STR(""), names));
}
END_TEST

struct heard {
	struct err errs[8];
	size_t n;
};

static void hear(void *ctx, const struct err *e)
{
	struct heard *h = ctx;
	ck_assert_uint_lt(h->n, ARRAY_LEN(h->errs));
	h->errs[h->n++] = *e;
}

START_TEST(every_mistake_is_heard_and_the_rest_is_read)
{
	const char *const environment[] = { "TAKT_DRAIN_MS=soon", "TAKT_HOST=x", "TAKT_LISTEN=:9",
		                            NULL };
	struct heard h = { .n = 0 };
	struct config_report r = { hear, &h };
	report = &r;
	ck_assert_ok(read_file("maker_processes: 3\ndisk_low_bytes: -1\nhosts:\n  - a.example\n"
	                       "  - 'b c'\ndata_dir: /x\n",
	                       environment));
	report = NULL;
	ck_assert_uint_eq(h.n, 5);
	static const char *const places[] = { ".yaml:2:17", ".yaml:5:5", ".yaml:6:1",
		                              "TAKT_DRAIN_MS", "TAKT_HOST" };
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		ck_assert_msg(str_ends(str_z(h.errs[i].place), str_z(places[i])), "%s is not %s",
		              h.errs[i].place, places[i]);
	ck_assert_ptr_nonnull(strstr(h.errs[1].text, "hosts"));
	ck_assert_ptr_nonnull(strstr(h.errs[4].text, "did you mean TAKT_HOSTS?"));
	ck_assert_int_eq(config.maker_processes, 3);
	ck_assert_str_eq(config.listen, ":9");
	ck_assert_int_eq(config.drain_ms, 30000);
	ck_assert_uint_eq(config.n_hosts, 0);
	arena_destroy(arena);
}
END_TEST

UNIT_MAIN("cli/config", without_anything_the_defaults_hold,
          a_flag_wins_over_the_environment_and_that_over_the_file,
          the_environment_names_the_file_and_xdg_the_data, a_list_is_written_with_commas,
          an_unknown_key_names_itself_its_place_and_the_nearest,
          a_bad_value_says_what_would_be_right, a_file_that_is_no_yaml_or_missing_is_named,
          an_empty_file_is_fine, variables_are_checked_but_not_those_of_others, a_bad_flag_is_named,
          the_key_is_not_handed_to_a_command_line, the_example_means_the_defaults,
          the_nearest_name_is_near, every_mistake_is_heard_and_the_rest_is_read)
