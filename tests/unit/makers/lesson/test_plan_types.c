/* Questions that rest on several sentences: orders told in sentences, headings and
 * sessions; numbers with what they count; beginnings with their endings.  Each text says
 * one thing that makes such a question, or nearly does and must not. */
#include "unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "makers/lesson/lesson.h"

/* Enough for a lesson, with no order, no two numbers and no halves of its own. */
static const char harbour[] =
        "# The harbour of Marrow\n\n"
        "A breakwater is a wall of stone that keeps the waves out of a harbour. "
        "A lighthouse is a tower with a lamp that shows ships the way at night. "
        "Pilots are local sailors who bring large ships through the narrow channel. "
        "The harbour master always decides which ship may enter the inner basin. "
        "Fishing boats usually leave the old quay before sunrise. "
        "The Coastal Rescue Service (CRS) keeps a fast boat beside the fuel station. "
        "Strong tides carry sand into the entrance of the harbour. "
        "A dredger is a ship that digs sand and mud out of the channel. "
        "The largest crane of the port lifts containers onto trucks. "
        "Heavy fog is a common danger for the ferries in autumn. "
        "Every buoy in the channel carries a bright lamp and a bell. "
        "The customs office inspects all the goods from foreign countries. "
        "Wooden piles rot quickly in warm water with many shipworms. "
        "A shipworm is a long clam that bores into wooden hulls and piles. "
        "Copper sheets protect the hull of an old schooner against shipworms. "
        "The deep basin is open to ships with a long keel. "
        "A winch is a drum that hauls a heavy rope by turning slowly. "
        "Gulls rarely nest on the roofs of the old warehouses. "
        "The market hall sells fresh herring on the quay each morning. "
        "An anchor is a heavy hook that holds a ship in its place. "
        "Thick ropes of hemp were replaced with nylon in most ports. "
        "The tidal range in the bay is large in spring. "
        "The harbour school teaches young sailors knots, signals and weather. "
        "Storm warnings are hoisted on the mast of the signal station. "
        "A barge is a flat boat that carries coal and grain along the canals. "
        "The dry dock is a basin that is pumped empty for repairs. "
        "Painters cover the hull with a toxic coating against weeds. "
        "The canal connects the harbour with the inland mills. ";

/* As many words, but no sentence that could be asked about. */
#define TALK "The sea was calm. It was late. We slept well. "
#define TALK_9 TALK TALK TALK TALK TALK TALK TALK TALK TALK
static const char small_talk[] = "# The harbour\n\n" TALK_9 TALK_9 TALK_9 TALK_9;

struct made {
	struct arena *arena;
	struct buf out;
	const struct json *spec;
};

static struct made make_of(const char *base, const char *more)
{
	struct err err = { 0 };
	struct made m = { .arena = arena_create(1 << 16), .out = BUF_INIT(8 << 20) };
	struct str text = str_fmt(m.arena, "%s\n\n%s", base, more);
	struct lesson_brief brief = { .name = STR("text.md"), .text = text };
	enum rc rc = lesson_plan(m.arena, &brief, &m.out, &err);
	ck_assert_msg(rc == RC_OK, "%s", err.text);
	ck_assert_ok(json_read(m.arena, buf_str(&m.out), NULL, &m.spec, &err));
	return m;
}

static struct made make(const char *more)
{
	return make_of(harbour, more);
}

static void unmake(struct made *m)
{
	buf_fini(&m->out);
	arena_destroy(m->arena);
}

static const struct json *question_of(const struct made *m, const char *type, const char *prompt)
{
	json_each(q, json_getz(m->spec, "questions")) {
		struct str p = json_get_str(q, "prompt", STR(""));
		if (str_eqz(json_get_str(q, "type", STR("")), type) &&
		    str_find(p, str_z(prompt), 0) != SIZE_MAX)
			return q;
	}
	return NULL;
}

static void ck_items(const struct json *q, size_t n, const char *const *want)
{
	ck_assert_ptr_nonnull(q);
	size_t i = 0;
	ck_assert_uint_eq(json_getz(q, "items")->count, n);
	json_each(item, json_getz(q, "items"))
		ck_assert_msg(str_eqz(item->text, want[i++]), "" STR_FMT, STR_ARG(item->text));
}

START_TEST(orders_events_by_their_dates)
{
	struct made m = make("## History\n\n"
	                     "The first quay was built in 1742. "
	                     "In October 1860, the town council opened a new lighthouse. "
	                     "The great storm destroyed the breakwater in March 1703. "
	                     "In 2031, the port will receive a railway.\n");
	static const char *const want[] = { "The great storm destroyed the breakwater",
		                            "The first quay was built",
		                            "the town council opened a new lighthouse" };
	/* Its source holds them in their order in time, not in that of the text. */
	ck_items(question_of(&m, "order", "earliest first"), ARRAY_LEN(want), want);
	unmake(&m);
}
END_TEST

START_TEST(two_events_of_one_year_have_no_order)
{
	struct made m = make("## History\n\n"
	                     "The first quay was built in 1742. "
	                     "In October 1860, the town council opened a new lighthouse. "
	                     "The old customs office was closed in 1860.\n");
	ck_assert_ptr_null(question_of(&m, "order", "earliest first"));
	unmake(&m);
}
END_TEST

START_TEST(orders_what_is_told_step_by_step)
{
	struct made m = make("## Docking\n\n"
	                     "First, call the harbour master from the outer buoy. "
	                     "Then lower the sails in the lee of the breakwater. "
	                     "Finally, throw the bow rope to the man on the quay.\n");
	static const char *const want[] = { "call the harbour master from the outer buoy",
		                            "lower the sails in the lee of the breakwater",
		                            "throw the bow rope to the man on the quay" };
	ck_items(question_of(&m, "order", "Docking"), ARRAY_LEN(want), want);
	unmake(&m);
}
END_TEST

START_TEST(orders_a_series_that_says_so)
{
	struct made m = make("The watchman visits the quay, the dock, and the mill, "
	                     "in that order.\n\n"
	                     "The signal station uses the flags Alpha, Bravo, and Charlie, "
	                     "in that order.\n");
	static const char *const want[] = { "Alpha", "Bravo", "Charlie" };
	ck_items(question_of(&m, "order", "signal station"), ARRAY_LEN(want), want);
	unmake(&m);
}
END_TEST

START_TEST(orders_the_stages_below_a_heading)
{
	struct made m = make("## The new pier\n\n"
	                     "### Planning the piles\n\nEngineers drew a map of the sea floor.\n\n"
	                     "### Building the piles\n\nDivers set piles of oak in the mud.\n\n"
	                     "### Testing\n\nA loaded truck drove to the end of the pier.\n\n"
	                     "### Lessons learned\n\nOak is a good wood for piles.\n");
	static const char *const want[] = { "Planning the piles", "Building the piles", "Testing" };
	ck_items(question_of(&m, "order", "The new pier"), ARRAY_LEN(want), want);
	unmake(&m);
	m = make("## The new pier\n\n### The view\n\nThe view is wide.\n\n### Fishing\n\nAnglers "
	         "like it.\n\n### Prices\n\nA ticket is cheap.\n");
	ck_assert_ptr_null(question_of(&m, "order", "The new pier"));
	unmake(&m);
}
END_TEST

START_TEST(orders_the_commands_of_a_session)
{
	struct made m = make("## The tide program\n\n"
	                     "To predict the tides of one port, start with these commands:\n\n"
	                     "```\n$ tide init marrow\n$ tide load  # asks for a file\n"
	                     "loaded\n$ tide print --week\n```\n");
	static const char *const want[] = { "tide init marrow", "tide load", "tide print --week" };
	ck_items(question_of(&m, "order", "To predict the tides"), ARRAY_LEN(want), want);
	unmake(&m);
}
END_TEST

START_TEST(matches_numbers_with_what_they_count)
{
	struct made m = make_of(small_talk,
	                        "## Numbers\n\n"
	                        "The oldest company of the port owns 14 tugboats. "
	                        "The old warehouse beside the mill holds 300 bottles. "
	                        "The narrow lighthouse on the rock has 96 steps. "
	                        "The deep basin is always open to the largest ships. "
	                        "Heavy fog is a common danger for the ferries in autumn. "
	                        "Fishing boats usually leave the old quay before sunrise. "
	                        "In spring we always open the old sluice before sunrise. "
	                        "Our pilots use the large boat for the outer channel. "
	                        "In summer we paint the internal doors of the market hall. "
	                        "On holidays we close the heavy gate after the last ferry. "
	                        "Our divers often clean the strong nets of the dredger. "
	                        "In winter we store the expensive sails in the upper loft. "
	                        "Near the bridge we rarely meet the fast boats of the police. "
	                        "For guests we keep the maximum distance to the dry dock. "
	                        "The signal station on the hill has 28 lamps. "
	                        "The old ferry of the island carries 70 sailors. "
	                        "The harbour school of the island teaches 44 pupils. "
	                        "The company rents 5 cranes and the state lends it 9 cranes.\n");
	const struct json *q = question_of(&m, "match", "number");
	ck_assert_ptr_nonnull(q);
	ck_assert_uint_eq(json_getz(q, "pairs")->count, 4); /* of cranes there are two numbers */
	json_each(p, json_getz(q, "pairs")) {
		struct str left = json_get_str(p, "left", STR(""));
		struct str right = json_get_str(p, "right", STR(""));
		ck_assert(str_eqz(right, str_eqz(left, "14")    ? "tugboats"
		                         : str_eqz(left, "300") ? "bottles"
		                         : str_eqz(left, "96")  ? "steps"
		                         : str_eqz(left, "28")  ? "lamps"
		                                                : "sailors"));
	}
	unmake(&m);
}
END_TEST

/* --- Steps --- */

START_TEST(orders_the_verbs_of_a_sentence_that_build_on_each_other)
{
	struct made m =
	        make("## Caulking\n\n"
	             "An old method allows the crew to heat the tar, pour it into the seams, "
	             "scrape off its crust, and sand the planks.\n\n"
	             "A good crew can paint the doors, clean the lamps, scrub the decks, and "
	             "mend the nets.\n");
	static const char *const want[] = { "heat the tar", "pour it into the seams",
		                            "scrape off its crust", "sand the planks" };
	ck_items(question_of(&m, "order", "An old method"), ARRAY_LEN(want), want);
	ck_assert_ptr_null(question_of(&m, "order", "A good crew")); /* in any order */
	unmake(&m);
}
END_TEST

START_TEST(orders_the_verbs_that_then_joins)
{
	struct made m =
	        make("The signal clerk reads the barometer, then writes the pressure on the "
	             "board, and finally hoists the flag.\n");
	static const char *const want[] = { "reads the barometer",
		                            "writes the pressure on the board", "hoists the flag" };
	ck_items(question_of(&m, "order", "The signal clerk"), ARRAY_LEN(want), want);
	unmake(&m);
}
END_TEST

START_TEST(orders_the_phases_that_a_sentence_names)
{
	struct made m =
	        make("The council repairs the pier in three phases: excavation, demolition, and "
	             "masonry.\n");
	static const char *const want[] = { "excavation", "demolition", "masonry" };
	ck_items(question_of(&m, "order", "in three phases"), ARRAY_LEN(want), want);
	unmake(&m);
}
END_TEST

START_TEST(orders_the_questions_that_lead_through_a_matter)
{
	struct made m = make("## Before casting off\n\n"
	                     "First, is the tide high enough for the keel? Look at the gauge.\n\n"
	                     "Next, does the wind come from the land? A flag shows it.\n\n"
	                     "Finally, has the harbour master cleared the channel?\n");
	static const char *const want[] = { "is the tide high enough for the keel",
		                            "does the wind come from the land",
		                            "has the harbour master cleared the channel" };
	ck_items(question_of(&m, "order", "Before casting off"), ARRAY_LEN(want), want);
	unmake(&m);
}
END_TEST

/* What cannot be shown, or need not happen, is left out; two blanks nest an item. */
START_TEST(a_list_of_steps_may_have_gaps)
{
	struct made m = make("## Arrival\n\nHere is how it works:\n\n"
	                     "1.  The ship calls the pilot station\n"
	                     "1.  The pilot comes aboard\n"
	                     "1.  The pilot checks that:\n"
	                     "  1.  The papers are complete\n"
	                     "  2.  The anchors are clear\n"
	                     "1.  A tug takes the bow line\n"
	                     "1.  There may be a delay at the lock\n"
	                     "1.  The agent signs the bill\n");
	static const char *const want[] = { "The ship calls the pilot station",
		                            "The pilot comes aboard", "A tug takes the bow line",
		                            "The agent signs the bill" };
	ck_items(question_of(&m, "order", "Arrival"), ARRAY_LEN(want), want);
	unmake(&m);
	m = make("## Arrival\n\nHere is how it works:\n\n"
	         "1.  The ship calls the pilot station\n"
	         "1.  The pilot checks that:\n"
	         "1.  There may be a delay at the lock\n"
	         "1.  A tug takes the bow line\n"
	         "1.  The agent signs the bill\n");
	ck_assert_ptr_null(question_of(&m, "order", "Arrival")); /* too much is missing */
	unmake(&m);
}
END_TEST

START_TEST(stages_of_any_work_are_not_asked_for)
{
	struct made m = make("## The new pier\n\n"
	                     "### Getting started\n\nEngineers drew a map of the sea floor.\n\n"
	                     "### Planning the work\n\nDivers looked for rocks in the mud.\n\n"
	                     "### Testing\n\nA loaded truck drove to the end of the pier.\n");
	ck_assert_ptr_null(question_of(&m, "order", "The new pier"));
	unmake(&m);
}
END_TEST

START_TEST(commands_that_only_ask_have_no_order)
{
	struct made m =
	        make("## The tide program\n\n"
	             "To learn the limits of one port, start with these commands:\n\n"
	             "```\n$ tide --show=high\n$ tide --show=low\n$ tide --show=mean\n```\n");
	ck_assert_ptr_null(question_of(&m, "order", "To learn the limits"));
	unmake(&m);
}
END_TEST

START_TEST(orders_what_is_listed_by_rank)
{
	struct made m = make("The signal lamp shows one of (in order of decreasing danger) storm, "
	                     "fog, current, shallows, or rain.\n");
	static const char *const want[] = { "storm", "fog", "current", "shallows", "rain" };
	ck_items(question_of(&m, "order", "in order of decreasing danger"), ARRAY_LEN(want), want);
	unmake(&m);
	m = make("The signal lamp shows storm, fog, current, shallows, or rain.\n");
	ck_assert_ptr_null(question_of(&m, "order", "storm"));
	unmake(&m);
}
END_TEST

/* --- Pairs --- */

static void ck_pair(const struct json *q, const char *left, const char *right)
{
	ck_assert_ptr_nonnull(q);
	json_each(p, json_getz(q, "pairs"))
		if (str_eqz(json_get_str(p, "left", STR("")), left)) {
			struct str got = json_get_str(p, "right", STR(""));
			ck_assert_msg(str_eqz(got, right), "%s: " STR_FMT, left, STR_ARG(got));
			return;
		}
	ck_abort_msg("no pair for %s", left);
}

static const char interview[] = "## Questions\n\n"
                                "**Q:** Who opens the sluice at night?\n\n"
                                "**A:** The younger watchman carries the only key.\n\n"
                                "**Q:** Why do the ferries stop in autumn?\n\n"
                                "**A:** Heavy fog hides every buoy.\n\n"
                                "**Q:** How is the fish market paid for?\n\n"
                                "**A:** Each stall owner gives two coins a week.\n\n"
                                "**Q:** Does the old lighthouse still burn oil?\n\n"
                                "**A:** No, not any more. Electric lamps came long ago.\n\n"
                                "**Q:** Can visitors climb the crane?\n\n"
                                "**A:** Yes, although it depends on the wind.\n\n"
                                "**Q:** Is this allowed?\n\n"
                                "**A:** No.\n";

START_TEST(matches_questions_with_their_answers)
{
	struct made m = make(interview);
	const struct json *q = question_of(&m, "match", "question");
	ck_pair(q, "Who opens the sluice at night?", "The younger watchman carries the only key.");
	ck_pair(q, "Why do the ferries stop in autumn?", "Heavy fog hides every buoy.");
	ck_assert_uint_eq(json_getz(q, "pairs")->count, 3);
	unmake(&m);
}
END_TEST

/* Only where the answer is plain, and the question can be read alone. */
START_TEST(asks_whether_the_answer_was_yes_or_no)
{
	struct made m = make(interview);
	const struct json *q = question_of(&m, "true_false", "still burn oil");
	ck_assert_ptr_nonnull(q);
	bool says_no = str_find(json_get_str(q, "prompt", STR("")),
	                        STR("\xe2\x80\x9cno\xe2\x80\x9d"), 0) != SIZE_MAX;
	ck_assert_int_eq(json_get_bool(q, "is_true", false), says_no);
	ck_assert_ptr_null(question_of(&m, "true_false", "climb the crane"));
	ck_assert_ptr_null(question_of(&m, "true_false", "Is this allowed"));
	unmake(&m);
}
END_TEST

START_TEST(a_number_may_be_typed_into_its_gap)
{
	struct made m =
	        make_of(small_talk, "## Rules\n\n"
	                            "Ships are loaded in seven different ways at the long quay. "
	                            "Barges are moored in nine different places along the canal. "
	                            "Fishing boats usually leave the old quay before sunrise. "
	                            "The deep basin is always open to the largest ships. "
	                            "Heavy fog is a common danger for the ferries in autumn. "
	                            "In spring we always open the old sluice before sunrise. "
	                            "Our pilots use the large boat for the outer channel. "
	                            "In summer we paint the internal doors of the market hall. "
	                            "On holidays we close the heavy gate after the last ferry.\n");
	const struct json *q = question_of(&m, "number", "a number from the text");
	ck_assert_ptr_nonnull(q);
	struct str answer = json_get_str(q, "answer", STR(""));
	ck_assert_str(json_get_str(q, "unit", STR("")), str_eqz(answer, "7") ? "ways" : "places");
	ck_assert(str_eqz(answer, "7") || str_eqz(answer, "9"));
	unmake(&m);
}
END_TEST

/* --- What is left out --- */

/* Whether any question of the lesson says this, wherever in it. */
static bool says(const struct made *m, const char *part)
{
	return str_find(buf_str(&m->out), str_z(part), 0) != SIZE_MAX;
}

static bool asks(const struct made *m, const char *part)
{
	json_each(q, json_getz(m->spec, "questions")) {
		if (str_find(json_get_str(q, "prompt", STR("")), str_z(part), 0) != SIZE_MAX)
			return true;
		const struct json *wrong = json_getz(q, "distractors");
		for (const struct json *d = wrong ? wrong->first : NULL; d; d = d->next)
			if (str_find(d->text, str_z(part), 0) != SIZE_MAX)
				return true;
	}
	return false;
}

START_TEST(a_name_may_hold_an_exclamation_mark)
{
	struct made m =
	        make_of(small_talk,
	                "## Games\n\n"
	                "Knotfever! Game of the Marrow School is the largest collection of knots "
	                "for young sailors.\n\n"
	                "Fishing boats usually leave the old quay before sunrise. "
	                "The deep basin is always open to the largest ships. "
	                "Heavy fog is a common danger for the ferries in autumn. "
	                "In spring we always open the old sluice before sunrise. "
	                "On holidays we close the heavy gate after the last ferry.\n");
	ck_assert(!says(&m, "\"Game of the Marrow School is")); /* no sentence begins there */
	unmake(&m);
}
END_TEST

START_TEST(what_follows_a_condition_is_a_clause)
{
	struct made m =
	        make_of(small_talk,
	                "## Signals\n\n"
	                "If the wind reaches force nine, the harbour master closes the gates.\n\n"
	                "If a stranger asks for water, otherwise the usual answer of pilots.\n\n"
	                "When two ships meet there, also make sure that both slow down.\n\n"
	                "If a barge sinks at night, so that the lock keeper sends word.\n\n"
	                "Fishing boats usually leave the old quay before sunrise.\n\n"
	                "The deep basin is always open to the largest ships.\n\n"
	                "Heavy fog is a common danger for the ferries in autumn.\n\n"
	                "Gulls rarely nest on the roofs of the old warehouses.\n\n"
	                "The largest crane of the port lifts containers onto trucks.\n");
	ck_assert(!asks(&m, "otherwise the usual"));
	ck_assert(!asks(&m, "also make sure"));
	ck_assert(!asks(&m, "so that the lock"));
	unmake(&m);
}
END_TEST

/* Whether every question of the spec has a prompt and a difficulty. */
static bool is_whole(const struct made *m)
{
	json_each(q, json_getz(m->spec, "questions"))
		if (json_get_str(q, "prompt", STR("")).len == 0 ||
		    json_get_int(q, "difficulty", 0) < 1)
			return false;
	return true;
}

START_TEST(a_word_in_capitals_is_no_abbreviation)
{
	struct made m = make_of(small_talk,
	                        "## Usage\n\n"
	                        "The tide program writes a new table when the FLAGS are given. "
	                        "Without any of the FLAGS the program prints a plain list. "
	                        "The deep basin is always open to the largest ships. "
	                        "Heavy fog is a common danger for the ferries in autumn. "
	                        "Gulls rarely nest on the roofs of the old warehouses. "
	                        "The largest crane of the port lifts containers onto trucks.\n");
	ck_assert(!asks(&m, "with an abbreviation"));
	ck_assert(is_whole(&m));
	unmake(&m);
}
END_TEST

START_TEST(a_share_is_varied_within_belief)
{
	struct made m =
	        make_of(small_talk, "## Catch\n\n"
	                            "About 62% of the herring in the hall is sold before sunrise. "
	                            "Nearly 52% of the barges in the canal carry coal in winter. "
	                            "Fishing boats usually leave the old quay before sunrise. "
	                            "The deep basin is always open to the largest ships. "
	                            "Heavy fog is a common danger for the ferries in autumn. "
	                            "In spring we always open the old sluice before sunrise. "
	                            "On holidays we close the heavy gate after the last ferry.\n");
	static const char *const beyond[] = {
		"93%", "96%", "99%", "91%", "92%", "94%", "95%", "97%"
	};
	for (size_t i = 0; i < ARRAY_LEN(beyond); i++)
		ck_assert(!asks(&m, beyond[i]));
	ck_assert(says(&m, "62%"));
	unmake(&m);
}
END_TEST

START_TEST(advice_from_a_list_is_not_asked_for)
{
	struct made m = make("## Safety\n\n"
	                     "Sailors of every crew follow the safety notes of the port:\n\n"
	                     "- Wear the cork jackets of the port.\n"
	                     "- Keep the whistle in the left pocket.\n"
	                     "- Ask the pilot about the currents.\n\n"
	                     "## Trade\n\n"
	                     "Merchants of the market hall follow the trade notes of the town:\n\n"
	                     "- Weigh each basket on the iron scale.\n"
	                     "- Show the prices on a wooden board.\n"
	                     "- Leave the stall before the evening bell.\n");
	ck_assert(!asks(&m, "belongs to the list"));
	unmake(&m);
}
END_TEST

START_TEST(a_reason_is_not_turned_round)
{
	struct made m = make_of(
	        small_talk, "## Habits\n\n"
	                    "Old pilots wait at the outer buoy because strangers don't know the "
	                    "channel. "
	                    "Fishing boats usually leave the old quay before sunrise. "
	                    "The deep basin is always open to the largest ships. "
	                    "Heavy fog is a common danger for the ferries in autumn. "
	                    "In spring we always open the old sluice before sunrise. "
	                    "On holidays we close the heavy gate after the last ferry.\n");
	ck_assert(!asks(&m, "because strangers know"));
	unmake(&m);
}
END_TEST

UNIT_MAIN("makers/lesson/plan types", orders_events_by_their_dates,
          two_events_of_one_year_have_no_order, orders_what_is_told_step_by_step,
          orders_a_series_that_says_so, orders_the_stages_below_a_heading,
          orders_the_commands_of_a_session, matches_numbers_with_what_they_count,
          orders_the_verbs_of_a_sentence_that_build_on_each_other, orders_the_verbs_that_then_joins,
          orders_the_phases_that_a_sentence_names, orders_the_questions_that_lead_through_a_matter,
          a_list_of_steps_may_have_gaps, stages_of_any_work_are_not_asked_for,
          commands_that_only_ask_have_no_order, matches_questions_with_their_answers,
          asks_whether_the_answer_was_yes_or_no, a_number_may_be_typed_into_its_gap,
          orders_what_is_listed_by_rank, a_name_may_hold_an_exclamation_mark,
          what_follows_a_condition_is_a_clause, a_word_in_capitals_is_no_abbreviation,
          a_share_is_varied_within_belief, advice_from_a_list_is_not_asked_for,
          a_reason_is_not_turned_round)
