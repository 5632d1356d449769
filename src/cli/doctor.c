/* `takt doctor`: looks at everything a server needs, and says what would be right.
 * Starts nothing, changes nothing; settings that are wrong are findings, too. */
#include "cli/doctor.h"

#include "cli/cli.h"
#include "cli/config_check.h"
#include "cli/findings.h"

int doctor_command(struct cli *c)
{
	struct findings f;
	findings_begin(&f, c);
	config_look(c, NULL, &f);
	if (c->config.data) {
		doctor_folder(c, &f);
		if (!doctor_server(c, &f)) {
			doctor_database(c, &f);
			doctor_port(c, &f);
		}
	}
	doctor_limits(c, &f);
	doctor_libraries(c, &f);
	doctor_tools(c, &f);
	return findings_end(&f);
}
