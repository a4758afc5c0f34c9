%% SPDX-License-Identifier: Apache-2.0
%% Exports XML data through callback modules: a function named as the tag is
%% called with what its content became, else '#element#'/5; a module inherits
%% from those that its '#xml-inheritance#'/0 names.
-module(xmerl).
-export([export/2, export/3, export_content/2, export_element/2,
         export_element/3, export_simple/2, export_simple/3,
         export_simple_element/2, export_simple_content/2, callbacks/1]).
-include("xmerl.hrl").

export(Content, Callback) -> export(Content, Callback, []).

export(Content, Callback, RootAttributes) when is_list(Content) ->
    export1(Content, modules(Callback), RootAttributes).

export1(Content, CBs, RootAttributes) ->
    Result = export_content(Content, CBs),
    Attributes = xmerl_lib:expand_attributes(RootAttributes, 1,
                                             [{'#root#', 1}]),
    Root = #xmlElement{name = '#root#', pos = 1, attributes = Attributes},
    tag('#root#', 1, [], [Result, Attributes, [], Root], CBs).

export_simple(Content, Callback) -> export_simple(Content, Callback, []).

export_simple(Content, Callback, RootAttributes) ->
    export(xmerl_lib:expand_content(Content), Callback, RootAttributes).

export_simple_content(Content, Callback) ->
    export_content(xmerl_lib:expand_content(Content), modules(Callback)).

export_simple_element(Element, Callback) ->
    export_element(xmerl_lib:expand_element(Element), modules(Callback)).

modules(Callback) when is_atom(Callback) -> callbacks(Callback);
modules(Callbacks) when is_list(Callbacks) -> Callbacks.

%% Instructions, comments and declarations leave nothing.
export_content([H | T], CBs)
  when is_record(H, xmlPI); is_record(H, xmlComment);
       is_record(H, xmlDecl) ->
    export_content(T, CBs);
export_content([H | T], CBs) ->
    [export_element(H, CBs) | export_content(T, CBs)];
export_content([], _) -> [].

export_element(E, CB) when is_atom(CB) -> export_element(E, callbacks(CB));
export_element(#xmlText{value = Text}, CBs) -> text(Text, CBs);
export_element(#xmlElement{name = Tag, pos = Pos, parents = Parents,
                           attributes = Attributes, content = Content} = E,
               CBs) ->
    Data = export_content(Content, CBs),
    tag(Tag, Pos, Parents, [Data, Attributes, Parents, E], CBs);
export_element(#xmlPI{}, _) -> [];
export_element(#xmlComment{}, _) -> [];
export_element(#xmlDecl{}, _) -> [].

%% With a state: the callback gets the content as it is.
export_element(E, CB, State) when is_atom(CB) ->
    export_element(E, callbacks(CB), State);
export_element(#xmlText{value = Text}, CBs, _) -> text(Text, CBs);
export_element(#xmlElement{name = Tag, pos = Pos, parents = Parents,
                           attributes = Attributes, content = Content} = E,
               CBs, State) ->
    tag(Tag, Pos, Parents, [Content, Attributes, State, E], CBs);
export_element(#xmlPI{}, _, State) -> State;
export_element(#xmlComment{}, _, State) -> State;
export_element(#xmlDecl{}, _, State) -> State.

%% A callback may name another tag, or return data to export instead.
tag(Tag, Pos, Parents, Args, CBs) ->
    case call(CBs, Tag, '#element#', Args) of
        {'#xml-alias#', Other} -> tag(Other, Pos, Parents, Args, CBs);
        {'#xml-redefine#', Data} ->
            export_content(xmerl_lib:expand_content(Data, Pos, Parents), CBs);
        Result -> Result
    end.

text(Text, CBs) -> call(CBs, '#text#', '#text#', [Text]).

call(CBs, F, Default, Args) ->
    Arity = length(Args),
    case [M || M <- CBs, erlang:function_exported(M, F, Arity)] of
        [M | _] -> apply(M, F, Args);
        [] when F =:= Default -> exit({unknown_tag, {F, Args}});
        [] -> call(CBs, Default, Default, [F | Args])
    end.

%% The module and all it inherits from, in order.
callbacks(Module) -> lists:reverse(inherits(Module, [])).

inherits(Module, Visited) ->
    lists:foldl(fun(M, [Last | _] = Seen) ->
                        lists:member(M, Seen) andalso
                            exit({cyclic_inheritance, {M, Last}}),
                        inherits(M, Seen)
                end, [Module | Visited], Module:'#xml-inheritance#'()).
