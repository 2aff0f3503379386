/*
 * What a file descriptor's terminal can do.
 */
#ifndef DEVSTACK_BASE_TERMINAL_H
#define DEVSTACK_BASE_TERMINAL_H

#include <stdbool.h>

struct ds_terminal {
    int fd;
    bool interactive; /* a terminal that understands cursor movement (TERM is not "dumb") */
    bool color;       /* after NO_COLOR, CLICOLOR_FORCE and TERM */
    bool utf8;        /* the locale's character set */
    int columns;      /* 80 when unknown */
    int rows;         /* 24 when unknown */
};

/* Looks at the descriptor and the environment (NO_COLOR, CLICOLOR_FORCE, TERM, COLUMNS, LC_ALL,
 * LC_CTYPE, LANG). */
void ds_terminal_inspect(int fd, struct ds_terminal *ret_terminal);
/* Columns that a UTF-8 string takes, escapes (CSI, OSC) not counted. */
int ds_terminal_width(const char *text);

#endif
