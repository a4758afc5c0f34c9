%% SPDX-License-Identifier: Apache-2.0
%% The records of an XML document as xmerl_scan returns it, of the XPath
%% machine, and of the scanner itself, as functions in its options see it.

%% What <?xml ...?> said.
-record(xmlDecl,
        {vsn,            % string
         encoding,       % string, in lower case
         standalone,     % yes | no
         attributes}).   % [#xmlAttribute{}], these three among them

-record(xmlAttribute,
        {name,                % atom
         expanded_name = [],  % atom, or {URI, Local} in a namespace
         nsinfo = [],         % {Prefix, Local} for a name with a colon
         namespace = [],      % that of the element
         parents = [],        % [{Name, Position}], the nearest first
         pos,                 % its number in the element
         language = [],
         value,               % string | atom | integer
         normalized}).        % were its blanks folded: boolean

-record(xmlNamespace,
        {default = [],        % [] | atom
         nodes = []}).        % [{Prefix, URI}]

-record(xmlNsNode,
        {parents = [],
         pos,
         prefix,
         uri = []}).

-record(xmlElement,
        {name,                        % atom
         expanded_name = [],          % atom | {URI, Local}
         nsinfo = [],                 % {Prefix, Local} | []
         namespace = #xmlNamespace{},
         parents = [],                % [{Name, Position}]
         pos,                         % its number among its siblings
         attributes = [],
         content = [],
         language = "",               % of xml:lang, inherited
         xmlbase = "",                % what relative addresses start from
         elementdef = undeclared}).   % undeclared | prolog | external ...

-record(xmlText,
        {parents = [],
         pos,
         language = [],
         value,                       % string
         type = text}).               % text | cdata

-record(xmlComment,
        {parents = [],
         pos,
         language = [],
         value}).

-record(xmlPI,
        {name,
         parents = [],
         pos,
         value}).

%% Returned for {document, true}: what stands outside the root as well.
-record(xmlDocument,
        {content}).

%% XPath: where an expression is evaluated.
-record(xmlContext,
        {axis_type = forward,         % forward | reverse
         context_node,
         context_position = 1,
         nodeset = [],
         bindings = [],
         functions = [],
         namespace = [],              % [{Prefix, URI}]
         whole_document}).

-record(xmlNode,
        {type = element,              % element | attribute | text | ...
         node,
         parents = [],                % [#xmlNode{}]
         pos = 1}).

%% A value that is no list of nodes.
-record(xmlObj,
        {type,                        % boolean | number | string | nodeset
         value}).

%% One state for each of the user's functions.
-record(xmerl_fun_states,
        {event, hook, rules, fetch, cont}).

-record(xmerl_scanner,
        {encoding = undefined,
         standalone = no,
         environment = prolog,        % prolog | element | {external, _} ...
         declarations = [],
         doctype_name,
         doctype_DTD = internal,      % internal | option_provided | file name
         comments = true,
         document = false,
         default_attrs = false,
         rules,                       % the table of declarations
         keep_rules = false,          % does the table outlive the scan
         namespace_conformant = false,
         xmlbase,
         xmlbase_cache,
         fetch_path = [],
         filename = file_name_unknown,
         validation = off,            % off | dtd | schema
         schemaLocation = [],
         space = preserve,            % preserve | normalize
         event_fun,
         hook_fun,
         acc_fun,
         fetch_fun,
         close_fun,
         continuation_fun,
         rules_read_fun,
         rules_write_fun,
         rules_delete_fun,
         user_state,
         fun_states = #xmerl_fun_states{},
         entity_references = [],      % [{Entity, [Entity]}]: who names whom
         text_decl = false,
         quiet = false,
         col = 1,
         line = 1,
         common_data = []}).

%% What an event function is called with.
-record(xmerl_event,
        {event,                       % started | ended
         line,
         col,
         pos,
         data}).                      % document, or one of the records above

-define(space, 32).
-define(cr, 13).
-define(lf, 10).
-define(tab, 9).
-define(whitespace(H), H == ?space; H == ?cr; H == ?lf; H == ?tab).
-define(non_character(H1, H2), H1 == 16#ff, H2 == 16#fe;
        H1 == 16#ff, H2 == 16#ff).
-define(non_ascii(H), list(H), hd(H) >= 128; integer(H), H >= 128).
-define(bump_col(N),
        S = S0#xmerl_scanner{col = S0#xmerl_scanner.col + N}).
