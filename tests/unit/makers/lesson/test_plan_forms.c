/* Forms of sentences that make a question sound, or would make a poor one: both sides of a
 * match alike, gaps that can be known, statements that are not absurd when turned round. */
#include "candidates.h"

static void read_text(struct candidates *c, const char *text)
{
	struct buf b = BUF_INIT(1 << 16);
	buf_addz(&b, "# The harbour of Marrow\n\n" CALM_ALL);
	buf_addz(&b, text);
	candidates_read(c, buf_str(&b));
	buf_fini(&b);
}

/* --- Match --- */

static const struct question *match_with(const struct candidates *c, const char *left)
{
	for (const struct question *q = c->all.first; q; q = q->next)
		for (size_t i = 0; q->type == Q_MATCH && i < q->n_pairs; i++)
			if (str_eqz(q->pairs[i].left, left))
				return q;
	return NULL;
}

static bool has_left(const struct question *q, const char *left)
{
	for (size_t i = 0; i < q->n_pairs; i++)
		if (str_eqz(q->pairs[i].left, left))
			return true;
	return false;
}

START_TEST(orders_and_statements_are_matched_apart)
{
	struct candidates c;
	read_text(&c,
	          "When a storm is near, fishing boats return to the long quay. "
	          "When there are two buoys, just pick one.\n\n"
	          "If heavy fog is near, pilots ring the bell of the pier.\n\n"
	          "When the fish market has closed, sailors fill the empty barrels of herring.\n");
	const struct question *q = match_with(&c, "When a storm is near,");
	ck_assert_ptr_nonnull(q);
	ck_assert_uint_eq(q->n_pairs, 3);
	ck_assert_ptr_null(match_with(&c, "When there are two buoys,"));
	candidates_free(&c);
}
END_TEST

/* Who receives which, nobody can tell. */
START_TEST(no_two_subjects_of_a_match_do_the_same)
{
	struct candidates c;
	read_text(&c, "Coastal pilots receive two barrels of salted herring each winter.\n\n"
	              "Harbour painters receive forty coins from the town council.\n\n"
	              "Fishing boats leave the old quay in the early morning.\n\n"
	              "Copper sheets protect the hull of an old schooner.\n\n");
	for (const struct question *q = c.all.first; q; q = q->next)
		ck_assert(q->type != Q_MATCH ||
		          !(has_left(q, "Coastal pilots") && has_left(q, "Harbour painters")));
	ck_assert_ptr_nonnull(match_with(&c, "Copper sheets"));
	candidates_free(&c);
}
END_TEST

START_TEST(what_it_is_and_what_it_does_are_matched_apart)
{
	struct candidates c;
	read_text(&c, "A breakwater is a wall of stone that keeps the waves out.\n\n"
	              "A lighthouse is a tower with a lamp that shows ships the way.\n\n"
	              "A dredger is a ship that digs sand and mud.\n\n"
	              "The harbour school teaches young sailors knots and signals.\n\n");
	const struct question *q = match_with(&c, "breakwater");
	ck_assert_ptr_nonnull(q);
	for (size_t i = 0; i < q->n_pairs; i++)
		ck_assert(str_starts(q->pairs[i].right, STR("a ")));
	candidates_free(&c);
}
END_TEST

/* "The process centers on …" has a verb, for every sentence has. */
START_TEST(a_sentence_has_a_verb)
{
	struct candidates c;
	read_text(&c, "The signal process centers on lamps and bells.\n\n"
	              "The harbour school teaches young sailors knots and signals.\n\n"
	              "The deep basin is open to ships with a long keel.\n\n");
	ck_assert_ptr_nonnull(match_with(&c, "The signal process"));
	candidates_free(&c);
}
END_TEST

/* --- Gaps --- */

START_TEST(a_gap_can_be_known)
{
	struct candidates c;
	read_text(&c, "Painters of ships speak of a “second skin” when weeds cover the hull. "
	              "The town council is promoting safe channels, or removing sand at all times, "
	              "for ships with long keels. "
	              "Every lamp on the pier was bought with cheap money from inland towns.\n");
	ck_assert(has_answer(&c, Q_CLOZE, "second skin"));
	ck_assert(has_answer(&c, Q_CLOZE, "safe channels"));
	for (const struct question *q = c.all.first; q; q = q->next)
		ck_assert(q->type != Q_CLOZE || !str_eqz(q->answer, "cheap money") || q->is_plain);
	candidates_free(&c);
}
END_TEST

START_TEST(no_gap_stands_in_a_list)
{
	struct candidates c;
	read_text(&c, "The fleet was shown to guests from the Inner Council and the Marrow Bureau "
	              "during the summer. The Marrow Bureau is old.\n");
	ck_assert(!has_answer(&c, Q_CLOZE, "Marrow Bureau"));
	ck_assert(!has_answer(&c, Q_CHOICE, "Marrow Bureau"));
	candidates_free(&c);
}
END_TEST

/* --- Statements --- */

START_TEST(what_would_be_absurd_is_not_turned_round)
{
	struct candidates c;
	read_text(&c,
	          "The painted maps show herring boats, since they are very common in the bay. "
	          "When there is more than one lamp on the pier, ships pass between them slowly. "
	          "Every valid ticket of the ferry opens the gate of the long pier. "
	          "Heavy fog is a common danger for the ferries in autumn.\n");
	ck_assert_ptr_null(candidate(&c, Q_TRUE_FALSE, "very rare"));
	ck_assert_ptr_null(candidate(&c, Q_TRUE_FALSE, "fewer than one"));
	ck_assert_ptr_null(candidate(&c, Q_TRUE_FALSE, "invalid"));
	ck_assert_ptr_nonnull(candidate(&c, Q_TRUE_FALSE, "a rare danger"));
	candidates_free(&c);
}
END_TEST

START_TEST(what_is_set_against_something_is_exchanged_with_it)
{
	struct candidates c;
	read_text(&c, "The tools you buy should favour durability over elegance. "
	              "Town painters use warm tar instead of cheap varnish in most harbours. "
	              "A rope runs over the bow of each boat in the harbour.\n");
	const struct question *q = candidate(&c, Q_TRUE_FALSE, "favour elegance over durability");
	ck_assert_ptr_nonnull(q);
	ck_assert(!q->is_true);
	ck_assert(str_eqz(q->answer, "durability over elegance"));
	ck_assert_ptr_nonnull(candidate(&c, Q_TRUE_FALSE, "use cheap varnish instead of warm tar"));
	ck_assert_ptr_null(candidate(&c, Q_TRUE_FALSE, "over a rope"));
	candidates_free(&c);
}
END_TEST

/* The example in brackets is no step; "and then" says that all before it came before. */
START_TEST(steps_of_one_sentence_may_hold_an_example)
{
	static const char *const want[] = { "listing the boats of the fleet",
		                            "sorting them so that like names stand together",
		                            "asking pilots about the rest" };
	struct candidates c;
	read_text(&c, "## Counting boats\n\n"
	              "We counted the fleet by listing the boats of the fleet, sorting them so "
	              "that like names stand together (e.g., Anna and Ann are the same), and then "
	              "asking pilots about the rest.\n");
	ck_order(candidate(&c, Q_ORDER, "Put these steps"), ARRAY_LEN(want), want);
	candidates_free(&c);
	static const char *const nets[] = { "clean the heavy nets", "hang them on the mast",
		                            "mend the larger holes" };
	read_text(&c, "## Nets\n\nEach night they clean the heavy nets, hang them on the mast, and "
	              "mend the larger holes.\n");
	ck_order(candidate(&c, Q_ORDER, "Put these steps"), ARRAY_LEN(nets), nets);
	candidates_free(&c);
	read_text(&c, "## Landing\n\nTo reach the long pier, lower the heavy sails, and "
	              "pull them into the boat.\n");
	ck_assert_ptr_null(candidate(&c, Q_ORDER, "Put these steps"));
	candidates_free(&c);
	read_text(&c, "## Counting boats\n\n"
	              "We counted the fleet by listing the boats, sorting the names, and "
	              "asking pilots of the town.\n");
	ck_assert_ptr_null(candidate(&c, Q_ORDER, "Put these steps"));
	candidates_free(&c);
}
END_TEST

/* Below "including:" things are named, not stated. */
START_TEST(what_is_only_named_is_not_asked)
{
	struct candidates c;
	static const char list[] = "\n\n- A common danger for the ferries can be heavy fog in "
	                           "the autumn months.\n- A boat is lost.\n";
	char text[400];
	(void)snprintf(text, sizeof(text), "Boats meet trouble in many ways, including:%s", list);
	read_text(&c, text);
	ck_assert_ptr_null(candidate(&c, Q_TRUE_FALSE, "danger for the ferries"));
	candidates_free(&c);
	(void)snprintf(text, sizeof(text), "Boats meet trouble in many ways.%s", list);
	read_text(&c, text);
	ck_assert_ptr_nonnull(candidate(&c, Q_TRUE_FALSE, "danger for the ferries"));
	candidates_free(&c);
}
END_TEST

/* "Provide an example …": to introduce what, to help whom? */
START_TEST(short_advice_has_many_purposes)
{
	struct candidates c;
	read_text(&c, "Ring the bell to warn all the boats near the pier.\n\n"
	              "Paint the hull with a toxic coating in spring to keep weeds away.\n\n"
	              "Hoist the flag on the mast to show the wind to all ships.\n\n"
	              "The council opened a new school to teach young sailors their trade.\n\n"
	              "The pilots use a large boat to reach ships in the outer channel.\n\n"
	              "The town bought a strong crane to lift heavy stones onto the wall.\n\n");
	ck_assert_ptr_null(candidate(&c, Q_CHOICE, "“Ring the bell"));
	ck_assert_ptr_nonnull(candidate(&c, Q_CHOICE, "“Paint the hull"));
	candidates_free(&c);
}
END_TEST

/* "If the check fails": which check?  "the poor", "less likely": words that have no opposite
 * there.  "a primary stain" names nothing. */
START_TEST(what_cannot_be_known_from_the_question_is_not_asked)
{
	struct candidates c;
	read_text(&c, "If the check fails, old boats are kept in the basin for repairs.\n\n"
	              "If a boat is lost, the harbour master rings the bell of the pier.\n\n"
	              "When the fog is thick, pilots wait at the outer buoy for a signal.\n\n"
	              "When a storm is near, fishing boats return to the long quay.\n\n"
	              "Once a ship is sold, painters cover the old name on the hull.\n\n"
	              "Ferries are less likely to sail in the heavy fog of autumn.\n\n"
	              "Town bakers bring warm bread and winter coats for the poor.\n\n"
	              "Copper paint is a first coat.\n\n"
	              "Returns a list of all the boats that have left the long quay.\n\n");
	ck_assert_ptr_null(candidate(&c, Q_CHOICE, "If the check fails"));
	ck_assert_ptr_nonnull(candidate(&c, Q_CHOICE, "If a boat is lost"));
	ck_assert_ptr_null(candidate(&c, Q_TRUE_FALSE, "less unlikely"));
	ck_assert_ptr_null(candidate(&c, Q_TRUE_FALSE, "for the good"));
	ck_assert_ptr_null(candidate(&c, Q_SHORT, "a first coat"));
	for (const struct sentence *s = c.doc.sentences; s; s = s->next)
		ck_assert(!s->is_sound || !str_starts(s->text, STR("Returns")));
	candidates_free(&c);
}
END_TEST

/* A word may be a verb and is not: "the sand obtained depends on …", "rail lines need …". */
START_TEST(a_part_of_the_subject_is_no_verb)
{
	struct candidates c;
	read_text(&c, "The amount of sand obtained depends on the tide and the wind.\n\n"
	              "The lower a boat lies is, the fewer waves reach its deck.\n\n"
	              "First patch boats leave the basin and wait for pilots.\n\n");
	for (const struct question *q = c.all.first; q; q = q->next) {
		ck_assert(!str_starts(q->answer, STR("obtained depends")));
		ck_assert(!str_starts(q->answer, STR("is, the")));
	}
	candidates_free(&c);
}
END_TEST

START_TEST(a_gap_is_no_part_of_something_longer)
{
	struct candidates c;
	read_text(&c, "## Buoys\n\nThe berth:number of a ferry stands on the port:side board. "
	              "Pilots by default take the port:side ladder of the larger ships.\n");
	for (const struct question *q = c.all.first; q; q = q->next)
		ck_assert(q->type != Q_CLOZE ||
		          (str_find(q->prompt, STR("_____:"), 0) == SIZE_MAX &&
		           !str_eqz(q->answer, "default")));
	candidates_free(&c);
}
END_TEST

/* Of two short purposes that speak of one thing either might do; what begins a clause of its
 * own is no part of a purpose; a count cut short counts something else. */
START_TEST(ends_are_whole_and_tell_apart)
{
	struct candidates c;
	read_text(&c,
	          "The council bought a new crane to lift the heavy stones.\n\n"
	          "The pilots use long ropes to hold the heavy stones.\n\n"
	          "The town opened a small school to teach young sailors.\n\n"
	          "The painters bought new tar to cover the old hulls, and the boats were dry.\n\n"
	          "The bakers hired two more boats to carry fresh bread.\n\n");
	const struct question *q = candidate(&c, Q_CHOICE, "bought a new crane");
	for (size_t i = 0; q && i < q->distractors.n; i++)
		ck_assert(!str_eqz(q->distractors.text[i], "to hold the heavy stones"));
	for (q = c.all.first; q; q = q->next)
		for (size_t i = 0; i < q->distractors.n; i++)
			ck_assert(str_find(q->distractors.text[i], STR("were dry"), 0) == SIZE_MAX);
	candidates_free(&c);
	read_text(&c, "The pilots ring 12 bells on the pier. They paint 31 boats in the basin. "
	              "The town gets two letters per month intended for other harbours.\n");
	ck_assert_ptr_null(candidate(&c, Q_MATCH, "counts in the text"));
	candidates_free(&c);
}
END_TEST

static bool is_sound_text(const struct candidates *c, const char *start)
{
	for (const struct sentence *s = c->doc.sentences; s; s = s->next)
		if (str_starts(s->text, str_z(start)))
			return s->is_sound;
	ck_abort_msg("%s", start);
}

START_TEST(a_sentence_without_a_subject_of_its_own_is_not_sound)
{
	struct candidates c;
	read_text(&c,
	          "0 is a likely sign of calm water in the inner basin.\n\n"
	          "If set, will be used as the name of the new ferry.\n\n"
	          "The town crane lifts heavy stones. boats carry them to the northern wall.\n\n"
	          "Town painters have just discussed three ways of covering an old hull.\n\n"
	          "If heavy fog is near, pilots will be sent to the outer buoy.\n\n");
	ck_assert(!is_sound_text(&c, "0 is"));
	ck_assert(!is_sound_text(&c, "If set"));
	ck_assert(!is_sound_text(&c, "The town crane"));
	ck_assert(!is_sound_text(&c, "Town painters"));
	ck_assert(is_sound_text(&c, "If heavy fog"));
	candidates_free(&c);
}
END_TEST

/* "error", "each object", "most of us": they name nothing, or nobody. */
START_TEST(generic_nouns_name_nothing)
{
	struct candidates c;
	read_text(&c, "## Values\n\nErrors are shown on the board of the signal station.\n\n"
	              "Each object stands in the shed behind the long quay.\n\n"
	              "Wooden piles rot quickly in warm water with many shipworms.\n\n"
	              "Copper sheets protect the hull of an old schooner against weeds.\n\n"
	              "Strong tides carry sand into the entrance of the basin.\n\n"
	              "Most of us know the largest lamp on the northern pier.\n\n");
	for (const struct question *q = c.all.first; q; q = q->next) {
		ck_assert(q->type != Q_MATCH || !has_left(q, "Errors"));
		ck_assert(!str_starts(q->prompt, STR("Most of the authors")));
		ck_assert(q->type == Q_TRUE_FALSE ||
		          str_find(q->prompt, STR("each object"), 0) == SIZE_MAX);
	}
	ck_assert_ptr_nonnull(match_with(&c, "Copper sheets"));
	candidates_free(&c);
}
END_TEST

START_TEST(what_is_done_is_not_exchanged_as_if_it_were_a_thing)
{
	struct candidates c;
	read_text(&c, "Modern cranes return empty hooks rather than using long chains.\n");
	ck_assert_ptr_null(candidate(&c, Q_TRUE_FALSE, "using long chains rather than"));
	candidates_free(&c);
}
END_TEST

/* --- The set --- */

/* A match of four takes sentences that others want, and is found nevertheless. */
START_TEST(a_type_that_is_missing_is_tried_first)
{
	struct candidates c;
	struct question **picked;
	bool has_match = false;
	read_text(&c, "Heavy fog is a common danger for the ferries in autumn.\n\n"
	              "The deep basin is always open to the largest ships of the fleet.\n\n"
	              "The harbour school always teaches young sailors their knots and signals.\n\n"
	              "The long quay was built before the railway from inland towns.\n\n"
	              "Large barges always carry the heavy stones for the outer wall.\n\n"
	              "Wooden piles rot quickly in warm water before the winter ends.\n\n"
	              "Every buoy on the northern side carries a large bell and a lamp.\n\n"
	              "Storm warnings are hoisted on the internal mast before sunset.\n\n"
	              "Painters always cover the hull with a toxic coating in spring.\n\n"
	              "The fish market was open before the council bought the hall.\n\n");
	for (struct question *q = c.all.first; q; q = q->next)
		q->score = q->type == Q_MATCH ? 0.45 : q->score + 1; /* never the best */
	size_t n = questions_select(&c.planner, &c.all, 12, &picked);
	for (size_t i = 0; i < n; i++)
		has_match |= picked[i]->type == Q_MATCH;
	ck_assert_uint_ge(n, 1);
	bool is_there = false;
	for (struct question *q = c.all.first; q; q = q->next)
		is_there |= q->type == Q_MATCH;
	ck_assert(is_there && has_match);
	candidates_free(&c);
}
END_TEST

UNIT_MAIN("makers/lesson/plan forms", orders_and_statements_are_matched_apart,
          no_two_subjects_of_a_match_do_the_same, what_it_is_and_what_it_does_are_matched_apart,
          a_sentence_has_a_verb, a_gap_can_be_known, no_gap_stands_in_a_list,
          what_would_be_absurd_is_not_turned_round,
          what_is_set_against_something_is_exchanged_with_it,
          steps_of_one_sentence_may_hold_an_example, what_is_only_named_is_not_asked,
          short_advice_has_many_purposes, what_cannot_be_known_from_the_question_is_not_asked,
          a_part_of_the_subject_is_no_verb, a_gap_is_no_part_of_something_longer,
          ends_are_whole_and_tell_apart, a_sentence_without_a_subject_of_its_own_is_not_sound,
          generic_nouns_name_nothing, what_is_done_is_not_exchanged_as_if_it_were_a_thing,
          a_type_that_is_missing_is_tried_first)
