/*
 * Runs a fuzz target over every file of the folders on the command line, for builds without
 * libFuzzer. A target fails by crashing, so what is left to say here is that there was a corpus.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory of exactly the file's size, so that a sanitizer sees a read past its end. */
static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rbe");
    struct stat status;
    if (!file || fstat(fileno(file), &status) < 0) {
        fprintf(stderr, "cannot read %s: %s\n", path, strerror(errno));
        if (file)
            fclose(file);
        return -1;
    }
    size_t size = (size_t)status.st_size;
    uint8_t *data = malloc(size ? size : 1);
    int result = data && fread(data, 1, size, file) == size ? 0 : -1;
    fclose(file);
    if (result == 0)
        result = LLVMFuzzerTestOneInput(data, size) == 0 ? 0 : -1;
    free(data);
    return result;
}

static int replay_folder(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort), replayed = 0, failed = 0;
    if (count < 0) {
        fprintf(stderr, "cannot read %s: %s\n", folder, strerror(errno));
        return -1;
    }
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            char *path;
            if (asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0)
                abort();
            failed |= replay_file(path);
            replayed++;
            free(path);
        }
        free(entries[i]);
    }
    free(entries);
    printf("%s: %d inputs\n", folder, replayed);
    return replayed > 0 && !failed ? 0 : -1;
}

int main(int argc, char **argv)
{
    int failed = argc < 2;
    for (int i = 1; i < argc; i++)
        failed |= replay_folder(argv[i]);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
