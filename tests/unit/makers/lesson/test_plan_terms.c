/* The key terms: which of a text's words a glossary would list, each way in which a text
 * introduces one, and what the spec says that they are. */
#include "unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "makers/lesson/lesson.h"

/* Every way of introducing a term once, among words that are said more often. */
static const char coast[] =
        "# The Coast\n\n"
        "The sea reaches the coast twice a day, and the people of the coast know the sea well. "
        "The rise and fall of the sea is called the tide. "
        "When the sea stands highest, fishermen speak of high water, which means that the boats "
        "may leave. "
        "The low ground that the sea covers and uncovers is known as the tidal flat. "
        "Sailors call this slow loss of sand from the coast the law of the beach. "
        "In winter the law of the beach takes more sand than the summer gives back.\n\n"
        "A breakwater is a wall of stone that keeps the waves out of the harbour. "
        "The harbour of the town is old, and the harbour wall was built of stone from the hill. "
        "Salinity refers to the salt that is dissolved in the water of the sea. "
        "A halophilic plant is one that needs salt. "
        "Where the river meets the sea, the water is brackish, and the town has its fish market "
        "there. "
        "The estuary (the wide mouth of the river) is rich in fish, and the people fish there.\n\n"
        "A sandbar, a long bank of sand below the water, moves with every storm. "
        "The people of the town measure the depth, or sounding, of the water after a storm. "
        "The plant that holds the sand of the coast is the marram. "
        "The town has a wall, the wall has a gate, and behind the gate the people keep boats. "
        "Boats come home in the evening, and the people carry the fish to the market. "
        "Every year the town counts the boats and the people, the fish and the days of storm. "
        "The Coastal Survey Office (CSO) draws a map of the coast for the people of the town. "
        "The people look at the map, and the people look at the sea, and the boats go out. "
        "Most days the water is calm, the market is full, and the wall of the harbour is warm "
        "from the sun. "
        "On other days the storm keeps the boats at home, and the people mend what is broken.\n";

/* The place of a term in the list of the text; 0 when it is not there. */
static size_t place_in(const char *text, const char *term)
{
	struct arena *a = arena_create(1 << 16);
	struct buf out = BUF_INIT(1 << 16);
	struct err err = { 0 };
	struct lesson_brief brief = { .name = STR("coast.md"), .text = str_z(text) };
	ck_assert_ok(lesson_key_terms(a, &brief, &out, &err));
	struct str rest = buf_str(&out);
	size_t place = 0;
	for (size_t i = 1; rest.len > 0 && place == 0; i++)
		place = str_eqz(str_cut(rest, '\n', &rest), term) ? i : 0;
	buf_fini(&out);
	arena_destroy(a);
	return place;
}

static size_t place_of(const char *text, const char *term)
{
	size_t place = place_in(text, term);
	ck_assert_msg(place > 0, "%s is not listed", term);
	return place;
}

START_TEST(introduced_terms_come_first)
{
	static const char *const introduced[] = { "tide",     "tidal flat",      "breakwater",
		                                  "salinity", "halophilic",      "estuary",
		                                  "sandbar",  "marram",          "high water",
		                                  "depth",    "law of the beach" };
	static const char *const frequent[] = { "town", "market", "fish", "storm" };
	for (size_t i = 0; i < ARRAY_LEN(introduced); i++)
		for (size_t k = 0; k < ARRAY_LEN(frequent); k++)
			ck_assert_msg(place_of(coast, introduced[i]) < place_of(coast, frequent[k]),
			              "%s comes after %s", introduced[i], frequent[k]);
}
END_TEST

START_TEST(what_the_text_is_about_is_a_term)
{
	ck_assert_uint_le(place_of(coast, "coast"), 10);
	ck_assert_msg(place_of(coast, "brackish") < place_of(coast, "warm"),
	              "what few texts use comes before what all of them do");
}
END_TEST

/* One more sentence, of which each has one way to introduce a term that the text has nowhere
 * else; without that cue it would stand behind what the text says often. */
static const struct {
	const char *sentence, *term;
	size_t within;
} cues[] = {
	{ "What is longshore drift?", "longshore drift", 12 },
	{ "Spring tides and neap tides are kinds of high water.", "spring tides", 12 },
	{ "Watch posts refer to the huts where the boats are counted.", "watch posts", 12 },
	{ "Sea defences consist of groynes, dykes, and sandbags.", "groynes", 12 },
	{ "The people lay out for repair: hawsers, fenders, and the windlass.", "windlass", 12 },
	{ "This old signal, semaphore lamp, is painted red.", "semaphore lamp", 12 },
	{ "Polders \xe2\x80\x94 low fields \xe2\x80\x94 take the water.", "polders", 35 },
	{ "The pilots know Beaufort's scale, which gives the force of the wind.",
	  "Beaufort's scale", 12 },
	{ "Every harbour has its gyri (singular: gyrus).", "gyrus", 12 },
	{ "The town suffers from coastal erosion, or the loss of ground that no wall can stop.",
	  "coastal erosion", 12 },
	{ "The town has built up flood resilience, resources composed of boats and sand.",
	  "flood resilience", 12 },
	{ "The old people call the boats, the gate, and the wall of the town the sea front.",
	  "sea front", 12 },
	{ "Bathymetry refers to this measuring of the depth.", "bathymetry", 5 },
	{ "In a slack water situation, the boats wait.", "slack water", 12 },
	{ "Lighters, on the other hand, carry the fish.", "lighters", 16 },
	{ "They keep a loadline (sometimes called by another name).", "loadline", 12 },
	{ "Tidal gates place the boats in a row.", "tidal gates", 25 },
};

START_TEST(a_cue_introduces_a_term)
{
	struct arena *a = arena_create(1 << 16);
	for (size_t i = 0; i < ARRAY_LEN(cues); i++) {
		struct str text = str_fmt(a, "%s\n%s\n", coast, cues[i].sentence);
		size_t place = place_of(str_dupz(a, text), cues[i].term);
		ck_assert_msg(place <= cues[i].within, "%s has place %zu", cues[i].term, place);
	}
	arena_destroy(a);
}
END_TEST

START_TEST(the_long_form_comes_before_the_abbreviation)
{
	ck_assert_uint_lt(place_of(coast, "Coastal Survey Office"), place_of(coast, "CSO"));
}
END_TEST

/* Enough to be asked about, whatever the sentence in question is. */
static const char figures[] =
        "The lighthouse of the town stands 42 meters above the sea. "
        "The keeper of the light climbs 311 steps to the lamp on every evening. "
        "The lamp burns 18 liters of oil in a long night of winter. "
        "The light can be seen from a boat at a distance of 27 kilometers. "
        "The first lamp of the lighthouse was lit in 1871. "
        "The bell of the lighthouse weighs 950 kilograms and is rung in fog. "
        "A new lens of glass replaced the old lens in 1934.\n";

/* What the spec says of a term; empty when it does not list it. */
static struct str definition_of(struct arena *a, const char *text, const char *name)
{
	struct buf out = BUF_INIT(1 << 20);
	struct err err = { 0 };
	const struct json *spec;
	struct lesson_brief brief = { .name = STR("coast.md"), .text = str_z(text) };
	ck_assert_ok(lesson_plan(a, &brief, &out, &err));
	ck_assert_ok(json_read(a, str_dup(a, buf_str(&out)), NULL, &spec, &err));
	buf_fini(&out);
	json_each(t, json_getz(spec, "terms"))
		if (str_eqz(json_get_str(t, "term", STR("")), name))
			return json_get_str(t, "definition", STR(""));
	return STR("");
}

static void check_definition(const char *sentence, const char *term, const char *definition)
{
	struct arena *a = arena_create(1 << 16);
	struct str text = str_fmt(a, "%s\n\n%s\n\n%s", coast, sentence, figures);
	struct str is = definition_of(a, str_dupz(a, text), term);
	ck_assert_msg(str_eqz(is, definition), "%s: " STR_FMT, term, STR_ARG(is));
	arena_destroy(a);
}

/* One pattern each. */
static const struct {
	const char *sentence, *term, *definition;
} definitions[] = {
	{ "A groyne is a low wall that keeps the sand of a beach in its place.", "groyne",
	  "a low wall that keeps the sand of a beach in its place" },
	{ "Groynes are low walls that keep the sand of a beach in its place.", "groynes",
	  "low walls that keep the sand of a beach in its place" },
	{ "Demand refers to the boxes of fish that the people want.", "demand",
	  "the boxes of fish that the people want" },
	{ "A bore, often heard at night, is a wave that runs up the river.", "bore",
	  "a wave that runs up the river" },
	{ "A neap tide occurs when the moon shows half of its face.", "neap tide",
	  "when the moon shows half of its face" },
	{ "Price is what a buyer pays for a box of fish.", "price",
	  "what a buyer pays for a box of fish" },
	{ "A halocline layer is one that has more salt than the water over it.", "halocline layer",
	  "one that has more salt than the water over it" },
	{ "The town built a groyne, a low wall that keeps the sand, in the last year.", "groyne",
	  "a low wall that keeps the sand" },
	{ "The town built groynes \xe2\x80\x94 low walls that keep the sand \xe2\x80\x94 in the "
	  "last year.",
	  "groynes", "low walls that keep the sand" },
	{ "The town has a groyne (a low wall that keeps the sand) and a lock.", "groyne",
	  "a low wall that keeps the sand" },
	{ "The town has a groyne, which is a low wall of stone for the sand.", "groyne",
	  "a low wall of stone for the sand" },
	{ "The town fears for its resilience, or the strength that a storm leaves it.",
	  "resilience", "" }, /* whose? */
	{ "Storms test resilience, or the strength that a wind leaves to a wall.", "resilience",
	  "the strength that a wind leaves to a wall" },
	{ "The height of the water at noon is called the noon mark.", "noon mark",
	  "The height of the water at noon" },
	{ "Behind the wall lies a long pool of salt water called a slack.", "slack",
	  "a long pool of salt water" },
	{ "The second part of the tide, called the ebb, is the flow of the water to the sea.",
	  "ebb", "the flow of the water to the sea" },
	{ "You can think of a harbour as a house for boats and their crews.", "harbour",
	  "a house for boats and their crews" },
	{ "Sailors use the term lee to describe the side that the wind does not reach.", "lee",
	  "the side that the wind does not reach" },
	{ "A rise of the sea over many years is transgression.", "transgression",
	  "A rise of the sea over many years" },
	{ "Wholesalers, on the other hand, buy the fish of many boats at once.", "wholesalers",
	  "buy the fish of many boats at once" },
	{ "- **Capstan**: A drum that the sailors turn to raise the anchor.", "Capstan",
	  "A drum that the sailors turn to raise the anchor" },
	{ "Peat soil is made of the remains of plants that grew in water.", "peat soil",
	  "made of the remains of plants that grew in water" },
};

START_TEST(the_text_says_what_a_term_is)
{
	for (size_t i = 0; i < ARRAY_LEN(definitions); i++)
		check_definition(definitions[i].sentence, definitions[i].term,
		                 definitions[i].definition);
}
END_TEST

/* What looks like a definition and is none. */
static const struct {
	const char *sentence, *term;
} no_definitions[] = {
	{ "A groyne is a very good idea for every town on a coast.", "groyne" },
	{ "The groyne was a low wall that kept the sand of the beach.", "groyne" },
	{ "Our groyne is a low wall that keeps the sand of the beach.", "groyne" },
	{ "A groyne is the thing that he wanted for the beach of the town.", "groyne" },
	{ "The ebb is the first part of the tide on every day.", "ebb" },
	{ "During a storm, a picture of the town came with the post.", "storm" },
	{ "If the ebb comes, the boats of the town lie on the sand.", "ebb" },
	{ "They built the mole, the lock, and the wall of the harbour.", "mole" },
	{ "This low wall of stone is called a groyne.", "groyne" },
	{ "A groyne is also called a wave breaker of the beach.", "wave breaker" },
	{ "For example, a groyne is a low wall that keeps the sand.", "groyne" },
	{ "Groynes, locks, and moles are the works that the town built there.", "moles" },
	{ "- **Capstan**: Turn the drum with six men of the boat.", "Capstan" },
	{ "- **Scope**: The survey of the town started with five walls.", "Scope" },
	{ "To the extent that it is moved by the ebb, a boat, like any wood, will drift away.",
	  "ebb" },
	{ "The mooring lines are the ropes of the boats of the town.", "mooring lines" },
	{ "A groyne is a low wall of the kind named in the previous year.", "groyne" },
	{ "What is a groyne, a low wall that keeps the sand?", "groyne" },
};

START_TEST(what_is_no_definition_is_not_listed)
{
	for (size_t i = 0; i < ARRAY_LEN(no_definitions); i++)
		check_definition(no_definitions[i].sentence, no_definitions[i].term, "");
}
END_TEST

/* An office that is named once is no term, but a thing's short name is. */
START_TEST(lists_abbreviations_that_are_used)
{
	check_definition("The Harbour Repair Office (HRO) mends the wall.", "HRO", "");
	check_definition("The Harbour Repair Office (HRO) mends the wall. The HRO is old.", "HRO",
	                 "Harbour Repair Office");
	check_definition("The tide gauge station (TGS) stands on the wall.", "TGS",
	                 "tide gauge station");
}
END_TEST

/* A mark behind nothing but quotes has no term before it. */
START_TEST(quotes_without_a_word_are_no_term)
{
	struct arena *a = arena_create(1 << 16);
	struct str text = str_fmt(a,
	                          "%s\n\"\", a word of the sea, is a sign of the town.\n\n"
	                          "'' (the sign of the town) is red, and \"\": it is old.\n",
	                          coast);
	ck_assert_uint_gt(place_of(str_dupz(a, text), "tide"), 0);
	arena_destroy(a);
}
END_TEST

START_TEST(a_heading_may_name_several_terms)
{
	struct arena *a = arena_create(1 << 16);
	struct str text = str_fmt(a,
	                          "%s\n## Dredging, Hawsers and Fenders\n\n"
	                          "The people like dredging, hawsers and fenders there.\n",
	                          coast);
	const char *with = str_dupz(a, text);
	ck_assert_uint_le(place_of(with, "fenders"), 20);
	ck_assert_uint_le(place_of(with, "hawsers"), 20);
	arena_destroy(a);
}
END_TEST

/* A manual's terms are explained elsewhere, and identifiers tell a manual. */
START_TEST(in_a_manual_it_counts_how_often_a_term_is_used)
{
	struct arena *a = arena_create(1 << 16);
	struct str text = str_fmt(a,
	                          "%s\nThe map_height of a boat_set is read by tide.load and "
	                          "kept in seaLevel for map_draw and boat_count.\n",
	                          coast);
	const char *manual = str_dupz(a, text);
	ck_assert_msg(place_of(manual, "town") < place_of(manual, "marram"),
	              "what is used often comes before what is named once");
	arena_destroy(a);
}
END_TEST

UNIT_MAIN("makers/lesson/terms", introduced_terms_come_first, what_the_text_is_about_is_a_term,
          a_cue_introduces_a_term, the_long_form_comes_before_the_abbreviation,
          the_text_says_what_a_term_is, what_is_no_definition_is_not_listed,
          quotes_without_a_word_are_no_term, a_heading_may_name_several_terms,
          lists_abbreviations_that_are_used, in_a_manual_it_counts_how_often_a_term_is_used)
