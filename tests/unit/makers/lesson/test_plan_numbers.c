/* makers/lesson/plan/amounts.c: which figures are asked for, in which words.  Each case is one
 * sentence; what becomes of the candidates is the selection's matter. */
#include "candidates.h"

static const struct question *number_of(struct candidates *c, const char *sentences)
{
	struct str text = { CALM_ALL, sizeof(CALM_ALL) - 1 };
	struct buf b = BUF_INIT(1 << 16);
	buf_add(&b, text);
	buf_addz(&b, sentences);
	candidates_read(c, buf_str(&b));
	buf_fini(&b);
	return candidate(c, Q_NUMBER, "");
}

static const struct asked {
	const char *text, *prompt, *answer, *unit;
} asked[] = {
	{ "The Marrow Fruit Society planted 1,250 cherry trees on the southern slope.",
	  "According to the text, how many cherry trees did the Marrow Fruit Society plant on the "
	  "southern slope?",
	  "1250", "trees" },
	{ "There are nine wells in the upper orchard of the village.",
	  "According to the text, how many wells are there in the upper orchard of the village?",
	  "9", "wells" },
	{ "There are four kinds of fruit: pears, apples, plums and medlars of the old sort.",
	  "According to the text, how many kinds of fruit are there?", "4", "kinds" },
	{ "Sunny slopes of the valley have in common three sorts of soil: sand, clay and chalk.",
	  "Complete the sentence with a number from the text: Sunny slopes of the valley have "
	  "in common _____ sorts of soil.",
	  "3", "sorts" },
	{ "In 1951, for the first time in a generation, there was a surplus of plums.",
	  "Complete the sentence with a year from the text: In _____, for the first time in a "
	  "generation, there was a surplus of plums.",
	  "1951", "" },
	{ "Nearly 300 pickers came to the autumn harvest from the villages.",
	  "According to the text, about how many pickers came to the autumn harvest from the "
	  "villages?",
	  "300", "pickers" },
	{ "The Marrow Fruit Society sold over 4,000 bottles of cider to the inns.",
	  "According to the text, more than how many bottles of cider did the Marrow Fruit Society "
	  "sell to the inns?",
	  "4000", "bottles" },
	{ "The Marrow Fruit Society began in 1874 as a club of gardeners.",
	  "According to the text, in which year did the Marrow Fruit Society begin as a club of "
	  "gardeners?",
	  "1874", "" },
	{ "The garden school opened in October 1911, behind the old chapel.",
	  "According to the text, in which year did the garden school open?", "1911", "" },
	{ "In 1932, the society bought the northern slope from a farmer.",
	  "According to the text, in which year did the society buy the northern slope from a "
	  "farmer?",
	  "1932", "" },
	{ "35% of the pears are sold beside the church, which opens at noon.",
	  "According to the text, what percentage of the pears are sold beside the church?", "35",
	  "%" },
	{ "Ripe fruit is carried to the press within 12 hours of the harvest.",
	  "Complete the sentence with a number from the text: Ripe fruit is carried to the press "
	  "within _____ hours of the harvest.",
	  "12", "hours" },
	{ "Skilled gardeners follow a 16-week plan for the pruning of the trees.",
	  "Complete the sentence with a number from the text: Skilled gardeners follow a "
	  "_____-week plan for the pruning of the trees.",
	  "16", "weeks" },
	{ "The price of a young pear tree is $45 in most villages.",
	  "Complete the sentence with a number from the text: The price of a young pear tree is "
	  "$_____ in most villages.",
	  "45", "dollars" },
	{ "The counting program should be left with exit code 75 when a label is missing.",
	  "Complete the sentence with a number from the text: The counting program should be left "
	  "with exit code _____ when a label is missing.",
	  "75", "" },
};

START_TEST(a_figure_is_asked_for)
{
	struct candidates c;
	const struct question *q = number_of(&c, asked[_i].text);
	ck_assert_msg(q != NULL, "nothing is asked of: %s", asked[_i].text);
	ck_assert_str(q->prompt, asked[_i].prompt);
	ck_assert_str(q->number, asked[_i].answer);
	ck_assert_str(q->unit, asked[_i].unit);
	ck_assert_uint_ne(str_find(q->source, q->answer, 0), SIZE_MAX);
	ck_assert_ptr_null(candidate_next(&c, q, Q_NUMBER, ""));
	candidates_free(&c);
}
END_TEST

static const char *const silent[] = {
	"The names of the trees appear in an 8.3 format on the labels of zinc.",
	"Each record of the counting program is kept in the variable $0 of the script.",
	"Since tree-count 2.27 the counting program also prints labels of zinc.",
	"Entering 0 causes continuous counting, which tires the old machine of the mill.",
	"Returns an exit code of 64 if one of the labels of the orchard is missing.",
	"The grafters expect a ratio of 3 yellow:1 green fruit in the second autumn.",
	"Old pickers speak of \u201ca basket for $50 a day\u201d when they praise the past.",
	"The young trees are watered for 5 to 7 weeks after the planting.",
	"The Marrow Fruit Society keeps between 40 and 60 hives in the lower orchard.",
	"Every old shed holds 80 or so baskets of wood for the presses.",
	"The Marrow Fruit Society split after the 1912 - 1914 quarrels about the slopes.",
	"Every old press of the village has two screws of heavy iron.",
	"The Marrow Fruit Society spent $3 million on the wall around the orchard.",
	"The plan of the orchard stands in Figure 12 of the gardeners.",
	"Skilled gardeners use version 4.2.1 of the counting program each day.",
	"The bell of the chapel rings at 11:30 on every market day.",
	"Every pupil of the garden school owns one pair of shears.",
};

START_TEST(what_is_no_single_figure_is_left)
{
	struct candidates c;
	const struct question *q = number_of(&c, silent[_i]);
	ck_assert_msg(q == NULL, STR_FMT, STR_ARG(q ? q->prompt : STR("")));
	candidates_free(&c);
}
END_TEST

/* "How many cherry trees did the society plant?" would have two answers. */
START_TEST(what_is_counted_twice_is_asked_for_in_its_sentence)
{
	struct candidates c;
	const struct question *q =
	        number_of(&c, "The Marrow Fruit Society planted 1,250 cherry trees on the slope. "
	                      "Then the society planted 900 cherry trees near the "
	                      "mill of the valley.");
	ck_assert_ptr_nonnull(q);
	ck_assert(str_starts(q->prompt, STR("Complete the sentence")));
	candidates_free(&c);
}
END_TEST

/* What is typed may be chosen, too, where other figures could stand there. */
START_TEST(a_figure_is_also_to_be_chosen)
{
	struct candidates c;
	number_of(&c, asked[0].text);
	const struct question *q = candidate(&c, Q_CHOICE, "how many cherry trees");
	ck_assert_ptr_nonnull(q);
	ck_assert_str(q->answer, "1,250");
	ck_assert_uint_eq(q->distractors.n, 3);
	candidates_free(&c);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("makers/lesson/plan numbers");
	TCase *tcase = tcase_create("numbers");
	tcase_add_loop_test(tcase, a_figure_is_asked_for, 0, ARRAY_LEN(asked));
	tcase_add_loop_test(tcase, what_is_no_single_figure_is_left, 0, ARRAY_LEN(silent));
	tcase_add_test(tcase, what_is_counted_twice_is_asked_for_in_its_sentence);
	tcase_add_test(tcase, a_figure_is_also_to_be_chosen);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
