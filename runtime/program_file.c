// SPDX-License-Identifier: Apache-2.0
// The program's file: where in it a piece of data lies is told by the headers
// that it was loaded by.
//
// The data is constant and part of the program or of the library that merle is
// linked into; both are found.
#include "program_file.h"

#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

// What is looked for, and what was found.
typedef struct {
    uintptr_t address; // of the data
    size_t size;       // bytes
    const char *path;  // NULL: not found
    off_t offset;      // in that file
} Place;

// One loaded object: the program itself has no name here.
static int look_into(struct dl_phdr_info *info, size_t size, void *data)
{
    Place *place = data;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + h->p_vaddr;
        // The whole piece must come from the file, not from zeroed memory
        // behind.
        if (h->p_type != PT_LOAD || place->address < begin
            || place->address - begin + place->size > h->p_filesz)
            continue;
        place->path = info->dlpi_name[0] == 0 ? "/proc/self/exe"
                                              : info->dlpi_name;
        place->offset = (off_t)(h->p_offset + (place->address - begin));
        return 1; // not 0: the search ends
    }
    return 0;
}

// Private: pages are shared until they are written.
bool program_file_map(void *at, const void *bytes, size_t size)
{
    Place place = {(uintptr_t)bytes, size, NULL, 0};
    dl_iterate_phdr(look_into, &place);
    if (place.path == NULL) return false;
    int fd = open(place.path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    void *mapped = mmap(at, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_FIXED, fd, place.offset);
    close(fd);
    return mapped != MAP_FAILED;
}
