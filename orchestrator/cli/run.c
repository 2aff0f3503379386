/* The program but for its wiring: reads the command line, prepares the context, runs the verb. */
#include "verb.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"

int report(const struct ds_error *err)
{
    fprintf(stderr, "devstack: %s\n", err->message ? err->message : "failed");
    if (err->hint)
        fprintf(stderr, "  -> %s\n", err->hint);
    return err->code ? (int)err->code : DS_ERROR_FAILED;
}

static int run_verb(struct context *context)
{
    struct arguments *arguments = &context->arguments;
    if (arguments->given[FLAG_VERSION])
        return cmd_version(context);
    if (arguments->given[FLAG_HELP] || !arguments->verb) {
        bool asked = arguments->given[FLAG_HELP];
        help_print(arguments->verb, asked ? stdout : stderr);
        return asked ? DS_OK : DS_ERROR_USAGE;
    }
    const char *folder = arguments->values[FLAG_DIRECTORY];
    if (folder && chdir(folder) < 0) {
        ds_auto_error struct ds_error err = {0};
        ds_error_set_errno(&err, DS_ERROR_USAGE, errno, "cannot work in %s", folder);
        return report(&err);
    }
    return arguments->verb->run(context);
}

static void prepare(struct context *context)
{
    ds_variables_import(&context->shell, environ);
    ds_terminal_inspect(STDOUT_FILENO, &context->terminal);
    if (context_has(context, FLAG_COLOR_OFF))
        context->terminal.color = false;
    /* A reader that has gone is told by the write that fails. */
    signal(SIGPIPE, SIG_IGN);
}

/* What was printed must have arrived: a full disk or a closed pipe is an error, not silence. */
static int flush_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (code == DS_OK && errno != EPIPE)
        fprintf(stderr, "devstack: cannot write the output: %s\n", strerror(errno));
    return code == DS_OK ? DS_ERROR_FAILED : code;
}

int cli_run(int argc, char **argv, const struct ds_stack_server *server)
{
    struct context context = {
        .server = server,
        .started = ds_clock_monotonic(ds_clock_system()),
    };
    ds_auto_error struct ds_error err = {0};
    if (!arguments_parse(argc, argv, &context.arguments, &err))
        return report(&err);
    prepare(&context);
    int code = flush_output(run_verb(&context));
    ds_variables_finish(&context.shell);
    arguments_finish(&context.arguments);
    return code;
}
