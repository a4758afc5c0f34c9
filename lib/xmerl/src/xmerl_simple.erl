%% SPDX-License-Identifier: Apache-2.0
%% Reads a document for its simple form, which grows in the event state as
%% elements start and end.
-module(xmerl_simple).
-export([file/2, string/2]).
-include("xmerl.hrl").

%% What is collected in this element, and in those around it.
-record(state, {content_acc = [], attr_acc = [], content_stack = [],
                attr_stack = []}).

file(Name, Options) -> xmerl_scan:file(Name, options(Options)).

string(Text, Options) -> xmerl_scan:string(Text, options(Options)).

options(Options) ->
    xmerl_eventp:options(Options,
                         [{event_fun, fun event/2, #state{}},
                          {acc_fun, fun(_, Acc, S) -> {Acc, S} end},
                          {close_fun, fun close/1}]).

close(S) ->
    #state{attr_stack = [], content_stack = [], content_acc = Content} =
        xmerl_scan:event_state(S),
    lists:reverse(Content).

event(Event, S) ->
    case event(Event#xmerl_event.event, Event#xmerl_event.data,
               xmerl_scan:event_state(S)) of
        same -> S;
        State -> xmerl_scan:event_state(State, S)
    end.

event(started, #xmlElement{}, #state{} = St) ->
    St#state{content_acc = [], attr_acc = [],
             content_stack = [St#state.content_acc | St#state.content_stack],
             attr_stack = [St#state.attr_acc | St#state.attr_stack]};
event(ended, #xmlElement{name = Name},
      #state{content_acc = Content, attr_acc = Attributes,
             content_stack = [Outer | Contents],
             attr_stack = [OuterAttributes | Stack]}) ->
    Simple = {Name, lists:reverse(Attributes), lists:reverse(Content)},
    #state{content_acc = [Simple | Outer], attr_acc = OuterAttributes,
           content_stack = Contents, attr_stack = Stack};
event(ended, #xmlAttribute{name = Name, value = Value},
      #state{attr_acc = Attributes} = St) ->
    St#state{attr_acc = [{Name, Value} | Attributes]};
event(ended, #xmlText{value = Text}, #state{content_acc = Content} = St) ->
    St#state{content_acc = [Text | Content]};
event(_, _, _) -> same.
