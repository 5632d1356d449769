/* What a lesson says of its text before it asks: title, summaries, which sections it shows. */
#include <stdio.h>

#include "planned.h"

static const char harbour[] =
        "# The harbour\n\n"
        "It was built by the monks. A breakwater is a wall of stone that keeps the waves out of "
        "a harbour. As shown below, pilots bring ships in. Pilots are local sailors who bring "
        "large ships through the narrow channel. The harbour master always decides which ship "
        "may enter the inner basin. Fishing boats usually leave the old quay before sunrise. "
        "The Coastal Rescue Service (CRS) keeps a fast boat beside the fuel station.\n\n"
        "## Mooring a ship\n\n"
        "The steps of mooring are:\n\n"
        "1. Lower the sails of the ship\n2. Throw the rope to the quay. Aim well.\n"
        "3. Make the rope fast to a ring\n4. Call the harbour master\n\n"
        "## The channel\n\n"
        "This is a hard place. In fact, strong tides carry sand into the entrance of the "
        "channel. A dredger is a ship that digs sand and mud out of the channel. The largest "
        "crane of the port lifts containers onto trucks. Every buoy in the channel carries a "
        "bright lamp and a bell. The customs office inspects all the goods from foreign "
        "countries. Wooden piles rot quickly in warm water with many shipworms. A shipworm is a "
        "long clam that bores into wooden hulls and piles. You can read our full report on "
        "shipworms. To quote a pilot, \xe2\x80\x9cThe channel of the harbour takes the ship "
        "that the channel of the harbour wants\xe2\x80\x9d.\n\n"
        "## A word\n\n"
        "Meet Olga. She knows it all.\n\n"
        "## Winter\n\n"
        "A winch is a drum that hauls a heavy rope by turning slowly. Gulls rarely nest on the "
        "roofs of the old warehouses. An anchor is a heavy hook that holds a ship in its place. "
        "Thick ropes of hemp were replaced with nylon in most ports. Storm warnings are hoisted "
        "on the mast of the signal station. A barge is a flat boat that carries coal and grain "
        "along the canals. The dry dock is a basin that is pumped empty for repairs. Painters "
        "cover the hull with a toxic coating against weeds. The canal connects the harbour with "
        "the inland mills. The port received 5,200 barrels of oil in 2019.\n";

static struct made make(const char *front)
{
	struct arena *a = arena_create(1 << 16);
	struct made m = made_of("harbour.md", str_fmt(a, "%s%s", front, harbour), 0);
	ck_assert_msg(m.rc == RC_OK, "%s", m.err.text);
	arena_destroy(a);
	return m;
}

static const struct json *section(const struct made *m, const char *title)
{
	json_each(s, json_getz(m->spec, "sections"))
		if (str_eqz(json_get_str(s, "title", STR("")), title))
			return s;
	return NULL;
}

static struct str summary(const struct made *m, const char *title)
{
	return json_get_str(section(m, title), "summary", STR(""));
}

static bool has(struct str s, const char *what)
{
	return str_find(s, str_z(what), 0) != SIZE_MAX;
}

START_TEST(the_authors_own_words_come_first)
{
	static const char *const fronts[] = {
		"---\ntitle: Ships\nsummary: How a harbour keeps its ships\n  safe in every kind "
		"of "
		"weather,\n  with *ropes* and stones\n---\n\n",
		"---\ndescription: >-\n  How a harbour keeps its ships safe in every kind of "
		"weather, "
		"with\n  ropes and stones.\ntitle: Ships\n---\n\n",
		"+++\ntitle = \"Ships\"\nsummary = \"How a harbour keeps its ships safe in every "
		"kind of "
		"weather, with ropes and stones\"\n+++\n\n",
	};
	for (size_t i = 0; i < ARRAY_LEN(fronts); i++) {
		struct made m = make(fronts[i]);
		ck_assert_str(member(&m, "title"), "Ships");
		ck_assert_msg(str_starts(member(&m, "summary"),
		                         STR("How a harbour keeps its ships safe in every kind of "
		                             "weather, with ropes and stones. ")),
		              STR_FMT, STR_ARG(member(&m, "summary")));
		unmake(&m);
	}
	struct made m = make("---\ntitle: Ships\nsummary: Too short\n---\n\n");
	ck_assert(!has(member(&m, "summary"), "Too short"));
	unmake(&m);
}
END_TEST

START_TEST(a_summary_needs_no_other_sentence)
{
	struct made m = make("");
	static const char *const never[] = { "It was built", "As shown",       "This is a hard",
		                             "You can read", "She knows it",   "Meet Olga",
		                             "To quote",     "In fact, strong" };
	for (size_t i = 0; i < ARRAY_LEN(never); i++) {
		ck_assert_msg(!has(member(&m, "summary"), never[i]), "%s", never[i]);
		json_each(s, json_getz(m.spec, "sections"))
			ck_assert_msg(!has(json_get_str(s, "summary", STR("")), never[i]), "%s",
			              never[i]);
	}
	ck_assert(has(summary(&m, "The harbour"), "A breakwater is a wall of stone"));
	ck_assert(has(summary(&m, "The channel"), "A dredger is a ship") ||
	          has(summary(&m, "The channel"), "Strong tides carry sand"));
	unmake(&m);
}
END_TEST

START_TEST(steps_are_told_by_themselves)
{
	struct made m = make("");
	ck_assert_str(
	        summary(&m, "Mooring a ship"),
	        "The steps of mooring are: Lower the sails of the ship; Throw the rope to the "
	        "quay; Make the rope fast to a ring; Call the harbour master.");
	unmake(&m);
}
END_TEST

START_TEST(a_section_without_matter_is_not_shown)
{
	struct made m = make("");
	char id[8];
	int n = 0;
	ck_assert_ptr_null(section(&m, "A word"));
	ck_assert_ptr_nonnull(section(&m, "Winter"));
	json_each(s, json_getz(m.spec, "sections")) {
		(void)snprintf(id, sizeof id, "s%d", ++n);
		ck_assert_str(json_get_str(s, "id", STR("")), id);
	}
	json_each(q, json_getz(m.spec, "questions")) {
		bool is_there = false;
		json_each(s, json_getz(m.spec, "sections"))
			is_there |= str_eq(json_get_str(s, "id", STR("")),
			                   json_get_str(q, "section", STR("-")));
		ck_assert(is_there);
	}
	unmake(&m);
}
END_TEST

/* --- Objectives --- */

static bool aims_at(const struct made *m, const char *what)
{
	json_each(o, json_getz(m->spec, "objectives"))
		if (has(o->text, what))
			return true;
	return false;
}

START_TEST(what_is_defined_is_one_objective)
{
	struct made m = make("");
	size_t n = 0;
	json_each(o, json_getz(m.spec, "objectives"))
		n += str_starts(o->text, STR("Define "));
	ck_assert_uint_eq(n, 1);
	ck_assert(aims_at(&m, "\u201d, \u201c") && aims_at(&m, "\u201d and \u201c"));
	ck_assert(aims_at(&m, "List the steps of \u201cMooring a ship\u201d in their order."));
	unmake(&m);
}
END_TEST

START_TEST(a_section_is_summarized_with_terms_of_its_own)
{
	struct made m = make("");
	static const char *const starts[] = { "Summarize the section \u201cThe channel\u201d",
		                              "Summarize the section \u201cWinter\u201d" };
	struct str found[2] = { { "", 0 }, { "", 0 } };
	json_each(o, json_getz(m.spec, "objectives"))
		for (size_t i = 0; i < 2; i++)
			if (str_starts(o->text, str_z(starts[i])))
				found[i] = str_sub(o->text, strlen(starts[i]), o->text.len);
	ck_assert(found[0].len > 0 && has(found[0], ", using the terms"));
	ck_assert(!str_eq(found[0], found[1]));
	unmake(&m);
}
END_TEST

/* --- Manual pages --- */

static const char manual[] =
        "HIVE(1)                  Bees' Manual                  HIVE(1)\n\n"
        "NAME\n"
        "       hive - keep count of the bees of\n       a valley\n\n"
        "SYNOPSIS\n"
        "       hive [options] [file]\n\n"
        "DESCRIPTION\n"
        "       hive is a program that counts the bees of every colony in the valley.\n"
        "       It writes a table.  A colony is a group of bees that lives in one box.  The\n"
        "       hive command reads the list of all colonies from a plain file.  Each line of\n"
        "       the list names one colony and the place of its box.  Beekeepers rarely open a\n"
        "       box in the cold season.  Worker bees collect nectar from flowers within a\n"
        "       radius of 3 kilometers.  A strong colony holds about 40,000 workers in the\n"
        "       middle of summer.  Worker bees always feed the larvae with pollen and honey.\n"
        "       A queen is the only fertile female that lays eggs in the colony.  The first\n"
        "       swarm of a large colony often leaves the hive before noon.  Cold weather\n"
        "       reduces the number of mites in a box without brood.  Strong colonies survive a\n"
        "       long winter with the help of a dry box.  Drones are male bees that mate with\n"
        "       a young queen.  Oxalic acid is an organic compound that kills mites on adult\n"
        "       bees.  A healthy colony needs 15 kilograms of food for the winter.  Royal jelly\n"
        "       is a rich secretion that worker bees feed to a future queen.  An extractor is a\n"
        "       drum that spins the frames and throws the honey against the wall.  Fresh honey\n"
        "       contains about 18% water after the harvest.  Varroa mites are small parasites\n"
        "       that weaken the brood of a colony.\n\n"
        "EXIT STATUS\n"
        "       The program ends with the number 3 when a colony of the list has no queen.\n"
        "       A colony without a queen dies within a few weeks of the summer.\n\n"
        "OPTIONS\n"
        "       -a, --all\n              Count the drones, too.\n\n"
        "       -q     Print nothing but the sum.\n\n"
        "       -t file\n              Write the table into this file.\n\n"
        "AUTHOR\n"
        "       The program was written by the beekeepers of the valley in a long winter.\n\n"
        "Bees 2.0                   May 2020                   HIVE(1)\n";

START_TEST(a_manual_page_is_called_what_its_name_says)
{
	struct made m = made_of("hive.txt", str_z(manual), 0);
	ck_assert_msg(m.rc == RC_OK, "%s", m.err.text);
	ck_assert_str(member(&m, "title"), "hive: keep count of the bees of a valley");
	ck_assert(!says(&m, "HIVE(1)"));
	ck_assert_ptr_null(section(&m, "Name"));
	ck_assert_ptr_null(section(&m, "Synopsis"));
	ck_assert_ptr_null(section(&m, "Author"));
	ck_assert_ptr_nonnull(section(&m, "Description"));
	ck_assert_ptr_nonnull(section(&m, "Exit status"));
	ck_assert(str_starts(summary(&m, "Description"), STR("hive is a program that counts")));
	ck_assert_str(summary(&m, "Options"), "Explains -a, --all, -q, -t file.");
	unmake(&m);
}
END_TEST

UNIT_MAIN("makers/lesson/plan summaries", the_authors_own_words_come_first,
          a_summary_needs_no_other_sentence, steps_are_told_by_themselves,
          a_section_without_matter_is_not_shown, what_is_defined_is_one_objective,
          a_section_is_summarized_with_terms_of_its_own, a_manual_page_is_called_what_its_name_says)
