/* Problems and facts as aligned, wrapped paragraphs. */
#include "problems.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"

enum { LEAST_TEXT = 30, MARGIN = 2 };

static void append_spaces(struct ds_text *out, int count)
{
    while (count-- > 0)
        ds_text_append_char(out, ' ');
}

/* Words with single spaces, no line wider than `room` unless one word is. A run of spaces inside
 * (in a command) is kept. The first line begins where the caller left off. */
static void append_wrapped(struct ds_text *out, const char *words, int indent, int room)
{
    int used = 0;
    while (*words) {
        size_t spaces = strspn(words, " ");
        size_t length = strcspn(words + spaces, " \n");
        ds_auto_free char *word = ds_strndup(words + spaces, length);
        int width = ds_terminal_width(word);
        if (used && used + (int)spaces + width > room) {
            ds_text_append_char(out, '\n');
            append_spaces(out, indent);
            used = 0;
        } else if (used) {
            append_spaces(out, (int)spaces);
            used += (int)spaces;
        }
        ds_text_append(out, word);
        used += width;
        words += spaces + length;
        if (*words == '\n') {
            ds_text_append_char(out, '\n');
            append_spaces(out, indent);
            used = 0;
            words++;
        }
    }
    ds_text_append_char(out, '\n');
}

void paragraph_render(const char *subject, int width, const char *message, const char *fix,
                      const struct palette *palette, int columns, struct ds_text *out)
{
    bool labelled = subject && subject[strspn(subject, " ")];
    int indent = labelled ? MARGIN + width + 2 : MARGIN;
    int room = columns - indent - 1 > LEAST_TEXT ? columns - indent - 1 : LEAST_TEXT;
    append_spaces(out, MARGIN);
    if (labelled) {
        palette_append(palette, out, STYLE_BOLD, subject);
        append_padding(out, subject, width + 2);
    }
    append_wrapped(out, message, indent, room);
    if (!fix)
        return;
    append_spaces(out, indent);
    palette_append(palette, out, STYLE_GOOD, palette_arrow(palette));
    ds_text_append_char(out, ' ');
    int arrow = ds_terminal_width(palette_arrow(palette)) + 1;
    append_wrapped(out, fix, indent + arrow, room - arrow);
}

void problems_render(const struct ds_problems *problems, const char *stack,
                     const struct palette *palette, int columns, struct ds_text *out)
{
    if (problems->count == 1)
        ds_text_appendf(out, "1 thing to fix before %s can start:\n\n", stack);
    else
        ds_text_appendf(out, "%zu things to fix before %s can start:\n\n", problems->count, stack);
    int width = 0;
    for (size_t i = 0; i < problems->count; i++) {
        const char *subject = problems->items[i].subject;
        int own = subject ? ds_terminal_width(subject) : 0;
        width = own > width ? own : width;
    }
    for (size_t i = 0; i < problems->count; i++) {
        const struct ds_problem *problem = &problems->items[i];
        paragraph_render(problem->subject, width, problem->message, problem->fix, palette, columns,
                         out);
    }
}
