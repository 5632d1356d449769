/* What every unit test program shares: a list of tests becomes a libcheck suite whose
 * tests run each in a process of their own, with a time limit.
 *
 *	START_TEST(name) { ck_assert_int_eq(1, 1); } END_TEST
 *	UNIT_MAIN("floor/module", test_a, test_b)
 */
#ifndef TAKT_TESTS_UNIT_H
#define TAKT_TESTS_UNIT_H

#include <check.h>

#include "base/base.h"

#define ck_assert_ok(call)                                                                         \
	do {                                                                                       \
		enum rc unit_rc_ = (call);                                                         \
		ck_assert_msg(unit_rc_ == RC_OK, "%s: %s", #call, rc_text(unit_rc_));              \
	} while (0)
#define ck_assert_str(s, lit)                                                                      \
	do {                                                                                       \
		struct str unit_s_ = (s);                                                          \
		ck_assert_msg(unit_s_.len == strlen(lit) &&                                        \
		                      memcmp(unit_s_.ptr, lit, unit_s_.len) == 0,                  \
		              "%s is \"%.*s\", not \"%s\"", #s, (int)unit_s_.len,                  \
		              unit_s_.ptr ? unit_s_.ptr : "", lit);                                \
	} while (0)

static inline int unit_run(const char *name, const TTest *const *tests, size_t n)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	tcase_set_timeout(tcase, 60);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

#define UNIT_MAIN(name, ...)                                                                       \
	int main(void)                                                                             \
	{                                                                                          \
		const TTest *const tests[] = { __VA_ARGS__ };                                      \
		return unit_run(name, tests, ARRAY_LEN(tests));                                    \
	}

#endif
