/* takt-maker-lesson --worker --socket PATH: the maker on the worker protocol.
 *
 *	lesson.plan      {brief, options}      → the spec
 *	lesson.review    {spec}                → {spec, dropped, rounds}
 *	lesson.generate  {name, spec}          → {files: artifact, checks: [names]}
 *	lesson.check     {check, files}        → {name, title, verdict, evidence, findings}
 *	lesson.report    {name, files, checks, dropped} → {artifact, version, title, questions,
 *checks}
 *
 * Files travel as artifacts: a draft from generate to check and report, the lesson itself
 * from report.  A brief that cannot become a lesson fails for good with its own code; a
 * failed check fails the report with check_failed. */
#ifndef TAKT_MAKERS_LESSON_WORKER_MODE_H
#define TAKT_MAKERS_LESSON_WORKER_MODE_H

int lesson_main_worker(int argc, char **argv);

#endif
