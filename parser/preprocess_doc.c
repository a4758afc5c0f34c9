// SPDX-License-Identifier: Apache-2.0
// -doc {file, "x.md"} and -moduledoc {file, "x.md"}: the text of a file beside
// the source, which is answered as the attribute's value.
#include <errno.h>
#include <stdlib.h>

#include "preprocess_state.h"
#include "utf8.h"

// {doc, file, "x.md"}
static Term file_descriptor(Preprocess *pp, Term name, Term path)
{
    return heap_tuple3(pp->heap, name, ATOM_file, path);
}

static void answer_attribute(Preprocess *pp, Place place, Term name, Term value)
{
    Term form[] = {ATOM_attribute, place_to_term(pp->heap, place), name, value};
    answer_term(pp, heap_tuple(pp->heap, 4, form));
}

// Documentation that cannot be had is no error.
static void answer_missing(Preprocess *pp, const Token *name, Term path)
{
    answer_warning(pp, name, file_descriptor(pp, name->value, path));
    answer_attribute(pp, name->place, name->value, TERM_NIL);
}

// As if the file were included: forms tell where its text comes from.
static void answer_text(Preprocess *pp, const Token *name, const Token *dot,
                        Term path, const uint8_t *text, size_t size)
{
    Place start = pp->options->start;
    answer_file(pp, start, false, path, (Place){1, 0});
    answer_attribute(pp, start, name->value,
                     heap_string_utf8(pp->heap, (const char *)text, size,
                                      TERM_NIL));
    answer_file(pp, dot->place, false, pp->file->name2, dot->place);
}

void directive_document(Preprocess *pp, const Token *name, const Token *string,
                        const Token *dot)
{
    char *path = string_to_path(string->value);
    char *full = path == NULL ? NULL : path_join(pp->file->directory, path);
    size_t size = 0;
    uint8_t *text = full == NULL ? NULL : source_read(pp, full, &size);
    if (text != NULL && utf8_length(text, size) >= 0)
        answer_text(pp, name, dot, path_to_string(pp, full), text, size);
    else if (text == NULL && full != NULL && errno == EISDIR)
        answer_error(pp, name, file_descriptor(pp, name->value, string->value));
    else if (!pp->must_wait)
        answer_missing(pp, name, string->value);
    free(text);
    free(full);
    free(path);
}
