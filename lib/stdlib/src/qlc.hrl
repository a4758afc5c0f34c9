%% SPDX-License-Identifier: Apache-2.0
%% What the modules of qlc share: handles as callers hold them, and plans.

%% {qlc_handle, H}: H is a list or one of the next four.
-record(qlc_handle, {h}).

%% A comprehension. Compiled files hold this: code() gives {simple_v1, ...} or
%% {qlc_v1, ...} (qlc_pt), the second element is filled in by qlc:q.
-record(qlc_lc, {code, settings}).

-record(qlc_append, {handles}).

-record(qlc_sort, {handle, key,         % sort | {keysort, Positions}
                   unique, compressed, order, options, tmpdir,
                   tmpdir_usage = allowed}).

-record(qlc_table, {traverse, selects,  % true: traverse takes a match spec
                    pre, post, info, format, lookup, parent, equality}).

%% In handles, too.
-record(qlc_opt, {unique = false,
                  cache = false,        % false | true (ets) | list
                  max_lookup = -1,      % -1: any number
                  join = any, tmpdir = "", lookup = any,
                  max_list = 512 * 1024, tmpdir_usage = allowed}).

%% How a handle is going to be evaluated. [source] is
%%   {list, Objects}
%%   {filter, Plan | {objects, Objects}, MatchSpec}
%%   {table, #qlc_table{}, all | {select, MatchSpec}
%%                       | {lookup, Position, Keys, none | MatchSpec}}
%%   {append, [Plan]}
%%   {sort, #qlc_sort{handle = Plan}}
%%   {keep, #keep{}, Variable, Location, Plan}
%%   {query, #query{}}
-record(plan, {source,
               ordered = [],    % columns that are known to be sorted
               sorted = no,     % no | yes | ascending | descending: by qlc:sort
               columns = [],    % [ordered], with what the pattern tells
               skipped = [],    % [{Qualifier, filters that its plan does}]
               joins = none,    % none | {Lookups, Merges}
               unique = false, cached = false}).

%% [first]: what the code begins with, [] when it gathers the answers itself.
-record(query, {code, text, qualifiers, first = not_a_list, keep,
                join_option, join = none, settings}).

-record(keep, {unique = false, cache = false, settings}).

%% Rows of the generator [from] are combined with those of [to] where the
%% columns are equal. [how] is {merge, Operator} | {lookup, Operator, Fun}.
-record(join, {how, from, from_column, to, to_column, settings}).

%% The place of a skipped qualifier in a table of states.
-define(SKIP, (-1)).
