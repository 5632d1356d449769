/* The planner on small texts: what is refused, what is read out of Markdown, which facts
 * are found, and that hostile bytes do no harm. */
#include <stdio.h>

#include "planned.h"

/* A made-up text about beekeeping; long enough for a lesson. */
static const char bees[] =
        "---\ntitle: 'Keeping Bees &#38; Making Honey'\nauthors:\n  - nobody\n---\n\n"
        "# Another title\n\n"
        "{{< img src=\"bee\" >}}\n\n"
        "A beehive is a wooden box that gives a colony of bees room for brood and honey. "
        "The International Bee Society (IBS) counts more than 400 beekeepers in the valley. "
        "A strong colony holds about 40,000 workers in the middle of summer. "
        "Worker bees collect nectar from flowers within a radius of 3 kilometers.\n\n"
        "## The colony\n\n"
        "A queen is the only fertile female that lays eggs in the colony. "
        "Drones are male bees that mate with a young queen. "
        "Worker bees always feed the larvae with pollen and honey. "
        "The queen lays up to 2,000 eggs on a warm day in May. "
        "They do this without rest. This is why it matters. "
        "Royal jelly is a protein-rich secretion that worker bees feed to a future queen. "
        "The first swarm of a large colony often leaves the hive before noon. "
        "See [our list](https://example.org/x) for more.\n\n"
        "## Harvesting honey\n\n"
        "The steps of a harvest are:\n\n"
        "1. Drive the bees away with cool smoke\n"
        "2. Take the sealed frames out of the hive\n"
        "3. Cut the wax caps off the comb\n"
        "4. Spin the frames in the extractor\n\n"
        "An extractor is a drum that spins the frames and throws the honey against the wall. "
        "Fresh honey contains about 18% water after the harvest. "
        "Beekeepers in the valley harvested 5,200 jars of honey in 2019. "
        "A refractometer is an optical instrument that measures the water in honey. "
        "Honey with too much water is likely to ferment within 6 months.\n\n"
        "## Winter\n\n"
        "- **Feeding:** Give the colony sugar syrup until the end of September.\n"
        "- **Insulation:** Cover the lid of the hive with a thick layer of straw.\n"
        "- **Entrance:** Narrow the opening with a strip of wood against mice.\n\n"
        "A winter cluster is a tight ball of bees that keeps the queen warm in the cold months. "
        "The Varroa Control Program (VCP) treats 150 hives against mites every autumn. "
        "Varroa mites are small parasites that weaken the brood of a colony. "
        "Beekeepers in the valley rarely open a hive in the cold season. "
        "Oxalic acid is an organic compound that kills mites on adult bees. "
        "A healthy colony needs 15 kilograms of food for the winter. "
        "Cold weather reduces the number of mites in a hive without brood. "
        "Strong colonies survive a long winter with the help of a dry hive.\n";

static struct made make_many(struct str text, int64_t questions)
{
	return made_of("text.md", text, questions);
}

static struct made make(struct str text)
{
	return make_many(text, 0);
}

/* `unit` until it has at least n bytes. */
static struct str repeated(struct arena *a, const char *unit, size_t n)
{
	size_t len = strlen(unit), times = n / len + 1;
	char *p = arena_bytes(a, times * len);
	for (size_t i = 0; i < times; i++)
		memcpy(p + i * len, unit, len);
	return (struct str){ p, times * len };
}

static const struct json *term(const struct json *spec, const char *name)
{
	json_each(t, json_getz(spec, "terms"))
		if (str_eqz(json_get_str(t, "term", STR("")), name))
			return t;
	return NULL;
}

static const struct json *question_of(const struct json *spec, const char *type)
{
	json_each(q, json_getz(spec, "questions"))
		if (str_eqz(json_get_str(q, "type", STR("")), type))
			return q;
	return NULL;
}

START_TEST(reads_the_front_matter)
{
	struct made m = make(str_z(bees));
	ck_assert_ok(m.rc);
	ck_assert_str(json_get_str(m.spec, "title", STR("")), "Keeping Bees & Making Honey");
	ck_assert_int_eq(json_get_int(json_getz(m.spec, "source"), "words", 0) > 300, 1);
	ck_assert(str_find(buf_str(&m.out), STR("{{<"), 0) == SIZE_MAX);
	ck_assert(str_find(buf_str(&m.out), STR("example.org"), 0) == SIZE_MAX);
	unmake(&m);
}
END_TEST

START_TEST(finds_definitions_and_abbreviations)
{
	struct made m = make(str_z(bees));
	ck_assert_ok(m.rc);
	ck_assert_str(json_get_str(term(m.spec, "beehive"), "definition", STR("")),
	              "a wooden box that gives a colony of bees room for brood and honey");
	ck_assert_str(json_get_str(term(m.spec, "VCP"), "definition", STR("")),
	              "Varroa Control Program");
	ck_assert_str(json_get_str(term(m.spec, "IBS"), "definition", STR("")),
	              "International Bee Society");
	unmake(&m);
}
END_TEST

START_TEST(orders_only_what_is_a_sequence)
{
	struct made m = make(str_z(bees));
	ck_assert_ok(m.rc);
	const struct json *q = question_of(m.spec, "order");
	ck_assert_ptr_nonnull(q);
	const struct json *items = json_getz(q, "items");
	ck_assert_int_eq(items->count, 4);
	ck_assert_str(json_at(items, 0)->text, "Drive the bees away with cool smoke");
	ck_assert_str(json_at(items, 3)->text, "Spin the frames in the extractor");
	unmake(&m);
}
END_TEST

START_TEST(never_asks_about_loose_pronouns)
{
	struct made m = make(str_z(bees));
	ck_assert_ok(m.rc);
	json_each(q, json_getz(m.spec, "questions")) {
		struct str source = json_get_str(q, "source", STR(""));
		ck_assert(!str_starts(source, STR("They ")) && !str_starts(source, STR("This ")));
		ck_assert(!str_starts(source, STR("See ")));
	}
	unmake(&m);
}
END_TEST

static bool asks_for(const struct made *m, const char *answer)
{
	json_each(q, json_getz(m->spec, "questions"))
		if (str_eqz(json_get_str(q, "answer", STR("")), answer))
			return true;
	return false;
}

/* The title of a section stands above its questions. */
START_TEST(never_asks_what_the_title_says)
{
	struct arena *a = arena_create(1 << 16);
	struct str text = str_z(bees);
	size_t at = str_find(text, STR("## Harvesting honey"), 0);
	struct str rest = str_sub(text, at + strlen("## Harvesting honey"), text.len);
	struct made m = make_many(text, 30);
	ck_assert(asks_for(&m, "extractor"));
	unmake(&m);
	m = make_many(
	        str_fmt(a, STR_FMT "## The extractors" STR_FMT, (int)at, text.ptr, STR_ARG(rest)),
	        30);
	ck_assert(!asks_for(&m, "extractor"));
	unmake(&m);
	arena_destroy(a);
}
END_TEST

START_TEST(the_same_text_gives_the_same_bytes)
{
	struct made m = make(str_z(bees)), n = make(str_z(bees));
	ck_assert_ok(m.rc);
	ck_assert(str_eq(buf_str(&m.out), buf_str(&n.out)));
	unmake(&m);
	unmake(&n);
}
END_TEST

static void refuse(struct str text, enum code code, const char *words)
{
	struct made m = make(text);
	ck_assert_msg(m.rc != RC_OK && m.err.code == code, "%s: %s", code_text(m.err.code),
	              m.err.text);
	ck_assert_msg(strstr(m.err.text, words) != NULL, "%s", m.err.text);
	ck_assert_uint_eq(m.out.len, 0);
	unmake(&m);
}

START_TEST(says_where_it_is_no_text)
{
	refuse(STR("good until here\xff\xfe"), CODE_BRIEF_NOT_TEXT, "byte 15");
	refuse(STR("ELF\0binary"), CODE_BRIEF_NOT_TEXT, "byte 3 is NUL");
	refuse(STR("\xc3"), CODE_BRIEF_NOT_TEXT, "byte 0");
}
END_TEST

START_TEST(says_how_many_words_there_are)
{
	refuse(STR(""), CODE_BRIEF_TOO_SHORT, "0 words");
	refuse(STR("Only four words here."), CODE_BRIEF_TOO_SHORT, "4 words");
	struct arena *a = arena_create(1 << 16);
	refuse(repeated(a, "word and word. ", 16 * 17000), CODE_BRIEF_TOO_LONG, "54402 words");
	arena_destroy(a);
}
END_TEST

START_TEST(has_nothing_to_ask_about_lists)
{
	struct arena *a = arena_create(1 << 16);
	refuse(repeated(a, "- apples\n- pears from abroad\n- plums\n", 9000), CODE_NOTHING_TO_ASK,
	       "");
	refuse(repeated(a, "Der Hund und die Katze gehen heute nicht in den Garten. ", 9000),
	       CODE_NOTHING_TO_ASK, "sound questions");
	refuse(repeated(a, "Statki s\u0105 tam i to jest dobre dla miasta, kt\u00f3re je zna. ",
	                9000),
	       CODE_NOTHING_TO_ASK,
	       "Polish; lessons are made from texts in English and in Catalan");
	refuse(repeated(a, "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd7\xa2\xd7\x95\xd7\x9c. ", 9000),
	       CODE_NOTHING_TO_ASK, "Hebrew");
	refuse(repeated(a, "\tif (x[i] > y) { z += f(x[i], i); }\n", 9000), CODE_BRIEF_TOO_SHORT,
	       "");
	refuse(repeated(a, "| apple | 3 kg |\n|---|---|\n| pear | 4 kg |\n\n", 9000),
	       CODE_BRIEF_TOO_SHORT, "");
	refuse(repeated(a, "This is why they did that to it with them in there. ", 9000),
	       CODE_NOTHING_TO_ASK, "sentences");
	refuse(repeated(a, "\xf0\x9f\x90\x9d \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d ", 9000),
	       CODE_NOTHING_TO_ASK, "");
	arena_destroy(a);
}
END_TEST

/* Whatever comes out must be a spec or an error, never a crash; and no markup. */
static void survive(struct str text)
{
	struct made m = make(text);
	if (m.rc == RC_OK)
		for (size_t i = 0; i < m.out.len; i++)
			ck_assert((unsigned char)m.out.ptr[i] >= 0x20 || m.out.ptr[i] == '\n');
	unmake(&m);
}

START_TEST(survives_hostile_text)
{
	static const char *const units[] = { ">",
		                             "> ",
		                             "- ",
		                             "[",
		                             "![",
		                             "*",
		                             "_a_**",
		                             "<div>",
		                             "`",
		                             "|a|b\n|-|-\n",
		                             "\t",
		                             "# ",
		                             "1. ",
		                             "{{<",
		                             "{{< x >}}",
		                             "---\n",
		                             "&#0;",
		                             "a.b.c.",
		                             "((((",
		                             "\"",
		                             "\xe2\x80\x9c",
		                             "U.S. ",
		                             "\xe2\x80\xae",
		                             "abc ",
		                             "A\xcc\x81",
		                             "9,9.",
		                             "$ $1 ",
		                             "\\",
		                             "]: x\n",
		                             "<!--",
		                             "<p>",
		                             "'s",
		                             "x-" };
	struct arena *a = arena_create(1 << 20);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		survive(repeated(a, units[i], 60000));
		survive(str_fmt(a, "%s\n\n" STR_FMT, bees, STR_ARG(repeated(a, units[i], 3000))));
		survive(str_fmt(a, STR_FMT "\n\n%s", STR_ARG(repeated(a, units[i], 3000)), bees));
	}
	arena_destroy(a);
}
END_TEST

START_TEST(survives_every_cut)
{
	for (size_t n = 0; n < sizeof(bees); n += 41)
		survive((struct str){ bees, n });
}
END_TEST

START_TEST(keeps_markup_out)
{
	struct arena *a = arena_create(1 << 16);
	struct str text =
	        str_fmt(a,
	                "%s\n\n<script>alert(1)</script>\n\n<p onclick=x>A smoker is a small "
	                "<b>device</b> that calms the bees with cool smoke.</p>\n",
	                bees);
	struct made m = make(text);
	ck_assert_ok(m.rc);
	ck_assert(str_find(buf_str(&m.out), STR("alert"), 0) == SIZE_MAX);
	ck_assert(str_find(buf_str(&m.out), STR("onclick"), 0) == SIZE_MAX);
	ck_assert_str(json_get_str(term(m.spec, "smoker"), "definition", STR("")),
	              "a small device that calms the bees with cool smoke");
	unmake(&m);
	arena_destroy(a);
}
END_TEST

START_TEST(honours_the_number_asked_for)
{
	struct arena *a = arena_create(1 << 16);
	struct buf out = BUF_INIT(8 << 20);
	struct err err = { 0 };
	const struct json *spec;
	struct lesson_brief brief = { .name = STR("x"), .text = str_z(bees), .questions = 10 };
	ck_assert_ok(lesson_plan(a, &brief, &out, &err));
	ck_assert_ok(json_read(a, buf_str(&out), NULL, &spec, &err));
	ck_assert_int_le(json_getz(spec, "questions")->count, 10);
	ck_assert_int_ge(json_getz(spec, "questions")->count, 8);
	buf_fini(&out);
	arena_destroy(a);
}
END_TEST

static struct made make_with(struct arena *a, const char *more)
{
	return make_many(str_fmt(a, "%s\n## More\n\n%s\n", bees, more), 20);
}

static const struct json *asked_from(const struct json *spec, const char *type, const char *source)
{
	json_each(q, json_getz(spec, "questions")) {
		if (str_find(json_get_str(q, "source", STR("")), str_z(source), 0) != SIZE_MAX &&
		    str_eqz(json_get_str(q, "type", STR("")), type))
			return q;
	}
	return NULL;
}

START_TEST(asks_why)
{
	struct arena *a = arena_create(1 << 16);
	struct made m =
	        make_with(a, "Modern smokers are useful because gentle fumes hide the alarm "
	                     "scent of the guards.");
	ck_assert_ok(m.rc);
	const struct json *q = asked_from(m.spec, "choice", "Modern smokers");
	ck_assert_ptr_nonnull(q);
	ck_assert_str(json_get_str(q, "prompt", STR("")),
	              "According to the text, why are modern smokers useful?");
	ck_assert_str(json_get_str(q, "answer", STR("")),
	              "gentle fumes hide the alarm scent of the guards");
	ck_assert_int_ge(json_getz(q, "distractors")->count, 2);
	unmake(&m);
	arena_destroy(a);
}
END_TEST

START_TEST(asks_how_many)
{
	struct arena *a = arena_create(1 << 16);
	/* Counted twice, jars are not matched with their number. */
	struct made m = make_with(a, "A dry cellar in town always keeps 90 jars of wax.");
	ck_assert_ok(m.rc);
	const struct json *q = asked_from(m.spec, "choice", "5,200 jars");
	ck_assert_ptr_nonnull(q);
	ck_assert_str(json_get_str(q, "prompt", STR("")),
	              "According to the text, how many jars of honey did beekeepers in the valley "
	              "harvest in 2019?");
	unmake(&m);
	arena_destroy(a);
}
END_TEST

START_TEST(speaks_of_the_authors)
{
	struct arena *a = arena_create(1 << 16);
	struct made m = make_with(a, "We painted our entrances with bright colours because young "
	                             "foragers remember colourful landmarks.");
	ck_assert_ok(m.rc);
	const struct json *q = asked_from(m.spec, "choice", "We painted our");
	ck_assert_ptr_nonnull(q);
	ck_assert_str(
	        json_get_str(q, "prompt", STR("")),
	        "According to the text, why did the authors paint their entrances with bright "
	        "colours?");
	unmake(&m);
	arena_destroy(a);
}
END_TEST

START_TEST(leaves_the_us_alone)
{
	struct arena *a = arena_create(1 << 16);
	struct made m =
	        make_with(a, "The US Honey Board doesn't inspect hives in winter, and the US "
	                     "Honey Board is an agency that inspects 75 hives a day.");
	ck_assert_ok(m.rc);
	ck_assert(str_find(buf_str(&m.out), STR("the authors Honey"), 0) == SIZE_MAX);
	unmake(&m);
	arena_destroy(a);
}
END_TEST

/* Every other statement is the true one, so of two denials one at least is turned round. */
START_TEST(turns_a_denial_round)
{
	struct arena *a = arena_create(1 << 16);
	struct made m = make_with(
	        a, "Experienced gardeners don't need a licence to sell candles at markets. Old "
	           "windmills aren't members of the harbour council of the northern islands.");
	ck_assert_ok(m.rc);
	const struct json *q = asked_from(m.spec, "true_false", "Experienced gardeners");
	const struct json *r = asked_from(m.spec, "true_false", "Old windmills");
	ck_assert_ptr_nonnull(q);
	ck_assert_str(json_get_str(q, "answer", STR("")), "don't need");
	bool is_false = str_eqz(json_get_str(q, "prompt", STR("")),
	                        "Experienced gardeners need a licence to sell candles at markets.");
	bool is_other_false = r && str_eqz(json_get_str(r, "prompt", STR("")),
	                                   "Old windmills are members of the harbour council of "
	                                   "the northern islands.");
	ck_assert(is_false || is_other_false);
	ck_assert_int_eq(is_false, !json_get_bool(q, "is_true", true));
	unmake(&m);
	arena_destroy(a);
}
END_TEST

START_TEST(asks_what_follows)
{
	struct arena *a = arena_create(1 << 16);
	struct made m = make_with(a, "When a comb melts, keepers move the frames and shade the "
	                             "entrance until evening.");
	ck_assert_ok(m.rc);
	const struct json *q = asked_from(m.spec, "choice", "When a comb melts");
	ck_assert_ptr_nonnull(q);
	ck_assert(str_find(json_get_str(q, "prompt", STR("")),
	                   STR("\xe2\x80\x9cWhen a comb melts, \xe2\x80\xa6\xe2\x80\x9d"),
	                   0) != SIZE_MAX);
	ck_assert_str(json_get_str(q, "answer", STR("")),
	              "keepers move the frames and shade the entrance until evening");
	unmake(&m);
	arena_destroy(a);
}
END_TEST

START_TEST(asks_for_an_example)
{
	struct arena *a = arena_create(1 << 16);
	struct made m = make_with(a, "Apprentices of the valley practise quiet skills, such as "
	                             "walking slowly between the rows.\n\n"
	                             "Some people earn their bread from painting small fences.\n\n"
	                             "Others take a joy in life from cooking big dinners.\n\n"
	                             "A few win praise at the fair for carving wooden spoons.");
	ck_assert_ok(m.rc);
	const struct json *q = asked_from(m.spec, "choice", "Apprentices of");
	ck_assert_ptr_nonnull(q);
	ck_assert_str(json_get_str(q, "prompt", STR("")),
	              "Which of these does the text name as an example of \xe2\x80\x9cquiet "
	              "skills\xe2\x80\x9d?");
	ck_assert_str(json_get_str(q, "answer", STR("")), "walking slowly between the rows");
	ck_assert_int_eq(json_getz(q, "distractors")->count, 3);
	unmake(&m);
	/* Among two alternatives the key is soon found. */
	m = make_with(a, "Apprentices of the valley practise quiet skills, such as walking slowly "
	                 "between the rows.\n\n"
	                 "Some people earn their bread from painting small fences.\n\n"
	                 "Others take a joy in life from cooking big dinners.");
	ck_assert_ok(m.rc);
	ck_assert_ptr_null(asked_from(m.spec, "choice", "Apprentices of"));
	unmake(&m);
	arena_destroy(a);
}
END_TEST

START_TEST(turns_a_superlative_round)
{
	struct arena *a = arena_create(1 << 16);
	struct made m = make_with(
	        a, "For novices the removal of old wax may be the most tedious part of spring.");
	ck_assert_ok(m.rc);
	const struct json *q = asked_from(m.spec, "true_false", "For novices");
	ck_assert_ptr_nonnull(q);
	ck_assert_str(json_get_str(q, "answer", STR("")), "most");
	unmake(&m);
	arena_destroy(a);
}
END_TEST

START_TEST(finds_appositions)
{
	struct arena *a = arena_create(1 << 16);
	struct made m = make_with(
	        a,
	        "Some keepers rely on a queen excluder, a device that keeps the mother of a hive "
	        "in the lower box, in every summer.");
	ck_assert_ok(m.rc);
	ck_assert_str(json_get_str(term(m.spec, "queen excluder"), "definition", STR("")),
	              "a device that keeps the mother of a hive in the lower box");
	unmake(&m);
	arena_destroy(a);
}
END_TEST

/* Each begins with a verb of Bloom's; none only sends the learner to a heading. */
START_TEST(objectives_can_be_observed)
{
	static const char *const verbs[] = { "Define ",   "Explain ",   "Distinguish ", "List ",
		                             "Describe ", "Summarize ", "Answer ",      "Spell " };
	struct made m = make(str_z(bees));
	ck_assert_ok(m.rc);
	json_each(o, json_getz(m.spec, "objectives")) {
		size_t n = 0;
		for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
			n += str_starts(o->text, str_z(verbs[i]));
		ck_assert_msg(n == 1, STR_FMT, STR_ARG(o->text));
	}
	unmake(&m);
}
END_TEST

START_TEST(reads_a_manual_page)
{
	struct arena *a = arena_create(1 << 16);
	struct str text = str_fmt(a, "%s", bees), rest = text;
	struct buf b = BUF_INIT(1 << 16);
	buf_addz(&b, "HIVE\n");
	while (rest.len > 0) {
		struct str line = str_cut(rest, '\n', &rest);
		buf_addf(&b, "       " STR_FMT "\n", STR_ARG(line));
	}
	buf_addz(&b, "\n       SMOKE_LEVEL\n              Ordinal number of the smoke.\n");
	struct made m = make(buf_str(&b));
	ck_assert_ok(m.rc);
	ck_assert(str_find(buf_str(&m.out), STR("SMOKE_LEVEL Ordinal"), 0) == SIZE_MAX);
	unmake(&m);
	buf_fini(&b);
	arena_destroy(a);
}
END_TEST

/* 1 for the first of a list, one a line. */
/* Options and commands of a manual page, below enough prose to be a text. */
static const char manual_tail[] =
        "\nOPTIONS\n"
        "       -q, --quiet\n"
        "              Print nothing but the errors that were met.\n"
        "       --watch\n"
        "              Read on when more is written to the end of the file.\n"
        "       --colour=WHEN\n"
        "              Choose when matching words appear in bright red.\n"
        "       --bright-colour\n"
        "              Write the bright sort of colour to all files of the list.\n"
        "       --depth=N\n"
        "              Descend at most that many folders below the first.\n"
        "\nEXAMPLES\n"
        "       To learn how many bees are in every hive, issue the following command:\n\n"
        "           $ hive count --all\n\n"
        "       To remove what the cold months left behind, issue the following command:\n\n"
        "           $ hive clean --winter\n\n"
        "       To see where the flowers of spring grow, issue the following command:\n\n"
        "           $ hive map --meadow\n\n"
        "       To move all bees into <another> hive, issue the following command:\n\n"
        "           $ hive move other\n";

static void make_manual(struct made *m, struct buf *b)
{
	struct str rest = str_z(bees);
	buf_addz(b, "HIVE\n");
	while (rest.len > 0) {
		struct str line = str_cut(rest, '\n', &rest);
		buf_addf(b, "       " STR_FMT "\n", STR_ARG(line));
	}
	buf_addz(b, manual_tail);
	*m = make_many(buf_str(b), 30);
	ck_assert_ok(m->rc);
}

START_TEST(an_option_is_a_term)
{
	struct buf b = BUF_INIT(1 << 16);
	struct made m;
	make_manual(&m, &b);
	ck_assert(str_find(buf_str(&m.out), STR("\"term\": \"-q, --quiet\""), 0) != SIZE_MAX);
	ck_assert(str_find(buf_str(&m.out),
	                   STR("\"definition\": \"Print nothing but the errors that were met\""),
	                   0) != SIZE_MAX);
	unmake(&m);
	buf_fini(&b);
}
END_TEST

START_TEST(asks_which_option_and_which_command)
{
	struct buf b = BUF_INIT(1 << 16);
	struct made m;
	size_t options = 0, commands = 0;
	make_manual(&m, &b);
	json_each(q, json_getz(m.spec, "questions")) {
		struct str prompt = json_get_str(q, "prompt", STR(""));
		/* The words of the option's name stand in what is said of it. */
		ck_assert(!str_eqz(json_get_str(q, "answer", STR("")), "--bright-colour"));
		options += str_find(prompt, STR("describe as follows"), 0) != SIZE_MAX ||
		           str_starts(prompt, STR("Match each with what"));
		if (!str_starts(prompt, STR("Which command does the text give here?")))
			continue;
		commands++;
		ck_assert(str_starts(json_get_str(q, "answer", STR("")), STR("hive ")));
		/* Its sentence says "move" itself. */
		ck_assert(!str_eqz(json_get_str(q, "answer", STR("")), "hive move other"));
		ck_assert_int_ge((int)json_getz(q, "distractors")->count, 2);
	}
	ck_assert_int_gt((int)options, 0);
	ck_assert_int_gt((int)commands, 0);
	unmake(&m);
	buf_fini(&b);
}
END_TEST

UNIT_MAIN("makers/lesson/plan", reads_the_front_matter, finds_definitions_and_abbreviations,
          orders_only_what_is_a_sequence, never_asks_about_loose_pronouns,
          never_asks_what_the_title_says, the_same_text_gives_the_same_bytes,
          says_where_it_is_no_text, says_how_many_words_there_are, has_nothing_to_ask_about_lists,
          survives_hostile_text, survives_every_cut, keeps_markup_out, honours_the_number_asked_for,
          asks_why, asks_how_many, speaks_of_the_authors, leaves_the_us_alone, turns_a_denial_round,
          asks_what_follows, asks_for_an_example, turns_a_superlative_round, finds_appositions,
          objectives_can_be_observed, reads_a_manual_page, an_option_is_a_term,
          asks_which_option_and_which_command)
