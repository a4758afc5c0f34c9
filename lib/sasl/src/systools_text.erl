%% SPDX-License-Identifier: Apache-2.0
%% systools_text: what is wrong with a release, in words.
-module(systools_text).

-export([error/1, warnings/1]).

error(badly_formatted_release) -> "Syntax error in the release file\n";
error({illegal_name, Name}) ->
    io_lib:format("Illegal name (~tp) in the release file~n", [Name]);
error({illegal_form, Form}) ->
    io_lib:format("Illegal tag in the release file: ~tp~n", [Form]);
error({illegal_applications, Apps}) ->
    io_lib:format("Illegal applications in the release file: ~p~n", [Apps]);
error({missing_mandatory_app, App}) ->
    io_lib:format("Mandatory application ~w must be specified in the release "
                  "file~n", [App]);
error({mandatory_app, App, Type}) ->
    io_lib:format("Mandatory application ~w must be of type 'permanent' in "
                  "the release file. Is '~p'.~n", [App, Type]);
error({duplicate_register, Pairs}) ->
    ["Duplicated register names: \n" | pairs("~tw registered in", Pairs)];
error({duplicate_include, Pairs}) ->
    ["Duplicated application included: \n" | pairs("~w included in", Pairs)];
error({duplicate_modules, Pairs}) ->
    ["Duplicated modules: \n" | pairs("~w specified in", Pairs)];
error({undefined_applications, Apps}) ->
    io_lib:format("Undefined applications: ~p~n", [Apps]);
error({circular_dependencies, Apps}) ->
    io_lib:format("Circular dependencies among applications: ~p~n", [Apps]);
error({modules, Errors}) -> errors(Errors);
error({not_found, File}) -> io_lib:format("File not found: ~tp~n", [File]);
error({parse, File, {Line, Module, What}}) ->
    io_lib:format("~ts:~w: ~ts\n", [File, Line, Module:format_error(What)]);
error({read, File}) -> io_lib:format("Cannot read ~tp~n", [File]);
error({What, File, Reason}) when What =:= open; What =:= close;
                                 What =:= delete ->
    io_lib:format("Cannot ~w ~tp - ~ts~n",
                  [What, File, file:format_error(Reason)]);
error({tar_error, What}) -> tar_error(What);
error({warnings_treated_as_errors, Warnings}) ->
    ["Warnings being treated as errors:\n" | [warning("", W) || W <- Warnings]];
error(Errors) when is_list(Errors) -> errors(Errors);
error(Other) -> io_lib:format("~tp~n", [Other]).

pairs(Format, Pairs) ->
    [io_lib:format("\t" ++ Format ++ " ~w and ~w~n",
                   [element(1, A), element(2, A), element(2, B)])
     || {A, B} <- Pairs].

errors(Errors) ->
    [case E of
         {error, What} -> one_of(What);
         _ -> one_of(E)
     end || E <- Errors].

one_of({bad_application_name, {Name, Found}}) ->
    io_lib:format("~p: Mismatched application id: ~p~n", [Name, Found]);
one_of({error_reading, {Name, What}}) ->
    io_lib:format("~p: ~ts~n", [Name, reading(What)]);
one_of({module_not_found, App, Mod}) ->
    io_lib:format("~w: Module (~w) not found~n", [App, Mod]);
one_of({error_add_appl, {Name, {tar_error, What}}}) ->
    io_lib:format("~p: ~ts~n", [Name, tar_error(What)]);
one_of(Other) -> io_lib:format("~tp~n", [Other]).

reading({not_found, File}) -> io_lib:format("File not found: ~tp~n", [File]);
reading({{bad_param, Key}, _}) ->
    io_lib:format("Bad parameter in .app file: ~tp~n", [Key]);
reading({{missing_param, Key}, _}) ->
    io_lib:format("Missing parameter in .app file: ~p~n", [Key]);
reading({badly_formatted_application, _}) -> "Syntax error in .app file\n";
reading({override_include, Apps}) ->
    io_lib:format("Tried to include not (in .app file) specified "
                  "applications: ~p~n", [Apps]);
reading({no_valid_version, {{_, Wanted}, {_, File, Found}}}) ->
    io_lib:format("No valid version (~tp) of .app file found. Found file ~tp "
                  "with version ~tp~n", [Wanted, File, Found]);
reading({parse_error, {File, Line, Reason}}) ->
    io_lib:format("Parse error in file: ~tp.  Line: ~w  Error: ~tp; ~n",
                  [File, Line, Reason]);
reading(Other) -> io_lib:format("~tp~n", [Other]).

tar_error({open, File, Reason}) ->
    io_lib:format("Cannot open tar file ~ts - ~ts~n",
                  [File, erl_tar:format_error(Reason)]);
tar_error({add, boot, Name, enoent}) ->
    io_lib:format("Cannot find file start.boot or ~ts to add to tar file - "
                  "~ts~n", [Name, erl_tar:format_error(enoent)]);
tar_error({add, File, Reason}) ->
    io_lib:format("Cannot add file ~ts to tar file - ~ts~n",
                  [File, erl_tar:format_error(Reason)]).

warnings(Warnings) -> [warning("*WARNING* ", W) || {warning, W} <- Warnings].

warning(Prefix, {source_not_found, {Mod, App, _}}) ->
    io_lib:format("~ts~w: Source code not found: ~w.erl~n",
                  [Prefix, App, Mod]);
warning(Prefix, {obj_out_of_date, {Mod, App, _}}) ->
    io_lib:format("~ts~w: Object code (~w) out of date~n",
                  [Prefix, App, Mod]);
warning(Prefix, {exref_undef, Undefined}) ->
    [io_lib:format("~tsUndefined function ~w:~tw/~w~n", [Prefix, M, F, A])
     || {M, F, A} <- Undefined];
warning(Prefix, missing_sasl) ->
    io_lib:format("~tsMissing application sasl. Can not upgrade with this "
                  "release~n", [Prefix]);
warning(Prefix, What) -> io_lib:format("~ts~tp~n", [Prefix, What]).
