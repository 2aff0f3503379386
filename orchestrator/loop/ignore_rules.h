/*
 * Lines of one .gitignore file, as gitignore(5) describes them: `*`, `?` and `[…]` within a name,
 * `**` across folders, `/` at the end for folders only, `/` elsewhere to anchor, `!` to take back,
 * `\` to take the next character as it is. The last line that matches decides.
 */
#ifndef LOOP_IGNORE_RULES_H
#define LOOP_IGNORE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/base/text.h"

struct ignore_rule {
    struct ds_strings names; /* one for each level, `**` for any number of levels */
    bool negated;
    bool folders_only;
};

struct ignore_rules { /* starts zeroed */
    struct ignore_rule *items;
    size_t count, capacity;
};

enum ignore_verdict { IGNORE_UNSAID, IGNORE_YES, IGNORE_NO };

/* Adds the lines of `text`. */
void ignore_rules_parse(struct ignore_rules *rules, const char *text);
void ignore_rules_finish(struct ignore_rules *rules);
/* `path` is relative to the file's folder. Says nothing of what is above it: something below an
 * ignored folder is ignored too, and the caller asks for each level. */
enum ignore_verdict ignore_rules_match(const struct ignore_rules *rules, const char *path,
                                       bool is_folder);

#endif
