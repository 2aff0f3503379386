/* Prints what docs/ holds of the tables: run by scripts/update-docs, not installed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/manifest/manifest.h"
#include "docs.h"

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";
    ds_auto_free char *text = NULL;
    if (strcmp(what, "schema") == 0)
        text = ds_manifest_schema();
    else if (strcmp(what, "keys") == 0)
        text = ds_manifest_reference();
    else
        fprintf(stderr, "usage: %s schema|keys\n", argv[0]);
    if (!text)
        return 2;
    fputs(text, stdout);
    return EXIT_SUCCESS;
}
