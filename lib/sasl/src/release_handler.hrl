%% SPDX-License-Identifier: Apache-2.0
%% A release that the handler knows, as it stands in the file RELEASES.
-record(release, {name, vsn, erts_vsn,
                  libs = [],           % [{App, Vsn, Dir}]
                  status}).            % unpacked | current | permanent | old |
                                       % tmp_current (for the time of a restart)
