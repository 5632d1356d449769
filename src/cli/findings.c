/* Findings: see findings.h. */
#include <stdio.h>

#include "cli/findings.h"

#include "cli/cli.h"
#include "sys/terminal.h"

static const char *const words[] = { [FINE] = "ok", [HINT] = "hint", [WRONG] = "wrong" };

void findings_begin(struct findings *f, const struct cli *c)
{
	*f = (struct findings){ .c = c };
	buf_init(&f->text, 1 << 20);
	buf_init(&f->json, 1 << 20);
	json_out_init(&f->o, &f->json);
	json_begin_object(&f->o);
	json_keyz(&f->o, "findings");
	json_begin_array(&f->o);
}

static void put_text(struct findings *f, enum verdict verdict, const char *what, const char *place,
                     const char *finding, const char *remedy)
{
	static const char *const colours[] = { "\033[32m", "\033[33m", "\033[31m" };
	bool has_colour = f->c->has_colour;
	buf_addf(&f->text, "%s%-5s%s  %-12s %s%s%s\n", has_colour ? colours[verdict] : "",
	         words[verdict], has_colour ? "\033[0m" : "", what, place, place[0] ? ": " : "",
	         finding);
	if (remedy)
		buf_addf(&f->text, "       %-12s -> %s\n", "", remedy);
}

void findings_say(struct findings *f, enum verdict verdict, const char *what, const char *place,
                  const char *finding, const char *remedy)
{
	assert(verdict == FINE || remedy); /* whoever complains says what would be right */
	place = place ? place : "";
	f->count[verdict]++;
	put_text(f, verdict, what, place, finding, remedy);
	json_begin_object(&f->o);
	json_put_str(&f->o, "what", str_z(what));
	json_put_str(&f->o, "verdict", str_z(words[verdict]));
	if (place[0])
		json_put_str(&f->o, "place", str_z(place));
	json_put_str(&f->o, "finding", str_z(finding));
	if (remedy)
		json_put_str(&f->o, "remedy", str_z(remedy));
	json_end_object(&f->o);
}

int findings_end(struct findings *f)
{
	bool is_well = f->count[WRONG] == 0;
	json_end_array(&f->o);
	json_put_bool(&f->o, "ok", is_well);
	json_end_object(&f->o);
	buf_addc(&f->json, '\n');
	if (f->count[WRONG] + f->count[HINT])
		buf_addf(&f->text, "%zu wrong, %zu to consider, %zu fine\n", f->count[WRONG],
		         f->count[HINT], f->count[FINE]);
	terminal_write(TERMINAL_OUT, buf_str(f->c->is_json ? &f->json : &f->text));
	buf_fini(&f->text);
	buf_fini(&f->json);
	return is_well ? EXIT_OK : EXIT_WORK_FAILED;
}
