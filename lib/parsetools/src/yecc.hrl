%% SPDX-License-Identifier: Apache-2.0
%% A grammar on its way through yecc, yecc_states and yecc_code.

%% Rule 0 is made by yecc: {} -> Rootsymbol. {} is no name a grammar can have.
-record(rule, {head :: yecc_symbol(),
               body = [] :: [atom()],           % without '$empty'
               place = none :: erl_anno:location() | none,
               action = [] :: [erl_scan:token()]}).

-record(grammar, {module :: module(),
                  infile, outfile, includefile,
                  options = #{},
                  nonterminals = [], terminals = [],
                  root, endsymbol = '$end',
                  expect = 0, states,
                  precedences = #{},            % Symbol => {N, Associativity}
                  header = [], code = none,
                  places = #{},                 % Symbol => Location
                  rules = {} :: tuple()}).

-type yecc_symbol() :: atom() | {}.
