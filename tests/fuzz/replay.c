/* SPDX-License-Identifier: GPL-2.0-or-later */

/* In the place of libFuzzer: run every file of the folders that are named, once. */

#include <dirent.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"

static void replay_file(const char *path)
{
	FILE *f = fopen(path, "re");
	uint8_t *data = malloc(1 << 20);
	size_t size;

	CHECK(f && data);
	size = fread(data, 1, 1 << 20, f);
	CHECK(feof(f));
	fclose(f);
	/* So small that what is read behind the end is seen. */
	data = realloc(data, size ? size : 1);
	CHECK(data);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
}

static unsigned int replay_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned int n = 0;

	CHECK(dir);
	while ((entry = readdir(dir))) {
		_cleanup_free_ char *file = wb_format("%s/%s", path, entry->d_name);

		CHECK(file);
		if (*entry->d_name == '.')
			continue;
		fprintf(stderr, "%s\n", file);
		replay_file(file);
		n++;
	}
	closedir(dir);
	return n;
}

int main(int argc, char *argv[])
{
	unsigned int n = 0;

	for (int i = 1; i < argc; i++)
		n += replay_folder(argv[i]);
	/* A corpus that was not found tests nothing. */
	return n == 0;
}
