%% SPDX-License-Identifier: Apache-2.0
%% What users of public_key know it by: the records and identifiers of the ASN.1
%% modules, and those that public_key adds.
-ifndef(public_key).
-define(public_key, true).

-include("OTP-PUB-KEY.hrl").
-include("PKCS-FRAME.hrl").

-record('SubjectPublicKeyInfoAlgorithm',
        {algorithm, parameters = asn1_NOVALUE}).

%% Says no to what is bad, and does not know extensions.
-define(DEFAULT_VERIFYFUN,
        {fun(_, {bad_cert, _} = Reason, _) -> {fail, Reason};
            (_, {extension, _}, State) -> {unknown, State};
            (_, _Valid, State) -> {valid, State}
         end, []}).

-record(path_validation_state,
        {valid_policy_tree, explicit_policy, inhibit_any_policy,
         policy_mapping, cert_num, last_cert = false,
         permitted_subtrees = no_constraints, excluded_subtrees = [],
         working_public_key_algorithm, working_public_key,
         working_public_key_parameters, working_issuer_name, max_path_length,
         verify_fun, user_state}).
-record(policy_tree_node,
        {valid_policy, qualifier_set, criticality_indicator,
         expected_policy_set}).
-record(revoke_state,
        {reasons_mask, cert_status, interim_reasons_mask, valid_ext, details}).
-record('ECPoint', {point}).
-record(cert,
        {der :: public_key:der_encoded(), otp :: #'OTPCertificate'{}}).

-define(unspecified, 0).
-define(keyCompromise, 1).
-define(cACompromise, 2).
-define(affiliationChanged, 3).
-define(superseded, 4).
-define(cessationOfOperation, 5).
-define(certificateHold, 6).
-define(removeFromCRL, 8).
-define(privilegeWithdrawn, 9).
-define(aACompromise, 10).

-endif.
