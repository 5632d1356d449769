/* Runs a fuzz target over the files of a folder: the ordinary test run's share of
 * fuzzing.  Plain C, so that it needs no floor above the one under test.  What a fuzzer
 * once found is a file there, and stays found. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes are exactly as long as the file, so that a sanitizer sees a read beyond. */
static int replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END) != 0)
		return 0;
	long size = ftell(f);
	uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
	if (!data || size < 0)
		abort();
	rewind(f);
	size_t n = fread(data, 1, (size_t)size, f);
	fclose(f);
	LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 1;
}

int main(int argc, char **argv)
{
	struct dirent **entries;
	int replayed = 0;
	int n = argc == 2 ? scandir(argv[1], &entries, NULL, alphasort) : -1;
	if (n < 0) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	for (int i = 0; i < n; i++) {
		char path[1024];
		snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			replayed += replay(path);
		free(entries[i]);
	}
	free(entries);
	printf("%d files replayed\n", replayed);
	return replayed == 0;
}
