/* sys/log: a line is one line, valid, bounded, and only written when it is wanted. */
#include <unistd.h>

#include "../unit.h"

#include "base/str.h"
#include "sys/log.h"

static int ends[2];
static char got[1 << 16];

static void setup(void)
{
	ck_assert_int_eq(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
}

/* What one call wrote, the time cut off; "" when nothing. */
static struct str written(void)
{
	ck_assert_int_eq(write(ends[1], "#", 1), 1);
	ssize_t n = read(ends[0], got, sizeof got);
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(got[n - 1], '#');
	return (struct str){ got, (size_t)n - 1 };
}

START_TEST(test_json_line)
{
	setup();
	log_setup(LOG_INFO, true, "tester");
	LOG(LOG_WARN, "a \"message\"", LOG_STR("path", STR("a\\b\n\x01\x7f")), LOG_INT("n", -5));
	struct str s = written();
	ck_assert(str_starts(s, STR("{\"time\":\"20")));
	ck_assert_str(str_sub(s, strlen("{\"time\":\"2024-01-01T00:00:00.000Z\","), s.len),
	              "\"level\":\"warn\",\"program\":\"tester\",\"message\":\"a \\\"message\\\"\","
	              "\"path\":\"a\\\\b\\n\\u0001\\u007f\",\"n\":-5}\n");
}
END_TEST

START_TEST(test_plain_line)
{
	setup();
	log_setup(LOG_DEBUG, false, "tester");
	LOG(LOG_DEBUG, "message", LOG_STR("word", STR("a/b:1")), LOG_STR("two", STR("a b")),
	    LOG_STR("empty", STR("")), LOG_INT("n", 7));
	struct str s = written();
	ck_assert_str(str_sub(s, strlen("2024-01-01T00:00:00.000Z "), s.len),
	              "debug tester: message word=a/b:1 two=\"a b\" empty=\"\" n=7\n");
	log_note(LOG_ERROR, "two\nlines");
	s = written();
	ck_assert_uint_eq(str_find(s, STR("\n"), 0), s.len - 1);
}
END_TEST

START_TEST(test_levels)
{
	setup();
	enum log_level level;
	log_setup(LOG_WARN, false, "tester");
	log_note(LOG_INFO, "not wanted");
	ck_assert_uint_eq(written().len, 0);
	log_note(LOG_WARN, "wanted");
	ck_assert_uint_gt(written().len, 0);
	log_setup(LOG_OFF, false, "tester");
	log_note(LOG_ERROR, "not wanted");
	ck_assert_uint_eq(written().len, 0);
	ck_assert(log_level_parse(STR("error"), &level));
	ck_assert_int_eq(level, LOG_ERROR);
	ck_assert(!log_level_parse(STR("loud"), &level));
}
END_TEST

START_TEST(test_broken_text_stays_valid_json)
{
	setup();
	log_setup(LOG_INFO, true, "tester");
	LOG(LOG_INFO, "m", LOG_STR("a", STR("x\xff\xc3(y\xe2\x82")));
	struct str s = written();
	ck_assert_uint_eq(utf8_check(s), s.len);
	ck_assert_uint_ne(str_find(s, STR("x\xef\xbf\xbd\xef\xbf\xbd(y"), 0), SIZE_MAX);
}
END_TEST

START_TEST(test_long_strings_are_cut)
{
	setup();
	log_setup(LOG_INFO, true, "tester");
	char text[5001];
	memset(text, 'x', 5000);
	text[5000] = '\0';
	LOG(LOG_INFO, "m", LOG_STR("a", str_z(text)));
	struct str s = written();
	ck_assert_uint_lt(s.len, 2300);
	ck_assert(str_ends(s, STR("…\"}\n")));
	/* A cut inside a character leaves no half of it. */
	memcpy(text + 2047, "ä", 2);
	LOG(LOG_INFO, "m", LOG_STR("a", str_z(text)));
	s = written();
	ck_assert_uint_eq(utf8_check(s), s.len);
}
END_TEST

START_TEST(test_too_many_fields_leave_the_message)
{
	setup();
	log_setup(LOG_INFO, true, "tester");
	char text[2001];
	memset(text, '\x01', 2000);
	text[2000] = '\0';
	struct log_field fields[10];
	for (int i = 0; i < 10; i++)
		fields[i] = LOG_STR("f", str_z(text));
	log_write(LOG_INFO, "still here", fields, 10);
	struct str s = written();
	ck_assert_uint_ne(str_find(s, STR("still here"), 0), SIZE_MAX);
	ck_assert(str_ends(s, STR("\"fields_dropped\":10}\n")));
}
END_TEST

START_TEST(test_a_failure_becomes_fields)
{
	setup();
	log_setup(LOG_INFO, false, "tester");
	struct err err;
	err_set(&err, CODE_DISK_FULL, "no room");
	err_at(&err, "/a/b");
	log_err(LOG_ERROR, "failed", &err);
	ck_assert(str_ends(written(), STR("failed code=disk_full error=\"no room\" place=/a/b\n")));
}
END_TEST

UNIT_MAIN("sys/log", test_json_line, test_plain_line, test_levels,
          test_broken_text_stays_valid_json, test_long_strings_are_cut,
          test_too_many_fields_leave_the_message, test_a_failure_becomes_fields)
