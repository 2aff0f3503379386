/* devstack help: made from the tables of verbs and flags. */
#include "verb.h"

#include <string.h>

#include "devstack/base/memory.h"

static void print_flag(const struct flag *flag, FILE *out)
{
    ds_auto_text struct ds_text left = {0};
    if (flag->letter)
        ds_text_appendf(&left, "-%c, ", flag->letter);
    else
        ds_text_append(&left, "    ");
    ds_text_append(&left, flag->name);
    if (flag->value)
        ds_text_appendf(&left, " %s", flag->value);
    fprintf(out, "  %-26s %s\n", ds_text_string(&left), flag->help);
}

static void print_flags(const struct verb *verb, bool global, FILE *out)
{
    bool any = false;
    for (size_t i = 0; i < flag_count; i++) {
        if (flags[i].global != global || (verb && !verb_takes(verb, flags[i].id)))
            continue;
        if (!any)
            fprintf(out, "\n%s\n", global ? "Flags of every verb:" : "Flags:");
        any = true;
        print_flag(&flags[i], out);
    }
}

static void print_overview(FILE *out)
{
    fputs("devstack runs the services of a services.yaml on this machine.\n\n"
          "Usage: devstack [flags] VERB [arguments]\n\nVerbs:\n",
          out);
    for (size_t i = 0; i < verb_count; i++)
        if (!verbs[i].hidden)
            fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
    print_flags(NULL, true, out);
    fputs("\nExit codes:\n"
          "  0 done             4 secret or keyring          8 timed out\n"
          "  1 failed           5 something is not there     9 not running\n"
          "  2 wrong usage      6 a port is taken           10 running already\n"
          "  3 invalid file     7 a service failed\n"
          "\ndevstack help VERB explains one.\n",
          out);
}

void help_print(const struct verb *verb, FILE *out)
{
    if (!verb) {
        print_overview(out);
        return;
    }
    fprintf(out, "devstack %s: %s\n\nUsage: devstack %s%s%s\n", verb->name, verb->summary,
            verb->name, *verb->usage ? " " : "", verb->usage);
    print_flags(verb, false, out);
    print_flags(verb, true, out);
}

int cmd_help(struct context *context)
{
    const struct ds_strings *words = &context->arguments.words;
    const struct verb *verb = words->count ? verb_find(words->items[0]) : NULL;
    if (words->count && (!verb || verb->hidden)) {
        ds_auto_error struct ds_error err = {0};
        ds_error_set(&err, DS_ERROR_USAGE, "there is no verb \"%s\"", words->items[0]);
        ds_error_hint(&err, "devstack help lists them");
        return report(&err);
    }
    help_print(verb, stdout);
    return DS_OK;
}
