#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names that no server answers: a system's resolver that never comes back takes
# its place. Files are read meanwhile, who asks is told after a time, others
# are answered, and the node ends as ever.
command -v cc >/dev/null || { echo "no cc"; exit 77; }
merle=${MERLE:-merle}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

cat > silent.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(const char *name, const char *service,
                const struct addrinfo *hints, struct addrinfo **found)
{
    int (*next)(const char *, const char *, const struct addrinfo *,
                struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    while (name != NULL && strncmp(name, "silent", 6) == 0) pause();
    return next(name, service, hints, found);
}
C
cc -shared -fPIC -o silent.so silent.c || exit 1

ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 LD_PRELOAD=$work/silent.so \
    timeout 60 "$merle" -noshell -eval '
    Self = self(),
    [spawn(fun() -> Self ! {asked, inet:gethostbyname("silent" ++ integer_to_list(N))} end)
     || N <- lists:seq(1, 12)],
    [spawn(fun() -> net:getaddrinfo("silent") end) || _ <- lists:seq(1, 12)],
    {error, timeout} = inet:gethostbyname("silent", inet, 200),
    {ok, _} = file:read_file("silent.c"),
    {ok, _} = inet:gethostbyname("localhost"),
    io:format("told: ~p~n", [receive {asked, Told} -> Told end]),
    halt().' > said 2>&1
status=$?
[ $status -eq 0 ] && [ "$(cat said)" = "told: {error,timeout}" ] && exit 0
echo "ended with $status"
head -c 2000 said
exit 1
