// SPDX-License-Identifier: Apache-2.0
// EditPaste: pasted text made fit for the prompt.
#include "edit_paste.h"

#include "edit_text.h"

// Lines may end in CR, in LF or in both.
static void clean_text(Buffer *to, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        uint32_t c;
        unsigned n = utf8_read(bytes + i, bytes + size, &c);
        if (n == 0) {
            n = 1;
        } else if (c == '\r') {
            // A CR before LF is dropped, the LF stays.
            if (i + 1 == size || bytes[i + 1] != '\n')
                buffer_add_byte(to, '\n');
        } else if (c == '\n' || c == '\t' || !edit_text_is_control(c)) {
            buffer_add_utf8(to, c);
        }
        i += n;
    }
    // The user ends the line, not the paste.
    while (to->size > 0 && to->bytes[to->size - 1] == '\n') to->size--;
}

// Bytes of the prompt "1> " or "(node)1> " that the line begins with, or 0.
static size_t prompt_length(const uint8_t *line, size_t size)
{
    size_t i = 0;
    if (size > 0 && line[0] == '(') {
        while (i < size && line[i] != ')') i++;
        i++;
    }
    size_t digits = i;
    while (i < size && line[i] >= '0' && line[i] <= '9') i++;
    if (i == digits || i >= size || line[i] != '>') return 0;
    i++;
    // A prompt alone in its line has lost its blank.
    return i < size && line[i] == ' ' ? i + 1 : i == size ? i : 0;
}

static bool ends_in_dot(const uint8_t *line, size_t size)
{
    while (size > 0 && (line[size - 1] == ' ' || line[size - 1] == '\t'))
        size--;
    return size > 0 && line[size - 1] == '.';
}

// Answers stand between the lines that were typed: they have no prompt, and
// what was typed ended in a dot.
static void take_typed(Buffer *to, const uint8_t *bytes, size_t size)
{
    bool is_open = false; // the last line went on
    for (size_t at = 0; at < size;) {
        const uint8_t *line = bytes + at;
        const uint8_t *end = memchr(line, '\n', size - at);
        size_t length = end == NULL ? size - at : (size_t)(end - line);
        size_t prompt = prompt_length(line, length);
        at += length + 1;
        // Not typed, or nothing typed.
        if ((prompt == 0 && !is_open) || prompt == length) continue;
        if (to->size > 0) buffer_add_byte(to, '\n');
        buffer_add(to, line + prompt, length - prompt);
        is_open = !ends_in_dot(line, length);
    }
}

void edit_paste_clean(Buffer *to, const uint8_t *bytes, size_t size)
{
    Buffer text = {0};
    clean_text(&text, bytes, size);
    // The first line tells; a name of a node is not longer than 80 bytes.
    if (prompt_length(text.bytes, text.size < 80 ? text.size : 80) > 0)
        take_typed(to, text.bytes, text.size);
    else
        buffer_add(to, text.bytes, text.size);
    buffer_free(&text);
}
