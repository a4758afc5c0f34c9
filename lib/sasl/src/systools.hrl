%% SPDX-License-Identifier: Apache-2.0
%% A release and its applications, as their files say.
-record(release, {name, vsn, erts_vsn,
                  applications = [],      % [{Name, Vsn, StartType}]
                  incl_apps = []}).       % [{Name, [Name]}]

-record(application, {name, type = permanent, vsn = "", id = "",
                      description = "", modules = [], uses = [],
                      optional = [], includes = [], regs = [], env = [],
                      maxT = infinity, maxP = infinity, mod = [],
                      start_phases, dir = ""}).
