/* makers/lesson/check: a good lesson passes every check, and each check can fail: for each
 * way of going wrong, the finding names the place. */
#include "fixture.h"

#include "makers/lesson/check/check_priv.h"

static struct arena *a;

static void print_findings(const struct check_result *result)
{
	for (const struct check_finding *f = result->findings; f; f = f->next)
		fprintf(stderr, "  " STR_FMT ": " STR_FMT "\n", STR_ARG(f->place),
		        STR_ARG(f->text));
}

static void assert_finding(const struct check_result *result, const char *what, const char *place,
                           const char *text)
{
	bool is_found = false;
	for (const struct check_finding *f = result->findings; f; f = f->next)
		is_found |= str_starts(f->place, str_z(place)) &&
		            str_find(f->text, str_z(text), 0) != SIZE_MAX;
	if (result->verdict != CHECK_FAIL || !is_found)
		print_findings(result);
	ck_assert_msg(result->verdict == CHECK_FAIL, "%s: the check did not fail", what);
	ck_assert_msg(is_found, "%s: no finding \"%s\" at %s", what, text, place);
}

START_TEST(good_lessons_pass_every_check)
{
	static const char *const specs[] = { "every-type", "hostile" };
	for (size_t s = 0; s < ARRAY_LEN(specs); s++) {
		struct made_files files;
		a = arena_create(1 << 16);
		const struct json *spec = spec_read(a, spec_text(a, specs[s]));
		generate(a, spec, &files);
		for (size_t i = 0; i < lesson_checks_n; i++) {
			struct check_result result = { 0 };
			lesson_checks[i].run(a, spec, &files, &result);
			print_findings(&result);
			ck_assert_msg(result.verdict == CHECK_PASS ||
			                      (result.verdict == CHECK_NOT_RUN &&
			                       !lesson_checks[i].is_builtin),
			              "%s %s: " STR_FMT, specs[s], lesson_checks[i].name,
			              STR_ARG(result.evidence));
			ck_assert_uint_gt(result.evidence.len, 0);
		}
		arena_destroy(a);
	}
}
END_TEST

/* --- The spec is wrong --- */

static const struct spec_fault {
	const char *check, *from, *to, *place, *text;
} spec_faults[] = {
	{ "schema", "\"language\": \"en\"", "\"language\": \"english\"", "spec.json#/language",
	  "" },
	{ "schema", "\"difficulty\": 1,", "\"difficulty\": 9,", "spec.json#/questions/0", "" },
	{ "schema", "\"difficulty\": 1,", "\"difficulty\": 1, \"hint\": \"x\",",
	  "spec.json#/questions/0", "" },
	{ "answers", "\"answer\": \"Condensation\"", "\"answer\": \"condensation!\"",
	  "spec.json#/questions/0", "does not stand in the source" },
	{ "answers", "\"answer\": \"97 percent\"", "\"answer\": \"98 percent\"",
	  "spec.json#/questions/1", "does not stand" },
	{ "answers", "\"answer\": \"Groundwater\"", "\"answer\": \"Ground water\"",
	  "spec.json#/questions/2", "does not stand" },
	{ "answers", "\"left\": \"Evaporation\"", "\"left\": \"Vapour\"", "spec.json#/questions/3",
	  "left side \"Vapour\"" },
	{ "answers", "\"right\": \"water that falls from clouds\"", "\"right\": \"what falls\"",
	  "spec.json#/questions/3", "right side" },
	{ "answers", "\"cools into clouds\",\n", "\"falls as rain\",\n", "spec.json#/questions/4",
	  "the item \"falls as rain\"" },
	{ "answers", "\"definition\": \"the change of", "\"definition\": \"a change of",
	  "spec.json#/terms/0", "the definition" },
	{ "distractors", "\"Infiltration\"", "\" CONDENSATION\"", "spec.json#/questions/0",
	  "equals the key" },
	{ "distractors", "\"Infiltration\"", "\"evaporation\"", "spec.json#/questions/0",
	  "equals another" },
	{ "distractors", "\"Infiltration\"", "\"Liquid  Water\"", "spec.json#/questions/0",
	  "stands in the source" },
	{ "duplicates", "\"prompt\": \"Which part of our planet has most of its water?\"",
	  "\"prompt\": \"the oceans hold about 50 PERCENT of  the water on Earth.\"",
	  "spec.json#/questions/7", "the same as question 2" },
	{ "duplicates", "\"answer\": \"The oceans\"", "\"answer\": \"97 percent\"",
	  "spec.json#/questions/7", "the same words of the same sentence" },
	{ "duplicates", "\"answer\": \"transpiration\"", "\"answer\": \"condensation\"", NULL,
	  NULL },
	{ "giveaways", "\"prompt\": \"Which part of our planet has most of its water?\"",
	  "\"prompt\": \"Where is about 97 percent of the water on Earth?\"",
	  "spec.json#/questions/7", "the prompt of question 2" },
	{ "giveaways",
	  "\"explanation\": \"The oceans hold about 97 percent of the water on Earth.\"",
	  "\"explanation\": \"Plants give off water through their leaves: transpiration. This is "
	  "what it is called.\"",
	  "spec.json#/questions/5", "the explanation of question 2" },
	{ "giveaways", "\"answer\": \"transpiration\"", "\"answer\": \"water\"", NULL, NULL },
	{ "giveaways", "\"title\": \"From sea to cloud\"", "\"title\": \"What is transpiration?\"",
	  "spec.json#/questions/5", "the title of its section" },
	{ "schema", "\"percent\": 15", "\"percent\": 115", "spec.json#/game/levels/1/percent", "" },
	{ "schema", "\"count\": 3", "\"counts\": 3", "spec.json#/game/achievements/1", "" },
	{ "structure", "\"percent\": 0", "\"percent\": 5", "spec.json#/game/levels/0/percent",
	  "begins at 0, not at 5" },
	{ "structure", "\"percent\": 35", "\"percent\": 15", "spec.json#/game/levels/2/percent",
	  "not above the level before" },
	{ "structure", "\"count\": 5", "\"count\": 3", "spec.json#/game/achievements/2",
	  "there twice" },
	{ "structure", "\"id\": \"q3\"", "\"id\": \"q2\"", "spec.json#/questions/2", "is taken" },
	{ "structure", "\"id\": \"s2\"", "\"id\": \"s1\"", "spec.json#/sections/1", "is taken" },
	{ "structure", "\"id\": \"t2\"", "\"id\": \"t1\"", "spec.json#/terms/1", "is taken" },
	{ "structure", "\"id\": \"q1\",\n      \"type\": \"choice\",\n      \"section\": \"s1\"",
	  "\"id\": \"q1\",\n      \"type\": \"choice\",\n      \"section\": \"s9\"",
	  "spec.json#/questions/0", "no section s9" },
	{ "structure", "\"replacement\": \"50 percent\"", "\"replacement\": \"60 percent\"",
	  "spec.json#/questions/1", "lacks its replacement" },
	{ "structure", "\"prompt\": \"The oceans hold about 50 percent",
	  "\"prompt\": \"The oceans hold about 97 percent", "spec.json#/questions/1",
	  "stands in the source" },
	{ "structure", "\"prompt\": \"A glacier stores fresh water as ice",
	  "\"prompt\": \"A glacier stores ice", "spec.json#/questions/6",
	  "lacks what makes it true" },
	{ "structure", "_____ is water", "This is water", "spec.json#/questions/2", "no gap" },
	{ "structure", "_____ is water", "_____ is _____ water", "spec.json#/questions/2",
	  "more than one gap" },
	{ "structure", "_____ is water", "_____ or groundwater is water", "spec.json#/questions/2",
	  "gives the answer away" },
	{ "structure", "\"left\": \"Condensation\"", "\"left\": \"evaporation\"",
	  "spec.json#/questions/3", "two left sides" },
	{ "structure", "\"right\": \"the change of water vapour into small drops\"",
	  "\"right\": \"water that falls from clouds\"", "spec.json#/questions/3",
	  "two right sides" },
	{ "schema", "\"answer\": \"1190\"", "\"answer\": \"1,190\"",
	  "spec.json#/questions/8/answer", "" },
	{ "schema", "\"answer\": \"1190\"", "\"answer\": 1190", "spec.json#/questions/8/answer",
	  "" },
	{ "schema", "\"unit\": \"cubic kilometres\"", "\"unit\": \"0 km\"",
	  "spec.json#/questions/8/unit", "" },
	{ "schema", "\"unit\": \"cubic kilometres\"", "\"accepted\": []", "spec.json#/questions/8",
	  "" },
	{ "answers", "\"answer\": \"1190\"", "\"answer\": \"119\"", "spec.json#/questions/8",
	  "the number 119 does not stand in the source" },
	{ "answers", "\"answer\": \"1190\"", "\"answer\": \"1190.0\"", "spec.json#/questions/8",
	  "no number in its shortest form" },
	{ "structure", "About how much water rises", "Why do 1 190 km of water rise",
	  "spec.json#/questions/8", "gives the answer away" },
	{ "giveaways", "How many kinds of precipitation does the text name?",
	  "About how much of the water that rises from the sea, 1190 of it, is salt?",
	  "spec.json#/questions/8", "the prompt of question 10" },
	{ "giveaways", "How many kinds of precipitation does the text name?",
	  "About how much of the water that rises from the sea, 119 of it, is salt?", NULL, NULL },
	{ "duplicates",
	  "\"source\": \"The oceans hold about 97 percent of the water on Earth.\",\n      "
	  "\"answer\": \"The oceans\"",
	  "\"source\": \"The sun lifts about 1,190 cubic kilometres of water from the sea on a "
	  "single day.\",\n      \"answer\": \"1,190\"",
	  "spec.json#/questions/8", "the same words of the same sentence as question 8" },
};

START_TEST(a_fault_of_the_spec_is_found)
{
	const struct spec_fault *fault = &spec_faults[_i];
	struct made_files files;
	a = arena_create(1 << 16);
	struct str good = spec_text(a, "every-type");
	generate(a, spec_read(a, good), &files);
	const struct json *bad = spec_read(a, edited(a, good, fault->from, fault->to));
	struct check_result result = run_check(a, fault->check, bad, &files);
	if (fault->place)
		assert_finding(&result, fault->to, fault->place, fault->text);
	else
		ck_assert_int_eq(result.verdict, CHECK_PASS); /* it only looks like a fault */
	arena_destroy(a);
}
END_TEST

/* --- A file is wrong --- */

#define DATA "game/src/shared/LessonData.luau"
#define KEY "game/src/server/AnswerKey.luau"
#define UI "game/src/client/UI.client.luau"
#define CONTROLS "game/src/client/AnswerControls.luau"
#define PANEL "game/src/client/Panel.luau"
#define THEME "game/src/client/Theme.luau"
#define WIDGETS "game/src/client/Widgets.luau"
#define PROJECT "game/default.project.json"
#define GIFT "exports/questions.gift"
#define SHEET "exports/worksheet.html"
#define PAGE "preview/index.html"
#define TABLE "exports/questions.csv"
#define PLACE "game/place.rbxlx"
#define MANAGER "game/src/server/GameManager.luau"
#define HUB "game/src/server/GamificationHub.luau"
#define STORE "game/src/server/PlayerStore.luau"
#define MAIN "game/src/server/Main.server.luau"

static const struct file_fault {
	const char *check, *path;
	const char *from, *to; /* from NULL: the file goes; "": to is put in front */
	const char *place, *text;
} file_faults[] = {
	{ "schema", "spec.json", NULL, NULL, "spec.json", "missing" },
	{ "schema", "spec.json", "The water cycle", "The fire cycle", "spec.json", "not the spec" },
	{ "schema", "spec.json", "{", "[", "spec.json:", "" },
	{ "project", PROJECT, NULL, NULL, PROJECT, "missing" },
	{ "project", PROJECT, "{", "", PROJECT, "" },
	{ "project", PROJECT, "src/shared", "src/common", PROJECT "#/tree/ReplicatedStorage/Lesson",
	  "src/common does not exist" },
	{ "project", PROJECT, "\"$path\": \"src/shared\"", "\"$path\": \"src\"", KEY,
	  "replicated to players" },
	{ "project", PROJECT, "\"$path\": \"src/client\"",
	  "\"$path\": \"src/client/UI.client.luau\"", CONTROLS, "no path" },
	{ "project", UI, "--!strict\n", "--!nonstrict\n", UI ":1", "--!strict" },
	{ "project", UI, "local Panel", "local s = \"open\nlocal Panel", UI ":", "not closed" },
	{ "project", UI, "local Panel", "local k = game.ServerScriptService.AnswerKey\nlocal Panel",
	  UI ":", "names the answer key" },
	{ "project", CONTROLS, "\"Type your answer\"",
	  "\"The oceans hold about 97 percent of the water on Earth.\"", CONTROLS ":",
	  "holds an explanation" },
	{ "project", CONTROLS, "\"Type your answer\"",
	  "[==[x The oceans hold about 97 percent of the water on Earth.]==]", CONTROLS ":",
	  "holds an explanation" },
	{ "project", CONTROLS, "\"Type your answer\"",
	  "\"\\x54\\104e oceans hold\\u{20}about 97 percent of the water on Earth.\"", CONTROLS ":",
	  "holds an explanation" },
	{ "project", DATA, NULL, NULL, DATA, "missing" },
	{ "project", DATA, "\t\t\tlefts = {},\n", "\t\t\tlefts = {},\n\t\t\tanswer = 2,\n",
	  DATA "#/questions/0", "the field answer" },
	{ "project", DATA, "\ttitle = ", "\tkey = { 1, 2 },\n\ttitle = ", DATA, "the field key" },
	{ "project", DATA, "\"Infiltration\"", "\"Filtration\"", DATA "#/questions/0",
	  "options are not those" },
	{ "project", DATA, "\"Infiltration\",", "\"Infiltration\",\n\"Rain\",",
	  DATA "#/questions/0", "options are not those" },
	{ "project", DATA, "What is the change", "What was the change", DATA "#/questions/0",
	  "prompt is not" },
	{ "project", DATA, "return lesson", "lesson.key = 1\nreturn lesson", DATA ":",
	  "does more" },
	{ "project", DATA, "lefts = {}", "lefts = f()", DATA ":", "no literal" },
	{ "project", KEY, NULL, NULL, KEY, "missing" },
	{ "project", KEY, "option = ", "option = 1", KEY "#/q1", "does not lead" },
	{ "project", KEY, "truth = false", "truth = true", KEY "#/q2", "does not lead" },
	{ "project", KEY, "\"Ground water\"", "\"Sea water\"", KEY "#/q3", "does not lead" },
	{ "project", KEY, "\tq4 = {", "\tq44 = {", KEY "#/q4", "does not lead" },
	{ "project", KEY, "number = \"1190\"", "number = \"1191\"", KEY "#/q9", "does not lead" },
	{ "project", KEY, "\"cubic kilometres\",", "\"miles\",", KEY "#/q9", "does not lead" },
	{ "project", KEY, "\"three\"", "\"thirteen\"", KEY "#/q10", "does not lead" },
	{ "project", DATA, "unit = \"cubic kilometres\"", "unit = \"km\"", DATA "#/questions/8",
	  "unit" },
	{ "place", PLACE, NULL, NULL, PLACE, "missing" },
	{ "place", PLACE, "<roblox ", "<model ", PLACE ":", "another name" },
	{ "place", PLACE, "version=\"4\"", "version=\"3\"", PLACE ":1", "version 4" },
	{ "place", PLACE, "<Item class=\"Folder\"", "<Item class=\"Model\"", PLACE ":",
	  "is a Model, not a Folder" },
	{ "place", PLACE, "<Item class=\"Script\"", "<Item class=\"LocalScript\"", PLACE ":",
	  "not a Script" },
	{ "place", PLACE, "referent=\"RBX7\"", "referent=\"RBX6\"", PLACE ":", "referent RBX7" },
	{ "place", PLACE, "local CALLS_AT_ONCE = 8", "local CALLS_AT_ONCE = 9", PLACE ":",
	  "/ServerScriptService/GameManager has not the source" },
	{ "place", PLACE, ">GameManager<", ">Manager<", PLACE, "/GameManager is missing" },
	{ "place", PLACE, ">Ground<", ">Floor<", PLACE ":", "/Workspace/Floor is not in" },
	{ "place", PLACE, "<Properties>", "<Properties><!-- x -->", PLACE ":3", "no element" },
	{ "place", PLACE, "<![CDATA[", "]]>", PLACE ":", "not well-formed" },
	{ "place", PLACE, "<Properties>", "<Properties>&nbsp;", PLACE ":3", "not well-formed" },
	{ "place", PLACE, "</roblox>", "</roblox><x/>", PLACE ":", "behind the last element" },
	{ "place", PLACE, "Players", "Play\x01rs", PLACE ":1", "does not allow" },
	{ "place", MAIN, "AUTOSAVE_SECONDS = 60", "AUTOSAVE_SECONDS = 61", PLACE ":",
	  "/ServerScriptService/Main has not the source" },
	{ "csv", TABLE, NULL, NULL, TABLE, "missing" },
	{ "csv", TABLE, "\xef\xbb\xbf", "", TABLE ":1", "byte order mark" },
	{ "csv", TABLE, "\"q1\",", "\"q1\"", TABLE ":2", "RFC 4180" },
	{ "csv", TABLE, "\r\n\"q2\"", "\n\"q2\"", TABLE ":2", "RFC 4180" },
	{ "csv", TABLE, "\"q1\"", "\"q\"1\"", TABLE ":2", "RFC 4180" },
	{ "csv", TABLE, "\"q2\"", "\"q3\"", TABLE ":3", "the id is not" },
	{ "csv", TABLE, "What is the change", "What was the change", TABLE ":2", "the prompt" },
	{ "csv", TABLE, "\"Infiltration\"", "\"Filtration\"", TABLE ":2", "the answers" },
	{ "csv", TABLE, "\"FALSE\"", "\"TRUE\"", TABLE ":3", "the answers" },
	{ "csv", TABLE, "\"Ground water\"", "\"\"", TABLE ":4", "the answers" },
	{ "csv", TABLE, "\"1190\"", "\"1191\"", TABLE ":10", "the answers" },
	{ "csv", TABLE, "\"cubic kilometres\"\r", "\"km\"\r", TABLE ":10", "the unit" },
	{ "csv", TABLE, "\"\",\"Evaporation\",\"Condensation\"",
	  "\"\",\"Condensation\",\"Evaporation\"", TABLE ":5", "the answers" },
	{ "csv", TABLE, ",1,\"What", ",2,\"What", TABLE ":2", "the difficulty" },
	{ "csv", TABLE, "\"From sea to cloud\"", "\"=1+1\"", TABLE ":2", "as a formula" },
	{ "gift", GIFT, NULL, NULL, GIFT, "missing" },
	{ "gift", GIFT, "::q2::", "::q22::", GIFT ":", "named q22" },
	{ "gift", GIFT, "=Condensation", "~Condensation", GIFT ":3", "answers are not" },
	{ "gift", GIFT, "~Infiltration", "~Filtration", GIFT ":3", "answers are not" },
	{ "gift", GIFT, "\t~Infiltration\n", "", GIFT ":3", "answers are not" },
	{ "gift", GIFT, "FALSE", "TRUE", GIFT ":", "answers are not" },
	{ "gift", GIFT, "=1190", "=1191", GIFT ":", "answers are not" },
	{ "gift", GIFT, "#\n\t=1190", "\n\t=1190", GIFT ":", "answers are not" },
	{ "gift", GIFT, "=1190", "=1190\n\t=1191", GIFT ":", "one number" },
	{ "gift", GIFT, "=1190", "=1,190", GIFT ":", "one number" },
	{ "gift", GIFT, "{\n\t", "{#\n\t", GIFT ":", "one number" },
	{ "gift", GIFT, " (in cubic kilometres)", "", GIFT ":", "prompt is not" },
	{ "gift", GIFT, "####Condensation is", "####Condensation was", GIFT ":3", "feedback" },
	{ "gift", GIFT, "[plain]What is", "[plain]What was", GIFT ":3", "prompt is not" },
	{ "gift", GIFT, "[plain]What is", "[html]What is", GIFT ":", "not in [plain]" },
	{ "gift", GIFT, "~Infiltration", "~%50%Infiltration", GIFT ":", "weight" },
	{ "gift", GIFT, "=Evaporation ->", "=Evaporation", GIFT ":", "answers are not" },
	{ "gift", GIFT, "=falls as rain -> 3", "=falls as rain -> 2", GIFT ":", "answers are not" },
	{ "gift", GIFT, "\n}\n", "\n\n", GIFT ":", "" },
	{ "gift", GIFT, "What is the", "What \\is the", GIFT ":", "backslash" },
	{ "gift", GIFT, "", "::q0::[plain]x {T}\n\n", GIFT ":", "" },
	{ "worksheet", SHEET, NULL, NULL, SHEET, "missing" },
	{ "worksheet", SHEET, "What is the change", "What was the change", SHEET, "question 1" },
	{ "worksheet", SHEET, "<section class=\"key\">", "<section>", SHEET, "no answer key" },
	{ "worksheet", SHEET, ">cubic kilometres<", "><", SHEET, "the unit of question 9" },
	{ "worksheet", SHEET, "<main>", "<main><script>alert(1)</script>", SHEET ":", "script" },
	{ "worksheet", SHEET, "<main>", "<main><img src=\"https://example.org/a.png\">", SHEET ":",
	  "src names a place outside" },
	{ "worksheet", SHEET, "<main>", "<main><p onclick=\"x()\">x</p>", SHEET ":",
	  "onclick would run" },
	{ "worksheet", SHEET, "<main>", "<main><p class=x>x</p>", SHEET ":", "not well-formed" },
	{ "worksheet", SHEET, "<main>", "<main><b>", SHEET ":", "closes nothing" },
	{ "worksheet", SHEET, "</main>", "", SHEET ":", "" },
	{ "worksheet", SHEET, "<main>", "<main>1 < 2", SHEET ":", "no tag" },
	{ "worksheet", SHEET, "margin: 0", "background: url(//example.org/x)", SHEET ":",
	  "loads something" },
	{ "worksheet", SHEET, "default-src 'none'", "default-src *", SHEET, "policy" },
	{ "preview", PAGE, NULL, NULL, PAGE, "missing" },
	{ "preview", PAGE, "What is the change", "What was the change", PAGE, "question 1" },
	{ "preview", PAGE, "\"use strict\"", "\"use strict\";fetch(1)", PAGE ":", "does not name" },
	{ "preview", PAGE, "</main>", "</main><script src=\"x.js\"></script>", PAGE ":",
	  "place outside" },
	{ "preview", PAGE, "</main>", "</main><iframe></iframe>", PAGE ":", "no business" },
	{ "preview", PAGE, "{\"title\":", "{\"title\":<", PAGE, "" },
	{ "preview", PAGE, "{\"number\":\"1190\"", "{\"number\":\"1191\"", PAGE, "question 9" },
	{ "preview", PAGE, "\"unit\":\"cubic kilometres\"", "\"unit\":\"km\"", PAGE, "question 9" },
	{ "manifest", "manifest.json", NULL, NULL, "manifest.json", "missing" },
	{ "manifest", "README.md", NULL, NULL, "manifest.json#README.md", "not there" },
	{ "manifest", "README.md", "water", "fire", "manifest.json#README.md", "bytes" },
	{ "manifest", "README.md", "water", "Water", "manifest.json#README.md", "another SHA-256" },
	{ "manifest", "manifest.json", "{\"path\":\"README.md\"", "{\"path\":\"README\"",
	  "README.md", "does not list" },
	{ "manifest", "manifest.json", "takt.manifest/1", "takt.manifest/2",
	  "manifest.json#/format", "format" },
	{ "manifest", "manifest.json", "\"spec_sha256\":\"", "\"spec_sha256\":\"0",
	  "manifest.json#/spec_sha256", "hash of spec.json" },
	{ "stylua", UI, "local Panel =", "local Panel=", UI, "not formatted" },
	{ "stylua", KEY, "return keys", "return = keys", KEY, "unexpected token" },
	{ "luau", KEY, "return keys", "return = keys", KEY, "" },
	{ "luau", MAIN, "local saving = 0", "local saving = nothing.here", "game", "index nil" },
	{ "luau", PANEL, "screen.ResetOnSpawn = false", "screen.ResetOnSpan = false", "game",
	  "ResetOnSpan is not a valid member" },
	{ "roblox-api", PANEL, "screen.ResetOnSpawn = false", "screen.ResetOnSpan = false",
	  PANEL ":", "ScreenGui has no member ResetOnSpan" },
	{ "roblox-api", WIDGETS, "Instance.new(\"UICorner\")", "Instance.new(\"UIRound\")",
	  WIDGETS ":", "no class UIRound" },
	{ "roblox-api", WIDGETS, "Enum.Font.GothamBold", "Enum.Font.GothamFat", WIDGETS ":",
	  "no Enum.Font.GothamFat" },
	{ "roblox-api", PANEL, "UDim2.fromScale(0.5, 0.5)", "UDim2.fromShare(0.5, 0.5)", PANEL ":",
	  "no UDim2.fromShare" },
	{ "roblox-api", MAIN, "game:BindToClose(", "game:BindToEnd(", MAIN ":",
	  "DataModel has no member BindToEnd" },
	{ "roblox-api", MAIN, "GetService(\"Players\")", "GetService(\"Player\")", MAIN ":",
	  "no service Player" },
	{ "roblox-api", PROJECT, "\"Part\"", "\"Brick\"", PROJECT, "no class Brick" },
	{ "game", KEY, "truth = false", "truth = true", "spec.json#/questions/1", "answers right" },
	{ "game", KEY, "number = \"1190\"", "number = \"1191\"", "spec.json#/questions/8",
	  "answers right" },
	{ "game", MANAGER, "record.answers[questionId] ~= nil", "false", "game", "replayed" },
	{ "game", MANAGER, "not self.limiter:allows(player)", "false", "game", "flood" },
	{ "game", MANAGER, "not QuizSystem.isResponse(question, response)", "false", "game", "" },
	{ "game", HUB, "points = points // 2", "points = points // 1", "game", "" },
	{ "game", HUB, "POINTS = 10", "POINTS = 11", "spec.json#/questions/", "" },
	{ "game", STORE, "math.max(mine.solved[key] or 0, points :: number)", "0", "game", "" },
	{ "game", STORE, "local TRIES = 6", "local TRIES = 1", "game", "" },
	{ "game", STORE, "and lock.expires > self.now()", "and lock.expires < 0", "game",
	  "crashed server's lock" },
	{ "game", MAIN, "save(userId, session, true)", "print(userId)", "game", "" },
	{ "screens", THEME, "target = 48 * scale", "target = 40 * scale", "game/src/client",
	  "a finger needs 44" },
	{ "screens", THEME, "quiet = Color3.fromRGB(186, 195, 226)",
	  "quiet = Color3.fromRGB(86, 95, 126)", "game/src/client", "4.5 is the least" },
	{ "screens", PANEL, "UDim2.new(1, -width - Theme.gap, 0, 0)", "UDim2.fromScale(1, 0)",
	  "spec.json#/questions/4", "does not fit into what it stands in" },
	{ "gift-pegjs", GIFT, "=Condensation", "~Condensation", "spec.json#/questions/0",
	  "answers" },
	{ "gift-pegjs", GIFT, "\n}\n", "\n\n", "spec.json#/questions/0", GIFT ":" },
	{ "gift-pegjs", GIFT, "=1190", "=1190:5", "spec.json#/questions/8", "answers differ" },
	{ "gift-pegjs", GIFT, "#\n\t=1190", "\n\t=1190", "spec.json#/questions/8",
	  "answers differ" },
};

static void spoil(struct made_files *files, const struct file_fault *fault)
{
	for (size_t i = 0; i < files->n; i++) {
		struct made_file *file = &files->items[i];
		if (!str_eqz(file->path, fault->path))
			continue;
		if (fault->from) {
			file->bytes = edited(a, file->bytes, fault->from, fault->to);
			return;
		}
		files->n--;
		memmove(file, file + 1, (files->n - i) * sizeof *file);
		return;
	}
	ck_abort_msg("%s is missing", fault->path);
}

START_TEST(a_fault_of_a_file_is_found)
{
	const struct file_fault *fault = &file_faults[_i];
	struct made_files files;
	a = arena_create(1 << 16);
	const struct json *spec = spec_read(a, spec_text(a, "every-type"));
	generate(a, spec, &files);
	spoil(&files, fault);
	struct check_result result = run_check(a, fault->check, spec, &files);
	bool is_skipped = result.verdict == CHECK_NOT_RUN;
	if (fault->text && !is_skipped)
		assert_finding(&result, fault->to ? fault->to : "gone", fault->place, fault->text);
	else if (!is_skipped)
		ck_assert_int_eq(result.verdict, CHECK_PASS);
	arena_destroy(a);
}
END_TEST

START_TEST(nearly_the_same_question_is_found)
{
	struct made_files files;
	a = arena_create(1 << 16);
	struct str text = spec_text(a, "every-type");
	generate(a, spec_read(a, text), &files);
	text = edited(a, text, "What is it called when plants give off water through their leaves?",
	              "What is the change of water vapour into tiny drops of liquid water called?");
	struct check_result result = run_check(a, "duplicates", spec_read(a, text), &files);
	ck_assert_int_eq(result.verdict, CHECK_PASS); /* another answer: another question */
	text = edited(a, text, "\"answer\": \"transpiration\"", "\"answer\": \"condensation\"");
	result = run_check(a, "duplicates", spec_read(a, text), &files);
	assert_finding(&result, "near", "spec.json#/questions/5", "words as question 1");
	arena_destroy(a);
}
END_TEST

START_TEST(a_solved_order_is_found)
{
	struct made_files files;
	a = arena_create(1 << 16);
	struct str text = spec_text(a, "every-type");
	generate(a, spec_read(a, text), &files);
	struct str data = bytes_of(&files, DATA);
	/* A spec whose items stand as the data shows them: that is what "solved" means. */
	size_t from = str_find(data, STR("id = \"q5\""), 0);
	struct str shown[4],
	        rest = str_sub(data, str_find(data, STR("options = {\n"), from) + 12, data.len);
	for (size_t i = 0; i < 4; i++) {
		struct str line = str_trim(str_cut(rest, '\n', &rest));
		shown[i] = str_sub(line, 1, line.len - 3);
	}
	struct str items =
	        str_fmt(a,
	                "\"items\": [\"" STR_FMT "\", \"" STR_FMT "\", \"" STR_FMT "\", \"" STR_FMT
	                "\"], \"old\": [",
	                STR_ARG(shown[0]), STR_ARG(shown[1]), STR_ARG(shown[2]), STR_ARG(shown[3]));
	const struct json *bad = spec_read(a, edited(a, text, "\"items\": [", str_dupz(a, items)));
	struct check_result result = run_check(a, "project", bad, &files);
	assert_finding(&result, "order", DATA "#/questions/4", "solved order");
	arena_destroy(a);
}
END_TEST

/* Readers must survive anything: prefixes of real files, and spoiled bytes in them. */
START_TEST(readers_survive_spoiled_files)
{
	static const char *const paths[] = {
		DATA, KEY, GIFT, SHEET, PAGE, PROJECT, "manifest.json", TABLE, PLACE
	};
	struct made_files files;
	a = arena_create(1 << 16);
	const struct json *spec = spec_read(a, spec_text(a, "hostile"));
	generate(a, spec, &files);
	struct made_file *file =
	        (struct made_file *)(void *)made_files_find(&files, str_z(paths[_i]));
	struct str whole = file->bytes;
	size_t step = whole.len / 16 + 1;
	for (size_t i = 0; i < whole.len; i += step) {
		struct arena *scratch = arena_create(1 << 14);
		struct str copy = str_dup(scratch, whole);
		for (int turn = 0; turn < 2; turn++) {
			file->bytes = turn ? copy : str_sub(whole, 0, i);
			if (turn)
				((char *)(uintptr_t)copy.ptr)[i] = "\\\"{}<>=\n~:"[i % 10];
			for (size_t c = 0; c < lesson_checks_n; c++) {
				struct check_result result = { 0 };
				if (lesson_checks[c].is_builtin)
					lesson_checks[c].run(scratch, spec, &files, &result);
			}
		}
		arena_destroy(scratch);
	}
	arena_destroy(a);
}
END_TEST

START_TEST(a_missing_tool_is_said_so)
{
	struct made_files files;
	a = arena_create(1 << 16);
	const struct json *spec = spec_read(a, spec_text(a, "every-type"));
	generate(a, spec, &files);
	ck_assert_int_eq(setenv("TAKT_STYLUA", "/nonexistent/stylua", 1), 0);
	struct check_result result = run_check(a, "stylua", spec, &files);
	ck_assert_int_eq(result.verdict, CHECK_NOT_RUN);
	ck_assert_str(result.evidence, "not run: tool missing (stylua)");
	ck_assert_int_eq(setenv("NODE_PATH", "/nonexistent", 1), 0);
	result = run_check(a, "luau", spec, &files);
	ck_assert_int_eq(result.verdict, CHECK_NOT_RUN);
	ck_assert_str(result.evidence, "not run: tool missing (luau-web)");
	result = run_check(a, "roblox-api", spec, &files);
	ck_assert_str(result.evidence, "not run: tool missing (@rbxts/types)");
	result = run_check(a, "gift-pegjs", spec, &files);
	ck_assert_str(result.evidence, "not run: tool missing (gift-pegjs)");
	ck_assert_int_eq(setenv("PATH", "/nonexistent", 1), 0);
	result = run_check(a, "game", spec, &files);
	ck_assert_int_eq(result.verdict, CHECK_NOT_RUN);
	ck_assert_str(result.evidence, "not run: tool missing (node)");
	arena_destroy(a);
}
END_TEST

START_TEST(words_are_compared_as_a_reader_does)
{
	a = arena_create(1 << 12);
	ck_assert_str(text_fold(a, STR("  The\t\nSEA ")), "the sea");
	ck_assert(text_has_words(STR("a category of cats"), STR("cats")));
	ck_assert(!text_has_words(STR("a category of cats"), STR("cat")));
	ck_assert(text_has_words(STR("cat"), STR("cat")));
	ck_assert(text_has_words(STR("concat, cat"), STR("cat")));
	ck_assert(text_has_words(STR("about 97% of"), STR("97%")));
	ck_assert(!text_has_words(STR("x"), STR("")));
	ck_assert(text_has_words(STR("the body\u2019s own"), STR("body")));
	ck_assert(text_has_words(STR("\u201cbody\u201d"), STR("body")));
	ck_assert(text_has_words(STR("a\u00a0body"), STR("body")));
	ck_assert(!text_has_words(STR("\u00fcbody"), STR("body")));
	ck_assert(!text_has_words(STR("body\u00fc"), STR("body")));
	arena_destroy(a);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("makers/lesson/check");
	TCase *tcase = tcase_create("check");
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, good_lessons_pass_every_check);
	tcase_add_loop_test(tcase, a_fault_of_the_spec_is_found, 0, ARRAY_LEN(spec_faults));
	tcase_add_loop_test(tcase, a_fault_of_a_file_is_found, 0, ARRAY_LEN(file_faults));
	tcase_add_test(tcase, a_solved_order_is_found);
	tcase_add_test(tcase, nearly_the_same_question_is_found);
	tcase_add_loop_test(tcase, readers_survive_spoiled_files, 0, 9);
	tcase_add_test(tcase, a_missing_tool_is_said_so);
	tcase_add_test(tcase, words_are_compared_as_a_reader_does);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
