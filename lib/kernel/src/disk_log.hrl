%% SPDX-License-Identifier: Apache-2.0
%% An open log. Sizes: infinity or bytes, or {bytes, files}; owners: #{Pid =>
%% {Notify, Linked}}; counts: items of each file of a wrap log.
-record(log, {name, file, type, format, repair, size, mode, head, owners = #{},
              users = 0, device, current = 1, bytes = 0, counts = #{},
              written = 0, full = false, blocked = none, queue = [],
              overflows = {0, 0}, status = ok}).
