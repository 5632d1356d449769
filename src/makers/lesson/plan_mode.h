/* The maker's planner without a server: takt-maker-lesson --plan FILE prints the spec.
 * Exit codes: 0 well, 1 the text makes no lesson, 2 wrong call or unreadable file; each
 * error is one line on stderr. */
#ifndef TAKT_MAKERS_LESSON_PLAN_MODE_H
#define TAKT_MAKERS_LESSON_PLAN_MODE_H

int lesson_main_plan(int argc, char **argv);
int lesson_main_terms(int argc, char **argv);

#endif
