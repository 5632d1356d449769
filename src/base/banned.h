/* Words that are easy to misuse become compile errors.  What needs the operating
 * system (time, sleep, fork, getenv …) is banned outside sys/ by tools/check,
 * which can tell folders apart; the compiler cannot.  Included last by base.h,
 * so a file includes the system's headers before ours. */
#ifndef TAKT_BASE_BANNED_H
#define TAKT_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets
#pragma GCC poison gmtime localtime ctime asctime atoi atol rand srand

#endif
