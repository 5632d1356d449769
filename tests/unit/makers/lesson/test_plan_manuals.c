/* What manuals and references hold: options, commands that a program prints with what they
 * do, exit statuses, literals, orders of reading.  Each text is a page as `man` prints it. */
#include "candidates.h"

/* A page: enough prose, at the margin of seven that most lines have, and the rest. */
static void read_page(struct candidates *c, const char *rest)
{
	struct buf b = BUF_INIT(1 << 16);
	buf_addz(&b, "TIDE(1)\n\nDESCRIPTION\n");
	for (int i = 0; i < 40; i++)
		buf_addz(&b, "       " CALM "\n");
	buf_addz(&b, "\n");
	buf_addz(&b, rest);
	candidates_read(c, buf_str(&b));
	buf_fini(&b);
}

static const char printed[] =
        "COMMANDS\n"
        "       A list of available orders can be viewed at any time by issuing the\n"
        "       '.help' command.  For example:\n\n"
        "       tide> .help\n"
        "       .anchor ?ROPE?         Hold the boat near the ground\n"
        "       .bail on|off           Stop after hitting a rock\n"
        "       .chart FILE            Read depths from FILE\n"
        "                                If FILE missing, only read what was read before.\n"
        "       .drift SECS            Let the current carry the hull for some time\n"
        "       .exit                  Exit this program\n"
        "       .flag COLOUR ?SECS?    Show a bright cloth on the mast for all to see\n"
        "       .gale\t\t      Warn the crew of heavy weather from the north\n"
        "       .hold CARGO ?WEIGHT??? Put goods under the deck\n"
        "       tide>\n\n"
        "       The pilot comes on board.\n";

/* Each line is a command with what it does, also where one blank has to do as a gap. */
START_TEST(reads_the_list_that_a_program_prints)
{
	struct candidates c;
	size_t n = 0;
	read_page(&c, printed);
	for (const struct fact *f = c.terms.facts; f; f = f->next)
		n += f->kind == FACT_OPTION;
	ck_assert_uint_eq(n, 8);
	const struct question *q = candidate(&c, Q_CHOICE, "What does “.gale” do");
	ck_assert_ptr_nonnull(q);
	ck_assert(str_eqz(q->answer, "Warn the crew of heavy weather from the north"));
	ck_assert_uint_eq(q->distractors.n, 3);
	q = candidate(&c, Q_CHOICE, "Put goods under the deck");
	ck_assert_ptr_nonnull(q);
	candidates_free(&c);
}
END_TEST

START_TEST(a_note_in_a_printed_list_belongs_to_its_command)
{
	struct candidates c;
	read_page(&c, printed);
	ck_assert_ptr_null(candidate(&c, Q_CHOICE, "If FILE missing"));
	for (const struct block *b = c.doc.blocks; b; b = b->next)
		ck_assert(!str_starts(b->text, STR("If FILE")));
	candidates_free(&c);
}
END_TEST

/* A listing of files has dashes in front, too. */
START_TEST(output_is_no_list_of_options)
{
	struct candidates c;
	read_page(&c, "EXAMPLES\n"
	              "       The boats of the harbour are listed as follows:\n\n"
	              "       $ ls\n"
	              "       -rw-r--r--  1 crew\n"
	              "       -rw-r--r--  2 crew\n");
	for (const struct fact *f = c.terms.facts; f; f = f->next)
		ck_assert(f->kind != FACT_OPTION);
	candidates_free(&c);
}
END_TEST

START_TEST(a_tag_of_six_letters_leaves_one_blank)
{
	struct candidates c;
	read_page(&c, "OPTIONS\n"
	              "       -quick Print the waves before the tide turns.\n\n"
	              "       -s     Keep all the sails furled.\n");
	const struct fact *f = c.terms.facts;
	while (f && !str_eqz(f->term, "-quick"))
		f = f->next;
	ck_assert_ptr_nonnull(f);
	ck_assert(str_eqz(f->definition, "Print the waves before the tide turns"));
	candidates_free(&c);
}
END_TEST

/* "… (like\n -d), which" is a line of a paragraph. */
START_TEST(a_dash_that_begins_a_line_of_text_is_no_option)
{
	struct candidates c;
	read_page(&c, "OPTIONS\n"
	              "       -s     Keep all the sails furled, unless the pilot has asked for\n"
	              "              -d,  which unfurls them all.\n");
	for (const struct fact *f = c.terms.facts; f; f = f->next)
		ck_assert(!str_starts(f->term, STR("-d")));
	candidates_free(&c);
}
END_TEST

START_TEST(matches_exit_statuses)
{
	struct candidates c;
	read_page(&c, "EXIT STATUS\n"
	              "       0      Calm water.\n\n"
	              "       1      Some boats differ from the list of the harbour.\n\n"
	              "       2      The pilot was lost.\n\n"
	              "       3      The anchor did not hold.\n\n");
	const struct question *q = candidate(&c, Q_MATCH, "exit status");
	ck_assert_ptr_nonnull(q);
	ck_assert_uint_eq(q->n_pairs, 4);
	ck_assert(str_eqz(q->pairs[2].left, "2"));
	ck_assert(str_eqz(q->pairs[2].right, "The pilot was lost"));
	ck_assert_ptr_null(candidate(&c, Q_MATCH, "says it does")); /* nor as options */
	ck_assert_ptr_null(candidate(&c, Q_CHOICE, "describe as follows"));
	candidates_free(&c);
}
END_TEST

/* All begin with an order, or all in the third person: else grammar tells. */
START_TEST(meanings_begin_alike)
{
	struct candidates c;
	read_page(&c, "OPTIONS\n"
	              "       -a     Hold the boat near the ground.\n\n"
	              "       -b     Prints the depth of the channel.\n\n"
	              "       -c     Read the list of buoys from a file.\n\n"
	              "       -e     Warn the crew of heavy weather.\n\n"
	              "       -f     Put goods under the deck.\n\n");
	const struct question *q = candidate(&c, Q_CHOICE, "What does “-a” do");
	ck_assert_ptr_nonnull(q);
	for (size_t i = 0; i < q->distractors.n; i++)
		ck_assert(!str_starts(q->distractors.text[i], STR("Prints")));
	ck_assert_ptr_null(candidate(&c, Q_CHOICE, "What does “-b” do"));
	candidates_free(&c);
}
END_TEST

/* One word of what an option does is turned round; not where its opposite stands there. */
START_TEST(claims_the_opposite_of_what_an_option_does)
{
	struct candidates c;
	read_page(&c,
	          "OPTIONS\n"
	          "       -a     Print the list of boats before the gates open.\n\n"
	          "       -b     Print the depth before and after each tide.\n\n"
	          "NOTES\n"
	          "       When the -C is changed to a lower-case -c, boats are counted twice.\n\n");
	ck_assert_ptr_null(candidate(&c, Q_TRUE_FALSE, "upper-case -c"));
	const struct question *q = candidate(&c, Q_TRUE_FALSE, "“-a” does this");
	ck_assert_ptr_nonnull(q);
	ck_assert(str_find(q->prompt, STR("boats after the gates open."), 0) != SIZE_MAX);
	q = candidate_next(&c, q, Q_TRUE_FALSE, "“-a” does this");
	ck_assert(q && q->is_true);
	ck_assert(str_find(q->prompt, STR("boats before the gates open."), 0) != SIZE_MAX);
	ck_assert_ptr_null(candidate(&c, Q_TRUE_FALSE, "“-b” does this"));
	candidates_free(&c);
}
END_TEST

/* "For example:" announces the command; what it is for stands in the sentence before. */
START_TEST(a_command_below_an_example_has_the_sentence_before)
{
	struct candidates c;
	read_page(&c, "EXAMPLES\n"
	              "       You can leave out a whole range of buoys with one order.  For\n"
	              "       example:\n\n"
	              "           $ tide skip 5..9\n\n"
	              "       To learn how many boats are in every basin, issue the command:\n\n"
	              "           $ tide count\n\n"
	              "       To see where the sand has gone in spring, issue the command:\n\n"
	              "           $ tide map\n\n");
	ck_assert_ptr_nonnull(candidate(&c, Q_CHOICE, "leave out a whole range of buoys"));
	candidates_free(&c);
}
END_TEST

/* Pages that say in small letters what an option does, and list its spellings otherwise. */
START_TEST(reads_options_in_small_letters)
{
	struct candidates c;
	read_page(&c, "OPTIONS\n"
	              "       -q --quiet\n"
	              "              suppress all warnings of the pilot\n\n"
	              "       -u or --upper\n"
	              "              compare names of boats by their second letter\n\n");
	const struct question *q = candidate(&c, Q_SHORT, "suppress all warnings of the pilot");
	ck_assert_ptr_nonnull(q);
	ck_assert_uint_eq(q->n_accepted, 2);
	ck_assert(str_eqz(q->accepted[1], "--quiet"));
	q = candidate(&c, Q_SHORT, "by their second letter");
	ck_assert_ptr_nonnull(q);
	ck_assert(str_eqz(q->accepted[0], "-u") && str_eqz(q->accepted[1], "--upper"));
	candidates_free(&c);
}
END_TEST

/* What follows the first sentence speaks of the option, which the prompt names. */
START_TEST(names_the_option_that_a_sentence_is_about)
{
	struct candidates c;
	read_page(&c, "OPTIONS\n"
	              "       -a     Hold the boat near the ground.  This option always raises\n"
	              "              the anchor before the rope of the bow is untied.\n\n"
	              "       -b     Print the depth of the channel.\n\n");
	const struct question *q = candidate(&c, Q_TRUE_FALSE, "This option");
	ck_assert_ptr_nonnull(q);
	ck_assert(str_starts(q->prompt, STR("About “-a”: ")));
	candidates_free(&c);
	read_page(&c, "OPTIONS\n"
	              "       --tag-save\n"
	              "              Keep the mark of the boat.  A tag is a board of wood that\n"
	              "              shows the name of a boat from far away.\n\n");
	for (const struct question *x = c.all.first; x; x = x->next)
		ck_assert(!str_eqz(x->answer, "tag") && !str_eqz(x->answer, "A tag"));
	candidates_free(&c);
	candidates_read(&c, STR(CALM_ALL "This option always raises the anchor before the rope of "
	                                 "the bow is untied.\n"));
	ck_assert_ptr_null(candidate(&c, Q_TRUE_FALSE, "This option"));
	candidates_free(&c);
}
END_TEST

/* "--skip-empty" beside "Skip empty …" would tell; "-e" does not. */
START_TEST(an_option_that_says_it_is_shown_by_its_letter)
{
	struct candidates c;
	candidates_read(&c, STR(CALM_ALL
	                        "## Options\n\n"
	                        "- `-e, --skip-empty`: Skip the empty berths of every quay.\n"
	                        "- `-w, --wind-speed`: Print the speed of the wind in knots.\n"
	                        "- `-k, --keel`: Ask for the depth of a keel in fathoms.\n"
	                        "- `-z, --timezone`: Take the time zone from the chart table.\n"
	                        "- `--nullport`: Name a null port for the missing ones.\n"));
	const struct question *q = candidate(&c, Q_MATCH, "says it does");
	ck_assert_ptr_nonnull(q);
	for (size_t i = 0; i < q->n_pairs; i++)
		ck_assert(q->pairs[i].left.len == 2 && q->pairs[i].left.ptr[0] == '-');
	candidates_free(&c);
}
END_TEST

START_TEST(leaves_a_literal_out)
{
	struct candidates c;
	candidates_read(
	        &c,
	        STR(CALM_ALL
	            "Sailors can see all the orders at any time by issuing the '.help' command. "
	            "Sailors may give every buoy a name with --verbose and --quiet at night. "
	            "Boats are listed in the file /etc/harbour by the pilot every day. "
	            "The depth of the channel is taken from TIDE_TABLE in every harbour. "
	            "Sailors can raise the anchor with --raise-anchor in any weather.\n"));
	ck_assert(has_answer(&c, Q_CLOZE, ".help"));
	ck_assert(has_answer(&c, Q_CLOZE, "/etc/harbour"));
	ck_assert(has_answer(&c, Q_CLOZE, "TIDE_TABLE"));
	ck_assert(!has_answer(&c, Q_CLOZE, "--verbose"));
	ck_assert(!has_answer(&c, Q_CLOZE, "--quiet"));
	ck_assert(!has_answer(&c, Q_CLOZE, "--raise-anchor")); /* its words stand beside it */
	candidates_free(&c);
}
END_TEST

/* Three columns under a head, figures in the last: a table, as Markdown has them. */
static const char berths[] = "   Berths\n"
                             "       Mark      Berth              Depth of water\n"
                             "       b         Barges             FEET x 8^1\n"
                             "       q         Schooners          FEET x 3^3\n"
                             "       r         Rafts              FEET x 2\n"
                             "       s         Skiffs             FEET x 2\n"
                             "       y         Trawlers           FEET x 4^2\n"
                             "       w         Liners             FEET x 5^3\n"
                             "       z         Dinghies           FEET x 3\n\n";

START_TEST(reads_a_table)
{
	static const char *const want[] = { "Dinghies", "Barges", "Trawlers", "Schooners",
		                            "Liners" };
	struct candidates c;
	read_page(&c, berths);
	ck_order(candidate(&c, Q_ORDER, "smallest first"), ARRAY_LEN(want), want);
	const struct question *q = candidate(&c, Q_MATCH, "“Mark” with its “Depth of water”");
	ck_assert_ptr_nonnull(q);
	ck_assert_uint_eq(q->n_pairs, 5);
	for (size_t i = 0; i < q->n_pairs; i++) /* rafts and skiffs are alike */
		ck_assert(!str_eqz(q->pairs[i].right, "FEET x 2"));
	candidates_free(&c);
}
END_TEST

START_TEST(a_table_that_tells_its_own_rows_is_not_matched)
{
	struct candidates c;
	candidates_read(&c, STR(CALM_ALL "## Keepers\n\n"
	                                 "| Place | Keeper |\n|---|---|\n"
	                                 "| old/quay | the quay-men |\n"
	                                 "| old/pier | the pier-men |\n"
	                                 "| old/dock | the dock-men |\n\n"
	                                 "## Lamps\n\n"
	                                 "| Lamp | Colour |\n|---|---|\n"
	                                 "| north head | red |\n"
	                                 "| south head | green |\n"
	                                 "| inner buoy | yellow |\n"));
	ck_assert_ptr_null(candidate(&c, Q_MATCH, "“Keeper”"));
	ck_assert_ptr_nonnull(candidate(&c, Q_MATCH, "“Lamp” with its “Colour”"));
	candidates_free(&c);
}
END_TEST

/* Columns that no head names, or that do not stand below each other, are left alone. */
START_TEST(what_only_looks_like_a_table_is_none)
{
	struct buf out = BUF_INIT(1 << 12);
	ck_assert_uint_eq(
	        manual_table(STR("Mark   Berth   Depth\nb   two   3\nc   four  5\n"), &out), 0);
	ck_assert_uint_eq(
	        manual_table(STR("a      12      33\nb      22      31\nc      32      34\n"
	                         "d      42      35\n"),
	                     &out),
	        0);
	ck_assert_uint_eq(out.len, 0);
	buf_fini(&out);
}
END_TEST

static const char sequence[] =
        "INIT FILE\n"
        "       %s\n\n"
        "       o The default rigging is established as follows:\n\n"
        "       mast = 2\n"
        "       sail = 3\n\n"
        "       o If the file ~/.tiderc exists, it is processed first.  can be found\n"
        "       at home.\n\n"
        "       o If the pilot is present, the list of buoys is read.\n\n"
        "       o All other orders are processed.\n\n";

/* Bullets are in order when their introduction says so; what stands between them does not
 * end the list, and a word that tells a place is cut off. */
START_TEST(bullets_that_are_announced_as_a_sequence)
{
	struct candidates c;
	char page[1200];
	static const char *const want[] = { "The default rigging is established",
		                            "If the file ~/.tiderc exists, it is processed",
		                            "If the pilot is present, the list of buoys is read",
		                            "All other orders are processed" };
	(void)snprintf(page, sizeof(page), sequence, "The sequence of setting sail is as follows:");
	read_page(&c, page);
	ck_order(candidate(&c, Q_ORDER, "Init file"), ARRAY_LEN(want), want);
	candidates_free(&c);
	(void)snprintf(page, sizeof(page), sequence, "These are facts about setting sail:");
	read_page(&c, page);
	ck_assert_ptr_null(candidate(&c, Q_ORDER, "Init file"));
	candidates_free(&c);
}
END_TEST

UNIT_MAIN("makers/lesson/plan manuals", reads_the_list_that_a_program_prints,
          a_note_in_a_printed_list_belongs_to_its_command, output_is_no_list_of_options,
          a_tag_of_six_letters_leaves_one_blank, a_dash_that_begins_a_line_of_text_is_no_option,
          matches_exit_statuses, reads_options_in_small_letters, meanings_begin_alike,
          claims_the_opposite_of_what_an_option_does,
          a_command_below_an_example_has_the_sentence_before,
          names_the_option_that_a_sentence_is_about, an_option_that_says_it_is_shown_by_its_letter,
          leaves_a_literal_out, bullets_that_are_announced_as_a_sequence, reads_a_table,
          a_table_that_tells_its_own_rows_is_not_matched, what_only_looks_like_a_table_is_none)
