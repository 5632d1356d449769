/* takt-maker-lesson: chooses what the program is to do.
 *
 * One row per mode; argv[0] of a mode is its own name. */
#include <stdio.h>

#include "base/base.h"
#include "makers/lesson/cli_modes.h"
#include "makers/lesson/plan_mode.h"
#include "makers/lesson/worker_mode.h"

static const struct mode {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} modes[] = {
	{ "--plan", lesson_main_plan, "FILE  print the spec of a text" },
	{ "--terms", lesson_main_terms, "FILE  print the terms its glossary would list" },
	{ "--generate", lesson_main_generate, "SPEC.json FOLDER  write a lesson's files" },
	{ "--check", lesson_main_check, "FOLDER [REPORTS]  check a lesson's files" },
	{ "--review", lesson_main_review, "SPEC.json  drop what the checks name" },
	{ "--worker", lesson_main_worker, "--socket PATH  perform tasks for a server" },
};

static int usage(void)
{
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		fprintf(stderr, "%s takt-maker-lesson %s %s\n",
		        i ? "      " : "usage:", modes[i].name, modes[i].help);
	return 2;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(modes); i++) {
		if (strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run(argc - 1, argv + 1);
	}
	return usage();
}
