/* The maker's program without a server: modes for people and tests.
 *
 *	takt-maker-lesson --generate SPEC.json FOLDER	writes the artifact
 *	takt-maker-lesson --check FOLDER [REPORTS]	prints a line per check; with a
 *			second folder, writes report.json, .md, .sarif and .junit.xml there
 *	takt-maker-lesson --review SPEC.json		prints the spec without what the
 *			checks name; what went, and why, on stderr
 *
 * argv[0] is the mode's name.  Exit codes: 0 well, 1 a check failed, 2 wrong call or
 * unreadable input. */
#ifndef TAKT_MAKERS_LESSON_CLI_MODES_H
#define TAKT_MAKERS_LESSON_CLI_MODES_H

int lesson_main_generate(int argc, char **argv);
int lesson_main_check(int argc, char **argv);
int lesson_main_review(int argc, char **argv);

#endif
