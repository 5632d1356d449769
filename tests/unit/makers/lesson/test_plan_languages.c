/* Lessons in other languages than English: each file of a language is whole, a text's language
 * is found, and what is asked is asked in it. */
#include <dirent.h>
#include <libstemmer.h>
#include <stdio.h>

#include "planned.h"

#include "makers/lesson/plan/languages.h"
#include "makers/lesson/plan/plan.h"
#include "sys/file.h"

static const char hafen[] =
        "Der Hafen ist der Stolz der Stadt, und alle Boote liegen gern in ihm.\n\n"
        "# Der Hafen\n\n"
        "Ein Leuchtturm ist ein Bauwerk mit einer Lampe, das den Schiffen nachts den Weg zeigt. "
        "Eine Mole ist eine Mauer aus Steinen, die die Wellen vom Hafen fernhält. Die Lotsen "
        "kennen jede Untiefe vor der Einfahrt und bringen große Schiffe durch die enge Rinne. Im "
        "Jahr 1742 wurde der erste Kai aus Holz und Steinen gebaut. Sie war sehr lang. Der "
        "Seenotrettungsdienst (SRD) hält ein schnelles Boot neben der Tankstelle bereit. Der "
        "Kai liegt am 3. Mai immer voll, weil dann die Fischer aus dem Norden kommen. Die Fischer "
        "verlassen den Kai meist vor Sonnenaufgang und fahren weit hinaus.\n\n"
        "## Die Rinne\n\n"
        "Starke Strömungen tragen Sand in die Rinne vor dem Hafen. Ein Bagger ist ein Schiff, das "
        "Sand und Schlamm vom Grund hebt. Der größte Kran hebt Kisten auf die Wagen der Bahn. "
        "Eine Boje ist ein Zeichen auf dem Wasser, das eine Untiefe meldet. Das Amt für Wasser "
        "und Schifffahrt (AWS) prüft jede Boje zweimal in jedem Jahr. Im Jahr 1860 bekam der "
        "Hafen eine Bahn zu den Mühlen im Land. Hölzerne Pfähle faulen in warmem Wasser sehr "
        "schnell. Kupferne Platten schützen den Rumpf alter Schiffe vor dem Wurm. Die Behörde für "
        "Handel und Zoll (BHZ) prüft die Waren aus fremden Ländern.\n\n"
        "Die Schritte beim Anlegen sind:\n\n"
        "1. Die Segel werden eingeholt\n2. Ein Tau wird zum Kai geworfen\n"
        "3. Das Tau wird an einem Ring befestigt\n4. Der Lotse meldet das Schiff beim Amt\n\n"
        "## Der Winter\n\n"
        "Eine Winde ist eine Trommel, die ein schweres Tau langsam einholt. Ein Anker ist ein "
        "Haken, der das Schiff an seinem Platz hält. Die Taue aus Hanf wurden in den meisten "
        "Häfen durch solche aus Nylon ersetzt. Im Jahr 1911 zerstörte ein Sturm die halbe Mole "
        "und sieben Boote. Der Hafen lagerte im letzten Winter 5200 Fässer mit Öl. Ein Kahn ist "
        "ein Boot, das Kohle und Korn durch die Kanäle trägt. Das Dock ist für die Schiffe da, "
        "die ein Leck haben. Die Maler streichen den Rumpf mit einer giftigen Farbe gegen "
        "Muscheln. Der Kanal verbindet den Hafen mit den Mühlen im Land. Die Mole schützt den "
        "Hafen vor den Wellen, und der Kran steht auf der Mole. Die Lotsen warten auf der Mole "
        "auf das Signal vom Turm. Der Kran gehört seit langem der Stadt.\n";

/* Every word of English that prompts have, and that is no word of German. */
static const char *const english[] = { "Which",  "Complete", "the text", "Match",  "Put these",
	                               "False:", "True.",    "Define",   "Summar", "stand for" };

static struct str text_of(const struct json *v, const char *key)
{
	return json_get_str(v, key, STR(""));
}

START_TEST(a_german_text_is_asked_about_in_german)
{
	struct made m = made_of("hafen.md", str_z(hafen), 20);
	ck_assert_msg(m.rc == RC_OK, "%s", m.err.text);
	ck_assert_str(member(&m, "language"), "de");
	for (size_t i = 0; i < ARRAY_LEN(english); i++)
		ck_assert_msg(!says(&m, english[i]), "%s", english[i]);
	bool has_type[6] = { false };
	static const char *const types[] = {
		"short", "cloze", "number", "match", "order", "choice"
	};
	json_each(q, json_getz(m.spec, "questions"))
		for (size_t i = 0; i < ARRAY_LEN(types); i++)
			has_type[i] |= str_eqz(text_of(q, "type"), types[i]);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		ck_assert_msg(has_type[i], "%s", types[i]);
	ck_assert(says(&m, "Bringe die Schritte in die Reihenfolge des Textes"));
	ck_assert(!says(&m, "Sie war sehr lang"));
	ck_assert(says(&m, "\"title\": \"Einleitung\"") && !says(&m, "Introduction"));
	unmake(&m);
}
END_TEST

START_TEST(definitions_and_long_forms_are_found_without_grammar)
{
	struct made m = made_of("hafen.md", str_z(hafen), 20);
	static const char *const want[][2] = {
		{ "Leuchtturm",
		  "ein Bauwerk mit einer Lampe, das den Schiffen nachts den Weg zeigt" },
		{ "Winde", "eine Trommel, die ein schweres Tau langsam einholt" },
		{ "SRD", "Seenotrettungsdienst" },
		{ "AWS", "Amt für Wasser und Schifffahrt" },
	};
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		struct str found = { "", 0 };
		json_each(t, json_getz(m.spec, "terms"))
			if (str_eqz(text_of(t, "term"), want[i][0]))
				found = text_of(t, "definition");
		ck_assert_str(found, want[i][1]);
	}
	unmake(&m);
}
END_TEST

/* "3. Mai" ends no sentence and is asked by nobody; "1742" is. */
START_TEST(days_are_no_figures)
{
	struct made m = made_of("hafen.md", str_z(hafen), 30);
	bool has_year = false;
	json_each(q, json_getz(m.spec, "questions")) {
		ck_assert(!str_eqz(text_of(q, "answer"), "3"));
		ck_assert(!str_ends(text_of(q, "source"), STR("am 3.")));
		has_year |= str_eqz(text_of(q, "answer"), "1742") ||
		            str_find(q->raw, STR("\"1742\""), 0) != SIZE_MAX;
	}
	ck_assert(has_year);
	unmake(&m);
}
END_TEST

/* --- Which language --- */

static const struct {
	const char *code, *text;
} samples[] = {
	{ "de", "Der Hafen ist nicht sehr tief, aber die Schiffe fahren gern hinein und bleiben." },
	{ "fr", "Le port est dans la baie et les bateaux ne sont pas dans le canal avec nous." },
	{ "es",
	  "El puerto está en la bahía y los barcos no son muy grandes, pero son de la ciudad." },
	{ "it", "Il porto è nella baia e le barche non sono molto grandi, ma sono della città." },
	{ "pt", "O porto está na baía e os barcos não são muito grandes, mas são da cidade." },
	{ "nl", "De haven is niet erg diep, maar de schepen varen er graag in en blijven er ook." },
	{ "sv",
	  "Hamnen är inte så djup, men de stora båtarna är ofta där och det är bra för staden." },
	{ "da", "Havnen er ikke så dyb, men de store både er ofte der, og det er godt for os af og "
	        "til." },
	{ "no",
	  "Havnen er ikke så dyp, men de store båtene er ofte der nå, og det er bra å se hva vi "
	  "har." },
	{ "ca",
	  "El port és a la badia i els vaixells no són molt grans, però són dels pescadors amb "
	  "nosaltres." },
	{ "ro",
	  "Portul este în golf și vasele nu sunt foarte mari, dar sunt ale orașului și ale lui." },
	{ "fi",
	  "Satama ei ole kovin syvä, mutta laivat ovat siellä usein ja se on hyvä myös meille." },
	{ "hu", "A kikötő nem túl mély, de a hajók gyakran ott vannak, és ez jó annak, aki ezt már "
	        "látta." },
	{ "ru", "Порт не очень глубокий, но корабли там бывают часто, и это хорошо для города." },
	{ "tr",
	  "Liman çok derin değil ama gemiler için iyi ve bu da her zaman kadar doğru olan bir "
	  "şey." },
	{ "id",
	  "Pelabuhan ini tidak dalam, tetapi kapal itu sering ada di sana dan juga baik untuk "
	  "kota." },
	{ NULL, "The harbour is not very deep, but the ships often come in and they stay there." },
};

START_TEST(a_language_is_known_by_its_words)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct arena *a = arena_create(1 << 16);
		struct buf text = BUF_INIT(1 << 20);
		struct doc doc;
		struct err err = { 0 };
		const char *name;
		for (int n = 0; n < 40; n++)
			buf_addf(&text, "%s ", samples[i].text);
		ck_assert_ok(doc_read(a, STR("text.txt"), buf_str(&text), &doc, &err));
		const struct language *l = language_of(a, &doc, &name);
		if (samples[i].code)
			ck_assert_msg(l && str_eqz(l->code, samples[i].code), "%s",
			              samples[i].code);
		else
			ck_assert(!l && name && strcmp(name, "English") == 0);
		buf_fini(&text);
		arena_destroy(a);
	}
}
END_TEST

/* --- The files --- */

/* How many {} each wording has. */
static const struct {
	const char *key;
	int gaps;
} wordings[] = {
	{ "introduction", 0 }, { "gap_choice", 1 },        { "gap_words", 1 },
	{ "gap_figure", 1 },   { "term_of", 1 },           { "long_form", 1 },
	{ "match_terms", 0 },  { "match_long_forms", 0 },  { "match_figures", 0 },
	{ "order_steps", 1 },  { "text_says", 1 },         { "true_says", 1 },
	{ "false_says", 3 },   { "order_says", 1 },        { "aim_define", 1 },
	{ "aim_steps", 1 },    { "aim_long_forms", 1 },    { "aim_section", 1 },
	{ "aim_terms", 0 },    { "aim_true_or_false", 0 },
};

static int gaps_in(struct str s)
{
	int n = 0;
	for (size_t at = 0; (at = str_find(s, STR("{}"), at)) != SIZE_MAX; at += 2)
		n++;
	return n;
}

static void check_file(struct arena *a, const char *path)
{
	struct str text;
	struct err err = { 0 };
	const struct json *file;
	ck_assert_ok(file_read(a, path, 1 << 20, &text, &err));
	enum rc rc = json_read(a, text, NULL, &file, &err);
	ck_assert_msg(rc == RC_OK, "%s: %s %s", path, err.place, err.text);
	static const char *const lists[] = { "words",   "weak",       "loose", "articles",
		                             "copulas", "indefinite", "steps", "abbreviations" };
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		ck_assert_msg(json_get(file, str_z(lists[i])), "%s: %s", path, lists[i]);
	char *stemmer_name = str_dupz(a, text_of(file, "stemmer"));
	struct sb_stemmer *stemmer = sb_stemmer_new(stemmer_name, NULL);
	ck_assert_msg(stemmer != NULL, "%s: %s", path, stemmer_name);
	sb_stemmer_delete(stemmer);
	ck_assert_uint_eq(text_of(file, "code").len, 2);
	const struct json *say = json_getz(file, "say");
	ck_assert_uint_eq(say->count, ARRAY_LEN(wordings));
	for (size_t i = 0; i < ARRAY_LEN(wordings); i++) {
		struct str s = text_of(say, wordings[i].key);
		ck_assert_msg(s.len > 2 && gaps_in(s) == wordings[i].gaps, "%s: %s", path,
		              wordings[i].key);
	}
}

START_TEST(every_file_of_a_language_is_whole)
{
	struct arena *a = arena_create(1 << 16);
	int n = 0;
	DIR *folder = opendir(LANGUAGES);
	ck_assert_ptr_nonnull(folder);
	for (struct dirent *e; (e = readdir(folder)) != NULL;) {
		if (!str_ends(str_z(e->d_name), STR(".json")))
			continue;
		check_file(a, str_dupz(a, str_fmt(a, "%s/%s", LANGUAGES, e->d_name)));
		n++;
	}
	(void)closedir(folder);
	ck_assert_int_eq(n, (int)ARRAY_LEN(samples) - 1); /* each is known by its words, above */
	arena_destroy(a);
}
END_TEST

UNIT_MAIN("makers/lesson/plan languages", a_german_text_is_asked_about_in_german,
          definitions_and_long_forms_are_found_without_grammar, days_are_no_figures,
          a_language_is_known_by_its_words, every_file_of_a_language_is_whole)
