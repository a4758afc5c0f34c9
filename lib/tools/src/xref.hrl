%% SPDX-License-Identifier: Apache-2.0
%% What xref keeps of modules, applications, releases and libraries.

-record(xref_mod, {name = '', app_name = [], dir = "", mtime, builtins,
                   info, no_unresolved = 0, data}).
-record(xref_app, {name = '', rel_name = [], vsn = [], dir = ""}).
-record(xref_rel, {name = '', dir = ""}).
-record(xref_lib, {name = '', dir = ""}).
