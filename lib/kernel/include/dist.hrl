%% SPDX-License-Identifier: Apache-2.0
%% What nodes tell each other in a handshake that they can. The numbers are
%% those of OTP's distribution protocol.

-define(DFLAG_PUBLISHED,           (1 bsl 0)).
-define(DFLAG_ATOM_CACHE,          (1 bsl 1)).
-define(DFLAG_EXTENDED_REFERENCES, (1 bsl 2)).
-define(DFLAG_DIST_MONITOR,        (1 bsl 3)).
-define(DFLAG_FUN_TAGS,            (1 bsl 4)).
-define(DFLAG_DIST_MONITOR_NAME,   (1 bsl 5)).
-define(DFLAG_HIDDEN_ATOM_CACHE,   (1 bsl 6)).
-define(DFLAG_NEW_FUN_TAGS,        (1 bsl 7)).
-define(DFLAG_EXTENDED_PIDS_PORTS, (1 bsl 8)).
-define(DFLAG_EXPORT_PTR_TAG,      (1 bsl 9)).
-define(DFLAG_BIT_BINARIES,        (1 bsl 10)).
-define(DFLAG_NEW_FLOATS,          (1 bsl 11)).
-define(DFLAG_UNICODE_IO,          (1 bsl 12)).
-define(DFLAG_DIST_HDR_ATOM_CACHE, (1 bsl 13)).
-define(DFLAG_SMALL_ATOM_TAGS,     (1 bsl 14)).
-define(DFLAG_UTF8_ATOMS,          (1 bsl 16)).
-define(DFLAG_MAP_TAG,             (1 bsl 17)).
-define(DFLAG_BIG_CREATION,        (1 bsl 18)).
-define(DFLAG_SEND_SENDER,         (1 bsl 19)).
-define(DFLAG_BIG_SEQTRACE_LABELS, (1 bsl 20)).
-define(DFLAG_EXIT_PAYLOAD,        (1 bsl 22)).
-define(DFLAG_FRAGMENTS,           (1 bsl 23)).
-define(DFLAG_HANDSHAKE_23,        (1 bsl 24)).
-define(DFLAG_UNLINK_ID,           (1 bsl 25)).
-define(DFLAG_MANDATORY_25_DIGEST, (1 bsl 26)).
-define(DFLAG_SPAWN,               (1 bsl 32)).
-define(DFLAG_NAME_ME,             (1 bsl 33)).
-define(DFLAG_V4_NC,               (1 bsl 34)).
-define(DFLAG_ALIAS,               (1 bsl 35)).

%% All that must be there; the digest's flag stands for them.
-define(MANDATORY_DFLAGS_25,
        (?DFLAG_EXTENDED_REFERENCES bor ?DFLAG_FUN_TAGS
         bor ?DFLAG_EXTENDED_PIDS_PORTS bor ?DFLAG_NEW_FUN_TAGS
         bor ?DFLAG_EXPORT_PTR_TAG bor ?DFLAG_BIT_BINARIES
         bor ?DFLAG_NEW_FLOATS bor ?DFLAG_UTF8_ATOMS bor ?DFLAG_MAP_TAG
         bor ?DFLAG_BIG_CREATION bor ?DFLAG_HANDSHAKE_23)).

-define(ERL_DIST_VER_6, 6).
-define(ERL_DIST_VER_LOW, ?ERL_DIST_VER_6).
-define(ERL_DIST_VER_HIGH, ?ERL_DIST_VER_6).
