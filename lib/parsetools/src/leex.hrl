%% SPDX-License-Identifier: Apache-2.0
%% A scanner on its way through leex and leex_code.
-record(scanner, {module :: module(), infile, outfile, includefile,
                  options = #{}, encoding = none,
                  rules = [],       % [{N, Expression, Tokens of the action}]
                  code = "", code_line = 1}).
