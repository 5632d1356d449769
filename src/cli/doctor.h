/* The looks of `takt doctor`: each says what it found.  None starts or changes anything
 * but a version's question to a tool and a file written for a moment in the data folder. */
#ifndef TAKT_CLI_DOCTOR_H
#define TAKT_CLI_DOCTOR_H

#include "base/base.h"

struct cli;
struct findings;

/* doctor_folder.c */
void doctor_folder(struct cli *c, struct findings *f);
/* True when a server holds the data folder and answers. */
bool doctor_server(struct cli *c, struct findings *f);
void doctor_database(struct cli *c, struct findings *f); /* no server may hold the folder */
/* doctor_machine.c */
void doctor_port(struct cli *c, struct findings *f);
void doctor_limits(struct cli *c, struct findings *f);
void doctor_libraries(struct cli *c, struct findings *f);
void doctor_tools(struct cli *c, struct findings *f);

#endif
