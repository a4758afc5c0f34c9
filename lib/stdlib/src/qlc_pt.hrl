%% SPDX-License-Identifier: Apache-2.0
%% A comprehension while qlc_pt works on it.

-record(lc, {no, anno, template,
             as_pattern,        % of the template, what a pattern could be
             qualifiers,        % [{Number, {gen, Pattern} | {fil, Code}}]
             sources,           % #{Number => Code}
             introduced,        % #{Number => variables that it binds}
             all_introduced,    % all of these
             used,              % #{Number of a filter => generators, filters}
             is_guard,          % fun(Code) -> boolean()
             expand,            % fun(Code | {pattern, Code}) without records
             records}).         % forms
