%% SPDX-License-Identifier: Apache-2.0
%% The SAX parser's state.
-record(sax,
        {event_state,
         event_fun,                 % fun((Event, Place, State) -> State)
         continuation_state,
         continuation_fun,          % fun((State) -> {Input, State})
         encoding = utf8,           % list: the input is characters
         line_no = 1,
         ns = [],                   % [{Prefix, URI}]
         end_tags = [],             % open elements, the innermost first
         ref_table = #{},           % entities: #{Name => {Type, Value}}
         standalone = no,
         file_type = normal,        % normal | dtd | entity | text
         current_location,
         entity,
         skip_external_dtd = false,
         input_type,                % file | stream
         attribute_values = [],     % defaults: [{{Element, Name}, Value}]
         pending = <<>>}).          % the start of a character, cut
