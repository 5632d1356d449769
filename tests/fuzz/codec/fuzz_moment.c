/* The laws of moments as text.
 *
 * (1) What is taken lies in the years 1970 to 9999.
 * (2) Written again it is the same moment, and that text is written the same for good. */
#include "base/str.h"
#include "codec/rfc3339.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t end_ms = 253402300800000; /* of the year 9999 */
	int64_t ms, again;
	char text[RFC3339_MAX], same[RFC3339_MAX];
	if (rfc3339_parse((struct str){ (const char *)data, size }, &ms) != RC_OK)
		return 0;
	assert(ms >= 0 && ms < end_ms);
	struct str written = rfc3339_text(ms, text);
	enum rc rc = rfc3339_parse(written, &again);
	assert(rc == RC_OK && again == ms);
	assert(str_eq(written, rfc3339_text(again, same)));
	return 0;
}
