/* A .gitignore file, and after its first NUL (or the end) the path it is asked about. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "orchestrator/loop/ignore_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ds_auto_free char *text = ds_alloc(size + 2); /* the rest is NUL */
    memcpy(text, data, size);
    const char *path = text + strlen(text) + 1;
    path = path <= text + size ? path : "a/b";
    struct ignore_rules rules = {0};
    ignore_rules_parse(&rules, text);
    enum ignore_verdict file = ignore_rules_match(&rules, path, false);
    enum ignore_verdict folder = ignore_rules_match(&rules, path, true);
    if (rules.count == 0 && (file != IGNORE_UNSAID || folder != IGNORE_UNSAID))
        abort();
    ignore_rules_finish(&rules);
    return 0;
}
